"""What the domain refuses of its inputs on its own: importers and generators do not come through the HTTP door."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import way
from domain.case.beside import extend, merge, pause, reassign, request_review, withdraw
from domain.case.events import Fulfilled, Reassigned, SecondStage
from domain.case.words import Clock, Status
from domain.values import Role
from tests.support.cases import (
    ACKNOWLEDGED,
    CALLED_BACK,
    COLLEAGUE,
    ESCALATED,
    ESCALATION_ANSWERED,
    EXTENDED,
    NOW,
    OTHER,
    OWNER,
    PASSED,
    PAUSED,
    PROPOSED,
    RECEIVED,
    REOPENED,
    RESOLVED,
    REVIEW_REQUESTED,
    SUPERVISOR,
    THIS,
    WITHDRAWN,
    sealed,
    until,
)
from tests.support.spec import DEFAULT, given


@pytest.mark.parametrize(
    ("decide", "event", "rule", "pointer"),
    [
        (way.receive, replace(RECEIVED, demands=()), "C-1", "/demands"),
        (way.escalate, replace(ESCALATED, options=ESCALATED.options[:1]), "C-6", "/options"),
        (way.escalate, replace(ESCALATED, scenarios=()), "C-6", "/scenarios"),
        (way.propose, replace(PROPOSED, options=()), "C-7", "/options"),
        (
            way.propose,
            replace(PROPOSED, options=(replace(PROPOSED.options[0], cost_fen=-1),)),
            "C-7",
            "/options/0/cost_fen",
        ),
        (way.resolve, replace(RESOLVED, cost_fen=-1), "C-7", "/cost_fen"),
        (way.call_back, replace(CALLED_BACK, score=6), "C-8", "/score"),
        (way.call_back, replace(CALLED_BACK, score=0), "C-8", "/score"),
    ],
)
def test_what_no_state_could_make_right_is_invalid(decide: Any, event: Any, rule: str, pointer: str) -> None:
    given().when(decide, event).then_refused("invalid", rule, "", pointer)


def test_the_resolution_costs_no_more_than_the_option_passed() -> None:
    passed = PROPOSED.options[PASSED.option - 1].cost_fen
    case = given(*until(Status.PROPOSED), PASSED)
    dearer = replace(RESOLVED, option=PASSED.option, cost_fen=passed + 1)
    case.when(way.resolve, dearer).then_refused("not_the_passed_option", "C-16", f"at {passed} fen", "/option")


def test_an_extension_never_shortens_what_the_customer_was_told() -> None:
    told = replace(ACKNOWLEDGED, answer_by=NOW + timedelta(days=3))
    case = given(RECEIVED, told)
    sooner = replace(EXTENDED, clock=Clock.ANSWER, until=NOW + timedelta(days=2))
    case.when(extend, sooner).then_refused("never_shorter", "C-11", "name a later time", "/until")
    later = replace(sooner, until=NOW + timedelta(days=4))
    case.when(extend, later).then(later)


def test_a_waiting_never_begins_after_now_so_that_it_can_end_now() -> None:
    soon = replace(PAUSED, since=NOW + timedelta(minutes=4))
    given(RECEIVED).when(pause, soon).then(replace(soon, since=NOW))


def test_what_was_granted_before_a_reopening_is_still_carried_out() -> None:
    granted = until(Status.RESOLVED)
    demand = next(number for number, done in given(*granted).state.grants.items() if not done)
    fulfilled = Fulfilled(demand=demand)
    given(*granted, replace(REOPENED, from_status=Status.RESOLVED)).when(way.fulfil, fulfilled).then(fulfilled)


def test_the_review_takes_over_neither_the_guest_at_the_table_nor_the_apology() -> None:
    first = replace(RECEIVED, on_site=True, apology_given=True)
    history = (first, *until(Status.RESOLVED)[1:])
    outcome = given(*history).when(request_review, REVIEW_REQUESTED, THIS, first, by=COLLEAGUE)
    assert isinstance(outcome.decided, tuple)
    [second] = outcome.decided[1]
    assert (second.on_site, second.apology_given, second.narrative) == (False, False, first.narrative)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("hour_utc", "begun"), [(15, False), (16, True)])
def test_a_policy_begins_on_its_local_day(hour_utc: int, begun: bool) -> None:  # noqa: FBT001
    policy = replace(DEFAULT, valid_from=date(2026, 3, 2))
    assert policy.begun(datetime(2026, 3, 1, hour_utc, tzinfo=UTC)) is begun


# ---- who decided the first stage does not end the second (C-15) -----------------------------------------------------
SECOND = replace(RECEIVED, second_stage=SecondStage(of=OTHER, barred=(OWNER.id,)))


def test_who_is_barred_does_not_withdraw_the_review() -> None:
    given(SECOND).when(withdraw, WITHDRAWN).then_refused("need_unmet", "C-15", "a different person")
    given(SECOND).when(withdraw, WITHDRAWN, by=COLLEAGUE).then(WITHDRAWN)


def test_a_review_is_not_merged_into_its_first_stage() -> None:
    outcome = given(SECOND).when(merge, THIS, OTHER, given(RECEIVED).state, by=COLLEAGUE)
    outcome.then_refused("no_target", "C-15", "decide it", "/into")


# ---- work, approvals, answers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.PAYROLL, Role.AUDITOR, Role.ADMIN])
def test_work_passes_only_to_who_works_on_cases(role: Role) -> None:
    other = Agent(presence=Presence.PRESENT, role=role)
    outcome = given(RECEIVED).when(reassign, COLLEAGUE.id, other, sealed("x"))
    outcome.then_refused("agent_not_available", "C-2", "does not work on cases", "/agent")


def test_work_passes_to_nobody_whose_last_day_is_over() -> None:
    gone = Agent(presence=Presence.PRESENT, role=Role.AGENT, last_day=NOW.date() - timedelta(days=2))
    outcome = given(RECEIVED).when(reassign, COLLEAGUE.id, gone, sealed("x"))
    outcome.then_refused("agent_not_available", "C-2", "is left", "/agent")


def test_work_passes_to_nobody_before_their_first_day_c_2() -> None:
    joining = Agent(presence=Presence.PRESENT, role=Role.AGENT, joined_on=NOW.date() + timedelta(days=2))
    outcome = given(RECEIVED).when(reassign, COLLEAGUE.id, joining, sealed("x"))
    outcome.then_refused("agent_not_available", "C-2", "works here from 2024-05-08 on", "/agent")
    given(RECEIVED).when(reassign, COLLEAGUE.id, replace(joining, joined_on=NOW.date()), sealed("x")).then(
        Reassigned(handler=COLLEAGUE.id, team=RECEIVED.team, owner=OWNER.id, reason=sealed("x"))
    )


def test_an_approved_cost_is_spent_once() -> None:
    approved = replace(ESCALATION_ANSWERED, approved_cost_fen=100_000)
    case = given(*until(Status.PROPOSED), ESCALATED, approved)
    assert case.state.approved_fen == 100_000
    reopened = given(*until(Status.RESOLVED), ESCALATED, approved, replace(REOPENED, from_status=Status.RESOLVED))
    assert reopened.state.approved_fen == 0


def test_an_escalation_is_answered_after_the_closing_too() -> None:
    case = given(*until(Status.CLOSED), ESCALATED)
    case.when(way.answer_escalation, ESCALATION_ANSWERED, by=SUPERVISOR).then(ESCALATION_ANSWERED)
