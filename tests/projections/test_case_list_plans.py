"""Lists and searches touch few rows however many cases there are."""

import asyncio
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from domain.case.words import Channel, CustomerClass
from domain.values import AgentId, SubjectId
from projections.case_inbox import CASES, CaseInbox, CaseRow, PrivateRow
from projections.case_list import CaseFilters, Sight, query
from projections.clocks import CASES as CLOCKS
from projections.clocks import CaseClocks, ClocksView, Kept
from projections.search import searchable
from projections.tracking import prepare
from projections.view import Rows
from tests.projections.projecting import World
from tests.support import cases as c

MANY = 8_000
SIGNS = [chr(0x4E00 + n) for n in range(400)]


def case_row(n: int, received_at: datetime) -> CaseRow:
    return CaseRow(
        id=UUID(int=n),
        number=f"2026-{n:06d}",
        last_at=received_at,
        policy="default-1",
        subject=SubjectId(str(UUID(int=n))),
        channel=Channel.WEB,
        customer_class=CustomerClass.ORDINARY,
        received_at=received_at,
        day_only=False,
        demands=1,
        on_site=False,
        handler=AgentId(f"a{n % 100}"),
        team=f"t{n % 10}",
    )


def clocks_row(n: int, received_at: datetime) -> CaseClocks:
    due_at = received_at if n % 1000 == 0 else None
    kept = Kept(policies=())
    return CaseClocks(
        id=UUID(int=n), clocks=UUID(int=MANY + n), position=n, last_at=received_at, due_at=due_at, kept=kept
    )


def private_row(n: int, random: Random) -> PrivateRow:
    words = searchable([f"2026-{n:06d}", "".join(random.choices(SIGNS, k=40))], [f"138{n:08d}"])
    nothing = dict.fromkeys(("name", "phone", "card_no", "narrative", "place"))
    return PrivateRow(id=UUID(int=n), **nothing, demands=[], search=words.text, words=words.words)


async def fill(world: World) -> None:
    random = Random(3)  # noqa: S311  no secret
    async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
        await prepare(connection, [CaseInbox(), ClocksView()])
        cursor = connection.cursor()
        await CASES.upsert(cursor, [case_row(n, c.NOW - timedelta(minutes=n)) for n in range(MANY)])
        await CLOCKS.upsert(cursor, [clocks_row(n, c.NOW - timedelta(minutes=n)) for n in range(MANY)])
        await Rows("private.case_inbox_2", PrivateRow).upsert(cursor, [private_row(n, random) for n in range(MANY)])
        await connection.execute("VACUUM ANALYZE read.case_inbox_2")
        await connection.execute("VACUUM ANALYZE read.case_clocks_2")
        await connection.execute("VACUUM ANALYZE private.case_inbox_2")


@pytest.fixture(scope="module")
def filled(shared_world: World) -> World:
    asyncio.run(fill(shared_world))
    return shared_world


def touched(plan: dict[str, Any]) -> float:
    own = sum(plan.get(rows, 0) for rows in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return float(own * plan["Actual Loops"] + sum(map(touched, plan.get("Plans", []))))


def scanned(plan: dict[str, Any]) -> list[str]:
    own = [f"{plan['Node Type']} {plan.get('Relation Name', '')} {plan.get('Index Name', '')}"]
    return own + [line for child in plan.get("Plans", []) for line in scanned(child)]


@pytest.mark.parametrize(
    ("filters", "sight", "index"),
    [
        (CaseFilters(), None, "case_inbox_2_order"),
        (CaseFilters(), Sight(AgentId("a7"), "t3"), "case_inbox_2_order"),
        (CaseFilters(handler=AgentId("a7")), None, "case_inbox_2_handler"),
        (CaseFilters(overdue=True), None, "case_clocks_2_due"),
        (CaseFilters(q="".join(SIGNS[7:9])), None, "case_inbox_2_words"),
        (CaseFilters(q="2026-000777"), None, "case_inbox_2_words"),
        (CaseFilters(q="00000777"), None, "case_inbox_2_words"),
        (CaseFilters(q="zebra"), None, "case_inbox_2_words"),
        (CaseFilters(q="13800000777"), None, "case_inbox_2_words"),
        (CaseFilters(q=str(UUID(int=7))), None, "case_inbox_2_pkey"),
    ],
)
def test_every_usual_question_goes_by_an_index(
    filled: World, filters: CaseFilters, sight: Sight | None, index: str
) -> None:
    nodes, rows = planned(filled, filters, sight, opened=True)
    assert any(index in node for node in nodes), nodes
    assert not any(node.startswith("Seq Scan") for node in nodes), nodes
    assert rows < MANY / 10


@pytest.mark.parametrize(
    ("q", "index"),
    [
        ("2026-000777", "case_inbox_2_number"),
        ("13800000777", "case_inbox_2_ordered"),
        ("zebra", "case_inbox_2_external"),
        (str(UUID(int=7)), "case_inbox_2_pkey"),
    ],
)
def test_so_does_what_is_looked_for_in_the_clear(filled: World, q: str, index: str) -> None:
    nodes, rows = planned(filled, CaseFilters(q=q), None, opened=False)
    assert any(index in node for node in nodes), nodes
    assert not any(node.startswith("Seq Scan") for node in nodes), nodes
    assert rows < MANY / 10


def planned(filled: World, filters: CaseFilters, sight: Sight | None, *, opened: bool) -> tuple[list[str], float]:
    """What is scanned, and how many rows that touches."""
    asked = query(filters, c.NOW, sight=sight, opened=opened).as_string(filled.admin)
    [(([plan]),)] = filled.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}")
    return scanned(plan["Plan"]), touched(plan["Plan"])
