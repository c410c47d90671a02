"""The account of an agent's month once it is frozen: its statement, and what came late (L-4, L-5)."""

from dataclasses import replace

import pytest

from domain.ledger.lines import Explanation, Kind
from domain.payroll import events as e
from domain.payroll.account import ACCOUNT, Account, Late, Part, change_opening, offset, passing_on, state, taking
from domain.payroll.settlement import Mode, Sums, Terms
from domain.values import Month
from tests.support.ledgers import A1, APRIL, CAUSES, DAY, JUNE, MARCH, MAY, earned

OFFSET = Terms(mode=Mode.BONUS_OFFSET)
LATE = Late(
    line="v1.1",
    agent=A1,
    home=MARCH,
    kind=Kind.PENALTY,
    amount_fen=-1000,
    occurred_on=DAY,
    tariff="default-1",
    causes=CAUSES,
    posted_month=APRIL,
)
BONUS = replace(LATE, kind=Kind.BONUS, amount_fen=20)


def account(
    opening: int = 0, bonus: int = 0, penalty: int = 0, cap: int = 0, mode: Mode = Mode.BONUS_OFFSET
) -> Account:
    sums = Sums(opening_fen=opening, bonus_fen=bonus, penalty_fen=penalty)
    return ACCOUNT.fold([state(A1, MARCH, Terms(mode=mode, wage_cap_fen=cap), sums, basis="b", policy="p")])


def moved(known: Account, *changes: Late, mode: Mode = Mode.BONUS_OFFSET, carry: bool = False) -> list[int]:
    """How much of each change moves, one after the other."""
    found = []
    for late in changes:
        event = offset(known, late, mode, carry_forward=carry)
        assert event.change_fen == late.amount_fen
        known = ACCOUNT.evolve(known, event)
        found.append(late.amount_fen + event.amount_fen)
    return found


# ---- the statement --------------------------------------------------------------------------------------------------
def test_a_statement_says_by_what_it_was_settled_and_what_became_of_it_l_5() -> None:
    terms = Terms(mode=Mode.WAGE_DEDUCTION, carry_forward=True, wage_cap_fen=300)
    sums = Sums(opening_fen=-5, bonus_fen=75, penalty_fen=-1000)
    assert state(A1, MARCH, terms, sums, basis="law 7", policy="p-2") == e.Stated(
        agent=A1,
        month=MARCH,
        opening_fen=-5,
        bonus_fen=75,
        penalty_fen=-1000,
        late_fen=0,
        net_fen=0,
        uncovered_fen=-930,
        requested_fen=1005,
        applied_fen=375,
        carried_fen=630,
        waived_fen=0,
        deducted_fen=300,
        wage_cap_fen=300,
        mode=Mode.WAGE_DEDUCTION,
        basis="law 7",
        policy="p-2",
    )


def test_a_statement_of_before_had_nothing_late_of_its_own() -> None:
    """Version 1 settled it with the rest."""
    assert e.Stated.upcast({"penalty_fen": -1000}, 1) == {"penalty_fen": -1000, "late_fen": 0}


def test_the_account_has_the_sums_of_the_statement_and_all_that_came_late() -> None:
    known = account(bonus=75, penalty=-1000, cap=300)
    assert known == Account(sums=Sums(bonus_fen=75, penalty_fen=-1000), wage_cap_fen=300)
    after = ACCOUNT.evolve(known, offset(known, LATE, Mode.BONUS_OFFSET, carry_forward=False))
    assert (after.sums, after.offsets, after.moved) == (Sums(bonus_fen=75, penalty_fen=-2000), 1, {APRIL: Part()})
    more = ACCOUNT.evolve(after, offset(after, BONUS, Mode.BONUS_OFFSET, carry_forward=False))
    assert (more.sums, more.offsets) == (Sums(bonus_fen=95, penalty_fen=-2000), 2)
    assert ACCOUNT.evolve(known, earned()) == known


# ---- what comes late ------------------------------------------------------------------------------------------------
def test_an_offset_names_its_line_and_takes_back_what_was_never_collected_l_4() -> None:
    known = account(bonus=75, penalty=-1000)
    given_back = replace(LATE, amount_fen=1000)
    assert offset(known, given_back, Mode.BONUS_OFFSET, carry_forward=False) == e.Offset(
        number=1,
        line="v1.1",
        agent=A1,
        home=MARCH,
        kind=Kind.PENALTY,
        change_fen=1000,
        amount_fen=-925,
        occurred_on=DAY,
        tariff="default-1",
        explanation=Explanation(
            zh="2026-03月已结:变动10.00元,实际应补(扣)0.75元,差额在此抵销",
            en="2026-03 is settled: of a change of 10.00 CNY only 0.75 CNY moves; the rest is offset here",
        ),
        causes=CAUSES,
        posted_month=APRIL,
    )


@pytest.mark.parametrize(
    ("bonus", "penalty", "late", "moves"),
    [
        (5000, 0, -1000, -1000),
        (300, 0, -1000, -300),
        (0, 0, -1000, 0),
        (300, -1000, -1000, 0),
        (5000, -1000, 1000, 1000),
        (0, -1000, 1000, 0),
    ],
)
def test_a_late_penalty_is_taken_as_far_as_its_month_would_have_covered_it_l_4(
    bonus: int, penalty: int, late: int, moves: int
) -> None:
    assert moved(account(bonus=bonus, penalty=penalty), replace(LATE, amount_fen=late)) == [moves]


@pytest.mark.parametrize(("penalty", "moves"), [(0, 20), (-1000, 0), (-85, 10), (-95, 0)])
def test_a_late_bonus_is_paid_as_far_as_it_exceeds_what_was_uncovered_l_4(penalty: int, moves: int) -> None:
    assert moved(account(bonus=75, penalty=penalty), BONUS) == [moves]


def test_a_late_line_and_its_reversal_move_nothing_together_l_4() -> None:
    known = account(bonus=300)
    assert moved(known, LATE, replace(LATE, amount_fen=1000)) == [-300, 300]
    assert moved(known, LATE, replace(BONUS, amount_fen=900), replace(LATE, amount_fen=1000)) == [-300, 200, 1000]


def test_where_the_rest_is_carried_a_late_line_changes_what_the_next_month_opens_with_l_4() -> None:
    """What is owed is not collected: it moves nothing."""
    known, given_back = account(bonus=75, penalty=-1000), replace(LATE, amount_fen=2000)
    assert moved(known, LATE, given_back, carry=True) == [0, 75]
    asked = offset(known, LATE, Mode.BONUS_OFFSET, carry_forward=True)
    assert passing_on(known, asked, Mode.BONUS_OFFSET, carry_forward=True) == -1000
    after = ACCOUNT.evolve(known, asked)
    back = offset(after, given_back, Mode.BONUS_OFFSET, carry_forward=True)
    assert passing_on(after, back, Mode.BONUS_OFFSET, carry_forward=True) == 1925
    assert passing_on(known, asked, Mode.BONUS_OFFSET, carry_forward=False) == 0


def test_a_month_that_opens_with_less_moves_what_it_would_have_collected_l_4() -> None:
    known = account(bonus=75)
    less = replace(LATE, amount_fen=-100)
    changed = change_opening(known, less, Mode.BONUS_OFFSET, carry_forward=True)
    assert changed == e.OpeningChanged(
        number=1,
        line="v1.1",
        agent=A1,
        home=MARCH,
        kind=Kind.PENALTY,
        change_fen=-100,
        amount_fen=-75,
        occurred_on=DAY,
        tariff="default-1",
        explanation=Explanation(
            zh="转入2026-03月的金额变动-1.00元,因此应补(扣)-0.75元",
            en="what is carried into 2026-03 changes by -1.00 CNY; by that -0.75 CNY moves",
        ),
        causes=CAUSES,
        posted_month=APRIL,
    )
    assert passing_on(known, changed, Mode.BONUS_OFFSET, carry_forward=True) == -25
    after = ACCOUNT.evolve(known, changed)
    assert after == Account(sums=Sums(opening_fen=-100, bonus_fen=75), offsets=1, moved={APRIL: Part(-75, -75)})
    given_back = change_opening(after, replace(less, amount_fen=100, posted_month=MAY), OFFSET.mode, carry_forward=True)
    assert taking(after, given_back) == {APRIL: 75}


def test_the_month_that_is_open_opens_with_less_and_nothing_moves_before_it_is_settled_l_4() -> None:
    less = replace(LATE, home=APRIL, amount_fen=-100)
    changed = change_opening(ACCOUNT.initial, less, Mode.BONUS_OFFSET, carry_forward=True)
    assert (changed.change_fen, changed.amount_fen) == (-100, 0)
    assert passing_on(ACCOUNT.initial, changed, Mode.BONUS_OFFSET, carry_forward=True) == 0
    known = ACCOUNT.evolve(ACCOUNT.initial, changed)
    assert (known.sums, known.offsets) == (Sums(opening_fen=-100), 1)
    drawn = state(A1, APRIL, OFFSET, Sums(opening_fen=-100, bonus_fen=20), basis="b", policy="p")
    assert ACCOUNT.evolve(known, drawn).sums == Sums(opening_fen=-100, bonus_fen=20)


@pytest.mark.parametrize("mode", [Mode.POINTS_ONLY, Mode.BLOCKED])
def test_where_no_money_moves_a_late_penalty_moves_none_l_5(mode: Mode) -> None:
    known = account(bonus=5000, mode=mode)
    assert moved(known, LATE, BONUS, replace(LATE, amount_fen=1000), mode=mode, carry=True) == [0, 20, 0]


def test_wages_give_for_a_late_penalty_what_their_cap_has_left_l_5() -> None:
    known = account(bonus=75, penalty=-100, cap=300, mode=Mode.WAGE_DEDUCTION)
    assert moved(known, LATE, LATE, mode=Mode.WAGE_DEDUCTION) == [-275, 0]


def test_who_had_nothing_in_a_month_owes_and_gets_nothing_but_a_late_bonus_l_4() -> None:
    assert moved(ACCOUNT.initial, LATE, replace(LATE, amount_fen=1000), BONUS) == [0, 0, 20]


def passed_on(known: Account, *changes: tuple[Month, int]) -> list[dict[Month, int]]:
    """What each change of a month with ample bonuses changes in months closed since, and last what is left in each."""
    found = []
    for month, amount_fen in changes:
        late = replace(LATE, amount_fen=amount_fen, posted_month=month)
        event = offset(known, late, Mode.BONUS_OFFSET, carry_forward=False)
        found.append(taking(known, event))
        known = ACCOUNT.evolve(known, event)
    return [*found, {month: part.left_fen for month, part in known.moved.items()}]


AMPLE = account(bonus=10**6)


def test_what_moves_back_changes_the_months_it_moved_into_the_last_one_first_l_4() -> None:
    assert passed_on(AMPLE, (APRIL, -300), (MAY, -100), (JUNE, 350)) == [
        {},
        {},
        {MAY: 100, APRIL: 250},
        {APRIL: -50, MAY: 0, JUNE: 0},
    ]
    assert passed_on(AMPLE, (APRIL, 300), (MAY, -500)) == [{}, {APRIL: -300}, {APRIL: 0, MAY: -200}]


def test_what_moves_once_more_goes_back_to_where_it_was_l_4() -> None:
    assert passed_on(AMPLE, (APRIL, -300), (MAY, 300), (JUNE, -400)) == [
        {},
        {APRIL: 300},
        {APRIL: -300},
        {APRIL: -300, MAY: 0, JUNE: -100},
    ]


def test_what_moves_into_the_same_month_changes_no_other_l_4() -> None:
    assert passed_on(AMPLE, (APRIL, -300), (APRIL, 500), (APRIL, -100)) == [{}, {}, {}, {APRIL: 100}]
    assert passed_on(AMPLE, (APRIL, 300), (MAY, 100)) == [{}, {}, {APRIL: 300, MAY: 100}]


def test_a_change_that_moves_whole_is_offset_by_nothing() -> None:
    assert offset(account(bonus=5000), LATE, Mode.BONUS_OFFSET, carry_forward=False).amount_fen == 0
