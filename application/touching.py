"""Which matters an event touches: whose lines may be others now that it is recorded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from application.envelope import Recorded
from application.event_log import Log, States, Stream
from application.judging import FactBook
from application.matters import Matter, MatterKind
from application.posting import PAYROLL
from application.streams import conduct_stream, fact_stream
from domain.agent.events import Left
from domain.case.events import Analysed
from domain.kernel import Decider, Event
from domain.ledger.events import Cause
from domain.ledger.lines import Code
from domain.ledger.rules import MONTHLY_RULES
from domain.payroll.events import MonthEnded
from domain.shift.roster import Span
from domain.shift.shift import SHIFT, Shift
from domain.values import Month
from domain.work import events as work
from domain.work.conduct import ConductReport
from domain.work.moments import month_of
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
    "agent.left",
    "shift.",
    "payroll.month_",
)
"""Beginnings of the topics that touch a matter, or a month."""
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
        case event:
            kind = event.topic.partition(".")[0]
            return [_STREAMS.get(kind, fact_stream)(recorded.stream)]


# ---- what an event may have touched before --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Months:
    """The local months an order was ever entered for, or somebody was ever said to leave in."""

    ever: frozenset[Month] = frozenset()


@dataclass(frozen=True, slots=True)
class Spans:
    """A shift, and from when to when it ever ran."""

    shift: Shift = Shift()  # noqa: RUF009  frozen
    ever: tuple[Span, ...] = ()


def _month_named(months: Months, event: Event) -> Months:
    match event:
        case work.OrderEntered(at=at) | work.OrderCorrected(at=datetime() as at):
            return Months(months.ever | {month_of(at)})
        case Left(last_day=day):
            return Months(months.ever | {Month.of(day)})
        case _:
            return months


def _span_planned(spans: Spans, event: Event) -> Spans:
    shift = SHIFT.evolve(spans.shift, event)
    return Spans(shift, (*spans.ever, shift.roster.span)) if shift.roster else spans


MONTHS = Decider("months", Months(), _month_named)
SPANS = Decider("spans", Spans(), _span_planned)
_STREAMS: Mapping[str, Callable[[UUID], Stream[Any]]] = {
    "agent": lambda stream: Stream(stream, MONTHS),
    "order": lambda stream: Stream(stream, MONTHS),
    "conduct": conduct_stream,
    "payroll": lambda _: PAYROLL,
    "shift": lambda stream: Stream(stream, SPANS),
}


# ---- what it touches ------------------------------------------------------------------------------------------------
def _own(kind: MatterKind, recorded: Recorded) -> Matter:
    return Matter.of(kind, recorded.stream)


async def _matters(recorded: Recorded, states: States, book: FactBook) -> Iterable[Matter]:
    match recorded.event:
        case MonthEnded(month=month):
            return [Matter.monthly(month, code) for code in MONTHLY_RULES]
        case Analysed():
            return [_own(MatterKind.CASE, recorded)]
        case Left():
            return _over(states, states[_needed(recorded)[0]].ever, Code.CALLBACK)
        case _:
            return await _of_state(recorded, states, book)


async def _of_state(recorded: Recorded, states: States, book: FactBook) -> Iterable[Matter]:
    match states[_needed(recorded)[0]]:
        case Months(ever=months):
            return [_own(MatterKind.ORDER, recorded), *_over(states, months, Code.RECOMMEND)]
        case ConductReport(reported=work.ConductReported(case=str(case))):
            return [Matter(MatterKind.CASE, case)]
        case ConductReport():
            return [_own(MatterKind.CONDUCT, recorded)]
        case Spans(ever=spans):
            return [Matter.of(MatterKind.FACT, call) for span in spans for call in await book.calls_missed(*span)]
        case WorkFact(recorded=fact):
            return _of_fact(recorded, fact, states)
        case _:
            return []


def _of_fact(recorded: Recorded, fact: object, states: States) -> list[Matter]:
    match fact:
        case work.CallbackMade(at=at):
            return _over(states, [month_of(at)], Code.CALLBACK)
        case work.CallbacksTallied(month=month):
            return _over(states, [month], Code.CALLBACK)
        case work.ExamTaken(month=month):
            later = _over(states, [month.after], Code.FAILED_EXAM)
            return [*_over(states, [month], Code.BEST_EXAM), *_over(states, [month], Code.FAILED_EXAM), *later]
        case _:
            return [_own(MatterKind.FACT, recorded)]


# ---- months ---------------------------------------------------------------------------------------------------------
def _over(states: States, months: Iterable[Month], code: Code) -> list[Matter]:
    """What is judged by the month is judged anew where the month has ended already."""
    return [Matter.monthly(month, code) for month in sorted(months) if states[PAYROLL][month].ended]
