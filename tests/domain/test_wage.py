"""Wages, recorded and corrected (L-5)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.payroll import wage_events as e
from domain.payroll.wage import WAGE, Wage, record
from domain.team.events import Renamed
from domain.values import AgentId, Month
from tests.support.cases import sealed
from tests.support.spec import given_of

NOW = datetime(2024, 4, 30, 16, tzinfo=UTC)
"""The first minute of May in Shanghai."""
RECORDED = e.Recorded(agent=AgentId("a1"), month=Month(2024, 4), gross_fen=500_000)
CORRECTED = replace(RECORDED, gross_fen=510_000, reason=sealed("overtime"))


def test_a_wage_is_recorded_l_5() -> None:
    given_of(WAGE).when(record, RECORDED, NOW).then(RECORDED)
    assert given_of(WAGE, replace(RECORDED, minimum_wage_fen=1)).state == Wage(500_000, 1)


def test_the_same_again_is_nothing() -> None:
    given_of(WAGE, RECORDED).when(record, RECORDED, NOW).then()
    given_of(WAGE, RECORDED).when(record, replace(RECORDED, reason=sealed("again")), NOW).then()


def test_a_wage_is_corrected_with_a_reason_l_5() -> None:
    recorded = given_of(WAGE, RECORDED)
    recorded.when(record, CORRECTED, NOW).then(CORRECTED)
    recorded.when(record, replace(CORRECTED, reason=None), NOW).then_refused(
        "reason_needed", "L-5", "give the reason", "/reason"
    )
    other_minimum = replace(RECORDED, minimum_wage_fen=1, reason=sealed("part time"))
    recorded.when(record, other_minimum, NOW).then(other_minimum)
    assert given_of(WAGE, RECORDED, CORRECTED).state == Wage(510_000)


@pytest.mark.parametrize(("month", "fits"), [(Month(2024, 5), True), (Month(2024, 6), False)])
def test_a_month_to_come_has_no_wage_yet_l_5(month: Month, fits: bool) -> None:  # noqa: FBT001
    recorded = replace(RECORDED, month=month)
    outcome = given_of(WAGE).when(record, recorded, NOW)
    if fits:
        outcome.then(recorded)
    else:
        outcome.then_refused("invalid", "L-5", "month lies ahead", "/month")


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert given_of(WAGE, RECORDED, Renamed(name="x")).state == given_of(WAGE, RECORDED).state
