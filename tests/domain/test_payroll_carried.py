"""What a closed month carried, and later months waived, took or carried on, when that month changes late (L-4, L-5)."""

from dataclasses import replace
from itertools import chain

import pytest

from domain.ledger.decisions import confirm
from domain.payroll import events as e
from domain.payroll.settlement import Mode, Terms
from domain.values import Month
from tests.support.ledger_books import TODAY, Books
from tests.support.ledgers import A1, APRIL, BONUS, JUNE, MARCH, MAY, PENALTY, S1

WAIVE = Terms(mode=Mode.BONUS_OFFSET)
CARRY = Terms(mode=Mode.BONUS_OFFSET, carry_forward=True)
POINTS = Terms(mode=Mode.POINTS_ONLY)
BLOCKED = Terms(mode=Mode.BLOCKED)
WAGE = Terms(mode=Mode.WAGE_DEDUCTION, wage_cap_fen=300)

Change = tuple[type[e.Moved], Month, int, int]
"""What is recorded, of which month; the change, and what is posted for it; whole fen."""


def given(*terms: Terms, bonuses: tuple[int, ...] = (), penalty: int = 0) -> Books:
    """March and the months after it under these terms, and closed but for the last one; a penalty of March."""
    months = [Month(2026, 3 + number) for number in range(len(terms))]
    books = Books(policies=dict(zip(months, terms, strict=True)))
    earn(books, *bonuses)
    if penalty:
        punish(books, penalty)
    books.pay_until(months[-2])
    return books


def earn(books: Books, *bonuses: int) -> None:
    """Bonuses of March and the months after it, of 0.01 where none is named: everybody has a statement."""
    for month, fen in zip((MARCH, APRIL, MAY, JUNE), chain(bonuses, [1, 1, 1, 1]), strict=False):
        books.judge(f"earned:{month}", [replace(BONUS, amount_fen=fen, occurred_on=month.first_day)])


def punish(books: Books, amount_fen: int) -> None:
    """A penalty of March, confirmed; 0: it is taken back."""
    books.judge("case", [replace(PENALTY, amount_fen=amount_fen)] if amount_fen else [])
    for entry in [*books.voucher("case").entries.values()]:
        books.decide("case", confirm, entry.number, S1, TODAY, books.payroll)


def moved(books: Books) -> list[Change]:
    """What came late so far, in the order of the log."""
    events = [event for _, event in books.recorded if isinstance(event, e.Moved)]
    return [(type(event), event.home, event.change_fen, event.amount_fen) for event in events]


def money(books: Books, month: Month) -> tuple[int, int, int]:
    """What a month opened with, what it pays less what it takes from the wage, and what it carries."""
    stated = books.statements[A1, month]
    return stated.opening_fen, stated.net_fen - stated.deducted_fen, stated.carried_fen


# ---- given back what was carried ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("later", "bonus", "collected"),
    [(WAIVE, 1, 1), (WAIVE, 300, 300), (WAIVE, 5000, 999), (POINTS, 5000, 0), (BLOCKED, 5000, 0), (WAGE, 200, 500)],
)
def test_of_what_a_later_month_waived_only_what_was_collected_is_paid_back_l_4(
    later: Terms, bonus: int, collected: int
) -> None:
    books = given(CARRY, later, WAIVE, bonuses=(1, bonus), penalty=-1000)
    assert money(books, MARCH) == (0, 0, 999)
    paid = books.paid_fen
    punish(books, 0)
    assert moved(books) == [
        (e.Offset, MARCH, 1000, 1 - 1000),
        (e.OpeningChanged, APRIL, 999, collected),
    ]
    books.pay_until(MAY)
    assert books.paid_fen == paid + 1 + collected + 1


def test_what_is_carried_still_is_owed_no_more_l_4() -> None:
    books = given(CARRY, CARRY, WAIVE, penalty=-1000)
    punish(books, 0)
    assert moved(books) == [
        (e.Offset, MARCH, 1000, 1 - 1000),
        (e.OpeningChanged, APRIL, 999, 1),
        (e.OpeningChanged, MAY, 998, 0),
    ]
    books.pay_until(MAY)
    assert (money(books, APRIL), money(books, MAY)) == ((-999, 0, 998), (0, 3, 0))


@pytest.mark.parametrize("later", [WAIVE, CARRY, POINTS, BLOCKED, WAGE])
def test_what_the_open_month_has_not_taken_yet_is_not_paid_back_in_it_whatever_its_policy_l_4(later: Terms) -> None:
    books = given(CARRY, later, bonuses=(1, 20), penalty=-1000)
    punish(books, 0)
    assert moved(books) == [(e.Offset, MARCH, 1000, 1 - 1000), (e.OpeningChanged, APRIL, 999, 0)]
    books.pay_until(APRIL)
    assert money(books, APRIL) == (0, 21, 0)


def test_what_the_wage_gave_for_what_was_carried_is_paid_back_up_to_its_cap_l_5() -> None:
    deducting = replace(WAGE, carry_forward=True)
    books = given(CARRY, deducting, deducting, WAIVE, penalty=-1000)
    assert (money(books, APRIL), money(books, MAY)) == ((-999, -300, 698), (-698, -300, 397))
    punish(books, 0)
    assert moved(books) == [
        (e.Offset, MARCH, 1000, 1 - 1000),
        (e.OpeningChanged, APRIL, 999, 301),
        (e.OpeningChanged, MAY, 698, 301),
        (e.OpeningChanged, JUNE, 397, 0),
    ]


def test_what_a_month_waived_itself_changes_no_other_l_4() -> None:
    books = given(WAIVE, CARRY, WAIVE, penalty=-1000)
    punish(books, 0)
    assert moved(books) == [(e.Offset, MARCH, 1000, 1 - 1000)]


# ---- asked for late -------------------------------------------------------------------------------------------------
def test_a_late_penalty_is_taken_as_far_as_the_month_it_is_carried_into_would_have_covered_it_l_4() -> None:
    books = given(CARRY, WAIVE, WAIVE, bonuses=(300, 500, 5000))
    punish(books, -1000)
    assert moved(books) == [(e.Offset, MARCH, -1000, 700), (e.OpeningChanged, APRIL, -700, -500)]
    books.pay_until(MAY)
    assert books.paid_fen == 5000


def test_a_debt_comes_to_an_agent_who_had_no_statement_l_4() -> None:
    books = Books(policies={MARCH: CARRY, APRIL: CARRY, MAY: WAIVE})
    books.pay_until(APRIL)
    punish(books, -1000)
    assert moved(books) == [
        (e.Offset, MARCH, -1000, 1000),
        (e.OpeningChanged, APRIL, -1000, 0),
        (e.OpeningChanged, MAY, -1000, 0),
    ]
    books.judge("earned", [replace(BONUS, amount_fen=1500, occurred_on=MAY.first_day)])
    books.pay_until(MAY)
    assert money(books, MAY) == (-1000, 500, 0)


# ---- asked for and given back ---------------------------------------------------------------------------------------
def test_up_and_down_again_is_nothing_l_4() -> None:
    books = given(CARRY, WAIVE, WAIVE, bonuses=(300, 500, 5000))
    punish(books, -1000)
    punish(books, 0)
    assert moved(books)[2:] == [(e.Offset, MARCH, 1000, -700), (e.OpeningChanged, APRIL, 700, 500)]
    books.pay_until(MAY)
    assert books.paid_fen == 300 + 500 + 5000


def test_down_and_up_again_is_nothing_l_4() -> None:
    books = given(CARRY, CARRY, WAIVE, bonuses=(1, 1, 5000), penalty=-1000)
    punish(books, 0)
    punish(books, -1000)
    assert books.owed_fen(A1, MAY) == 998
    books.pay_until(MAY)
    assert books.paid_fen == 2 + 5000 - 1000


def test_what_moved_into_a_month_that_waived_it_is_not_paid_back_l_4() -> None:
    """April would have covered it, so that it moved into May; May had nothing to take it from."""
    books = given(CARRY, WAIVE, WAIVE, bonuses=(300, 500, 1))
    punish(books, -1000)
    books.pay_until(MAY)
    assert money(books, MAY) == (0, 0, 0)
    punish(books, 0)
    assert moved(books)[2:] == [
        (e.Offset, MARCH, 1000, -700),
        (e.OpeningChanged, APRIL, 700, 500),
        (e.Offset, MAY, 500, -500),
        (e.Offset, MAY, 300, -299),
    ]
    books.pay_until(JUNE)
    assert books.paid_fen == 300 + 500 + 1 + 1
