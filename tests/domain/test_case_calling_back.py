"""C-8, C-10, C-12: the callback, the summary, the closing."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.case import events as e
from domain.case.way import call_back, close, summarise
from domain.case.words import Courtesy, ReopenCause, Status
from domain.kernel import Event
from domain.values import Actor
from tests.support.cases import (
    CALLED_BACK,
    CLOSED,
    COLLEAGUE,
    CONTACTED,
    DAY,
    NOT_SATISFIED,
    NOW,
    OWNER,
    PAUSED,
    PROPOSED,
    REASSIGNED,
    RECEIVED,
    REOPENED,
    RESOLVED,
    SUMMARISED,
    SUPERVISOR,
    TODAY,
    UNREACHED,
    until,
)
from tests.support.spec import given

RESOLVED_CASE = until(Status.RESOLVED)
REOPENED_BY_CALL = e.Reopened(cause=ReopenCause.NOT_SATISFIED, from_status=Status.RESOLVED, to_status=Status.ANALYSED)
BEFORE_MIDNIGHT = datetime(2024, 5, 6, 15, 59, 59, tzinfo=UTC)
"""The last second of 6 May in Shanghai."""
MIDNIGHT = datetime(2024, 5, 6, 16, 0, tzinfo=UTC)
"""The first moment of 7 May in Shanghai, where UTC still has the 6th."""


def unreached_on(*days: date) -> tuple[Event, ...]:
    """Calls on these days that nobody answered."""
    return tuple(replace(UNREACHED, day=day) for day in days)


# ---- when resolved --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [Status.PROPOSED, Status.CALLED_BACK])
def test_the_call_follows_the_resolution_once(status: Status) -> None:
    outcome = given(*until(status)).when(call_back, CALLED_BACK)
    outcome.then_refused("not_on_the_way", "C-8", f"callbacks does not follow {status}")


def test_a_satisfied_customer_ends_the_step() -> None:
    stated = replace(CALLED_BACK, ends_step=False, day=date.min)
    given(*RESOLVED_CASE).when(call_back, stated).then(CALLED_BACK)
    assert given(*until(Status.CALLED_BACK)).state.status is Status.CALLED_BACK


def test_who_is_not_satisfied_has_the_case_back_for_further_remedy() -> None:
    given(*RESOLVED_CASE).when(call_back, NOT_SATISFIED).then(NOT_SATISFIED, REOPENED_BY_CALL)
    case = given(*RESOLVED_CASE, NOT_SATISFIED, REOPENED_BY_CALL).state
    assert (case.status, case.proposal) == (Status.ANALYSED, None)


def test_owner_and_handler_call() -> None:
    passed_on = (*RESOLVED_CASE, REASSIGNED)
    given(*passed_on).when(call_back, CALLED_BACK, by=OWNER).then(CALLED_BACK)
    given(*passed_on).when(call_back, CALLED_BACK, by=COLLEAGUE).then(CALLED_BACK)


@pytest.mark.parametrize("by", [COLLEAGUE, SUPERVISOR])
def test_nobody_else_calls(by: Actor) -> None:
    outcome = given(*RESOLVED_CASE).when(call_back, CALLED_BACK, by=by)
    outcome.then_refused("need_unmet", "C-8", "reassign the case to whoever shall call")


def test_who_was_reached_is_asked_whether_they_are_satisfied() -> None:
    mute = replace(CALLED_BACK, satisfied=None)
    outcome = given(*RESOLVED_CASE).when(call_back, mute)
    outcome.then_refused("invalid", "C-8", "say whether the customer is satisfied", "/satisfied")


@pytest.mark.parametrize("satisfied", [True, False])
def test_who_was_not_reached_has_not_said_whether_they_are_satisfied(satisfied: bool) -> None:  # noqa: FBT001
    outcome = given(*RESOLVED_CASE).when(call_back, replace(UNREACHED, satisfied=satisfied))
    outcome.then_refused("invalid", "C-8", "has given no satisfied", "/satisfied")


def test_who_was_not_reached_has_given_no_score() -> None:
    outcome = given(*RESOLVED_CASE).when(call_back, replace(UNREACHED, score=3))
    outcome.then_refused("invalid", "C-8", "has given no score", "/score")


# ---- when nobody answers --------------------------------------------------------------------------------------------
def test_a_call_that_nobody_answers_leaves_the_case_as_it_is() -> None:
    given(*RESOLVED_CASE).when(call_back, UNREACHED).then(UNREACHED)
    assert given(*RESOLVED_CASE, UNREACHED).state.status is Status.RESOLVED


def test_three_calls_on_one_day_are_one_day() -> None:
    history = (*RESOLVED_CASE, *unreached_on(TODAY, TODAY, TODAY))
    given(*history).when(call_back, UNREACHED).then(UNREACHED)


def test_the_third_day_without_answer_ends_the_step() -> None:
    history = (*RESOLVED_CASE, *unreached_on(TODAY - 2 * DAY, TODAY - DAY))
    ended = replace(UNREACHED, ends_step=True)
    given(*history).when(call_back, UNREACHED).then(ended)
    given(*history, ended).when(summarise, SUMMARISED).then(SUMMARISED)


def test_days_are_days_in_shanghai() -> None:
    history = (*RESOLVED_CASE, *unreached_on(date(2024, 5, 5), date(2024, 5, 6)))
    given(*history).when(call_back, UNREACHED, at=BEFORE_MIDNIGHT).then(UNREACHED)
    third = replace(UNREACHED, day=date(2024, 5, 7), ends_step=True)
    given(*history).when(call_back, UNREACHED, at=MIDNIGHT).then(third)


def test_who_answers_on_the_third_day_decides() -> None:
    history = (*RESOLVED_CASE, *unreached_on(TODAY - 2 * DAY, TODAY - DAY))
    given(*history).when(call_back, NOT_SATISFIED).then(NOT_SATISFIED, REOPENED_BY_CALL)
    given(*history).when(call_back, CALLED_BACK).then(CALLED_BACK)


def test_after_a_reopening_the_days_count_anew() -> None:
    days = unreached_on(TODAY - 2 * DAY, TODAY - DAY)
    again = (*RESOLVED_CASE, *days, REOPENED_BY_CALL, PROPOSED, RESOLVED)
    given(*again).when(call_back, UNREACHED).then(UNREACHED)


# ---- when called back -----------------------------------------------------------------------------------------------
def test_a_case_is_summed_up() -> None:
    given(*until(Status.CALLED_BACK)).when(summarise, SUMMARISED).then(SUMMARISED)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.SUMMARISED])
def test_a_case_is_summed_up_after_the_call_and_once(status: Status) -> None:
    outcome = given(*until(status)).when(summarise, SUMMARISED)
    outcome.then_refused("not_on_the_way", "C-10", f"summary does not follow {status}")


def test_only_a_summarised_case_closes() -> None:
    outcome = given(*until(Status.CALLED_BACK)).when(close, CLOSED)
    outcome.then_refused(
        "not_on_the_way", "C-10", "possible now are analysis, fulfilments, summary, reopening, withdrawal"
    )


# ---- when summarised ------------------------------------------------------------------------------------------------
def test_missing_courtesies_are_shown_not_forbidden() -> None:
    given(*until(Status.SUMMARISED)).when(close, replace(CLOSED, courtesies_missing=None)).then(CLOSED)


def test_courtesies_shown_on_the_way_are_not_missing() -> None:
    _, *rest = until(Status.SUMMARISED)
    thanked = replace(CONTACTED, courtesies=(Courtesy.THANK, Courtesy.EXPLAIN))
    called = replace(CALLED_BACK, courtesies=(Courtesy.APOLOGISE_AGAIN,))
    history = (replace(RECEIVED, apology_given=True), thanked, *rest, called, SUMMARISED)
    missing = (Courtesy.SHOW_SYMPATHY, Courtesy.SAY_THE_SOLUTION_AND_ACT)
    given(*history).when(close, CLOSED).then(replace(CLOSED, courtesies_missing=missing))


# ---- when closed ----------------------------------------------------------------------------------------------------
def test_closing_ends_the_case_and_its_waiting() -> None:
    case = given(*until(Status.SUMMARISED), PAUSED, CLOSED).state
    assert (case.status, case.ended_at, case.paused) == (Status.CLOSED, NOW, False)


def test_a_case_closes_once() -> None:
    outcome = given(*until(Status.CLOSED)).when(close, CLOSED)
    outcome.then_refused("not_on_the_way", "C-10", "reopening")


def test_a_reopened_case_has_not_ended() -> None:
    assert given(*until(Status.CLOSED), REOPENED).state.ended_at is None
