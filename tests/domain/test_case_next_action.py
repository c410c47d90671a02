"""The next action of a case: what leads on along its policy's table, or what that needs first (S-3)."""

from dataclasses import replace

import pytest

from domain.case import events as e
from domain.case.case import CASE, obstacle
from domain.case.next_action import next_action
from domain.case.words import Attribution, Risk, Severity, Status
from domain.kernel import Event
from tests.support.cases import (
    ACKNOWLEDGED,
    ANALYSED,
    CLARIFIED,
    ESCALATED,
    ESCALATION_ANSWERED,
    INVESTIGATED,
    PASSED,
    PAUSED,
    PROPOSED,
    RECEIVED,
    RESUMED,
    SUPERVISOR,
    imported_until,
    until,
)
from tests.support.spec import setting

GRAVE = replace(ANALYSED, severity=Severity.MAJOR)
RISKY = replace(ANALYSED, risks=(Risk.MEDIA,))
NOT_VALID = replace(ANALYSED, attribution=Attribution.CUSTOMER)
SO_FAR = (RECEIVED, ACKNOWLEDGED, CLARIFIED, INVESTIGATED)


def found(*history: Event) -> str | None:
    case = CASE.fold(history)
    return next_action(case, setting(case))


@pytest.mark.parametrize(
    ("status", "command"),
    [
        (Status.RECEIVED, "clarification"),
        (Status.CLARIFIED, "investigation"),
        (Status.INVESTIGATED, "analysis"),
        (Status.ANALYSED, "proposals"),
        (Status.PROPOSED, "resolution"),
        (Status.RESOLVED, "callbacks"),
        (Status.CALLED_BACK, "summary"),
        (Status.SUMMARISED, "closing"),
        (Status.CLOSED, None),
        (Status.WITHDRAWN, None),
        (Status.MERGED, None),
    ],
)
def test_the_way_leads_on(status: Status, command: str | None) -> None:
    assert found(*until(status)) == command


@pytest.mark.parametrize(
    ("status", "command"), [(Status.RECEIVED, "resolution"), (Status.RESOLVED, "closing"), (Status.CLOSED, None)]
)
def test_an_imported_case_goes_its_own_way(status: Status, command: str | None) -> None:
    assert found(*imported_until(status)) == command


def test_the_customer_is_told_first_c_1a() -> None:
    assert found(RECEIVED) == "acknowledgement"
    assert found(RECEIVED, CLARIFIED, INVESTIGATED, ANALYSED) == "acknowledgement"


def test_who_waits_is_resumed_c_11() -> None:
    assert found(*SO_FAR, PAUSED) == "resumption"
    assert found(*SO_FAR, PAUSED, RESUMED) == "analysis"


@pytest.mark.parametrize(
    ("history", "command"),
    [
        ((NOT_VALID,), "resolution"),
        ((RISKY, PROPOSED), "escalations"),
        ((RISKY, PROPOSED, ESCALATED), "escalation-answers"),
        ((RISKY, PROPOSED, ESCALATED, ESCALATION_ANSWERED), "resolution"),
        ((GRAVE,), "proposals"),
        ((replace(GRAVE, attribution=Attribution.CUSTOMER), ESCALATED, ESCALATION_ANSWERED), "proposals"),
        ((GRAVE, PROPOSED, ESCALATED, ESCALATION_ANSWERED), "answer-reviews"),
        ((GRAVE, PROPOSED, ESCALATED, ESCALATION_ANSWERED, PASSED), "resolution"),
    ],
)
def test_what_a_resolution_needs_comes_first_c_6_c_7_c_16(history: tuple[Event, ...], command: str) -> None:
    assert found(*SO_FAR, *history) == command


@pytest.mark.parametrize("status", [*Status][:8])
def test_what_is_named_can_be_done_by_somebody(status: Status) -> None:
    case = CASE.fold(until(status))
    command = next_action(case, setting(case))
    assert command is not None
    surrounding = setting(case, by=replace(SUPERVISOR, id=case.handler or SUPERVISOR.id))
    assert obstacle(case, command, surrounding) is None


def test_a_need_that_no_command_meets_leaves_the_step_itself_c_15() -> None:
    barred = replace(RECEIVED, second_stage=e.SecondStage(of=RECEIVED.number, barred=("a1",)))  # type: ignore[arg-type]
    assert found(barred, ACKNOWLEDGED) == "clarification"
