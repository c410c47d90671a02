"""Business calendars: when work is done, as versioned data, and how deadlines are counted on them (D-3).

Arithmetic is in absolute time: an opening over a change of the clocks is as long as it really lasts. A local time that
the clocks skip is the moment they are put forward; one that comes twice is its first occurrence.

Nothing is walked: each year of a calendar is laid out once, with running sums, and searched by halving.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""The years in which is counted: what never falls due is found out, instead of being looked for without end."""
LAST_NAMED = datetime(LAST_YEAR - 9, 1, 1, tzinfo=UTC)
"""What is named for later counts as named for then; what waiting puts off further can still be counted."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MINUTES_OF_DAY = 24 * 60
_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\s*[-–—]\s*(\d{1,2})(?::(\d\d))?")

Span = tuple[int, int]
"""A stretch of absolute time in microseconds since 1970, its end not included."""


class BadHours(ValueError):
    """Opening hours that cannot be meant."""


class NeverDue(ValueError):
    """Working time that a calendar does not have in the years in which is counted."""


# ---- a calendar -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """From when to when work is done on a day, in minutes after local midnight; the end is not included."""

    opens: int
    closes: int


Hours = tuple[Opening, ...]
"""The openings of a day in their order, neither overlapping nor touching; none: closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day that is not like its weekday: a holiday (no hours), a make-up working day, half a day."""

    hours: Hours
    name: str | None = None
    public_holiday: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A version of a business calendar: the hours of the seven weekdays from Monday, and the days that differ."""

    version: str
    time_zone: str
    week: tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
    special: Mapping[date, SpecialDay] = field(default_factory=dict)
    valid_from: date | None = None

    def __hash__(self) -> int:
        return hash((self.version, self.time_zone))

    def hours(self, day: date) -> Hours:
        """The openings of a local day."""
        special = self.special.get(day)
        return self.week[day.weekday()] if special is None else special.hours

    @property
    def opens(self) -> bool:
        """Whether it ever opens."""
        return any(self.week) or any(day.hours for day in self.special.values())


def hours(texts: Iterable[str]) -> Hours:
    """The openings written `09:00-12:00`. Raises BadHours for what cannot be read, ends too early, or overlaps."""
    joined: list[Opening] = []
    for text, opening in sorted(((text, _opening(text)) for text in texts), key=lambda pair: pair[1]):
        if joined and opening.opens < joined[-1].closes:
            raise BadHours(f"{text} overlaps the hours before it")
        if joined and opening.opens == joined[-1].closes:
            opening = Opening(joined.pop().opens, opening.closes)  # noqa: PLW2901  one opening, written in two
        joined.append(opening)
    return tuple(joined)


def _opening(text: str) -> Opening:
    written = _HOURS.fullmatch(text.strip())
    if not written:
        raise BadHours(f"{text!r} is not like 09:00-12:00")
    from_hour, from_minute, to_hour, to_minute = (int(number or 0) for number in written.groups())
    opening = Opening(from_hour * 60 + from_minute, to_hour * 60 + to_minute)
    if max(from_minute, to_minute) >= 60 or opening.closes > _MINUTES_OF_DAY:  # noqa: PLR2004  minutes
        raise BadHours(f"{text!r} is no time of day; the last is 24:00")
    if opening.closes <= opening.opens:
        raise BadHours(f"{text!r} ends before it begins; over midnight write 22:00-24:00, and 00:00-06:00 the next day")
    return opening


# ---- counting -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, its end not included: a pause, or what counted."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.length < timedelta():
            raise ValueError(f"ends on {self.end.isoformat()}, before it begins on {self.start.isoformat()}")

    @property
    def length(self) -> timedelta:
        """How long it lasts. Never end - start: within one ZoneInfo Python subtracts what the clocks show."""
        return (_moment(self.end) - _moment(self.start)) * _MICROSECOND


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A number of working days, with a part of one where the number is not whole."""

    count: Decimal

    def __post_init__(self) -> None:
        if not self.count.is_finite() or self.count < 0:
            raise ValueError(f"{self.count} working days cannot be counted")


Work = timedelta | WorkingDays
"""How much is to pass: working time, or working days."""


def due(calendar: Calendar, start: datetime, work: Work, pauses: Iterable[Period] = ()) -> datetime:
    """When work begun at a time is due, at the offset of the calendar's zone. Raises NeverDue.

    Working time: the first moment at which it has passed. Whole working days: the same local time so many working days
    later, the day of the start not counted, moved to the next opening of that day or cut to its closing time. A part of
    a day: that part of the opening hours of the day on which it begins to run, as working time. Nothing: at once.

    A pause that begins before the work is due moves it by the working time within; overlapping pauses count once.
    """
    begun = _moment(start)
    return _shown(calendar, _postponed(calendar, begun, _due(calendar, begun, work), pauses))


def postponed(calendar: Calendar, start: datetime, ends: datetime, pauses: Iterable[Period]) -> datetime:
    """When something due on `ends` is due, moved by the pauses from `start` on as in `due`. Raises NeverDue."""
    return _shown(calendar, _postponed(calendar, _moment(start), _moment(ends), pauses))


def closing(calendar: Calendar, start: datetime, days: int) -> datetime:
    """The closing time of the working day so many working days after the day of a start. Raises NeverDue.

    0 is that day itself, where it is worked and has not closed yet, else the next one that is worked.
    """
    begun = _moment(start)
    today = _local(calendar, begun).toordinal()
    _, openings = _working_day(calendar, begun, today - (not days), max(days, 1))
    if openings[-1][1] < begun:
        _, openings = _working_day(calendar, begun, today, 1)
    return _shown(calendar, openings[-1][1])


def elapsed(calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Period] = ()) -> timedelta:
    """The working time between two moments, without what was paused; none when the end is not after the start."""
    span = _moment(start), _moment(end)
    return sum([_worked(calendar, one) for one in _counted(span, pauses)]) * _MICROSECOND


def share(calendar: Calendar, start: datetime, end: datetime, percent: int, pauses: Iterable[Period]) -> datetime:
    """When that percentage of what counts between two moments, the first before the second, has passed (D-4)."""
    begun, waits = _moment(start), tuple(pauses)
    counts = sum([_worked(calendar, span) for span in _counted((begun, _moment(end)), waits)])
    passed = _postponed(calendar, begun, _later(calendar, begun, counts * percent // 100), waits)
    return min(_shown(calendar, passed), end)


def working_intervals(
    calendar: Calendar, start: datetime, end: datetime, pauses: Iterable[Period] = ()
) -> list[Period]:
    """What counts between two moments: the openings, cut by start, end and pauses, at the calendar's offset."""
    return [
        Period(_shown(calendar, opens), _shown(calendar, closes))
        for span in _counted((_moment(start), _moment(end)), pauses)
        for year in _years_within(calendar, span)
        for opens, closes in year.open_within(span)
    ]


def _due(calendar: Calendar, start: int, work: Work) -> int:
    if isinstance(work, timedelta):
        if work < timedelta():
            raise ValueError(f"{work} of working time cannot be counted")
        return _later(calendar, start, work // _MICROSECOND)
    whole = int(work.count)
    ends = _days_later(calendar, start, whole) if whole else start
    return _part_of_day_later(calendar, ends, work.count - whole)


def _postponed(calendar: Calendar, start: int, ends: int, pauses: Iterable[Period]) -> int:
    for pause in _paused(pauses, start):
        if pause[0] < ends:
            ends = _later(calendar, ends, _worked(calendar, pause))
    return ends


def _later(calendar: Calendar, start: int, work: int) -> int:
    """The first moment at which that much working time has passed."""
    if not work:
        return start
    for year in _years(calendar, start):
        needed = year.worked_before(start) + work
        if needed <= year.worked:
            return year.moment_of(needed)
        work = needed - year.worked
    raise _never(calendar)


def _days_later(calendar: Calendar, start: int, days: int) -> int:
    local = _local(calendar, start)
    day, openings = _working_day(calendar, start, local.toordinal(), days)
    wanted = _instant(calendar.time_zone, day, local.time())
    return next((max(wanted, opens) for opens, closes in openings if wanted <= closes), openings[-1][1])


def _working_day(calendar: Calendar, start: int, day: int, count: int) -> tuple[date, list[Span]]:
    """The working day that comes so many after a day, and its openings."""
    for year in _years(calendar, start):
        at = bisect_right(year.days, day) + count - 1
        if at < len(year.days):
            return date.fromordinal(year.days[at]), year.openings_of_day(at)
        count = at - len(year.days) + 1
    raise _never(calendar)


def _part_of_day_later(calendar: Calendar, start: int, part: Decimal) -> int:
    """A part of the opening hours of the day on which work goes on."""
    if not part:
        return start
    runs = _local(calendar, _later(calendar, start, 1) - 1)
    year = _year(calendar, runs.year)
    openings = year.openings_of_day(bisect_left(year.days, runs.toordinal()))
    return _later(calendar, start, int(part * sum(closes - opens for opens, closes in openings)))


def _worked(calendar: Calendar, span: Span) -> int:
    """The working time of a stretch."""
    start, end = span
    return sum([year.worked_before(end) - year.worked_before(start) for year in _years_within(calendar, span)])


def _never(calendar: Calendar) -> NeverDue:
    reason = f"does not open so often until the end of {LAST_YEAR}" if calendar.opens else "never opens"
    return NeverDue(f"calendar {calendar.version} {reason}")


# ---- pauses ---------------------------------------------------------------------------------------------------------
def _paused(pauses: Iterable[Period], start: int) -> list[Span]:
    """The pauses from a moment on, in their order, overlapping ones as one, those of no length left out."""
    joined: list[Span] = []
    if not pauses:
        return joined
    for begins, ends in sorted((max(_moment(pause.start), start), _moment(pause.end)) for pause in pauses):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        elif begins < ends:
            joined.append((begins, ends))
    return joined


def _counted(span: Span, pauses: Iterable[Period]) -> Iterator[Span]:
    """A stretch without its pauses."""
    start, end = span
    for begins, ends in _paused(pauses, start):
        if start < min(begins, end):
            yield start, min(begins, end)
        start = ends
    if start < end:
        yield start, end


# ---- a year, laid out -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Year:
    """The openings of a local year: where each begins and ends, and the working time before it and with it."""

    opens: Sequence[int]
    closes: Sequence[int]
    before: Sequence[int]
    after: Sequence[int]
    days: Sequence[int]
    """The working days, as ordinals."""
    first: Sequence[int]
    """Which opening is the first of each working day; at the end, how many openings there are."""

    @property
    def worked(self) -> int:
        """The working time of the whole year."""
        return self.after[-1] if self.after else 0

    def openings_of_day(self, at: int) -> list[Span]:
        """The openings of the working day at a place in `days`."""
        these = slice(self.first[at], self.first[at + 1])
        return list(zip(self.opens[these], self.closes[these], strict=True))

    def worked_before(self, moment: int) -> int:
        """The working time of this year before a moment, which may lie outside it."""
        at = bisect_right(self.opens, moment) - 1
        return 0 if at < 0 else self.before[at] + min(moment, self.closes[at]) - self.opens[at]

    def moment_of(self, worked: int) -> int:
        """The first moment at which that much of the year's working time has passed."""
        at = bisect_left(self.after, worked)
        return self.opens[at] + worked - self.before[at]

    def open_within(self, span: Span) -> Iterator[Span]:
        """The openings within a stretch, cut to it."""
        start, end = span
        for at in range(bisect_right(self.closes, start), bisect_left(self.opens, end)):
            yield max(start, self.opens[at]), min(end, self.closes[at])


def _years(calendar: Calendar, start: int) -> Iterator[_Year]:
    """The years from that of a moment on."""
    return (_year(calendar, year) for year in range(_year_of(calendar, start), LAST_YEAR + 1))


def _years_within(calendar: Calendar, span: Span) -> Iterator[_Year]:
    """The years a stretch touches."""
    start, end = span
    return (_year(calendar, year) for year in range(_year_of(calendar, start), _year_of(calendar, end) + 1))


@lru_cache(maxsize=2048)
def _year(calendar: Calendar, year: int) -> _Year:
    first, after_last = date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
    found = ((day, _openings(calendar, date.fromordinal(day))) for day in range(first, after_last))
    by_day = {day: openings for day, openings in found if openings}
    spans = [span for openings in by_day.values() for span in openings]
    sums = list(accumulate((closes - opens for opens, closes in spans), initial=0))
    return _Year(
        opens=[opens for opens, _ in spans],
        closes=[closes for _, closes in spans],
        before=sums[:-1],
        after=sums[1:],
        days=list(by_day),
        first=list(accumulate(map(len, by_day.values()), initial=0)),
    )


def _openings(calendar: Calendar, day: date) -> list[Span]:
    """The openings of a local day that last."""
    bounds = ((_at(calendar, day, one.opens), _at(calendar, day, one.closes)) for one in calendar.hours(day))
    return [(opens, closes) for opens, closes in bounds if opens < closes]


def _at(calendar: Calendar, day: date, minutes: int) -> int:
    days, minutes = divmod(minutes, _MINUTES_OF_DAY)
    return _instant(calendar.time_zone, day + timedelta(days=days), time(minutes // 60, minutes % 60))


# ---- moments --------------------------------------------------------------------------------------------------------
def _moment(at: datetime) -> int:
    """A moment as a number. Raises ValueError without an offset, and outside the years in which is counted."""
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no offset from UTC")
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise ValueError(f"{at.isoformat()} is not between {FIRST_YEAR + 1} and {LAST_YEAR - 1}")
    return (at - _EPOCH) // _MICROSECOND


def _local(calendar: Calendar, moment: int) -> datetime:
    """A moment as the clocks of the calendar's zone show it."""
    return (_EPOCH + timedelta(microseconds=moment)).astimezone(ZoneInfo(calendar.time_zone))


def _shown(calendar: Calendar, moment: int) -> datetime:
    """A moment at the offset of the calendar's zone: such times can be compared and subtracted, unlike local ones."""
    at = _EPOCH + timedelta(microseconds=moment)
    return at.astimezone(_offset_of_year(calendar.time_zone, _year_of(calendar, moment)) or _offset(calendar, at))


def _offset(calendar: Calendar, at: datetime) -> timezone:
    return timezone(at.astimezone(ZoneInfo(calendar.time_zone)).utcoffset() or timedelta())


@lru_cache(maxsize=2048)
def _offset_of_year(time_zone: str, year: int) -> timezone | None:
    """The offset of a time zone throughout a local year; None where the clocks are changed in it."""
    zone, days = ZoneInfo(time_zone), range(date(year, 1, 1).toordinal() - 1, date(year + 1, 1, 1).toordinal() + 2)
    offsets = {datetime.combine(date.fromordinal(day), time(), zone).utcoffset() for day in days}
    return timezone(offsets.pop() or timedelta()) if len(offsets) == 1 else None


def _year_of(calendar: Calendar, moment: int) -> int:
    return FIRST_YEAR + bisect_right(_new_years(calendar.time_zone), moment)


@lru_cache(maxsize=64)
def _new_years(time_zone: str) -> Sequence[int]:
    """When the years after the first begin where a time zone is."""
    return [_instant(time_zone, date(year, 1, 1), time()) for year in range(FIRST_YEAR + 1, LAST_YEAR + 2)]


def _instant(time_zone: str, day: date, at: time) -> int:
    """The moment of a local time: of one that comes twice the first, of one that is skipped the change of clocks."""
    local = datetime.combine(day, at, ZoneInfo(time_zone)).replace(fold=0)
    offset, other = local.utcoffset(), local.replace(fold=1).utcoffset()
    skipped = offset is not None and other is not None and offset < other
    return _change_of_clocks(local) if skipped else (local - _EPOCH) // _MICROSECOND


def _change_of_clocks(skipped: datetime) -> int:
    """The moment at which the clocks were put forward over a local time, to the second."""
    zone = skipped.tzinfo
    latest = (skipped - _EPOCH) // timedelta(seconds=1)
    earliest = (skipped.replace(fold=1) - _EPOCH) // timedelta(seconds=1)
    moments = range(earliest, latest + 1)
    before = skipped.utcoffset()
    at = bisect_left(moments, 1, key=lambda second: datetime.fromtimestamp(second, zone).utcoffset() != before)
    return moments[at] * 1_000_000
