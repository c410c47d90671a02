"""The page of a case: its history by parts, its clocks with their sums, what else is open, and why not."""

import re
from base64 import b64decode

from playwright.sync_api import FilePayload, expect

from tests.adapters.http.serving import Service, ahead, escalation
from tests.adapters.web.desk_given import escalated, to_review
from tests.adapters.web.looking import Console

PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
"""One pixel."""


def test_the_history_comes_by_pages_the_newest_first(console: Console, service: Service) -> None:
    case = service.receive()
    for number in range(60):
        service.give(case, "notes", {"text": f"第 {number} 条"})
    console.sign_in("agent", f"/cases/{case.id}")
    events = console.page.locator(".timeline .ev")
    expect(events).to_have_count(50)
    expect(events.first).to_contain_text("第 59 条")
    console.page.click("#earlier a")
    expect(events.filter(has_text="受理投诉")).to_have_count(1)
    expect(console.page.locator("#earlier a")).to_have_count(0)


def test_without_script_earlier_is_a_page_of_its_own(console: Console, service: Service) -> None:
    case = service.receive()
    for number in range(51):
        service.give(case, "notes", {"text": f"第 {number} 条"})
    console.sign_in("agent", f"/cases/{case.id}")
    address = console.page.get_attribute("#earlier a", "href")
    assert address
    console.open(address)
    expect(console.page.locator(".timeline .ev").filter(has_text="受理投诉")).to_have_count(1)


def test_chips_show_one_kind_of_event(console: Console, service: Service) -> None:
    case = service.case("clarified")
    service.give(case, "notes", {"text": "客户很急"})
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.click(".chips a:has-text('备注')")
    expect(console.page.locator(".timeline .ev")).to_have_count(1)
    expect(console.page.locator(".timeline .ev")).to_contain_text("客户很急")


def test_a_clock_tells_its_sum_by_pointer_and_by_key_d_3c(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}")
    clock = console.page.locator(".clk button").first
    told = console.page.locator(".sum:popover-open")
    clock.hover()
    expect(told).to_contain_text("计入")
    console.page.mouse.move(0, 0)
    expect(told).to_have_count(0)
    clock.focus()
    expect(told).to_contain_text("到期")
    console.page.keyboard.press("Escape")
    expect(told).to_have_count(0)


def test_other_open_cases_of_the_customer_are_shown(console: Console, service: Service) -> None:
    who = {"name": "同一个人", "phone": "13900000077"}
    first, second = service.receive(customer=who), service.receive(customer=who)
    service.seen(second.position)
    console.sign_in("agent", f"/cases/{second.id}")
    expect(console.page.locator(".card.warn")).to_contain_text(first.number)
    expect(console.page.locator(".card.warn")).not_to_contain_text(second.number)


def test_what_cannot_be_done_says_why_in_the_readers_language(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.click("#barred-steps summary")
    why = console.page.locator("dl.why")
    expect(why).to_contain_text("结案")
    assert not re.search("[a-z]{4}", why.locator("dd").first.inner_text())


def test_few_steps_stand_open_and_the_rare_ones_open_by_the_keyboard(console: Console, service: Service) -> None:
    case = service.case("clarified")
    console.sign_in("agent", f"/cases/{case.id}")
    accent = console.page.locator("#next .accent")
    expect(accent.locator("a:visible")).to_have_count(3)
    accent.locator("#other-steps summary").press("Enter")
    accent.get_by_role("link", name="撤回").click()
    expect(console.page.locator("main h2").first).to_have_text("撤回")


def test_teams_merchants_and_departments_are_called_by_their_names(console: Console, service: Service) -> None:
    service.post("/api/v1/departments", {"id": "marketing", "name": "市场部", "matters": ["discounts"]}, who="admin")
    service.post("/api/v1/merchants", {"id": "m-named", "name": "江南小馆"}, who="admin")
    case = service.case("analysed", merchant="m-named")
    service.seen(service.give(case, "escalations", escalation())["position"])
    console.sign_in("agent", f"/cases/{case.id}")
    for place in ("#head", "#timeline"):
        expect(console.page.locator(place)).to_contain_text("江南小馆")
        expect(console.page.locator(place)).to_contain_text("team t1")
    expect(console.page.locator("#timeline")).to_contain_text("市场部")


def test_who_may_answer_an_escalation_comes_to_it_from_its_case_c_6(console: Console, service: Service) -> None:
    case = escalated(service)
    console.sign_in("supervisor", f"/cases/{case.id}")
    console.page.locator(f"#next a[href='/cases/{case.id}/escalations/1/answer']").click()
    expect(console.page.get_by_text("不超过一百元")).to_be_visible()


def test_a_promise_says_whether_it_was_kept_c_11(console: Console, service: Service) -> None:
    case = service.receive()
    service.give(case, "promises", {"text": "明日答复", "due_at": ahead()})
    console.sign_in("agent", f"/cases/{case.id}")
    expect(console.page.locator(".card:has(h2:text-is('承诺'))")).to_contain_text("计时中")


def test_a_picture_is_attached_and_shown_again(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.click("summary:has-text('添加文件')")
    picture: FilePayload = {"name": "账单.png", "mimeType": "image/png", "buffer": PICTURE}
    console.page.set_input_files("#ev-file", picture)
    console.page.select_option("#ev-kind", "bill")
    console.page.click("form[action$='/files'] button")
    console.page.click(".piece summary")
    expect(console.page.locator(".piece img")).to_have_js_property("naturalWidth", 1)
    assert service.history(case)[-1]["data"]["evidence"]["kind"] == "bill"


def test_a_promise_leads_to_what_keeps_it_and_a_grant_to_its_carrying_out_c_7_c_11(
    console: Console, service: Service
) -> None:
    case = service.case("resolved")
    service.give(case, "promises", {"text": "周五前寄出发票", "due_at": ahead()})
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}")
    promise = page.locator("#next .card", has_text="周五前寄出发票")
    expect(promise.get_by_role("link")).to_have_attribute("href", f"/cases/{case.id}/do/callbacks")

    page.locator(".demands").get_by_role("link", name="标记已兑现").press("Enter")
    expect(page.locator(".form [name=demand]")).to_have_value("1")
    page.fill(".form [name=words]", "差价已退回原卡")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/cases/{case.id}")
    expect(page.locator(".demands")).to_contain_text("已兑现")
    expect(page.locator(".demands").get_by_role("link")).to_have_count(0)

    promise.get_by_role("link").click()
    page.check(".form [name=reached][value=true]")
    page.check(".form [name=satisfied][value=true]")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/cases/{case.id}")
    expect(promise).to_contain_text("按时")
    expect(promise.get_by_role("link")).to_have_count(0)


def test_a_resolution_begins_with_the_one_solution_that_was_proposed_c_7(console: Console, service: Service) -> None:
    case = service.case("proposed")
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}/do/resolution")
    expect(page.locator("[name=solution]")).to_have_value("退差价")
    expect(page.locator("[name=cost_fen]")).to_have_value("30.00")
    page.select_option("[name='answers.0.decision']", "granted")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/cases/{case.id}")
    assert service.get(case.url)["resolution"]["cost_fen"] == 3000


def test_a_resolution_begins_with_the_solution_that_was_passed_and_with_none_of_several_c_16(
    console: Console, service: Service
) -> None:
    case = to_review(service)
    console.sign_in("agent", f"/cases/{case.id}/do/resolution")
    expect(console.page.locator("[name=solution]")).to_have_value("")
    service.give(case, "answer-reviews", {"option": 2, "verdict": "passed"}, who="supervisor")
    console.open(f"/cases/{case.id}/do/resolution")
    expect(console.page.locator("[name=option]")).to_have_value("2")
    passed = service.get(case.url)["proposal"]["options"][1]
    expect(console.page.locator("[name=solution]")).to_have_value(passed["text"])


def test_what_is_refused_is_told_once(console: Console, service: Service) -> None:
    case = service.receive()
    console.watch.allow("409")
    console.sign_in("agent", f"/cases/{case.id}/do/closing")
    console.page.click(".compose-form .do button")
    expect(console.page.locator(".compose-form .alert")).to_have_count(1)
