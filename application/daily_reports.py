"""Commands on the report of a day: made by the late shift, passed on and ticked off by the early one (S-4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from application.cases import UnknownAgent
from application.event_log import Changes, Command, Done, Log, States, Stream
from application.handover import DayFigures, Rota, Summaries
from application.permissions import Action, permit
from application.sealing import Keyring, Opener, opened
from application.streams import agent_stream, daily_report_stream, shift_stream
from domain.kernel import Event
from domain.report import events as e
from domain.report import report as reports
from domain.report.report import Course, DailyReport, NoSuchItem, NoSuchReport
from domain.report.words import ItemKind
from domain.shift.words import ShiftKind
from domain.values import Actor, AgentId

WORDS = "daily_report.made.items.words"
Decide = Callable[[States, DailyReport], Any]


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """What a command on a report answers; `id` is its day."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item of a report, its words opened, and what has become of it."""

    number: int
    kind: ItemKind
    ref: str | None
    words: str | None
    to: AgentId | None
    done: bool


@dataclass(frozen=True, slots=True)
class ReportShown:
    """The report of a day as it was made; before, what it would say now: then `made_by` is None."""

    date: date
    version: int
    made_by: AgentId | None
    made_at: datetime | None
    upto: int
    orders: e.OrderFigures
    cases: Sequence[e.CaseFigure]
    open_cases: int
    items: Sequence[ItemShown]
    sent: bool


class DailyReports:
    """Every command on daily reports, and reading them. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring, rota: Rota, summaries: Summaries) -> None:
        self._log, self._keyring, self._rota, self._summaries = log, keyring, rota, summaries

    async def make(self, day: date, words: Sequence[str], actor: Actor, command: Command) -> Done:
        """S-4: make the report of a local day, with free items in words."""
        permit(actor, Action.REPORT_DAYS)
        late = [shift_stream(shift) for shift in await self._rota.of_day(day, ShiftKind.LATE)]

        async def decide(states: States, report: DailyReport) -> list[Event]:
            people = frozenset(agent for shift in late if (roster := states[shift].roster) for agent in roster.people)
            # before the figures of a day are counted
            reports.check_made(day, people, actor, command.meta.at)
            figures = await self._summaries.day(day, command.meta.at)
            made = await self._made(day, figures, words, actor, command.meta.at)
            return reports.make(report, made, people, actor)

        return await self._transact(day, decide, command, late)

    async def pass_on(self, day: date, number: int, to: AgentId, actor: Actor, command: Command) -> Done:
        """S-4: pass an item to whom it concerns."""
        permit(actor, Action.REPORT_DAYS)
        person = agent_stream(to)

        async def decide(states: States, report: DailyReport) -> list[Event]:
            passed = e.ItemPassedOn(number=number, to=to, by=actor.id, at=command.meta.at)
            events = reports.pass_on(report, passed)
            if states[person].presence is None:
                raise UnknownAgent(f"there is no agent {to}: register them first", rule="S-4", pointer="/to")
            return events

        return await self._transact(day, decide, command, [person])

    async def tick_off(self, day: date, number: int, actor: Actor, command: Command) -> Done:
        """S-4: tick an item off."""
        permit(actor, Action.REPORT_DAYS)

        async def decide(_: States, report: DailyReport) -> list[Event]:
            return reports.tick_off(report, e.ItemTickedOff(number=number, by=actor.id, at=command.meta.at))

        return await self._transact(day, decide, command)

    async def note_sent(self, day: date, recipients: int, command: Command) -> Done:
        """S-4: note that the digest went out."""

        async def decide(_: States, report: DailyReport) -> list[Event]:
            return reports.send(report, e.Sent(recipients=recipients))

        return await self._transact(day, decide, command)

    async def check_item(self, day: date, number: str) -> None:
        """Nothing, where the report of a day has such an item. Raises NoSuchReport, NoSuchItem."""
        stream = daily_report_stream(day)
        report = (await self._log.states([stream]))[stream]
        reports.made_of(report)
        if number not in {str(known) for known in report.courses}:
            raise NoSuchItem("the report has no such item")

    async def shown(self, day: date, now: datetime, *, opens: bool) -> ReportShown:
        """S-4: the report of a day; as long as it is not made, what it would say now. Raises NoSuchReport."""
        stream = daily_report_stream(day)
        states = await self._log.states([stream])
        report, version = states[stream], states.version(stream)
        if report.made is None:
            if not reports.begun(day, now):
                raise NoSuchReport("there is no report of this day: it has not begun")
            return _unmade(day, await self._summaries.day(day, now))
        people = [item.words.subject for item in report.made.items if item.words]
        opener = await self._keyring.opener(sorted({*people})) if opens else None
        return _shown(report, version, report.made, opener)

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _made(self, day: date, figures: DayFigures, words: Sequence[str], actor: Actor, at: datetime) -> e.Made:
        found = [(kind, ref, None) for kind, ref in figures.items]
        sealer = await self._keyring.sealer(await self._keyring.subject(("agent", actor.id))) if words else None
        free = [(ItemKind.WORDS, None, sealer.seal(WORDS, text)) for text in words] if sealer else []
        items = [
            e.Item(number=number, kind=kind, ref=ref, words=text)
            for number, (kind, ref, text) in enumerate([*found, *free], 1)
        ]
        return e.Made(
            date=day,
            by=actor.id,
            at=at,
            upto=figures.upto,
            orders=figures.orders,
            cases=figures.cases,
            open_cases=figures.open_cases,
            items=tuple(items),
        )

    async def _transact(self, day: date, decide: Decide, command: Command, held: Sequence[Stream[Any]] = ()) -> Done:
        stream = daily_report_stream(day)

        async def changes(states: States) -> Changes:
            return {stream: await decide(states, states[stream])}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(ReportAnswer(day.isoformat(), states.version(stream)))

        return await self._log.transact([stream], changes, command, answer, held)


def _unmade(day: date, figures: DayFigures) -> ReportShown:
    numbered = enumerate(figures.items, 1)
    items = [ItemShown(number, kind, ref, None, None, done=False) for number, (kind, ref) in numbered]
    return ReportShown(
        date=day,
        version=0,
        made_by=None,
        made_at=None,
        upto=figures.upto,
        orders=figures.orders,
        cases=figures.cases,
        open_cases=figures.open_cases,
        items=items,
        sent=False,
    )


def _shown(report: DailyReport, version: int, made: e.Made, opener: Opener | None) -> ReportShown:
    return ReportShown(
        date=made.date,
        version=version,
        made_by=made.by,
        made_at=made.at,
        upto=made.upto,
        orders=made.orders,
        cases=made.cases,
        open_cases=made.open_cases,
        items=[_item(item, report.courses[item.number], opener) for item in made.items],
        sent=report.sent,
    )


def _item(item: e.Item, course: Course, opener: Opener | None) -> ItemShown:
    words = None
    if item.words:
        words = str(opened(opener)(WORDS, item.words)) if opener else "***"
    return ItemShown(item.number, item.kind, item.ref, words, course.to, course.done)
