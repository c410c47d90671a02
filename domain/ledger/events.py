"""What happens to the lines of the ledgers, stored for ever under these names (L-6).

A cause (an order, a case, a month's ranking …) has one voucher, the stream of its lines, numbered from 1.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.kernel import Event, event
from domain.ledger.lines import Code, Explanation
from domain.values import AgentId, Month, Private


class Verdict(StrEnum):
    """How an appeal is decided (L-0)."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An event that caused a line, where it stands in the log (L-1)."""

    position: int
    type: str


@event("ledger.earned")
class Earned(Event):
    """L-0: a bonus, by the fact alone; `posted_month`: whose statement has it."""

    number: int
    agent: AgentId
    code: Code
    amount_fen: int
    occurred_on: date
    tariff: str
    explanation: Explanation
    ref: str | None = None
    causes: tuple[Cause, ...]
    posted_month: Month


@event("ledger.proposed")
class Proposed(Event):
    """L-0: a penalty that counts for nothing until a supervisor has confirmed it.

    in_place_of: the line it replaces at a lower amount, by an appeal decided partly.
    """

    number: int
    agent: AgentId
    code: Code
    amount_fen: int
    occurred_on: date
    tariff: str
    explanation: Explanation
    ref: str | None = None
    grave: bool = False
    causes: tuple[Cause, ...]
    in_place_of: int | None = None


@event("ledger.grave_changed")
class GraveChanged(Event):
    """C-5, P-MEDIA: the facts now say that a line which is kept is grave, or is not; the line stays as it is."""

    number: int
    grave: bool
    causes: tuple[Cause, ...]


@event("ledger.confirmed")
class Confirmed(Event):
    """L-0: a named supervisor stands for the line; `day` is the local day from which the time for appeals runs.

    reverses: the line it takes back, where it is a reversal that was proposed.
    """

    number: int
    reverses: int | None = None
    by: AgentId
    day: date
    posted_month: Month


@event("ledger.dismissed")
class Dismissed(Event):
    """L-0, L-3: a proposed line will not count: by a supervisor with a reason, or by itself (`by` None)."""

    number: int
    by: AgentId | None = None
    reason: Private | None = None
    causes: tuple[Cause, ...] = ()


@event("ledger.lapsed")
class Lapsed(Event):
    """C-5, L-3: the facts no longer say what a person has let go; where they come to say it again it begins anew."""

    number: int
    causes: tuple[Cause, ...]


@event("ledger.reversed")
class Reversed(Event):
    """L-2: a line of the other sign takes another one back, by an appeal, or by itself (`by` None).

    posted_month: None where it lowers a month that is no longer open, and so waits to be confirmed (L-3).
    """

    number: int
    reverses: int
    by: AgentId | None = None
    explanation: Explanation
    causes: tuple[Cause, ...]
    posted_month: Month | None


@event("ledger.deferred")
class Deferred(Event):
    """L-3: what is earned in place of a line, under its agent, code and ref, once its reversal is confirmed.

    number: the reversal's, which is only proposed, because the rules now say less of a month that is no longer open.
    """

    number: int
    amount_fen: int
    occurred_on: date
    tariff: str
    explanation: Explanation


@event("ledger.appealed")
class Appealed(Event):
    """L-0: the agent contests the line; appeals of a line are numbered from 1."""

    number: int
    appeal: int
    reason: Private


@event("ledger.appeal_withdrawn")
class AppealWithdrawn(Event):
    """L-0: the agent lets the appeal go; it does not count among the three."""

    number: int
    appeal: int


@event("ledger.appeal_decided")
class AppealDecided(Event):
    """L-0: somebody other than who confirmed has decided; what follows for the lines stands in the next events."""

    number: int
    appeal: int
    by: AgentId
    verdict: Verdict
    reduced_to_fen: int | None = None
    reason: Private
