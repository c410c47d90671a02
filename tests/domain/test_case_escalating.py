"""C-6: a department or a superior is asked, and answers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.case import events as e
from domain.case.way import answer_escalation, escalate, resolve
from domain.case.words import Risk, Severity, Status
from domain.kernel import Event
from domain.values import Actor
from tests.support.cases import (
    ACKNOWLEDGED,
    ANALYSED,
    CLARIFIED,
    COLLEAGUE,
    ESCALATED,
    ESCALATION_ANSWERED,
    INVESTIGATED,
    NOW,
    OWNER,
    PASSED,
    PAYROLL,
    PROPOSED,
    RECEIVED,
    RESOLVED,
    SUPERVISOR,
    sealed,
    until,
)
from tests.support.spec import given

CLEAR = (RECEIVED, ACKNOWLEDGED, CLARIFIED)
ASKED = (*CLEAR, ESCALATED)


def proposed_after(analysed: e.Analysed) -> tuple[Event, ...]:
    """A case with this analysis whose answer a second person has passed."""
    return (*CLEAR, INVESTIGATED, analysed, PROPOSED, PASSED)


# ---- when clarified, and later --------------------------------------------------------------------------------------
def test_an_escalation_gets_its_number() -> None:
    given(*CLEAR).when(escalate, replace(ESCALATED, number=0)).then(ESCALATED)
    given(*ASKED).when(escalate, ESCALATED).then(replace(ESCALATED, number=2))


def test_a_case_is_clear_before_it_is_escalated() -> None:
    outcome = given(RECEIVED).when(escalate, ESCALATED)
    outcome.then_refused("not_on_the_way", "C-6", "possible now are acknowledgement, clarification")


def test_the_customer_hears_back_at_a_time_to_come() -> None:
    late = replace(ESCALATED, hear_back_by=NOW)
    given(*CLEAR).when(escalate, late).then_refused("invalid", "C-6", "name a time to come", "/hear_back_by")
    soon = replace(ESCALATED, hear_back_by=NOW + timedelta(seconds=1))
    given(*CLEAR).when(escalate, soon).then(soon)


def test_nothing_is_answered_that_was_not_asked() -> None:
    given(*CLEAR).when(answer_escalation, ESCALATION_ANSWERED, by=SUPERVISOR).then_refused(
        "not_found", None, "the case has no escalation 1"
    )
    given().when(answer_escalation, ESCALATION_ANSWERED).then_refused("not_found", None, "there is no such case")


# ---- when escalated -------------------------------------------------------------------------------------------------
def test_a_superior_answers() -> None:
    given(*ASKED).when(answer_escalation, ESCALATION_ANSWERED, by=SUPERVISOR).then(ESCALATION_ANSWERED)


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_an_escalation_is_answered_by_its_number(number: int) -> None:
    answered = replace(ESCALATION_ANSWERED, number=number)
    given(*ASKED).when(answer_escalation, answered, by=SUPERVISOR).then_refused(
        "not_found", None, f"no escalation {number}"
    )


def test_nobody_answers_their_own_escalation() -> None:
    outcome = given(*ASKED).when(answer_escalation, ESCALATION_ANSWERED, by=OWNER)
    outcome.then_refused("need_unmet", "C-6", "another person answers")


def test_nor_their_own_beside_that_of_a_colleague() -> None:
    colleagues = replace(ESCALATED, number=2, by=COLLEAGUE.id)
    outcome = given(*ASKED, colleagues).when(answer_escalation, ESCALATION_ANSWERED, by=OWNER)
    outcome.then_refused("own_escalation", "C-6", "another person answers")


def test_an_escalation_is_answered_once() -> None:
    answered = (*ASKED, ESCALATION_ANSWERED)
    outcome = given(*answered).when(answer_escalation, ESCALATION_ANSWERED, by=SUPERVISOR)
    outcome.then_refused("need_unmet", "C-6", "escalate first")
    again = given(*answered, replace(ESCALATED, number=2)).when(answer_escalation, ESCALATION_ANSWERED, by=SUPERVISOR)
    again.then_refused("already_answered", "C-6", "escalation 1 has been answered; escalate anew")


def test_whether_an_answer_is_awaited_shows() -> None:
    assert not given(*CLEAR).state.escalated
    assert given(*ASKED).state.escalated
    assert not given(*ASKED, ESCALATION_ANSWERED).state.escalated


def test_two_escalations_may_be_answered_in_any_order() -> None:
    second = replace(ESCALATION_ANSWERED, number=2, approved_cost_fen=70_000)
    case = given(*ASKED, replace(ESCALATED, number=2), second)
    assert case.state.escalated
    assert case.state.approved_fen == 70_000
    case.when(answer_escalation, ESCALATION_ANSWERED, by=SUPERVISOR).then(ESCALATION_ANSWERED)


# ---- the cost approved ----------------------------------------------------------------------------------------------
def approving(fen: int) -> e.EscalationAnswered:
    """An answer that lets this much be spent."""
    return replace(ESCALATION_ANSWERED, approved_cost_fen=fen)


@pytest.mark.parametrize(("by", "limit_fen"), [(COLLEAGUE, 50_000), (SUPERVISOR, 500_000), (PAYROLL, 0)])
def test_who_answers_approves_within_the_limit_of_the_role(by: Actor, limit_fen: int) -> None:
    given(*ASKED).when(answer_escalation, approving(limit_fen), by=by).then(approving(limit_fen))
    over = given(*ASKED).when(answer_escalation, approving(limit_fen + 1), by=by)
    over.then_refused("over_limit", "C-7", "escalate, and have the cost approved", "/approved_cost_fen")


def test_the_own_limit_goes_before_that_of_the_role() -> None:
    trusted = replace(SUPERVISOR, limit_fen=900_000)
    given(*ASKED).when(answer_escalation, approving(900_000), by=trusted).then(approving(900_000))
    curbed = replace(SUPERVISOR, limit_fen=0)
    outcome = given(*ASKED).when(answer_escalation, approving(1), by=curbed)
    outcome.then_refused("over_limit", "C-7", "1 fen exceed the 0 fen", "/approved_cost_fen")


def test_a_cost_over_the_limit_needs_an_approval() -> None:
    dear = replace(RESOLVED, cost_fen=50_001)
    outcome = given(*until(Status.PROPOSED)).when(resolve, dear)
    outcome.then_refused("over_limit", "C-7", "50001 fen exceed the 50000 fen you may grant", "/cost_fen")
    approved = (*until(Status.PROPOSED), ESCALATED, approving(50_001))
    given(*approved).when(resolve, dear).then(dear)
    too_dear = given(*approved).when(resolve, replace(dear, cost_fen=50_002))
    too_dear.then_refused("over_limit", "C-7", "exceed the 50001 fen", "/cost_fen")


# ---- what needs a superior ------------------------------------------------------------------------------------------
SUPERIOR = [
    replace(ANALYSED, severity=Severity.MAJOR),
    replace(ANALYSED, severity=Severity.CRITICAL),
    *(replace(ANALYSED, risks=(risk,)) for risk in Risk),
]


@pytest.mark.parametrize("analysed", SUPERIOR, ids=lambda analysed: f"{analysed.severity} {analysed.risks}")
def test_grave_and_risky_cases_are_escalated_and_answered_before_resolution(analysed: e.Analysed) -> None:
    history = proposed_after(analysed)
    by_option = replace(RESOLVED, option=1)
    needs = ("need_unmet", "C-6", "escalate, and have the escalation answered first")
    given(*history).when(resolve, by_option).then_refused(*needs)
    given(*history, ESCALATED).when(resolve, by_option).then_refused(*needs)
    granted = replace(by_option, concession=PROPOSED.options[0].concession)
    given(*history, ESCALATED, ESCALATION_ANSWERED).when(resolve, by_option).then(granted)


@pytest.mark.parametrize("severity", [Severity.MINOR, Severity.ORDINARY])
def test_lighter_cases_need_no_superior(severity: Severity) -> None:
    history = (*CLEAR, INVESTIGATED, replace(ANALYSED, severity=severity), PROPOSED)
    given(*history).when(resolve, RESOLVED).then(RESOLVED)


def test_every_escalation_of_a_grave_case_has_its_answer() -> None:
    history = (*proposed_after(SUPERIOR[0]), ESCALATED, ESCALATION_ANSWERED, replace(ESCALATED, number=2))
    given(*history).when(resolve, replace(RESOLVED, option=1)).then_refused("need_unmet", "C-6", "answered first")


def test_the_words_of_an_answer_are_kept() -> None:
    worded = replace(ESCALATION_ANSWERED, words=sealed("pay half"))
    given(*ASKED).when(answer_escalation, worded, by=SUPERVISOR).then(worded)
