"""Calendars as data: how hours are read, and what cannot be counted."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.time.calendar import (
    BadHours,
    Calendar,
    NeverDue,
    Opening,
    Period,
    SpecialDay,
    Work,
    WorkingDays,
    due,
    elapsed,
    hours,
)

NEVER = Calendar(version="never-1", time_zone="Asia/Shanghai", week=((), (), (), (), (), (), ()))
ONCE = replace(NEVER, version="once-1", special={date(2026, 3, 9): SpecialDay(hours=hours(["09:00-10:00"]))})
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "openings"),
    [
        ([], []),
        (["09:00-12:00", "13:00-18:00"], [(540, 720), (780, 1080)]),
        ([" 13:00 – 18:00 ", "9-12"], [(540, 720), (780, 1080)]),
        (["09:00-12:00", "12:00-18:00"], [(540, 1080)]),
        (["00:00-24:00"], [(0, 1440)]),
    ],
)
def test_hours_are_read_in_their_order(texts: list[str], openings: list[tuple[int, int]]) -> None:
    assert hours(texts) == tuple(Opening(*bounds) for bounds in openings)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["nine to five"], "is not like 09:00-12:00"),
        (["09:00"], "is not like 09:00-12:00"),
        (["09:00-12:60"], "no time of day"),
        (["09:60-12:00"], "no time of day"),
        (["09:00-24:01"], "no time of day"),
        (["12:00-12:00"], "ends before it begins"),
        (["22:00-06:00"], "over midnight write"),
        (["09:00-12:00", "11:59-13:00"], "11:59-13:00 overlaps"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused(texts: list[str], said: str) -> None:
    with pytest.raises(BadHours, match=said):
        hours(texts)


def test_a_special_day_takes_the_place_of_its_weekday() -> None:
    nine = hours(["09:00-10:00"])
    weekly = replace(ONCE, week=(nine,) * 7, special={date(2026, 3, 9): SpecialDay(hours=(), name="closed")})
    assert (weekly.hours(date(2026, 3, 9)), weekly.hours(date(2026, 3, 16))) == ((), nine)


def test_calendars_are_told_apart_by_all_they_hold() -> None:
    assert hash(ONCE) == hash(replace(ONCE, special={}))
    assert replace(ONCE, special={}) != ONCE


def test_whether_it_ever_opens() -> None:
    assert (NEVER.opens, ONCE.opens, replace(NEVER, week=(hours(["9-10"]),) * 7).opens) == (False, True, True)


@pytest.mark.parametrize("work", [timedelta(hours=1), WorkingDays(Decimal(1)), WorkingDays(Decimal("0.5"))])
def test_what_never_opens_never_falls_due(work: Work) -> None:
    with pytest.raises(NeverDue, match="calendar never-1 never opens"):
        due(NEVER, NOON, work)


@pytest.mark.parametrize("work", [timedelta(hours=2), WorkingDays(Decimal(2)), WorkingDays(Decimal("1.5"))])
def test_what_does_not_open_long_enough_never_falls_due(work: Work) -> None:
    assert due(ONCE, NOON, timedelta(hours=1)) == datetime(2026, 3, 9, 2, tzinfo=UTC)
    assert due(ONCE, NOON, WorkingDays(Decimal(1))) == datetime(2026, 3, 9, 2, tzinfo=UTC)
    with pytest.raises(NeverDue, match="calendar once-1 does not open so often until the end of 2199"):
        due(ONCE, NOON, work)


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(ValueError, match="-1 day"):
        due(ONCE, NOON, timedelta(days=-1))
    for count in ("-1", "NaN"):
        with pytest.raises(ValueError, match="working days cannot be counted"):
            WorkingDays(Decimal(count))
    with pytest.raises(ValueError, match="before it begins"):
        Period(NOON, NOON - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (NOON.replace(tzinfo=None), "has no offset"),
        (NOON.replace(year=1970), "is not between 1971 and 2198"),
        (NOON.replace(year=2199), "is not between"),
    ],
)
def test_a_time_that_cannot_be_placed_is_refused(time: datetime, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        due(ONCE, time, timedelta())
    with pytest.raises(ValueError, match=said):
        elapsed(ONCE, NOON, time)
