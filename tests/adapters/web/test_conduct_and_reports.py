"""Conduct reports, the daily report and notices at the console (W-6, S-4, D-4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.http.facts_given import FACTS, ready
from tests.adapters.http.ledgers import found
from tests.adapters.http.serving import Service, ago
from tests.adapters.web.looking import Console

REFUSED = r"the server responded with a status of 4\d\d"
REPORTS = "/api/v1/daily-reports"


@pytest.fixture
def tab(console: Console) -> Page:
    """A tab in English, signed in as the supervisor of t1."""
    console.look(language="en")
    console.sign_in("supervisor")
    return console.page


def _state(service: Service, fact: str) -> str:
    return str(service.get(f"{FACTS}/conduct-reports/{fact}", who="supervisor")["status"])


# ---- conduct --------------------------------------------------------------------------------------------------------
def test_conduct_is_reported_and_confirmed_with_its_line_w_6(console: Console, tab: Page, service: Service) -> None:
    console.open("/conduct")
    tab.get_by_role("link", name="Report conduct").press("Enter")
    tab.locator("[name=agent]").fill("a1002")
    tab.locator("[name=at]").fill("2026-03-04T21:10")
    tab.locator("[name=code]").select_option("P-IDLE")
    tab.locator("[name=words]").fill("值班时看电影")
    tab.locator("[name=words]").press("Control+Enter")
    tab.wait_for_url(lambda url: "/conduct/" in url and not url.endswith("/new"))
    fact = tab.url.rpartition("/")[2]
    expect(tab.get_by_text("值班时看电影")).to_be_visible()
    tab.get_by_label("Decision", exact=True).select_option("confirmed")
    tab.get_by_label("Decision", exact=True).press("Control+Enter")
    tab.wait_for_url("**/conduct")
    assert _state(service, fact) == "confirmed"
    position = service.get(f"{FACTS}/conduct-reports/{fact}", who="supervisor")["position"]
    lines = found(service, "penalties", position, agent="a1002", month="2026-03")
    assert [(one["code"], one["status"]) for one in lines] == [("P-IDLE", "confirmed")]


def test_a_report_is_dismissed_only_with_a_reason_w_6(console: Console, tab: Page, service: Service) -> None:
    fact = ready(service, "conduct-reports")
    console.watch.allow(REFUSED)
    console.open(f"/conduct/{fact}")
    tab.get_by_label("Decision", exact=True).select_option("dismissed")
    tab.get_by_role("button", name="Decide").click()
    expect(tab.get_by_role("alert").first).to_be_visible()
    expect(tab.get_by_label("Decision", exact=True)).to_have_value("dismissed")
    tab.get_by_label("Reason").fill("当天请假")
    tab.get_by_role("button", name="Decide").click()
    tab.wait_for_url("**/conduct")
    assert _state(service, fact) == "dismissed"
    console.open("/conduct?status=dismissed")
    tab.click(f"a[href='/conduct/{fact}']")
    expect(tab.locator(".timeline")).to_contain_text("当天请假")


# ---- the daily report -----------------------------------------------------------------------------------------------
def _reported(service: Service, day: date) -> None:
    body = {"date": day.isoformat(), "words": ["电梯检修，明日贴告示", "七号桌客人来电"]}
    answer = service.post(REPORTS, body, who="supervisor")
    assert answer.status == 201, answer.body


def test_an_item_is_passed_on_and_ticked_off_by_who_reads_it_s_4(console: Console, tab: Page, service: Service) -> None:
    day = (datetime.now(UTC) - timedelta(days=9)).date()
    _reported(service, day)
    console.open(f"/daily/{day}")
    lift = tab.locator("tbody tr", has_text="电梯检修")
    number = lift.locator("td").first.inner_text()
    lift.get_by_label(f"Pass item {number} to").select_option("a1002")
    lift.get_by_label(f"Pass on item {number}").click()
    expect(lift.locator("td").nth(3)).to_have_text("who-is-colleague")

    console.sign_in("colleague", f"/daily/{day}")
    lift.get_by_label(f"Tick off item {number}").press("Enter")
    expect(lift.get_by_text("done")).to_be_visible()
    items = {one["number"]: one for one in service.get(f"{REPORTS}/{day}")["items"]}
    assert (items[int(number)]["to"], items[int(number)]["done"]) == ("a1002", True)
    assert [one["words"] for one in items.values() if not one["done"] and one["words"]] == ["七号桌客人来电"]


def test_two_at_one_report_do_not_undo_each_other_s_4(console: Console, tab: Page, service: Service) -> None:
    day = (datetime.now(UTC) - timedelta(days=10)).date()
    _reported(service, day)
    console.open(f"/daily/{day}")
    lift = tab.locator("tbody tr", has_text="电梯检修")
    number = lift.locator("td").first.inner_text()
    version = service.get(f"{REPORTS}/{day}")["version"]
    passed = service.post(f"{REPORTS}/{day}/items/{number}/passing", {"to": "a1001"}, version=version)
    assert passed.status == 200, passed.body
    console.watch.allow(REFUSED)
    lift.get_by_label(f"Tick off item {number}").click()
    expect(tab.get_by_role("alert")).to_be_visible()
    expect(lift.locator("td").nth(3)).to_have_text("who-is-agent")  # what the other has done stands there now


def test_what_was_typed_into_a_report_that_is_refused_stays_there_s_4(console: Console, tab: Page) -> None:
    console.watch.allow(REFUSED)
    console.sign_in("agent", f"/daily/{(datetime.now(UTC) - timedelta(days=11)).date()}")  # who worked no late shift
    tab.get_by_label("Anything else").fill("电梯检修\n七号桌客人来电")
    tab.get_by_role("button", name="Make the report").click()
    expect(tab.get_by_role("alert")).to_contain_text("S-4")
    expect(tab.get_by_label("Anything else")).to_have_value("电梯检修\n七号桌客人来电")


# ---- notices --------------------------------------------------------------------------------------------------------
def _warned(service: Service) -> str:
    """The number of a case that ran out of time, of which `supervisor` was told."""
    case, notices = service.receive(received_at=ago(days=1, hours=2)), []
    for _ in range(5_000):
        notices = service.get("/api/v1/notices?unread=true&limit=500", who="supervisor")["items"]
        if any(one["case_id"] == case.id and one["type"] == "case.deadline_breached" for one in notices):
            return case.number
    raise AssertionError(notices)


def test_a_notice_leads_to_its_case_and_is_read_by_keyboard_d_4(console: Console, tab: Page, service: Service) -> None:
    number = _warned(service)
    console.open("/")
    expect(tab.locator("[data-count=notices]")).not_to_be_empty()
    tab.keyboard.press("g")
    tab.keyboard.press("o")
    tab.wait_for_url("**/notices")
    row = tab.locator("tbody tr", has_text=number).first
    expect(row).to_contain_text("Deadline breached")
    tab.keyboard.press("j")
    expect(tab.locator("tbody tr").first.get_by_role("link")).to_be_focused()
    before = tab.locator("tbody tr", has_text=number).count()
    row.get_by_role("button", name="Mark as read").press("Enter")
    expect(tab.locator("tbody tr", has_text=number)).to_have_count(before - 1)
    tab.get_by_role("button", name="Mark all as read").click()
    expect(tab.get_by_text("Nothing unread.")).to_be_visible()
    console.open("/notices?view=all")
    expect(tab.locator("tbody tr.done", has_text=number).first).to_be_visible()
    tab.locator("tbody tr", has_text=number).first.get_by_role("link").click()
    expect(tab.locator(".crumb")).to_contain_text(number)


def test_words_for_a_report_that_a_colleague_has_made_meanwhile_are_kept_s_4(
    console: Console, tab: Page, service: Service
) -> None:
    day = (datetime.now(UTC) - timedelta(days=13)).date()
    console.watch.allow(REFUSED)
    console.open(f"/daily/{day}")
    tab.get_by_label("Anything else, one item a line").fill("电梯检修\n明日贴告示")
    service.post(REPORTS, {"date": day.isoformat(), "words": []}, who="second")
    tab.get_by_role("button", name="Make the report").click()
    expect(tab.get_by_role("heading", name="What you wrote is not in the report")).to_be_visible()
    expect(tab.get_by_label("What you wrote", exact=True)).to_have_value("电梯检修\n明日贴告示")
    assert console.violations() == []
