"""C-3, C-4: the facts are clarified and investigated."""

from dataclasses import replace

from domain.case import events as e
from domain.case.way import analyse, clarify, investigate
from domain.case.words import ComplaintType, FaultKind, Status
from tests.support.cases import (
    ANALYSED,
    CLARIFIED,
    COLLEAGUE,
    INVESTIGATED,
    INVESTIGATED_BY_SUPERVISOR,
    RECEIVED,
    SUPERVISOR,
    sealed,
    until,
)
from tests.support.spec import given

PRICE = replace(CLARIFIED, type=ComplaintType.PRICE)
BILL = e.Bill(
    items=(
        e.BillItem(text=sealed("seafood"), amount_fen=8_800, discountable=False),
        e.BillItem(text=sealed("rice"), amount_fen=200, discountable=True),
    ),
    minimum_spend_met=True,
)


# ---- when received --------------------------------------------------------------------------------------------------
def test_the_facts_are_clarified() -> None:
    given(RECEIVED).when(clarify, CLARIFIED).then(CLARIFIED)


def test_facts_are_read_back_to_the_customer() -> None:
    unread = replace(CLARIFIED, confirmed_by_customer=False)
    outcome = given(RECEIVED).when(clarify, unread)
    outcome.then_refused("invalid", "C-3", "read the facts back", "/confirmed_by_customer")


def test_nothing_is_investigated_before_it_is_clear() -> None:
    outcome = given(RECEIVED).when(investigate, INVESTIGATED)
    outcome.then_refused("not_on_the_way", "C-4", "possible now are acknowledgement, clarification")


# ---- when clarified -------------------------------------------------------------------------------------------------
def test_clarifying_moves_the_case_on_and_states_its_type() -> None:
    case = given(RECEIVED, PRICE).state
    assert (case.status, case.type) == (Status.CLARIFIED, ComplaintType.PRICE)


def test_a_case_is_clarified_once() -> None:
    outcome = given(RECEIVED, CLARIFIED).when(clarify, CLARIFIED)
    outcome.then_refused("not_on_the_way", "C-3", "clarification does not follow clarified")


def test_anybody_investigates_first() -> None:
    given(RECEIVED, CLARIFIED).when(investigate, INVESTIGATED, by=COLLEAGUE).then(INVESTIGATED)


def test_a_price_is_investigated_with_its_bill() -> None:
    billed = replace(INVESTIGATED, bill=BILL)
    given(RECEIVED, PRICE).when(investigate, billed).then(billed)


def test_a_price_is_investigated_with_the_reason_why_there_is_no_bill() -> None:
    explained = replace(INVESTIGATED, bill_unavailable=sealed("the till burnt"))
    given(RECEIVED, PRICE).when(investigate, explained).then(explained)


def test_a_price_without_bill_or_reason_is_refused() -> None:
    outcome = given(RECEIVED, PRICE).when(investigate, INVESTIGATED)
    outcome.then_refused("bill_missing", "C-4", "bill_unavailable with the reason", "/bill")


# ---- when investigated ----------------------------------------------------------------------------------------------
def test_an_agent_does_not_investigate_again() -> None:
    outcome = given(*until(Status.INVESTIGATED)).when(investigate, INVESTIGATED)
    outcome.then_refused("need_unmet", "C-4", "let a supervisor investigate anew")


def test_a_supervisor_investigates_anew() -> None:
    outcome = given(*until(Status.INVESTIGATED)).when(investigate, INVESTIGATED_BY_SUPERVISOR, by=SUPERVISOR)
    outcome.then(INVESTIGATED_BY_SUPERVISOR)


def test_an_attitude_is_analysed_after_a_supervisors_investigation() -> None:
    fault = e.Fault(agent=COLLEAGUE.id, fault=FaultKind.BAD_ATTITUDE)
    rude = replace(ANALYSED, faults=(fault,))
    outcome = given(*until(Status.INVESTIGATED)).when(analyse, rude, by=SUPERVISOR)
    outcome.then_refused("not_supervised", "C-4", "investigate it anew as supervisor first", "/faults")
    anew = (*until(Status.INVESTIGATED), INVESTIGATED_BY_SUPERVISOR)
    given(*anew).when(analyse, rude, by=SUPERVISOR).then(rude)
