"""When terms end, worked by hand (D-3, D-3a); times are local to the calendar. March 2026: Friday is the 6th.

The clocks change on 29 March and 25 October in London, on 8 March and 1 November in New York, in 2026.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from application.calendars import shipped
from domain.time.calendar import Calendar, Period, closing, postponed, share
from domain.time.terms import BadTerm, Ending, Term, Unit, ends, every_hour, term

ENGLAND = shipped("england-1")
CHINA = shipped("default-1")
NEW_YORK = every_hour("America/New_York")
LONDON = every_hour("Europe/London")


def at(calendar: Calendar, text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=ZoneInfo(calendar.time_zone))


def pause(calendar: Calendar, text: str) -> Period:
    begins, _, stops = text.partition("/")
    return Period(at(calendar, begins), at(calendar, stops))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 working hours", Term(Decimal(120), Unit.WORKING_MINUTES)),
        ("1.5 working hours", Term(Decimal(90), Unit.WORKING_MINUTES)),
        ("1 working minute", Term(Decimal(1), Unit.WORKING_MINUTES)),
        ("10 minutes", Term(Decimal(10), Unit.MINUTES)),
        ("24 hours", Term(Decimal(1440), Unit.MINUTES)),
        ("3 working days", Term(Decimal(3), Unit.WORKING_DAYS)),
        ("0.5 working days", Term(Decimal("0.5"), Unit.WORKING_DAYS)),
        ("30 days", Term(Decimal(30), Unit.DAYS)),
        ("8 weeks", Term(Decimal(56), Unit.DAYS)),
        ("1 month", Term(Decimal(1), Unit.MONTHS)),
    ],
)
def test_terms_are_written_in_words(text: str, expected: Term) -> None:
    assert term(text) == expected


@pytest.mark.parametrize(
    ("text", "ending", "counts", "said"),
    [
        ("soon", Ending.SAME_HOUR, False, "is no time"),
        ("PT2H", Ending.SAME_HOUR, False, "is no time"),
        ("-1 hours", Ending.SAME_HOUR, False, "is no time"),
        ("2 working weeks", Ending.SAME_HOUR, False, "is no time"),
        ("1 working month", Ending.SAME_HOUR, False, "is no time"),
        ("1.5 days", Ending.SAME_HOUR, False, "only working days that end at an hour have parts"),
        ("0.5 months", Ending.SAME_HOUR, False, "only working days that end at an hour have parts"),
        ("0.5 working days", Ending.END_OF_DAY, False, "only working days that end at an hour have parts"),
        ("3 days", Ending.SAME_HOUR, True, "counts only where the term ends with a day"),
    ],
)
def test_terms_that_cannot_be_meant_are_refused(text: str, ending: Ending, counts: bool, said: str) -> None:  # noqa: FBT001
    with pytest.raises(BadTerm, match=said):
        term(text, ending, first_day_counts=counts)


def test_hours_do_not_end_with_a_day() -> None:
    assert term("24 hours", Ending.END_OF_DAY).ending is Ending.SAME_HOUR
    with pytest.raises(BadTerm, match="hours and minutes end at their time"):
        Term(Decimal(60), Unit.MINUTES, Ending.END_OF_DAY)


@pytest.mark.parametrize(
    ("calendar", "start", "text", "expected"),
    [
        # working time and working days, as in D-3
        (ENGLAND, "2026-03-06T16:30", "1 working hour", "2026-03-09T09:30"),  # half an hour on Friday, half on Monday
        (CHINA, "2026-03-06T17:30", "2 working hours", "2026-03-09T10:30"),  # half an hour, then 1.5 h on Monday
        (
            CHINA,
            "2026-02-13T17:30",
            "2 working hours",
            "2026-02-14T10:30",
        ),  # the Saturday before the festival is worked
        (CHINA, "2026-02-14T17:00", "1 working day", "2026-02-24T17:00"),  # over 15 to 23 February
        (CHINA, "2026-03-06T16:30", "0.5 working days", "2026-03-09T11:30"),  # 4 of 8 h: 1.5 on Friday, 2.5 on Monday
        # clock time runs through nights, weekends, holidays, and changes of clocks
        (ENGLAND, "2026-03-06T16:30", "24 hours", "2026-03-07T16:30"),
        (CHINA, "2026-02-14T17:00", "24 hours", "2026-02-15T17:00"),  # into the festival
        (ENGLAND, "2026-03-28T12:00", "24 hours", "2026-03-29T13:00"),  # that day has 23 hours
        (ENGLAND, "2026-10-24T12:00", "24 hours", "2026-10-25T11:00"),  # that one 25
        (NEW_YORK, "2026-03-07T12:00", "24 hours", "2026-03-08T13:00"),
        (NEW_YORK, "2026-10-31T12:00", "24 hours", "2026-11-01T11:00"),
        (CHINA, "2026-03-06T23:55", "10 minutes", "2026-03-07T00:05"),
        # calendar days keep the local time
        (NEW_YORK, "2026-03-01T12:00", "30 days", "2026-03-31T12:00"),
        (NEW_YORK, "2026-10-20T12:00", "15 days", "2026-11-04T12:00"),
        (NEW_YORK, "2026-03-07T02:30", "1 day", "2026-03-08T03:00"),  # 02:30 is skipped: as the clocks go forward
        (LONDON, "2026-12-31T23:00", "1 day", "2027-01-01T23:00"),
        (LONDON, "2028-02-28T10:00", "2 days", "2028-03-01T10:00"),  # over a leap day
        (ENGLAND, "2026-03-06T16:30", "1 week", "2026-03-13T16:30"),
        # months: the same day, or the last of a month that has no such day
        (LONDON, "2026-03-15T10:00", "1 month", "2026-04-15T10:00"),
        (LONDON, "2027-01-31T10:00", "1 month", "2027-02-28T10:00"),
        (LONDON, "2028-01-31T10:00", "1 month", "2028-02-29T10:00"),
        (LONDON, "2026-03-31T10:00", "1 month", "2026-04-30T10:00"),
        (LONDON, "2028-02-29T10:00", "12 months", "2029-02-28T10:00"),
        (LONDON, "2026-12-15T10:00", "1 month", "2027-01-15T10:00"),
        (LONDON, "2026-11-30T10:00", "3 months", "2027-02-28T10:00"),
        (CHINA, "2026-01-31T10:00", "1 month", "2026-02-28T10:00"),
        # nothing
        (ENGLAND, "2026-03-07T10:00", "0 hours", "2026-03-07T10:00"),
    ],
)
def test_terms_that_end_at_an_hour(calendar: Calendar, start: str, text: str, expected: str) -> None:
    assert ends(calendar, at(calendar, start), term(text)) == at(calendar, expected)


@pytest.mark.parametrize(
    ("calendar", "start", "text", "expected"),
    [
        # working days end at closing time
        (ENGLAND, "2026-03-06T16:30", "3 working days", "2026-03-11T17:00"),  # Monday, Tuesday, Wednesday
        (
            ENGLAND,
            "2026-03-04T18:00",
            "3 working days",
            "2026-03-09T17:00",
        ),  # after closing: Thu, Fri, Mon all the same
        (ENGLAND, "2026-03-07T10:00", "1 working day", "2026-03-09T17:00"),  # Saturday: Monday is the first
        (ENGLAND, "2026-04-02T16:00", "3 working days", "2026-04-09T17:00"),  # over Easter: Tue, Wed, Thu
        (ENGLAND, "2026-12-24T16:00", "2 working days", "2026-12-30T17:00"),  # over Christmas and its substitute day
        (CHINA, "2026-02-13T10:00", "1 working day", "2026-02-14T18:00"),  # a Saturday that is worked
        # days, weeks and months end at midnight
        (NEW_YORK, "2026-03-01T10:00", "15 days", "2026-03-17T00:00"),  # the 16th is the last
        (NEW_YORK, "2026-10-20T10:00", "15 days", "2026-11-05T00:00"),
        (LONDON, "2026-03-01T00:00", "1 day", "2026-03-03T00:00"),  # received at the first moment of the 1st
        (LONDON, "2026-03-01T23:59", "1 day", "2026-03-03T00:00"),  # and in its last minute
        (LONDON, "2026-03-01T10:00", "0 days", "2026-03-02T00:00"),  # today
        (LONDON, "2026-02-01T10:00", "8 weeks", "2026-03-30T00:00"),  # 29 March, on which the clocks change
        (LONDON, "2028-01-31T10:00", "1 month", "2028-03-01T00:00"),  # 29 February
        (LONDON, "2026-12-31T10:00", "1 day", "2027-01-02T00:00"),
    ],
)
def test_terms_that_end_with_a_day(calendar: Calendar, start: str, text: str, expected: str) -> None:
    assert ends(calendar, at(calendar, start), term(text, Ending.END_OF_DAY)) == at(calendar, expected)


@pytest.mark.parametrize(
    ("calendar", "start", "text", "expected"),
    [
        (ENGLAND, "2026-03-06T10:00", "3 working days", "2026-03-10T17:00"),  # Friday is the first, Tuesday the third
        (ENGLAND, "2026-03-07T10:00", "3 working days", "2026-03-11T17:00"),  # Saturday is none: Mon, Tue, Wed
        (ENGLAND, "2026-03-06T10:00", "1 working day", "2026-03-06T17:00"),  # today
        (ENGLAND, "2026-03-06T17:00", "1 working day", "2026-03-06T17:00"),  # as it closes
        (ENGLAND, "2026-03-06T18:00", "1 working day", "2026-03-09T17:00"),  # it has closed: Monday
        (ENGLAND, "2026-01-01T10:00", "1 working day", "2026-01-02T17:00"),  # New Year's Day is none
        (LONDON, "2026-03-01T10:00", "30 days", "2026-03-31T00:00"),  # the 1st is the first, the 30th the last
        (LONDON, "2026-03-01T10:00", "1 month", "2026-04-01T00:00"),  # to 31 March
    ],
)
def test_terms_in_which_the_day_of_the_start_counts(calendar: Calendar, start: str, text: str, expected: str) -> None:
    counted = term(text, Ending.END_OF_DAY, first_day_counts=True)
    assert ends(calendar, at(calendar, start), counted) == at(calendar, expected)


@pytest.mark.parametrize(
    ("calendar", "start", "text", "ending", "wait", "expected"),
    [
        # two working hours from Friday 16:30 and a wait from 17:00 to Monday 10:00: half an hour, then 1.5 h
        (
            CHINA,
            "2026-03-06T16:30",
            "2 working hours",
            "same_hour",
            "2026-03-06T17:00/2026-03-09T10:00",
            "2026-03-09T11:30",
        ),
        # a wait over the festival only: nothing
        (
            CHINA,
            "2026-02-14T17:00",
            "2 working hours",
            "same_hour",
            "2026-02-14T18:00/2026-02-24T09:00",
            "2026-02-24T10:00",
        ),
        # clock time waits through the night
        (CHINA, "2026-03-06T16:30", "24 hours", "same_hour", "2026-03-06T20:00/2026-03-07T08:00", "2026-03-08T04:30"),
        (CHINA, "2026-03-06T16:30", "24 hours", "same_hour", "2026-03-06T20:00/2026-03-06T20:00", "2026-03-07T16:30"),
        # a wait over the change of clocks is as long as it was: three hours
        (ENGLAND, "2026-03-28T12:00", "24 hours", "same_hour", "2026-03-29T00:00/2026-03-29T04:00", "2026-03-29T16:00"),
        # days: two days later, to the end of the day
        (LONDON, "2026-03-01T10:00", "10 days", "end_of_day", "2026-03-05T12:00/2026-03-07T12:00", "2026-03-14T00:00"),
        (LONDON, "2026-03-01T10:00", "10 days", "end_of_day", "2026-03-05T12:00/2026-03-05T13:00", "2026-03-13T00:00"),
        # a wait that begins when the term has ended moves nothing
        (LONDON, "2026-03-01T10:00", "1 day", "end_of_day", "2026-03-03T00:00/2026-03-09T00:00", "2026-03-03T00:00"),
        # working days: an hour on Wednesday moves Wednesday's end to Thursday's
        (
            ENGLAND,
            "2026-03-06T10:00",
            "3 working days",
            "end_of_day",
            "2026-03-11T10:00/2026-03-11T11:00",
            "2026-03-12T17:00",
        ),
        (
            ENGLAND,
            "2026-03-06T10:00",
            "3 working days",
            "end_of_day",
            "2026-03-07T00:00/2026-03-08T12:00",
            "2026-03-11T17:00",
        ),
        # resumed on a weekend: the half hour on Friday
        (
            CHINA,
            "2026-03-06T16:30",
            "1 working hour",
            "same_hour",
            "2026-03-06T17:15/2026-03-07T12:00",
            "2026-03-09T09:15",
        ),
    ],
)
def test_waiting_moves_a_term(calendar: Calendar, start: str, text: str, ending: str, wait: str, expected: str) -> None:
    waits = [pause(calendar, wait)]
    assert ends(calendar, at(calendar, start), term(text, Ending(ending)), waits) == at(calendar, expected)


def test_what_was_due_is_moved_by_the_waiting_from_then_on() -> None:
    """An hour of Monday, and one of Tuesday; Friday and Monday's first hour lie before the start."""
    granted, until = at(CHINA, "2026-03-09T10:00"), at(CHINA, "2026-03-10T10:00")
    waits = [pause(CHINA, "2026-03-06T09:00/2026-03-09T11:00"), pause(CHINA, "2026-03-10T10:00/2026-03-10T11:00")]
    assert postponed(CHINA, granted, until, waits) == at(CHINA, "2026-03-10T12:00")


def test_a_day_closes_once() -> None:
    assert closing(ENGLAND, at(ENGLAND, "2026-03-06T08:00"), 0) == at(ENGLAND, "2026-03-06T17:00")
    assert closing(ENGLAND, at(ENGLAND, "2026-03-06T08:00"), 1) == at(ENGLAND, "2026-03-09T17:00")


def test_four_fifths_of_what_counts() -> None:
    """D-4: 96 of 120 minutes, 90 of them on Friday."""
    start, end = at(CHINA, "2026-03-06T16:30"), at(CHINA, "2026-03-09T09:30")
    assert share(CHINA, start, end, 80, ()) == at(CHINA, "2026-03-09T09:06")
    waits = [pause(CHINA, "2026-03-06T17:00/2026-03-06T18:00")]  # 60 minutes are left: 48, 30 of them on Friday
    assert share(CHINA, start, end, 80, waits) == at(CHINA, "2026-03-09T09:18")


def test_a_share_of_time_in_which_nothing_counts_is_its_beginning() -> None:
    night = at(CHINA, "2026-03-06T20:00")
    assert share(CHINA, night, at(CHINA, "2026-03-06T21:00"), 80, ()) == night


def test_every_hour_of_a_year_counts() -> None:
    year = every_hour("Europe/London")
    assert ends(year, at(year, "2026-01-01T00:00"), term("8760 hours")) == at(year, "2027-01-01T00:00")
    assert ends(year, at(year, "2026-01-01T00:00"), term("12 months")) - at(year, "2026-01-01T00:00") == timedelta(365)
