"""Wages as payroll has recorded them: one row per agent and month (L-5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from application.wages import wage_id
from domain.kernel import Event
from domain.payroll import wage_events as wage
from domain.values import AgentId, Month
from projections.view import Cursor, Page, Rows, View


@dataclass(frozen=True, slots=True, kw_only=True)
class WageRow:
    """An agent's wage of a month, whole fen; `month` is written `2026-03`."""

    stream: UUID
    id: str
    agent: AgentId
    month: str
    gross_fen: int
    minimum_wage_fen: int | None
    version: int
    position: int


_ROWS = Rows("read.wages_1", WageRow)


class WagesView(View):
    """One row per agent and month."""

    name = "wages_1"
    topics = ("wage.",)
    tables = ("read.wages_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.wages_1 (
            stream uuid PRIMARY KEY, id text UNIQUE NOT NULL, agent text NOT NULL, month text NOT NULL,
            gross_fen bigint NOT NULL, minimum_wage_fen bigint, version bigint NOT NULL, position bigint NOT NULL
        );
        CREATE INDEX IF NOT EXISTS wages_1_month ON read.wages_1 (month, agent);
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        # the last of several for one agent and month holds
        rows = {recorded.stream: _row(recorded, recorded.event) for recorded in events}
        await _ROWS.upsert(cursor, rows.values())


def _row(recorded: Recorded, event: Event) -> WageRow:
    assert isinstance(event, wage.Recorded)
    return WageRow(
        stream=recorded.stream,
        id=wage_id(event.agent, event.month),
        agent=event.agent,
        month=str(event.month),
        gross_fen=event.gross_fen,
        minimum_wage_fen=event.minimum_wage_fen,
        version=recorded.version,
        position=recorded.position,
    )


# ---- questions ------------------------------------------------------------------------------------------------------
_PAGE = """
    SELECT to_json(t)::text FROM read.wages_1 t
    WHERE (%(month)s::text IS NULL OR month = %(month)s) AND (%(agent)s::text IS NULL OR agent = %(agent)s)
        AND id > %(after)s
    ORDER BY id LIMIT %(limit)s"""


async def wages(
    connection: AsyncConnection[Any], month: Month | None, agent: str | None, after: str | None = None, limit: int = 50
) -> Page[WageRow]:
    """A page of wages by month and agent; `next` is the last id."""
    wanted = {"month": str(month) if month else None, "agent": agent, "after": after or "", "limit": limit + 1}
    found = await (await connection.execute(_PAGE, wanted)).fetchall()
    items = [_ROWS.decode(row) for (row,) in found[:limit]]
    return Page(items, items[-1].id if len(found) > limit else None)


async def wage_of(connection: AsyncConnection[Any], key: str) -> WageRow | None:
    """A wage by its id; None where there is none."""
    query = "SELECT to_json(t)::text FROM read.wages_1 t WHERE id = %s"
    found = await (await connection.execute(query, (key,))).fetchone()
    return _ROWS.decode(found[0]) if found else None
