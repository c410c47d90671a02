"""Laws of clocks and terms, on any history: judged again nothing changes, recorded once, a note moves nothing (D-3)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.case import events as e
from domain.case.words import Clock as ExtendedTerm
from domain.case.words import CustomerClass, Severity
from domain.kernel import Event
from domain.time.calendar import Calendar, Period, elapsed, share
from domain.time.clock import Clock, Key, State
from domain.time.deadlines import DeadlinePolicy
from domain.time.falling_due import deadlines_set, due_events, next_moment
from domain.time.terms import Ending, Term, Unit, counted_on, ends
from domain.time.timing import Fact, clocks, timing, unjudged
from tests.support import cases
from tests.support.clocks import PEOPLE, policy

FIRST = datetime(2026, 2, 6, tzinfo=UTC)
"""A week before the Spring Festival, with its holidays and the Saturdays worked instead."""
END = FIRST + timedelta(days=400)
HELD = [policy(), policy("uk-disp-1"), policy("uk-disp-payments-1"), policy("uk-hos-1")]
VERDICTS = {State.MET, State.BREACHED}


# ---- histories ------------------------------------------------------------------------------------------------------
def after(days: float) -> st.SearchStrategy[timedelta]:
    return st.integers(0, int(days * 24 * 60)).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def happened(draw: st.DrawFn, at: datetime) -> Event:
    """Anything that may be recorded at a moment, possible or not: what has happened cannot be rejected."""
    later, number = at + draw(after(6)) + timedelta(minutes=1), draw(st.integers(1, 2))
    return draw(
        st.sampled_from(
            [
                replace(cases.ACKNOWLEDGED, answer_by=draw(st.sampled_from([None, later]))),
                replace(cases.ANALYSED, severity=draw(st.sampled_from(Severity))),
                replace(cases.EXTENDED, clock=draw(st.sampled_from(ExtendedTerm)), until=later),
                replace(cases.PAUSED, since=at - draw(after(1))),
                replace(cases.RESUMED, resumed_at=at),
                replace(cases.PROMISED, number=number, due_at=later),
                replace(cases.ESCALATED, number=number, hear_back_by=later),
                replace(cases.ESCALATION_ANSWERED, number=number),
                replace(cases.INTERIM_REPLY, answer_by=later),
                *(cases.REASSIGNED, cases.CLARIFIED, cases.PROPOSED, cases.RESOLVED, cases.CALLED_BACK),
                *(cases.UNREACHED, cases.REOPENED, cases.WITHDRAWN, cases.MERGED, cases.CLOSED, cases.NOTED),
            ]
        )
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """A case that came some time before it was recorded, and what was recorded of it."""
    at = FIRST + draw(after(20))
    customer = replace(cases.RECEIVED.customer, customer_class=draw(st.sampled_from(CustomerClass)))
    came = replace(cases.RECEIVED, received_at=at - draw(after(1)), customer=customer, on_site=draw(st.booleans()))
    facts = [Fact(at, came)]
    for gap in draw(st.lists(after(2), max_size=8)):
        at += gap
        facts.append(Fact(at, draw(happened(at))))
    return facts


def judged(facts: Sequence[Fact], now: datetime, policies: Sequence[DeadlinePolicy] = HELD) -> dict[Key, Clock]:
    return {clock.key: clock for clock in clocks(facts, policies, now)}


def verdicts(facts: Sequence[Fact], now: datetime, policies: Sequence[DeadlinePolicy] = HELD) -> dict[Key, object]:
    found = judged(facts, now, policies)
    return {key: (clock.state, clock.due_at) for key, clock in found.items() if clock.state in VERDICTS}


def scheduled(facts: Sequence[Fact], runs: Sequence[datetime]) -> list[Fact]:
    """The history as it is with a scheduler that looked at these moments."""
    known: list[Fact] = []
    looks = sorted(runs)
    for fact in [*facts, None]:
        while looks and (fact is None or looks[0] < fact.at):
            now = looks.pop(0)
            if known:
                known += [Fact(now, event) for event in due_events(known, HELD, PEOPLE, now)]
        known += [fact] if fact else []
    return known


RUNS = st.lists(after(60).map(lambda later: FIRST + later), max_size=4)


# ---- judging --------------------------------------------------------------------------------------------------------
@given(histories(), after(10))
def test_what_comes_later_changes_no_verdict(facts: list[Fact], more: timedelta) -> None:
    standing: dict[Key, object] = {}
    for count in range(1, len(facts) + 1):
        found = verdicts(facts[:count], facts[count - 1].at)
        assert standing.items() <= found.items()
        standing = found
    assert standing.items() <= verdicts(facts, facts[-1].at + more).items()


@given(histories(), RUNS)
def test_when_the_scheduler_looks_changes_no_verdict(facts: list[Fact], runs: list[datetime]) -> None:
    assert verdicts(scheduled(facts, [*runs, END]), END) == verdicts(facts, END)


@given(histories(), RUNS)
def test_another_policy_changes_no_recorded_verdict(facts: list[Fact], runs: list[datetime]) -> None:
    told = scheduled(facts, runs)
    recorded = {key: clock.state for key, clock in judged(told, END).items() if clock.recorded}
    calmer = [replace(held, warn_percent=50) for held in HELD]
    others = [replace(held, version=f"{held.version}-b", valid_from=date(2026, 1, 1)) for held in calmer]
    again = judged(told, END, [*HELD, *others])
    assert recorded.items() <= {key: clock.state for key, clock in again.items()}.items()


@given(histories(), RUNS)
def test_what_was_recorded_can_be_taken_away_to_judge_anew(facts: list[Fact], runs: list[datetime]) -> None:
    assert unjudged(scheduled(facts, runs)) == facts


@given(histories(), st.integers(0, 8), after(1))
def test_a_note_moves_nothing(facts: list[Fact], place: int, later: timedelta) -> None:
    """D-3b."""
    noted = [*facts[: place + 1], Fact(facts[min(place, len(facts) - 1)].at, cases.NOTED), *facts[place + 1 :]]
    assert timing(noted, HELD) == timing(facts, HELD)
    assert judged(noted, facts[-1].at + later) == judged(facts, facts[-1].at + later)


@given(histories())
def test_an_extension_never_shortens_and_waiting_never_hurries(facts: list[Fact]) -> None:
    now = facts[-1].at
    before = {key: clock.due_at for key, clock in judged(facts, now).items() if clock.state is State.RUNNING}
    waited = [
        *facts,
        Fact(now, replace(cases.PAUSED, since=now)),
        Fact(now + timedelta(days=1), replace(cases.RESUMED, resumed_at=now + timedelta(days=1))),
    ]
    for term in ExtendedTerm:
        for moved in ([*facts, Fact(now, replace(cases.EXTENDED, clock=term, until=now + timedelta(days=2)))], waited):
            later = judged(moved, now)
            assert all(later[key].due_at >= due_at for key, due_at in before.items())


# ---- recording ------------------------------------------------------------------------------------------------------
@given(histories(), RUNS)
def test_everything_is_recorded_once(facts: list[Fact], runs: list[datetime]) -> None:
    told = [fact.event for fact in scheduled(facts, [*runs, END])]
    once = Counter(
        (type(event), event.policy, event.clock, event.number, getattr(event, "level", 0))
        for event in told
        if isinstance(event, e.DeadlineBreached | e.DeadlineMet | e.Alerted)
    )
    assert set(once.values()) <= {1}
    assert due_events(scheduled(facts, [*runs, END]), HELD, PEOPLE, END) == []


@given(histories())
def test_every_verdict_is_recorded(facts: list[Fact]) -> None:
    told = judged(scheduled(facts, [END]), END)
    assert all(clock.recorded for clock in told.values() if clock.state in VERDICTS)


@given(histories(), RUNS)
def test_how_often_one_looks_changes_neither_what_is_recorded_nor_its_order(
    facts: list[Fact], runs: list[datetime]
) -> None:
    looks = [facts[-1].at + (run - FIRST) + timedelta(microseconds=1) for run in runs]
    often = scheduled(facts, [*looks, END])
    assert often[len(facts) :] == [
        Fact(told.at, event) for told, event in zip(often[len(facts) :], _at_once(facts), strict=True)
    ]


def _at_once(facts: Sequence[Fact]) -> list[Event]:
    return due_events(facts, HELD, PEOPLE, END)


@given(histories(), RUNS)
def test_the_next_moment_is_the_first_at_which_something_is_due(facts: list[Fact], runs: list[datetime]) -> None:
    told = scheduled(facts, runs)
    moment = next_moment(told, HELD)
    if moment is None:
        assert due_events(told, HELD, PEOPLE, END) == []
        return
    assert due_events(told, HELD, PEOPLE, moment) != []
    assert due_events(told, HELD, PEOPLE, moment - timedelta(microseconds=1)) == []


@given(histories())
def test_a_time_set_anew_is_the_one_that_runs(facts: list[Fact]) -> None:
    *earlier, last = facts
    # a time set to one that has passed has run out at once
    running = judged(facts, last.at)
    for event in deadlines_set(earlier, last, HELD):
        assert isinstance(event, e.DeadlineSet)
        clock = running[event.policy, event.clock, event.number]
        assert (event.due_at, event.warn_at, event.started_at) == (clock.due_at, clock.warn_at, clock.started_at)


# ---- terms ----------------------------------------------------------------------------------------------------------
CHINA, ENGLAND = policy().calendar, policy("uk-disp-1").calendar
CALENDARS = st.sampled_from([CHINA, ENGLAND])
STARTS = after(700).map(lambda later: FIRST + later)
TIMES = st.sampled_from([Unit.WORKING_MINUTES, Unit.MINUTES])
DAYS = st.sampled_from([Unit.WORKING_DAYS, Unit.DAYS, Unit.MONTHS])


@st.composite
def terms_of_days(draw: st.DrawFn) -> Term:
    ending = draw(st.sampled_from(Ending))
    first = ending is Ending.END_OF_DAY and draw(st.booleans())
    return Term(Decimal(draw(st.integers(0, 12))), draw(DAYS), ending, first)


@given(CALENDARS, STARTS, TIMES, st.integers(0, 3000))
def test_what_passes_until_a_term_ends_is_the_term(
    calendar: Calendar, start: datetime, unit: Unit, minutes: int
) -> None:
    until = ends(calendar, start, Term(Decimal(minutes), unit))
    assert elapsed(counted_on(calendar, unit), start, until) == timedelta(minutes=minutes)


@given(CALENDARS, STARTS, terms_of_days(), st.integers(0, 6))
def test_more_days_never_end_earlier_nor_before_the_start(
    calendar: Calendar, start: datetime, term: Term, more: int
) -> None:
    until = ends(calendar, start, term)
    assert start <= until <= ends(calendar, start, replace(term, count=term.count + more))


@given(CALENDARS, STARTS, after(20), terms_of_days())
def test_a_later_start_never_ends_earlier_with_its_day(
    calendar: Calendar, start: datetime, later: timedelta, term: Term
) -> None:
    assume(term.ending is Ending.END_OF_DAY)
    assert ends(calendar, start, term) <= ends(calendar, start + later, term)


@given(CALENDARS, STARTS, terms_of_days(), after(30), after(9))
def test_waiting_moves_the_end_by_what_it_holds_at_the_least(
    calendar: Calendar, start: datetime, term: Term, before: timedelta, length: timedelta
) -> None:
    wait = Period(start + before, start + before + length)
    without, waited = ends(calendar, start, term), ends(calendar, start, term, [wait])
    counted = counted_on(calendar, term.unit)
    assert waited >= without
    if wait.start < without:
        assert elapsed(counted, without, waited) >= elapsed(counted, wait.start, wait.end)
    else:
        assert waited == without


@given(CALENDARS, STARTS, after(30), st.integers(1, 99), st.integers(0, 50))
def test_the_warning_lies_within_and_a_greater_share_is_never_earlier(
    calendar: Calendar, start: datetime, length: timedelta, percent: int, more: int
) -> None:
    end = start + length
    assert (
        start
        <= share(calendar, start, end, percent, ())
        <= share(calendar, start, end, min(percent + more, 100), ())
        <= end
    )
