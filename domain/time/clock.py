"""One clock of a case: when it is due, when it warns, how it stands, and the sum behind it (D-3, D-3c, D-4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kernel import changed
from domain.time.calendar import Calendar, Period, postponed, share, working_intervals
from domain.time.deadlines import ClockRule, DeadlinePolicy
from domain.time.terms import Term, counted_on, ends, every_hour

Key = tuple[str, str, int]
"""What tells a clock from the others of its case: the policy's version, the rule's name, the number."""


class State(StrEnum):
    """How a clock stands; `stopped` is ended without a verdict."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    STOPPED = "stopped"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """A clock of a case; while it is paused `due_at` is what it would be had the waiting ended at once.

    number: which episode from 1, or that of the promise or escalation. demand: which was granted, of the clock of a
    grant. named_at: the due time where the event that
    started it named one; else `term` says how long it runs. extensions: from when each was granted until when.
    changed_at: when the due time came to be what it is. warned_at, levels, recorded: the warning, the rungs and whether
    the verdict stand in the history.
    """

    policy: DeadlinePolicy
    rule: ClockRule
    number: int
    started_at: datetime
    changed_at: datetime
    due_at: datetime
    warn_at: datetime
    term: Term | None = None
    named_at: datetime | None = None
    demand: int | None = None
    pauses: tuple[Period, ...] = ()
    paused_since: datetime | None = None
    extensions: tuple[Period, ...] = ()
    stopped_at: datetime | None = None
    voided: bool = False
    breached_at: datetime | None = None
    recorded: bool = False
    warned_at: datetime | None = None
    levels: frozenset[int] = frozenset()

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.policy.version, self.rule.name, self.number

    @property
    def state(self) -> State:
        """How it stands."""
        if self.breached_at is not None:
            return State.BREACHED
        if self.stopped_at is not None:
            return State.STOPPED if self.voided else State.MET
        paused = self.paused_since is not None and self.paused_since < self.due_at
        return State.PAUSED if paused else State.RUNNING

    @property
    def calendar(self) -> Calendar:
        """On which calendar it counts."""
        if self.term is None:
            return every_hour(self.policy.calendar.time_zone)
        return counted_on(self.policy.calendar, self.term.unit)


# ---- when it is due -------------------------------------------------------------------------------------------------
def reckoned(clock: Clock, at: datetime) -> Clock:
    """The clock with its due time as it is from a moment on, and the warning before it. Raises NeverDue."""
    due_at = _due(clock)
    warn_at = due_at
    if clock.started_at < due_at:
        warn_at = share(clock.calendar, clock.started_at, due_at, clock.policy.warn_percent, clock.pauses)
    return changed(clock, due_at=due_at, warn_at=warn_at, changed_at=at)


def _due(clock: Clock) -> datetime:
    """An extension never shortens (C-11), and no clock goes beyond what its rule grants at the most."""
    due_at = _unextended(clock)
    for granted in clock.extensions:
        due_at = max(due_at, postponed(clock.calendar, granted.start, granted.end, clock.pauses))
    return min(due_at, _ends(clock, clock.rule.at_most)) if clock.rule.at_most else due_at


def _unextended(clock: Clock) -> datetime:
    if clock.term:
        return _ends(clock, clock.term)
    return postponed(clock.calendar, clock.started_at, clock.named_at or clock.started_at, clock.pauses)


def _ends(clock: Clock, term: Term) -> datetime:
    return ends(clock.policy.calendar, clock.started_at, term, clock.pauses)


# ---- what moves it --------------------------------------------------------------------------------------------------
def expired(clock: Clock, now: datetime) -> Clock:
    """The clock at a moment: breached once that lies after its due time; what is done at that very time is in time."""
    if clock.state is State.RUNNING and clock.due_at < now:
        return changed(clock, breached_at=max(clock.due_at, clock.changed_at))
    return clock


def resumed(clock: Clock, until: datetime) -> Clock:
    """The clock once its waiting, where there was one, is over."""
    if clock.paused_since is None or clock.breached_at is not None:
        return clock
    pause = Period(clock.paused_since, max(clock.paused_since, until))
    return reckoned(changed(clock, pauses=(*clock.pauses, pause), paused_since=None), until)


def extended(clock: Clock, at: datetime, until: datetime) -> Clock:
    """The clock put off; waiting after the grant moves the time granted as well."""
    granted = Period(at, max(at, until))
    return reckoned(changed(clock, extensions=(*clock.extensions, granted)), at)


# ---- the sum --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """The sum behind a due time (D-3c): what counted, what was waited, and by which calendar and policy."""

    counted: tuple[Period, ...]
    paused: tuple[Period, ...]
    calendar: str
    policy: str


def reckoning(clock: Clock) -> Reckoning:
    """How the due time came about: the intervals that count from start to due, and the pauses left out."""
    counted = working_intervals(clock.calendar, clock.started_at, clock.due_at, clock.pauses)
    return Reckoning(
        counted=tuple(_joined(counted)),
        paused=clock.pauses,
        calendar=clock.calendar.version,
        policy=clock.policy.version,
    )


def _joined(parts: Iterable[Period]) -> list[Period]:
    """Intervals that touch, as those of two days at midnight, in one."""
    joined: list[Period] = []
    for part in parts:
        start = joined.pop().start if joined and joined[-1].end == part.start else part.start
        joined.append(Period(start, part.end))
    return joined
