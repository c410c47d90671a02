"""What is recorded of clocks, when, and to whom it is told (D-3, D-3d, D-4). March 2026: Friday is the 6th."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from domain.agent.words import Rank
from domain.case import events as e
from domain.case.words import ClockKind, Severity
from domain.kernel import Event
from domain.time.falling_due import deadlines_set, due_events, next_moment
from domain.time.ladder import Alert, Person, next_alert, warned, whom
from domain.time.timing import Fact
from domain.values import AgentId
from tests.support import cases
from tests.support.cases import COLLEAGUE, HOUR, OTHER_SUPERVISOR, OWNER, SUPERVISOR
from tests.support.clocks import (
    PEOPLE,
    analysed,
    extended,
    fact,
    moment,
    paused,
    policy,
    promised,
    received,
    recorded,
    resumed,
    shown,
)

FRIDAY = "2026-03-06T16:30"
MANAGER, HEAD = AgentId("m1"), AgentId("h1")
ONLY_PROMISES = replace(policy(), clocks=tuple(rule for rule in policy().clocks if rule.name == "promise"))
PROMISED = [received(FRIDAY), promised(FRIDAY, "2026-03-06T18:30")]
"""Two hours, of which 96 minutes have passed at 18:06."""


def absent(*ids: str) -> list[Person]:
    return [replace(person, present=person.id not in ids) for person in PEOPLE]


def due(facts: Sequence[Fact], now: str, people: Sequence[Person] = PEOPLE) -> list[Event]:
    return due_events(facts, [ONLY_PROMISES], people, moment(now))


def then(facts: Sequence[Fact], now: str, people: Sequence[Person] = PEOPLE) -> list[Fact]:
    """The history with what was due recorded."""
    return [*facts, *recorded(now, *due(facts, now, people))]


def following(facts: Sequence[Fact]) -> str:
    return shown(next_moment(facts, [ONLY_PROMISES]))


WARNED = e.DeadlineWarned(
    clock="promise",
    number=1,
    policy="default-1",
    warn_at=moment("2026-03-06T18:06"),
    due_at=moment("2026-03-06T18:30"),
    to=OWNER.id,
)
BREACHED = e.DeadlineBreached(
    clock="promise",
    number=1,
    kind=ClockKind.INTERNAL,
    policy="default-1",
    calendar="every hour of Asia/Shanghai",
    due_at=moment("2026-03-06T18:30"),
    breached_at=moment("2026-03-06T18:30"),
    to=SUPERVISOR.id,
)
ALERTED = [
    e.Alerted(clock="promise", number=1, policy="default-1", level=level, to=to)
    for level, to in ((1, SUPERVISOR.id), (2, MANAGER), (3, HEAD))
]


# ---- the order of things --------------------------------------------------------------------------------------------
def test_nothing_is_due_before_its_time() -> None:
    assert due(PROMISED, "2026-03-06T18:05") == []
    assert following(PROMISED) == "2026-03-06T18:06"


def test_the_handler_is_warned_once_at_four_fifths() -> None:
    """D-4."""
    assert due(PROMISED, "2026-03-06T18:06") == [WARNED]
    told = then(PROMISED, "2026-03-06T18:06")
    assert due(told, "2026-03-06T18:30") == []
    assert next_moment(told, [ONLY_PROMISES]) == moment("2026-03-06T18:30:00.000001")


def test_a_breach_is_recorded_once_and_tells_a_supervisor() -> None:
    """D-4: the moment after the due time."""
    told = then(PROMISED, "2026-03-06T18:06")
    assert due(told, "2026-03-06T18:30:00.000001") == [BREACHED]
    told = then(told, "2026-03-06T18:30:00.000001")
    assert due(told, "2026-03-06T19:29") == []
    assert following(told) == "2026-03-06T19:30"


def test_the_ladder_climbs_after_one_four_and_twenty_four_hours() -> None:
    """D-3d."""
    told = then(PROMISED, "2026-03-06T18:31")
    for now, alerted in zip(("2026-03-06T19:30", "2026-03-06T22:30", "2026-03-07T18:30"), ALERTED, strict=True):
        assert following(told) == now
        assert due(told, now) == [alerted]
        told = then(told, now)
    assert next_moment(told, [ONLY_PROMISES]) is None
    assert due(told, "2027-01-01T00:00") == []


def test_after_days_in_which_nobody_looked_everything_is_recorded_in_order() -> None:
    assert due(PROMISED, "2026-03-20T10:00") == [WARNED, BREACHED, *ALERTED]
    assert due(then(PROMISED, "2026-03-20T10:00"), "2026-03-31T10:00") == []


def test_what_falls_due_of_several_clocks_comes_in_the_order_of_the_moments() -> None:
    facts = [received(FRIDAY), promised(FRIDAY, "2026-03-06T20:30"), promised(FRIDAY, "2026-03-06T18:30", number=2)]
    found = [(event.topic, getattr(event, "number", 0)) for event in due(facts, "2026-03-06T20:00")]
    assert found == [
        ("case.deadline_warned", 2),
        ("case.deadline_breached", 2),
        ("case.alerted", 2),
        ("case.deadline_warned", 1),
    ]


def test_a_clock_that_was_met_is_recorded_so_once() -> None:
    """D-3c: the verdict is a fact of its own."""
    facts = [*PROMISED, fact("2026-03-06T18:10", cases.RESOLVED)]
    met = e.DeadlineMet(
        clock="promise",
        number=1,
        kind=ClockKind.INTERNAL,
        policy="default-1",
        calendar="every hour of Asia/Shanghai",
        due_at=moment("2026-03-06T18:30"),
        stopped_at=moment("2026-03-06T18:10"),
    )
    assert following(facts) == "2026-03-06T18:10"
    assert due(facts, "2026-03-06T18:10") == [met]
    told = then(facts, "2026-03-06T18:10")
    assert (due(told, "2026-03-31T10:00"), next_moment(told, [ONLY_PROMISES])) == ([], None)


def test_what_came_too_late_is_a_breach_and_alerts_nobody_any_more() -> None:
    facts = [*PROMISED, fact("2026-03-06T19:00", cases.RESOLVED)]
    assert following(facts) == "2026-03-06T18:30"
    assert due(facts, "2026-03-31T10:00") == [BREACHED]
    told = then(facts, "2026-03-31T10:00")
    assert (due(told, "2026-04-30T10:00"), next_moment(told, [ONLY_PROMISES])) == ([], None)


def test_what_was_given_up_is_recorded_as_nothing() -> None:
    facts = [*PROMISED, fact("2026-03-06T18:00", cases.WITHDRAWN)]
    assert (due(facts, "2026-03-31T10:00"), next_moment(facts, [ONLY_PROMISES])) == ([], None)


def test_while_a_case_waits_nothing_falls_due() -> None:
    resolving = [replace(policy(), clocks=tuple(rule for rule in policy().clocks if rule.name == "resolve"))]
    facts = [received(FRIDAY), paused("2026-03-09T10:00")]
    assert next_moment(facts, resolving) is None
    assert due_events(facts, resolving, PEOPLE, moment("2026-03-31T10:00")) == []
    assert shown(next_moment([*facts, resumed("2026-03-10T10:00")], resolving)) == "2026-03-12T10:42"  # 8 h later


def test_waiting_after_the_warning_was_due_keeps_it_back_no_more() -> None:
    resolving = [replace(policy(), clocks=tuple(rule for rule in policy().clocks if rule.name == "resolve"))]
    facts = [received(FRIDAY), paused("2026-03-11T11:00")]
    assert shown(next_moment(facts, resolving)) == "2026-03-11T10:42"
    [told] = due_events(facts, resolving, PEOPLE, moment("2026-03-31T10:00"))
    assert isinstance(told, e.DeadlineWarned)


def test_a_time_put_off_is_warned_of_anew_but_a_nearer_one_is_not() -> None:
    resolving = [replace(policy(), clocks=tuple(rule for rule in policy().clocks if rule.name == "resolve"))]
    facts = [received(FRIDAY)]
    told = [*facts, *recorded("2026-03-11T11:00", *due_events(facts, resolving, PEOPLE, moment("2026-03-11T11:00")))]
    put_off = [*told, extended("2026-03-11T12:00", "2026-03-20T18:00")]
    [again] = due_events(put_off, resolving, PEOPLE, moment("2026-03-20T12:00"))
    assert isinstance(again, e.DeadlineWarned)
    assert shown(again.due_at) == "2026-03-20T18:00"
    nearer = [*told, analysed("2026-03-11T12:00", Severity.CRITICAL)]
    assert [event.topic for event in due_events(nearer, resolving, PEOPLE, moment("2026-03-11T12:30"))] == [
        "case.deadline_breached"
    ]


# ---- set anew -------------------------------------------------------------------------------------------------------
def test_an_analysis_sets_the_times_it_changes() -> None:
    """D-3: minor: one working day; the other clocks go by no severity."""
    expected = e.DeadlineSet(
        clock="resolve",
        number=1,
        kind=ClockKind.INTERNAL,
        policy="default-1",
        calendar="default-1",
        started_at=moment(FRIDAY),
        due_at=moment("2026-03-09T16:30"),
        warn_at=moment("2026-03-09T14:54"),  # of 8 hours 6:24: 1:30 on Friday, 3 before lunch, 1:54 after
    )
    assert deadlines_set([received(FRIDAY)], analysed("2026-03-06T17:00", Severity.MINOR), [policy()]) == [expected]


@pytest.mark.parametrize(
    "event",
    [
        fact("2026-03-06T17:00", cases.ANALYSED),
        fact("2026-03-06T17:00", cases.NOTED),
        fact("2026-03-06T17:00", cases.ACKNOWLEDGED),
        paused("2026-03-06T17:00"),
        analysed("2026-03-12T17:00", Severity.MAJOR),
    ],
    ids=["as it counted before", "a note", "a stop", "a waiting that goes on", "after the breach"],
)
def test_what_changes_no_time_sets_none(event: Fact) -> None:
    assert deadlines_set([received(FRIDAY)], event, [policy()]) == []


def test_what_was_set_is_on_record_and_holds_the_policy_by_which_it_was() -> None:
    """D-3c: a version published later for the same days changes nothing for this case."""
    facts = [received(FRIDAY)]
    event = analysed("2026-03-06T17:00", Severity.MINOR)
    told = [*facts, event, *recorded("2026-03-06T17:00", *deadlines_set(facts, event, [policy()]))]
    later = replace(policy(), version="default-2", warn_percent=10)
    assert next_moment([*facts, event], [policy(), later]) == next_moment([*facts, event], [later])
    assert next_moment(told, [policy(), later]) == next_moment([*facts, event], [policy()])


def test_what_stops_while_it_waits_is_not_set_anew() -> None:
    waiting = [received(FRIDAY), paused("2026-03-06T17:00")]
    assert deadlines_set(waiting, fact("2026-03-09T10:00", cases.ACKNOWLEDGED), [policy()]) == []
    found = deadlines_set(waiting, fact("2026-03-09T10:00", cases.CLOSED), [policy()])
    assert [event.clock for event in found if isinstance(event, e.DeadlineSet)] == ["acknowledge", "answer", "resolve"]


def test_a_receipt_sets_nothing_it_is_the_one_event_of_its_command() -> None:
    assert deadlines_set([], received(FRIDAY), [policy()]) == []


def test_the_end_of_a_waiting_sets_what_waited() -> None:
    found = deadlines_set([received(FRIDAY), paused("2026-03-06T17:00")], resumed("2026-03-09T10:00"), [policy()])
    assert [(event.clock, shown(event.due_at)) for event in found if isinstance(event, e.DeadlineSet)] == [
        ("acknowledge", "2026-03-09T11:30"),
        ("answer", "2026-03-10T09:30"),
        ("resolve", "2026-03-12T09:30"),
    ]


# ---- who is told ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rank", "team", "away", "to"),
    [
        (Rank.SUPERVISOR, "t1", [], "s1"),
        (Rank.SUPERVISOR, "t2", [], "s2"),
        (Rank.SUPERVISOR, None, [], "s1"),  # of no team: by number
        (Rank.SUPERVISOR, "t1", ["s1"], "s2"),  # a substitute of the same rank, before a manager
        (Rank.SUPERVISOR, "t1", ["s1", "s2"], "m1"),  # the next rank
        (Rank.SUPERVISOR, "t1", ["s1", "s2", "m1"], "h1"),
        (Rank.MANAGER, "t1", [], "m1"),
        (Rank.MANAGER, "t1", ["m1"], "h1"),  # never downwards
        (Rank.HEAD, "t1", [], "h1"),
        (Rank.HEAD, "t1", ["h1"], None),  # the head's queue
        (Rank.SUPERVISOR, "t1", ["s1", "s2", "m1", "h1"], None),
    ],
)
def test_who_is_away_is_skipped(rank: Rank, team: str | None, away: list[str], to: str | None) -> None:
    """D-3d."""
    assert whom(rank, team, absent(*away)) == to


@pytest.mark.parametrize(
    ("handler", "away", "to"),
    [
        (OWNER.id, [], OWNER.id),
        (OWNER.id, [OWNER.id], SUPERVISOR.id),
        (COLLEAGUE.id, [], SUPERVISOR.id),  # not among the people: gone
        (None, [], SUPERVISOR.id),
        (None, [SUPERVISOR.id], OTHER_SUPERVISOR.id),
    ],
)
def test_a_warning_reaches_somebody_who_is_there(handler: AgentId | None, away: list[str], to: str) -> None:
    assert warned(handler, "t1", absent(*away)) == to


def test_nobody_there_is_an_alert_to_the_heads_queue_never_silence() -> None:
    """D-3d."""
    told = due(PROMISED, "2026-03-20T10:00", [])
    assert told == [
        replace(WARNED, to=None),
        replace(BREACHED, to=None),
        *(replace(alerted, to=None) for alerted in ALERTED),
    ]


def test_the_handler_at_that_moment_is_warned() -> None:
    here = [*PEOPLE, Person(id=COLLEAGUE.id, rank=None, team="t1", present=True)]
    facts = [*PROMISED, fact("2026-03-06T17:00", cases.REASSIGNED)]
    assert due(facts, "2026-03-06T18:06", here) == [replace(WARNED, to=COLLEAGUE.id)]


def test_the_next_rung_is_the_first_that_was_not_told() -> None:
    ladder, breached_at = policy().ladder, moment(FRIDAY)
    assert next_alert(ladder, breached_at, [], "t1", PEOPLE) == Alert(level=1, at=breached_at + HOUR, to=SUPERVISOR.id)
    assert next_alert(ladder, breached_at, [1], "t1", PEOPLE) == Alert(level=2, at=breached_at + 4 * HOUR, to=MANAGER)
    assert next_alert(ladder, breached_at, [1, 3], "t1", PEOPLE) == Alert(
        level=2, at=breached_at + 4 * HOUR, to=MANAGER
    )
    assert next_alert(ladder, breached_at, [1, 2, 3], "t1", PEOPLE) is None
    assert next_alert((), breached_at, [], "t1", PEOPLE) is None
