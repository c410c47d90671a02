"""What holds on every calendar: counting is its own inverse, in order, and agrees with walking minute by minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.time.calendar import (
    Calendar,
    Hours,
    Opening,
    Period,
    SpecialDay,
    WorkingDays,
    due,
    elapsed,
    hours,
    working_intervals,
)

ZONES = ["Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "UTC"]
FIRST_DAY = date(2026, 2, 20)
"""From here to the end of the horizon lie the changes of clocks of March and April."""
HORIZON_DAYS = 50
FIRST = datetime(2026, 2, 20, tzinfo=UTC)


def openings(quarters: list[int]) -> Hours:
    """An opening between each two quarters of an hour."""
    pairs = zip(quarters[::2], quarters[1::2], strict=False)
    return tuple(Opening(opens * 15, closes * 15) for opens, closes in pairs)


def day_hours(quarters: st.SearchStrategy[int]) -> st.SearchStrategy[Hours]:
    return st.lists(quarters, max_size=4, unique=True).map(sorted).map(openings)


ANY_QUARTER = st.integers(0, 96)
NO_DOUBLE_TIME = st.integers(0, 96).filter(lambda quarter: not 0 < quarter < 12)
"""No bound of an opening in the hours of the night that may come twice."""


@st.composite
def calendars(draw: st.DrawFn, quarters: st.SearchStrategy[int] = ANY_QUARTER) -> Calendar:
    """Two kinds of days and closed ones; never a week without an opening."""
    kinds = [draw(day_hours(quarters)), draw(day_hours(quarters)), (), (Opening(540, 1020),)]
    mon, tue, wed, thu, fri, sat = (kinds[draw(st.integers(0, 3))] for _ in range(6))
    numbers = draw(st.lists(st.tuples(st.integers(0, HORIZON_DAYS), st.integers(0, 2)), max_size=4))
    special = {FIRST_DAY + timedelta(days=number): SpecialDay(hours=kinds[kind]) for number, kind in numbers}
    week = (mon, tue, wed, thu, fri, sat, kinds[3])
    return Calendar(version="c-1", time_zone=draw(st.sampled_from(ZONES)), week=week, special=special)


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(0, HORIZON_DAYS * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))


def work() -> st.SearchStrategy[timedelta]:
    return st.integers(0, 30 * 60).map(lambda minutes: timedelta(minutes=minutes))


def waits() -> st.SearchStrategy[Period]:
    return st.tuples(moments(), moments()).map(sorted).map(lambda bounds: Period(bounds[0], bounds[1]))


@given(calendars(), moments(), work(), st.lists(waits(), max_size=3))
def test_what_has_elapsed_until_due_is_the_work(
    calendar: Calendar, start: datetime, amount: timedelta, paused: list[Period]
) -> None:
    ends = due(calendar, start, amount, paused)
    assert elapsed(calendar, start, ends, paused) == amount
    assert ends >= start
    counted = working_intervals(calendar, start, ends, paused)
    assert sum((part.length for part in counted), timedelta()) == amount
    assert all(earlier.end <= later.start for earlier, later in pairwise(counted))
    assert not amount or counted[-1].end == ends


@given(calendars(), moments(), work(), work(), st.lists(waits(), max_size=3))
def test_more_work_is_never_due_earlier(
    calendar: Calendar, start: datetime, amount: timedelta, more: timedelta, paused: list[Period]
) -> None:
    assert due(calendar, start, amount, paused) <= due(calendar, start, amount + more, paused)


@given(calendars(), moments(), moments(), work(), st.lists(waits(), max_size=3))
def test_a_later_start_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, amount: timedelta, paused: list[Period]
) -> None:
    earlier, later = sorted((one, other))
    assert due(calendar, earlier, amount, paused) <= due(calendar, later, amount, paused)


@given(calendars(), st.tuples(moments(), moments(), moments()), st.lists(waits(), max_size=3))
def test_splitting_a_stretch_changes_nothing(
    calendar: Calendar, times: tuple[datetime, datetime, datetime], paused: list[Period]
) -> None:
    start, between, end = sorted(times)
    parts = elapsed(calendar, start, between, paused) + elapsed(calendar, between, end, paused)
    assert parts == elapsed(calendar, start, end, paused)


@given(calendars(), moments(), work(), work())
def test_work_in_two_parts_is_due_as_in_one(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert due(calendar, due(calendar, start, first), second) == due(calendar, start, first + second)


@given(calendars(), moments(), work(), waits(), st.floats(0, 1))
def test_splitting_a_pause_changes_nothing(
    calendar: Calendar, start: datetime, amount: timedelta, pause: Period, part: float
) -> None:
    between = pause.start + (pause.end - pause.start) * part
    halves = [Period(pause.start, between), Period(between, pause.end)]
    assert due(calendar, start, amount, halves) == due(calendar, start, amount, [pause])


@given(st.integers(0, 95), st.integers(1, 96), st.floats(0, 1), moments(), work(), st.sampled_from(ZONES))
def test_splitting_an_opening_changes_nothing(
    opens: int, closes: int, part: float, start: datetime, amount: timedelta, zone: str
) -> None:
    assume(opens + 1 < closes)
    between = opens + 1 + int((closes - opens - 2) * part)
    quarter = ["{:02}:{:02}".format(*divmod(number * 15, 60)) for number in (opens, between, closes)]
    whole, split = f"{quarter[0]}-{quarter[2]}", [f"{quarter[0]}-{quarter[1]}", f"{quarter[1]}-{quarter[2]}"]
    week = Calendar(version="whole-1", time_zone=zone, week=(hours([whole]),) * 7)
    found = replace(week, version="split-1", week=(hours(split),) * 7)
    ends = due(week, start, amount)
    assert due(found, start, amount) == ends
    assert working_intervals(found, start, ends) == working_intervals(week, start, ends)


@given(calendars(), moments(), work() | st.sampled_from(["0.5", "1", "2.5", "4"]), waits())
def test_a_pause_moves_due_by_its_working_time_and_never_earlier(
    calendar: Calendar, start: datetime, amount: timedelta | str, pause: Period
) -> None:
    asked = WorkingDays(Decimal(amount)) if isinstance(amount, str) else amount
    without, paused = due(calendar, start, asked), due(calendar, start, asked, [pause])
    begins = max(start, pause.start)
    within = elapsed(calendar, begins, pause.end) if begins < without else timedelta()
    assert paused >= without
    assert paused == due(calendar, without, within)


@given(calendars(), moments(), st.integers(0, 8), st.integers(0, 8))
def test_more_working_days_are_never_due_earlier(calendar: Calendar, start: datetime, days: int, more: int) -> None:
    assert due(calendar, start, WorkingDays(Decimal(days))) <= due(calendar, start, WorkingDays(Decimal(days + more)))


@given(calendars(), moments(), moments(), st.integers(1, 8))
def test_of_starts_on_working_days_the_later_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, days: int
) -> None:
    earlier, later = sorted((one, other))
    zone, work = ZoneInfo(calendar.time_zone), WorkingDays(Decimal(days))
    assume(all(calendar.hours(start.astimezone(zone).date()) for start in (earlier, later)))
    assume(_far_from_a_change(earlier, zone) and _far_from_a_change(later, zone))
    assert due(calendar, earlier, work) <= due(calendar, later, work)


def _far_from_a_change(start: datetime, zone: ZoneInfo) -> bool:
    """Where the clocks are put back, what is later may show an earlier local time, and D-3 goes by that."""
    offsets = {(start + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in (-3, 3)}
    return len(offsets) == 1


def open_minutes(calendar: Calendar, start: datetime, end: datetime) -> int:
    """The open minutes between two full ones, looked at one by one: for calendars whose hours are full quarters."""
    zone = ZoneInfo(calendar.time_zone)
    minutes = (start + timedelta(minutes=number) for number in range((end - start) // timedelta(minutes=1)))
    local = (minute.astimezone(zone) for minute in minutes)
    return sum(
        any(opening.opens <= time.hour * 60 + time.minute < opening.closes for opening in calendar.hours(time.date()))
        for time in local
    )


@settings(max_examples=60)
@given(calendars(NO_DOUBLE_TIME), moments(), st.integers(0, 6 * 24 * 60))
def test_counting_agrees_with_walking(calendar: Calendar, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert elapsed(calendar, start, end) == timedelta(minutes=open_minutes(calendar, start, end))
