"""How far each view has come: its row in `read.tracking`, written with its rows, and what made it stop.

The position a view stands at changes only in the transaction that writes its rows, under the lock of its tracking row:
that row, not the election of a runner, is what makes every event count exactly once.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from application import wire
from projections.arrays import texts
from projections.view import Cursor, View

ADVANCED = "read_advanced"
"""The channel on which views tell their new position: `position view view …`."""
END = (1 << 63) - 1
LAG_COUNTED = 100_000
"""Lag is counted up to here: nobody needs to know it more exactly."""

_FAILURES = """
    CREATE TABLE IF NOT EXISTS read.failures (
        view text PRIMARY KEY, position bigint NOT NULL, error text NOT NULL, at timestamptz NOT NULL DEFAULT now())"""
_BEGIN = """
    INSERT INTO read.tracking (application_name, notification_id) SELECT unnest(%s::text[]), 0 ON CONFLICT DO NOTHING"""
_STANDING = """
    SELECT application_name, notification_id FROM read.tracking t
    WHERE application_name = ANY (%s) AND NOT EXISTS (SELECT FROM read.failures f WHERE f.view = t.application_name)"""
_HOLD = """
    SELECT application_name FROM read.tracking
    WHERE application_name = ANY (%s) AND notification_id = %s FOR UPDATE SKIP LOCKED"""
_ADVANCE = """
    WITH moved AS (UPDATE read.tracking SET notification_id = %(upto)s WHERE application_name = ANY (%(names)s))
    SELECT pg_notify(%(channel)s, %(told)s)"""
_FAIL = """
    INSERT INTO read.failures (view, position, error) VALUES (%s, %s, %s)
    ON CONFLICT (view) DO UPDATE SET position = excluded.position, error = excluded.error, at = excluded.at"""
_STATUS = f"""
    SELECT name, coalesce(notification_id, 0), (SELECT coalesce(max(notification_id), 0) FROM log.events),
        (SELECT count(*) FROM (SELECT FROM log.events e WHERE e.notification_id > coalesce(t.notification_id, 0)
                               LIMIT {LAG_COUNTED}) behind),
        first.topic, first.state,
        position, error, at
    FROM unnest(%s::text[]) name LEFT JOIN read.tracking t ON application_name = name
    LEFT JOIN read.failures f ON f.view = name
    LEFT JOIN LATERAL (SELECT topic, state FROM log.events e WHERE e.notification_id > coalesce(t.notification_id, 0)
                       ORDER BY e.notification_id LIMIT 1) AS first ON true
    ORDER BY name"""  # noqa: S608  a constant

# As pg_try_advisory_lock(hashtext(…)) is shown: the upper half of the number, its sign, in classid.
_LED = """
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = hashtext(%s)::bigint"""


@dataclass(frozen=True, slots=True)
class Failure:
    """The event at which a view stopped, and why."""

    position: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ViewStatus:
    """Where a view stands; `lag_events` is counted up to LAG_COUNTED, `failed` is None while it goes on.

    waiting_since: when the first event it has not taken in was recorded; None without one, or one that says no time.
    """

    view: str
    position: int
    head: int
    lag_events: int
    failed: Failure | None
    waiting_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rearmost:
    """The views that stand furthest behind, at one position; `upto` is where the next ones stand."""

    names: frozenset[str]
    position: int
    upto: int


def names(views: Collection[View]) -> list[str]:
    """The names of views."""
    return [view.name for view in views]


async def prepare(connection: AsyncConnection[Any], views: Sequence[View]) -> None:
    """Make the tables that are missing, and begin to track new views. May be run at any time, by several at once."""
    async with connection.transaction():
        # two CREATE TABLE IF NOT EXISTS of one table at once: one of them would fail
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('read.prepare'))")
        await connection.execute(_FAILURES)
        for view in views:
            await connection.execute(view.create.encode())
        await begin(connection, names(views))


async def begin(connection: AsyncConnection[Any], workers: Collection[str]) -> None:
    """Begin to track views, or others who follow the log, that are not tracked yet."""
    await connection.execute(_BEGIN, [list(workers)])


async def rearmost(connection: AsyncConnection[Any], among: Collection[str]) -> Rearmost | None:
    """Of the views that have not failed, those furthest behind; None when there are none."""
    rows = await (await connection.execute(_STANDING, [texts(among)])).fetchall()
    if not rows:
        return None
    position = min(at for _, at in rows)
    upto = min((at for _, at in rows if at > position), default=END)
    return Rearmost(frozenset(name for name, at in rows if at == position), position, upto)


async def hold(cursor: Cursor, views: Collection[str], position: int) -> set[str]:
    """Lock, until the transaction ends, those views that stand at the position and that nobody else holds."""
    await cursor.execute(_HOLD, (texts(views), position))
    return {name for (name,) in await cursor.fetchall()}


async def advance(cursor: Cursor, views: Collection[str], upto: int) -> None:
    """Put held views forward, and tell those who wait when the transaction commits."""
    told = f"{upto} {' '.join(views)}"
    await cursor.execute(_ADVANCE, {"upto": upto, "names": texts(views), "channel": ADVANCED, "told": told})


async def fail(connection: AsyncConnection[Any], view: str, position: int, error: str) -> None:
    """Note at which event a view stopped."""
    await connection.execute(_FAIL, (view, position, error))


async def forgive(connection: AsyncConnection[Any], views: Collection[str]) -> None:
    """Let failed views try again."""
    await connection.execute("DELETE FROM read.failures WHERE view = ANY (%s)", [list(views)])


async def failed(connection: AsyncConnection[Any], view: str) -> bool:
    """Whether a view has stopped before an event."""
    found = await connection.execute("SELECT FROM read.failures WHERE view = %s", [view])
    return await found.fetchone() is not None


async def head(connection: AsyncConnection[Any]) -> int:
    """The last position of the log."""
    row = await (await connection.execute("SELECT coalesce(max(notification_id), 0) FROM log.events")).fetchone()
    return int(row[0]) if row else 0


async def positions(connection: AsyncConnection[Any]) -> dict[str, int]:
    """The position of every view."""
    rows = await connection.execute("SELECT application_name, notification_id FROM read.tracking")
    return dict(await rows.fetchall())


async def led(connection: AsyncConnection[Any], worker: str) -> bool:
    """Whether somebody does the work of a worker (projections.electing) on this database now."""
    found = await connection.execute(_LED, [worker])
    return await found.fetchone() is not None


async def status(connection: AsyncConnection[Any], workers: Collection[str]) -> list[ViewStatus]:
    """Where each view, or other follower of the log, stands, for readiness."""
    rows = await connection.execute(_STATUS, [list(workers)])
    return [
        ViewStatus(name, position, head, lag, Failure(*failure) if failure[0] is not None else None, _at(topic, state))
        for name, position, head, lag, topic, state, *failure in await rows.fetchall()
    ]


def _at(topic: str | None, state: bytes | None) -> datetime | None:
    """When an event was recorded, as far as it can be read: one that cannot must not hide where the views stand."""
    if topic is None or state is None:
        return None
    try:
        return wire.decode(topic, state)[1].at
    except wire.Unreadable:
        return None
