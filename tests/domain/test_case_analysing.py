"""C-5: attribution, severity, risks and faults."""

from dataclasses import replace

import pytest

from domain.case import events as e
from domain.case.way import analyse, investigate
from domain.case.words import Attribution, FaultKind, Severity, Status
from tests.support.cases import (
    ANALYSED,
    COLLEAGUE,
    INVESTIGATED_BY_SUPERVISOR,
    OTHER_SUPERVISOR,
    OWNER,
    SUPERVISOR,
    until,
)
from tests.support.spec import given

OPERATION = e.Fault(agent=COLLEAGUE.id, fault=FaultKind.OPERATION_ERROR, ref="o-1")
FAULTY = replace(ANALYSED, faults=(OPERATION,))
STAGES = (Status.ANALYSED, Status.PROPOSED, Status.RESOLVED, Status.CALLED_BACK, Status.SUMMARISED)
INVESTIGATED_CASE = until(Status.INVESTIGATED)


# ---- when investigated ----------------------------------------------------------------------------------------------
def test_a_case_is_analysed() -> None:
    given(*INVESTIGATED_CASE).when(analyse, ANALYSED).then(ANALYSED)
    assert given(*until(Status.ANALYSED)).state.status is Status.ANALYSED


@pytest.mark.parametrize(
    ("attribution", "valid"),
    [("customer", False), ("external", False), ("company", True), ("merchant", True)],
)
def test_company_and_merchant_make_it_valid(attribution: str, valid: bool) -> None:  # noqa: FBT001
    analysed = replace(ANALYSED, attribution=Attribution(attribution))
    assert given(*INVESTIGATED_CASE, analysed).state.valid is valid


def test_validity_is_unknown_until_analysed() -> None:
    assert given(*INVESTIGATED_CASE).state.valid is None


def test_a_supervisor_names_an_agent() -> None:
    given(*INVESTIGATED_CASE).when(analyse, FAULTY, by=SUPERVISOR).then(FAULTY)


def test_an_agent_names_nobody() -> None:
    outcome = given(*INVESTIGATED_CASE).when(analyse, FAULTY, by=OWNER)
    outcome.then_refused("forbidden", "C-4", "made by a supervisor", "/faults")


def test_nobody_analyses_a_case_that_names_them() -> None:
    own = replace(ANALYSED, faults=(replace(OPERATION, agent=SUPERVISOR.id),))
    outcome = given(*INVESTIGATED_CASE).when(analyse, own, by=SUPERVISOR)
    outcome.then_refused("named_in_case", "C-4", "another supervisor analyses it", "/faults")
    given(*INVESTIGATED_CASE).when(analyse, own, by=OTHER_SUPERVISOR).then(own)


@pytest.mark.parametrize("attribution", ["customer", "external", "merchant"])
@pytest.mark.parametrize("fault", [FaultKind.OPERATION_ERROR, FaultKind.BAD_ATTITUDE])
def test_only_the_company_has_faults_of_agents(attribution: str, fault: FaultKind) -> None:
    wrong = replace(FAULTY, attribution=Attribution(attribution), faults=(replace(OPERATION, fault=fault),))
    outcome = given(*INVESTIGATED_CASE).when(analyse, wrong, by=SUPERVISOR)
    outcome.then_refused("invalid", "C-5", "attributed to the company", "/faults/0/fault")


@pytest.mark.parametrize("attribution", list(Attribution))
def test_exposure_in_the_media_is_a_fault_whoever_caused_the_trouble(attribution: Attribution) -> None:
    exposed = replace(
        ANALYSED, attribution=attribution, faults=(replace(OPERATION, fault=FaultKind.MEDIA_EXPOSURE, grave=True),)
    )
    given(*INVESTIGATED_CASE).when(analyse, exposed, by=SUPERVISOR).then(exposed)


def test_a_fault_stands_once() -> None:
    twice = replace(ANALYSED, faults=(OPERATION, replace(OPERATION, grave=True)))
    outcome = given(*INVESTIGATED_CASE).when(analyse, twice, by=SUPERVISOR)
    outcome.then_refused("invalid", "C-5", "stand twice", "/faults/1")


def test_the_same_fault_with_another_ref_is_another_one() -> None:
    two = replace(ANALYSED, faults=(OPERATION, replace(OPERATION, ref="o-2")))
    given(*INVESTIGATED_CASE).when(analyse, two, by=SUPERVISOR).then(two)


# ---- when analysed, and later ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", STAGES)
def test_analysing_again_replaces_the_analysis_and_keeps_the_status(status: Status) -> None:
    graver = replace(ANALYSED, severity=Severity.MAJOR)
    given(*until(status)).when(analyse, graver).then(graver)
    case = given(*until(status), graver).state
    assert case.status is status
    assert case.analysis is not None
    assert case.analysis.severity is Severity.MAJOR


def test_who_is_named_does_not_analyse_again() -> None:
    named = (*INVESTIGATED_CASE, replace(FAULTY, faults=(replace(OPERATION, agent=SUPERVISOR.id),)))
    outcome = given(*named).when(analyse, ANALYSED, by=SUPERVISOR)
    outcome.then_refused("need_unmet", "C-4", "another person does this")


def test_an_attitude_found_late_is_investigated_anew_by_a_supervisor() -> None:
    rude = replace(ANALYSED, faults=(replace(OPERATION, fault=FaultKind.BAD_ATTITUDE),))
    outcome = given(*until(Status.ANALYSED)).when(analyse, rude, by=SUPERVISOR)
    outcome.then_refused("not_supervised", "C-4", "as supervisor first", "/faults")


def test_an_attitude_is_analysed_again_once_a_supervisor_has_investigated() -> None:
    rude = replace(ANALYSED, faults=(replace(OPERATION, fault=FaultKind.BAD_ATTITUDE),))
    supervised = (*INVESTIGATED_CASE, INVESTIGATED_BY_SUPERVISOR, ANALYSED)
    given(*supervised).when(analyse, rude, by=SUPERVISOR).then(rude)


@pytest.mark.parametrize("status", STAGES)
def test_an_agent_does_not_analyse_away_the_faults_a_supervisor_named(status: Status) -> None:
    outcome = given(*until(status), FAULTY).when(analyse, ANALYSED, by=OWNER)
    outcome.then_refused("forbidden", "C-4", "made by a supervisor", "/faults")


@pytest.mark.parametrize("status", STAGES)
def test_a_supervisor_investigates_an_attitude_found_late_and_the_status_stays(status: Status) -> None:
    outcome = given(*until(status)).when(investigate, INVESTIGATED_BY_SUPERVISOR, by=SUPERVISOR)
    outcome.then(INVESTIGATED_BY_SUPERVISOR)
    assert given(*until(status), INVESTIGATED_BY_SUPERVISOR).state.status is status


# ---- when closed ----------------------------------------------------------------------------------------------------
def test_a_closed_case_is_analysed_no_more() -> None:
    outcome = given(*until(Status.CLOSED)).when(analyse, ANALYSED)
    outcome.then_refused("not_on_the_way", "C-5", "analysis does not follow closed: possible now are")
