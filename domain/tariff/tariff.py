"""A tariff: what is paid and taken for what, as dated data (rulebook part 5). Amounts are whole fen, all positive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPay:
    """B-ORDER in a period, both days included; `to` is None where it has no end."""

    first: date
    to: date | None = None
    signed_fen: int
    unsigned_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamTerms:
    """How an exam counts (W-3, B-EXAM, P-EXAM): weights in percent, marks from 0 to 100."""

    typing_percent: int
    knowledge_percent: int
    service_percent: int
    pass_mark: Decimal
    bonus_above: Decimal
    bonus_fen: int
    failed_fen: int
    failed_again_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyAmounts:
    """What each agent and each supervisor on duty bears."""

    agent_fen: int
    supervisor_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTerms:
    """W-2, P-CALLBACK: how many callbacks a month and a full week count, and what each one short costs."""

    per_month: int
    per_full_week: int
    short_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """A version of the tariff, in force from a local day of its time zone.

    recommend_fen: what the first, second … of the month's ranking get (B-RECOMMEND).
    """

    version: str
    valid_from: date
    time_zone: str
    order: tuple[OrderPay, ...]
    recommend_fen: tuple[int, ...]
    exam: ExamTerms
    order_field_fen: int
    callback: CallbackTerms
    operation_fen: int
    media_fen: int
    attitude_fen: int
    idle_fen: int
    minor_fen: int
    phone_fault: DutyAmounts
    missed_call: DutyAmounts
    point_fen: int

    def order_pay(self, day: date) -> OrderPay:
        """What an order of a day brings. Raises StopIteration for a day that `faults` would have found uncovered."""
        return next(pay for pay in self.order if pay.first <= day and (pay.to is None or day <= pay.to))


def faults(tariff: Tariff) -> list[tuple[str, str]]:
    """What is wrong with a tariff: the path of the field, and the reason. Empty for a sound one."""
    found = [(f"order/{at}", reason) for at, reason in _periods(tariff.valid_from, tariff.order)]
    exam = tariff.exam
    if exam.typing_percent + exam.knowledge_percent + exam.service_percent != 100:  # noqa: PLR2004  percent
        found.append(("exam", "the three weights do not add up to 100 percent"))
    return found


def _periods(start: date, periods: Sequence[OrderPay]) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    expected: date | None = start
    for at, period in enumerate(periods):
        if expected is None or period.first < expected:
            found.append((at, f"overlaps the period before it, which ends on {_day_before(expected)}"))
        elif period.first > expected:
            found.append((at, f"leaves a gap: nothing is said of {expected} to {_day_before(period.first)}"))
        if period.to is not None and period.to < period.first:
            found.append((at, f"ends on {period.to}, before it begins on {period.first}"))
        expected = None if period.to is None else period.to + timedelta(days=1)
    if expected is not None:
        found.append((len(periods), f"leaves a gap: nothing is said of {expected} and later"))
    return found


def _day_before(day: date | None) -> str:
    return str(day - timedelta(days=1)) if day else "no day"
