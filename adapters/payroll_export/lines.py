"""A month of payroll as it is exported: its lines and statements (L-1, L-5), and in what order they come.

Amounts are whole fen; bonuses positive, penalties negative. Lines come one by one, so that a month of any size fits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from domain.ledger.events import Cause
from domain.ledger.lines import Code, Explanation, Kind
from domain.ledger.voucher import Status
from domain.payroll.settlement import Mode
from domain.values import AgentId, Month

Place = tuple[AgentId, date, Code, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """One ledger line (L-1). posted_month: None while it is proposed; reverses: the entry it takes back (L-2)."""

    entry_id: str
    agent: AgentId
    code: Code
    amount_fen: int
    occurred_on: date
    posted_month: Month | None
    tariff: str
    explanation: Explanation
    status: Status
    reverses: str | None = None
    causes: tuple[Cause, ...] = ()

    @property
    def kind(self) -> Kind:
        """Bonus or penalty."""
        return self.code.kind

    @property
    def month(self) -> Month:
        """The month of the day it happened; never changes."""
        return Month.of(self.occurred_on)

    @property
    def place(self) -> Place:
        """Where it stands among the lines of its month: agent, day, code, entry; by code points (SQL: COLLATE "C")."""
        return (self.agent, self.occurred_on, self.code, self.entry_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportStatement:
    """An agent's month (L-5).

    opening_fen, uncovered_fen: zero or negative. requested_fen, applied_fen, deducted_fen, carried_fen, waived_fen:
    zero or positive; deducted_fen is the part of applied_fen that comes out of the wage. `policy`: its version.
    """

    agent: AgentId
    opening_fen: int
    bonus_fen: int
    penalty_fen: int
    net_fen: int
    uncovered_fen: int
    requested_fen: int
    applied_fen: int
    deducted_fen: int
    carried_fen: int
    waived_fen: int
    mode: Mode
    basis: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthExport:
    """What is exported beside the lines.

    position: where the log was cut for this month. statements: one for every agent who has a line, also one that is
    only proposed, ordered by agent. draft: the month is not closed yet (L-4). head: a checkpoint of the log.
    """

    month: Month
    position: int
    statements: Sequence[ExportStatement]
    draft: bool = False
    head: str | None = None

    def counts(self, line: ExportLine) -> bool:
        """Whether a line is part of the month's sums: posted to it, not merely proposed."""
        return line.posted_month == self.month


def by_agent(month: MonthExport, lines: Iterator[ExportLine]) -> Iterator[tuple[ExportStatement, Iterator[ExportLine]]]:
    """Each statement with the agent's lines, which are to be taken before the next statement is."""
    groups = groupby(lines, key=lambda line: line.agent)
    group = next(groups, None)
    for statement in month.statements:
        if group is not None and group[0] == statement.agent:
            yield statement, group[1]
            group = next(groups, None)
        else:
            yield statement, iter(())


def yuan(fen: int) -> str:
    """Whole fen as yuan with two decimals: -5 is -0.05."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
