"""What is owed in a case by when: the first clock that does not wait, and grants not carried out (C-7, D-3)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.case.events import Answer
from domain.case.words import Status
from domain.kernel import Event
from domain.time.owed import due_at
from domain.time.timing import Fact, timing
from tests.support import cases as c
from tests.support.clocks import moment, policy, shown

RECEIVED = replace(c.RECEIVED, received_at=c.NOW)


def due_after(*events: Event) -> datetime | None:
    facts = [Fact(c.NOW + n * c.HOUR / 100, event) for n, event in enumerate((RECEIVED, *events))]
    return due_at(timing(facts, [policy()]))


def test_the_first_of_the_clocks_d_3() -> None:
    assert shown(due_after()) == "2024-05-06T12:00"  # acknowledge: two working hours
    assert shown(due_after(c.ACKNOWLEDGED)) == "2024-05-07T10:00"
    promised = replace(c.PROMISED, due_at=c.NOW + 3 * c.HOUR)
    assert due_after(c.ACKNOWLEDGED, promised) == c.NOW + 3 * c.HOUR
    assert due_after(replace(c.ESCALATED, hear_back_by=c.NOW)) == c.NOW


def test_what_waits_is_not_owed_c_11() -> None:
    waiting = (c.ACKNOWLEDGED, replace(c.PAUSED, since=c.NOW))
    assert due_after(*waiting) == c.ACKNOWLEDGED.answer_by, "what the customer was told does not wait"
    assert due_after(replace(c.ACKNOWLEDGED, answer_by=None), replace(c.PAUSED, since=c.NOW)) is None


def test_a_clock_that_ran_out_is_owed_until_it_is_stopped_d_3c() -> None:
    late = [Fact(c.NOW, RECEIVED), Fact(moment("2024-05-13T10:00"), c.PROPOSED)]
    assert shown(due_at(timing(late, [policy()]))) == "2024-05-06T12:00"


def resolved(*answers: Answer) -> tuple[Event, ...]:
    """Resolved and called back: only grants are left."""
    done = replace(c.RESOLVED, answers=answers)
    return (c.ACKNOWLEDGED, c.CLARIFIED, c.INVESTIGATED, c.ANALYSED, done, c.CALLED_BACK)


def test_grants_are_owed_until_the_end_of_their_day_c_7() -> None:
    # the end of 13 May in Shanghai
    assert due_after(*resolved(c.GRANTED, c.REFUSED)) == datetime(2024, 5, 13, 16, tzinfo=UTC)
    assert due_after(*resolved(c.GRANTED), c.FULFILLED) is None
    assert due_after(*resolved(replace(c.GRANTED, due=None))) is None
    assert due_after(*resolved(c.GRANTED), replace(c.RESOLVED, answers=()), c.CALLED_BACK) is None


@pytest.mark.parametrize("due", [date.max, date.max - c.DAY])
def test_a_day_beyond_all_counting_counts_as_the_last(due: date) -> None:
    assert due_after(*resolved(replace(c.GRANTED, due=due))) == datetime(2190, 1, 1, 16, tzinfo=UTC)


def test_a_closed_case_owes_what_was_granted_a_withdrawn_one_does_not_c_7() -> None:
    ended = (*resolved(c.GRANTED), c.SUMMARISED, c.CLOSED)
    assert due_after(*ended) == datetime(2024, 5, 13, 16, tzinfo=UTC)
    assert due_after(*ended, c.FULFILLED) is None
    reopened = replace(c.REOPENED, from_status=Status.CLOSED)
    assert due_after(*ended, reopened, c.PROPOSED, replace(c.WITHDRAWN, withdrawn_at=c.NOW)) is None


def test_what_is_named_for_a_time_beyond_all_counting_is_counted_as_the_last() -> None:
    far = datetime(8999, 12, 31, tzinfo=UTC)
    later = (replace(c.PROMISED, due_at=far), replace(c.EXTENDED, until=far), replace(c.ESCALATED, hear_back_by=far))
    assert shown(due_after(*later, c.ACKNOWLEDGED)) == "2024-05-07T10:00"
