"""The doors: in with a password and by keyboard alone, keys of one's own, and the complaint form without a script."""

import re
from collections.abc import Iterator
from datetime import date

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


def test_a_long_complaint_in_chinese_is_taken_whole(plain_page: Page, console: Console) -> None:
    plain_page.goto(console.address + "/complain")
    plain_page.get_by_label("发生了什么事？").fill("等" * 8000)
    plain_page.get_by_label("诉求 1").fill("赔" * 500)
    plain_page.get_by_label("姓名").fill("林晓")
    plain_page.get_by_label("电话号码").fill("13900001111")
    plain_page.get_by_role("button", name="提交投诉").click()
    expect(plain_page.locator(".receipt")).to_contain_text(re.compile(r"\d{4}-\d{6}"))


def test_whoever_may_not_write_is_offered_nothing_to_write_in(console: Console, service: Service) -> None:
    case = service.receive()
    console.come_in("auditor")
    console.open(f"/cases/{case.id}")
    expect(console.page.locator("#timeline")).to_be_visible()
    expect(console.page.locator("#note")).to_have_count(0)


def test_whoever_is_signed_out_while_typing_keeps_it_and_goes_on_in_another_tab(
    console: Console, service: Service
) -> None:
    case = service.receive()
    page = console.page
    # what is live asks too, and would tell it before anything is written
    page.route(re.compile(r"/worklist|/live\?|/now|/presence"), lambda _: None)
    console.sign_in("agent", f"/cases/{case.id}")
    page.context.clear_cookies(name="__Host-redress")
    console.watch.allow("401")
    page.fill("#note", "写了一半")  # is to be kept as a draft
    expect(page.locator("#said")).to_contain_text("您已退出登录")
    assert console.violations() == []
    with page.expect_popup() as opened:
        page.locator("#said a").click()
    opened.value.click("button[name=agent][value=a1001]")
    opened.value.wait_for_url(f"{console.address}/cases/{case.id}")
    expect(page.locator("#note")).to_have_value("写了一半")
    page.type("#note", "，接着写")
    expect(page.locator(".compose [role=status]")).to_contain_text("草稿已保存")
    expect(page.locator("#said")).to_be_empty()


def test_what_was_sent_by_whoever_is_signed_out_is_sent_again(console: Console, service: Service) -> None:
    case = service.case("clarified")
    page = console.page
    page.route(re.compile(r"/live\?|/drafts/"), lambda _: None)
    console.sign_in("agent", f"/cases/{case.id}/do/investigation")
    page.fill("[name=findings]", "查了账单\n与商家核实")
    page.context.clear_cookies(name="__Host-redress")
    console.watch.allow("401")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="您已退出登录")).to_be_visible()
    page.get_by_text("您输入的内容", exact=True).click()
    expect(page.get_by_text("查了账单")).to_be_visible()
    assert console.violations() == []
    console.come_in("agent")
    page.get_by_role("button", name="重新提交").click()
    page.wait_for_url(f"**/cases/{case.id}")
    assert service.history(case)[-1]["data"]["findings"] == "查了账单\n与商家核实"


def test_a_password_that_was_sent_by_whoever_is_signed_out_is_not_shown(service: Service) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    answer = service.ask("POST", "/settings/access/password", raw=b"old=sesame&new=a&again=b", who=None, headers=sent)
    assert answer.status == 401
    assert "sesame" not in answer.body


def test_what_another_site_sends_is_not_kept_to_be_sent_again(service: Service) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site"}
    answer = service.ask("POST", "/cases/new", raw=b"narrative=elsewhere", who=None, headers=sent)
    assert answer.status == 403
    assert "elsewhere" not in answer.body


def test_an_address_that_was_handed_on_is_reached_whole_after_signing_in(console: Console) -> None:
    console.page.goto(f"{console.address}/?channel=hotline&overdue=true")
    console.page.click("button[name=agent][value=a1001]")
    console.page.wait_for_url(f"{console.address}/?channel=hotline&overdue=true")


def test_a_fragment_leads_back_to_a_path_of_ours_alone(service: Service) -> None:
    asked = {"hx-request": "true", "hx-current-url": "https://elsewhere.example/cases/7?next=//elsewhere.example"}
    answer = service.get("/worklist", who=None, headers=asked)
    assert (answer.status, answer.headers["hx-retarget"]) == (401, "#said")
    assert 'href="/sign-in?next=/cases/7%3Fnext' in answer.body


def test_what_can_be_nobody_s_number_lets_nobody_in(service: Service) -> None:
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "http://redress.test"}
    answer = service.ask("POST", "/sign-in", raw="number=%00&password=x", who=None, headers=form)
    assert answer.status == service.ask("POST", "/sign-in", raw="number=z9&password=x", who=None, headers=form).status
    assert answer.status < 500


@pytest.mark.parametrize("path", ["/nothing", "/inbox/bulk", "/cases/7", "/cases/7/do/nothing"])
def test_where_nothing_is_people_find_a_page_with_a_way_on(console: Console, path: str) -> None:
    console.come_in("agent")
    console.watch.allow("40[45]")
    answer = console.page.goto(console.address + path)
    assert answer is not None
    assert answer.status in {404, 405}
    expect(console.page.locator("main a[href='/']")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        f"/?received_to={date.max}",
        "/replay?as_of=" + "9" * 5000,
        "/audit?position=" + "9" * 5000,
        f"/shifts?week={date.max}",
        f"/shifts?week={date.min}",
        f"/daily/{date.min}",
        f"/daily/{date.max}",
    ],
)
def test_no_address_is_a_fault_of_ours(console: Console, path: str) -> None:
    console.come_in("auditor" if path.startswith(("/replay", "/audit")) else "agent")
    console.watch.allow("4[0-9][0-9]")
    answer = console.page.goto(console.address + path)
    assert answer is not None
    assert answer.status < 500


@pytest.mark.parametrize(
    "path", ["/agents/new", "/tariffs/new", "/payroll/try", "/keys/new", "/shifts/new", "/reviews/new", "/webhooks/new"]
)
def test_nobody_writes_in_vain_what_they_may_not_send_a_4(console: Console, path: str) -> None:
    console.come_in("agent")
    console.watch.allow("403")
    answer = console.page.goto(console.address + path)
    assert answer is not None
    assert answer.status == 403
    expect(console.page.locator("main form")).to_have_count(0)


def test_the_language_is_changed_also_on_a_page_that_only_a_form_leads_to(console: Console, service: Service) -> None:
    case = service.receive()
    service.seen(case.position)
    console.sign_in("agent", f"/?q={case.number}")
    console.page.check("tbody input[type=checkbox]")
    console.page.click("button[value=assign]")
    expect(console.page.locator("tbody")).to_contain_text("此项必填。")
    console.page.click("header button[name=language]")
    expect(console.page.locator("html")).to_have_attribute("lang", "en")
    console.page.wait_for_url(f"{console.address}/")
