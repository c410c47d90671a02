"""C-7, C-16: a solution is proposed, reviewed, given, and carried out."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.case import events as e
from domain.case.way import fulfil, propose, resolve, review_answer
from domain.case.words import Attribution, Concession, Decision, Severity, Status
from tests.support.cases import (
    ACKNOWLEDGED,
    ANALYSED,
    CLARIFIED,
    COLLEAGUE,
    DAY,
    ESCALATED,
    ESCALATION_ANSWERED,
    FULFILLED,
    GRANTED,
    INVESTIGATED,
    NOT_SATISFIED,
    NOW,
    OWNER,
    PASSED,
    PROPOSED,
    RECEIVED,
    REFUSED,
    REOPENED,
    RESOLVED,
    RETURNED,
    SUPERVISOR,
    TODAY,
    sealed,
    until,
)
from tests.support.spec import given

ANALYSED_CASE = until(Status.ANALYSED)
PROPOSED_CASE = until(Status.PROPOSED)
RESOLVED_CASE = until(Status.RESOLVED)
GRAVE_CASE = (
    *(RECEIVED, ACKNOWLEDGED, CLARIFIED, INVESTIGATED, replace(ANALYSED, severity=Severity.MAJOR)),
    *(ESCALATED, ESCALATION_ANSWERED, PROPOSED),
)
BY_FIRST_OPTION = replace(RESOLVED, option=1, concession=Concession.GOODWILL)


def answering(*answers: e.Answer) -> e.Resolved:
    """A resolution with these answers."""
    return replace(RESOLVED, answers=answers)


# ---- when analysed --------------------------------------------------------------------------------------------------
def test_options_are_put_forward() -> None:
    given(*ANALYSED_CASE).when(propose, PROPOSED).then(PROPOSED)


def test_nothing_is_proposed_before_the_analysis() -> None:
    outcome = given(*until(Status.INVESTIGATED)).when(propose, PROPOSED)
    outcome.then_refused("not_on_the_way", "C-7", "proposals does not follow investigated")


@pytest.mark.parametrize("attribution", ["company", "merchant"])
def test_a_valid_complaint_gets_a_proposal_first(attribution: str) -> None:
    case = given(*ANALYSED_CASE, replace(ANALYSED, attribution=Attribution(attribution)))
    case.when(resolve, RESOLVED).then_refused("need_unmet", "C-7", "propose a solution first")


@pytest.mark.parametrize("attribution", ["customer", "external"])
def test_an_invalid_complaint_is_resolved_without_proposal(attribution: str) -> None:
    case = given(*ANALYSED_CASE, replace(ANALYSED, attribution=Attribution(attribution)))
    case.when(resolve, RESOLVED).then(RESOLVED)


def test_without_a_proposal_there_is_no_option() -> None:
    case = given(*ANALYSED_CASE, replace(ANALYSED, attribution=Attribution.EXTERNAL))
    outcome = case.when(resolve, replace(RESOLVED, option=1))
    outcome.then_refused("no_such_option", "C-7", "there is no option 1: the proposal in force has 0", "/option")


# ---- when proposed --------------------------------------------------------------------------------------------------
def test_a_later_proposal_replaces_the_former_and_its_review() -> None:
    one = replace(PROPOSED, options=PROPOSED.options[:1])
    given(*PROPOSED_CASE).when(propose, one).then(one)
    replaced = given(*GRAVE_CASE, PASSED, one)
    replaced.when(resolve, BY_FIRST_OPTION).then_refused("need_unmet", "C-16", "have another person pass it first")
    replaced.when(review_answer, replace(PASSED, option=2), by=SUPERVISOR).then_refused(
        "no_such_option", "C-7", "has 1, counted from 1", "/option"
    )


def test_another_person_passes_an_answer() -> None:
    given(*PROPOSED_CASE).when(review_answer, PASSED, by=SUPERVISOR).then(PASSED)


def test_another_person_returns_an_answer_with_a_reason() -> None:
    given(*PROPOSED_CASE).when(review_answer, RETURNED, by=COLLEAGUE).then(RETURNED)
    silent = replace(RETURNED, reason=None)
    outcome = given(*PROPOSED_CASE).when(review_answer, silent, by=COLLEAGUE)
    outcome.then_refused("invalid", "C-16", "returned with a reason", "/reason")


def test_nobody_reviews_their_own_answer() -> None:
    outcome = given(*PROPOSED_CASE).when(review_answer, PASSED, by=OWNER)
    outcome.then_refused("need_unmet", "C-16", "another person than its author")


@pytest.mark.parametrize("option", [-1, 0, 3])
def test_an_option_is_reviewed_by_its_number(option: int) -> None:
    outcome = given(*PROPOSED_CASE).when(review_answer, replace(PASSED, option=option), by=SUPERVISOR)
    outcome.then_refused("no_such_option", "C-7", f"no option {option}: the proposal in force has 2", "/option")


@pytest.mark.parametrize("severity", [Severity.MAJOR, Severity.CRITICAL])
def test_a_grave_case_is_resolved_by_an_answer_that_was_passed(severity: Severity) -> None:
    case = (*GRAVE_CASE, replace(ANALYSED, severity=severity))
    needs = ("need_unmet", "C-16", "propose the answer and have another person pass it first")
    given(*case).when(resolve, BY_FIRST_OPTION).then_refused(*needs)
    given(*case, RETURNED).when(resolve, BY_FIRST_OPTION).then_refused(*needs)
    given(*case, PASSED, RETURNED).when(resolve, BY_FIRST_OPTION).then_refused(*needs)
    given(*case, PASSED).when(resolve, BY_FIRST_OPTION).then(BY_FIRST_OPTION)


def test_an_invalid_grave_case_needs_a_passed_answer_too() -> None:
    case = given(*ANALYSED_CASE, ESCALATED, ESCALATION_ANSWERED).state
    assert case.proposal is None
    external = replace(ANALYSED, attribution=Attribution.EXTERNAL, severity=Severity.CRITICAL)
    outcome = given(*ANALYSED_CASE, ESCALATED, ESCALATION_ANSWERED, external).when(resolve, RESOLVED)
    outcome.then_refused("need_unmet", "C-16", "propose the answer")


@pytest.mark.parametrize("option", [None, 2])
def test_the_resolution_follows_the_passed_option(option: int | None) -> None:
    outcome = given(*PROPOSED_CASE, PASSED).when(resolve, replace(RESOLVED, option=option))
    outcome.then_refused("not_the_passed_option", "C-16", "the review has passed option 1", "/option")
    given(*PROPOSED_CASE, PASSED).when(resolve, BY_FIRST_OPTION).then(BY_FIRST_OPTION)


def test_an_unreviewed_option_may_be_chosen_and_brings_its_concession() -> None:
    chosen = given(*PROPOSED_CASE).when(resolve, replace(RESOLVED, option=2))
    chosen.then(replace(RESOLVED, option=2, concession=Concession.PRINCIPLED))


def test_returning_one_option_leaves_the_pass_of_another() -> None:
    """C-16: the resolution follows the passed option."""
    second_returned = replace(RETURNED, option=2)
    given(*GRAVE_CASE, PASSED, second_returned).when(resolve, BY_FIRST_OPTION).then(BY_FIRST_OPTION)


def test_folding_never_refuses_even_a_review_of_nothing() -> None:
    """What has happened cannot be rejected (style.md, habit 3)."""
    assert given(*ANALYSED_CASE, PASSED).state == given(*ANALYSED_CASE).state


# ---- every demand ---------------------------------------------------------------------------------------------------
def test_every_demand_is_answered() -> None:
    outcome = given(*PROPOSED_CASE).when(resolve, answering(GRANTED))
    outcome.then_refused("demands_unanswered", "C-7", "answer every demand: 2 still unanswered", "/answers")
    given(*PROPOSED_CASE).when(resolve, answering()).then_refused(
        "demands_unanswered", "C-7", "1, 2 still unanswered", "/answers"
    )


@pytest.mark.parametrize("demand", [0, 3])
def test_no_demand_is_answered_that_was_not_made(demand: int) -> None:
    outcome = given(*PROPOSED_CASE).when(resolve, answering(GRANTED, REFUSED, replace(REFUSED, demand=demand)))
    outcome.then_refused("no_such_demand", "C-7", f"there is no demand {demand}: the case has 2", "/answers")


def test_a_demand_is_answered_once() -> None:
    outcome = given(*PROPOSED_CASE).when(resolve, answering(GRANTED, REFUSED, REFUSED))
    outcome.then_refused("invalid", "C-7", "answered once", "/answers/2/demand")


@pytest.mark.parametrize("decision", ["partly", "refused"])
def test_who_does_not_get_everything_is_told_why(decision: str) -> None:
    silent = replace(REFUSED, decision=Decision(decision), reason=None)
    outcome = given(*PROPOSED_CASE).when(resolve, answering(GRANTED, silent))
    outcome.then_refused("invalid", "C-7", f"{decision} needs the reason", "/answers/1/reason")


def test_what_is_granted_has_a_due_day() -> None:
    partly = e.Answer(demand=2, decision=Decision.PARTLY, reason=sealed("half"))
    outcome = given(*PROPOSED_CASE).when(resolve, answering(replace(GRANTED, due=None), partly))
    outcome.then(answering(replace(GRANTED, due=TODAY + 7 * DAY), replace(partly, due=TODAY + 7 * DAY)))


def test_a_due_day_of_ones_own_stays() -> None:
    today = answering(replace(GRANTED, due=TODAY), REFUSED)
    given(*PROPOSED_CASE).when(resolve, today).then(today)


def test_what_is_refused_has_no_due_day() -> None:
    outcome = given(*PROPOSED_CASE).when(resolve, answering(GRANTED, replace(REFUSED, due=TODAY)))
    outcome.then_refused("invalid", "C-7", "what is refused has no due day", "/answers/1/due")


def test_nothing_falls_due_before_today() -> None:
    outcome = given(*PROPOSED_CASE).when(resolve, answering(replace(GRANTED, due=TODAY - DAY), REFUSED))
    outcome.then_refused("invalid", "C-7", "the due day has passed", "/answers/0/due")


def test_due_days_are_days_in_shanghai() -> None:
    midnight = datetime(2024, 5, 7, tzinfo=ZoneInfo("Asia/Shanghai"))
    today = answering(replace(GRANTED, due=TODAY), REFUSED)
    case = given(*PROPOSED_CASE)
    case.when(resolve, today, at=midnight - timedelta(seconds=1)).then(today)
    case.when(resolve, today, at=midnight).then_refused("invalid", "C-7", "the due day has passed", "/answers/0/due")


# ---- the cost -------------------------------------------------------------------------------------------------------
def test_the_cost_lies_within_the_limit() -> None:
    at_limit = replace(RESOLVED, cost_fen=50_000)
    given(*PROPOSED_CASE).when(resolve, at_limit).then(at_limit)
    over = given(*PROPOSED_CASE).when(resolve, replace(RESOLVED, cost_fen=50_001))
    over.then_refused("over_limit", "C-7", "escalate, and have the cost approved (C-6)", "/cost_fen")


def test_a_supervisor_grants_more() -> None:
    dear = replace(RESOLVED, cost_fen=500_000, by=SUPERVISOR.id)
    given(*PROPOSED_CASE).when(resolve, dear, by=SUPERVISOR).then(dear)


def test_the_agents_own_limit_goes_before_that_of_the_role() -> None:
    curbed = replace(OWNER, limit_fen=999)
    outcome = given(*PROPOSED_CASE).when(resolve, RESOLVED, by=curbed)
    outcome.then_refused("over_limit", "C-7", "1000 fen exceed the 999 fen", "/cost_fen")


def test_an_approval_never_lowers_the_own_limit() -> None:
    little = replace(ESCALATION_ANSWERED, approved_cost_fen=1)
    given(*PROPOSED_CASE, ESCALATED, little).when(resolve, RESOLVED).then(RESOLVED)


# ---- when resolved --------------------------------------------------------------------------------------------------
def test_a_case_is_resolved_once() -> None:
    outcome = given(*RESOLVED_CASE).when(resolve, RESOLVED)
    outcome.then_refused("not_on_the_way", "C-7", "possible now are")


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CALLED_BACK, Status.SUMMARISED, Status.CLOSED])
def test_a_grant_is_carried_out(status: Status) -> None:
    given(*until(status)).when(fulfil, FULFILLED).then(FULFILLED)


def test_a_grant_is_carried_out_once() -> None:
    outcome = given(*RESOLVED_CASE, FULFILLED).when(fulfil, FULFILLED)
    outcome.then_refused("need_unmet", "C-7", "nothing granted is left")


def test_each_grant_is_carried_out_by_itself() -> None:
    partly = e.Answer(demand=2, decision=Decision.PARTLY, reason=sealed("half"), due=TODAY)
    case = given(*PROPOSED_CASE, answering(GRANTED, partly), FULFILLED)
    outcome = case.when(fulfil, FULFILLED)
    outcome.then_refused("not_granted", "C-7", "demand 1 has no grant left to be carried out", "/demand")
    case.when(fulfil, replace(FULFILLED, demand=2)).then(replace(FULFILLED, demand=2))


@pytest.mark.parametrize("demand", [0, 2, 3])
def test_what_was_not_granted_is_not_carried_out(demand: int) -> None:
    outcome = given(*RESOLVED_CASE).when(fulfil, replace(FULFILLED, demand=demand))
    outcome.then_refused("not_granted", "C-7", f"demand {demand} has no grant left", "/demand")


# ---- when reopened --------------------------------------------------------------------------------------------------
def test_a_reopened_case_gets_a_new_proposal() -> None:
    reopened = (*RESOLVED_CASE, NOT_SATISFIED, replace(REOPENED, from_status=Status.RESOLVED))
    given(*reopened).when(resolve, RESOLVED).then_refused("need_unmet", "C-7", "propose a solution first")
    given(*reopened, PROPOSED).when(resolve, RESOLVED, at=NOW).then(RESOLVED)
