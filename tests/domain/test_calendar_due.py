"""When work is due, worked by hand (D-3). The reasoning stands beside each case; times are local to its calendar.

March 2026: Friday is the 6th, Monday the 9th. The clocks change on 29 March and 25 October in London, on 8 March and
1 November in New York, never in Shanghai.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from domain.time.calendar import (
    Calendar,
    Period,
    SpecialDay,
    Work,
    WorkingDays,
    due,
    elapsed,
    hours,
    working_intervals,
)


def days(*texts: str) -> list[date]:
    """Days written `2026-10-01` or `2026-10-01/07`."""
    return [
        date.fromisoformat(first).replace(day=day)
        for first, _, last in (text.partition("/") for text in texts)
        for day in range(int(first[-2:]), int(last or first[-2:]) + 1)
    ]


def calendar(
    zone: str, *week: Sequence[str], closed: Iterable[date] = (), own: dict[str, str] | None = None
) -> Calendar:
    """The hours of the weekdays from Monday; weekdays left out have those of the last one named, the weekend too."""
    seven = [hours(texts) for texts in week] + [hours(week[-1])] * (7 - len(week))
    special = {day: SpecialDay(hours=(), public_holiday=True) for day in closed}
    special |= {date.fromisoformat(day): SpecialDay(hours=hours(text.split(","))) for day, text in (own or {}).items()}
    mon, tue, wed, thu, fri, sat, sun = seven
    return Calendar(version="c-1", time_zone=zone, week=(mon, tue, wed, thu, fri, sat, sun), special=special)


NINE_TO_FIVE = ["09:00-17:00"]
WITH_LUNCH = ["09:00-12:00", "13:00-18:00"]
CLOSED: list[str] = []
OFFICE = calendar(
    "Europe/London",
    *[NINE_TO_FIVE] * 5,
    CLOSED,
    closed=days("2026-04-03", "2026-04-06", "2026-12-25", "2026-12-28", "2027-01-01"),
    own={"2026-12-24": "09:00-12:00"},
)
SHORT_FRIDAY = calendar("Europe/London", *[NINE_TO_FIVE] * 4, ["09:00-13:00"], CLOSED)
CHINA = calendar(
    "Asia/Shanghai",
    *[WITH_LUNCH] * 5,
    CLOSED,
    closed=days("2026-01-01/03", "2026-02-15/23", "2026-10-01/07"),
    own=dict.fromkeys(["2026-01-04", "2026-02-14", "2026-02-28", "2026-09-20", "2026-10-10"], ",".join(WITH_LUNCH)),
)
LONDON_DAY_AND_NIGHT = calendar("Europe/London", ["00:00-24:00"])
LONDON_NIGHTS = calendar("Europe/London", ["01:00-05:00"])
NEW_YORK_DAY_AND_NIGHT = calendar("America/New_York", ["00:00-24:00"])
NEW_YORK_NIGHTS = calendar("America/New_York", ["01:00-05:00"])
FROM_A_SKIPPED_TIME = calendar("America/New_York", ["02:30-06:00"])
FROM_A_DOUBLE_TIME = calendar("America/New_York", ["01:30-06:00"])


def at(calendar: Calendar, text: str) -> datetime:
    """A time as it is written, local where it has no offset."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=ZoneInfo(calendar.time_zone))


def work(text: str) -> Work:
    """`1.5h`, `30m`, `2d`."""
    number, unit = Decimal(text[:-1]), text[-1]
    if unit == "d":
        return WorkingDays(number)
    return timedelta(hours=float(number)) if unit == "h" else timedelta(minutes=float(number))


def pauses(calendar: Calendar, *texts: str) -> list[Period]:
    parts = (text.split("/") for text in texts)
    return [Period(at(calendar, begins), at(calendar, ends)) for begins, ends in parts]


def told(calendar: Calendar, start: str, amount: str, *waits: str) -> str:
    """The due time as RFC 3339, checked against the calendar's own reckoning of what has passed."""
    begun, amounts, paused = at(calendar, start), work(amount), pauses(calendar, *waits)
    ends = due(calendar, begun, amounts, paused)
    counted = sum((part.length for part in working_intervals(calendar, begun, ends, paused)), timedelta())
    assert counted == elapsed(calendar, begun, ends, paused)
    assert isinstance(amounts, WorkingDays) or counted == amounts
    return ends.isoformat()


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        # the end of a day, of a week
        ("2026-03-06T16:30", "1h", "2026-03-09T09:30+00:00"),  # half an hour on Friday, half an hour on Monday
        ("2026-03-06T16:30", "30m", "2026-03-06T17:00+00:00"),  # passed at closing time: due then, not on Monday
        ("2026-03-06T16:30", "31m", "2026-03-09T09:01+00:00"),  # one minute is left over
        ("2026-03-06T17:00", "1h", "2026-03-09T10:00+00:00"),  # closing time is no longer open
        ("2026-03-07T10:00", "1h", "2026-03-09T10:00+00:00"),  # Saturday: from Monday 09:00
        ("2026-03-08T23:59", "8h", "2026-03-09T17:00+00:00"),  # Sunday night: the whole Monday
        ("2026-03-09T07:00", "2h", "2026-03-09T11:00+00:00"),  # before opening: from 09:00
        ("2026-03-09T20:00", "1h", "2026-03-10T10:00+00:00"),  # after closing: from Tuesday 09:00
        ("2026-03-09T09:00", "8h", "2026-03-09T17:00+00:00"),  # a day exactly
        ("2026-03-09T09:00", "40h", "2026-03-13T17:00+00:00"),  # a week exactly
        ("2026-03-09T09:00", "41h", "2026-03-16T10:00+00:00"),  # a week, and one hour of the next
        ("2026-03-09T09:00:30", "0.25h", "2026-03-09T09:15:30+00:00"),  # seconds are kept
        ("2026-03-07T10:00", "0h", "2026-03-07T10:00+00:00"),  # nothing is due at once, open or not
        # the end of a month, of a year, leap days
        ("2026-03-31T16:00", "2h", "2026-04-01T10:00+01:00"),  # Tuesday to Wednesday
        ("2026-12-31T16:00", "2h", "2027-01-04T10:00+00:00"),  # Thursday; New Year's Day, Saturday, Sunday are closed
        ("2028-02-28T16:00", "2h", "2028-02-29T10:00+00:00"),  # Monday to Tuesday, a leap day
        ("2028-02-29T16:00", "2h", "2028-03-01T10:00+00:00"),  # from the leap day to Wednesday
        ("2027-02-26T16:00", "2h", "2027-03-01T10:00+00:00"),  # no leap year: Friday to Monday
        # holidays and half days
        ("2026-04-02T16:00", "2h", "2026-04-07T10:00+01:00"),  # Maundy Thursday; Good Friday to Easter Monday closed
        ("2026-04-03T12:00", "1h", "2026-04-07T10:00+01:00"),  # received on Good Friday: from Tuesday 09:00
        ("2026-12-24T11:00", "2h", "2026-12-29T10:00+00:00"),  # one hour till noon; Christmas, weekend, Boxing Day
        ("2026-12-23T16:00", "5h", "2026-12-29T10:00+00:00"),  # 1 h, the three hours of Christmas Eve, 1 h
        # daylight saving: local hours stay what they are
        ("2026-03-27T16:00", "2h", "2026-03-30T10:00+01:00"),  # Friday in winter time, Monday in summer time
        ("2026-10-23T16:00", "2h", "2026-10-26T10:00+00:00"),  # and back
        ("2026-03-06T11:30-05:00", "1h", "2026-03-09T09:30+00:00"),  # 16:30 in London, said from New York
    ],
)
def test_working_time_from_nine_to_five(start: str, amount: str, expected: str) -> None:
    assert told(OFFICE, start, amount) == at(OFFICE, expected).isoformat()


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        ("2026-03-09T11:30", "1h", "2026-03-09T13:30"),  # half an hour before lunch, half an hour after
        ("2026-03-09T11:00", "1h", "2026-03-09T12:00"),  # due as lunch begins
        ("2026-03-09T12:00", "1h", "2026-03-09T14:00"),  # from 13:00
        ("2026-03-09T12:30", "1h", "2026-03-09T14:00"),  # received at lunch: from 13:00
        ("2026-03-09T09:00", "181m", "2026-03-09T13:01"),  # three hours before lunch, a minute after
        ("2026-03-06T17:30", "1h", "2026-03-09T09:30"),  # over the weekend
        ("2026-02-13T17:00", "2h", "2026-02-14T10:00"),  # Friday; the Saturday before Spring Festival is worked
        ("2026-02-14T17:00", "2h", "2026-02-24T10:00"),  # from that Saturday over 15 to 23 February to Tuesday
        ("2026-02-18T10:00", "1h", "2026-02-24T10:00"),  # received in the festival
        ("2026-02-27T17:00", "2h", "2026-02-28T10:00"),  # Friday; the Saturday after it is worked as well
        ("2026-02-28T17:00", "2h", "2026-03-02T10:00"),  # from that Saturday over Sunday to Monday
        ("2025-12-31T17:00", "2h", "2026-01-04T10:00"),  # over 1 to 3 January to a Sunday that is worked
        ("2026-09-18T17:00", "2h", "2026-09-20T10:00"),  # Friday; Saturday closed, Sunday worked
        ("2026-09-30T17:00", "2h", "2026-10-08T10:00"),  # over National Day, seven days
        ("2026-10-09T17:00", "2h", "2026-10-10T10:00"),  # Friday to a Saturday that is worked
        ("2026-10-10T17:00", "2h", "2026-10-12T10:00"),  # from it to Monday
        ("2026-10-02T02:00+00:00", "8h", "2026-10-08T18:00"),  # received on National Day, said in UTC: the whole 8th
    ],
)
def test_working_time_with_lunch_holidays_and_make_up_days(start: str, amount: str, expected: str) -> None:
    assert told(CHINA, start, amount) == at(CHINA, expected).isoformat()


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "expected"),
    [
        # 24 hours from noon: the clock shows an hour more in spring, an hour less in autumn
        (LONDON_DAY_AND_NIGHT, "2026-03-28T12:00+00:00", "24h", "2026-03-29T13:00:00+01:00"),
        (LONDON_DAY_AND_NIGHT, "2026-10-24T12:00+01:00", "24h", "2026-10-25T11:00:00+00:00"),
        (NEW_YORK_DAY_AND_NIGHT, "2026-03-07T12:00-05:00", "24h", "2026-03-08T13:00:00-04:00"),
        (NEW_YORK_DAY_AND_NIGHT, "2026-10-31T12:00-04:00", "24h", "2026-11-01T11:00:00-05:00"),
        # an opening from 01:00 to 05:00 lasts three hours in spring …
        (NEW_YORK_NIGHTS, "2026-03-08T00:00-05:00", "3h", "2026-03-08T05:00:00-04:00"),
        (NEW_YORK_NIGHTS, "2026-03-08T01:00-05:00", "4h", "2026-03-09T02:00:00-04:00"),
        (LONDON_NIGHTS, "2026-03-29T00:00+00:00", "3h", "2026-03-29T05:00:00+01:00"),  # 01:00 is not there: from 02:00
        # … and five in autumn
        (NEW_YORK_NIGHTS, "2026-11-01T00:00-04:00", "5h", "2026-11-01T05:00:00-05:00"),
        (NEW_YORK_NIGHTS, "2026-11-01T00:00-04:00", "4h", "2026-11-01T04:00:00-05:00"),
        (LONDON_NIGHTS, "2026-10-25T00:00+01:00", "5h", "2026-10-25T05:00:00+00:00"),
        # 01:30 comes twice: an hour after the first is the second
        (NEW_YORK_NIGHTS, "2026-11-01T01:30-04:00", "1h", "2026-11-01T01:30:00-05:00"),
        (NEW_YORK_NIGHTS, "2026-11-01T01:30-05:00", "1h", "2026-11-01T02:30:00-05:00"),
        # an opening from a time that is skipped begins as the clocks are put forward, at 03:00: it lasts 3 hours
        (FROM_A_SKIPPED_TIME, "2026-03-08T00:00-05:00", "1h", "2026-03-08T04:00:00-04:00"),
        (FROM_A_SKIPPED_TIME, "2026-03-08T00:00-05:00", "3h", "2026-03-08T06:00:00-04:00"),
        # an opening from a time that comes twice begins at the first: it lasts 5 hours and a half
        (FROM_A_DOUBLE_TIME, "2026-11-01T00:00-04:00", "1h", "2026-11-01T01:30:00-05:00"),
        (FROM_A_DOUBLE_TIME, "2026-11-01T00:00-04:00", "5.5h", "2026-11-01T06:00:00-05:00"),
    ],
)
def test_working_time_while_the_clocks_change(calendar: Calendar, start: str, amount: str, expected: str) -> None:
    assert told(calendar, start, amount) == expected


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "expected"),
    [
        (OFFICE, "2026-03-09T10:00", "1d", "2026-03-10T10:00+00:00"),  # the same local time on Tuesday
        (OFFICE, "2026-03-06T16:30", "1d", "2026-03-09T16:30+00:00"),  # Friday to Monday
        (OFFICE, "2026-03-06T16:30", "3d", "2026-03-11T16:30+00:00"),  # to Wednesday
        (OFFICE, "2026-03-09T07:00", "1d", "2026-03-10T09:00+00:00"),  # 07:00 is moved to the opening
        (OFFICE, "2026-03-09T19:00", "1d", "2026-03-10T17:00+00:00"),  # 19:00 is cut to closing time
        (OFFICE, "2026-03-07T10:00", "1d", "2026-03-09T10:00+00:00"),  # received on Saturday: Monday is the first
        (OFFICE, "2026-03-08T23:00", "2d", "2026-03-10T17:00+00:00"),  # Monday, Tuesday; cut
        (OFFICE, "2026-03-09T10:00", "0d", "2026-03-09T10:00+00:00"),  # nothing
        (OFFICE, "2026-03-31T10:00", "1d", "2026-04-01T10:00+01:00"),  # month end
        (OFFICE, "2028-02-28T10:00", "1d", "2028-02-29T10:00+00:00"),  # a leap day is a working day
        (OFFICE, "2028-02-28T10:00", "2d", "2028-03-01T10:00+00:00"),
        (OFFICE, "2026-12-31T10:00", "1d", "2027-01-04T10:00+00:00"),  # over New Year's Day and the weekend
        (OFFICE, "2026-04-02T12:00", "1d", "2026-04-07T12:00+01:00"),  # over Easter
        (OFFICE, "2026-04-03T12:00", "2d", "2026-04-08T12:00+01:00"),  # received on Good Friday: Tuesday, Wednesday
        (OFFICE, "2026-12-23T15:00", "1d", "2026-12-24T12:00+00:00"),  # Christmas Eve closes at noon: cut
        (OFFICE, "2026-03-27T12:00", "1d", "2026-03-30T12:00+01:00"),  # over the change of clocks
        (OFFICE, "2026-10-23T12:00", "1d", "2026-10-26T12:00+00:00"),
        (SHORT_FRIDAY, "2026-03-05T15:00", "1d", "2026-03-06T13:00+00:00"),  # Friday closes at 13:00: cut
        (SHORT_FRIDAY, "2026-03-05T15:00", "2d", "2026-03-09T15:00+00:00"),  # but counts as a whole day
        (CHINA, "2026-03-09T12:30", "1d", "2026-03-10T13:00"),  # lunch: moved to the next opening
        (CHINA, "2026-03-09T12:00", "1d", "2026-03-10T12:00"),  # as lunch begins: still in time
        (CHINA, "2026-02-13T10:00", "1d", "2026-02-14T10:00"),  # to the Saturday that is worked
        (CHINA, "2026-02-13T10:00", "2d", "2026-02-24T10:00"),  # over the festival
        (CHINA, "2026-02-18T10:00", "1d", "2026-02-24T10:00"),  # received in the festival
        (CHINA, "2026-09-30T10:00", "3d", "2026-10-10T10:00"),  # 8 and 9 October, and Saturday the 10th
        # 02:30 is skipped on 8 March: due as the clocks are put forward; 01:30 comes twice on 1 November: the first
        (NEW_YORK_DAY_AND_NIGHT, "2026-03-07T02:30-05:00", "1d", "2026-03-08T03:00-04:00"),
        (NEW_YORK_DAY_AND_NIGHT, "2026-10-31T01:30-04:00", "1d", "2026-11-01T01:30-04:00"),
        # halves: half the opening hours of the day on which they begin to run
        (OFFICE, "2026-03-09T09:00", "0.5d", "2026-03-09T13:00+00:00"),  # 4 of 8 hours
        (CHINA, "2026-03-09T09:00", "0.5d", "2026-03-09T14:00"),  # 4 of 8 hours: 3 before lunch, 1 after
        (OFFICE, "2026-03-06T16:00", "0.5d", "2026-03-09T12:00+00:00"),  # 1 hour on Friday, 3 on Monday
        (OFFICE, "2026-03-07T10:00", "0.5d", "2026-03-09T13:00+00:00"),  # Saturday: half of Monday
        (OFFICE, "2026-12-24T09:00", "0.5d", "2026-12-24T10:30+00:00"),  # half of three hours
        (SHORT_FRIDAY, "2026-03-05T17:00", "0.5d", "2026-03-06T11:00+00:00"),  # Thursday has closed: half of Friday
        (OFFICE, "2026-03-09T10:00", "1.5d", "2026-03-10T14:00+00:00"),  # Tuesday 10:00, and 4 hours
        (OFFICE, "2026-03-05T15:00", "2.5d", "2026-03-10T11:00+00:00"),  # Monday 15:00, 2 hours, 2 on Tuesday
        (OFFICE, "2026-03-09T09:00", "0.25d", "2026-03-09T11:00+00:00"),  # a quarter: 2 of 8 hours
        (NEW_YORK_NIGHTS, "2026-03-08T00:00-05:00", "0.5d", "2026-03-08T03:30-04:00"),  # half of three true hours
    ],
)
def test_working_days(calendar: Calendar, start: str, amount: str, expected: str) -> None:
    assert told(calendar, start, amount) == at(calendar, expected).isoformat()


@pytest.mark.parametrize(
    ("calendar", "start", "amount", "waits", "expected"),
    [
        (OFFICE, "2026-03-09T09:00", "2h", ["2026-03-09T10:00/2026-03-09T11:00"], "2026-03-09T12:00+00:00"),
        # of no length: nothing
        (OFFICE, "2026-03-09T09:00", "2h", ["2026-03-09T10:00/2026-03-09T10:00"], "2026-03-09T11:00+00:00"),
        # over a weekend: half an hour on Friday, half an hour on Monday
        (OFFICE, "2026-03-06T16:00", "2h", ["2026-03-06T16:30/2026-03-09T09:30"], "2026-03-09T11:00+00:00"),
        # resumed on a weekend: half an hour on Friday
        (OFFICE, "2026-03-06T16:00", "2h", ["2026-03-06T16:30/2026-03-07T12:00"], "2026-03-09T10:30+00:00"),
        # over holidays only: nothing
        (OFFICE, "2026-04-02T16:00", "2h", ["2026-04-03T09:00/2026-04-06T17:00"], "2026-04-07T10:00+01:00"),
        # over National Day, from the hour before to the hour after: two hours
        (CHINA, "2026-09-30T16:00", "2h", ["2026-09-30T17:00/2026-10-08T10:00"], "2026-10-08T11:00"),
        # over lunch: nothing; into a make-up Saturday: its hour counts
        (CHINA, "2026-03-09T11:00", "2h", ["2026-03-09T12:00/2026-03-09T13:00"], "2026-03-09T14:00"),
        (CHINA, "2026-10-09T17:00", "2h", ["2026-10-09T18:00/2026-10-10T10:00"], "2026-10-10T11:00"),
        # before the start, over the start, after due, at due
        (OFFICE, "2026-03-10T09:00", "2h", ["2026-03-09T09:00/2026-03-09T17:00"], "2026-03-10T11:00+00:00"),
        (OFFICE, "2026-03-09T10:00", "1h", ["2026-03-09T09:00/2026-03-09T10:30"], "2026-03-09T11:30+00:00"),
        (OFFICE, "2026-03-09T09:00", "2h", ["2026-03-09T12:00/2026-03-09T13:00"], "2026-03-09T11:00+00:00"),
        (OFFICE, "2026-03-09T09:00", "2h", ["2026-03-09T11:00/2026-03-09T13:00"], "2026-03-09T11:00+00:00"),
        # overlapping, in any order: 10:00 to 11:30, once
        (
            OFFICE,
            "2026-03-09T09:00",
            "2h",
            ["2026-03-09T10:30/2026-03-09T11:30", "2026-03-09T10:00/2026-03-09T11:00"],
            "2026-03-09T12:30+00:00",
        ),
        # one within the other
        (
            OFFICE,
            "2026-03-09T09:00",
            "2h",
            ["2026-03-09T10:00/2026-03-09T12:00", "2026-03-09T10:30/2026-03-09T11:00"],
            "2026-03-09T13:00+00:00",
        ),
        # the second begins only because the first moved the due time: 11:00, 12:00, 12:30
        (
            OFFICE,
            "2026-03-09T09:00",
            "2h",
            ["2026-03-09T10:00/2026-03-09T11:00", "2026-03-09T11:30/2026-03-09T12:00"],
            "2026-03-09T12:30+00:00",
        ),
        # before an extension from two to three hours
        (OFFICE, "2026-03-09T09:00", "3h", ["2026-03-09T10:00/2026-03-09T11:00"], "2026-03-09T13:00+00:00"),
        # over the change of clocks: midnight to 04:00 summer time is three hours
        (
            LONDON_DAY_AND_NIGHT,
            "2026-03-28T12:00+00:00",
            "24h",
            ["2026-03-29T00:00+00:00/2026-03-29T04:00+01:00"],
            "2026-03-29T16:00+01:00",
        ),
        # working days: moved by the working time paused
        (OFFICE, "2026-03-09T10:00", "1d", ["2026-03-09T11:00/2026-03-09T13:00"], "2026-03-10T12:00+00:00"),
        (OFFICE, "2026-03-09T10:00", "3d", ["2026-03-10T00:00/2026-03-11T00:00"], "2026-03-13T10:00+00:00"),
        (OFFICE, "2026-03-06T16:30", "1d", ["2026-03-07T00:00/2026-03-09T00:00"], "2026-03-09T16:30+00:00"),
        (OFFICE, "2026-03-09T09:00", "0.5d", ["2026-03-09T10:00/2026-03-09T11:00"], "2026-03-09T14:00+00:00"),
        (OFFICE, "2026-03-09T09:00", "0d", ["2026-03-09T09:00/2026-03-09T11:00"], "2026-03-09T09:00+00:00"),
    ],
)
def test_pauses(calendar: Calendar, start: str, amount: str, waits: list[str], expected: str) -> None:
    assert told(calendar, start, amount, *waits) == at(calendar, expected).isoformat()


def intervals(calendar: Calendar, start: str, end: str, *waits: str) -> list[tuple[str, str]]:
    found = working_intervals(calendar, at(calendar, start), at(calendar, end), pauses(calendar, *waits))
    return [(f"{part.start:%d %H:%M}", f"{part.end:%d %H:%M}") for part in found]


def test_the_sum_shows_what_counted() -> None:
    assert intervals(CHINA, "2026-02-13T11:30", "2026-02-24T09:30") == [
        ("13 11:30", "13 12:00"),
        ("13 13:00", "13 18:00"),
        ("14 09:00", "14 12:00"),
        ("14 13:00", "14 18:00"),
        ("24 09:00", "24 09:30"),
    ]


def test_the_sum_goes_over_new_year_and_leaves_pauses_out() -> None:
    assert intervals(OFFICE, "2026-12-31T15:00", "2027-01-04T12:00", "2026-12-31T16:00/2027-01-04T10:00") == [
        ("31 15:00", "31 16:00"),
        ("04 10:00", "04 12:00"),
    ]
    assert intervals(OFFICE, "2026-03-09T10:00", "2026-03-09T12:00", "2026-03-09T09:00/2026-03-09T13:00") == []
    assert intervals(OFFICE, "2026-03-09T10:00", "2026-03-09T12:00", "2026-03-09T11:00/2026-03-09T11:30") == [
        ("09 10:00", "09 11:00"),
        ("09 11:30", "09 12:00"),
    ]


def test_nothing_has_elapsed_before_the_start() -> None:
    assert elapsed(OFFICE, at(OFFICE, "2026-03-10T10:00"), at(OFFICE, "2026-03-09T10:00")) == timedelta()
    assert intervals(OFFICE, "2026-03-10T10:00", "2026-03-09T10:00") == []


def test_decades_are_counted() -> None:
    week = timedelta(hours=40)
    assert elapsed(SHORT_FRIDAY, at(SHORT_FRIDAY, "2000-01-03T00:00"), at(SHORT_FRIDAY, "2050-01-03T00:00")) == (
        2609 * (week - timedelta(hours=4))  # 18,263 days are 2,609 weeks
    )


def test_a_day_that_a_zone_skips_has_no_hours() -> None:
    samoa = calendar("Pacific/Apia", NINE_TO_FIVE)  # there was no Friday 30 December 2011
    assert told(samoa, "2011-12-29T16:00", "2h") == "2011-12-31T10:00:00+14:00"
    assert told(samoa, "2011-12-29T16:00", "1d") == "2011-12-31T16:00:00+14:00"


def test_an_opening_within_the_skipped_hour_is_none() -> None:
    assert told(calendar("America/New_York", ["02:10-02:50"]), "2026-03-08T00:00-05:00", "1d") == (
        "2026-03-09T02:10:00-04:00"
    )
