"""Shifts at the console: planned, begun, given away and not; who may what is told in place (S-1, S-2, S-5)."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.http.bodies import SHIFTS
from tests.adapters.http.serving import Service
from tests.adapters.web.desk_given import a_shift, running_shift
from tests.adapters.web.looking import Console

REFUSED = r"the server responded with a status of 4\d\d"
DAY = timedelta(days=1)


@pytest.fixture
def tab(console: Console) -> Page:
    """A tab in English."""
    console.look(language="en")
    return console.page


def later(days: int) -> datetime:
    """A moment some days ahead."""
    return datetime.now(UTC) + days * DAY


# ---- the roster -----------------------------------------------------------------------------------------------------
def test_a_shift_is_planned_by_keyboard_and_stands_in_the_roster_s_1(
    console: Console, tab: Page, service: Service
) -> None:
    console.sign_in("supervisor")
    tab.keyboard.press("g")
    tab.keyboard.press("d")
    tab.wait_for_url("**/shifts")
    tab.get_by_role("link", name="Plan a shift").press("Enter")
    tab.wait_for_url("**/shifts/new")
    day = later(8).date()
    tab.locator("[name=date]").fill(f"{day}")
    tab.locator("[name=kind]").select_option("middle")
    for name, typed in (("team", "t1"), ("start", f"{day}T12:00"), ("end", f"{day}T20:00"), ("agents.0", "a1001")):
        tab.locator(f"[name='{name}']").fill(typed)
    tab.keyboard.press("Control+Enter")
    expect(tab.locator("h1")).to_contain_text("12:00–20:00")
    shift = tab.url.rpartition("/")[2]
    assert service.get(f"{SHIFTS}/{shift}")["agents"] == ["a1001"]
    console.open(f"/shifts?week={day}")
    expect(tab.locator(f"a.slot[href='/shifts/{shift}']")).to_contain_text("who-is-agent")


def test_a_roster_without_anybody_is_refused_and_keeps_what_was_typed(console: Console, tab: Page) -> None:
    console.watch.allow(REFUSED)
    console.sign_in("supervisor", "/shifts/new")
    day = later(9).date()
    tab.locator("[name=date]").fill(f"{day}")
    tab.locator("[name=kind]").select_option("late")
    tab.locator("[name=start]").fill(f"{day}T16:00")
    tab.locator("main .do .btn.pri").click()
    expect(tab.locator("[aria-invalid=true]").first).to_be_visible()
    expect(tab.locator("[name=start]")).to_have_value(f"{day}T16:00")
    assert console.violations() == []


def test_a_shift_is_begun_by_who_works_it_s_2(console: Console, tab: Page, service: Service) -> None:
    shift = running_shift(service)
    console.sign_in("agent", f"/shifts/{shift}")
    tab.locator(f"a[href='/shifts/{shift}/do/start']").click()
    tab.locator("main .do .btn.pri").click()
    tab.wait_for_url(f"**/shifts/{shift}")
    expect(tab.get_by_text("running", exact=True)).to_be_visible()
    expect(tab.get_by_role("link", name="Handover", exact=True).last).to_have_attribute(
        "href", f"/shifts/{shift}/handover"
    )
    assert service.get(f"{SHIFTS}/{shift}")["course"]["started"]["by"] == "a1001"


# ---- swaps ----------------------------------------------------------------------------------------------------------
def test_a_swap_is_asked_for_refused_with_its_reason_and_asked_for_again_s_5(
    console: Console, tab: Page, service: Service
) -> None:
    shift = a_shift(service, later(11), "a1001", "early")
    _asks(console, tab, shift, "孩子家长会")
    row = tab.locator("tbody tr", has=tab.locator(f"a[href='/shifts/{shift}']"))
    expect(row.first).to_contain_text("孩子家长会")
    expect(row.first.get_by_role("button")).to_have_count(0)  # of one's own nobody decides

    console.watch.allow(REFUSED)
    console.sign_in("supervisor", "/swaps")
    row.get_by_role("button", name="Refuse").click()
    expect(tab.get_by_role("alert")).to_contain_text("reason")  # without it, nobody is refused anything
    row.get_by_label("Reason of a refusal").fill("当天人手不够")
    row.get_by_role("button", name="Refuse").click()
    expect(tab.get_by_role("alert")).to_have_count(0)
    assert service.get(f"{SHIFTS}/{shift}")["agents"] == ["a1001"]

    console.sign_in("agent", "/swaps")
    expect(row.first).to_contain_text("当天人手不够")
    _asks(console, tab, shift, "已与同事商定")
    console.sign_in("supervisor", "/swaps")
    row.get_by_role("button", name="Grant").click()
    expect(row.get_by_role("button")).to_have_count(0)
    assert service.get(f"{SHIFTS}/{shift}")["agents"] == ["a1002"]
    console.open(f"/shifts/{shift}")
    expect(tab.get_by_text("swapped")).to_be_visible()


def _asks(console: Console, tab: Page, shift: str, reason: str) -> None:
    """Ask that `colleague` works a shift of `agent`, from the page of the shift."""
    console.sign_in("agent", f"/shifts/{shift}")
    tab.get_by_role("link", name="Ask for a swap").click()
    tab.wait_for_url("**/swaps/new**")
    expect(tab.get_by_label("Shift to give away")).to_have_value(shift)
    tab.get_by_label("Who works it instead").select_option("a1002")
    tab.get_by_label("Reason").fill(reason)
    tab.keyboard.press("Control+Enter")
    tab.wait_for_url("**/swaps")


def test_a_swap_for_nobody_is_told_where_it_stands_and_keeps_what_was_typed_s_5(
    console: Console, tab: Page, service: Service
) -> None:
    shift = running_shift(service)  # it has begun
    console.watch.allow(REFUSED)
    console.sign_in("agent", f"/swaps/new?shift={shift}")
    tab.get_by_label("Who works it instead").select_option("a1003")
    tab.get_by_label("Reason").fill("临时有事")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_role("alert").first).to_contain_text("S-5")
    expect(tab.get_by_label("Reason")).to_have_value("临时有事")
    expect(tab.get_by_label("Who works it instead")).to_have_value("a1003")


# ---- handing over ---------------------------------------------------------------------------------------------------
def test_everything_that_was_left_out_is_marked_and_the_first_of_it_is_at_hand_s_3(
    console: Console, tab: Page, service: Service
) -> None:
    service.seen([service.receive() for _ in range(12)][-1].position)
    shift = running_shift(service, "start", "handover")
    console.watch.allow(REFUSED)
    console.sign_in("colleague", f"/shifts/{shift}/handover")
    boxes = tab.locator("input[name=ticked]")
    items = boxes.count()
    boxes.nth(1).check()
    tab.get_by_label("Question about").nth(2).fill("谁跟进")
    tab.get_by_role("button", name="Accept the handover").click()
    expect(tab.get_by_role("alert")).to_contain_text("Tick or question what is marked below.")
    expect(tab.locator("input[name=ticked][aria-invalid=true]")).to_have_count(items - 2)
    assert items - 2 > 10
    expect(boxes.first).to_be_focused()
