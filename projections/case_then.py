"""The inbox as it stood: what has not changed since stands as it is, the rest is folded anew from the log."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL

from application import wire
from application.envelope import Recorded, recorded_by
from projections.case_inbox import CASES, CaseRow, rows_of
from projections.clocks import CASES as CLOCKS
from projections.clocks import CaseClocks, row_of, standing_of
from projections.stretch import COLUMNS, Stored, recorded
from projections.timelines import deadline_policies, timelines
from projections.view import table

Then = int | datetime
"""A position of the log, or a moment of recording."""
CHUNK = 500
"""Cases whose histories are held at once: as many as keep neither the memory nor the event loop for long."""

_CHANGED = {
    int: SQL("SELECT id FROM {} WHERE position > {}"),
    datetime: SQL("SELECT id FROM {} WHERE last_at > {}"),
}
_EVENTS = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE originator_id = ANY (%s) AND notification_id <= %s
    ORDER BY originator_id, originator_version"""  # noqa: S608  a constant
_LAST = "SELECT topic, state FROM log.events WHERE notification_id <= %s ORDER BY notification_id DESC LIMIT 1"
_EVERYTHING = 2**63 - 1


@asynccontextmanager
async def one_look(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Answer all that is asked within as of one moment: a case that changes meanwhile neither vanishes nor doubles."""
    async with connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


async def rows_then(connection: AsyncConnection[Any], then: Then) -> list[CaseRow]:
    """The rows, as they were, of the cases that have changed since; its cost grows with their number.

    To be called within `one_look`: their histories are read one part of the cases after the other.
    """
    rows: list[CaseRow] = []
    async for cases in _changed(connection, CASES.name, then):
        rows += rows_of(await _histories(connection, cases, then)).values()
    return rows


async def clocks_then(connection: AsyncConnection[Any], then: Then) -> list[CaseClocks]:
    """The same of the clocks of cases; also of those that have changed since by what was done elsewhere."""
    policies, rows = await deadline_policies(connection), list[CaseClocks]()
    async for cases in _changed(connection, CLOCKS.name, then):
        found = await timelines(connection, cases, then, heeded=True)
        rows += [row_of(standing_of(case, one, policies)) for case, one in found.items() if one.recorded]
    return rows


async def _changed(connection: AsyncConnection[Any], name: str, then: Then) -> AsyncIterator[list[UUID]]:
    changed = await connection.execute(_CHANGED[type(then)].format(table(name), then))
    cases = [case for (case,) in await changed.fetchall()]
    for begin in range(0, len(cases), CHUNK):
        yield cases[begin : begin + CHUNK]


async def _histories(connection: AsyncConnection[Any], cases: Sequence[UUID], then: Then) -> list[Recorded]:
    cursor = connection.cursor(binary=True)
    await cursor.execute(_EVENTS, [cases, then if isinstance(then, int) else _EVERYTHING])
    events = [recorded(Stored._make(row)) for row in await cursor.fetchall()]
    return list(_prefixes(events, then)) if isinstance(then, datetime) else events


def _prefixes(events: Sequence[Recorded], moment: datetime) -> Iterator[Recorded]:
    for _, history in groupby(events, attrgetter("stream")):
        yield from recorded_by(history, moment)


async def moment_of(connection: AsyncConnection[Any], then: Then) -> datetime | None:
    """When that was: against it terms are overdue. None for a position before the first event."""
    if isinstance(then, datetime):
        return then
    last = await (await connection.execute(_LAST, [then])).fetchone()
    return wire.decode(*last)[1].at if last else None
