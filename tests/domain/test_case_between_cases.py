"""C-11, C-15: links, merging, withdrawal, reopening, the second stage."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import events as e
from domain.case.beside import extend, link, merge, note, reassign, reopen, request_review, unmerge, withdraw
from domain.case.case import Case
from domain.case.way import acknowledge, analyse, investigate, propose, resolve, review_answer
from domain.case.words import Clock, LinkKind, ReopenCause, Status
from domain.kernel import Event
from domain.values import Role
from tests.support.cases import (
    ACKNOWLEDGED,
    ANALYSED,
    CLARIFIED,
    CLOSED,
    COLLEAGUE,
    DAY,
    EXTENDED,
    INVESTIGATED,
    LINKED,
    MERGED,
    NOTED,
    NOW,
    OTHER,
    OTHER_SUPERVISOR,
    OWNER,
    PASSED,
    PAUSED,
    PROPOSED,
    REASSIGNED,
    RECEIVED,
    REOPENED,
    RESOLVED,
    RESUMED,
    REVIEW_REQUESTED,
    SUPERVISOR,
    THIS,
    UNMERGED,
    WITHDRAWN,
    sealed,
    until,
)
from tests.support.spec import given

TARGET = given(RECEIVED).state
MERGEABLE = [status for status in Status if status not in {Status.CLOSED, Status.WITHDRAWN, Status.MERGED}]
ENDED = [Status.CLOSED, Status.WITHDRAWN, Status.MERGED]


# ---- links ----------------------------------------------------------------------------------------------------------
def test_another_case_belongs_to_this_one() -> None:
    given(RECEIVED).when(link, THIS, OTHER, TARGET, LinkKind.RELATED).then(LINKED)


def test_a_link_is_noted_once() -> None:
    given(RECEIVED, LINKED).when(link, THIS, OTHER, TARGET, LinkKind.RELATED).then()
    follow_up = replace(LINKED, kind=LinkKind.FOLLOW_UP)
    given(RECEIVED, LINKED).when(link, THIS, OTHER, TARGET, LinkKind.FOLLOW_UP).then(follow_up)


def test_a_case_is_not_linked_to_itself() -> None:
    outcome = given(RECEIVED).when(link, THIS, THIS, TARGET, LinkKind.RELATED)
    outcome.then_refused("invalid", "C-11", "name another case", "/case")


def test_a_case_is_not_linked_to_one_that_does_not_exist() -> None:
    outcome = given(RECEIVED).when(link, THIS, OTHER, Case(), LinkKind.RELATED)
    outcome.then_refused("case_unknown", "C-11", f"there is no case {OTHER}", "/case")


def test_a_merged_case_is_not_linked() -> None:
    outcome = given(*until(Status.MERGED)).when(link, THIS, OTHER, TARGET, LinkKind.RELATED)
    outcome.then_refused("merged", "C-11", str(OTHER))


# ---- merging --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", MERGEABLE)
def test_merging_is_noted_in_both_cases(status: Status) -> None:
    outcome = given(*until(status)).when(merge, THIS, OTHER, TARGET)
    outcome.then_both([MERGED], [e.Linked(case=THIS, kind=LinkKind.MERGED_FROM)])


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_an_ended_case_is_not_merged(status: Status) -> None:
    outcome = given(*until(status)).when(merge, THIS, OTHER, TARGET)
    outcome.then_refused("not_on_the_way", "C-11", f"merge does not follow {status}")


@pytest.mark.parametrize("status", ENDED)
def test_the_target_is_open(status: Status) -> None:
    outcome = given(RECEIVED).when(merge, THIS, OTHER, given(*until(status)).state)
    outcome.then_refused("no_target", "C-11", f"is {status}: merge into an open case", "/into")


def test_a_case_is_not_merged_into_itself_nor_into_nothing() -> None:
    itself = given(RECEIVED).when(merge, THIS, THIS, TARGET)
    itself.then_refused("invalid", "C-11", "name another case", "/into")
    nothing = given(RECEIVED).when(merge, THIS, OTHER, Case())
    nothing.then_refused("case_unknown", "C-11", f"there is no case {OTHER}", "/into")


def test_a_merged_case_refuses_commands_and_names_the_target() -> None:
    merged = given(*until(Status.MERGED))
    merged.when(acknowledge, ACKNOWLEDGED).then_refused("merged", "C-11", f"merged into {OTHER}")
    merged.when(note, NOTED).then_refused("merged", "C-11", "give the command there, or unmerge")


@pytest.mark.parametrize("status", MERGEABLE)
def test_an_unmerged_case_has_its_status_back(status: Status) -> None:
    back = replace(UNMERGED, to_status=status)
    given(*until(status), MERGED).when(unmerge, UNMERGED).then(back)
    case = given(*until(status), MERGED, back)
    assert (case.state.status, case.state.merged_into) == (status, None)
    case.when(note, NOTED).then(NOTED)


def test_a_case_that_waited_waits_on_when_unmerged() -> None:
    assert given(RECEIVED, PAUSED, MERGED, UNMERGED).state.paused


def test_what_is_not_merged_is_not_unmerged() -> None:
    outcome = given(RECEIVED).when(unmerge, UNMERGED)
    outcome.then_refused("not_on_the_way", "C-11", "unmerge does not follow received")


# ---- withdrawal -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", MERGEABLE)
def test_the_customer_may_withdraw_until_the_case_is_closed(status: Status) -> None:
    given(*until(status)).when(withdraw, WITHDRAWN).then(WITHDRAWN)


def test_withdrawing_ends_the_waiting_and_the_case() -> None:
    case = given(RECEIVED, PAUSED, WITHDRAWN).state
    assert (case.status, case.paused, case.ended_at) == (Status.WITHDRAWN, False, NOW)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_an_ended_case_is_not_withdrawn(status: Status) -> None:
    outcome = given(*until(status)).when(withdraw, WITHDRAWN)
    outcome.then_refused("not_on_the_way", "C-11", "reopening")


# ---- reopening ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CALLED_BACK, Status.SUMMARISED, Status.CLOSED])
def test_reopening_leads_back_to_the_analysis_and_says_from_what(status: Status) -> None:
    given(*until(status)).when(reopen, REOPENED).then(replace(REOPENED, from_status=status))
    assert given(*until(status), REOPENED).state.status is Status.ANALYSED


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.CLARIFIED, Status.ANALYSED, Status.PROPOSED])
def test_what_is_open_is_not_reopened(status: Status) -> None:
    outcome = given(*until(status)).when(reopen, REOPENED)
    outcome.then_refused("not_on_the_way", "C-11", f"reopening does not follow {status}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.RECEIVED, Status.RECEIVED),
        (Status.CLARIFIED, Status.CLARIFIED),
        (Status.INVESTIGATED, Status.INVESTIGATED),
        (Status.ANALYSED, Status.ANALYSED),
        (Status.RESOLVED, Status.ANALYSED),
    ],
)
def test_a_withdrawn_case_comes_back_to_its_analysis_or_to_where_it_stood(before: Status, after: Status) -> None:
    back = replace(REOPENED, from_status=Status.WITHDRAWN, to_status=after)
    given(*until(before), WITHDRAWN).when(reopen, REOPENED).then(back)
    assert given(*until(before), WITHDRAWN, back).state.status is after


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_an_ended_case_is_reopened_within_thirty_days(status: Status) -> None:
    case = given(*until(status))
    assert case.when(reopen, REOPENED, at=NOW + 30 * DAY).refusal is None
    late = case.when(reopen, REOPENED, at=NOW + 30 * DAY + timedelta(seconds=1))
    late.then_refused("need_unmet", "C-11", "receive a new one and link it")


def test_what_has_not_ended_is_reopened_at_any_time() -> None:
    resolved = given(*until(Status.RESOLVED)).when(reopen, REOPENED, at=NOW + 99 * DAY)
    resolved.then(replace(REOPENED, from_status=Status.RESOLVED))


def test_a_reopened_case_closes_again_and_the_days_count_from_then() -> None:
    again = replace(CLOSED, closed_at=NOW + 20 * DAY)
    history = (*until(Status.CLOSED), REOPENED, again)
    assert given(*history).when(reopen, REOPENED, at=NOW + 40 * DAY).refusal is None


def test_what_was_put_off_before_it_was_reopened_counts_no_more_c_11() -> None:
    far = replace(EXTENDED, clock=Clock.RESOLVE, until=NOW + 30 * DAY)
    history = (*until(Status.ANALYSED), far, far, *until(Status.CLOSED)[len(until(Status.ANALYSED)) :], REOPENED)
    nearer = replace(far, until=NOW + 10 * DAY)
    given(*history).when(extend, nearer).then(nearer)


# ---- the second stage -----------------------------------------------------------------------------------------------
SECOND = replace(RECEIVED, number="2024-000002", owner=SUPERVISOR.id, handler=SUPERVISOR.id)
STAGE = e.SecondStage(of=THIS, barred=(OWNER.id,))
STAGE_LINK = e.Linked(case=OTHER, kind=LinkKind.STAGE_TWO)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CALLED_BACK, Status.SUMMARISED, Status.CLOSED])
def test_who_does_not_accept_the_answer_gets_a_review(status: Status) -> None:
    outcome = given(*until(status)).when(request_review, REVIEW_REQUESTED, THIS, SECOND, by=SUPERVISOR)
    outcome.then_both([REVIEW_REQUESTED, STAGE_LINK], [replace(SECOND, second_stage=STAGE)])


def test_there_is_no_review_before_the_answer() -> None:
    outcome = given(*until(Status.PROPOSED)).when(request_review, REVIEW_REQUESTED, THIS, SECOND)
    outcome.then_refused("not_on_the_way", "C-15", "review-requests does not follow proposed")


def test_there_is_one_review() -> None:
    reviewed = given(*until(Status.CLOSED), REVIEW_REQUESTED, STAGE_LINK)
    outcome = reviewed.when(request_review, REVIEW_REQUESTED, THIS, SECOND)
    outcome.then_refused("need_unmet", "C-15", "the answer has had its one review")


def test_a_review_is_not_reviewed() -> None:
    second = replace(RECEIVED, second_stage=STAGE)
    _, *rest = until(Status.CLOSED)
    outcome = given(second, *rest).when(request_review, REVIEW_REQUESTED, THIS, SECOND, by=SUPERVISOR)
    outcome.then_refused("need_unmet", "C-15", "the answer has had its one review")


def test_who_handled_and_who_resolved_are_barred() -> None:
    by_supervisor = replace(RESOLVED, by=SUPERVISOR.id)
    history = (*until(Status.PROPOSED), by_supervisor, REASSIGNED)
    outcome = given(*history).when(request_review, REVIEW_REQUESTED, THIS, SECOND, by=OTHER_SUPERVISOR)
    stage = replace(STAGE, barred=(COLLEAGUE.id, SUPERVISOR.id))
    outcome.then_both(
        [REVIEW_REQUESTED, STAGE_LINK],
        [replace(SECOND, owner=OTHER_SUPERVISOR.id, handler=OTHER_SUPERVISOR.id, second_stage=stage)],
    )


def test_who_resolved_before_it_was_taken_up_again_is_barred_too_c_15() -> None:
    reopened = replace(REOPENED, cause=ReopenCause.NOT_SATISFIED, to_status=Status.PROPOSED)
    again = replace(RESOLVED, by=COLLEAGUE.id)
    history = (*until(Status.RESOLVED), reopened, REASSIGNED, again)
    outcome = given(*history).when(request_review, REVIEW_REQUESTED, THIS, SECOND, by=SUPERVISOR)
    stage = replace(STAGE, barred=tuple(sorted((OWNER.id, COLLEAGUE.id))))
    outcome.then_both([REVIEW_REQUESTED, STAGE_LINK], [replace(SECOND, second_stage=stage)])


def test_who_decided_may_take_the_request_but_does_not_get_the_work() -> None:
    outcome = given(*until(Status.RESOLVED)).when(request_review, REVIEW_REQUESTED, THIS, SECOND, by=OWNER)
    outcome.then_both([REVIEW_REQUESTED, STAGE_LINK], [replace(SECOND, owner=None, handler=None, second_stage=STAGE)])


SECOND_STAGE: tuple[Event, ...] = (replace(SECOND, second_stage=STAGE), ACKNOWLEDGED, CLARIFIED)
BARRED_STEPS = [
    (SECOND_STAGE, investigate, INVESTIGATED),
    ((*SECOND_STAGE, INVESTIGATED), analyse, ANALYSED),
    ((*SECOND_STAGE, INVESTIGATED, ANALYSED), propose, PROPOSED),
    ((*SECOND_STAGE, INVESTIGATED, ANALYSED, replace(PROPOSED, by=SUPERVISOR.id)), review_answer, PASSED),
    ((*SECOND_STAGE, INVESTIGATED, ANALYSED, PROPOSED), resolve, RESOLVED),
]


@pytest.mark.parametrize(("history", "decide", "facts"), BARRED_STEPS)
def test_who_decided_the_first_stage_does_not_decide_the_second(
    history: tuple[Event, ...], decide: object, facts: Event
) -> None:
    assert callable(decide)
    outcome = given(*history).when(decide, facts, by=OWNER)
    outcome.then_refused("need_unmet", "C-15", "a different person decides the review; reassign the case")
    given(*history).when(decide, facts, by=COLLEAGUE).then(facts)


def test_the_review_does_not_pass_to_who_decided_the_first_stage() -> None:
    present = Agent(presence=Presence.PRESENT, role=Role.AGENT, team="t1")
    outcome = given(*SECOND_STAGE).when(reassign, OWNER.id, present, sealed("back"))
    outcome.then_refused("barred", "C-15", "worked on the first stage: name another one", "/agent")


def test_a_first_stage_bars_nobody() -> None:
    assert given(RECEIVED).state.barred == ()
    assert given().state.barred == ()


def test_waiting_is_over_once_for_all() -> None:
    assert not given(RECEIVED, PAUSED, RESUMED, MERGED, UNMERGED).state.paused
