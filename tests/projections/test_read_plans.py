"""Statements, handovers and what falls due are found by indexes, however much has ended; and so is what is listed.

The lists of cases have tests of their own (test_case_list_plans.py), the log too (test_log_plans.py).
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import pytest
from psycopg import AsyncConnection

from domain.values import AgentId, Month
from projections import handover_summary, ledger_lists, scheduler
from projections.ledger_lists import LineSight
from projections.registry import PROJECTIONS
from projections.tracking import prepare
from tests.projections.projecting import World
from tests.support.cases import NOW

ENDED, OPEN = 9_000, 90
"""Cases; of each come five clocks and ten steps."""
LARGE = frozenset(
    {
        *("ledger_1", "statements_1", "carried_late_1", "wages_1", "handover_steps_1", "handover_facts_1"),
        *("clocks_2", "case_clocks_2", "events"),
    }
)
ID = "lpad(to_hex(n), 32, '0')::uuid"
FILL: tuple[LiteralString, ...] = (
    "INSERT INTO read.teams_1 SELECT gen_random_uuid(), 't' || n, 1, 1, 'team' FROM generate_series(0, 9) n",
    f"""
    INSERT INTO read.case_clocks_2 (id, clocks, position, last_at, due_at, next_moment, kept)
    SELECT {ID}, gen_random_uuid(), n, %(now)s, due, due, '{{}}' FROM (
        SELECT n, CASE WHEN n <= {OPEN} THEN %(now)s::timestamptz + (n - 45) * interval '1 hour' END AS due
        FROM generate_series(1, {ENDED}) n) cases""",  # noqa: S608  constants
    f"""
    INSERT INTO read.clocks_2 (id, case_id, policy, clock, number, kind, state, started_at, due_at, warn_at, stopped_at)
    SELECT n || '/' || k, {ID}, 'p', 'c' || k, 1, 'internal', 'met', %(now)s, %(now)s, %(now)s,
        CASE WHEN n > {OPEN} THEN %(now)s::timestamptz END
    FROM generate_series(1, {ENDED}) n, generate_series(1, 5) k""",  # noqa: S608  constants
    f"""
    INSERT INTO read.handover_cases_1
    SELECT {ID}, n, n::text, 't' || mod(n, 10), 'a1', 'received', true, NULL, false, false, '{{}}', NULL, '{{}}', '{{}}'
    FROM generate_series(1, {OPEN}) n""",  # noqa: S608  constants
    f"""
    INSERT INTO read.handover_steps_1
    SELECT 10 * n + k, 'received', {ID}, n::text, 't' || mod(n, 10), %(now)s, '2026-03-02', 1
    FROM generate_series(1, {ENDED}) n, generate_series(0, 9) k""",  # noqa: S608  constants
    f"""
    INSERT INTO read.handover_facts_1
    SELECT {ID}, 10 * n, 'phone_test', %(now)s, date '2000-01-01' + n / 10, 'a1', 'morning', true
    FROM generate_series(1, {ENDED}) n""",  # noqa: S608  constants
    """
    INSERT INTO read.ledger_1
    SELECT n || ':1', 'a' || mod(n, 100), 'B-ORDER', 'bonus', 100, '2026-03-02', m, 'default-1', '{}', NULL, false,
        'earned', m, '[]', NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, n
    FROM (
        SELECT n, '2026-' || lpad((1 + mod(n / 100, 12))::text, 2, '0') AS m FROM generate_series(1, 24000) n) lines""",
    """
    INSERT INTO read.statements_1
    SELECT m || ':a' || a, m, 'a' || a, 0, '{}' FROM generate_series(0, 99) a,
        (SELECT '2026-' || lpad(m::text, 2, '0') AS m FROM generate_series(1, 12) m) months""",
    "INSERT INTO read.carried_late_1 SELECT key, month, agent, 1 FROM read.statements_1",
    """
    INSERT INTO read.wages_1 SELECT gen_random_uuid(), key, agent, month, 500000, NULL, 1, 1 FROM read.statements_1""",
    "ANALYZE",
)
OF_TEAM = {"team": "t3", "after": 10 * ENDED - 200, "upto": 10 * ENDED, "day": NOW.date()}
QUERIES: Mapping[str, tuple[str, Mapping[str, object] | Sequence[object], int]] = {
    "statement": (
        ledger_lists.STATEMENT_NOW,
        ledger_lists.asked_now(Month(2026, 3), AgentId("a7"), LineSight(AgentId("s1"), "t3")),
        100,
    ),
    "handover: cases": (handover_summary.CASES, OF_TEAM, 2 * OPEN),
    "handover: terms": (handover_summary.TERMS, OF_TEAM, 10 * OPEN),
    "handover: steps": (handover_summary.STEPS, OF_TEAM, 500),
    "handover: facts": (handover_summary.FACTS, OF_TEAM, 500),
    "handover: telephone tests": (handover_summary._TESTS, {"day": NOW.date(), "due": ["morning"]}, 100),  # noqa: SLF001
    "falling due": (scheduler._DUE, [NOW, [], [], 100], 2 * OPEN),  # noqa: SLF001
}
"""Each with what it is asked with, and how many rows it may touch at the most."""


async def fill(world: World) -> None:
    async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
        await prepare(connection, PROJECTIONS)
    now: dict[str, datetime] = {"now": NOW}
    for statement in FILL:
        world.admin.execute(statement, now if "%(now)s" in statement else None)


@pytest.fixture(scope="module")
def filled(shared_world: World) -> World:
    asyncio.run(fill(shared_world))
    return shared_world


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def planned(world: World, query: str, asked: Mapping[str, object] | Sequence[object]) -> list[dict[str, Any]]:
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode()
    [[[told]]] = world.admin.execute(explain, asked).fetchall()
    return list(nodes(told["Plan"]))


def whole(plan: Sequence[Mapping[str, Any]]) -> list[str]:
    """The large tables that are read from end to end."""
    return [
        node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan" and LARGE & {node["Relation Name"]}
    ]


@pytest.mark.parametrize("asked", QUERIES)
def test_no_question_reads_a_large_table_from_end_to_end(asked: str, filled: World) -> None:
    query, parameters, most = QUERIES[asked]
    plan = planned(filled, query, parameters)
    assert whole(plan) == []
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in plan if "Index" in node["Node Type"]) <= most


def test_a_table_that_is_read_from_end_to_end_is_seen(filled: World) -> None:
    assert whole(planned(filled, "SELECT count(*) FROM read.ledger_1 WHERE amount_fen > 7", [])) == ["ledger_1"]
