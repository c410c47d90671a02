"""The inbox: filters stand in the address, views have their counts, many cases at once, and all of it by keyboard."""

import re

from playwright.sync_api import expect

from tests.adapters.http.serving import Service
from tests.adapters.web.looking import Console


def rows(console: Console) -> list[str]:
    """The numbers that are listed."""
    return console.page.locator("tbody a[data-item]").all_inner_texts()


def test_what_is_chosen_in_the_bar_stands_in_the_address(console: Console, service: Service) -> None:
    letter, wanted = service.receive(channel="letter"), service.receive(channel="letter", narrative="电梯停运三天")
    service.seen(wanted.position)
    console.sign_in("agent", "/?view=all")
    console.page.click(".fbar summary")
    console.page.select_option("select[name=channel]", "letter")
    console.page.fill(".filters input[name=q]", "电梯")
    console.page.click(".filters button >> nth=0")
    console.page.wait_for_url(re.compile("channel=letter"))
    assert rows(console) == [wanted.number]
    assert console.page.input_value("select[name=channel]") == "letter"
    console.open("/?channel=letter")
    assert {letter.number, wanted.number} <= {*rows(console)}


def test_a_view_of_ones_own_has_a_name_and_a_count(console: Console, service: Service) -> None:
    case = service.receive(channel="email")
    service.seen(case.position)
    console.sign_in("colleague", "/?channel=email")
    console.page.fill(".filters input[name=name]", "合作方")
    console.page.keyboard.press("Enter")
    tab = console.page.locator(".tabs a[aria-current]")
    expect(tab).to_contain_text("合作方")
    expect(tab.locator(".n")).to_have_text(str(len(rows(console))))
    console.page.locator(".fbar summary").click()
    console.page.click("form[action$='/removal'] button")
    expect(console.page.locator(".tabs")).not_to_contain_text("合作方")


def test_many_are_passed_on_by_keyboard_and_each_result_is_shown(console: Console, service: Service) -> None:
    service.receive(channel="app")
    moved = service.receive(channel="app")
    service.seen(moved.position)
    console.sign_in("agent", "/?channel=app")
    press = console.page.keyboard.press
    for key in ("j", "x", "j", "x"):
        press(key)
    expect(console.page.locator("[data-chosen]")).to_have_text("2")
    service.give(moved, "withdrawal", {"reason": "客户刚刚撤回"})
    console.page.select_option(".bulk select[name=agent]", "a1002")
    console.page.fill(".bulk input[name=reason]", "换班")
    console.page.click(".bulk button[value=assign]")
    expect(console.page.locator("[role=status]")).to_contain_text("已完成 1 件，被拒 1 件")
    expect(console.page.locator(f"tr:has-text('{moved.number}') .tag.bad")).to_be_visible()


def test_enter_opens_the_case_in_hand_and_its_list_keeps_the_view(console: Console, service: Service) -> None:
    case = service.receive(narrative="按回车打开")
    service.seen(case.position)
    console.sign_in("agent", "/?q=按回车")
    console.page.keyboard.press("j")
    console.page.keyboard.press("Enter")
    console.page.wait_for_url(f"**/cases/{case.id}?*")
    expect(console.page.locator(".list a[aria-current]")).to_contain_text(case.number)
