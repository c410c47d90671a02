"""Timelines of cases straight from the log: of many cases by as many queries as merges are deep."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.clocks import POLICY_REGISTER, Timeline, merged_into, published, streams_of, timeline
from application.envelope import AsOf, Recorded, recorded_by
from domain.time.deadlines import DeadlinePolicy
from domain.time.timing import HEEDED
from projections.arrays import uuids
from projections.stretch import COLUMNS, Stored, recorded

_EVENTS = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE originator_id = ANY (%s) AND notification_id <= %s
    ORDER BY originator_id, originator_version"""  # noqa: S608  a constant
_OF_TWO = _EVENTS.replace("= ANY (%s)", "IN (%s, %s)")
"""The two streams of one case: planned once for all, where the plan for an array depends on its length."""
_REGISTER = """
    SELECT topic, state FROM log.events
    WHERE originator_id = %s AND notification_id <= %s ORDER BY originator_version"""
_EVERYTHING = 2**63 - 1


async def timelines(
    connection: AsyncConnection[Any], cases: Collection[UUID], upto: AsOf = None, *, heeded: bool = False
) -> dict[UUID, Timeline]:
    """The timeline of each case, up to a position or moment of recording; empty for an unknown one.

    heeded: only what clocks heed, up to the first of it that was recorded after the moment: the view of clocks knows no
    other moments.
    """
    histories: dict[UUID, list[Recorded]] = {}
    waiting = {stream for case in cases for stream in streams_of(case)}
    while waiting:
        histories |= await _histories(connection, waiting, upto, heeded=heeded)
        waiting = {into for stream in waiting for into in merged_into(histories[stream])} - histories.keys()
    return {case: timeline(case, histories) for case in cases}


async def _histories(
    connection: AsyncConnection[Any], streams: Collection[UUID], upto: AsOf, *, heeded: bool
) -> dict[UUID, list[Recorded]]:
    cursor, last = connection.cursor(binary=True), upto if isinstance(upto, int) else _EVERYTHING
    match [*streams]:
        case [one, other]:
            await cursor.execute(_OF_TWO, [one, other, last], prepare=True)
        case many:
            await cursor.execute(_EVENTS, [uuids(many), last], prepare=True)
    rows = map(Stored._make, await cursor.fetchall())
    events: Iterable[Recorded] = (recorded(row) for row in rows if not heeded or row.topic in HEEDED)
    if isinstance(upto, datetime):
        events = _prefixes(events, upto)
    found: dict[UUID, list[Recorded]] = {stream: [] for stream in streams}
    for event in events:
        found[event.stream].append(event)
    return found


def _prefixes(events: Iterable[Recorded], moment: datetime) -> Iterator[Recorded]:
    for _, history in groupby(events, attrgetter("stream")):
        yield from recorded_by(history, moment)


async def deadline_policies(connection: AsyncConnection[Any], upto: int = _EVERYTHING) -> tuple[DeadlinePolicy, ...]:
    """Every deadline policy that was in force or to come at a position."""
    rows = await connection.cursor(binary=True).execute(_REGISTER, [POLICY_REGISTER, upto])
    return published(tuple((topic, bytes(state)) for topic, state in await rows.fetchall()))
