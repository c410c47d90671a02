"""What is owed in a case, and by when: its clocks, and what was granted and is not carried out yet (C-7, D-3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from domain.case import events as e
from domain.case.words import Decision
from domain.kernel import Event
from domain.time.clock import State
from domain.time.deadlines import DeadlinePolicy
from domain.time.timing import Fact, Timing, advance, unbegun

_LAST_BUT_ONE = date.max - timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """The clocks of a case; the local day on which each grant is due, by its demand; whether the case has ended."""

    timing: Timing
    grants: Mapping[int, date] = field(default_factory=dict)
    ended: bool = False


def owed_of(facts: Sequence[Fact], policies: Iterable[DeadlinePolicy]) -> Owed:
    """What is owed after the whole history of a case, oldest fact first. Raises NoDeadlinePolicy (D-3b)."""
    return reduce(take, facts, Owed(timing=unbegun(facts, policies)))


def take(owed: Owed, fact: Fact) -> Owed:
    """Take one fact in. Raises NoDeadlinePolicy (D-3b)."""
    timing, grants = advance(owed.timing, fact), _granted(owed.grants, fact.event)
    return Owed(timing=timing, grants=grants, ended=_ended(fact.event, now=owed.ended))


def _granted(grants: Mapping[int, date], event: Event) -> Mapping[int, date]:
    """Grants of an earlier resolution no longer count (C-7)."""
    match event:
        case e.Resolved():
            granted = (answer for answer in event.answers if answer.decision is not Decision.REFUSED)
            return {answer.demand: answer.due for answer in granted if answer.due}
        case e.Fulfilled():
            return {demand: due for demand, due in grants.items() if demand != event.demand}
        case _:
            return grants


def _ended(event: Event, *, now: bool) -> bool:
    match event:
        case e.Closed() | e.Withdrawn() | e.Merged():
            return True
        case e.Reopened() | e.Unmerged():
            return False
        case _:
            return now


def due_at(owed: Owed) -> datetime | None:
    """The earliest time by which something is owed; None when nothing is, or all of it waits.

    It has passed for a case that is overdue, and for no other.
    """
    return min([*_running(owed.timing), *_outstanding(owed)], default=None)


def _running(timing: Timing) -> Iterator[datetime]:
    for clock in timing.clocks:
        if clock.stopped_at is None and clock.state is not State.PAUSED:
            yield clock.due_at


def _outstanding(owed: Owed) -> Iterator[datetime]:
    """The end of each day on which a grant of an open case is due; the last of all days ends a day early."""
    if not owed.ended and owed.grants:
        zone = ZoneInfo(owed.timing.policies[0].calendar.time_zone)
        for day in owed.grants.values():
            yield datetime.combine(min(day, _LAST_BUT_ONE) + timedelta(days=1), time(), zone)
