"""C-1, C-1a, C-2, C-17: a complaint comes on record and is acknowledged."""

from dataclasses import replace
from datetime import timedelta

from domain.case.beside import contact
from domain.case.way import acknowledge, receive, resolve
from domain.case.words import Courtesy, Status
from tests.support.cases import (
    ACKNOWLEDGED,
    ANALYSED,
    CLARIFIED,
    CONTACTED,
    DAY,
    INVESTIGATED,
    NOW,
    OWNER,
    PROPOSED,
    RECEIVED,
    RESOLVED,
    until,
)
from tests.support.spec import given

FIVE_MINUTES = timedelta(minutes=5)
SECOND = timedelta(seconds=1)


# ---- when nothing is on record --------------------------------------------------------------------------------------
def test_a_complaint_is_received_in_one_event() -> None:
    given().when(receive, RECEIVED).then(RECEIVED)


def test_a_guest_still_at_the_table_is_on_record() -> None:
    on_site = replace(RECEIVED, on_site=True)
    given().when(receive, on_site).then(on_site)


def test_the_receiving_agent_is_owner_and_handler() -> None:
    case = given(RECEIVED).state
    assert (case.owner, case.handler, case.team) == (OWNER.id, OWNER.id, "t1")


def test_demands_count_from_one() -> None:
    assert given().state.demands == 0
    assert given(RECEIVED).state.demands == 2


def test_an_apology_given_at_receipt_is_the_first_courtesy() -> None:
    assert given(RECEIVED).state.courtesies == frozenset()
    assert given(replace(RECEIVED, apology_given=True)).state.courtesies == {Courtesy.APOLOGISE}


def test_a_clock_five_minutes_fast_is_forgiven() -> None:
    fast = replace(RECEIVED, received_at=NOW + FIVE_MINUTES, happened_at=NOW + FIVE_MINUTES)
    given().when(receive, fast).then(fast)


def test_receipt_in_the_future_is_refused() -> None:
    future = replace(RECEIVED, received_at=NOW + FIVE_MINUTES + SECOND)
    given().when(receive, future).then_refused("invalid", "C-1", "give the time at which it happened", "/received_at")


def test_an_event_in_the_future_is_refused() -> None:
    future = replace(RECEIVED, happened_at=NOW + FIVE_MINUTES + SECOND)
    given().when(receive, future).then_refused("invalid", "C-1", "give the time at which it happened", "/happened_at")


def test_no_other_step_finds_a_case() -> None:
    given().when(acknowledge, ACKNOWLEDGED).then_refused("not_found", None, "there is no such case")


# ---- when received --------------------------------------------------------------------------------------------------
def test_receiving_again_changes_nothing() -> None:
    given(RECEIVED).when(receive, RECEIVED).then()


def test_the_customer_is_told_when_they_will_hear_back() -> None:
    given(RECEIVED).when(acknowledge, ACKNOWLEDGED).then(ACKNOWLEDGED)


def test_an_acknowledgement_may_name_no_time() -> None:
    silent = replace(ACKNOWLEDGED, answer_by=None)
    given(RECEIVED).when(acknowledge, silent).then(silent)


def test_an_answer_is_not_promised_for_a_time_gone_by() -> None:
    late = replace(ACKNOWLEDGED, answer_by=NOW)
    given(RECEIVED).when(acknowledge, late).then_refused("invalid", "C-1a", "name a time to come", "/answer_by")


# ---- when acknowledged ----------------------------------------------------------------------------------------------
def test_a_complaint_is_acknowledged_once() -> None:
    again = given(RECEIVED, ACKNOWLEDGED).when(acknowledge, ACKNOWLEDGED)
    again.then_refused("need_unmet", "C-1a", "record a contact or an interim reply instead")
    given(RECEIVED, ACKNOWLEDGED).when(contact, CONTACTED).then(CONTACTED)


def test_a_complaint_may_be_acknowledged_as_late_as_proposed() -> None:
    late = [event for event in until(Status.PROPOSED) if event != ACKNOWLEDGED]
    given(*late).when(acknowledge, replace(ACKNOWLEDGED, answer_by=NOW + DAY)).then(ACKNOWLEDGED)


def test_without_acknowledgement_no_resolution() -> None:
    history = (RECEIVED, CLARIFIED, INVESTIGATED, ANALYSED, PROPOSED)
    given(*history).when(resolve, RESOLVED).then_refused("need_unmet", "C-1a", "acknowledge the complaint")
    given(*history, ACKNOWLEDGED).when(resolve, RESOLVED).then(RESOLVED)
