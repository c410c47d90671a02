"""Questions to the ledgers: pages of lines, a statement's lines, all lines of a month, the months themselves."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composable, Literal

from application.statements import Wages
from domain.kernel import Malformed
from domain.ledger.lines import Kind
from domain.ledger.voucher import Status
from domain.payroll.settlement import Sums
from domain.values import AgentId, Month
from projections.ledger import LINES, MONTHS, STATEMENTS, LineRow, MonthRow, StatementRow
from projections.ledger_book import SUMS
from projections.view import Page

AT_ONCE = 2_000
"""How many lines of a whole month are fetched at a time."""
_MONTH = SQL("coalesce(posted_month, month)")
_ORDER = SQL("coalesce(posted_month, month), agent, occurred_on, code, entry_id")
_LINES = SQL("SELECT to_json(t)::text FROM {} t WHERE {} ORDER BY {} LIMIT {}")
_ALL = SQL("read.ledger_1")
_THESE = SQL("json_populate_recordset(NULL::read.ledger_1, {}::json)")


class BadCursor(Malformed):
    """`after` is not what a page gave as `next`."""

    code = "bad_cursor"


@dataclass(frozen=True, slots=True)
class LineSight:
    """Whose lines somebody sees: their own, and those of a team; with `team` None and `own_only` False everybody's."""

    agent: AgentId
    team: str | None = None
    own_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFilters:
    """How a list of lines is narrowed; all that are given hold together. waits: proposed, or under appeal."""

    kind: Kind | None = None
    month: Month | None = None
    agent: AgentId | None = None
    status: Status | None = None
    grave: bool | None = None
    waits: bool | None = None


async def lines(
    connection: AsyncConnection[Any],
    filters: LineFilters,
    sight: LineSight | None,
    after: str | None = None,
    limit: int = 50,
    among: Collection[LineRow] | None = None,
) -> Page[LineRow]:
    """A page of lines by month, agent, day and code, of all or among these. Raises BadCursor."""
    conditions = [*_conditions(filters), _seen(sight)]
    if after is not None:
        conditions.append(SQL("({}) > ({})").format(_ORDER, SQL(", ").join(map(Literal, _decoded(after)))))
    query = _LINES.format(_source(among), SQL(" AND ").join(conditions), _ORDER, Literal(limit + 1))
    rows = [LINES.decode(row) for (row,) in await (await connection.execute(query)).fetchall()]
    return Page(rows[:limit], _encoded(rows[limit - 1]) if len(rows) > limit else None)


def _source(among: Collection[LineRow] | None) -> Composable:
    return _ALL if among is None else _THESE.format(Literal(LINES.encode(among)))


def _conditions(filters: LineFilters) -> list[Composable]:
    wanted: dict[str, Any] = {"kind": filters.kind, "agent": filters.agent, "status": filters.status}
    conditions: list[Composable] = [
        SQL("{} = {}").format(SQL(name), Literal(str(value))) for name, value in wanted.items() if value is not None
    ]
    if filters.month is not None:
        conditions.append(SQL("{} = {}").format(_MONTH, Literal(str(filters.month))))
    if filters.grave is not None:
        conditions.append(SQL("grave = {}").format(Literal(filters.grave)))
    if filters.waits is not None:
        waits = SQL("(status = 'proposed' OR appeal = 'open')")
        conditions.append(waits if filters.waits else SQL("{} IS NOT TRUE").format(waits))
    return conditions


SEES = """(
    {reader}::text IS NULL OR {reader}::text = {agent} OR NOT {own_only} AND (
        {team}::text IS NULL OR EXISTS (
            SELECT FROM read.agents_1 WHERE id = {agent} AND (team = {team}::text OR team IS NULL))))"""
"""Whether somebody sees an agent's lines; no `reader` sees all."""


def _sight(sight: LineSight | None) -> dict[str, str | bool | None]:
    """What SEES is asked with."""
    reader, team, own_only = (sight.agent, sight.team, sight.own_only) if sight else (None, None, False)
    return {"reader": reader, "team": team, "own_only": own_only}


def _seen(sight: LineSight | None) -> Composable:
    given = {name: Literal(value) for name, value in _sight(sight).items()}
    return SQL(SEES).format(agent=SQL("agent"), **given)


async def seen(connection: AsyncConnection[Any], sight: LineSight, agents: Collection[str]) -> set[str]:
    """Of these agents those whose lines somebody sees."""
    named = SQL("SELECT agent FROM unnest({}::text[]) AS named (agent) WHERE {}")
    query = named.format(Literal([*agents]), _seen(sight))
    return {agent for (agent,) in await (await connection.execute(query)).fetchall()}


async def line(connection: AsyncConnection[Any], entry_id: str, sight: LineSight | None) -> LineRow | None:
    """A line by its id; None where there is none that one may see."""
    condition = SQL("entry_id = {} AND {}").format(Literal(entry_id), _seen(sight))
    query = _LINES.format(_ALL, condition, _ORDER, Literal(1))
    row = await (await connection.execute(query)).fetchone()
    return LINES.decode(row[0]) if row else None


async def posted(connection: AsyncConnection[Any], month: Month) -> AsyncGenerator[LineRow, None]:
    """The lines that stand in a month's statements, by agent, day, code and id."""
    conditions = [SQL("{} = {}").format(_MONTH, Literal(str(month))), SQL("posted_month IS NOT NULL")]
    query = SQL("SELECT to_json(t)::text FROM read.ledger_1 t WHERE {} ORDER BY {}").format(
        SQL(" AND ").join(conditions), _ORDER
    )
    async with connection.transaction(), connection.cursor(name="posted") as cursor:
        cursor.itersize = AT_ONCE
        await cursor.execute(query)
        async for (row,) in cursor:
            yield LINES.decode(row)


_SHOWN_LINES = """
    coalesce(json_agg(json_build_object(
        'entry_id', entry_id, 'agent', agent, 'code', code, 'kind', kind, 'amount_fen', amount_fen,
        'occurred_on', occurred_on, 'month', month, 'posted_month', posted_month, 'tariff', tariff,
        'explanation', explanation, 'status', status, 'reverses', reverses, 'causes', causes)
        ORDER BY occurred_on, code, entry_id), '[]')::text"""
_STATEMENT_LINES = SQL(f"""
    SELECT {_SHOWN_LINES} FROM {{}} t
    WHERE agent = {{}} AND coalesce(posted_month, month) = {{}} AND posted_month IS NOT NULL""")  # noqa: S608  a constant


async def statement_lines(
    connection: AsyncConnection[Any], month: Month, agent: AgentId, among: Collection[LineRow] | None = None
) -> bytes:
    """The lines of a statement as a JSON array, made by the one query: as they stood when they were posted."""
    query = _STATEMENT_LINES.format(_source(among), Literal(agent), Literal(str(month)))
    row = await (await connection.execute(query)).fetchone()
    return row[0].encode() if row else b"[]"


# ---- months and statements ------------------------------------------------------------------------------------------
async def month_row(connection: AsyncConnection[Any], month: Month) -> MonthRow:
    """A month; one that nothing has happened to is open."""
    query = "SELECT to_json(t)::text FROM read.payroll_months_1 t WHERE month = %s"
    row = await (await connection.execute(query, [str(month)])).fetchone()
    return MONTHS.decode(row[0]) if row else MonthRow(month=str(month))


# from month to month along the index: a few years have millions of lines
_MONTHS = """
    WITH RECURSIVE of_lines (month) AS (
        (SELECT coalesce(posted_month, month) FROM read.ledger_1 ORDER BY 1 DESC LIMIT 1)
        UNION ALL
        SELECT (SELECT coalesce(l.posted_month, l.month) FROM read.ledger_1 l
                WHERE coalesce(l.posted_month, l.month) < of_lines.month ORDER BY 1 DESC LIMIT 1)
        FROM of_lines WHERE of_lines.month IS NOT NULL)
    SELECT coalesce(to_json(m)::text, json_build_object('month', known.month)::text)
    FROM (SELECT month FROM of_lines WHERE month IS NOT NULL UNION SELECT month FROM read.payroll_months_1) known
    LEFT JOIN read.payroll_months_1 m USING (month)
    WHERE %(after)s::text IS NULL OR known.month < %(after)s ORDER BY known.month DESC LIMIT %(limit)s"""


async def months(connection: AsyncConnection[Any], after: str | None, limit: int) -> Page[MonthRow]:
    """The months that have lines or were frozen, newest first; `after` is the last month of the page before."""
    found = await (await connection.execute(_MONTHS, {"after": after, "limit": limit + 1})).fetchall()
    rows = [MONTHS.decode(row) for (row,) in found]
    return Page(rows[:limit], rows[limit - 1].month if len(rows) > limit else None)


STATEMENT_NOW = f"""
    SELECT to_json(m)::text, to_json(s)::text, l.lines, l.number, l.bonus, l.penalty, l.late, c.fen,
        w.gross_fen, w.minimum_wage_fen
    FROM (
        SELECT {_SHOWN_LINES} AS lines, count(*) AS number, {SUMS} FROM read.ledger_1
        WHERE agent = %(agent)s AND coalesce(posted_month, month) = %(month)s AND posted_month IS NOT NULL) l
    CROSS JOIN (
        SELECT sum(carried_fen)::bigint AS fen FROM (
            SELECT carried_fen FROM read.statements_1 WHERE key = %(carried)s
            UNION ALL SELECT carried_fen FROM read.carried_late_1 WHERE key = %(carried)s) carrying) c
    LEFT JOIN read.payroll_months_1 m ON m.month = %(month)s
    LEFT JOIN read.statements_1 s ON s.key = %(key)s
    LEFT JOIN read.wages_1 w ON w.month = %(month)s AND w.agent = %(agent)s
    WHERE """ + SEES.format(agent="%(agent)s", reader="%(reader)s", team="%(team)s", own_only="%(own_only)s")  # noqa: S608  a constant


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementNow:
    """An agent's month from one look: the month, the statement where it is drawn up, and what it is made of.

    lines: a JSON array. sums: of the lines, with what is carried into the month; None where there is nothing.
    """

    month: MonthRow
    drawn: StatementRow | None
    lines: bytes
    sums: Sums | None
    wages: Wages


def asked_now(month: Month, agent: AgentId, sight: LineSight | None) -> Mapping[str, object]:
    """The parameters of STATEMENT_NOW."""
    keys = {"key": f"{month}:{agent}", "carried": f"{month.before}:{agent}"}
    return {"month": str(month), "agent": agent, **_sight(sight), **keys}


async def statement_now(
    connection: AsyncConnection[Any], month: Month, agent: AgentId, sight: LineSight | None
) -> StatementNow | None:
    """An agent's month by one query, all of it as it stands at one moment; None where one may not see it."""
    asked = asked_now(month, agent, sight)
    row = await (await connection.execute(STATEMENT_NOW.encode(), asked, prepare=True)).fetchone()
    if row is None:
        return None
    of_month, drawn, found, number, bonus, penalty, late, fen, gross, minimum = row
    sums = Sums(bonus_fen=bonus, penalty_fen=penalty, late_fen=late, opening_fen=-(fen or 0))
    return StatementNow(
        month=MONTHS.decode(of_month) if of_month else MonthRow(month=str(month)),
        drawn=STATEMENTS.decode(drawn) if drawn else None,
        lines=found.encode(),
        sums=sums if number or fen else None,
        wages=Wages() if gross is None else Wages(gross, minimum),
    )


async def statements(connection: AsyncConnection[Any], month: Month) -> list[StatementRow]:
    """All statements drawn up for a month, by agent."""
    query = "SELECT to_json(t)::text FROM read.statements_1 t WHERE month = %s ORDER BY agent"
    rows = await (await connection.execute(query, [str(month)])).fetchall()
    return [STATEMENTS.decode(row) for (row,) in rows]


# ---- the cursor -----------------------------------------------------------------------------------------------------
def _encoded(row: LineRow) -> str:
    key = [row.posted_month or row.month, row.agent, row.occurred_on.isoformat(), row.code, row.entry_id]
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _decoded(after: str) -> tuple[str, str, date, str, str]:
    try:
        month, agent, day, code, entry_id = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return _text(month), _text(agent), date.fromisoformat(day), _text(code), _text(entry_id)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadCursor("after is not what a page gave as next: begin without it", pointer="/after") from error


def _text(value: object) -> str:
    """A text as the database takes it. Raises ValueError."""
    text = str(value)
    if b"\x00" in text.encode():
        raise ValueError("NUL in a text")
    return text
