"""Payroll months: over, frozen, drawn, closed; one after the other, by two people (L-4)."""

import pytest

from domain.kernel import Event
from domain.ledger.lines import Kind
from domain.payroll import events as e
from domain.payroll.months import PAYROLL, Payroll, PayrollMonth, Stage, draw, end, freeze, may_close
from domain.values import Month
from tests.support.ledgers import A1, APRIL, BONUS, FEBRUARY, JUNE, MARCH, MAY, P1, P2, earned
from tests.support.spec import Given, given_of


def given(*history: Event) -> Given[Payroll]:
    return given_of(PAYROLL, *history)


def frozen(month: Month = MARCH) -> list[Event]:
    return [e.MonthEnded(month=month), e.MonthFrozen(month=month, by=P1)]


def drawn(month: Month = MARCH) -> list[Event]:
    return [*frozen(month), e.StatementsDrawn(month=month, cut=9, agents=2)]


def closed(month: Month = MARCH) -> list[Event]:
    total = e.Total(kind=Kind.BONUS, lines=1, amount_fen=20)
    closing = e.MonthClosed(
        month=month, by=P2, cut=9, net_fen=20, totals=(total,), tariffs=(BONUS.tariff,), digest="d1"
    )
    return [*drawn(month), closing]


# ---- it ends --------------------------------------------------------------------------------------------------------
def test_a_month_that_is_over_ends_once() -> None:
    given().when(end, MARCH, APRIL).then(e.MonthEnded(month=MARCH))
    given(e.MonthEnded(month=MARCH)).when(end, MARCH, APRIL).then()


@pytest.mark.parametrize("month", [MARCH, APRIL])
def test_the_present_month_and_later_ones_are_not_over(month: Month) -> None:
    given().when(end, month, MARCH).then()


# ---- freezing -------------------------------------------------------------------------------------------------------
def test_a_month_that_is_over_is_frozen_l_4() -> None:
    given().when(freeze, MARCH, P1, APRIL, None).then(*frozen())
    given(e.MonthEnded(month=MARCH)).when(freeze, MARCH, P1, APRIL, MARCH).then(e.MonthFrozen(month=MARCH, by=P1))


@pytest.mark.parametrize("month", [MARCH, APRIL])
def test_the_present_month_and_later_ones_are_not_frozen_l_4(month: Month) -> None:
    outcome = given().when(freeze, month, P1, MARCH, None)
    outcome.then_refused("month_not_over", "L-4", f"from the first day of {month.after} on")


@pytest.mark.parametrize(("history", "stage"), [(frozen(), "frozen"), (drawn(), "frozen"), (closed(), "closed")])
def test_a_month_is_frozen_once_l_4(history: list[Event], stage: str) -> None:
    given(*history).when(freeze, MARCH, P2, JUNE, MARCH).then_refused("month_not_open", "L-4", f"is {stage} already")


def test_the_first_month_is_the_first_that_has_lines_l_4() -> None:
    outcome = given().when(freeze, MARCH, P1, APRIL, FEBRUARY)
    outcome.then_refused("month_out_of_order", "L-4", "2026-02 has lines and is not closed")
    given().when(freeze, FEBRUARY, P1, APRIL, MARCH).then(*frozen(FEBRUARY))


@pytest.mark.parametrize("history", [frozen(), drawn()])
def test_a_month_is_frozen_when_the_month_before_is_closed_l_4(history: list[Event]) -> None:
    outcome = given(*history).when(freeze, APRIL, P1, JUNE, MARCH)
    outcome.then_refused("month_out_of_order", "L-4", "2026-03 is not closed: close it first")
    given(*closed()).when(freeze, APRIL, P1, JUNE, MARCH).then(*frozen(APRIL))
    given(*closed()).when(freeze, MAY, P1, JUNE, MARCH).then_refused("month_out_of_order", "L-4", "2026-04 is not")


def test_months_before_the_first_count_as_closed_l_4() -> None:
    outcome = given(*closed()).when(freeze, FEBRUARY, P1, JUNE, FEBRUARY)
    outcome.then_refused("month_out_of_order", "L-4", "payroll began with 2026-03")


# ---- drawing and closing --------------------------------------------------------------------------------------------
def test_statements_of_a_frozen_month_are_drawn_once_l_5() -> None:
    given(*frozen()).when(draw, MARCH, 9, 2).then(e.StatementsDrawn(month=MARCH, cut=9, agents=2))
    for history in ([], drawn(), closed()):
        given(*history).when(draw, MARCH, 9, 2).then()


def test_another_person_closes_what_was_frozen_l_4() -> None:
    assert may_close(given(*drawn()).state, MARCH, P2) == 9
    for history in (frozen(), drawn()):
        given(*history).when(closing, MARCH, P1).then_refused("two_people_needed", "L-4", "you froze this month")


def closing(payroll: Payroll, month: Month, by: object) -> list[Event]:
    may_close(payroll, month, by)  # type: ignore[arg-type]
    return []


@pytest.mark.parametrize(
    ("history", "said"),
    [([], "is open"), (closed()[:1], "is open"), (frozen(), "is being drawn up"), (closed(), "is closed")],
)
def test_only_a_frozen_month_with_its_statements_is_closed_l_4(history: list[Event], said: str) -> None:
    given(*history).when(closing, MARCH, P2).then_refused("month_not_frozen", "L-4", said)
    if history == closed():
        given(*history).when(closing, MARCH, P1).then_refused("month_not_frozen", "L-4", said)


# ---- the state ------------------------------------------------------------------------------------------------------
def test_lines_post_into_the_first_open_month_from_their_own_on_l_4() -> None:
    assert given().state.first_open(MARCH) == MARCH
    assert given(*frozen()).state.first_open(MARCH) == APRIL
    both = given(*closed(), *frozen(APRIL)).state
    assert [both.first_open(month) for month in (FEBRUARY, MARCH, APRIL, MAY, JUNE)] == [MAY, MAY, MAY, MAY, JUNE]
    assert (given().state.begun, both.begun) == (None, MARCH)


def test_a_month_counts_the_decisions_of_persons() -> None:
    months = [given(*history).state[MARCH] for history in ([], closed()[:1], frozen(), drawn(), closed())]
    assert [month.version for month in months] == [0, 0, 1, 1, 2]
    assert [month.stage for month in months] == [Stage.OPEN, Stage.OPEN, Stage.FROZEN, Stage.FROZEN, Stage.CLOSED]
    assert months[-1] == PayrollMonth(version=2, ended=True, frozen_by=P1, cut=9, closed_by=P2)
    assert given(*closed(), earned()).state == given(*closed()).state
    assert A1 not in {months[-1].frozen_by, months[-1].closed_by}
