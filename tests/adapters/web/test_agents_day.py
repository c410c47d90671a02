"""An agent's day: in by one click, a complaint taken from the telephone to the file, out again."""

from playwright.sync_api import Page, expect

from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console


def _send(page: Page, **typed: str) -> None:
    """Fill in the form of the step that is open, and send it."""
    for name, value in typed.items():
        field = page.locator(f".form [name='{name.replace('__', '.')}']").first
        if field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") in {"checkbox", "radio"}:
            page.check(f".form [name='{name.replace('__', '.')}'][value='{value}']")
        else:
            field.fill(value)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/do/" not in url and "/new" not in url)


def test_from_the_call_to_the_file(console: Console) -> None:
    page = console.page
    console.sign_in("agent", "/cases/new")
    _send(page, customer__name="孙丽", narrative="营业厅当众争吵", demands__0="书面道歉")
    _next(page)
    six = dict.fromkeys(("what", "when", "where", "who", "why", "how"), "说清楚了")
    _next(page, **six, type="service", dimension="reliability", confirmed_by_customer="true")
    _next(page, findings="查了监控")
    _next(page, attribution="merchant", severity="ordinary", basis="与商家核实")
    option = {"text": "当面道歉", "cost_fen": "0", "concession": "principled", "policy_ref": "PR-7"}
    _next(page, **{f"options__0__{name}": value for name, value in option.items()})
    chosen = {"option": "1", "solution": "明日上门道歉", "cost_fen": "0", "policy_ref": "PR-7"}
    _next(page, **chosen, answers__0__decision="granted")
    _next(page, reached="true", satisfied="true", score="5")
    _next(page, **dict.fromkeys(("cause", "learned", "prevention", "improvement"), "记下了"))
    _next(page)
    expect(page.locator(".crumb")).to_contain_text("已结案")
    page.click(".me form button")
    expect(page).to_have_url(f"{console.address}/sign-in")
    console.page.goto(console.address)
    assert "/sign-in" in page.url


def _next(page: Page, **typed: str) -> None:
    """Take the step that the page proposes."""
    page.keyboard.press("s")
    page.wait_for_url("**/do/*")
    _send(page, **typed)


def test_everything_is_there_when_narrow(console: Console, service: Service) -> None:
    case = service.case("clarified")
    console.look(width=390)
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.click(".next .btn.pri")
    _send(console.page, findings="手机上写的")
    expect(console.page.locator("#timeline")).to_contain_text("手机上写的")


def test_the_rail_opens_by_its_button_when_narrow(console: Console) -> None:
    console.look(width=390)
    console.sign_in("agent")
    rail, button = console.page.locator("nav.rail"), console.page.get_by_role("button", name="菜单")
    expect(rail).to_be_hidden()
    button.click()
    rail.get_by_role("link", name="通知").click()
    console.page.wait_for_url("**/notices")
    expect(rail).to_be_hidden()
    button.focus()
    console.page.keyboard.press("Enter")
    expect(rail.get_by_role("link", name="通知")).to_have_attribute("aria-current", "page")
    assert console.violations() == []
    console.page.keyboard.press("Escape")
    expect(rail).to_be_hidden()
    button.click()
    console.sign_out()
