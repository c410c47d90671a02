"""Which matters an event touches: whose lines may be others now that it is recorded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from application.envelope import Recorded
from application.event_log import Log, States, Stream
from application.judging import FactBook
from application.matters import Matter, MatterKind
from application.posting import PAYROLL
from application.streams import conduct_stream, fact_stream, order_stream, shift_stream
from domain.case.events import Analysed
from domain.ledger.events import Cause
from domain.ledger.lines import Code
from domain.ledger.rules import MONTHLY_RULES
from domain.payroll.events import MonthEnded
from domain.shift.shift import Shift
from domain.values import DEFAULT_ZONE, Month
from domain.work import events as work
from domain.work.conduct import ConductReport
from domain.work.order import ServiceOrder
from domain.work.recorded import WorkFact

TOPICS = (
    "order.done",
    "order.corrected",
    "order.withdrawn",
    "member_callback.",
    "exam.",
    "phone_fault.",
    "missed_call.",
    "points_shortage.",
    "fact.withdrawn",
    "conduct.",
    "case.analysed",
    "shift.",
    "payroll.month_",
)
"""Beginnings of the topics that touch a matter, or a month."""
AROUND_SHIFT = timedelta(days=1)
"""How far from a shift's times a change of it may concern a call: more is only judged in vain."""

Touched = dict[Matter, list[Cause]]


async def touched(log: Log, book: FactBook, events: Sequence[Recorded]) -> Touched:
    """The matters that events touch, each with the events that do, as causes of what follows (L-1)."""
    streams = [stream for recorded in events for stream in _needed(recorded)]
    states = await log.states([PAYROLL, *streams])
    found: Touched = {}
    for recorded in events:
        cause = Cause(position=recorded.position, type=recorded.event.topic)
        for matter in await _matters(recorded, states, book):
            found.setdefault(matter, []).append(cause)
    return found


def _needed(recorded: Recorded) -> list[Stream[Any]]:
    """The streams whose state tells what an event touches."""
    match recorded.event:
        case MonthEnded() | Analysed():
            return []
        case work.OrderCorrected():
            # the month it counted in may be another than the one it counts in now
            return [order_stream(recorded.stream), _own(MatterKind.ORDER, recorded).voucher]
        case event:
            kind = event.topic.partition(".")[0]
            return [_STREAMS.get(kind, fact_stream)(recorded.stream)]


_STREAMS: Mapping[str, Callable[[UUID], Stream[Any]]] = {
    "order": order_stream,
    "conduct": conduct_stream,
    "payroll": lambda _: PAYROLL,
    "shift": lambda stream: shift_stream(str(stream)),
}


def _own(kind: MatterKind, recorded: Recorded) -> Matter:
    return Matter.of(kind, recorded.stream)


async def _matters(recorded: Recorded, states: States, book: FactBook) -> Iterable[Matter]:
    match recorded.event:
        case MonthEnded(month=month):
            return [Matter.monthly(month, code) for code in MONTHLY_RULES]
        case Analysed():
            return [_own(MatterKind.CASE, recorded)]
        case _:
            return await _of_state(recorded, states, book)


async def _of_state(recorded: Recorded, states: States, book: FactBook) -> Iterable[Matter]:
    match states[_needed(recorded)[0]]:
        case ServiceOrder() as order:
            months = {*_month_of(order), *_months_counted(recorded, states)}
            return [_own(MatterKind.ORDER, recorded), *_over(states, months, Code.RECOMMEND)]
        case ConductReport(reported=work.ConductReported(case=str(case))):
            return [Matter(MatterKind.CASE, case)]
        case ConductReport():
            return [_own(MatterKind.CONDUCT, recorded)]
        case Shift() as shift:
            return await _calls(shift, book)
        case WorkFact(recorded=fact):
            return _of_fact(recorded, fact, states)
        case _:
            return []


def _of_fact(recorded: Recorded, fact: object, states: States) -> list[Matter]:
    match fact:
        case work.CallbackMade(at=at):
            return _over(states, [_local_month(at)], Code.CALLBACK)
        case work.CallbacksTallied(month=month):
            return _over(states, [month], Code.CALLBACK)
        case work.ExamTaken(month=month):
            later = _over(states, [month.after], Code.FAILED_EXAM)
            return [*_over(states, [month], Code.BEST_EXAM), *_over(states, [month], Code.FAILED_EXAM), *later]
        case _:
            return [_own(MatterKind.FACT, recorded)]


async def _calls(shift: Shift, book: FactBook) -> list[Matter]:
    if shift.roster is None:
        return []
    start, end = shift.roster.span
    calls = await book.calls_missed(start - AROUND_SHIFT, end + AROUND_SHIFT)
    return [Matter.of(MatterKind.FACT, call) for call in calls]


# ---- months ---------------------------------------------------------------------------------------------------------
def _over(states: States, months: Iterable[Month], code: Code) -> list[Matter]:
    """What is judged by the month is judged anew where the month has ended already."""
    return [Matter.monthly(month, code) for month in months if states[PAYROLL][month].ended]


def _local_month(at: Any) -> Month:
    return Month.of(at.astimezone(ZoneInfo(DEFAULT_ZONE)).date())


def _month_of(order: ServiceOrder) -> list[Month]:
    return [_local_month(order.entered.at)] if order.entered else []


def _months_counted(recorded: Recorded, states: States) -> set[Month]:
    if not isinstance(recorded.event, work.OrderCorrected):
        return set()
    voucher = states[_own(MatterKind.ORDER, recorded).voucher]
    return {entry.month for entry in voucher.entries.values()}
