"""A supervisor's whole day: the queues of the morning, the shift, the report of the evening, out again."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.adapters.http.bodies import HOUR, SHIFTS
from tests.adapters.http.facts_given import ready
from tests.adapters.http.ledgers import line
from tests.adapters.http.ledgers_given import a_proposed_line, an_open_appeal
from tests.adapters.http.serving import Case, Service
from tests.adapters.web.desk_given import a_shift, escalated, running_shift, to_review
from tests.adapters.web.looking import Console


def test_from_the_morning_to_the_evening(console: Console, service: Service) -> None:
    asked, proposed = escalated(service), to_review(service)
    fine, appealed = a_proposed_line(service), an_open_appeal(service).rpartition(".")[0]
    reported = ready(service, "conduct-reports")
    shift = running_shift(service, "start", "handover", supervisor="s2002")  # nobody releases a shift of their own
    wish = _a_wish(service)
    service.seen(proposed.position)
    tab = console.page
    console.look(language="en")
    console.sign_in("supervisor")

    _answers(tab, asked)
    _reviews(tab, proposed)
    _stands_for_penalties(tab, fine)
    _decides_the_appeal(tab, appealed)
    _confirms_the_report(tab, reported)
    _grants(tab, wish)
    _looks_after_the_shift(tab, shift)
    _makes_the_report(tab)
    _reads_the_notices(tab)
    console.sign_out()

    said = service.get(asked.url)["escalations"][0]["answer"]["words"]
    assert (said, service.get(proposed.url)["answer_review"]["verdict"]) == ("退订金", "passed")
    assert [line(service, entry)["status"] for entry in (fine, appealed)] == ["confirmed", "confirmed"]
    assert line(service, appealed)["appeal"] == "upheld"
    assert service.get(f"/api/v1/facts/conduct-reports/{reported}")["status"] == "confirmed"
    assert service.get(f"{SHIFTS}/{wish}")["agents"] == ["a1002"]
    assert service.get(f"{SHIFTS}/{shift}")["course"]["released"]["by"] == "s2001"


def _a_wish(service: Service) -> str:
    """A shift that a1001 would like to give to a1002; its id."""
    shift = a_shift(service, datetime.now(UTC) + timedelta(days=5) + HOUR, "a1001", "early")
    wish = service.post(f"{SHIFTS}/swaps", {"shift": shift, "to": "a1002", "reason": "孩子家长会"})
    assert wish.status == 201, wish.body
    return shift


def _rail(tab: Page, path: str) -> None:
    tab.click(f"nav.rail a[href='{path}']")
    tab.wait_for_url(f"**{path}")


def _answers(tab: Page, case: Case) -> None:
    tab.keyboard.press("g")
    tab.keyboard.press("e")
    tab.get_by_role("link", name=f"Answer {case.number}").click()
    tab.get_by_label("Words").fill("退订金")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("Every escalation has its answer.")).to_be_visible()


def _reviews(tab: Page, case: Case) -> None:
    _rail(tab, "/answers")
    tab.get_by_role("link", name=f"Review {case.number}").click()
    tab.get_by_label("Option", exact=True).fill("2")
    tab.get_by_label("Verdict", exact=True).select_option("passed")
    tab.get_by_label("Verdict", exact=True).press("Control+Enter")
    expect(tab.get_by_text("No answer waits for its review.")).to_be_visible()


def _stands_for_penalties(tab: Page, entry: str) -> None:
    tab.keyboard.press("g")
    tab.keyboard.press("b")
    tab.check(f"input[name=entry][value='{entry}']")
    tab.get_by_role("button", name="Confirm").click()
    expect(tab.get_by_role("status")).to_contain_text("Confirmed")


def _decides_the_appeal(tab: Page, entry: str) -> None:
    _rail(tab, "/appeals")
    tab.click(f"a[href='/appeals/{entry}.1']")
    tab.get_by_label("Decision", exact=True).select_option("upheld")
    tab.get_by_label("Reason").fill("当时不在岗")
    tab.keyboard.press("Control+Enter")
    expect(tab.get_by_text("No appeal waits for its decision.")).to_be_visible()


def _confirms_the_report(tab: Page, fact: str) -> None:
    _rail(tab, "/conduct")
    tab.click(f"a[href='/conduct/{fact}']")
    tab.get_by_label("Decision", exact=True).select_option("confirmed")
    tab.get_by_label("Decision", exact=True).press("Control+Enter")
    tab.wait_for_url("**/conduct")
    expect(tab.locator(f"a[href='/conduct/{fact}']")).to_have_count(0)


def _grants(tab: Page, shift: str) -> None:
    _rail(tab, "/swaps")
    row = tab.locator("tbody tr", has=tab.locator(f"a[href='/shifts/{shift}']"))
    expect(row).to_contain_text("孩子家长会")
    row.get_by_role("button", name="Grant").click()
    expect(tab.locator("section", has_text="Decided").locator("tbody tr").first).to_contain_text("孩子家长会")


def _looks_after_the_shift(tab: Page, shift: str) -> None:
    tab.keyboard.press("g")
    tab.keyboard.press("w")
    expect(tab.get_by_role("link", name="who-is-agent")).to_be_visible()
    tab.keyboard.press("g")
    tab.keyboard.press("h")
    tab.wait_for_url(f"**/shifts/{shift}/handover")
    tab.get_by_label("Why it may end without acceptance").fill("接班人未到")
    tab.get_by_role("button", name="Release").click()
    expect(tab.get_by_role("button", name="Release")).to_have_count(0)


def _makes_the_report(tab: Page) -> None:
    tab.click("nav.rail a[href='/daily']")
    tab.get_by_label("Anything else, one item a line").fill("电梯检修，明日贴告示")
    tab.get_by_role("button", name="Make the report").click()
    expect(tab.locator("tbody tr", has_text="电梯检修，明日贴告示")).to_be_visible()


def _reads_the_notices(tab: Page) -> None:
    tab.keyboard.press("g")
    tab.keyboard.press("o")
    expect(tab.get_by_role("heading", name="Notices")).to_be_visible()
