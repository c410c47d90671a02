"""read_inbox, read_history, read_statement: how long a read takes over HTTP, beside the bare SQL behind it.

p99 in milliseconds, one request after the other on one connection; what is slow here stands in nobody's queue. The
yardstick is one psycopg connection that asks for the same rows and leaves them as they come: of a statement by the very
query behind it; of a history it also writes down who read it, as nobody may read one otherwise (A-4). That of an inbox
is written down once a minute.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from time import perf_counter
from typing import Any, LiteralString

import msgspec
import psycopg

from adapters.bench.lifecycle import CASES
from adapters.bench.line import Line
from adapters.bench.measuring import Ratio, paired
from adapters.bench.served import Served
from adapters.bench.stage import SUPERVISOR, Stage
from adapters.postgres.read_audit import NOTE, ReadKind
from domain.values import AgentId, Month
from projections.ledger_lists import STATEMENT_NOW, LineSight, asked_now

Read = Callable[[], Awaitable[object]]

INBOX = """
    SELECT to_json(c)::text, k.due_at, p.name, p.phone, p.card_no, p.place, p.narrative
    FROM read.case_inbox_2 c JOIN private.case_inbox_2 p USING (id) LEFT JOIN read.case_clocks_2 k USING (id)
    ORDER BY c.on_top DESC, c.received_at DESC, c.id DESC LIMIT 51"""
HISTORY = """
    SELECT notification_id, originator_version, topic, state FROM log.events
    WHERE originator_id = %s ORDER BY originator_version"""
STATED = """
    SELECT posted_month, l.agent FROM read.ledger_1 l JOIN read.agents_1 a ON a.id = l.agent
    WHERE posted_month IS NOT NULL AND a.team = (SELECT team FROM read.agents_1 WHERE id = %s)
    GROUP BY 1, 2 ORDER BY 1 DESC LIMIT 20"""
"""The last months of those whom the supervisor sees."""


async def reads(stage: Stage, both: Served) -> dict[str, Ratio]:
    """The three rows."""
    line = Line(both.service, both.key)
    async with await psycopg.AsyncConnection.connect(stage.admin, autocommit=True) as connection:
        rows = {name: await _compared(stage, *pair) for name, pair in (await _pairs(stage, line, connection)).items()}
    line.close()
    return rows


async def _compared(stage: Stage, ours: Read, yardstick: Read) -> Ratio:
    times = stage.scale.reads
    return await paired(stage.scale.rounds, partial(p99, ours, times), partial(p99, yardstick, times), "ms")


async def _pairs(
    stage: Stage, line: Line, connection: psycopg.AsyncConnection[tuple[Any, ...]]
) -> dict[str, tuple[Read, Read]]:
    """Each read over HTTP, and the same by SQL."""
    cases, stated = await stage.cases(), cycle(await stage.rows(STATED, SUPERVISOR))
    sight = LineSight(SUPERVISOR, (await stage.supervisor()).team)

    async def asked(statement: LiteralString, *parameters: object) -> object:
        return await (await connection.execute(statement, parameters, prepare=True)).fetchall()

    async def history() -> object:
        case = next(cases)
        read = {"at": datetime.now(UTC), "actor": SUPERVISOR, "kind": ReadKind.OPENED, "resource": case}
        await asked(NOTE, msgspec.json.encode([read]).decode())
        return await asked(HISTORY, case)

    async def statement() -> object:
        month, agent = next(stated)
        return await line.ask("GET", f"/api/v1/payroll/months/{month}/statements/{agent}")

    async def behind_it() -> object:
        month, agent = next(stated)
        named = asked_now(Month.parse(month), AgentId(agent), sight)
        return await (await connection.execute(STATEMENT_NOW.encode(), named, prepare=True)).fetchall()

    return {
        "read_inbox": (lambda: line.ask("GET", CASES), lambda: asked(INBOX)),
        "read_history": (lambda: line.ask("GET", f"{CASES}/{next(cases)}/history"), history),
        "read_statement": (statement, behind_it),
    }


async def p99(read: Read, times: int) -> float:
    """The 99th percentile of so many reads, in milliseconds."""
    took = []
    for _ in range(times):
        began = perf_counter()
        await read()
        took.append(perf_counter() - began)
    return sorted(took)[int(times * 0.99)] * 1000
