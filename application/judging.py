"""What the rules say of a matter now: its facts from the log, by the tariffs in force (L-6)."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import structlog

from application.event_log import Log, States, Stream
from application.matters import Matter, MatterKind
from application.streams import agent_stream, case_stream, conduct_stream, fact_stream, order_stream
from domain.agent.agent import Agent
from domain.ledger.causes import employed_weeks, faults_of
from domain.ledger.events import Cause
from domain.ledger.lines import Code, Line
from domain.ledger.rules import Judged, NoTariff, judge_cause, judge_month
from domain.tariff.tariff import Tariff
from domain.values import DEFAULT_ZONE, AgentId, CaseId, Month
from domain.work.facts import Duty, Exam, Fact, MemberCallbacks, MissedCall, PhoneFault, RecommendedOrders

_log = structlog.get_logger()
Tariffs = Callable[[], Awaitable[Sequence[Tariff]]]


class FactBook(Protocol):
    """What is asked of many facts at once."""

    async def recommended_counts(self, month: Month) -> Mapping[AgentId, int]:
        """B-RECOMMEND: valid orders of the month with key recommended merchants, none steered, by agent."""
        ...

    async def tallies(self, month: Month) -> Sequence[MemberCallbacks]:
        """W-2: what each agent with any callback in the month has reached."""
        ...

    async def exams(self, month: Month) -> Sequence[Exam]:
        """W-3: the exams of the month."""
        ...

    async def calls_missed(self, start: datetime, end: datetime) -> Sequence[UUID]:
        """The missed calls and telephone faults from `start` until before `end`."""
        ...

    async def conduct_of_case(self, case_id: CaseId) -> Sequence[UUID]:
        """W-6: the reports that name a case."""
        ...

    async def duties_at(self, at: datetime) -> Sequence[Duty]:
        """S-6: the shifts that run at a moment."""
        ...

    async def months_with_monthly_facts(self) -> Sequence[Month]:
        """The months that have exams, callbacks or orders that rank."""
        ...


class CauseBook(FactBook, Protocol):
    """What is asked of many facts at once, by who records what comes of them."""

    async def causes(self, month: Month, code: Code, agents: Collection[AgentId]) -> Mapping[AgentId, Sequence[Cause]]:
        """L-1: the facts that an agent's line of a month rests on, oldest first, at most 100 of each agent.

        The exam, for P-EXAM with the one of the month before; the callbacks; the orders that rank, as they were
        entered.
        """
        ...


class Judging:
    """Judges matters by their facts as the log has them now."""

    def __init__(self, log: Log, book: FactBook, tariffs: Tariffs) -> None:
        self._log, self._book, self._tariffs = log, book, tariffs

    async def lines(self, matters: Collection[Matter]) -> dict[Matter, list[Line]]:
        """What each matter comes to; nothing, and a line in the log, where no tariff speaks of its day."""
        tariffs = await self._tariffs()
        reports = {matter: await self._reports(matter) for matter in matters}
        streams = {stream for matter in matters for stream in [*_own(matter), *reports[matter]]}
        states = await self._log.states(sorted(streams, key=lambda stream: stream.id))
        return {matter: await self._judged(matter, reports[matter], states, tariffs) for matter in matters}

    async def _reports(self, matter: Matter) -> list[Stream[Any]]:
        if matter.kind is not MatterKind.CASE:
            return []
        return [conduct_stream(report) for report in await self._book.conduct_of_case(CaseId(matter.key))]

    async def _judged(
        self, matter: Matter, reports: Iterable[Stream[Any]], states: States, tariffs: Sequence[Tariff]
    ) -> list[Line]:
        try:
            if matter.kind is MatterKind.MONTH:
                return await self._of_month(*matter.month, tariffs)
            facts = _facts(matter, states) + [fact for report in reports if (fact := states[report].fact())]
            return judge_cause(await self._with_roster(facts, tariffs))
        except NoTariff as error:
            _log.error("not_judged", matter=matter.kind, key=matter.key, error=str(error))
            return []

    async def _with_roster(self, facts: Sequence[Fact], tariffs: Sequence[Tariff]) -> Judged:
        moments = {fact.at for fact in facts if isinstance(fact, MissedCall | PhoneFault)}
        shifts = [duty for at in moments for duty in await self._book.duties_at(at)]
        return Judged(facts=facts, shifts=shifts, tariffs=tariffs, time_zone=DEFAULT_ZONE)

    async def _of_month(self, month: Month, code: Code, tariffs: Sequence[Tariff]) -> list[Line]:
        facts = await self._facts_of_month(month, code)
        return judge_month(Judged(facts=facts, shifts=(), tariffs=tariffs, time_zone=DEFAULT_ZONE), code, month)

    async def _facts_of_month(self, month: Month, code: Code) -> Sequence[Fact]:
        match code:
            case Code.RECOMMEND:
                counts = await self._book.recommended_counts(month)
                return [RecommendedOrders(month=month, agent=agent, count=count) for agent, count in counts.items()]
            case Code.CALLBACK:
                return await self._callbacks(month)
            case Code.FAILED_EXAM:
                return [*await self._book.exams(month.before), *await self._book.exams(month)]
            case _:
                return await self._book.exams(month)

    async def _callbacks(self, month: Month) -> list[MemberCallbacks]:
        """W-2, P-CALLBACK: fewer are due from who joined or left within the month."""
        tallies = await self._book.tallies(month)
        streams = [agent_stream(tally.agent) for tally in tallies]
        states = await self._log.states(streams)
        return [_weighed(tally, states[stream]) for tally, stream in zip(tallies, streams, strict=True)]


def _weighed(tally: MemberCallbacks, agent: Agent) -> MemberCallbacks:
    if tally.full_weeks is not None:
        return tally
    return replace(tally, full_weeks=employed_weeks(tally.month, agent.joined_on, agent.last_day))


def _own(matter: Matter) -> list[Stream[Any]]:
    match matter.kind:
        case MatterKind.ORDER:
            return [order_stream(matter.id)]
        case MatterKind.CASE:
            return [case_stream(CaseId(matter.key))]
        case MatterKind.CONDUCT:
            return [conduct_stream(matter.id)]
        case MatterKind.FACT:
            return [fact_stream(matter.id)]
        case MatterKind.MONTH:
            return []


def _facts(matter: Matter, states: States) -> list[Fact]:
    [stream] = _own(matter)
    state = states[stream]
    if matter.kind is MatterKind.CASE:
        return [*faults_of(state)]
    fact = state.fact()
    return [fact] if fact else []
