"""Swaps of shifts: asked for, granted three times a month, refused; none on public holidays (S-5)."""

from dataclasses import replace
from typing import Any

import pytest

from domain.kernel import Event
from domain.shift.events import AbsenceRecorded, AgentSwapped
from domain.shift.shift import SHIFT, record_absence
from domain.swap import events as e
from domain.swap.swap import MOST_A_MONTH, SWAP, SWAPS_OF_MONTH, Exchanged, Swap, Swapped, grant, refuse, request
from domain.values import Actor, AgentId, Month, Role
from tests.support.cases import HOUR, OTHER_SUPERVISOR, SUPERVISOR, sealed
from tests.support.shifts import A1, A2, A3, BEGIN, NEXT, PLANNED
from tests.support.spec import Given, given_of

BEFORE = BEGIN - 24 * HOUR
GIVEN, BACK = Exchanged(SHIFT.fold([PLANNED]), holiday=False), Exchanged(SHIFT.fold([NEXT]), holiday=False)
AGENT, PARTNER = Actor(A1, Role.AGENT, "t1"), Actor(A3, Role.AGENT, "t1")
REQUESTED = e.Requested(shift="one", away=A1, to=A3, in_return="two", month=Month(2024, 5), reason=sealed("wedding"))
ONE_WAY = replace(REQUESTED, in_return=None, reason=None)
GRANTED = e.Granted(by=SUPERVISOR.id)
REFUSED = e.Refused(by=SUPERVISOR.id, reason=sealed("too few people"))


def given(*history: Event) -> Given[Swap]:
    return given_of(SWAP, *history)


def granting(
    swap: Given[Swap],
    given_away: Exchanged = GIVEN,
    back: Exchanged | None = BACK,
    counted: tuple[str, ...] = (),
) -> Swapped:
    return grant(swap.state, "swap-1", given_away, back, counted, SUPERVISOR, BEFORE)


def granted(swap: Swap, *inputs: Any) -> list[Event]:
    """What the swap itself records of its granting."""
    return grant(swap, *inputs).swap


# ---- asking ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", [AGENT, SUPERVISOR])
def test_a_swap_is_asked_for_s_5(by: Actor) -> None:
    given().when(request, REQUESTED, GIVEN, BACK, by, BEFORE).then(REQUESTED)
    given().when(request, ONE_WAY, GIVEN, None, by, BEFORE).then(ONE_WAY)
    given(REQUESTED).when(request, REQUESTED, GIVEN, BACK, by, BEFORE).then()


def test_nobody_gives_away_the_shift_of_another_s_5() -> None:
    outcome = given().when(request, REQUESTED, GIVEN, BACK, PARTNER, BEFORE)
    outcome.then_refused("not_your_shift_to_give", "S-5", "another's shift")


@pytest.mark.parametrize(
    ("requested", "saying", "pointer"),
    [
        (replace(REQUESTED, to=A1), "with themselves", "/to"),
        (replace(REQUESTED, in_return="one"), "the same shift", "/in_return"),
    ],
)
def test_a_swap_that_cannot_be_meant_is_refused_s_5(requested: e.Requested, saying: str, pointer: str) -> None:
    outcome = given().when(request, requested, GIVEN, BACK, AGENT, BEFORE)
    outcome.then_refused("invalid", "S-5", saying, pointer)


@pytest.mark.parametrize(
    ("shift", "back"), [(replace(GIVEN, holiday=True), BACK), (GIVEN, replace(BACK, holiday=True))]
)
def test_nobody_swaps_on_a_public_holiday_s_5(shift: Exchanged, back: Exchanged) -> None:
    outcome = given().when(request, REQUESTED, shift, back, AGENT, BEFORE)
    outcome.then_refused("public_holiday", "S-5", "2024-05-06 is a public holiday")
    outcome = given(REQUESTED).when(granted, "swap-1", shift, back, (), SUPERVISOR, BEFORE)
    outcome.then_refused("public_holiday", "S-5", "2024-05-06 is a public holiday")


def test_what_has_begun_is_not_swapped_s_5() -> None:
    outcome = given().when(request, REQUESTED, GIVEN, BACK, AGENT, BEGIN)
    outcome.then_refused("shift_begun", "S-5", "has begun")
    outcome = given(REQUESTED).when(granted, "swap-1", GIVEN, BACK, (), SUPERVISOR, BEGIN)
    outcome.then_refused("shift_begun", "S-5", "has begun")


def test_both_work_the_shift_that_they_give_s_5() -> None:
    not_on_it = given().when(request, replace(REQUESTED, away=A3, to=A1), GIVEN, BACK, PARTNER, BEFORE)
    not_on_it.then_refused("not_on_roster", "S-5", "a3 is not among the agents")
    already = given().when(request, replace(REQUESTED, to=A2), GIVEN, BACK, AGENT, BEFORE)
    already.then_refused("on_roster", "S-5", "a2 works this shift already")


# ---- deciding -------------------------------------------------------------------------------------------------------
def test_granted_both_shifts_change_hands_and_the_month_counts_one_s_5() -> None:
    assert granting(given(REQUESTED)) == Swapped(
        swap=[GRANTED],
        month=[e.Counted(swap="swap-1")],
        shift=[AgentSwapped(away=A1, to=A3, swap="swap-1")],
        in_return=[AgentSwapped(away=A3, to=A1, swap="swap-1")],
    )
    assert granting(given(ONE_WAY), back=None).in_return == []


def test_three_swaps_are_granted_a_month_s_5() -> None:
    assert granting(given(REQUESTED), counted=("s",) * (MOST_A_MONTH - 1)).swap == [GRANTED]
    outcome = given(REQUESTED).when(granted, "swap-1", GIVEN, BACK, ("s",) * MOST_A_MONTH, SUPERVISOR, BEFORE)
    outcome.then_refused("too_many_swaps", "S-5", "a1 has been granted 3 swaps in 2024-05")


def test_the_granted_of_a_month_are_folded_s_5() -> None:
    assert SWAPS_OF_MONTH.fold([e.Counted(swap="1"), e.Counted(swap="2"), GRANTED]) == ("1", "2")


def test_a_swap_is_refused_with_a_reason_s_5() -> None:
    given(REQUESTED).when(refuse, REFUSED, SUPERVISOR).then(REFUSED)


@pytest.mark.parametrize("decided", [GRANTED, REFUSED])
def test_a_swap_is_decided_once_s_5(decided: Event) -> None:
    refused = given(REQUESTED, decided).when(refuse, REFUSED, SUPERVISOR)
    refused.then_refused("already_decided", "S-5", "ask for a new one")
    again = given(REQUESTED, decided).when(granted, "swap-1", GIVEN, BACK, (), SUPERVISOR, BEFORE)
    again.then_refused("already_decided", "S-5", "ask for a new one")


@pytest.mark.parametrize("party", [A1, A3])
def test_nobody_decides_on_a_swap_of_their_own_l_0(party: AgentId) -> None:
    own = replace(SUPERVISOR, id=party)
    given(REQUESTED).when(refuse, REFUSED, own).then_refused("own_swap", "L-0", "another supervisor")
    outcome = given(REQUESTED).when(granted, "swap-1", GIVEN, BACK, (), own, BEFORE)
    outcome.then_refused("own_swap", "L-0", "another supervisor")


def test_an_unknown_swap_is_not_found() -> None:
    given().when(refuse, REFUSED, SUPERVISOR).then_refused("not_found", None, "no such swap")
    assert SWAP.evolve(Swap(), PLANNED) == Swap()


# ---- absence --------------------------------------------------------------------------------------------------------
def test_nobody_takes_leave_on_a_public_holiday_s_5() -> None:
    leave = AbsenceRecorded(agent=A1, absenteeism=False)
    outcome = given_of(SHIFT, PLANNED).when(record_absence, leave, OTHER_SUPERVISOR, BEFORE, holiday=True)
    outcome.then_refused("public_holiday", "S-5", "takes leave on a public holiday", "/absenteeism")
    absent = replace(leave, absenteeism=True)
    given_of(SHIFT, PLANNED).when(record_absence, absent, OTHER_SUPERVISOR, BEFORE, holiday=True).then(absent)


def test_absence_from_a_swapped_shift_or_its_return_is_absenteeism_s_5() -> None:
    swapped = granting(given(REQUESTED))
    for planned, events, agent in ((PLANNED, swapped.shift, A3), (NEXT, swapped.in_return, A1)):
        leave = AbsenceRecorded(agent=agent, absenteeism=False)
        outcome = given_of(SHIFT, planned, *events).when(record_absence, leave, OTHER_SUPERVISOR, BEFORE)
        outcome.then(replace(leave, absenteeism=True))
