"""The log over PostgreSQL: `load`, `append` and `recall` for application.event_log.Log."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from adapters.postgres.arrays import blobs, ints, longs, texts, uuids
from adapters.postgres.pool import Pool
from application.event_log import Busy, CommandReused, Done, Log, Moved, Unavailable, Write

CHANNEL = "log_events"
"""What log.append notifies when events were stored."""

LIMIT_S = 10.0
"""How long a statement may take with all its repetitions."""
PAUSE_S, PAUSE_MOST_S = 0.01, 0.5

# ReadOnlySqlTransaction: after a failover the connection leads to a server that takes no writes.
LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)

LOAD = """
    SELECT n, originator_version, topic, state
    FROM unnest(%b) WITH ORDINALITY AS wanted (id, n) JOIN log.events ON originator_id = id
    ORDER BY n, originator_version"""
APPEND = "SELECT outcome, answer, position FROM log.append(%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b) ORDER BY n"
RECALL = """
    SELECT CASE WHEN fingerprint = %b THEN 'repeated' ELSE 'reused' END, answer, position FROM log.commands
    WHERE command_id = %b AND recorded_at > now() - log.command_life()"""

Rows = list[tuple[Any, ...]]
Outcome = Done | Moved | CommandReused


class PostgresLog(Log):
    """The log in PostgreSQL, over a pool made by `adapters.postgres.pool.log_pool` that its owner opens and closes.

    Whatever is lost with a connection is sent again: an append is told apart from its repetition by its command id.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    async def load(self, streams: Sequence[UUID]) -> Mapping[UUID, Sequence[StoredEvent]]:
        """See Log.load. One query for all streams."""
        wanted = list(dict.fromkeys(streams))
        found: dict[UUID, list[StoredEvent]] = {stream: [] for stream in wanted}
        rows, _ = await self._rows(LOAD, [uuids(wanted)])
        for n, version, topic, state in rows:
            stream = wanted[n - 1]
            found[stream].append(StoredEvent(stream, version, topic, state))
        return found

    async def append(self, write: Write) -> Done:
        """See Log.append. Sent again when the connection is lost, for LIMIT_S at most, then Unavailable."""
        [outcome] = await self.append_many([write])
        if isinstance(outcome, Done):
            return outcome
        raise outcome

    async def append_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """Store many commands in one transaction, each with all of its events or none; one outcome for each.

        Later commands see the streams as earlier ones leave them. Meant for chunks of about 2,000 events.
        Raises Busy and Unavailable; then all of them can be sent again.
        """
        rows, lost = await self._rows(APPEND, _parameters(writes))
        return [_outcome(write, row, lost=lost) for write, row in zip(writes, rows, strict=True)]

    async def recall(self, command_id: UUID, fingerprint: bytes) -> Done | None:
        """See Log.recall. Commands older than 30 days are forgotten."""
        rows, _ = await self._rows(RECALL, [fingerprint, command_id])
        return _known(rows[0]) if rows else None

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


def _known(row: tuple[Any, ...]) -> Done:
    outcome, answer, position = row
    if outcome == "reused":
        raise CommandReused("this idempotency key was used for another request: choose a new one")
    return Done(answer, position, repeated=True)


def _unavailable() -> Unavailable:
    return Unavailable("the log did not answer in time: send the command again with the same key")
