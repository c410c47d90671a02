"""Policies and calendars written as documents are read as the same ones again."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application import calendars, deadline_policies
from application.calendars import writing as calendar_writing
from application.deadline_policies import writing as policy_writing
from application.documents import read
from domain.time.calendar import Calendar, Opening, SpecialDay
from domain.time.terms import BadTerm, Ending, Term, Unit, term


def again(document: dict[str, Any]) -> Any:
    return read("again", json.dumps(document))


@pytest.mark.parametrize("version", deadline_policies.shipped_versions())
def test_a_shipped_policy_is_the_same_again(version: str) -> None:
    policy = deadline_policies.shipped(version)
    assert deadline_policies.parse(again(policy_writing.written(policy))) == policy


@pytest.mark.parametrize("version", calendars.shipped_versions())
def test_a_shipped_calendar_is_the_same_again(version: str) -> None:
    calendar = calendars.shipped(version)
    assert calendars.parse(again(calendar_writing.written(calendar))) == calendar


OPENINGS = st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True).map(
    lambda at: tuple(Opening(*pair) for pair in zip(sorted(at)[::2], sorted(at)[1::2], strict=False))
)
DAYS = st.builds(SpecialDay, hours=OPENINGS, name=st.sampled_from([None, "元旦"]), public_holiday=st.booleans())


@given(st.tuples(*[OPENINGS] * 7), st.dictionaries(st.dates(date(2000, 1, 1), date(2030, 1, 1)), DAYS, max_size=5))
def test_any_calendar_is_the_same_again(week: Any, special: dict[date, SpecialDay]) -> None:
    """But for the name of a day that is closed and no holiday: such a day is written without it."""
    one = (Opening(540, 1020),)
    calendar = Calendar(version="c-1", time_zone="Europe/London", week=(one, *week[1:]), special=special)
    unnamed = {
        day: SpecialDay(hours=()) if not its.hours and not its.public_holiday else its for day, its in special.items()
    }
    read_again = calendars.parse(again(calendar_writing.written(calendar)))
    assert (read_again.week, read_again.special) == (calendar.week, unnamed)


@given(st.decimals(0, 9_999, places=2), st.sampled_from(Unit), st.sampled_from(Ending), st.booleans())
def test_any_time_is_the_same_again(count: Any, unit: Unit, ending: Ending, first_day_counts: bool) -> None:  # noqa: FBT001
    try:
        meant = Term(count, unit, ending, first_day_counts)
    except BadTerm:
        return
    assert term(policy_writing._term(meant), ending, first_day_counts=first_day_counts) == meant  # noqa: SLF001
