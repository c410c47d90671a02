"""What aggregates come to as facts that the rules judge: faults of a case, weeks worked in a month (C-5, W-2)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case import events as e
from domain.case.case import CASE
from domain.case.words import Attribution, FaultKind
from domain.ledger.causes import employed_weeks, faults_of
from domain.values import AgentId, Month
from domain.work.facts import CaseFault
from tests.support.cases import ANALYSED, CLARIFIED, HOUR, INVESTIGATED, NOW, RECEIVED

FAULT = e.Fault(agent=AgentId("a1"), fault=FaultKind.MEDIA_EXPOSURE, ref="evening paper", grave=True)
FEBRUARY = Month(2026, 2)


def case(received: e.Received = RECEIVED, **analysis: object) -> tuple[e.Received, ...]:
    analysed = replace(ANALYSED, faults=(FAULT,), **analysis)  # type: ignore[arg-type]
    return (received, CLARIFIED, INVESTIGATED, analysed)  # type: ignore[return-value]


def test_a_fault_happened_when_the_matter_did_else_when_it_was_received() -> None:
    fact = CaseFault(at=RECEIVED.received_at, agents=(FAULT.agent,), fault=FAULT.fault, ref="evening paper", grave=True)
    assert faults_of(CASE.fold(case())) == [fact]
    happened = replace(RECEIVED, happened_at=NOW - 30 * HOUR)
    assert faults_of(CASE.fold(case(happened))) == [replace(fact, at=NOW - 30 * HOUR)]


@pytest.mark.parametrize("attribution", [Attribution.CUSTOMER, Attribution.EXTERNAL])
def test_a_complaint_that_is_not_valid_has_no_faults_c_5(attribution: Attribution) -> None:
    assert faults_of(CASE.fold(case(attribution=attribution))) == []


def test_before_it_is_received_and_analysed_a_case_has_no_faults() -> None:
    assert faults_of(CASE.initial) == faults_of(CASE.fold(case()[:3])) == []


@pytest.mark.parametrize(
    ("joined", "left", "weeks"),
    [
        (None, None, None),
        (date(2025, 1, 1), None, None),
        (date(2026, 2, 1), None, None),
        (date(2026, 2, 2), None, 3),
        (date(2026, 2, 8), None, 3),
        (date(2026, 2, 9), None, 2),
        (date(2026, 2, 28), None, 0),
        (date(2026, 3, 1), None, None),
        (None, date(2026, 1, 31), None),
        (None, date(2026, 2, 1), 0),
        (None, date(2026, 2, 7), 1),
        (None, date(2026, 2, 27), 3),
        (None, date(2026, 2, 28), None),
        (date(2026, 2, 3), date(2026, 2, 16), 2),
        (date(2026, 2, 16), date(2026, 2, 3), 0),
    ],
)
def test_who_joins_or_leaves_within_a_month_has_its_full_weeks_p_callback(
    joined: date | None, left: date | None, weeks: int | None
) -> None:
    assert employed_weeks(FEBRUARY, joined, left) == weeks
    assert employed_weeks(FEBRUARY.before.before, joined, left) is None
