"""Writing: a complaint by keyboard alone, drafts that outlive the tab, and phrases better not said."""

import pytest
from playwright.sync_api import expect

from tests.adapters.auth.coming_in import eventually
from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console


def test_a_complaint_is_put_on_record_by_keyboard_alone(console: Console, service: Service) -> None:
    console.sign_in("agent")
    press, write = console.page.keyboard.press, console.page.keyboard.type
    press("c")
    console.page.wait_for_url("**/cases/new")
    expect(console.page.locator("[name='customer.name']")).to_be_focused()
    write("赵敏")
    press("Tab")
    press("Tab")
    write("13600022222")
    for _ in range(3):
        press("Tab")
    write("套餐变更后流量被误扣")
    press("Tab")
    write("恢复流量")
    press("Control+Enter")
    console.page.wait_for_url("**/cases/*-*")
    expect(console.page.locator("h1")).to_have_text("套餐变更后流量被误扣")
    expect(console.page.locator(".demands")).to_contain_text("恢复流量")
    assert service.rows("SELECT 1 FROM private.drafts WHERE agent = 'a1001' AND form = 'receipt'") == []


def test_enter_in_a_line_sends_the_form_and_what_is_missing_is_told_at_its_field(console: Console) -> None:
    console.sign_in("agent", "/cases/new")
    console.watch.allow("422")
    console.page.fill("[name='customer.name']", "钱一")
    console.page.keyboard.press("Enter")
    expect(console.page.locator("[name=narrative]")).to_have_attribute("aria-invalid", "true")
    expect(console.page.locator("[name='customer.name']")).to_have_value("钱一")


def test_a_known_customer_is_recognised_by_telephone(console: Console, service: Service) -> None:
    case = service.receive(customer={"name": "老客户", "phone": "13911112222"})
    service.seen(case.position)
    console.sign_in("agent", "/cases/new")
    console.page.fill("[name='customer.phone']", "13911112222")
    console.page.keyboard.press("Tab")
    expect(console.page.locator("#known")).to_contain_text("老客户")
    expect(console.page.locator("#known")).to_contain_text(case.number)


def test_a_draft_outlives_the_tab_and_goes_when_it_is_sent(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}")
    console.page.fill("#note", "客户下午三点后方便")
    expect(console.page.locator(".compose [role=status]")).to_contain_text("草稿已保存")
    console.open(f"/cases/{case.id}")
    expect(console.page.locator("#note")).to_have_value("客户下午三点后方便")
    console.page.focus("#note")
    console.page.keyboard.press("Control+Enter")
    expect(console.page.locator("#timeline")).to_contain_text("客户下午三点后方便")
    expect(console.page.locator("#note")).to_have_value("")


def test_a_draft_of_a_step_can_be_given_up(console: Console, service: Service) -> None:
    case = service.case("clarified")
    console.sign_in("agent", f"/cases/{case.id}/do/investigation")
    console.page.fill("[name=findings]", "先记一笔")
    expect(console.page.locator(".do [role=status]")).to_contain_text("草稿已保存")
    console.open(f"/cases/{case.id}/do/investigation")
    expect(console.page.locator("[name=findings]")).to_have_value("先记一笔")
    console.page.click("form[action$='/removal'] button")
    expect(console.page.locator("[name=findings]")).to_have_value("")


def test_what_was_typed_is_kept_also_when_one_goes_elsewhere_at_once(console: Console, service: Service) -> None:
    case = service.receive()
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}")
    page.fill("#note", "刚写完就走")
    page.click("nav.rail a[href='/notices']")  # neither idle nor blur has had its time
    page.wait_for_url("**/notices")
    await_draft(service, "a1001", f"{case.id}/notes")
    console.open(f"/cases/{case.id}")
    expect(page.locator("#note")).to_have_value("刚写完就走")


def await_draft(service: Service, agent: str, form: str) -> None:
    """What a page sends on its way out may come after the next one has been asked for."""
    kept = "SELECT 1 FROM private.drafts WHERE agent = %s AND form = %s"
    eventually(lambda: bool(service.rows(kept, agent, form)))


def test_what_was_refused_is_kept_when_one_goes_elsewhere(console: Console, service: Service) -> None:
    console.watch.allow("422")
    page = console.page
    console.sign_in("colleague", "/cases/new")
    page.fill("[name='customer.name']", "半个客户")
    page.keyboard.press("Enter")
    expect(page.locator("[name=narrative]")).to_have_attribute("aria-invalid", "true")
    page.goto(console.address + "/notices")
    await_draft(service, "a1002", "receipt")
    console.open("/cases/new")
    expect(page.locator("[name='customer.name']")).to_have_value("半个客户")


def test_a_draft_that_was_given_up_does_not_come_back_by_what_was_typed_last(
    console: Console, service: Service
) -> None:
    case = service.case("clarified")
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}/do/investigation")
    page.fill("[name=findings]", "先记一笔")
    expect(page.locator(".do [role=status]")).to_contain_text("草稿已保存")
    page.reload()
    page.fill("[name=findings]", "再记一笔")
    page.click("form[action$='/removal'] button")
    page.wait_for_load_state("load")
    page.reload()
    expect(page.locator("[name=findings]")).to_have_value("")


def test_another_row_is_where_one_goes_on_writing(console: Console, service: Service) -> None:
    case = service.case("analysed")
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}/do/escalations")
    expect(page.locator("[name^='options.']")).to_have_count(2)  # as many as are needed (C-6)
    page.fill("[name='options.0']", "退差价")
    page.fill("[name='options.1']", "送券")
    page.locator("button[name=_add][value=options]").click()
    expect(page.locator("[name='options.2']")).to_be_focused()
    expect(page.locator("[name='options.1']")).to_have_value("送券")


def test_what_is_missing_is_told_in_ones_language(console: Console, service: Service) -> None:
    case = service.receive()
    console.watch.allow("422")
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}/do/promises")
    page.fill("[name=text]", "回电")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#e-due_at")).to_have_text("此项必填。")
    expect(page.locator("[role=alert]")).not_to_contain_text("due_at")


def test_a_case_is_linked_by_its_number(console: Console, service: Service) -> None:
    case, other = service.receive(), service.receive()
    service.seen(other.position)
    console.watch.allow("422")
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}/do/links")
    page.fill("[name=case]", "2001-999999")
    page.select_option("[name=kind]", "related")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#e-case")).to_contain_text("没有该个案")
    page.fill("[name=case]", other.number)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/cases/{case.id}")
    assert service.history(case)[-1]["data"]["case"] == other.id
    expect(page.locator("#next").get_by_role("link", name=other.number, exact=True)).to_be_visible()


def test_a_file_that_is_refused_leads_back_to_its_case(console: Console, service: Service) -> None:
    case = service.receive()
    console.watch.allow("422")
    page = console.page
    console.sign_in("agent", f"/cases/{case.id}")
    page.click("summary:has-text('添加文件')")
    page.set_input_files("#ev-file", {"name": "账单.png", "mimeType": "image/png", "buffer": b"no picture"})
    page.click("form[action$='/files'] button")
    page.get_by_role("link", name="返回个案").click()
    page.wait_for_url(f"**/cases/{case.id}")


def test_a_forbidden_phrase_is_told_while_one_writes_c_13(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}/do/contacts")
    console.page.select_option("[name=direction]", "out")
    console.page.select_option("[name=channel]", "hotline")
    console.page.fill("[name=words]", "您好，没办法")
    expect(console.page.locator("#phrases")).to_contain_text("没办法")
    console.page.fill("[name=words]", "您好，我们马上核实")
    expect(console.page.locator("#phrases")).to_have_text("")
    assert service.history(case)[-1]["type"] == "case.received"


@pytest.mark.parametrize(
    ("command", "field"),
    [("interim-replies", "words"), ("promises", "text"), ("resolution", "solution"), ("contacts", "words")],
)
def test_a_forbidden_phrase_is_told_before_the_rest_is_said_c_13(
    console: Console, service: Service, command: str, field: str
) -> None:
    case = service.case("proposed")
    console.sign_in("agent", f"/cases/{case.id}/do/{command}")
    console.page.fill(f"[name={field}]", "您好，没办法")
    expect(console.page.locator("#phrases")).to_contain_text("没办法")


def test_a_step_that_does_not_follow_yet_says_so_before_anything_is_written(console: Console, service: Service) -> None:
    case = service.receive()
    console.sign_in("agent", f"/cases/{case.id}/do/summary")
    expect(console.page.locator(".compose-form .alert.warn")).to_contain_text("目前无法提交")


# ---- what is wrong with a whole list --------------------------------------------------------------------------------
def test_a_list_that_is_too_short_says_so_and_its_first_entry_is_ready_for_typing(
    console: Console, service: Service
) -> None:
    case, tab = service.case("analysed"), console.page
    console.sign_in("agent", f"/cases/{case.id}/do/escalations")
    console.watch.allow("422")
    for name, typed in (("to", "s2001"), ("reason", "客人在大堂"), ("bottom_line", "退一半"), ("options.0", "退订金")):
        tab.fill(f"[name='{name}']", typed)
    tab.fill("[name=hear_back_by]", "2099-03-05T18:00")
    tab.keyboard.press("Control+Enter")
    scenarios = tab.locator("fieldset[data-fault]", has=tab.locator("[name='scenarios.0.if']"))
    expect(scenarios).to_have_accessible_description("至少需要一项。")
    expect(tab.locator("[name='scenarios.0.if']")).to_be_focused()
    expect(tab.locator("fieldset[data-fault]", has=tab.locator("[name='options.0']"))).to_have_accessible_description(
        "至少需要 2 项。"
    )
    assert console.violations() == []


def test_an_entry_that_stands_twice_is_marked_as_a_whole_c_5(console: Console, service: Service) -> None:
    case, tab = service.case("investigated"), console.page
    console.sign_in("supervisor", f"/cases/{case.id}/do/analysis")
    console.watch.allow("422")
    tab.select_option("[name=attribution]", "company")
    tab.select_option("[name=severity]", "ordinary")
    tab.fill("[name=basis]", "已核实")
    tab.click("button[name=_add][value=faults]")
    for row in (0, 1):
        tab.fill(f"[name='faults.{row}.agent']", "a1002")
        tab.select_option(f"[name='faults.{row}.fault']", "operation_error")
    tab.click("main .do .btn.pri")
    second = tab.locator("[role=group][data-fault]")
    expect(second).to_have_accessible_description("同一员工、同一过错、同一编号填了两次。")
    expect(second.locator("[name='faults.1.agent']")).to_be_focused()
    assert console.violations() == []
