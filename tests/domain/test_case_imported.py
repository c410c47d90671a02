"""The policy `imported` (rulebook part 2): Received, Resolved, Closed; what the source lacks stays absent."""

from dataclasses import replace

import pytest

from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import events as e
from domain.case.beside import reassign, reopen, withdraw
from domain.case.case import Case
from domain.case.policy import Setting
from domain.case.way import acknowledge, call_back, clarify, close, fulfil, receive, resolve
from domain.case.words import Decision, Status
from domain.kernel import Event
from domain.values import Actor, AgentId, Role
from tests.support.cases import (
    ACKNOWLEDGED,
    CALLED_BACK,
    CLARIFIED,
    COLLEAGUE,
    DAY,
    FULFILLED,
    GRANTED,
    IMPORTED,
    NOW,
    RECEIVED,
    REOPENED,
    WITHDRAWN,
    imported_until,
    sealed,
)
from tests.support.spec import POLICIES, Given, given

IMPORTER = Actor(AgentId("importer"), Role.ADMIN)
RESOLVED = e.Resolved(solution=None)
CLOSED = e.Closed(courtesies_missing=None, closed_at=None)
REOPENED_TO_RECEIVED = replace(REOPENED, to_status=Status.RECEIVED)


# ---- the way --------------------------------------------------------------------------------------------------------
def test_a_case_is_imported_without_owner_or_handler() -> None:
    outcome = Given(Case()).when(receive, IMPORTED, Setting(POLICIES["imported-1"], IMPORTER, NOW))
    outcome.then(IMPORTED)
    case = given(IMPORTED).state
    assert (case.owner, case.handler, case.valid) == (None, None, None)


def test_a_second_import_adds_nothing() -> None:
    given(IMPORTED).when(receive, IMPORTED, by=IMPORTER).then()


def test_it_is_resolved_without_clarification_acknowledgement_or_proposal() -> None:
    given(IMPORTED).when(resolve, RESOLVED, by=IMPORTER).then(RESOLVED)


def test_it_is_closed_without_summary_and_its_courtesies_are_unknown() -> None:
    given(*imported_until(Status.RESOLVED)).when(close, CLOSED, by=IMPORTER).then(CLOSED)


@pytest.mark.parametrize(
    ("decide", "facts"), [(acknowledge, ACKNOWLEDGED), (clarify, CLARIFIED), (call_back, CALLED_BACK)]
)
def test_steps_of_the_default_way_are_not_on_its_way(decide: object, facts: Event) -> None:
    assert callable(decide)
    outcome = given(IMPORTED).when(decide, facts)
    outcome.then_refused("not_on_the_way", "C-1", "policy imported-1 has no step")


def test_an_open_import_is_not_closed() -> None:
    given(IMPORTED).when(close, CLOSED).then_refused("not_on_the_way", "C-10", "possible now are resolution")


# ---- what the source lacks ------------------------------------------------------------------------------------------
def test_answers_that_the_source_lacks_stay_absent() -> None:
    demanding = replace(IMPORTED, demands=RECEIVED.demands)
    given(demanding).when(resolve, RESOLVED, by=IMPORTER).then(RESOLVED)


def test_a_due_day_that_the_source_lacks_stays_absent() -> None:
    granted = replace(RESOLVED, answers=(e.Answer(demand=1, decision=Decision.GRANTED),))
    given(replace(IMPORTED, demands=RECEIVED.demands[:1])).when(resolve, granted, by=IMPORTER).then(granted)


def test_the_cost_of_the_past_is_not_measured_by_the_limit_of_who_imports_it() -> None:
    dear = replace(RESOLVED, cost_fen=1_000_000)
    given(IMPORTED).when(resolve, dear, by=IMPORTER).then(dear)


# ---- when somebody takes it -----------------------------------------------------------------------------------------
def test_who_takes_it_becomes_owner_and_handler() -> None:
    taken = e.Reassigned(handler=COLLEAGUE.id, team="t1", owner=COLLEAGUE.id, reason=sealed("mine"))
    present = Agent(presence=Presence.PRESENT, role=Role.AGENT, team="t1")
    given(IMPORTED).when(reassign, COLLEAGUE.id, present, sealed("mine")).then(taken)
    case = given(IMPORTED, taken).state
    assert (case.owner, case.handler) == (COLLEAGUE.id, COLLEAGUE.id)


def test_who_resolves_an_open_import_here_answers_every_demand_within_the_limit() -> None:
    case = given(replace(IMPORTED, demands=RECEIVED.demands[:1]))
    ours = replace(RESOLVED, by=COLLEAGUE.id, answers=(GRANTED,), cost_fen=50_000)
    case.when(resolve, ours, by=COLLEAGUE).then(ours)
    silent = case.when(resolve, replace(ours, answers=()), by=COLLEAGUE)
    silent.then_refused("demands_unanswered", "C-7", "1 still unanswered", "/answers")
    dear = case.when(resolve, replace(ours, cost_fen=50_001), by=COLLEAGUE)
    dear.then_refused("over_limit", "C-7", "exceed the 50000 fen", "/cost_fen")


def test_its_grants_are_carried_out() -> None:
    demanding = replace(IMPORTED, demands=RECEIVED.demands[:1])
    granted = replace(RESOLVED, answers=(e.Answer(demand=1, decision=Decision.GRANTED),))
    given(demanding, granted).when(fulfil, FULFILLED).then(FULFILLED)


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_reopening_leads_back_to_its_receipt(status: Status) -> None:
    outcome = given(*imported_until(status)).when(reopen, REOPENED)
    outcome.then(replace(REOPENED_TO_RECEIVED, from_status=status))


def test_with_no_day_of_closing_it_is_reopened_at_any_time() -> None:
    closed = given(IMPORTED, RESOLVED, CLOSED)
    closed.when(reopen, REOPENED, at=NOW + 999 * DAY).then(REOPENED_TO_RECEIVED)


def test_withdrawn_it_comes_back_to_where_it_stood() -> None:
    given(IMPORTED, RESOLVED).when(withdraw, WITHDRAWN).then(WITHDRAWN)
    outcome = given(IMPORTED, RESOLVED, WITHDRAWN).when(reopen, REOPENED)
    outcome.then(replace(REOPENED, from_status=Status.WITHDRAWN, to_status=Status.RESOLVED))
