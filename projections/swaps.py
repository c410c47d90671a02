"""Swaps of shifts: one row each, by how far it has come (S-5)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from domain.kernel import Event
from domain.swap import events as e
from domain.swap.swap import SwapStatus
from domain.values import AgentId
from projections.stretch import COLUMNS, Stored, recorded
from projections.view import Cursor, Page, Rows, View


@dataclass(slots=True, kw_only=True)
class SwapRow:
    """A swap; month: of the shift given away. decided_by: the supervisor."""

    id: UUID
    version: int
    position: int
    recorded: int
    shift: UUID
    away: AgentId
    to_agent: AgentId
    in_return: UUID | None
    month: str
    status: SwapStatus
    decided_by: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapFilters:
    """What a list of swaps asks for; None asks for everything. agent: whom a swap concerns."""

    status: SwapStatus | None = None
    agent: AgentId | None = None


_ROWS = Rows("read.swaps_1", SwapRow)


class SwapsView(View):
    """One row per swap."""

    name = "swaps_1"
    topics = ("swap.requested", "swap.granted", "swap.refused")
    tables = ("read.swaps_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.swaps_1 (
            id uuid PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, recorded bigint NOT NULL,
            shift uuid NOT NULL, away text NOT NULL, to_agent text NOT NULL, in_return uuid, month text NOT NULL,
            status text NOT NULL, decided_by text
        );
        CREATE INDEX IF NOT EXISTS swaps_1_list ON read.swaps_1 (recorded);
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        rows = await _ROWS.load(cursor, {one.stream for one in events})
        for one in events:
            if isinstance(one.event, e.Requested):
                rows[one.stream] = _requested(one, one.event)
            _changed(rows[one.stream], one)
        await _ROWS.upsert(cursor, rows.values())


def _requested(one: Recorded, event: e.Requested) -> SwapRow:
    return SwapRow(
        id=one.stream,
        version=one.version,
        position=one.position,
        recorded=one.position,
        shift=UUID(event.shift),
        away=event.away,
        to_agent=event.to,
        in_return=UUID(event.in_return) if event.in_return else None,
        month=str(event.month),
        status=SwapStatus.REQUESTED,
    )


def _changed(row: SwapRow, one: Recorded) -> None:
    row.version, row.position = one.version, one.position
    match one.event:
        case e.Granted(by=by):
            row.status, row.decided_by = SwapStatus.GRANTED, by
        case e.Refused(by=by):
            row.status, row.decided_by = SwapStatus.REFUSED, by


_PAGE = """
    SELECT to_json(t)::text FROM read.swaps_1 t
    WHERE (%(status)s::text IS NULL OR status = %(status)s)
        AND (%(agent)s::text IS NULL OR %(agent)s IN (away, to_agent))
        AND (%(after)s::bigint IS NULL OR recorded < %(after)s)
    ORDER BY recorded DESC LIMIT %(limit)s"""


async def swaps(
    connection: AsyncConnection[Any], filters: SwapFilters, after: int | None = None, limit: int = 50
) -> Page[SwapRow]:
    """A page of swaps, the last asked for first; `next` is the position of the last one's first event."""
    asked = {"status": filters.status, "agent": filters.agent, "after": after, "limit": limit + 1}
    found = await (await connection.execute(_PAGE, asked)).fetchall()
    items = [_ROWS.decode(row) for (row,) in found[:limit]]
    return Page(items, str(items[-1].recorded) if len(found) > limit else None)


_SAID = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE originator_id = ANY (%s) ORDER BY originator_id, originator_version"""  # noqa: S608  a constant


async def swap_events(connection: AsyncConnection[Any], swaps: Collection[UUID]) -> Mapping[UUID, Sequence[Event]]:
    """The events of swaps, each swap's in their order: the reasons stand in them alone."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_SAID.encode(), [list(swaps)], prepare=True)
    found: dict[UUID, list[Event]] = {swap: [] for swap in swaps}
    for row in await cursor.fetchall():
        one = recorded(Stored._make(row))
        found[one.stream].append(one.event)
    return found
