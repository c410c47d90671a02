"""The one way into the log: load streams, decide, append; and what can go wrong on it.

    LogError ─┬─ Stale                 412  another command was faster than the If-Match version
              ├─ MatchRequired         428  this command needs If-Match
              ├─ Conflict              409  others kept writing the same stream
              ├─ CommandReused         422  the idempotency key belongs to another request
              ├─ InProgress            409  the same command is still running
              ├─ Busy                  503  the queue is full
              └─ Unavailable           503  no answer in time; send the command again with the same key

`Log.transact` is the same over every store; a store brings `load`, `append` and `recall`. MemoryLog is the twin for
tests, over the library's own in-memory recorder.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.popo import POPOApplicationRecorder

from application import wire
from application.envelope import Meta, Recorded
from domain.kernel import Decider, Event, Refusal

S = TypeVar("S")

TRIES = 3
"""How often a command without If-Match is decided when others write the same stream."""


class LogError(Exception):
    """What the log answers instead of recording; `status` and `code` are those of the HTTP answer."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"

    def __init__(self, detail: str, *, version: int | None = None) -> None:
        super().__init__(detail)
        self.version = version


class Stale(LogError):
    """Another command was faster than the version named in If-Match."""

    status = 412
    code = "stale"


class MatchRequired(LogError):
    """This command needs If-Match with the version it was decided on."""

    status = 428
    code = "match_required"


class Conflict(LogError):
    """Others kept writing the same stream."""


class CommandReused(LogError):
    """The idempotency key was used for another request."""

    status = 422
    code = "idempotency_key_reused"


class InProgress(LogError):
    """The same command is still running."""

    code = "in_progress"


class Unavailable(LogError):
    """No answer in time; nothing is known to be lost: send the command again with the same key."""

    status = 503
    code = "unavailable"


class Busy(Unavailable):
    """Too many commands are waiting."""

    code = "busy"


@dataclass(frozen=True, slots=True)
class Stream(Generic[S]):
    """One aggregate's stream: its id, and how it is folded."""

    id: UUID
    decider: Decider[S]


@dataclass(frozen=True, slots=True)
class Match:
    """The If-Match of a command: the version of its resource, None when it is needed and was not sent.

    of: how the resource's version follows from the states, where it is not the number of events in the first stream.
    """

    version: int | None
    of: "Callable[[States], int] | None" = None


@dataclass(frozen=True, slots=True)
class Command:
    """What is common to all commands.

    fingerprint: keyed hash over what was asked (at most 32 bytes), so that a reused key is told from a repeat.
    keyed: the caller sent an idempotency key, so the command may have been done before.
    """

    meta: Meta
    fingerprint: bytes
    keyed: bool = False
    match: Match | None = None


class States:
    """The states of the streams a command has loaded, and their versions; `stored`: all of them as they are stored."""

    def __init__(
        self, folded: Mapping[UUID, tuple[int, Any]], stored: Mapping[UUID, Sequence[StoredEvent]] | None = None
    ) -> None:
        self._folded, self.stored = dict(folded), stored or {}

    def __getitem__(self, stream: Stream[S]) -> S:
        return cast("S", self._folded[stream.id][1])

    def version(self, stream: Stream[Any]) -> int:
        """The number of events in the stream."""
        return self._folded[stream.id][0]

    def include(self, others: "States") -> None:
        """Take in streams that a decision found it needs, as they were loaded."""
        self._folded = others._folded | self._folded  # noqa: SLF001  of its own kind

    def after(self, changes: "Changes") -> "States":
        """The states once the changes are recorded."""
        folded = dict(self._folded)
        for stream, events in changes.items():
            version, state = folded[stream.id]
            for event in events:
                state = stream.decider.evolve(state, event)
            folded[stream.id] = (version + len(events), state)
        return States(folded, self.stored)


Changes = Mapping[Stream[Any], Sequence[Event]]
"""The new events of each stream; streams without any may be left out."""
Decide = Callable[[States], Awaitable[Changes]]
Answer = Callable[[States], bytes]
"""Makes the answer, stored with the command so that a repeat gets the same one."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event about to be stored."""

    stream: UUID
    version: int
    topic: str
    state: bytes


@dataclass(frozen=True, slots=True)
class Write:
    """One command's events about to be stored: all or none.

    held: other streams with the versions they were read at; when one has moved, nothing is stored either.
    """

    command_id: UUID
    fingerprint: bytes
    answer: bytes
    rows: Sequence[Row]
    held: Sequence[tuple[UUID, int]] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A command that is in the log: its answer, the position of its last event, and whether it was there before.

    A command without events has the position the log had then.
    """

    answer: bytes
    position: int
    repeated: bool = False


class Moved(Exception):
    """One of the streams has moved on since it was loaded; nothing was stored."""


class Log(ABC):
    """The one log with its one order (architecture part 3)."""

    def __init__(self) -> None:
        self._running: set[UUID] = set()

    @abstractmethod
    async def load(self, streams: Sequence[UUID]) -> Mapping[UUID, Sequence[StoredEvent]]:
        """The stored events of each stream, oldest first; unknown streams have none.

        All from which its state follows, and the newest; the others (wire.UNFOLDED) may be left out.
        """

    @abstractmethod
    async def append(self, write: Write) -> Done:
        """Store a command's events, or none of them. Raises Moved, CommandReused, Busy, Unavailable."""

    async def append_many(self, writes: Sequence[Write]) -> list["Done | Moved | CommandReused"]:
        """Store many commands, each with all of its events or none; one outcome for each. Raises Busy, Unavailable."""
        return [await self._outcome(write) for write in writes]

    async def _outcome(self, write: Write) -> "Done | Moved | CommandReused":
        try:
            return await self.append(write)
        except (Moved, CommandReused) as outcome:
            return outcome

    @abstractmethod
    async def recall(self, command_id: UUID, fingerprint: bytes) -> Done | None:
        """What this command was answered when it was recorded. Raises CommandReused."""

    async def recall_and_load(
        self, command_id: UUID, fingerprint: bytes, streams: Sequence[UUID]
    ) -> tuple[Done | None, Mapping[UUID, Sequence[StoredEvent]]]:
        """What the command was answered when it was recorded, and the streams as `load` gives them."""
        return await self.recall(command_id, fingerprint), await self.load(streams)

    async def states(self, streams: Sequence[Stream[Any]]) -> States:
        """Load and fold streams without deciding anything."""
        return _folded(streams, await self.load([stream.id for stream in streams]))

    async def transact(
        self,
        streams: Sequence[Stream[Any]],
        decide: Decide,
        command: Command,
        answer: Answer = lambda _: b"{}",
        held: Sequence[Stream[Any]] = (),
        read: Sequence[UUID] = (),
    ) -> Done:
        """Load the streams, decide, append the outcome in one transaction: the only way in.

        What was read of the `held` streams is still so when the outcome is stored. The `read` ones are loaded along,
        for the decision to find in `States.stored`. The first stream is the one If-Match speaks of. A command with
        If-Match is never decided on another version of it: a lost race is Stale. It is decided at most TRIES times,
        then Conflict. A repeated command gets its first answer. Raises what `decide` raises (Refusal) and every
        LogError.
        """
        command_id = command.meta.command_id
        if command_id in self._running:
            raise InProgress("the same request is still running: ask again in a moment")
        self._running.add(command_id)
        try:
            return await self._decide_and_append(streams, decide, command, answer, held, read)
        except (Refusal, Stale, MatchRequired, Conflict):
            # perhaps because of this very command, recorded by another process in the meantime
            if command.keyed and (done := await self.recall(command_id, command.fingerprint)):
                return done
            raise
        finally:
            self._running.discard(command_id)

    async def _begin(
        self, streams: Sequence[Stream[Any]], read: Sequence[UUID], command: Command
    ) -> tuple[Done | None, States]:
        """What a keyed command was answered before, and the states it is decided on."""
        ids = [*(stream.id for stream in streams), *read]
        if not command.keyed:
            return None, _folded(streams, await self.load(ids))
        done, stored = await self.recall_and_load(command.meta.command_id, command.fingerprint, ids)
        return done, _folded([] if done else streams, stored)

    async def _decide_and_append(
        self,
        streams: Sequence[Stream[Any]],
        decide: Decide,
        command: Command,
        answer: Answer,
        held: Sequence[Stream[Any]],
        read: Sequence[UUID],
    ) -> Done:
        version = 0
        for _ in range(TRIES):
            done, states = await self._begin([*streams, *held], read, command)
            if done:
                return done
            changes = await _decided(states, streams[0], decide, command)
            write = write_of(states, changes, command, answer, held)
            try:
                return await self.append(write)
            except Moved:
                version = _resource_version(await self.states(streams[:1]), streams[0], command.match)
                if command.match and command.match.version != version:
                    raise Stale("another command was faster: load the resource again", version=version) from None
        raise Conflict("others keep changing this resource: load it again", version=version)


def _folded(streams: Sequence[Stream[Any]], stored: Mapping[UUID, Sequence[StoredEvent]]) -> States:
    return States({stream.id: _fold(stream, stored.get(stream.id, ())) for stream in streams}, stored)


def _fold(stream: Stream[S], stored: Sequence[StoredEvent]) -> tuple[int, S]:
    folded = (event for event in stored if event.topic not in wire.UNFOLDED)
    state = stream.decider.fold(wire.decode_event(event.topic, event.state) for event in folded)
    return stored[-1].originator_version if stored else 0, state


async def _decided(states: States, first: Stream[Any], decide: Decide, command: Command) -> Changes:
    """The decision, or the refusal the contract puts first: 403, 404, 422, then 428, 412, then 409."""
    try:
        changes = await decide(states)
    except Refusal as refusal:
        if refusal.status == Refusal.status:
            _check_match(states, first, command.match)
            refusal.version = _resource_version(states, first, command.match)
        raise
    _check_match(states, first, command.match)
    return changes


def _check_match(states: States, first: Stream[Any], match: Match | None) -> None:
    if match is None:
        return
    version = _resource_version(states, first, match)
    if match.version is None:
        raise MatchRequired('send If-Match: "v<version>" with the version you have seen', version=version)
    if match.version != version:
        raise Stale(f"the resource is at version {version}: load it again", version=version)


def _resource_version(states: States, first: Stream[Any], match: Match | None) -> int:
    return match.of(states) if match and match.of else states.version(first)


def write_of(
    states: States, changes: Changes, command: Command, answer: Answer, held: Sequence[Stream[Any]] = ()
) -> Write:
    """What is stored of a decided command: its events at the versions that follow, and its answer."""
    meta = wire.encode_meta(command.meta)
    rows = [
        Row(stream.id, version, event.topic, wire.encode(event, meta))
        for stream, events in changes.items()
        for version, event in enumerate(events, states.version(stream) + 1)
    ]
    written = {row.stream for row in rows}
    kept = [(stream.id, states.version(stream)) for stream in held if stream.id not in written]
    return Write(command.meta.command_id, command.fingerprint, answer(states.after(changes)), rows, kept)


@dataclass
class _Known:
    fingerprint: bytes
    done: Done


@dataclass
class _Memory:
    recorder: POPOApplicationRecorder = field(default_factory=POPOApplicationRecorder)
    commands: dict[UUID, _Known] = field(default_factory=dict)


class MemoryLog(Log):
    """The log in memory: the same promises, nothing kept."""

    def __init__(self) -> None:
        super().__init__()
        self._memory = _Memory()

    async def load(self, streams: Sequence[UUID]) -> Mapping[UUID, Sequence[StoredEvent]]:
        """See Log.load."""
        return {stream: self._memory.recorder.select_events(stream) for stream in streams}

    async def append(self, write: Write) -> Done:
        """See Log.append."""
        if done := await self.recall(write.command_id, write.fingerprint):
            return done
        if not self._follows(write.rows) or any(self._head(stream) != version for stream, version in write.held):
            raise Moved
        events = [StoredEvent(row.stream, row.version, row.topic, row.state) for row in write.rows]
        positions = self._memory.recorder.insert_events(events) or [self._memory.recorder.max_notification_id() or 0]
        done = Done(write.answer, positions[-1])
        self._memory.commands[write.command_id] = _Known(write.fingerprint, done)
        return done

    async def recall(self, command_id: UUID, fingerprint: bytes) -> Done | None:
        """See Log.recall."""
        known = self._memory.commands.get(command_id)
        if known is None:
            return None
        if known.fingerprint != fingerprint:
            raise CommandReused("this idempotency key was used for another request: choose a new one")
        return Done(known.done.answer, known.done.position, repeated=True)

    def recorded(self) -> Iterable[Recorded]:
        """Every event in the one order."""
        for stored in self._memory.recorder.select_notifications(start=None, limit=1 << 30):
            event, meta = wire.decode(stored.topic, stored.state)
            yield Recorded(stored.id, UUID(str(stored.originator_id)), stored.originator_version, event, meta)

    def _follows(self, rows: Sequence[Row]) -> bool:
        """Whether every row is the next of its stream."""
        heads: dict[UUID, int] = {}
        for row in rows:
            head = heads.get(row.stream, self._head(row.stream))
            if row.version != head + 1:
                return False
            heads[row.stream] = row.version
        return True

    def _head(self, stream: UUID) -> int:
        return len(self._memory.recorder.select_events(stream))
