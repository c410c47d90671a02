"""What a month's lines come to in money, by the mode of the legal entity (L-5). Whole fen; takings are negative."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What penalties may do (L-5)."""

    BONUS_OFFSET = "bonus_offset"
    POINTS_ONLY = "points_only"
    WAGE_DEDUCTION = "wage_deduction"
    BLOCKED = "blocked"


MONEYLESS = frozenset({Mode.POINTS_ONLY, Mode.BLOCKED})
"""The modes in which no penalty takes money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what a month is settled; wage_cap_fen: the most that may be taken from the wage, zero but by law."""

    mode: Mode
    carry_forward: bool = False
    wage_cap_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What stands in an agent's month: carried in (zero or negative), bonuses, confirmed penalties.

    late_fen: of the penalties, those of months before that came late, and what of such is given back (L-4).
    """

    opening_fen: int = 0
    bonus_fen: int = 0
    penalty_fen: int = 0
    late_fen: int = 0

    @property
    def parts_fen(self) -> tuple[int, int, int]:
        """What is settled beside each other: no penalty of a month without money takes what a month before gives back.

        Within a part, what is reversed is gone.
        """
        return self.bonus_fen, self.penalty_fen - self.late_fen, self.late_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """requested_fen = applied_fen + carried_fen + waived_fen, all zero or positive (L-5).

    net_fen: what is paid out, never below zero. uncovered_fen: what no bonus covers, zero or negative.
    deducted_fen: the part of what is applied that comes out of the wage.
    """

    net_fen: int
    uncovered_fen: int
    requested_fen: int
    applied_fen: int
    carried_fen: int
    waived_fen: int
    deducted_fen: int

    @property
    def money_fen(self) -> int:
        """What the agent has of it: what is paid, less what comes out of the wage; what is carried is not taken yet."""
        return self.net_fen - self.deducted_fen


def settle(terms: Terms, sums: Sums) -> Settlement:
    """L-5: penalties reduce the bonus as far as the mode lets them; the rest is carried forward or waived."""
    given = sum(max(0, fen) for fen in sums.parts_fen)
    requested = sum(max(0, -fen) for fen in (sums.opening_fen, *sums.parts_fen))
    bonus_cap = 0 if terms.mode in MONEYLESS else given
    wage_cap = terms.wage_cap_fen if terms.mode is Mode.WAGE_DEDUCTION else 0
    from_bonus = min(requested, bonus_cap)
    deducted = min(requested - from_bonus, wage_cap)
    rest = requested - from_bonus - deducted
    carried = rest if terms.carry_forward and terms.mode not in MONEYLESS else 0
    return Settlement(
        net_fen=given - from_bonus,
        uncovered_fen=min(0, given - requested),
        requested_fen=requested,
        applied_fen=from_bonus + deducted,
        carried_fen=carried,
        waived_fen=rest - carried,
        deducted_fen=deducted,
    )
