"""Make views anew from the log: emptied and replayed in one transaction, so readers see the old rows until the end.

Rows are deleted, not truncated: TRUNCATE would lock every reader out for as long as the replay takes. The live runner
leaves a view alone whose tracking row is held here, and takes over where the replay ended.
"""

from collections.abc import Callable, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL

from application.sealing import Keyring
from projections import tracking
from projections.stretch import COLUMNS, Stored, read
from projections.view import View, table

CHUNK = 20_000
Progress = Callable[[int, int], None]
"""Told (done, total) in positions of the log."""

_HOLD = "SELECT FROM read.tracking WHERE application_name = ANY (%s) ORDER BY application_name FOR UPDATE"
_REPLAY = f"SELECT {COLUMNS} FROM log.events ORDER BY notification_id"  # noqa: S608  a constant


async def rebuild(
    dsn: str, keyring: Keyring, views: Sequence[View], progress: Progress = lambda _done, _total: None
) -> None:
    """Rebuild views together, in one pass over the log; when an event cannot be taken in, all stays as it was."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        await tracking.prepare(connection, views)
        async with connection.transaction():
            await connection.execute(_HOLD, [tracking.names(views)])
            await _empty(connection, views)
            reached = await _replay(connection, keyring, views, progress)
            await tracking.forgive(connection, tracking.names(views))
            await tracking.advance(connection.cursor(), tracking.names(views), reached)
        for view in views:
            for name in view.tables:
                await connection.execute(SQL("VACUUM (ANALYZE) {}").format(table(name)))


async def _empty(connection: AsyncConnection[Any], views: Sequence[View]) -> None:
    for view in views:
        for name in view.tables:
            await connection.execute(SQL("DELETE FROM {}").format(table(name)))


async def _replay(connection: AsyncConnection[Any], keyring: Keyring, views: Sequence[View], progress: Progress) -> int:
    """The position of the last event."""
    reached, head = 0, await _head(connection)
    async with connection.cursor("replay", binary=True) as reading:
        await reading.execute(_REPLAY)
        while chunk := await reading.fetchmany(CHUNK):
            stored = [Stored._make(row) for row in chunk]
            await (await read(stored, views, keyring)).write(connection, views)
            reached = stored[-1].position
            progress(reached, max(reached, head))
    return reached


async def _head(connection: AsyncConnection[Any]) -> int:
    rows = await connection.execute("SELECT coalesce(max(notification_id), 0) FROM log.events")
    (head,) = await rows.fetchone() or (0,)
    return int(head)
