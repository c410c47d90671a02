"""An administrator's whole day: people and their desks, what the rules are, what other systems hear, out again."""

from playwright.sync_api import Page, expect

from tests.adapters.http.serving import Service
from tests.adapters.web import house_given as house
from tests.adapters.web.looking import Console


def test_from_a_new_colleague_to_the_tariff_of_another_year(console: Console, service: Service) -> None:
    tab = console.page
    console.sign_in("admin")
    tab.wait_for_url("**/agents")  # who reads no cases begins with the people

    _opens_a_merchant(tab)
    _takes_somebody_on(tab)
    _proposes_a_tariff(tab)
    _looks_at_what_else_is_in_force(tab)
    console.sign_out()

    console.sign_in("agent", "/tariffs")
    expect(tab.locator("tbody tr", has_text="day-1")).to_contain_text("待发布")
    console.sign_out()
    assert service.get("/api/v1/agents/a7100", who="admin")["team"] == "t2"
    assert service.get("/api/v1/merchants/m71", who="admin")["name"] == "听涛阁"
    assert service.get("/api/v1/tariffs/day-1", who="admin")["status"] == "proposed"


def _sends(tab: Page, **typed: str) -> None:
    for name, value in typed.items():
        field = tab.locator(f"main [name='{name}']").first
        field.select_option(value) if field.evaluate("it => it.tagName") == "SELECT" else field.fill(value)
    tab.keyboard.press("Control+Enter")


def _opens_a_merchant(tab: Page) -> None:
    tab.click("nav.rail a[href='/merchants']")
    tab.wait_for_url("**/merchants")
    tab.keyboard.press("c")
    tab.wait_for_url("**/merchants/new")
    _sends(tab, id="m71", name="听涛阁")
    tab.wait_for_url("**/merchants/m71")
    expect(tab.locator("h1")).to_contain_text("听涛阁")


def _takes_somebody_on(tab: Page) -> None:
    tab.keyboard.press("g")
    tab.keyboard.press("a")
    tab.wait_for_url("**/agents")
    tab.keyboard.press("c")
    tab.wait_for_url("**/agents/new")
    _sends(tab, id="a7100", name="新同事", role="agent", team="t1", joined_on="2026-01-05")
    tab.wait_for_url("**/agents/a7100")
    tab.click("text=调换小组")
    _sends(tab, team="t2")
    tab.wait_for_url("**/agents/a7100")
    expect(tab.locator(".leaves")).to_contain_text("t2")


def _proposes_a_tariff(tab: Page) -> None:
    tab.keyboard.press("g")
    tab.keyboard.press("t")
    tab.wait_for_url("**/tariffs")
    tab.keyboard.press("c")
    tab.wait_for_url("**/tariffs/new")
    tab.fill("#yaml", house.later_tariff("day-1"))
    tab.click("main .btn.pri")
    tab.wait_for_url("**/tariffs/day-1")
    expect(tab.locator(".yaml ins", has_text="minor_fen: 1500")).to_be_visible()


def _looks_at_what_else_is_in_force(tab: Page) -> None:
    for path in ("/payroll-policies", "/deadline-policies", "/calendars", "/webhooks"):
        tab.click(f"nav.rail a[href='{path}']")
        tab.wait_for_url(f"**{path}")
        expect(tab.locator("nav.rail [aria-current=page]")).to_have_attribute("href", path)
