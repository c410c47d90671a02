"""What a month's lines come to in money, by the mode of the legal entity (L-5)."""

import pytest

from domain.payroll.settlement import Mode, Settlement, Sums, Terms, settle

OFFSET = Terms(mode=Mode.BONUS_OFFSET)
CARRY = Terms(mode=Mode.BONUS_OFFSET, carry_forward=True)
CAPPED = Terms(mode=Mode.WAGE_DEDUCTION, wage_cap_fen=300)


def settled(terms: Terms, opening: int = 0, bonus: int = 0, penalty: int = 0) -> Settlement:
    return settle(terms, Sums(opening_fen=opening, bonus_fen=bonus, penalty_fen=penalty))


def test_penalties_reduce_the_bonus_and_the_rest_is_waived() -> None:
    assert settled(OFFSET, bonus=75, penalty=-1000) == Settlement(
        net_fen=0,
        uncovered_fen=-925,
        requested_fen=1000,
        applied_fen=75,
        carried_fen=0,
        waived_fen=925,
        deducted_fen=0,
    )


def test_what_the_bonus_covers_is_applied_whole() -> None:
    found = settled(OFFSET, bonus=1000, penalty=-1000)
    assert (found.net_fen, found.uncovered_fen, found.applied_fen, found.waived_fen) == (0, 0, 1000, 0)
    assert settled(OFFSET, bonus=1001, penalty=-1000).net_fen == 1


def test_without_lines_nothing_is_paid_or_asked() -> None:
    assert settled(OFFSET) == Settlement(
        net_fen=0, uncovered_fen=0, requested_fen=0, applied_fen=0, carried_fen=0, waived_fen=0, deducted_fen=0
    )


def test_where_the_policy_says_so_the_rest_is_carried_forward() -> None:
    first = settled(CARRY, bonus=75, penalty=-1000)
    assert (first.net_fen, first.carried_fen, first.waived_fen) == (0, 925, 0)
    second = settled(CARRY, opening=-first.carried_fen, bonus=900)
    assert (second.net_fen, second.requested_fen, second.applied_fen, second.carried_fen) == (0, 925, 900, 25)
    third = settled(CARRY, opening=-second.carried_fen, bonus=100, penalty=-5)
    assert (third.net_fen, third.requested_fen, third.carried_fen) == (70, 30, 0)


def test_what_was_carried_in_is_waived_where_the_policy_carries_no_more() -> None:
    found = settled(OFFSET, opening=-925, bonus=25)
    assert (found.net_fen, found.applied_fen, found.carried_fen, found.waived_fen) == (0, 25, 0, 900)


@pytest.mark.parametrize("mode", [Mode.POINTS_ONLY, Mode.BLOCKED])
def test_a_month_without_money_pays_what_a_month_before_gives_back(mode: Mode) -> None:
    """L-4: 30.00 were collected before; the 50.00 of this month take nothing, and so not these."""
    found = settle(Terms(mode=mode), Sums(bonus_fen=75, penalty_fen=-2000, late_fen=3000))
    assert (found.net_fen, found.requested_fen, found.applied_fen, found.waived_fen) == (3075, 5000, 0, 5000)


def test_where_penalties_take_money_it_is_all_one() -> None:
    given_back = settle(OFFSET, Sums(bonus_fen=75, penalty_fen=-2000, late_fen=3000))
    assert given_back.net_fen == settled(OFFSET, bonus=75, penalty=-2000).net_fen == 0
    assert given_back.uncovered_fen == -1925


@pytest.mark.parametrize("mode", [Mode.POINTS_ONLY, Mode.BLOCKED])
@pytest.mark.parametrize("carry", [False, True])
def test_without_money_bonuses_are_paid_and_penalties_take_nothing(mode: Mode, carry: bool) -> None:  # noqa: FBT001
    found = settled(Terms(mode=mode, carry_forward=carry, wage_cap_fen=300), opening=-5, bonus=75, penalty=-1000)
    assert (found.net_fen, found.uncovered_fen) == (75, -930)
    assert (found.requested_fen, found.applied_fen, found.carried_fen, found.waived_fen) == (1005, 0, 0, 1005)
    assert found.deducted_fen == 0


def test_wages_give_what_the_bonus_does_not_up_to_the_cap() -> None:
    found = settled(CAPPED, bonus=75, penalty=-200)
    assert (found.net_fen, found.applied_fen, found.deducted_fen, found.waived_fen) == (0, 200, 125, 0)
    assert found.uncovered_fen == -125
    over = settled(CAPPED, bonus=75, penalty=-1000)
    assert (over.applied_fen, over.deducted_fen, over.waived_fen) == (375, 300, 625)
    carried = settled(Terms(mode=Mode.WAGE_DEDUCTION, wage_cap_fen=300, carry_forward=True), bonus=75, penalty=-1000)
    assert (carried.deducted_fen, carried.carried_fen, carried.waived_fen) == (300, 625, 0)


def test_the_cap_binds_wages_in_the_one_mode_that_touches_them() -> None:
    found = settled(Terms(mode=Mode.BONUS_OFFSET, wage_cap_fen=300), bonus=75, penalty=-1000)
    assert (found.deducted_fen, found.waived_fen) == (0, 925)


def test_a_penalty_given_back_is_paid_and_a_bonus_taken_back_is_asked_for() -> None:
    """Where more is taken back in a month than is earned in it (L-4)."""
    assert settled(OFFSET, bonus=20, penalty=1000).net_fen == 1020
    found = settled(OFFSET, bonus=-20, penalty=50)
    assert (found.net_fen, found.requested_fen, found.applied_fen) == (30, 20, 20)
    assert settled(OFFSET, bonus=-20).uncovered_fen == -20


def test_money_is_what_is_paid_less_what_the_wage_gives_and_what_is_carried_is_not_taken_yet() -> None:
    assert settled(OFFSET, bonus=75, penalty=-1000).money_fen == 0
    assert settled(CARRY, bonus=75, penalty=-1000).money_fen == 0
    assert settled(CAPPED, bonus=75, penalty=-1000).money_fen == -300
    assert settled(OFFSET, bonus=75, penalty=-5).money_fen == 70
