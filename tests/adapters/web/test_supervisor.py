"""What supervisors do at the console, page by page; and what agents do with what comes of it (issue 8.3)."""

import pytest
from playwright.sync_api import Page, expect

from tests.adapters.http.ledgers import DISMISSALS, REASON, confirmed, line, penalty, taken
from tests.adapters.http.ledgers_given import a_confirmed_line, a_proposed_line
from tests.adapters.http.serving import Service, escalation
from tests.adapters.web.desk_given import disputed_review, escalated, running_shift, to_review
from tests.adapters.web.looking import Console

REFUSED = r"the server responded with a status of 4\d\d"


@pytest.fixture
def tab(console: Console) -> Page:
    """A tab in English, signed in as the supervisor of t1."""
    console.look(language="en")
    console.sign_in("supervisor")
    return console.page


def test_an_escalation_is_answered_and_leaves_the_list_c_6(console: Console, tab: Page, service: Service) -> None:
    case = escalated(service)
    service.seen(case.position)
    tab.click("nav.rail a[href='/escalations']")
    tab.get_by_role("link", name=f"Answer {case.number}").click()
    expect(tab.get_by_text("不超过一百元")).to_be_visible()
    tab.get_by_label("Words").fill("退订金，另致歉")
    tab.get_by_role("button", name="Answer").click()
    expect(tab).to_have_url(f"{console.address}/escalations")
    expect(tab.get_by_role("link", name=f"Answer {case.number}")).to_have_count(0)
    assert service.get(case.url)["escalations"][0]["answer"]["words"] == "退订金，另致歉"


def test_escalations_count_beside_the_rail_as_they_are_listed_of_all_teams_c_6(
    console: Console, tab: Page, service: Service
) -> None:
    case = escalated(service)
    service.give(case, "assignment", {"agent": "a1003", "reason": "转二组"}, who="supervisor")
    own = service.case("analysed")
    service.seen(service.give(own, "escalations", escalation(), who="supervisor")["position"])
    console.open("/escalations")
    rows = tab.locator("tbody tr")
    expect(tab.locator("[data-count=escalations]")).to_have_text(str(rows.count()))
    expect(rows.filter(has_text=case.number)).to_contain_text("Answer")
    expect(rows.filter(has_text=own.number)).to_contain_text("somebody else answers")


def test_an_answer_is_passed_and_returned_only_with_a_reason_c_16(
    console: Console, tab: Page, service: Service
) -> None:
    case = to_review(service)
    service.seen(case.position)
    console.watch.allow(REFUSED)
    console.open("/answers")
    tab.get_by_role("link", name=f"Review {case.number}").click()
    tab.get_by_label("Option", exact=True).fill("2")
    tab.get_by_label("Verdict", exact=True).select_option("returned")
    tab.get_by_role("button", name="Record the verdict").click()
    expect(tab.get_by_role("alert").first).to_be_visible()
    expect(tab.get_by_label("Option", exact=True)).to_have_value("2")
    tab.get_by_label("Verdict", exact=True).select_option("passed")
    tab.get_by_role("button", name="Record the verdict").click()
    expect(tab).to_have_url(f"{console.address}/answers")
    review = service.get(case.url)["answer_review"]
    assert (review["option"], review["verdict"], review["by"]) == (2, "passed", "s2001")


def test_of_many_penalties_one_refused_refuses_all_and_is_marked_l_0(
    console: Console, tab: Page, service: Service
) -> None:
    first, second, gone = (a_proposed_line(service) for _ in range(3))
    console.watch.allow(REFUSED)
    console.open("/penalties")
    for entry in (first, second, gone):
        tab.check(f"input[name=entry][value='{entry}']")
    expect(tab.locator("[data-chosen]")).to_have_text("3")
    taken(service, DISMISSALS, {"entries": [gone], **REASON}, "second")
    tab.get_by_role("button", name="Confirm").click()
    expect(tab.locator("tr.marked input")).to_have_value(gone)
    expect(tab.get_by_role("alert")).to_contain_text("L-0")
    assert line(service, first)["status"] == "proposed"
    expect(tab.locator(f"input[value='{first}']")).to_be_checked()
    tab.get_by_role("button", name="Confirm").click()
    expect(tab.get_by_role("status")).to_contain_text("Confirmed")
    assert [line(service, entry)["status"] for entry in (first, second, gone)] == [
        *("confirmed", "confirmed"),
        "dismissed",
    ]


def test_a_dismissal_needs_its_reason_which_the_agent_reads_l_0(console: Console, tab: Page, service: Service) -> None:
    entry = a_proposed_line(service)
    console.watch.allow(REFUSED)
    console.open("/penalties")
    tab.check(f"input[value='{entry}']")
    tab.get_by_role("button", name="Dismiss").click()
    expect(tab.get_by_role("alert")).to_be_visible()
    tab.get_by_label("Reason").fill("录音不清")
    tab.get_by_role("button", name="Dismiss").click()
    expect(tab.get_by_role("status")).to_contain_text("Dismissed")
    console.sign_in("colleague", f"/payroll/lines/{entry}")
    expect(tab.get_by_text("录音不清")).to_be_visible()


def test_nobody_ticks_a_line_of_their_own_l_0(console: Console, tab: Page, service: Service) -> None:
    own = penalty(service, "2007-05-10", agent="s2001", by="second")
    console.open("/penalties?agent=s2001")
    expect(tab.locator(f"input[value='{own}']")).to_be_disabled()


def test_an_agent_appeals_and_somebody_else_decides_l_0(console: Console, service: Service) -> None:
    entry = a_confirmed_line(service)
    tab = console.page
    console.look(language="en")
    console.sign_in("colleague", f"/ledger/{entry}/appeal")
    expect(tab.get_by_text("14 days left")).to_be_visible()
    tab.get_by_label("Reason").fill("当时在开会")
    tab.get_by_role("button", name="Appeal").click()
    expect(tab.get_by_role("button", name="Withdraw the appeal")).to_be_visible()
    console.sign_in("supervisor", "/appeals")
    expect(tab.get_by_text("当时在开会")).to_be_visible()
    tab.click(f"a[href='/appeals/{entry}.1']")
    tab.get_by_label("Decision", exact=True).select_option("partly")
    tab.get_by_label("Reduced to").fill("4.00")
    tab.get_by_label("Reason").fill("情节轻微")
    tab.get_by_role("button", name="Decide").click()
    expect(tab).to_have_url(f"{console.address}/appeals")
    decided = line(service, entry)
    assert (decided["appeal"], decided["reversed_by"] is not None) == ("partly", True)


def test_who_confirmed_does_not_decide_and_the_rule_is_told_l_0(console: Console, tab: Page, service: Service) -> None:
    entry = a_proposed_line(service)
    confirmed(service, entry)
    taken(service, f"/api/v1/ledgers/entries/{entry}/appeals", REASON, "colleague")
    console.watch.allow(REFUSED)
    console.open(f"/appeals/{entry}.1")
    tab.get_by_label("Decision", exact=True).select_option("rejected")
    tab.get_by_label("Reason").fill("维持")
    tab.get_by_role("button", name="Decide").click()
    expect(tab.get_by_role("alert").first).to_contain_text("L-0")
    expect(tab.get_by_label("Reason")).to_have_value("维持")


def test_a_handover_is_prepared_questioned_accepted_and_printed_s_2_s_3(console: Console, service: Service) -> None:
    case = escalated(service)
    service.seen(case.position)
    shift, tab = running_shift(service, "start"), console.page
    handover = f"/shifts/{shift}/handover"
    console.look(language="en")
    console.sign_in("agent", handover)
    expect(tab.get_by_text("this still changes")).to_be_visible()
    tab.get_by_label("Notes for the next shift").fill("七号桌十八点再来电")
    tab.get_by_role("button", name="It is ready").click()
    console.watch.allow(REFUSED)
    console.sign_in("colleague", handover)
    tab.get_by_role("button", name="Accept the handover").click()
    expect(tab.get_by_role("alert")).to_contain_text("S-3")
    tab.check("input[data-all=ticked]")
    tab.get_by_label(f"Question about {case.number}").fill("订金收据在哪")
    tab.get_by_role("button", name="Accept the handover").click()
    expect(tab.get_by_role("button", name="Accept the handover")).to_have_count(0)
    expect(tab.get_by_text("订金收据在哪")).to_be_visible()
    frozen = service.get(f"/api/v1{handover}", who="colleague")
    assert (frozen["accepted"]["by"], [one["item"] for one in frozen["questions"]]) == (
        "a1002",
        [f"case:{case.number}"],
    )
    assert tab.pdf(format="A4").startswith(b"%PDF")
    tab.emulate_media(media="print")
    expect(tab.locator("nav.rail")).to_be_hidden()
    expect(tab.locator(".sheet")).to_be_visible()


def test_an_open_handover_follows_what_happens_s_3(console: Console, service: Service) -> None:
    shift, tab = running_shift(service, "start"), console.page
    console.look(language="en")
    tab.clock.install()
    console.sign_in("agent", f"/shifts/{shift}/handover")
    before = tab.locator("#sheet .tile b").first.inner_text()
    case = service.receive()
    service.seen(case.position)
    tab.clock.run_for(20_000)  # that often the sheet is asked for anew
    expect(tab.locator("#sheet .tile b").first).to_have_text(str(int(before) + 1))
    expect(tab.locator("#sheet").get_by_text(case.number)).to_be_visible()


def test_a_supervisor_releases_a_shift_with_a_reason_s_2(console: Console, service: Service) -> None:
    shift, tab = running_shift(service, "start"), console.page
    console.look(language="en")
    console.sign_in("second", f"/shifts/{shift}/handover")
    tab.get_by_label("Why it may end without acceptance").fill("接班人未到")
    tab.get_by_role("button", name="Release").click()
    expect(tab.get_by_text("接班人未到")).to_be_visible()
    assert service.get(f"/api/v1/shifts/{shift}", who="second")["course"]["released"]["by"] == "s2002"


def test_signing_out_everywhere_ends_every_session(console: Console, tab: Page) -> None:
    console.open("/settings")
    expect(tab.get_by_text("this browser")).to_be_visible()
    tab.get_by_role("button", name="Sign out everywhere").click()
    expect(tab.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    tab.goto(f"{console.address}/penalties")
    expect(tab.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_single_keys_can_be_switched_off(console: Console, tab: Page) -> None:
    console.open("/settings")
    tab.get_by_role("button", name="Off").click()
    expect(tab.locator("html[data-keys=off]")).to_be_attached()
    tab.wait_for_load_state("load")
    tab.keyboard.press("?")
    expect(tab.locator("#keys")).to_be_hidden()
    tab.get_by_role("button", name="On", exact=True).click()
    expect(tab.locator("html:not([data-keys])")).to_be_attached()
    tab.wait_for_load_state("load")
    tab.keyboard.press("?")
    expect(tab.locator("#keys")).to_be_visible()


def test_a_review_is_scored_and_disputed_by_its_agent_w_8(console: Console, tab: Page, service: Service) -> None:
    console.open("/reviews/new")
    tab.locator("#f-agent").fill("a1001")
    tab.locator("#f-at").fill("2026-03-02T18:00")
    for field in tab.locator("input.score").all():
        field.fill("80.5")
    tab.get_by_role("button", name="Review a contact").click()
    expect(tab.locator("b.big")).to_have_text("80.5")
    path = tab.url.removeprefix(console.address)
    console.sign_in("agent", path)
    tab.get_by_label("Reason").fill("录音里有问候")
    tab.get_by_role("button", name="Dispute").click()
    expect(tab.get_by_text("录音里有问候")).to_be_visible()
    fact = service.get(f"/api/v1/facts/quality-reviews/{path.rpartition('/')[2]}", who="supervisor")
    assert fact["status"] == "disputed"


def test_a_disputed_review_is_answered_with_another_score_w_8(console: Console, service: Service) -> None:
    path = disputed_review(service)
    console.sign_in("supervisor", path)
    console.page.fill("[name=words]", "问候得当，改分")
    console.page.get_by_label("问候").fill("95.5")
    console.page.keyboard.press("Control+Enter")
    expect(console.page.locator("ol.timeline")).to_contain_text("问候得当，改分")
    expect(console.page.get_by_role("row", name="问候")).to_contain_text("95.5")
    expect(console.page.locator("h1 ~ b.big")).to_have_text("82.75")


def test_an_item_that_was_met_after_all_is_cleared_and_the_total_counts_again_w_8(
    console: Console, service: Service
) -> None:
    path = disputed_review(service, failed=["taboos"])
    console.sign_in("supervisor", path)
    page = console.page
    expect(page.locator("h1 ~ b.big")).to_have_text("0")
    page.get_by_label("禁忌").uncheck()
    page.fill("[name=words]", "录音里没有禁忌")
    page.keyboard.press("Control+Enter")
    expect(page.locator("ol.timeline")).to_contain_text("录音里没有禁忌")
    expect(page.locator("h1 ~ b.big")).not_to_have_text("0")


def test_an_item_that_was_not_met_stays_so_where_it_is_left_ticked_w_8(console: Console, service: Service) -> None:
    path = disputed_review(service, failed=["taboos"])
    console.sign_in("supervisor", path)
    console.page.fill("[name=words]", "维持原判")
    console.page.keyboard.press("Control+Enter")
    expect(console.page.locator("ol.timeline")).to_contain_text("维持原判")
    expect(console.page.locator("h1 ~ b.big")).to_have_text("0")
    fact = service.get(f"/api/v1/facts/quality-reviews/{path.rpartition('/')[2]}", who="supervisor")
    assert fact["data"]["failed"] == ["taboos"]
