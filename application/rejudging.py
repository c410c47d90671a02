"""Everything judged again, from the log alone and not from the views: what each matter comes to (L-6, L-7).

The log comes stream by stream. Of orders nothing is kept but counts by month and agent; of the rarer facts, what the
rules ask of several at once.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from application.envelope import Recorded
from application.event_log import Log
from application.judging import Judging
from application.matters import Matter, MatterKind
from application.posting import PAYROLL
from domain.kernel import Event
from domain.ledger.lines import Line
from domain.ledger.rules import MONTHLY_RULES, Judged, NoTariff, judge_cause
from domain.shift.shift import SHIFT
from domain.tariff.tariff import Tariff
from domain.values import DEFAULT_ZONE, AgentId, CaseId, Month
from domain.work import events as work
from domain.work.conduct import CONDUCT
from domain.work.facts import Duty, Exam, MemberCallbacks, Order
from domain.work.moments import month_of
from domain.work.order import ORDER
from domain.work.recorded import WORK_FACT, WorkFact

FACTS = (
    *("order.", "member_callback.", "exam.", "phone_fault.", "missed_call.", "points_shortage.", "fact.withdrawn"),
    *("conduct.", "case.analysed", "shift."),
)
"""Beginnings of the topics that are read."""
TOGETHER = 500
"""How many of the rarer matters are judged at once."""
Streams = AsyncIterable[Sequence[Recorded]]
"""The events under FACTS: one stream after the other, each with its oldest event first."""


@dataclass(slots=True)
class _Callbacks:
    """What an agent has reached in a month, and the full weeks that were stated with it."""

    count: int = 0
    full_weeks: int | None = None


class LogBook:
    """application.judging.FactBook, gathered from the streams of the log; right once all have been taken in."""

    def __init__(self) -> None:
        self._recommended: dict[Month, Counter[AgentId]] = defaultdict(Counter)
        self._callbacks: dict[Month, dict[AgentId, _Callbacks]] = defaultdict(lambda: defaultdict(_Callbacks))
        self._exams: dict[Month, dict[AgentId, Exam]] = defaultdict(dict)
        self._reports: dict[str, list[UUID]] = defaultdict(list)
        self._duties: dict[date, list[Duty]] = defaultdict(list)
        self._calls: list[tuple[datetime, UUID]] = []

    # ---- taking in --------------------------------------------------------------------------------------------------
    def count(self, order: Order) -> None:
        """B-RECOMMEND: an order, once."""
        if order.ranks:
            self._recommended[month_of(order.at)][order.agent] += 1

    def report(self, stream: UUID, case: CaseId) -> None:
        """W-6: a report that names a case."""
        self._reports[case].append(stream)

    def shift(self, duties: Sequence[Duty]) -> None:
        """S-6: who is on duty in a shift, by the days of UTC that it touches."""
        for duty in duties:
            day = _utc_day(duty.start)
            while day <= _utc_day(duty.end):
                self._duties[day].append(duty)
                day += timedelta(days=1)

    def fact(self, stream: UUID, fact: WorkFact) -> bool:
        """Another fact; whether it is judged for itself, not by its month."""
        match None if fact.withdrawn else fact.recorded:
            case work.CallbackMade(agent=agent, at=at, reached=reached):
                self._callbacks[month_of(at)][agent].count += reached
            case work.CallbacksTallied(agent=agent, month=month, count=count, full_weeks=weeks):
                tallied = self._callbacks[month][agent]
                tallied.count, tallied.full_weeks = tallied.count + count, weeks
            case work.ExamTaken(agent=agent, month=month):
                exam = fact.fact()
                assert isinstance(exam, Exam)
                self._exams[month][agent] = exam
            case work.MissedCallLogged(at=at) | work.PhoneFaultReported(at=at):
                self._calls.append((at, stream))
        return isinstance(fact.recorded, work.MissedCallLogged | work.PhoneFaultReported | work.PointsShortageFound)

    # ---- FactBook ---------------------------------------------------------------------------------------------------
    async def recommended_counts(self, month: Month) -> Mapping[AgentId, int]:
        """See FactBook.recommended_counts."""
        return self._recommended[month]

    async def tallies(self, month: Month) -> Sequence[MemberCallbacks]:
        """See FactBook.tallies."""
        known = sorted(self._callbacks[month].items())
        return [
            MemberCallbacks(month=month, agent=agent, count=one.count, full_weeks=one.full_weeks)
            for agent, one in known
        ]

    async def exams(self, month: Month) -> Sequence[Exam]:
        """See FactBook.exams."""
        return [exam for _, exam in sorted(self._exams[month].items())]

    async def calls_missed(self, start: datetime, end: datetime) -> Sequence[UUID]:
        """See FactBook.calls_missed."""
        return [stream for at, stream in sorted(self._calls) if start <= at < end]

    async def conduct_of_case(self, case_id: CaseId) -> Sequence[UUID]:
        """See FactBook.conduct_of_case."""
        return self._reports.get(case_id, [])

    async def duties_at(self, at: datetime) -> Sequence[Duty]:
        """See FactBook.duties_at."""
        return self._duties.get(_utc_day(at), [])

    async def months_with_monthly_facts(self) -> Sequence[Month]:
        """See FactBook.months_with_monthly_facts."""
        return sorted({*self._recommended, *self._callbacks, *self._exams})


def _utc_day(at: datetime) -> date:
    return (at - (at.utcoffset() or timedelta())).date()


class Rejudging:
    """Judges everything again, by the tariffs in force or by others."""

    def __init__(self, log: Log, tariffs: Sequence[Tariff]) -> None:
        self.book = LogBook()
        self._log, self._tariffs = log, tariffs
        self._rest: dict[Matter, None] = {}

    async def lines(self, streams: Streams) -> AsyncGenerator[tuple[Matter, Sequence[Line]], None]:
        """Every matter once, also those that come to nothing. What is judged by the month: once it has ended."""
        async for history in streams:
            if order := self._taken(history[0].stream, [recorded.event for recorded in history]):
                yield order
        payroll = (await self._log.states([PAYROLL]))[PAYROLL]
        ended = sorted(month for month, known in payroll.months.items() if known.ended)
        rest = [*self._rest, *(Matter.monthly(month, code) for month in ended for code in MONTHLY_RULES)]
        judging = Judging(self._log, self.book, self._in_force)
        for begin in range(0, len(rest), TOGETHER):
            for found in (await judging.lines(rest[begin : begin + TOGETHER])).items():
                yield found

    async def _in_force(self) -> Sequence[Tariff]:
        return self._tariffs

    def _taken(self, stream: UUID, events: Sequence[Event]) -> tuple[Matter, Sequence[Line]] | None:
        """An order is judged at once; of the rest is kept what will be needed."""
        kind = events[0].topic.partition(".")[0]
        if kind == MatterKind.ORDER:
            return Matter.of(MatterKind.ORDER, stream), self._of_order(ORDER.fold(events).fact())
        if kind == MatterKind.CASE:
            self._rest[Matter.of(MatterKind.CASE, stream)] = None
        elif kind == MatterKind.CONDUCT:
            self._report(stream, events)
        elif kind == SHIFT.name:
            self.book.shift(SHIFT.fold(events).duty())
        elif self.book.fact(stream, WORK_FACT.fold(events)):
            self._rest[Matter.of(MatterKind.FACT, stream)] = None
        return None

    def _of_order(self, order: Order | None) -> Sequence[Line]:
        if order is None:
            return []
        self.book.count(order)
        try:
            return judge_cause(Judged(facts=[order], shifts=(), tariffs=self._tariffs, time_zone=DEFAULT_ZONE))
        except NoTariff:
            return []

    def _report(self, stream: UUID, events: Sequence[Event]) -> None:
        reported = CONDUCT.fold(events).reported
        if reported and reported.case:
            self.book.report(stream, reported.case)
            self._rest[Matter(MatterKind.CASE, reported.case)] = None
        else:
            self._rest[Matter.of(MatterKind.CONDUCT, stream)] = None
