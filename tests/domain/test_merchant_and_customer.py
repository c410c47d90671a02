"""Partner merchants, signed and recommended from a day (rulebook part 1); customers' classes (C-9)."""

from dataclasses import replace
from datetime import date

import pytest

from domain.agent.events import WentAbsent
from domain.case.words import CustomerClass
from domain.customer import events as c
from domain.customer.customer import CUSTOMER, allow_texts, change_class
from domain.merchant import events as m
from domain.merchant.merchant import MERCHANT, Period, change_recommendation, change_signing, register, take_over
from tests.support.cases import sealed
from tests.support.spec import given_of

APRIL, MAY, JUNE = date(2024, 4, 30), date(2024, 5, 1), date(2024, 6, 1)
LOTUS = m.Registered(id="m1", name="Lotus")
SIGNED = m.SigningChanged(from_day=MAY, signed=True)
RECOMMENDED = m.RecommendationChanged(from_day=MAY, recommended=True)
EVALUATED = c.ClassChanged(
    customer_class=CustomerClass.TOP,
    collected=sealed("collected"),
    planned=sealed("planned"),
    evaluated=sealed("evaluated"),
    decided=sealed("decided"),
)


# ---- merchants ------------------------------------------------------------------------------------------------------
def test_a_merchant_is_registered_once() -> None:
    given_of(MERCHANT).when(register, "m1", "Lotus").then(LOTUS)
    outcome = given_of(MERCHANT, LOTUS).when(register, "m1", "Lotus")
    outcome.then_refused("already_registered", None, "choose another id", "/id")


def test_a_merchant_is_signed_from_a_day_on() -> None:
    given_of(MERCHANT, LOTUS).when(change_signing, MAY, signed=True).then(SIGNED)
    given_of(MERCHANT, LOTUS, SIGNED).when(change_signing, MAY, signed=True).then()
    withdrawn = replace(SIGNED, signed=False)
    given_of(MERCHANT, LOTUS, SIGNED).when(change_signing, MAY, signed=False).then(withdrawn)
    assert not given_of(MERCHANT, LOTUS, SIGNED, withdrawn).state.signed_on(MAY)


def test_a_merchant_is_recommended_from_a_day_on() -> None:
    given_of(MERCHANT, LOTUS).when(change_recommendation, MAY, recommended=True).then(RECOMMENDED)
    given_of(MERCHANT, LOTUS, RECOMMENDED).when(change_recommendation, MAY, recommended=True).then()


@pytest.mark.parametrize(("day", "holds"), [(APRIL, False), (MAY, True), (date(2024, 5, 31), True), (JUNE, False)])
def test_the_last_change_that_has_begun_holds(day: date, holds: bool) -> None:  # noqa: FBT001
    ended_first = (replace(SIGNED, from_day=JUNE, signed=False), SIGNED)
    assert given_of(MERCHANT, LOTUS, *ended_first).state.signed_on(day) is holds
    ended = (replace(RECOMMENDED, from_day=JUNE, recommended=False), RECOMMENDED)
    assert given_of(MERCHANT, LOTUS, *ended).state.recommended_on(day) is holds


# ---- as another system has it ---------------------------------------------------------------------------------------
SPRING, SUMMER, OPEN = Period(APRIL, APRIL), Period(MAY, date(2024, 5, 31)), Period(JUNE)
UNSIGNED = m.SigningChanged(from_day=JUNE, signed=False)


def test_a_merchant_is_taken_over_with_its_periods_w_1() -> None:
    ended = m.RecommendationChanged(from_day=JUNE, recommended=False)
    given_of(MERCHANT).when(take_over, "m1", "Lotus", [SUMMER], [SUMMER]).then(
        LOTUS, SIGNED, UNSIGNED, RECOMMENDED, ended
    )
    given_of(MERCHANT).when(take_over, "m1", "Lotus", [], []).then(LOTUS)


def test_taken_over_twice_is_recorded_once_and_a_new_period_is_added() -> None:
    known = (LOTUS, SIGNED, UNSIGNED)
    given_of(MERCHANT, *known).when(take_over, "m1", "Lotus", [SUMMER], []).then()
    given_of(MERCHANT, *known).when(take_over, "m1", "Lotus", [], []).then()
    later = date(2024, 9, 1)
    given_of(MERCHANT, *known).when(take_over, "m1", "Lotus", [Period(later), SUMMER], []).then(
        m.SigningChanged(from_day=later, signed=True)
    )


def test_periods_that_touch_are_one_in_any_order() -> None:
    begun = [m.SigningChanged(from_day=day, signed=True) for day in (APRIL, MAY, JUNE)]
    for periods in ([SPRING, SUMMER, OPEN], [OPEN, SUMMER, SPRING]):
        given_of(MERCHANT, LOTUS).when(take_over, "m1", "Lotus", periods, []).then(*begun)
    given_of(MERCHANT, LOTUS, begun[0]).when(take_over, "m1", "Lotus", [Period(APRIL)], []).then()


@pytest.mark.parametrize(
    ("periods", "said"),
    [
        ([Period(JUNE, MAY)], "from 2024-06-01 ends before it begins"),
        ([Period(APRIL), OPEN], "from 2024-06-01 begins before that from 2024-04-30 has ended"),
        ([Period(APRIL, MAY), SUMMER], "from 2024-05-01 begins before that from 2024-04-30 has ended"),
        ([SUMMER, SUMMER], "from 2024-05-01 begins before that from 2024-05-01 has ended"),
    ],
)
def test_periods_that_cannot_be_are_malformed(periods: list[Period], said: str) -> None:
    for field, stated in (("signed", (periods, [])), ("recommended", ([], periods))):
        outcome = given_of(MERCHANT).when(take_over, "m1", "Lotus", *stated)
        outcome.then_refused("invalid", "W-1", said, f"/{field}")


def test_what_is_on_record_otherwise_is_not_overwritten() -> None:
    outcome = given_of(MERCHANT, LOTUS).when(take_over, "m1", "Lily", [], [])
    outcome.then_refused("merchant_otherwise", "W-1", "on record as Lotus", "/name")
    outcome = given_of(MERCHANT, LOTUS, SIGNED, UNSIGNED).when(take_over, "m1", "Lotus", [OPEN], [])
    outcome.then_refused("merchant_otherwise", "W-1", "2024-05-01 yes、2024-06-01 no", "/signed")


def test_an_unknown_merchant_is_not_found() -> None:
    given_of(MERCHANT).when(change_signing, MAY, signed=True).then_refused("not_found", None, "no such merchant")
    outcome = given_of(MERCHANT).when(change_recommendation, MAY, recommended=True)
    outcome.then_refused("not_found", None, "no such merchant")


# ---- customers ------------------------------------------------------------------------------------------------------
def test_a_class_is_changed_by_an_evaluation_and_stays_on_record_when_confirmed() -> None:
    given_of(CUSTOMER).when(change_class, EVALUATED).then(EVALUATED)
    given_of(CUSTOMER, EVALUATED).when(change_class, EVALUATED).then(EVALUATED)
    assert given_of(CUSTOMER).state.customer_class is None
    assert given_of(CUSTOMER, EVALUATED).state.customer_class is CustomerClass.TOP


def test_a_customer_may_be_marked_do_not_text() -> None:
    marked = c.TextingChanged(allowed=False)
    given_of(CUSTOMER).when(allow_texts, allowed=False).then(marked)
    given_of(CUSTOMER, marked).when(allow_texts, allowed=False).then()
    given_of(CUSTOMER).when(allow_texts, allowed=True).then()
    assert not given_of(CUSTOMER, marked).state.texts_allowed


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert given_of(MERCHANT, LOTUS, WentAbsent()).state == given_of(MERCHANT, LOTUS).state
    assert given_of(CUSTOMER, EVALUATED, WentAbsent()).state == given_of(CUSTOMER, EVALUATED).state
