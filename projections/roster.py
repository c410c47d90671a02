"""Who is, was or will be on duty: one row per shift (S-1, S-6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from domain.shift.roster import Roster
from domain.shift.shift import SHIFT, Course, Shift
from domain.shift.words import ShiftKind
from domain.values import AgentId
from domain.work.facts import Duty
from projections.view import Cursor, Page, Rows, View


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """A shift.

    start_at, end_at: the widest of planned and actual times. planned: the planned start. roster: as the domain has it;
    its planned times are `start` and `end`. duties: who is on duty from when to when, see `Shift.duty`. course: how far
    the shift has come (S-2).
    """

    id: UUID
    version: int
    position: int
    date: date
    kind: ShiftKind
    team: str | None
    start_at: datetime
    end_at: datetime
    planned: datetime
    roster: Roster
    duties: tuple[Duty, ...]
    course: Course


@dataclass(frozen=True, slots=True)
class ShiftFilters:
    """How a list of shifts is narrowed; all that are given hold together. first, last: days, both included."""

    day: date | None = None
    team: str | None = None
    first: date | None = None
    last: date | None = None


_ROWS = Rows("read.roster_2", RosterRow)


class RosterView(View):
    """One row per shift."""

    name = "roster_2"
    topics = ("shift.",)
    tables = ("read.roster_2",)
    create = """
        CREATE TABLE IF NOT EXISTS read.roster_2 (
            id uuid PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, date date NOT NULL,
            kind text NOT NULL, team text, start_at timestamptz NOT NULL, end_at timestamptz NOT NULL,
            planned timestamptz NOT NULL, roster jsonb NOT NULL, duties jsonb NOT NULL, course jsonb NOT NULL
        );
        CREATE INDEX IF NOT EXISTS roster_2_planned ON read.roster_2 (coalesce(team, ''), planned, id);
        CREATE INDEX IF NOT EXISTS roster_2_order ON read.roster_2 (date, start_at, id);
        CREATE INDEX IF NOT EXISTS roster_2_times ON read.roster_2 USING gist (tstzrange(start_at, end_at));
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        rows = await _ROWS.load(cursor, {recorded.stream for recorded in events})
        for recorded in events:
            row = rows.get(recorded.stream)
            before = Shift(row.date, row.kind, row.team, row.roster, row.course) if row else Shift()
            rows[recorded.stream] = _row(recorded, SHIFT.evolve(before, recorded.event))
        await _ROWS.upsert(cursor, rows.values())


def _row(recorded: Recorded, state: Shift) -> RosterRow:
    assert state.day is not None and state.kind is not None and state.roster is not None  # noqa: PT018
    start_at, end_at = state.roster.span
    return RosterRow(
        id=recorded.stream,
        version=recorded.version,
        position=recorded.position,
        date=state.day,
        kind=state.kind,
        team=state.team,
        start_at=start_at,
        end_at=end_at,
        planned=state.roster.start,
        roster=state.roster,
        duties=state.duty(),
        course=state.course,
    )


# ---- questions ------------------------------------------------------------------------------------------------------
_PAGE = """
    SELECT to_json(t)::text FROM read.roster_2 t
    WHERE (%(day)s::date IS NULL OR date = %(day)s) AND (%(team)s::text IS NULL OR team = %(team)s)
        AND (%(first)s::date IS NULL OR date >= %(first)s) AND (%(last)s::date IS NULL OR date <= %(last)s)
        AND (%(after)s::uuid IS NULL OR (date, start_at, id) > (
            SELECT date, start_at, id FROM read.roster_2 WHERE id = %(after)s))
    ORDER BY date, start_at, id LIMIT %(limit)s"""
_AT = """
    SELECT to_json(t)::text FROM read.roster_2 t
    WHERE tstzrange(start_at, end_at) @> %s ORDER BY date, start_at, id"""


async def shifts(
    connection: AsyncConnection[Any], filters: ShiftFilters, after: UUID | None = None, limit: int = 50
) -> Page[RosterRow]:
    """A page of shifts in the order of date and beginning; `next` is the last id."""
    wanted = {"day": filters.day, "team": filters.team, "first": filters.first, "last": filters.last}
    found = await (await connection.execute(_PAGE, {**wanted, "after": after, "limit": limit + 1})).fetchall()
    items = [_ROWS.decode(row) for (row,) in found[:limit]]
    return Page(items, str(items[-1].id) if len(found) > limit else None)


async def duties_at(connection: AsyncConnection[Any], at: datetime) -> list[Duty]:
    """The duties of the shifts that run at a moment, to be asked by `domain.work.facts.on_duty` (S-6)."""
    found = await (await connection.execute(_AT, (at,))).fetchall()
    return [duty for (row,) in found for duty in _ROWS.decode(row).duties]


_BEFORE = """
    SELECT o.id FROM read.roster_2 s JOIN read.roster_2 o ON coalesce(o.team, '') = coalesce(s.team, '')
    WHERE s.id = %s AND o.planned < s.planned ORDER BY o.planned DESC, o.id DESC LIMIT 1"""
_AFTER = """
    SELECT o.id FROM read.roster_2 s JOIN read.roster_2 o ON coalesce(o.team, '') = coalesce(s.team, '')
    WHERE s.id = %s AND o.planned > s.planned ORDER BY o.planned, o.id LIMIT 1"""
_OF_DAY = "SELECT id FROM read.roster_2 WHERE date = %s AND kind = %s ORDER BY planned, id"
_WORKING = """
    SELECT to_json(t)::text FROM read.roster_2 t
    WHERE course->'started' <> 'null' AND course->'ended' = 'null' AND duties @> jsonb_build_array(
        jsonb_build_object('agents', jsonb_build_array(%(agent)s::text)))
    ORDER BY planned DESC LIMIT 1"""


async def beside(connection: AsyncConnection[Any], shift: UUID) -> tuple[UUID | None, UUID | None]:
    """The shifts of the same team that begin next before and next after one, by their planned times (S-2)."""
    before = await (await connection.execute(_BEFORE, (shift,))).fetchone()
    after = await (await connection.execute(_AFTER, (shift,))).fetchone()
    return before[0] if before else None, after[0] if after else None


async def shifts_of_day(connection: AsyncConnection[Any], day: date, kind: ShiftKind) -> list[UUID]:
    """The shifts of a kind that belong to a local day."""
    return [shift for (shift,) in await (await connection.execute(_OF_DAY, (day, kind))).fetchall()]


async def worked_by(connection: AsyncConnection[Any], agent: AgentId) -> RosterRow | None:
    """The shift that an agent works: the last one begun that is not over."""
    found = await (await connection.execute(_WORKING, {"agent": agent})).fetchone()
    return _ROWS.decode(found[0]) if found else None
