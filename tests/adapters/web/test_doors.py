"""The doors: in with a password and by keyboard alone, keys of one's own, and the complaint form without a script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from domain.values import AgentId
from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console

PASSWORD = "walrus-copper-lantern-9"  # noqa: S105  of people of the tests


def test_a_password_is_typed_and_changed_by_keyboard_alone(console: Console, service: Service) -> None:
    service.run(service.services.passwords.give(AgentId("a1003"), PASSWORD))
    console.open("/sign-in")
    keyboard = console.page.keyboard
    console.page.focus("#number")
    for typed in ("a1003", PASSWORD):
        keyboard.type(typed)
        keyboard.press("Tab")
    keyboard.press("Enter")
    expect(console.page.locator("nav").first).to_be_visible()
    console.open("/settings/access")
    console.page.focus("#old")
    for typed in (PASSWORD, PASSWORD[::-1], PASSWORD[::-1]):
        keyboard.type(typed)
        keyboard.press("Tab")
    keyboard.press("Enter")
    console.page.wait_for_load_state("load")
    expect(console.page.locator("[role=alert]")).to_have_count(0)
    assert service.run(service.services.passwords.actor("a1003", PASSWORD[::-1])) is not None


def test_a_wrong_password_is_told_in_ones_language(console: Console) -> None:
    console.watch.allow("401")
    console.open("/sign-in")
    console.page.fill("#number", "a1003")
    console.page.fill("#password", "not the right one")
    console.page.press("#password", "Enter")
    expect(console.page.locator("[role=alert]")).to_contain_text("工号与密码不匹配")
    assert console.page.input_value("#number") == "a1003"
    assert console.violations() == []


def test_a_key_is_made_shown_once_replaced_and_revoked(console: Console) -> None:
    console.sign_in("payroll", "/settings/access")
    console.page.fill("#label", "报表")
    console.page.locator("form[action='/settings/access/keys'] button").click()
    key = console.page.locator(".alert.ok code").inner_text()
    row = console.page.locator(f"tr:has-text('{key[:11]}')")
    expect(row).to_contain_text("只读")
    assert console.violations() == []
    row.get_by_role("button", name="更换").click()
    expect(console.page.locator("tr:has-text('报表')")).to_have_count(2)
    console.open("/settings/access")
    assert key not in console.page.content()
    console.page.locator(f"tr:has-text('{key[:11]}')").get_by_role("button", name="吊销").click()
    expect(console.page.locator("tr:has-text('报表')")).to_have_count(1)


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """A customer's telephone that runs no script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800}, locale="zh-CN")
    yield context.new_page()
    context.close()


def test_a_customer_complains_without_a_script_and_follows_the_link(plain_page: Page, console: Console) -> None:
    plain_page.goto(console.address + "/complain")
    plain_page.get_by_label("发生了什么事？").fill("预订的包间到店后没有了，等了一个小时。")
    plain_page.get_by_label("诉求 1").fill("道歉并退还订金")
    plain_page.get_by_label("姓名").fill("林晓")
    plain_page.get_by_label("电话号码").fill("13900001111")
    plain_page.get_by_role("button", name="提交投诉").click()
    expect(plain_page.locator(".receipt")).to_contain_text(re.compile(r"\d{4}-\d{6}"))
    number = plain_page.locator(".receipt").inner_text()
    plain_page.locator(".link a").click()
    expect(plain_page.get_by_role("heading", name=number)).to_be_visible()
    expect(plain_page.locator("[aria-current=step]")).to_have_text("已收到，正在安排专人处理。")
    console.sign_in("stranger", "/?view=all")
    expect(console.page.locator(f"tr:has-text('{number}')").first).to_be_visible()


def test_whoever_was_signed_out_meanwhile_comes_back_to_the_page_they_were_on(
    console: Console, service: Service
) -> None:
    case = service.receive()
    # what is live asks too, and would lead to the door before anything is written
    console.page.route(re.compile(r"/worklist|/live\?|/now|/presence"), lambda _: None)
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.context.clear_cookies()
    console.watch.allow("401")
    console.page.fill("#note", "写了一半")  # kept as a draft by a fragment, which asks the whole page to the door
    console.page.wait_for_url("**/sign-in?next=**")
    console.page.click("button[name=agent][value=a1001]")
    console.page.wait_for_url(f"{console.address}/cases/{case.id}")


def test_a_fragment_leads_back_to_a_path_of_ours_alone(service: Service) -> None:
    asked = {"hx-request": "true", "hx-current-url": "https://elsewhere.example/cases/7?next=//elsewhere.example"}
    answer = service.get("/worklist", who=None, headers=asked)
    assert (answer.status, answer.headers["hx-redirect"]) == (401, "/sign-in?next=/cases/7")
