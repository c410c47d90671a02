"""How much somebody has to do: the figures beside the console's rail, each by one look at an index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from domain.values import Actor, Role
from projections.ledger_lists import SEES


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """Counts. Of agents their own cases; of supervisors those of their team, or all where they have none.

    mine, team: open cases handled by oneself, by one's team. overdue: of these with a clock that has run out.
    callbacks: resolved, to be called back. penalties, appeals: to be decided by a supervisor; so are, of all teams,
    escalations (each without its answer, C-6), answers (to major and critical cases, to be reviewed), conduct (reports)
    and swaps. notices: unread.
    """

    mine: int
    team: int
    overdue: int
    on_site: int
    callbacks: int
    escalations: int
    penalties: int
    appeals: int
    answers: int
    conduct: int
    swaps: int
    notices: int


_THEIRS = """
    c.status NOT IN ('closed', 'withdrawn', 'merged') AND %(works)s
        AND (c.handler = %(agent)s OR (%(supervises)s AND %(team)s::text IS NULL) OR c.team = %(team)s)"""
_SEEN = SEES.format(agent="agent", reader="%(agent)s", team="%(team)s", own_only="false")
_COUNTED = f"""
WITH open AS (
    SELECT count(*) FILTER (WHERE c.handler = %(agent)s) AS mine,
        count(*) FILTER (WHERE c.team = %(team)s) AS team,
        count(*) FILTER (WHERE c.on_site) AS on_site,
        count(*) FILTER (WHERE c.status = 'resolved' AND (%(supervises)s OR c.handler = %(agent)s)) AS callbacks
    FROM read.case_inbox_2 c WHERE {_THEIRS}),
lines AS (
    SELECT status, appeal FROM read.ledger_1
    WHERE (status = 'proposed' OR appeal = 'open') AND %(supervises)s AND agent <> %(agent)s AND {_SEEN})
SELECT
    (SELECT mine FROM open), (SELECT team FROM open),
    (SELECT count(*) FROM read.case_clocks_2 k JOIN read.case_inbox_2 c USING (id)
        WHERE k.due_at < %(now)s AND (%(supervises)s OR c.handler = %(agent)s) AND {_THEIRS}) AS overdue,
    (SELECT on_site FROM open), (SELECT callbacks FROM open),
    (SELECT coalesce(sum(cardinality(c.asked)), 0) FROM read.case_inbox_2 c
        WHERE c.escalated AND c.status NOT IN ('closed', 'withdrawn', 'merged')
            AND %(supervises)s AND NOT %(deputises)s) AS escalations,
    (SELECT count(*) FROM lines WHERE status = 'proposed') AS penalties,
    (SELECT count(*) FROM lines WHERE appeal = 'open') AS appeals,
    (SELECT count(*) FROM read.case_courses_1 u JOIN read.case_inbox_2 c USING (id)
        WHERE u.unreviewed AND c.status = 'proposed' AND c.severity IN ('major', 'critical')
            AND %(supervises)s AND NOT %(deputises)s) AS answers,
    (SELECT count(*) FROM read.work_facts_1 WHERE kind = 'conduct-reports' AND status = 'reported' AND NOT withdrawn
        AND agent <> %(agent)s AND %(supervises)s) AS conduct,
    (SELECT count(*) FROM read.swaps_1 WHERE status = 'requested'
        AND %(agent)s NOT IN (away, to_agent) AND %(supervises)s) AS swaps,
    (SELECT count(*) FROM read.notices_2 n
        LEFT JOIN read.notice_reads_2 r ON r.agent = %(agent)s AND r.position = n.position
        WHERE r.position IS NULL AND (n.agent = %(agent)s OR (n.agent IS NULL AND %(supervises)s))) AS notices"""  # noqa: S608  a constant


async def worklist(connection: AsyncConnection[Any], actor: Actor, now: datetime) -> Worklist:
    """What there is for an actor to do at a moment."""
    asked = {
        "agent": actor.id,
        "team": actor.team,
        "now": now,
        "works": actor.role in {Role.AGENT, Role.SUPERVISOR},
        "supervises": actor.role is Role.SUPERVISOR or actor.deputy,
        "deputises": actor.role is not Role.SUPERVISOR,
    }
    row = await (await connection.execute(_COUNTED.encode(), asked)).fetchone()
    assert row is not None
    return Worklist(**dict(zip(Worklist.__dataclass_fields__, row, strict=True)))
