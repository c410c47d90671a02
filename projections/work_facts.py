"""Facts of the work as views (W-1 … W-9): what is listed, counted, and judged by the month."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composable, Literal

from application.envelope import Recorded
from application.sealing import Opener
from domain.ledger.events import Cause
from domain.ledger.lines import Code
from domain.values import AgentId, Month
from domain.work.facts import Exam, MemberCallbacks
from projections.view import Cursor, Page, View, table
from projections.work_rows import FACTS, ORDERS, R, Shelf


class Orders(View):
    """One row per service order."""

    name = "orders_2"
    topics = ("order.",)
    tables = ("read.orders_2",)
    create = """
        CREATE TABLE IF NOT EXISTS read.orders_2 (
            id uuid PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, recorded bigint NOT NULL,
            subject text NOT NULL, agent text NOT NULL, follow_up text, at timestamptz NOT NULL, day date NOT NULL,
            month text NOT NULL, merchant text, signed boolean NOT NULL, recommended boolean NOT NULL,
            steered boolean NOT NULL, channel text, tables integer, new_member boolean, gold_card boolean NOT NULL,
            dining_time timestamptz, amount_fen bigint, special boolean NOT NULL, step text NOT NULL, seated boolean,
            cancelled boolean NOT NULL, reported_back boolean NOT NULL, done boolean NOT NULL, valid boolean,
            missing text[] NOT NULL, wrong text[] NOT NULL, withdrawn boolean NOT NULL
        );
        CREATE INDEX IF NOT EXISTS orders_2_list ON read.orders_2 (recorded);
        CREATE INDEX IF NOT EXISTS orders_2_month ON read.orders_2 (month, recorded);
        CREATE INDEX IF NOT EXISTS orders_2_agent ON read.orders_2 (agent, month);
        CREATE INDEX IF NOT EXISTS orders_2_follow_up ON read.orders_2 (follow_up) WHERE follow_up IS NOT NULL;
        CREATE INDEX IF NOT EXISTS orders_2_open ON read.orders_2 (subject)
            WHERE NOT (done OR cancelled OR withdrawn);
        CREATE INDEX IF NOT EXISTS orders_2_day ON read.orders_2 (day);
        CREATE INDEX IF NOT EXISTS orders_2_recommended ON read.orders_2 (month, agent)
            INCLUDE (valid, steered, withdrawn) WHERE recommended;
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        await ORDERS.write(cursor, events)


class WorkFacts(View):
    """One row per callback, summary, exam, missed call, test, fault, shortage, call, conduct report and review."""

    name = "work_facts_1"
    topics = (
        *("member_callback.", "callback_summary.", "exam.", "missed_call.", "phone_test.", "phone_fault."),
        *("points_shortage.", "call.", "fact.", "conduct.", "quality_review."),
    )
    tables = ("read.work_facts_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.work_facts_1 (
            id uuid PRIMARY KEY, version bigint NOT NULL, position bigint NOT NULL, recorded bigint NOT NULL,
            kind text NOT NULL, agent text, month text NOT NULL, at timestamptz, case_id uuid, status text,
            data jsonb NOT NULL, withdrawn boolean NOT NULL
        );
        CREATE INDEX IF NOT EXISTS work_facts_1_list ON read.work_facts_1 (kind, recorded);
        CREATE INDEX IF NOT EXISTS work_facts_1_month ON read.work_facts_1 (kind, month, recorded);
        CREATE INDEX IF NOT EXISTS work_facts_1_agent ON read.work_facts_1 (agent, month);
        CREATE INDEX IF NOT EXISTS work_facts_1_at ON read.work_facts_1 (kind, at);
        CREATE INDEX IF NOT EXISTS work_facts_1_case ON read.work_facts_1 (case_id) WHERE case_id IS NOT NULL;
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        await FACTS.write(cursor, events)


# ---- questions: lists -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class FactFilters:
    """What a list of facts asks for; None asks for everything.

    kind: None for orders. agent: whom the facts concern. status: how far reports and reviews have come. sight: whose
    eyes these are, where they may see only what concerns them, and what concerns nobody in particular.
    """

    kind: str | None = None
    month: Month | None = None
    agent: AgentId | None = None
    status: str | None = None
    sight: AgentId | None = None


async def listed(
    connection: AsyncConnection[Any], shelf: Shelf[R], filters: FactFilters, after: int | None = None, limit: int = 50
) -> Page[R]:
    """A page of ORDERS or FACTS, the last recorded first; `next` is the position of the last one's first event."""
    query = SQL("SELECT to_json(t)::text FROM {} t WHERE {} ORDER BY recorded DESC LIMIT {}").format(
        table(shelf.rows.name), SQL(" AND ").join(_conditions(shelf, filters, after)), Literal(limit + 1)
    )
    found = await (await connection.execute(query)).fetchall()
    items = [shelf.rows.decode(row) for (row,) in found[:limit]]
    return Page(items, str(items[-1].recorded) if len(found) > limit else None)


def _conditions(shelf: Shelf[Any], filters: FactFilters, after: int | None) -> list[Composable]:
    conditions: list[Composable] = [SQL("true")]
    if filters.kind is not None:
        conditions.append(SQL("kind = {}").format(Literal(filters.kind)))
    if filters.month is not None:
        conditions.append(SQL("month = {}").format(Literal(str(filters.month))))
    if filters.status is not None:
        conditions.append(SQL("status = {}").format(Literal(filters.status)))
    if filters.agent is not None:
        conditions.append(_concerning(shelf, filters.agent))
    if filters.sight is not None:
        conditions.append(SQL("(agent IS NULL OR {})").format(_concerning(shelf, filters.sight)))
    if after is not None:
        conditions.append(SQL("recorded < {}").format(Literal(after)))
    return conditions


def _concerning(shelf: Shelf[Any], agent: AgentId) -> Composable:
    return SQL("({})").format(SQL(shelf.concerning).format(Literal(str(agent))))


# ---- questions: what the ledgers judge by the month -----------------------------------------------------------------
async def recommended_counts(connection: AsyncConnection[Any], month: Month) -> dict[AgentId, int]:
    """B-RECOMMEND: valid orders with key recommended merchants by agent, those steered there left out."""
    query = """
        SELECT agent, count(*) FROM read.orders_2
        WHERE month = %s AND recommended AND valid AND NOT steered AND NOT withdrawn GROUP BY agent"""
    return dict(await (await connection.execute(query, (str(month),))).fetchall())


async def tallies(connection: AsyncConnection[Any], month: Month) -> list[MemberCallbacks]:
    """W-2: the members each agent has reached in a month: calls that reached them, and what was counted elsewhere."""
    query = """
        SELECT agent, sum(coalesce((data->>'count')::bigint, (data->>'reached')::boolean::int))::bigint,
            max((data->>'full_weeks')::int)
        FROM read.work_facts_1 WHERE kind = 'member-callbacks' AND month = %s AND NOT withdrawn
        GROUP BY agent ORDER BY agent"""
    rows = await (await connection.execute(query, (str(month),))).fetchall()
    return [MemberCallbacks(month=month, agent=agent, count=count, full_weeks=weeks) for agent, count, weeks in rows]


async def exams(connection: AsyncConnection[Any], month: Month) -> list[Exam]:
    """W-3: the exams of a month, by agent."""
    query = """
        SELECT agent, (data->>'typing')::numeric, (data->>'knowledge')::numeric, (data->>'service')::numeric
        FROM read.work_facts_1 WHERE kind = 'exams' AND month = %s AND NOT withdrawn ORDER BY agent"""
    rows = await (await connection.execute(query, (str(month),))).fetchall()
    return [
        Exam(month=month, agent=agent, typing=typing, knowledge=knowledge, service=service)
        for agent, typing, knowledge, service in rows
    ]


async def calls_missed(connection: AsyncConnection[Any], start: datetime, end: datetime) -> list[UUID]:
    """W-4, W-5: the streams of missed calls and telephone faults with start ≤ at < end, oldest first."""
    query = """
        SELECT id FROM read.work_facts_1
        WHERE kind IN ('missed-calls', 'phone-faults') AND at >= %s AND at < %s AND NOT withdrawn ORDER BY at, id"""
    return [stream for (stream,) in await (await connection.execute(query, (start, end))).fetchall()]


async def conduct_of_case(connection: AsyncConnection[Any], case_id: str) -> list[UUID]:
    """W-6: the streams of the conduct reports that name a case, as they were recorded."""
    query = "SELECT id FROM read.work_facts_1 WHERE case_id = %s AND kind = 'conduct-reports' ORDER BY recorded"
    return [stream for (stream,) in await (await connection.execute(query, (UUID(case_id),))).fetchall()]


async def months_with_monthly_facts(connection: AsyncConnection[Any]) -> list[Month]:
    """The months with what is judged by the month: exams, callbacks, orders with recommended merchants.

    Those withdrawn count too: their month is judged again without them.
    """
    query = """
        SELECT month FROM read.work_facts_1 WHERE kind IN ('exams', 'member-callbacks')
        UNION SELECT month FROM read.orders_2 WHERE recommended
        ORDER BY month"""
    return [Month.parse(month) for (month,) in await (await connection.execute(query)).fetchall()]


CAUSES_MOST = 100
"""How many facts of an agent are named as causes of one line."""
_CAUSES = """
    SELECT agent, position, topic
    FROM (SELECT agent, position, row_number() OVER (PARTITION BY agent ORDER BY position) AS n
          FROM ({}) facts WHERE agent = ANY (%(agents)s)) numbered
    JOIN log.events ON notification_id = position
    WHERE n <= %(most)s ORDER BY agent, position"""
_RANKING = """
    SELECT agent, recorded AS position FROM read.orders_2
    WHERE month = %(month)s AND recommended AND valid AND NOT steered AND NOT withdrawn"""
_FACTS = """
    SELECT agent, position FROM read.work_facts_1
    WHERE kind = %(kind)s AND month IN (%(month)s, %(before)s) AND NOT withdrawn"""


async def causes(
    connection: AsyncConnection[Any], month: Month, code: Code, agents: Collection[AgentId]
) -> dict[AgentId, list[Cause]]:
    """L-1: the events of the facts that agents' lines of a month rest on."""
    facts = _RANKING if code is Code.RECOMMEND else _FACTS
    asked = {
        "month": str(month),
        "before": str(month.before if code is Code.FAILED_EXAM else month),
        "kind": "member-callbacks" if code is Code.CALLBACK else "exams",
        "agents": list(agents),
        "most": CAUSES_MOST,
    }
    found: dict[AgentId, list[Cause]] = {}
    for agent, position, topic in await (await connection.execute(_CAUSES.format(facts), asked)).fetchall():
        found.setdefault(agent, []).append(Cause(position=position, type=topic))
    return found
