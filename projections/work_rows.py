"""How the facts of the work become rows (W-1 … W-9), without personal data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from application.envelope import Recorded
from application.fact_reads import KINDS, STATUSES
from domain.case.words import Channel
from domain.kernel import Event
from domain.values import AgentId, Month, Private, SubjectId, local_day
from domain.work import events as e
from domain.work.facts import OrderField
from projections.view import Cursor, Rows


# ---- orders ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True, kw_only=True)
class OrderRow:
    """A service order (W-1).

    recorded: position of its first event. subject: the member. step: the last one taken. valid: None until its course
    has ended.
    """

    id: UUID
    version: int = 0
    position: int = 0
    recorded: int
    subject: SubjectId
    agent: AgentId
    follow_up: AgentId | None
    at: datetime
    day: date
    month: str
    merchant: str | None
    signed: bool
    recommended: bool
    steered: bool
    channel: Channel | None
    tables: int | None
    new_member: bool | None
    gold_card: bool
    dining_time: datetime | None
    amount_fen: int | None
    special: bool
    step: str = "entered"
    seated: bool | None = None
    cancelled: bool = False
    reported_back: bool = False
    done: bool = False
    valid: bool | None = None
    missing: list[OrderField] = field(default_factory=list)
    wrong: list[OrderField] = field(default_factory=list)
    withdrawn: bool = False


_CLEAR = frozenset(one.name for one in fields(OrderRow)) & frozenset(one.name for one in fields(e.OrderEntered))
_STEPS: dict[type[Event], str] = {
    e.MerchantCalled: "merchant_called",
    e.GuestTold: "guest_told",
    e.Asked: "asked",
    e.Seated: "seated",
    e.Cancelled: "cancelled",
    e.CameLate: "late",
    e.AmountCollected: "amount_collected",
    e.OrderDone: "done",
}


def _order(recorded: Recorded) -> OrderRow | None:
    event = recorded.event
    if not isinstance(event, e.OrderEntered):
        return None
    day = local_day(event.at)
    clear = {name: getattr(event, name) for name in _CLEAR}
    return OrderRow(id=recorded.stream, recorded=recorded.position, day=day, month=str(Month.of(day)), **clear)


def _order_changed(row: OrderRow, event: Event) -> None:
    row.step = _STEPS.get(type(event), row.step)
    match event:
        case e.Seated():
            row.seated = True
        case e.Cancelled():
            row.seated, row.cancelled = False, True
        case e.AmountCollected():
            row.amount_fen = event.amount_fen
        case e.ReportedBack():
            row.reported_back = True
        case e.OrderDone():
            row.done, row.seated = True, event.seated
            row.missing, row.wrong = list(event.missing), list(event.wrong)
        case e.OrderCorrected():
            _order_corrected(row, event)
        case e.OrderWithdrawn():
            row.withdrawn = True
    if row.done:
        row.valid = bool(row.seated) and not row.missing and not row.wrong


def _order_corrected(row: OrderRow, event: e.OrderCorrected) -> None:
    for name in _CLEAR:
        if (value := getattr(event, name)) is not None:
            setattr(row, name, value)
    row.day = local_day(row.at)
    row.month = str(Month.of(row.day))
    if event.seated is not None:
        row.seated, row.cancelled = event.seated, row.cancelled and not event.seated
    if event.missing is not None and event.wrong is not None:
        row.missing, row.wrong = list(event.missing), list(event.wrong)


# ---- all other facts ------------------------------------------------------------------------------------------------
@dataclass(slots=True, kw_only=True)
class FactRow:
    """A fact of W-2 to W-9.

    recorded: position of its first event. kind: its word in the path of the API. month: the local one it counts for.
    data: its other fields, those without personal data. status: of conduct reports and quality reviews.
    """

    id: UUID
    version: int = 0
    position: int = 0
    recorded: int
    kind: str
    agent: AgentId | None
    month: str
    at: datetime | None
    case_id: UUID | None = None
    status: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    withdrawn: bool = False


_BESIDE = frozenset({"agent", "at", "month", "case", "subject"})
"""What stands in columns, and who it is about: that is read with the fact itself."""


def _fact(recorded: Recorded) -> FactRow | None:
    event: Any = recorded.event
    kind = KINDS.get(type(event))
    if kind is None:
        return None
    at = _at(event)
    return FactRow(
        id=recorded.stream,
        recorded=recorded.position,
        kind=kind,
        agent=event.order_agent if isinstance(event, e.PointsShortageFound) else getattr(event, "agent", None),
        month=_month(event, at),
        at=at,
        case_id=UUID(case) if (case := getattr(event, "case", None)) else None,
        data=_data(event),
    )


def _at(event: Event) -> datetime | None:
    """The moment it happened; None for what is of a week or month."""
    return event.began_at if isinstance(event, e.CallRecorded) else getattr(event, "at", None)


def _month(event: Any, at: datetime | None) -> str:
    if isinstance(event, e.SummaryHandedIn):
        return str(Month.of(event.week))
    return str(Month.of(local_day(at)) if at else event.month)


def _data(event: Any) -> dict[str, Any]:
    named = {one.name: getattr(event, one.name) for one in fields(event) if one.name not in _BESIDE}
    return {
        name: msgspec.to_builtins(value)
        for name, value in named.items()
        if value is not None and not isinstance(value, Private)
    }


def _fact_changed(row: FactRow, event: Event) -> None:
    row.status = STATUSES.get(type(event), row.status)
    match event:
        case e.FactWithdrawn():
            row.withdrawn = True
        case e.ReviewAnswered():
            row.data |= _data(event)


# ---- the tables -----------------------------------------------------------------------------------------------------
class _Row(Protocol):
    """What rows of both tables have."""

    version: int
    position: int
    recorded: int


R = TypeVar("R", bound=_Row)


@dataclass(frozen=True, slots=True)
class Shelf(Generic[R]):
    """One table: how a row begins, how an event changes it, and the condition for rows that concern an agent."""

    rows: Rows[R]
    begun: Callable[[Recorded], R | None]
    changed: Callable[[R, Event], None]
    concerning: str

    async def write(self, cursor: Cursor, events: Sequence[Recorded]) -> None:
        """Fold events into their rows; a fact that is recorded anew begins again, where it stood in the lists."""
        found = await self.rows.load(cursor, {recorded.stream for recorded in events})
        for recorded in events:
            if begun := self.begun(recorded):
                if known := found.get(recorded.stream):
                    begun.recorded = known.recorded
                found[recorded.stream] = begun
            row = found[recorded.stream]
            row.version, row.position = recorded.version, recorded.position
            self.changed(row, recorded.event)
        await self.rows.upsert(cursor, found.values())


ORDERS = Shelf(Rows("read.orders_2", OrderRow), _order, _order_changed, "agent = {0} OR follow_up = {0}")
FACTS = Shelf(Rows("read.work_facts_1", FactRow), _fact, _fact_changed, "agent = {0} OR data->>'duty_agent' = {0}")
