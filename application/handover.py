"""Commands along the course of a shift, and its handover (S-2, S-3)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

import msgspec

from application.event_log import Changes, Command, Done, Log, States, Stream
from application.masters import MasterAnswer
from application.permissions import Action, permit
from application.sealing import Keyring, Sealer
from application.shifts import ShiftId
from application.streams import shift_stream
from domain.kernel import Event
from domain.report.events import CaseFigure, OrderFigures
from domain.report.words import ItemKind
from domain.shift import course
from domain.shift import events as e
from domain.shift.course import Marks
from domain.shift.handover import Handover
from domain.shift.shift import Shift, roster_of
from domain.shift.words import ShiftKind
from domain.values import Actor, AgentId

A_DAY = timedelta(days=1)
"""How far a handover looks ahead where no later shift is planned."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The shifts of the same team that begin before and after one."""

    before: ShiftId | None
    after: ShiftId | None


class Rota(Protocol):
    """Which shifts there are, as the roster has them."""

    async def neighbours(self, shift: ShiftId) -> Neighbours:
        """The shifts before and after one; an unknown one has none."""
        ...

    async def of_day(self, day: date, kind: ShiftKind) -> Sequence[ShiftId]:
        """The shifts of a kind on a local day."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Of which handover the content is wanted; see Handover. day: the local day of the shift."""

    team: str | None
    kind: ShiftKind
    day: date
    after: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What a daily report is made of: up to a position; items by their kind and what each is about."""

    upto: int
    orders: OrderFigures
    cases: tuple[CaseFigure, ...]
    open_cases: int
    items: tuple[tuple[ItemKind, str], ...]


class Summaries(Protocol):
    """What is recorded so far, summed up. All raise Unavailable while it cannot be read yet."""

    async def position(self) -> int:
        """Up to where everything recorded is summed up."""
        ...

    async def handover(self, span: Span) -> Handover:
        """What a shift hands over, as it stands now."""
        ...

    async def day(self, day: date, now: datetime) -> DayFigures:
        """The figures of a local day, and what is open by now."""
        ...


@dataclass(frozen=True, slots=True)
class Beside:
    """A shift with those before and after it, as far as there are any."""

    shift: Shift
    before: Shift | None
    after: Shift | None

    @property
    def begins(self) -> int:
        """Behind which position the handover begins: where that of the shift before ends, so that nothing is lost."""
        ended = self.before.course.upto if self.before else None
        return max(self.shift.course.after, ended or 0)

    def span(self) -> Span:
        """What its handover asks for. Raises NoSuchShift."""
        shift, roster = self.shift, roster_of(self.shift)
        until = roster_of(self.after).end if self.after else roster.end + A_DAY
        assert shift.kind is not None
        assert shift.day is not None
        return Span(team=shift.team, kind=shift.kind, day=shift.day, after=self.begins, until=until)


Decide = Callable[[Beside], Awaitable[list[Event]]]


class Handovers:
    """Every command along the course of a shift. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring, rota: Rota, summaries: Summaries) -> None:
        self._log, self._keyring, self._rota, self._summaries = log, keyring, rota, summaries

    async def start(self, shift: ShiftId, present: Sequence[AgentId], actor: Actor, command: Command) -> Done:
        """S-2: begin work; a supervisor may say who is there."""
        permit(actor, Action.RUN_SHIFTS)

        async def decide(beside: Beside) -> list[Event]:
            before = beside.before.course.upto if beside.before else None
            after = await self._summaries.position() if before is None else before
            return course.start(beside.shift, e.Started(by=actor.id, at=command.meta.at, after=after), present, actor)

        return await self._transact(shift, decide, command)

    async def come_on_duty(self, shift: ShiftId, agent: AgentId, actor: Actor, command: Command) -> Done:
        """S-6: somebody is there from now on."""
        permit(actor, Action.RUN_SHIFTS)

        async def decide(beside: Beside) -> list[Event]:
            return course.come_on_duty(beside.shift, agent, actor, command.meta.at)

        return await self._transact(shift, decide, command)

    async def go_off_duty(self, shift: ShiftId, agent: AgentId, actor: Actor, command: Command) -> Done:
        """S-6: somebody is there no longer."""
        permit(actor, Action.RUN_SHIFTS)

        async def decide(beside: Beside) -> list[Event]:
            return course.go_off_duty(beside.shift, agent, actor, command.meta.at)

        return await self._transact(shift, decide, command)

    async def prepare(self, shift: ShiftId, notes: str | None, actor: Actor, command: Command) -> Done:
        """S-3: prepare the handover, with free notes."""
        permit(actor, Action.RUN_SHIFTS)

        async def decide(beside: Beside) -> list[Event]:
            course.prepare(beside.shift, e.HandoverPrepared(by=actor.id, at=command.meta.at), actor)
            sealed = (await self._sealer(actor)).seal("shift.handover_prepared.notes", notes) if notes else None
            prepared = e.HandoverPrepared(by=actor.id, at=command.meta.at, notes=sealed)
            return course.prepare(beside.shift, prepared, actor)

        return await self._transact(shift, decide, command)

    async def accept(
        self, shift: ShiftId, marks: Marks, questions: Sequence[tuple[str, str]], actor: Actor, command: Command
    ) -> Done:
        """S-2, S-3: accept the handover as it stands now, which freezes it. questions: items, each with its words."""
        permit(actor, Action.RUN_SHIFTS)
        following = (await self._rota.neighbours(shift)).after

        async def decide(beside: Beside) -> list[Event]:
            sealer = await self._sealer(actor)
            accepted = e.HandoverAccepted(
                by=actor.id,
                at=command.meta.at,
                next_shift=following or "",
                handover=await self._content(beside),
                questions=tuple(_question(item, words, sealer) for item, words in questions),
            )
            return course.accept(beside.shift, accepted, marks, beside.after, actor)

        return await self._transact(shift, decide, command)

    async def release(self, shift: ShiftId, reason: str, actor: Actor, command: Command) -> Done:
        """S-2: let the shift end without acceptance; its handover is frozen and can be accepted later."""
        permit(actor, Action.RELEASE_SHIFTS)

        async def decide(beside: Beside) -> list[Event]:
            released = e.Released(
                by=actor.id,
                at=command.meta.at,
                reason=(await self._sealer(actor)).seal("shift.released.reason", reason),
                handover=await self._content(beside),
            )
            return course.release(beside.shift, released, actor)

        return await self._transact(shift, decide, command)

    async def end(self, shift: ShiftId, actor: Actor, command: Command) -> Done:
        """S-2: end the shift."""
        permit(actor, Action.RUN_SHIFTS)

        async def decide(beside: Beside) -> list[Event]:
            return course.end(beside.shift, e.Ended(by=actor.id, at=command.meta.at), beside.after, actor)

        return await self._transact(shift, decide, command)

    async def neighbours(self, shift: ShiftId) -> tuple[Shift | None, Shift | None]:
        """The shifts before and after one, as the log has them."""
        _, before, after = await self._streams(shift)
        states = await self._log.states([one for one in (before, after) if one])
        return states[before] if before else None, states[after] if after else None

    async def content(self, beside: Beside) -> Handover:
        """What it hands over: as it was frozen, or as it stands now. Raises NoSuchShift, Unavailable."""
        return await self._content(beside)

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _content(self, beside: Beside) -> Handover:
        return beside.shift.handover or await self._summaries.handover(beside.span())

    async def _streams(self, shift: ShiftId) -> tuple[Stream[Shift], Stream[Shift] | None, Stream[Shift] | None]:
        neighbours = await self._rota.neighbours(shift)
        before, after = (shift_stream(one) if one else None for one in (neighbours.before, neighbours.after))
        return shift_stream(shift), before, after

    async def _transact(self, shift: ShiftId, decide: Decide, command: Command) -> Done:
        streams = await self._streams(shift)
        stream, *others = streams

        async def changes(states: States) -> Changes:
            return {stream: await decide(_beside(streams, states))}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(MasterAnswer(shift, states.version(stream)))

        return await self._log.transact([stream], changes, command, answer, [one for one in others if one])

    async def _sealer(self, actor: Actor) -> Sealer:
        return await self._keyring.sealer(await self._keyring.subject(("agent", actor.id)))


def _beside(streams: Sequence[Stream[Any] | None], states: States) -> Beside:
    shift, before, after = streams
    assert shift is not None
    return Beside(states[shift], states[before] if before else None, states[after] if after else None)


def _question(item: str, words: str, sealer: Sealer) -> e.Question:
    return e.Question(item=item, words=sealer.seal("shift.handover_accepted.questions.words", words))
