"""What happens to the months of payroll and to the agents' statements, stored for ever under these names (L-4, L-5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.kernel import Event, event
from domain.ledger.events import Cause
from domain.ledger.lines import Explanation, Kind
from domain.payroll.settlement import Mode
from domain.values import AgentId, Month


@event("payroll.month_ended")
class MonthEnded(Event):
    """The local month is over: its ranking, exams and callbacks are judged from here on."""

    month: Month


@event("payroll.month_frozen")
class MonthFrozen(Event):
    """L-4: nothing posts into the month any more."""

    month: Month
    by: AgentId


@event("payroll.statements_drawn")
class StatementsDrawn(Event):
    """Every agent with a line in the frozen month has a statement; `cut` is the position of the freezing."""

    month: Month
    cut: int
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A control total: how many lines of a kind, and their sum in whole fen."""

    kind: Kind
    lines: int
    amount_fen: int


@event("payroll.month_closed")
class MonthClosed(Event):
    """L-4: the month is paid by.

    digest: SHA-256, in hexadecimal, over the month's lines and statements as JSON Lines; whoever produces them again
    for comparison must come to the same.
    """

    month: Month
    by: AgentId
    cut: int
    net_fen: int
    totals: tuple[Total, ...]
    tariffs: tuple[str, ...]
    digest: str


@event("payroll.stated", version=2)
class Stated(Event):
    """L-5: an agent's statement of a frozen month, in a stream of its own. late_fen: of the penalties, as in Sums."""

    agent: AgentId
    month: Month
    opening_fen: int
    bonus_fen: int
    penalty_fen: int
    net_fen: int
    uncovered_fen: int
    requested_fen: int
    applied_fen: int
    carried_fen: int
    waived_fen: int
    deducted_fen: int
    wage_cap_fen: int
    mode: Mode
    basis: str
    policy: str
    late_fen: int

    @staticmethod
    def upcast(data: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 settled late penalties together with those of the month."""
        assert version == 1
        return data | {"late_fen": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """L-4: what changes late in a month that is no longer open, and what moves by it; amounts are whole fen.

    number: counts what came late for the agent's month. line: the id of the line that came late. home: the month that
    changes. amount_fen: what is posted for it, as a line of this kind; zero: no line.
    """

    number: int
    line: str
    agent: AgentId
    home: Month
    kind: Kind
    change_fen: int
    amount_fen: int
    occurred_on: date
    tariff: str
    explanation: Explanation
    causes: tuple[Cause, ...]
    posted_month: Month


@event("ledger.offset")
class Offset(Moved):
    """L-4: what offsets a late change of a month that is no longer open.

    With it money moves by the difference between what the month comes to without the change and with it.
    change_fen: what the late line carries. amount_fen: what is taken back of it.
    """


@event("payroll.opening_changed")
class OpeningChanged(Moved):
    """L-4: what is carried into a month is another sum, by a late change of the month before it.

    change_fen: of what the month opens with. amount_fen: what moves by that; zero for the month that is open, which
    will be settled with it.
    """
