"""Lines of the ledgers and what they add up to (L-1, L-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby

from domain.values import AgentId, Month


def yuan(amount_fen: int) -> str:
    """An amount as it stands in sentences, exact: `-9.25`."""
    whole, fen = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole}.{fen:02d}"


class Kind(StrEnum):
    """Whether a line gives or takes."""

    BONUS = "bonus"
    PENALTY = "penalty"


class Code(StrEnum):
    """What a line is for; the codes of the rulebook's tables."""

    ORDER = "B-ORDER"
    RECOMMEND = "B-RECOMMEND"
    BEST_EXAM = "B-EXAM"
    ORDER_FIELD = "P-ORDER-FIELD"
    CALLBACK = "P-CALLBACK"
    OPERATION = "P-OPERATION"
    MEDIA = "P-MEDIA"
    ATTITUDE = "P-ATTITUDE"
    PHONE_FAULT = "P-PHONE-FAULT"
    IDLE = "P-IDLE"
    MINOR = "P-MINOR"
    MISSED_CALL = "P-MISSED-CALL"
    FAILED_EXAM = "P-EXAM"
    POINTS = "P-POINTS"
    BONUS_OFFSET = "B-OFFSET"
    PENALTY_OFFSET = "P-OFFSET"

    @property
    def kind(self) -> Kind:
        """Bonus or penalty."""
        return Kind.BONUS if self.value.startswith("B") else Kind.PENALTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A sentence in each language of the users."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line (L-1): bonuses positive, penalties negative, whole fen; `occurred_on` is a local day.

    ref: tells lines of one cause, agent and code from one another. grave: opens a dismissal review (P-MEDIA).
    confirmed_by: the supervisor who has confirmed the report that it is of (W-6).
    """

    agent: AgentId
    code: Code
    amount_fen: int
    occurred_on: date
    tariff: str
    explanation: Explanation
    ref: str | None = None
    grave: bool = False
    confirmed_by: AgentId | None = None

    @property
    def key(self) -> tuple[AgentId, Code, str | None]:
        """What tells it from the other lines of its cause (C-5)."""
        return (self.agent, self.code, self.ref)

    @property
    def month(self) -> Month:
        """The month of the day it happened; never changes."""
        return Month.of(self.occurred_on)

    @property
    def place(self) -> tuple[Month, AgentId, date, Code, int, str]:
        """Where it stands among others: month, agent, day, code; the rest makes the order total."""
        return (self.month, self.agent, self.occurred_on, self.code, self.amount_fen, self.explanation.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An agent's month (L-5): net is never below zero, what is not covered by bonuses is shown (negative)."""

    agent: AgentId
    month: Month
    bonus_fen: int
    penalty_fen: int

    @property
    def net_fen(self) -> int:
        """What is paid out."""
        return max(0, self.bonus_fen + self.penalty_fen)

    @property
    def uncovered_fen(self) -> int:
        """The part of the penalties that no bonus covers, zero or negative."""
        return min(0, self.bonus_fen + self.penalty_fen)


def statements(lines: Iterable[Line]) -> list[Statement]:
    """One statement for every agent and month that has a line, in the order of month and agent."""
    ordered = sorted(lines, key=lambda line: line.place)
    return [
        _statement(agent, month, list(group))
        for (month, agent), group in groupby(ordered, key=lambda line: (line.month, line.agent))
    ]


def _statement(agent: AgentId, month: Month, lines: list[Line]) -> Statement:
    bonus = sum(line.amount_fen for line in lines if line.code.kind is Kind.BONUS)
    penalty = sum(line.amount_fen for line in lines if line.code.kind is Kind.PENALTY)
    return Statement(agent=agent, month=month, bonus_fen=bonus, penalty_fen=penalty)
