"""Commands on what is kept on a person: erased by two people, restricted, held (A-3, A-4)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

import msgspec

from application.event_log import Changes, Command, Done, Log, States
from application.permissions import Action, permit
from application.sealing import Keyring, seal
from application.streams import subject_stream
from domain.kernel import Event, Unknown
from domain.subject import events as e
from domain.subject import subject as subjects
from domain.subject.retention import Matter, Schedule
from domain.subject.subject import Subject
from domain.subject.words import ErasureStatus, Grounds, RestrictedFor
from domain.values import Actor, AgentId, SubjectId, local_day

Decide = Callable[[Subject], list[Event]]
Effect = Callable[[SubjectId], Awaitable[None]]


class Keys(Keyring, Protocol):
    """The keyring, with what ends or suspends reading."""

    async def known(self, subject: SubjectId) -> bool:
        """Whether there is a person with this id who has not been erased."""
        ...

    async def part(self, subject: SubjectId) -> Sequence[bytes]:
        """Let nobody who comes be taken for this person any more; by what they were known."""
        ...

    async def rejoin(self, subject: SubjectId, known_by: Sequence[bytes]) -> None:
        """Let them be known again as before `part`; where somebody else is known so by now, not by that."""
        ...

    async def erase(self, subject: SubjectId) -> None:
        """Destroy a person's key, and with it who they were; again is nothing."""
        ...

    async def restrict(self, subject: SubjectId) -> None:
        """Let nobody open what is sealed for a person, though it is kept; again is nothing."""
        ...

    async def release(self, subject: SubjectId) -> None:
        """Let those open it again who may; nothing where it was not restricted."""
        ...


@dataclass(frozen=True, slots=True)
class Person:
    """About whom something is kept; `agent` is the employee number of staff."""

    subject: SubjectId
    agent: AgentId | None = None


class People(Protocol):
    """Knows what persons have here, as far as the log had come when it was asked."""

    async def staff(self, named: str) -> Person | None:
        """Who works or worked here, by employee number or by subject id; None where nobody is known so."""
        ...

    async def matters(self, person: Person, today: date) -> Sequence[Matter]:
        """Everything of the person's that goes on or has ended."""
        ...

    async def long_ended(self, before: datetime) -> Sequence[Person]:
        """Of whom nothing was recorded since, and nobody has asked for an erasure: who may be due."""
        ...

    async def events(self, subject: SubjectId) -> int:
        """How many stored events hold something that is sealed for the person."""
        ...

    async def forget(self, person: Person) -> None:
        """Delete what is kept for the person outside of the log: files, drafts, what lets in; again is nothing."""
        ...

    async def seen(self, position: int) -> None:
        """Wait, as long as reads do, until lists and search reflect a position."""
        ...


class NoSuchPerson(Unknown):
    """Nothing is kept on anybody under this id."""


@dataclass(frozen=True, slots=True)
class SubjectAnswer:
    """What a command on a person answers, and how they stand."""

    id: SubjectId
    version: int
    agent: AgentId | None
    erasure: ErasureStatus | None
    restricted: bool
    held: bool


class Subjects:
    """Every command on what is kept on persons. All raise Refusal for what a rule forbids, NoSuchPerson and LogError.

    A person is named by their subject id, staff also by their employee number.
    """

    def __init__(self, log: Log, keys: Keys, people: People, schedule: Schedule) -> None:
        self._log, self._keys, self._people, self._schedule = log, keys, people, schedule

    async def named(self, item: str) -> Person:
        """The person meant. Raises NoSuchPerson."""
        if "\x00" not in item and (staff := await self._people.staff(item)):
            return staff
        subject = _subject_id(item)
        if subject is None or not (await self._keys.known(subject) or (await self._state(subject))[1]):
            raise NoSuchPerson("nothing is kept on anybody under this id")
        return Person(subject)

    def stream(self, person: Person) -> UUID:
        """Under which id the decisions on a person stand in the log."""
        return subject_stream(person.subject).id

    async def known(self, item: str) -> bool:
        """Whether something is kept on somebody under this id."""
        try:
            await self.named(item)
        except NoSuchPerson:
            return False
        return True

    async def shown(self, item: str) -> SubjectAnswer:
        """How a person stands."""
        person = await self.named(item)
        return _answer(person, *await self._state(person.subject))

    # ---- erasing ----------------------------------------------------------------------------------------------------
    async def ask(self, item: str, grounds: Grounds, reason: str, actor: Actor, command: Command) -> Done:
        """A-3: ask for an erasure, if nothing stands against it."""
        permit(actor, Action.ASK_FOR_ERASURE)
        person = await self.named(item)
        requested = await self._sealed(e.ErasureRequested, person, reason, actor, grounds=grounds)
        against = await self._against(person, command)
        return await self._decide(person, lambda state: subjects.request(state, requested, *against), command)

    async def approve(self, item: str, actor: Actor, command: Command) -> Done:
        """A-4: decide that it is to be done."""
        permit(actor, Action.DECIDE_ERASURE)
        person = await self.named(item)
        against = await self._against(person, command)
        return await self._decide(person, lambda state: subjects.approve(state, actor.id, *against), command)

    async def reject(self, item: str, reason: str, actor: Actor, command: Command) -> Done:
        """Decide that it is not to be done."""
        permit(actor, Action.DECIDE_ERASURE)
        person = await self.named(item)
        sealer = await self._keys.sealer(person.subject)
        rejected = seal(e.ErasureRejected, {"reason": reason, "by": actor.id}, sealer)
        return await self._decide(person, lambda state: subjects.reject(state, rejected), command)

    async def confirm(self, item: str, actor: Actor, command: Command) -> Done:
        """A-4: agree as the second person; the key is destroyed, and lists and search show nothing any more.

        Whoever complains meanwhile is somebody new: what is said from now on is not sealed with that key.
        """
        permit(actor, Action.CONFIRM_ERASURE)
        person = await self.named(item)
        state, _ = await self._state(person.subject)
        subjects.confirm(state, actor.id, *await self._against(person, command))
        known_by = await self._keys.part(person.subject)
        try:
            # what came in until nobody was taken for this person any more stands against it
            against = await self._against(person, command)
            await self._decide(person, lambda state: subjects.confirm(state, actor.id, *against), command)
        except BaseException:
            await self._keys.rejoin(person.subject, known_by)
            raise
        return await self.finish(person, command)

    async def finish(self, person: Person, command: Command) -> Done:
        """Destroy the key of who is confirmed to be erased and say so; nothing for anybody else, and for who is erased.

        Until the key is destroyed nothing says so, and what says so is recorded by whoever comes next, should this
        process die in between; or once what came in at the very time of the confirmation is over.
        """
        events = await self._people.events(person.subject)
        matters = await self._people.matters(person, local_day(command.meta.at))

        async def destroyed(subject: SubjectId) -> None:
            await self._keys.erase(subject)
            await self._people.forget(person)

        done = await self._decide(
            person, lambda state: subjects.complete(state, events, matters), _following(command), effect=destroyed
        )
        await self._people.seen(done.position)
        return done

    async def due(self, person: Person, at: datetime) -> bool:
        """Whether everything of a person has stayed as long as it may, by the retention schedule."""
        today = local_day(at)
        return self._schedule.due(await self._people.matters(person, today), today)

    async def propose_due(self, commands: Callable[[], Command], actor: Actor) -> Sequence[Person]:
        """Ask for the erasure of everybody who is due; whom, with a command of its own each."""
        at = commands().meta.at
        since = at - timedelta(days=min(term.at_most_days for term in self._schedule.terms))
        found = [person for person in await self._people.long_ended(since) if await self.due(person, at)]
        for person in found:
            reason = f"kept as long as retention schedule {self._schedule.version} says"
            await self.ask(person.subject, Grounds.RETENTION_OVER, reason, actor, commands())
        return found

    # ---- restricting and holding ------------------------------------------------------------------------------------
    async def restrict(self, item: str, grounds: RestrictedFor, reason: str, actor: Actor, command: Command) -> Done:
        """A-3: let nobody read what is kept."""
        permit(actor, Action.RESTRICT)
        person = await self.named(item)
        restricted = await self._sealed(e.Restricted, person, reason, actor, grounds=grounds)
        return await self._at_once(
            person, lambda state: subjects.restrict(state, restricted), command, self._keys.restrict
        )

    async def release(self, item: str, reason: str, actor: Actor, command: Command) -> Done:
        """Let roles read again what they read before."""
        permit(actor, Action.RESTRICT)
        person = await self.named(item)
        released = await self._sealed(e.Released, person, reason, actor)
        return await self._at_once(person, lambda state: subjects.release(state, released), command, self._keys.release)

    async def hold(self, item: str, reason: str, actor: Actor, command: Command) -> Done:
        """Put a legal hold on what is kept."""
        permit(actor, Action.RESTRICT)
        person = await self.named(item)
        held = await self._sealed(e.Held, person, reason, actor)
        return await self._decide(person, lambda state: subjects.hold(state, held), command)

    async def lift_hold(self, item: str, reason: str, actor: Actor, command: Command) -> Done:
        """Lift the legal hold."""
        permit(actor, Action.RESTRICT)
        person = await self.named(item)
        sealer = await self._keys.sealer(person.subject)
        lifted = seal(e.HoldLifted, {"reason": reason, "by": actor.id}, sealer)
        return await self._decide(person, lambda state: subjects.lift_hold(state, lifted), command)

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _sealed(self, kind: Any, person: Person, reason: str, actor: Actor, **facts: object) -> Any:
        """One of the events that name the person, its reason sealed to them."""
        sealer = await self._keys.sealer(person.subject)
        told = {"subject": person.subject, "agent": person.agent, "reason": reason, "by": actor.id}
        return seal(kind, {**told, **facts}, sealer)

    async def _against(self, person: Person, command: Command) -> tuple[Sequence[Matter], Schedule, date]:
        """What may stand against an erasure on the local day of the command."""
        today = local_day(command.meta.at)
        return await self._people.matters(person, today), self._schedule, today

    async def _state(self, subject: SubjectId) -> tuple[Subject, int]:
        stream = subject_stream(subject)
        states = await self._log.states([stream])
        return states[stream], states.version(stream)

    async def _at_once(self, person: Person, decide: Decide, command: Command, effect: Effect) -> Done:
        """Decide, and wait until lists and search show it."""
        done = await self._decide(person, decide, command, effect=effect)
        await self._people.seen(done.position)
        return done

    async def _decide(self, person: Person, decide: Decide, command: Command, *, effect: Effect | None = None) -> Done:
        """Record what is decided; its effect on the key comes first, so that whoever hears of it finds it so."""
        stream = subject_stream(person.subject)

        async def changes(states: States) -> Changes:
            events = decide(states[stream])
            stale = command.match is not None and command.match.version != states.version(stream)
            if events and effect and not stale:
                await effect(person.subject)
            return {stream: events}

        def answer(states: States) -> bytes:
            return msgspec.json.encode(_answer(person, states[stream], states.version(stream)))

        return await self._log.transact([stream], changes, command, answer)


def _answer(person: Person, state: Subject, version: int) -> SubjectAnswer:
    return SubjectAnswer(person.subject, version, person.agent, state.status, state.restricted, state.held)


def _following(command: Command) -> Command:
    """The command that ends what another began: the same for ever, so that a repeat gets its answer again."""
    own = uuid5(command.meta.command_id, "erased")
    meta = replace(command.meta, command_id=own, causation_id=command.meta.command_id)
    return replace(command, meta=meta, keyed=True, match=None)


def _subject_id(item: str) -> SubjectId | None:
    try:
        return SubjectId(str(UUID(item)))
    except ValueError:
        return None
