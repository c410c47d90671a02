"""W-2 to W-5, W-7, W-9: facts recorded in one go, their refusals, corrections and withdrawal."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.intake import tariffs
from domain.kernel import Event
from domain.values import FIRST_TARIFF_DAY, Month
from domain.work import events as e
from domain.work import facts
from domain.work import recorded as r
from domain.work.refusals import AboutYou
from domain.work.words import CallKind, PhoneTestShift
from tests.support.cases import COLLEAGUE, DAY, HOUR, NOW, OWNER, SUPERVISOR, TODAY, sealed
from tests.support.spec import Given, given_of

MAY, JUNE = Month(2024, 5), Month(2024, 6)
MINUTE = timedelta(minutes=1)
CALLBACK = e.CallbackMade(agent=OWNER.id, at=NOW, reached=True, member_name=sealed("name"))
TALLY = e.CallbacksTallied(agent=OWNER.id, month=MAY, count=75, full_weeks=3)
SUMMARY = e.SummaryHandedIn(agent=OWNER.id, week=TODAY, words=sealed("a quiet week"))
EXAM = e.ExamTaken(agent=OWNER.id, month=MAY, typing=Decimal(80), knowledge=Decimal("92.5"), service=Decimal(100))
TEST = e.PhoneTested(agent=OWNER.id, shift=PhoneTestShift.EARLY, at=NOW, ok=True)
FAULT = e.PhoneFaultReported(at=NOW)
MISSED = e.MissedCallLogged(at=NOW)
SHORTAGE = e.PointsShortageFound(at=NOW, order_agent=OWNER.id, duty_agent=COLLEAGUE.id, points=3)
CALL = e.CallRecorded(
    began_at=NOW - HOUR,
    rings=2,
    answered_at=NOW - HOUR + MINUTE,
    holds=(e.Hold(began_at=NOW - HOUR + 2 * MINUTE, ended_at=NOW - HOUR + 3 * MINUTE),),
    ended_at=NOW - HOUR + 4 * MINUTE,
    kind=CallKind.BOOKING,
    agent=OWNER.id,
    external_ref="tel-1",
)
WITHDRAWN = e.FactWithdrawn(reason=sealed("another line"))


def given(*history: Event) -> Given[r.WorkFact]:
    return given_of(r.WORK_FACT, *history)


Decide = Callable[..., list[Event]]
SIMPLE: list[tuple[Decide, Any, str]] = [
    (r.make_callback, CALLBACK, "W-2"),
    (r.record_phone_test, TEST, "W-4"),
    (r.report_fault, FAULT, "W-4"),
    (r.log_missed_call, MISSED, "W-5"),
    (r.find_shortage, SHORTAGE, "W-7"),
]
MONTHLY: list[tuple[Decide, Any, str]] = [(r.tally_callbacks, TALLY, "W-2"), (r.take_exam, EXAM, "W-3")]
CALLS: list[tuple[Decide, Any, str]] = [(r.record_call, CALL, "W-9")]


@pytest.mark.parametrize(("decide", "event", "rule"), SIMPLE + MONTHLY + CALLS)
def test_a_fact_is_recorded_and_after_a_withdrawal_again(decide: Decide, event: Event, rule: str) -> None:
    del rule
    given().when(decide, event, NOW).then(event)
    given(event, WITHDRAWN).when(decide, event, NOW).then(event)
    assert not given(event, WITHDRAWN, event).state.withdrawn


@pytest.mark.parametrize(("decide", "event", "rule"), SIMPLE)
def test_a_fact_is_recorded_once_and_not_ahead_of_its_time(decide: Decide, event: Any, rule: str) -> None:
    given(event).when(decide, event, NOW).then_refused("already_recorded", rule, "withdrawn first")
    ahead = replace(event, at=NOW + DAY)
    given().when(decide, ahead, NOW).then_refused("invalid", rule, "in the future", "/at")


@pytest.mark.parametrize(("decide", "event", "rule"), SIMPLE + MONTHLY)
def test_what_no_tariff_speaks_of_is_no_fact(decide: Decide, event: Any, rule: str) -> None:
    """The default tariff holds from 2000-01-01 (part 5), where local days count."""
    monthly = hasattr(event, "month")
    first = datetime(1999, 12, 31, 16, tzinfo=UTC)
    in_time = replace(event, month=Month(2000, 1)) if monthly else replace(event, at=first)
    before = replace(event, month=Month(1999, 12)) if monthly else replace(event, at=first - timedelta(seconds=1))
    given().when(decide, in_time, NOW).then(in_time)
    pointer = "/month" if monthly else "/at"
    given().when(decide, before, NOW).then_refused("invalid", rule, "before 2000-01-01, the first day", pointer)


def test_no_tariff_begins_before_the_first_day_of_facts() -> None:
    assert tariffs.shipped().valid_from == FIRST_TARIFF_DAY


# ---- W-2, W-3 -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("decide", "event", "rule"), MONTHLY)
def test_another_account_of_a_month_is_a_correction_with_a_reason(decide: Decide, event: Any, rule: str) -> None:
    other = replace(event, count=80) if isinstance(event, e.CallbacksTallied) else replace(event, typing=Decimal(1))
    given(event).when(decide, event, NOW).then()
    given(event).when(decide, replace(event, reason=sealed("again")), NOW).then()
    given(event).when(decide, other, NOW).then_refused("already_recorded", rule, "give the reason")
    corrected = replace(other, reason=sealed("misread"))
    given(event).when(decide, corrected, NOW).then(corrected)
    given(event, corrected).when(decide, other, NOW).then()


@pytest.mark.parametrize("event", [replace(TALLY, full_weeks=None), EXAM])
def test_nobody_gives_another_account_of_their_own_month_l_0(event: Any) -> None:
    other = replace(event, count=80) if isinstance(event, e.CallbacksTallied) else replace(event, typing=Decimal(1))
    with pytest.raises(AboutYou, match="your own work"):
        r.permit_account(given(event).state, other, OWNER)
    for history, said, by in (
        ((), event, OWNER),
        ((event,), replace(event, reason=sealed("again")), OWNER),
        ((event, WITHDRAWN), other, OWNER),
        ((event,), other, SUPERVISOR),
    ):
        r.permit_account(given(*history).state, said, by)
    r.permit_account(given(SUMMARY).state, SUMMARY, OWNER)


def test_nobody_says_of_themselves_how_many_weeks_they_worked_w_2() -> None:
    weeks = replace(TALLY, full_weeks=0)
    with pytest.raises(AboutYou, match="first and last day") as refused:
        r.permit_account(given().state, weeks, OWNER)
    assert (refused.value.rule, refused.value.pointer) == ("W-2", "/full_weeks")
    r.permit_account(given().state, weeks, SUPERVISOR)
    r.permit_account(given(weeks).state, weeks, OWNER)


@pytest.mark.parametrize(("decide", "event", "rule"), MONTHLY)
def test_a_month_that_has_not_begun_has_no_facts(decide: Decide, event: Any, rule: str) -> None:
    outcome = given().when(decide, replace(event, month=JUNE), NOW)
    outcome.then_refused("invalid", rule, "2024-06 has not begun", "/month")
    # local months: in Shanghai June has begun while it is still May in UTC
    last_of_may = NOW.replace(month=5, day=31, hour=16)
    given().when(decide, replace(event, month=JUNE), last_of_may).then(replace(event, month=JUNE))


@pytest.mark.parametrize("part", ["typing", "knowledge", "service"])
@pytest.mark.parametrize("score", [Decimal(101), Decimal("100.01"), Decimal("-0.01")])
def test_each_part_of_an_exam_is_0_to_100_w_3(part: str, score: Decimal) -> None:
    beyond = replace(EXAM, **{part: score})  # type: ignore[arg-type]
    given().when(r.take_exam, beyond, NOW).then_refused("invalid", "W-3", "0 to 100", f"/{part}")
    for edge in (Decimal(0), Decimal(100)):
        within = replace(EXAM, **{part: edge})  # type: ignore[arg-type]
        given().when(r.take_exam, within, NOW).then(within)


def test_a_summary_is_of_a_week_from_monday_and_the_last_one_holds_w_2() -> None:
    given(SUMMARY).when(r.hand_in_summary, SUMMARY, NOW).then(SUMMARY)
    tuesday = replace(SUMMARY, week=TODAY + DAY)
    given().when(r.hand_in_summary, tuesday, NOW).then_refused("invalid", "W-2", "its Monday", "/week")
    coming = replace(SUMMARY, week=date(2024, 5, 13))
    given().when(r.hand_in_summary, coming, NOW).then_refused("invalid", "W-2", "in the future", "/week")


def test_version_1_of_a_callback_named_the_member_beside_what_it_sealed_alone_w_2() -> None:
    called = {"agent": OWNER.id, "reached": True}
    named = {**called, "phone": {"subject": "p1", "box": ""}}
    assert e.CallbackMade.upcast(named, 1) == {**named, "subject": "p1"}
    assert e.CallbackMade.upcast(called, 1) == {**called, "subject": None}


# ---- W-7, W-9 -------------------------------------------------------------------------------------------------------
def test_a_shortage_is_of_one_point_or_more_w_7() -> None:
    outcome = given().when(r.find_shortage, replace(SHORTAGE, points=0), NOW)
    outcome.then_refused("invalid", "W-7", "1 or more", "/points")


def test_the_same_call_again_is_nothing_and_another_account_of_it_is_refused_w_9() -> None:
    given(CALL).when(r.record_call, CALL, NOW).then()
    outcome = given(CALL).when(r.record_call, replace(CALL, rings=3), NOW)
    outcome.then_refused("already_recorded", "W-9", "withdrawn first")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ended_at": NOW + DAY}, "/ended_at"),
        ({"answered_at": NOW - 2 * HOUR}, "/answered_at"),
        ({"answered_at": None}, "/holds"),
        ({"holds": (e.Hold(began_at=NOW - 2 * HOUR, ended_at=NOW),)}, "/holds/0/began_at"),
        ({"holds": (*CALL.holds, *CALL.holds)}, "/holds/1/began_at"),
        ({"holds": (e.Hold(began_at=NOW - HOUR + 3 * MINUTE, ended_at=NOW - HOUR),)}, "/holds/0/ended_at"),
        ({"holds": (), "ended_at": NOW - HOUR}, "/ended_at"),
    ],
)
def test_the_times_of_a_call_follow_each_other_w_9(change: dict[str, Any], pointer: str) -> None:
    outcome = given().when(r.record_call, replace(CALL, **change), NOW)
    outcome.then_refused("invalid", "W-9", "", pointer)


def test_a_call_nobody_took_w_9() -> None:
    unanswered = replace(CALL, answered_at=None, holds=())
    given().when(r.record_call, unanswered, NOW).then(unanswered)


# ---- what the ledgers see -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("event", "fact"),
    [
        (TALLY, facts.MemberCallbacks(month=MAY, agent=OWNER.id, count=75, full_weeks=3)),
        (
            EXAM,
            facts.Exam(month=MAY, agent=OWNER.id, typing=Decimal(80), knowledge=Decimal("92.5"), service=Decimal(100)),
        ),
        (MISSED, facts.MissedCall(at=NOW)),
        (FAULT, facts.PhoneFault(at=NOW)),
        (replace(FAULT, found_in_time=True), None),
        (SHORTAGE, facts.PointsShortage(at=NOW, order_agent=OWNER.id, duty_agent=COLLEAGUE.id, points=3)),
        (CALLBACK, None),
        (SUMMARY, None),
        (TEST, None),
        (CALL, None),
    ],
)
def test_the_fact_the_ledgers_see(event: Event, fact: facts.Fact | None) -> None:
    assert given(event).state.fact() == fact
    assert given(event, WITHDRAWN).state.fact() is None


def test_nothing_is_nobodys_fact() -> None:
    assert given().state.fact() is None
    assert given(EXAM, DAY_OFF).state == given(EXAM).state


DAY_OFF = e.ReportedBack(at=NOW)


@pytest.mark.parametrize(
    ("event", "agents"),
    [
        (EXAM, {OWNER.id}),
        (SHORTAGE, {OWNER.id, COLLEAGUE.id}),
        (TEST, {OWNER.id}),
        (MISSED, set()),
        (FAULT, set()),
        (CALL, {OWNER.id}),
        (replace(CALL, agent=None), set()),
    ],
)
def test_whose_fact_it_is(event: Event, agents: set[str]) -> None:
    assert given(event).state.agents == agents
    assert given().state.agents == set()


# ---- withdrawal -----------------------------------------------------------------------------------------------------
def test_a_fact_is_withdrawn_once_and_not_by_whom_it_is_about() -> None:
    given(EXAM).when(r.withdraw, WITHDRAWN, SUPERVISOR).then(WITHDRAWN)
    given(EXAM, WITHDRAWN).when(r.withdraw, WITHDRAWN, SUPERVISOR).then()
    given(EXAM).when(r.withdraw, WITHDRAWN, OWNER).then_refused("about_you", "L-0", "somebody else")
    given().when(r.withdraw, WITHDRAWN, SUPERVISOR).then_refused("not_found", None, "no such fact")
    # whoever was on duty when a call was missed has a line by it
    given(MISSED).when(r.withdraw, WITHDRAWN, SUPERVISOR, (OWNER.id, SUPERVISOR.id)).then_refused(
        "about_you", "L-0", "somebody else"
    )
    given(MISSED).when(r.withdraw, WITHDRAWN, SUPERVISOR, (OWNER.id,)).then(WITHDRAWN)
