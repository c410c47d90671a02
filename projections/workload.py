"""Care for agents: who has how many cases in hand, the hard ones among them, and in which shift (Q-8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row

from domain.agent.words import Presence
from domain.shift.words import ShiftKind
from domain.values import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What an agent carries at a moment.

    open, overdue, on_site, paused: of the open cases they handle. hard: those of major or critical severity, those
    whose escalation has no answer, and guests at the table. hard_in_shift: the hard ones, ended or not, in which
    something has happened since the shift began in which they are on duty; None where they are not on duty.
    """

    agent: str
    team: str | None
    presence: Presence
    shift: UUID | None
    shift_kind: ShiftKind | None
    shift_start: datetime | None
    shift_end: datetime | None
    open: int
    hard: int
    overdue: int
    on_site: int
    paused: int
    hard_in_shift: int | None


_LOADS = """
WITH people AS (
    SELECT a.id AS agent, a.team, a.presence, r.id AS shift, r.kind AS shift_kind,
        r.planned AS shift_start, (r.roster->>'end')::timestamptz AS shift_end
    FROM read.agents_1 a LEFT JOIN LATERAL (
        SELECT r.* FROM read.roster_2 r, jsonb_array_elements(r.duties) d
        WHERE tstzrange(r.start_at, r.end_at) @> %(now)s AND d->'agents' ? a.id
            AND (d->>'start')::timestamptz <= %(now)s AND %(now)s < (d->>'end')::timestamptz
        ORDER BY r.planned, r.id LIMIT 1) r ON true
    WHERE a.role = 'agent' AND a.joined_on <= %(today)s AND (a.left_on IS NULL OR a.left_on >= %(today)s)
        AND (%(team)s::text IS NULL OR a.team = %(team)s)),
cases AS (
    SELECT p.agent, p.shift, c.status NOT IN ('closed', 'withdrawn', 'merged') AS open,
        c.severity IN ('major', 'critical') OR c.escalated OR c.on_site AS hard,
        k.due_at < %(now)s AS overdue, c.on_site, c.paused, c.last_at >= p.shift_start AS touched
    FROM people p JOIN read.case_inbox_2 c ON c.handler = p.agent LEFT JOIN read.case_clocks_2 k USING (id)
    WHERE c.status NOT IN ('closed', 'withdrawn', 'merged') OR c.last_at >= p.shift_start)
SELECT p.*,
    count(*) FILTER (WHERE c.open) AS open,
    count(*) FILTER (WHERE c.open AND c.hard) AS hard,
    count(*) FILTER (WHERE c.open AND c.overdue) AS overdue,
    count(*) FILTER (WHERE c.open AND c.on_site) AS on_site,
    count(*) FILTER (WHERE c.open AND c.paused) AS paused,
    CASE WHEN p.shift IS NOT NULL THEN count(*) FILTER (WHERE c.hard AND c.touched) END AS hard_in_shift
FROM people p LEFT JOIN cases c USING (agent)
GROUP BY p.agent, p.team, p.presence, p.shift, p.shift_kind, p.shift_start, p.shift_end
ORDER BY hard DESC, open DESC, p.agent"""


async def loads(connection: AsyncConnection[Any], team: str | None, now: datetime) -> list[Load]:
    """What the agents of a team carry, or all of them: who has the most hard cases first."""
    asked = {"team": team, "now": now, "today": local_day(now)}
    async with connection.cursor(row_factory=class_row(Load)) as cursor:
        await cursor.execute(_LOADS, asked)
        return await cursor.fetchall()
