"""Facts of the work as the rules of the ledgers see them (W-1 … W-9): who did or failed what, when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from domain.case.words import FaultKind
from domain.values import AgentId, Month


class OrderField(StrEnum):
    """The required items of a service order (W-1)."""

    MERCHANT = "merchant"
    CARD_NO = "card_no"
    MEMBER_NAME = "member_name"
    PHONE = "phone"
    DINING_TIME = "dining_time"
    GOLD_AMOUNT = "gold_amount"
    REMARKS = "remarks"


class ConductCode(StrEnum):
    """What a conduct report can put to an agent, as the code of its line (W-6)."""

    IDLE = "P-IDLE"
    MINOR = "P-MINOR"
    ATTITUDE = "P-ATTITUDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """W-1: a service order whose course has ended.

    signed, recommended: what the merchant was on the day of entry. steered: placed away from a signed merchant the
    guest had asked for, which keeps it out of the ranking.
    """

    at: datetime
    agent: AgentId
    merchant: str | None
    signed: bool
    recommended: bool
    missing: frozenset[OrderField] = frozenset()
    wrong: frozenset[OrderField] = frozenset()
    seated: bool = True
    steered: bool = False

    @property
    def faulty(self) -> frozenset[OrderField]:
        """The items missing or wrong, each once."""
        return self.missing | self.wrong

    @property
    def valid(self) -> bool:
        """Complete, right, and the guest was seated (W-1)."""
        return self.seated and not self.faulty

    @property
    def ranks(self) -> bool:
        """Whether it counts in the month's ranking (B-RECOMMEND)."""
        return self.valid and self.recommended and not self.steered


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendedOrders:
    """B-RECOMMEND: how many valid orders an agent placed with key recommended merchants in a month, none steered."""

    month: Month
    agent: AgentId
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberCallbacks:
    """W-2: how many existing members an agent reached in a month; `full_weeks` where they joined or left within it."""

    month: Month
    agent: AgentId
    count: int
    full_weeks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """W-3: the parts of a monthly exam, each from 0 to 100."""

    month: Month
    agent: AgentId
    typing: Decimal
    knowledge: Decimal
    service: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFault:
    """C-5: a fault of agents that a valid complaint has shown; `ref` tells it from others of the same kind."""

    at: datetime
    agents: tuple[AgentId, ...]
    fault: FaultKind
    ref: str | None = None
    grave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """W-6: a conduct report. confirmed_by: the supervisor who has found it to be so."""

    at: datetime
    agent: AgentId
    code: ConductCode
    confirmed_by: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    """W-5: a call nobody took."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneFault:
    """W-4: a fault of the line that was not found in time."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsShortage:
    """W-7: gold-card points that are missing because an amount was not collected."""

    at: datetime
    order_agent: AgentId
    duty_agent: AgentId
    points: int


Fact = (
    Order | RecommendedOrders | MemberCallbacks | Exam | CaseFault | Conduct | MissedCall | PhoneFault | PointsShortage
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Who is on duty from `start` until before `end` (S-1, S-6): the agents and the supervisor of one shift."""

    start: datetime
    end: datetime
    agents: tuple[AgentId, ...]
    supervisor: AgentId | None


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The people on duty at a moment, each once; who supervises stands among the supervisors alone."""

    agents: tuple[AgentId, ...]
    supervisors: tuple[AgentId, ...]


def on_duty(shifts: Iterable[Duty], at: datetime) -> OnDuty:
    """S-6: who is on duty at a moment, start ≤ at < end."""
    running = [shift for shift in shifts if shift.start <= at < shift.end]
    supervisors = _once(shift.supervisor for shift in running if shift.supervisor)
    agents = _once(agent for shift in running for agent in shift.agents)
    return OnDuty(tuple(agent for agent in agents if agent not in supervisors), supervisors)


def _once(agents: Iterable[AgentId]) -> tuple[AgentId, ...]:
    return tuple(dict.fromkeys(agents))
