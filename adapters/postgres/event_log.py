"""The log over PostgreSQL: `load`, `append` and `recall` for application.event_log.Log.

Commands share transactions: what is asked for while a query is under way goes into the next one (single_flight), one
loader and one committer in each process. A lock that is held over the commit ends PostgreSQL's own group commit, so
that only several commands in one transaction get past one flush of the disk for each.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from adapters.postgres.pool import Pool
from adapters.postgres.single_flight import SingleFlight
from application.event_log import Busy, CommandReused, Done, Log, Moved, Unavailable, Write
from application.wire import UNFOLDED
from projections.arrays import blobs, ints, longs, texts, uuids

CHANNEL = "log_events"
"""What log.append notifies when events were stored."""

LOAD_MOST = 32
"""Loads in one query: were it all that wait, the database would rest while all of them are decided on, and we while it
looks for all of them."""
LIMIT_S = 10.0
"""How long a statement may take with all its repetitions."""
PAUSE_S, PAUSE_MOST_S = 0.01, 0.5

# ReadOnlySqlTransaction: after a failover the connection leads to a server that takes no writes.
LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)

LOAD = """
    SELECT n, originator_version, topic, state
    FROM unnest(%b) WITH ORDINALITY AS wanted (id, n)
    CROSS JOIN LATERAL (SELECT max(originator_version) AS newest FROM log.events WHERE originator_id = id) AS head
    JOIN log.events ON originator_id = id
    WHERE topic <> ALL (%b) OR originator_version = newest
    UNION ALL
    SELECT -n, position, CASE WHEN c.fingerprint = sent.fingerprint THEN 'repeated' ELSE 'reused' END, answer
    FROM unnest(%b, %b) WITH ORDINALITY AS sent (id, fingerprint, n) JOIN log.commands AS c ON command_id = id
    WHERE recorded_at > now() - log.command_life()
    ORDER BY 1, 2"""
"""Streams by their numbers from 1, and commands that are known by theirs from -1.

Of events from which no state follows the newest alone, for the version: a case with hundreds of notes costs no more.
"""
APPEND = "SELECT outcome, answer, position FROM log.append(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b) ORDER BY n"

_UNFOLDED = texts(UNFOLDED)

Rows = list[tuple[Any, ...]]
Outcome = Done | Moved | CommandReused
Streams = Mapping[UUID, Sequence[StoredEvent]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Streams to load, and a command to recall beside them by its id and its fingerprint."""

    streams: Sequence[UUID]
    sent: tuple[UUID, bytes] | None = None


_Found = tuple[Done | None, Streams]


class PostgresLog(Log):
    """The log in PostgreSQL, over a pool made by `adapters.postgres.pool.log_pool` that its owner opens and closes.

    Whatever is lost with a connection is sent again: an append is told apart from its repetition by its command id.
    stored: hears what this process has stored, before anybody is answered.
    """

    def __init__(self, pool: Pool, stored: Callable[[Sequence[Write]], None] | None = None) -> None:
        super().__init__()
        self._pool = pool
        self._stored = stored or (lambda _: None)
        self._loader: SingleFlight[_Asked, _Found] = SingleFlight(self._find, LOAD_MOST)
        self._committer: SingleFlight[Write, Done] = SingleFlight(self._store)

    async def close(self) -> None:
        """Take in no more commands, and finish those that were taken in; before the pool is closed."""
        await self._committer.close()
        await self._loader.close()

    async def load(self, streams: Sequence[UUID]) -> Streams:
        """See Log.load. One query for all streams, and for all that is asked for at the same time."""
        return (await self._loader.submit(_Asked(streams)))[1]

    async def recall(self, command_id: UUID, fingerprint: bytes) -> Done | None:
        """See Log.recall. Commands older than 30 days are forgotten."""
        return (await self._loader.submit(_Asked((), (command_id, fingerprint))))[0]

    async def recall_and_load(
        self, command_id: UUID, fingerprint: bytes, streams: Sequence[UUID]
    ) -> tuple[Done | None, Streams]:
        """See Log.recall_and_load. Both by one query."""
        return await self._loader.submit(_Asked(streams, (command_id, fingerprint)))

    async def append(self, write: Write) -> Done:
        """See Log.append. Sent again when the connection is lost, for LIMIT_S at most, then Unavailable."""
        return await self._committer.submit(write)

    async def append_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """Store many commands in one transaction, each with all of its events or none; one outcome for each.

        Later commands see the streams as earlier ones leave them. Meant for chunks of about 2,000 events.
        Raises Busy and Unavailable; then all of them can be sent again.
        """
        rows, lost = await self._rows(APPEND, _parameters(writes))
        self._stored(writes)
        return [_outcome(write, row, lost=lost) for write, row in zip(writes, rows, strict=True)]

    async def _store(self, writes: Sequence[Write]) -> Sequence[Done | Exception]:
        """Store a batch. A value that the database refuses fails its own command, anything else all of them."""
        try:
            return await self.append_many(writes)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if len(writes) == 1:
                return [error]
            return [outcome for write in writes for outcome in await self._store([write])]

    async def _find(self, asked: Sequence[_Asked]) -> Sequence[_Found | Exception]:
        """Load what a batch asks for, each stream once."""
        numbers = {stream: n for n, stream in enumerate(dict.fromkeys(id_ for one in asked for id_ in one.streams), 1)}
        sent = [one.sent for one in asked if one.sent]
        ids, prints = uuids(command_id for command_id, _ in sent), blobs(fingerprint for _, fingerprint in sent)
        rows, _ = await self._rows(LOAD, [uuids(numbers), _UNFOLDED, ids, prints])
        found = {n: list(group) for n, group in groupby(rows, itemgetter(0))}
        loaded = {stream: [_stored(stream, row) for row in found.get(n, ())] for stream, n in numbers.items()}
        recalled = {command: found[-n][0][1:] for n, command in enumerate(sent, 1) if -n in found}
        return [_given(one, loaded, recalled) for one in asked]

    async def _rows(self, statement: LiteralString, parameters: Sequence[object]) -> tuple[Rows, bool]:
        """Return the rows, and whether an earlier attempt was lost, which may have been done all the same."""
        lost, pause = False, PAUSE_S
        try:
            async with asyncio.timeout(LIMIT_S):
                while True:
                    try:
                        return await self._execute(statement, parameters), lost
                    except (PoolTimeout, TooManyRequests) as error:
                        raise (_unavailable() if lost else Busy("too many commands are waiting: try again")) from error
                    except PoolClosed as error:
                        raise _unavailable() from error
                    except LOST:
                        lost = True
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, PAUSE_MOST_S)
        except TimeoutError as error:
            raise _unavailable() from error

    async def _execute(self, statement: LiteralString, parameters: Sequence[object]) -> Rows:
        async with self._pool.connection() as connection:
            try:
                cursor = connection.cursor(binary=True)
                await cursor.execute(statement, parameters, prepare=True)
                return await cursor.fetchall()
            except LOST:
                # whatever it leads to now, a new one may lead elsewhere: the pool replaces a closed one
                await connection.close()
                raise


def _parameters(writes: Sequence[Write]) -> list[bytes]:
    rows = [row for write in writes for row in write.rows]
    held = [one for write in writes for one in write.held]
    return [
        uuids(write.command_id for write in writes),
        blobs(write.fingerprint for write in writes),
        blobs(write.answer for write in writes),
        ints(len(write.rows) for write in writes),
        uuids(row.stream for row in rows),
        longs(row.version for row in rows),
        texts(row.topic for row in rows),
        blobs(row.state for row in rows),
        ints(len(write.held) for write in writes),
        uuids(stream for stream, _ in held),
        longs(version for _, version in held),
    ]


def _outcome(write: Write, row: tuple[Any, ...], *, lost: bool) -> Outcome:
    """Read an answer of log.append.

    A command that is found in the log after an attempt was lost is most likely that attempt, so it counts as stored
    now. Its answer is the stored one in any case.
    """
    match row:
        case "stored", _, position:
            return Done(write.answer, position)
        case "repeated", answer, position if lost:
            return Done(answer, position)
        case "conflict", _, _:
            return Moved()
        case _:
            try:
                return _known(row)
            except CommandReused as reused:
                return reused


def _stored(stream: UUID, row: tuple[Any, ...]) -> StoredEvent:
    _, version, topic, state = row
    return StoredEvent(stream, version, topic, state)


def _given(
    asked: _Asked, loaded: Mapping[UUID, Sequence[StoredEvent]], recalled: Mapping[tuple[UUID, bytes], tuple[Any, ...]]
) -> _Found | CommandReused:
    """What one of a batch has asked for."""
    streams = {stream: loaded[stream] for stream in asked.streams}
    if asked.sent is None or asked.sent not in recalled:
        return None, streams
    position, outcome, answer = recalled[asked.sent]
    try:
        return _known((outcome, answer, position)), streams
    except CommandReused as reused:
        return reused


def _known(row: tuple[Any, ...]) -> Done:
    outcome, answer, position = row
    if outcome == "reused":
        raise CommandReused("this idempotency key was used for another request: choose a new one")
    return Done(answer, position, repeated=True)


def _unavailable() -> Unavailable:
    return Unavailable("the log did not answer in time: send the command again with the same key")
