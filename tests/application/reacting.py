"""The reaction over a log in memory: the books it asks fold the log itself, up to where they are let."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from adapters.intake.tariffs import shipped
from adapters.keyring import MemoryKeyring
from application.envelope import Meta, Recorded
from application.event_log import Command, MemoryLog, Stream, Write, write_of
from application.judging import Judging
from application.ledgers import Ledgers
from application.matters import LineRef, Matter
from application.payroll import PayrollMonths, SealedMonth
from application.posting import PAYROLL
from application.reaction import Reaction
from application.statements import Statements, Wages
from application.streams import account_stream
from application.touching import TOPICS
from domain.kernel import Decider, Event
from domain.ledger import events as e
from domain.ledger.lines import Code
from domain.ledger.voucher import VOUCHER, Entry, Status, Voucher
from domain.payroll import events as p
from domain.payroll.account import Account
from domain.payroll.months import Payroll
from domain.payroll.policy import PayrollPolicy
from domain.payroll.settlement import Mode, Sums
from domain.shift.shift import SHIFT
from domain.values import Actor, AgentId, CaseId, Month, Role
from domain.work import events as w
from domain.work.conduct import CONDUCT
from domain.work.facts import Duty, Exam, MemberCallbacks, Order
from domain.work.moments import month_of
from domain.work.order import ORDER
from domain.work.recorded import WORK_FACT
from tests.support.ledger_books import standing

T = TypeVar("T")
S = TypeVar("S")
NOW = datetime(2026, 6, 15, 4, tzinfo=UTC)
SUPERVISOR = Actor(AgentId("s1"), Role.SUPERVISOR)
OTHER = Actor(AgentId("s2"), Role.SUPERVISOR)
PAYING, CLOSING = Actor(AgentId("p1"), Role.PAYROLL), Actor(AgentId("p2"), Role.PAYROLL)
POLICY = PayrollPolicy(
    version="p-1", valid_from=datetime(2000, 1, 1, tzinfo=UTC).date(), mode=Mode.BONUS_OFFSET, basis="b"
)


class WatchedLog(MemoryLog):
    """Runs something once, just before the next append: what others record at the same time."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def append(self, write: Write) -> Any:
        """See Log.append."""
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            await meanwhile()
        return await super().append(write)


@dataclass
class Book:
    """CauseBook and LedgerBook: folds the log anew for every question, up to `readable` where that is set."""

    log: MemoryLog
    readable: int | None = None

    def recorded(self) -> list[Recorded]:
        return [one for one in self.log.recorded() if self.readable is None or one.position <= self.readable]

    def folded(self, prefixes: str, decider: Decider[S]) -> dict[UUID, S]:
        """The states of the streams whose first event has a topic with one of these beginnings, blank between them."""
        histories: dict[UUID, list[Event]] = {}
        for one in self.recorded():
            histories.setdefault(one.stream, []).append(one.event)
        begun = tuple(prefixes.split())
        return {id_: decider.fold(events) for id_, events in histories.items() if events[0].topic.startswith(begun)}

    # ---- facts ------------------------------------------------------------------------------------------------------
    def orders(self) -> Iterable[Order]:
        return (fact for order in self.folded("order.", ORDER).values() if (fact := order.fact()))

    def of_month(self, kinds: str) -> Iterable[Any]:
        facts = self.folded(kinds, WORK_FACT).values()
        return (fact.recorded for fact in facts if not fact.withdrawn)

    async def recommended_counts(self, month: Month) -> Mapping[AgentId, int]:
        return Counter(order.agent for order in self.orders() if order.ranks and month_of(order.at) == month)

    async def tallies(self, month: Month) -> Sequence[MemberCallbacks]:
        found: dict[AgentId, MemberCallbacks] = {}
        for fact in self.of_month("member_callback."):
            tallied = isinstance(fact, w.CallbacksTallied)
            if (fact.month if tallied else month_of(fact.at)) == month:
                known = found.get(fact.agent, MemberCallbacks(month=month, agent=fact.agent, count=0))
                count = fact.count if tallied else int(fact.reached)
                weeks = fact.full_weeks if tallied else known.full_weeks
                found[fact.agent] = replace(known, count=known.count + count, full_weeks=weeks)
        return [*found.values()]

    async def exams(self, month: Month) -> Sequence[Exam]:
        facts = (fact.fact() for fact in self.folded("exam.", WORK_FACT).values())
        return [fact for fact in facts if isinstance(fact, Exam) and fact.month == month]

    async def calls_missed(self, start: datetime, end: datetime) -> Sequence[UUID]:
        calls = self.folded("missed_call. phone_fault.", WORK_FACT).items()
        return [id_ for id_, call in calls if not call.withdrawn and start <= getattr(call.recorded, "at", end) < end]

    async def conduct_of_case(self, case_id: CaseId) -> Sequence[UUID]:
        reports = self.folded("conduct.", CONDUCT).items()
        return [id_ for id_, report in reports if report.reported and report.reported.case == case_id]

    async def duties_at(self, at: datetime) -> Sequence[Duty]:
        shifts = self.folded("shift.", SHIFT).values()
        return [duty for shift in shifts for duty in shift.duty() if duty.start <= at < duty.end]

    async def months_with_monthly_facts(self) -> Sequence[Month]:
        exams = {fact.month for fact in self.of_month("exam.")}
        callbacks = {getattr(fact, "month", None) or month_of(fact.at) for fact in self.of_month("member_callback.")}
        orders = {month_of(order.at) for order in self.orders() if order.recommended}
        return sorted(exams | callbacks | orders)

    async def causes(
        self, month: Month, code: Code, agents: Collection[AgentId]
    ) -> Mapping[AgentId, Sequence[e.Cause]]:
        found: dict[AgentId, list[e.Cause]] = {}
        for one in self.recorded():
            if code in {Code.BEST_EXAM, Code.FAILED_EXAM} and isinstance(one.event, w.ExamTaken):
                months = {month, month.before} if code is Code.FAILED_EXAM else {month}
                if one.event.agent in agents and one.event.month in months:
                    cause = e.Cause(position=one.position, type=one.event.topic)
                    found.setdefault(one.event.agent, []).append(cause)
        return found

    # ---- lines ------------------------------------------------------------------------------------------------------
    async def cut_of(self, month: Month) -> int | None:
        frozen = (one for one in self.recorded() if one.event == p.MonthFrozen(month=month, by=PAYING.id))
        return next((one.position for one in frozen), None)

    async def sums(self, month: Month) -> Mapping[AgentId, Sums]:
        topics = ("ledger.", "payroll.opening_changed")
        ledger = [(str(one.stream), one.event) for one in self.recorded() if one.event.topic.startswith(topics)]
        return {agent: sums for (agent, at), sums in standing(ledger).items() if at == month}

    async def carried(self, month: Month) -> Mapping[AgentId, int]:
        found = Counter[AgentId]()
        for one in self.recorded():
            match one.event:
                case p.Stated() as stated if stated.month == month:
                    found[stated.agent] += stated.carried_fen
                case p.OpeningChanged() as changed if changed.home == month.after:
                    found[changed.agent] -= changed.change_fen
        return {agent: fen for agent, fen in found.items() if fen}

    async def wages(self, month: Month) -> Mapping[AgentId, Wages]:
        del month
        return {}

    async def first_month(self) -> Month | None:
        """See application.payroll.Closing."""
        vouchers = self.folded("ledger.earned ledger.proposed", VOUCHER).values()
        lines = (line for voucher in vouchers for line in voucher.entries.values())
        return min((one.posted_month or one.month for one in lines if one.status is not Status.DISMISSED), default=None)

    async def sealed(self, month: Month, cut: int) -> SealedMonth:
        """See application.payroll.Closing."""
        del month, cut
        return SealedMonth(0, (), (), "digest")


@dataclass
class Office:
    """The reaction, and those who record facts and decide, one command after the other."""

    log: WatchedLog = field(default_factory=WatchedLog)
    policy: PayrollPolicy = POLICY
    policies: Mapping[Month, PayrollPolicy] = field(default_factory=dict)
    tariffs: Sequence[Any] = field(default_factory=lambda: [shipped()])
    upto: int = 0

    def __post_init__(self) -> None:
        self.book = Book(self.log)
        statements = Statements(self.log, self.book, self.policy_of, self.agreed)
        judging = Judging(self.log, self.book, self.in_force)
        self.reaction = Reaction(self.log, self.book, judging, statements, self.policy_of, lambda: NOW)
        self.ledgers = Ledgers(self.log, MemoryKeyring(), self.policy_of)
        self.payroll = PayrollMonths(self.log, self.book, self.judged)

    async def policy_of(self, month: Month) -> PayrollPolicy:
        return self.policies.get(month, self.policy)

    async def agreed(self, version: str) -> frozenset[AgentId]:
        del version
        return frozenset()

    async def in_force(self) -> Sequence[Any]:
        return self.tariffs

    async def judged(self, position: int | None) -> bool:
        del position
        await self.reacted()
        return True

    # ---- what happens -----------------------------------------------------------------------------------------------
    async def put(self, stream: Stream[Any], *events: Event) -> None:
        """Record events at the end of a stream."""
        states = await self.log.states([stream])
        await self.log.append(write_of(states, {stream: events}, command(SUPERVISOR.id), lambda _: b"{}"))

    async def reacted(self, *, tracked: bool = True) -> None:
        """Let the reaction take in what is new; not `tracked`: it is stopped before it has noted how far it came."""
        new = [one for one in self.log.recorded() if one.position > self.upto]
        await self.reaction.react([one for one in new if one.event.topic.startswith(TOPICS)])
        if tracked and new:
            self.upto = new[-1].position

    async def ended(self) -> None:
        """The months that are over end, and are judged."""
        await self.reaction.end_months()
        await self.reacted()

    async def confirm(self, *lines: str, by: Actor = SUPERVISOR) -> None:
        await self.ledgers.confirm(lines, by, command(by.id))

    async def paid(self, month: Month) -> None:
        """Freeze a month, draw its statements, close it."""
        await self.payroll.freeze(month, PAYING, command(PAYING.id))
        await self.reacted()
        await self.payroll.close(month, CLOSING, command(CLOSING.id))

    # ---- what is there ----------------------------------------------------------------------------------------------
    async def voucher(self, matter: Matter) -> Voucher:
        return (await self.log.states([matter.voucher]))[matter.voucher]

    async def months(self) -> Payroll:
        return (await self.log.states([PAYROLL]))[PAYROLL]

    async def account(self, agent: AgentId, month: Month) -> Account:
        stream = account_stream(agent, month)
        return (await self.log.states([stream]))[stream]

    async def lines(self, matter: Matter) -> list[tuple[str, str, int, str, str | None]]:
        """Agent, code, amount, status and posted month of each line of a cause."""
        return [_told(entry) for entry in (await self.voucher(matter)).entries.values()]

    async def stands(self, matter: Matter) -> dict[str, int]:
        """What counts or may come to count of a cause, by agent."""
        entries = (await self.voucher(matter)).entries.values()
        return {
            one.agent: one.amount_fen
            for one in entries
            if one.reverses is None and one.reversed_by is None and one.status is not Status.DISMISSED
        }

    async def waiting(self, matter: Matter) -> list[str]:
        """The ids of the lines that wait to be confirmed."""
        entries = (await self.voucher(matter)).entries.values()
        return [line_id(matter, one.number) for one in entries if one.status is Status.PROPOSED]

    def topics(self) -> list[str]:
        return [one.event.topic for one in self.log.recorded()]

    def nets(self, month: Month) -> dict[str, int]:
        """What each agent's statement of a month pays."""
        stated = [one.event for one in self.log.recorded() if isinstance(one.event, p.Stated)]
        return {one.agent: one.net_fen for one in stated if one.month == month}


def _told(entry: Entry) -> tuple[str, str, int, str, str | None]:
    month = str(entry.posted_month) if entry.posted_month else None
    return (entry.agent, entry.code, entry.amount_fen, entry.status, month)


def line_id(matter: Matter, number: int) -> str:
    return str(LineRef(matter.voucher.id, number))


def command(by: AgentId) -> Command:
    command_id = uuid4()
    return Command(Meta(by, NOW, command_id, command_id, command_id), fingerprint=b"")


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(story)
