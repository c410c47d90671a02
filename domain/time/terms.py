"""Terms: so much time, how it is counted and how it ends, as policies name them (D-3, D-3a).

Working time and working days are counted on a business calendar; clock time, calendar days and months on the same time
zone with every hour open. Pauses move a term by what they hold of the time it counts.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from domain.time.calendar import Calendar, Opening, Period, WorkingDays, closing, due, postponed
from domain.values import local_day

_WRITTEN = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) (working )?(minute|hour|day|week|month)s?")
_MINUTES = {"minute": 1, "hour": 60}
_DAYS = {"day": 1, "week": 7}
_DAY_OPEN_THROUGHOUT = (Opening(0, 24 * 60),)
_MICROSECOND = timedelta(microseconds=1)


class BadTerm(ValueError):
    """An amount of time that cannot be meant."""


class Unit(StrEnum):
    """In what a term is counted."""

    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"
    MINUTES = "minutes"
    DAYS = "days"
    MONTHS = "months"

    @property
    def working(self) -> bool:
        """Whether only the openings of a business calendar count."""
        return self in {Unit.WORKING_MINUTES, Unit.WORKING_DAYS}

    @property
    def of_time(self) -> bool:
        """Whether it counts time that passes, not days."""
        return self in {Unit.WORKING_MINUTES, Unit.MINUTES}


class Ending(StrEnum):
    """When on its last day a term of days ends; the end of a working day is its closing time, of another midnight."""

    SAME_HOUR = "same_hour"
    END_OF_DAY = "end_of_day"


@dataclass(frozen=True, slots=True)
class Term:
    """So much of a unit, how the last day ends, and whether the day of the start is the first that counts."""

    count: Decimal
    unit: Unit
    ending: Ending = Ending.SAME_HOUR
    first_day_counts: bool = False

    def __post_init__(self) -> None:
        whole = self.count == int(self.count)
        if self.unit.of_time and self.ending is Ending.END_OF_DAY:
            raise BadTerm("hours and minutes end at their time; only days, weeks and months end with a day")
        if self.first_day_counts and self.ending is Ending.SAME_HOUR:
            raise BadTerm("the day of the start counts only where the term ends with a day")
        if not whole and (self.ending is Ending.END_OF_DAY or self.unit in {Unit.DAYS, Unit.MONTHS}):
            raise BadTerm(f"{self.count}: only working days that end at an hour have parts")


def term(text: str, ending: Ending = Ending.SAME_HOUR, *, first_day_counts: bool = False) -> Term:
    """The term written `2 working hours`, `0.5 working days`, `24 hours`, `8 weeks`, `1 month`. Raises BadTerm.

    Hours and minutes are time that passes and end when it has passed, whatever `ending` says of days.
    """
    written = _WRITTEN.fullmatch(text.strip())
    if not written or (written[2] and written[3] in {"week", "month"}):
        raise BadTerm(f"{text!r} is no time; write 2 working hours, 3 working days, 24 hours, 30 days or 1 month")
    count, working, word = Decimal(written[1]), bool(written[2]), written[3]
    if word in _MINUTES:
        return Term(count * _MINUTES[word], Unit.WORKING_MINUTES if working else Unit.MINUTES)
    if word == "month":
        return Term(count, Unit.MONTHS, ending, first_day_counts)
    return Term(count * _DAYS[word], Unit.WORKING_DAYS if working else Unit.DAYS, ending, first_day_counts)


@lru_cache(maxsize=64)
def every_hour(time_zone: str) -> Calendar:
    """A calendar on which every hour of a time zone counts."""
    return Calendar(version=f"every hour of {time_zone}", time_zone=time_zone, week=(_DAY_OPEN_THROUGHOUT,) * 7)


def counted_on(calendar: Calendar, unit: Unit) -> Calendar:
    """The calendar on which a unit counts: the business calendar, or every hour of its time zone."""
    return calendar if unit.working else every_hour(calendar.time_zone)


def ends(calendar: Calendar, start: datetime, term: Term, pauses: Iterable[Period] = ()) -> datetime:
    """When a term begun at a time ends, on a business calendar. Raises NeverDue.

    Where it ends with a day, pauses move it to the end of the day to which they move its last moment.
    """
    counted, waits = counted_on(calendar, term.unit), tuple(pauses)
    unpaused = _ends(counted, start, term)
    moved = postponed(counted, start, unpaused, waits) if waits else unpaused
    if term.ending is Ending.SAME_HOUR or moved == unpaused:
        return moved
    return closing(counted, moved - _MICROSECOND, 0)


def _ends(counted: Calendar, start: datetime, term: Term) -> datetime:
    if term.unit.of_time:
        return due(counted, start, timedelta(microseconds=int(term.count * 60_000_000)))
    days = term.count if term.unit is not Unit.MONTHS else Decimal(_days_to(counted, start, int(term.count)))
    if term.ending is Ending.SAME_HOUR:
        return due(counted, start, WorkingDays(days))
    first = term.first_day_counts and bool(counted.hours(local_day(start, counted.time_zone)))
    return closing(counted, start, max(int(days) - first, 0))


def _days_to(counted: Calendar, start: datetime, months: int) -> int:
    """The days to the same day so many months later, or to the last day of a month that has no such day."""
    day = local_day(start, counted.time_zone)
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return (date(day.year + years, month + 1, min(day.day, last)) - day).days
