"""What falls due of a case's clocks: when the next thing happens, and what is to be recorded by a moment (D-3, D-4).

Everything is recorded once: what stands in the history is not due again. Recorded late, after days in which nobody
looked, it is the same in the same order; only a clock that has ended meanwhile warns and alerts nobody any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.agent.words import Rank
from domain.case import events as e
from domain.kernel import Event
from domain.time.clock import Clock, State, expired
from domain.time.deadlines import DeadlinePolicy
from domain.time.ladder import Person, next_alert, warned, whom
from domain.time.timing import Fact, Timing, advance, timing
from domain.values import AgentId

_AFTER = timedelta(microseconds=1)
"""At its due time a clock is still met; a breach is the moment after."""
Due = tuple[datetime, Event]
"""When something fell due, and the event that records it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who can be told of a case's clocks: the handler, the team, and the people with their presence."""

    handler: AgentId | None
    team: str | None
    people: Sequence[Person]


def next_moment(facts: Sequence[Fact], policies: Iterable[DeadlinePolicy]) -> datetime | None:
    """The `next_of` a case after its whole history. Raises NoDeadlinePolicy (D-3b)."""
    return next_of(timing(facts, policies))


def next_of(known: Timing) -> datetime | None:
    """The earliest moment at which something of a case is to be recorded that is not yet; None when nothing is.

    It may have passed. `falling_due` at that moment is never empty.
    """
    return min((moment for clock in known.clocks for moment in _moments(clock)), default=None)


def due_events(
    facts: Sequence[Fact], policies: Iterable[DeadlinePolicy], people: Sequence[Person], now: datetime
) -> list[Event]:
    """What is to be recorded of a case's clocks by now, in the order in which it fell due. Raises NoDeadlinePolicy."""
    return [event for _, event in falling_due(timing(facts, policies), people, now)]


def falling_due(known: Timing, people: Sequence[Person], now: datetime) -> list[Due]:
    """What is to be recorded of a case's clocks by now, each with the moment at which it fell due, in their order."""
    told = Told(handler=known.handler, team=known.about.team, people=people)
    found = [due for clock in known.clocks for due in _due(expired(clock, now), told) if due[0] <= now]
    return sorted(found, key=lambda due: due[0])


def deadlines_set(facts: Sequence[Fact], fact: Fact, policies: Iterable[DeadlinePolicy]) -> list[Event]:
    """D-3: the clocks that run and have another due time once a fact is added to a history. Raises NoDeadlinePolicy."""
    before = timing(facts, policies)
    after = {clock.key: clock for clock in advance(before, fact).clocks}
    return [_set(after[was.key]) for was in before.clocks if _is_set_anew(was, after[was.key])]


def _is_set_anew(was: Clock, now: Clock) -> bool:
    return now.stopped_at is None and now.due_at != was.due_at


# ---- when -----------------------------------------------------------------------------------------------------------
def _moments(clock: Clock) -> Iterator[datetime]:
    if clock.state is State.MET and clock.stopped_at and not clock.recorded:
        yield clock.stopped_at
    if clock.breached_at and not clock.recorded:
        yield clock.breached_at
    if clock.stopped_at is None:
        yield from _moments_open(clock)


def _moments_open(clock: Clock) -> Iterator[datetime]:
    if _to_warn(clock):
        yield clock.warn_at
    if clock.state is State.RUNNING:
        yield max(clock.due_at, clock.changed_at) + _AFTER
    if clock.breached_at:
        alert = next_alert(clock.policy.ladder, clock.breached_at, clock.levels, None, ())
        yield from [alert.at] if alert else []


def _to_warn(clock: Clock) -> bool:
    """A time put off is warned of anew; waiting keeps the warning back."""
    told = clock.warned_at is not None and clock.warned_at >= clock.warn_at
    waiting = clock.paused_since is not None and clock.paused_since < clock.warn_at
    return not told and not waiting


# ---- what -----------------------------------------------------------------------------------------------------------
def _due(clock: Clock, told: Told) -> Iterator[Due]:
    if clock.stopped_at is None and _to_warn(clock):
        yield clock.warn_at, _warned(clock, told)
    if clock.breached_at and not clock.recorded:
        yield clock.breached_at, _breached(clock, clock.breached_at, told)
    if clock.breached_at and clock.stopped_at is None:
        yield from _alerted(clock, clock.breached_at, told)
    if clock.state is State.MET and clock.stopped_at and not clock.recorded:
        yield clock.stopped_at, _met(clock, clock.stopped_at)


def _alerted(clock: Clock, breached_at: datetime, told: Told) -> Iterator[Due]:
    known = clock.levels
    while alert := next_alert(clock.policy.ladder, breached_at, known, told.team, told.people):
        known |= {alert.level}
        version, name, number = clock.key
        yield alert.at, e.Alerted(clock=name, number=number, policy=version, level=alert.level, to=alert.to)


def _warned(clock: Clock, told: Told) -> Event:
    version, name, number = clock.key
    return e.DeadlineWarned(
        clock=name,
        number=number,
        policy=version,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        to=warned(told.handler, told.team, told.people),
    )


def _breached(clock: Clock, breached_at: datetime, told: Told) -> Event:
    version, name, number = clock.key
    return e.DeadlineBreached(
        clock=name,
        number=number,
        kind=clock.policy.kind,
        policy=version,
        calendar=clock.calendar.version,
        due_at=clock.due_at,
        breached_at=breached_at,
        to=whom(Rank.SUPERVISOR, told.team, told.people),
    )


def _met(clock: Clock, stopped_at: datetime) -> Event:
    version, name, number = clock.key
    return e.DeadlineMet(
        clock=name,
        number=number,
        kind=clock.policy.kind,
        policy=version,
        calendar=clock.calendar.version,
        due_at=clock.due_at,
        stopped_at=stopped_at,
    )


def _set(clock: Clock) -> Event:
    version, name, number = clock.key
    return e.DeadlineSet(
        clock=name,
        number=number,
        kind=clock.policy.kind,
        policy=version,
        calendar=clock.calendar.version,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
    )
