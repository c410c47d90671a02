"""A payroll policy: what penalties may do to pay, as dated data (L-5). Amounts are whole fen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.payroll.settlement import Mode, Terms

HIGHEST_CAP_PERCENT = 20
"""The most of a month's gross that may ever be taken from the wage (L-5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayrollPolicy:
    """A version of the policy, in force from the first day of a month.

    basis: the legal basis, or the reason, in words. published_on: the day on which the legal basis was made public.
    carry_forward: what no bonus covers is taken from later ones; else it is waived. cap_percent: of the gross wage.
    """

    version: str
    valid_from: date
    mode: Mode
    basis: str
    carry_forward: bool = False
    published_on: date | None = None
    cap_percent: int = HIGHEST_CAP_PERCENT
    minimum_wage_fen: int | None = None

    def terms(self, gross_fen: int | None, minimum_wage_fen: int | None, *, acknowledged: bool) -> Terms:
        """L-5: by what an agent's month is settled.

        gross_fen, minimum_wage_fen: as recorded for the agent and month, None where nothing is; without wage data or
        without the agent's acknowledgement nothing is taken from the wage.
        """
        takes = acknowledged and self.may_take(gross_fen)
        cap = self._cap_fen(gross_fen or 0, minimum_wage_fen or self.minimum_wage_fen or 0) if takes else 0
        return Terms(mode=self.mode, carry_forward=self.carry_forward, wage_cap_fen=cap)

    def may_take(self, gross_fen: int | None) -> bool:
        """Whether something is taken from this wage once the agent has acknowledged the policy (L-5)."""
        return self.mode is Mode.WAGE_DEDUCTION and gross_fen is not None

    def _cap_fen(self, gross_fen: int, minimum_wage_fen: int) -> int:
        return max(0, min(gross_fen * self.cap_percent // 100, gross_fen - minimum_wage_fen))


def faults(policy: PayrollPolicy) -> Iterator[tuple[str, str]]:
    """What is wrong with a policy: the path of the field, and the reason."""
    if policy.valid_from.day != 1:
        yield "valid_from", "a payroll policy begins on the first day of a month"
    if not 0 <= policy.cap_percent <= HIGHEST_CAP_PERCENT:
        yield "cap_percent", f"at most {HIGHEST_CAP_PERCENT} percent of the gross wage may be taken"
    if policy.minimum_wage_fen is not None and policy.minimum_wage_fen < 0:
        yield "minimum_wage_fen", "an amount is not below zero"
    if not policy.basis.strip():
        yield "basis", "name the legal basis, or the reason"
    if policy.mode is Mode.WAGE_DEDUCTION:
        yield from _deducting(policy)


def _deducting(policy: PayrollPolicy) -> Iterator[tuple[str, str]]:
    if policy.published_on is None:
        yield "published_on", "wages are touched only by what was made public: name the day"
    elif policy.published_on >= policy.valid_from:
        yield "published_on", "what touches wages is made public before it holds"
    if not policy.minimum_wage_fen:
        yield "minimum_wage_fen", "wages are never taken below the minimum wage: name it"
