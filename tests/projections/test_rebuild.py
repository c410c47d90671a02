"""A rebuilt view is the same view, to the last row, and nobody notices while it is made."""

import asyncio
from dataclasses import replace
from datetime import date
from random import Random
from uuid import UUID, uuid4

import psycopg
import pytest

from application.streams import agent_stream, customer_stream, merchant_stream
from domain.agent import events as agent
from domain.case.words import CustomerClass
from domain.customer import events as customer
from domain.merchant import events as merchant
from domain.values import AgentId, SubjectId
from projections import rebuild as rebuilding
from projections.rebuild import rebuild
from projections.registry import PROJECTIONS
from projections.runner import Runner
from tests.projections.projecting import World, eventually, everything
from tests.projections.seen import Seen
from tests.support import cases as c

WAY = (
    c.ACKNOWLEDGED, c.CLARIFIED, c.PROMISED, c.INVESTIGATED, c.ANALYSED, c.ESCALATED, c.ESCALATION_ANSWERED, c.PAUSED,
    c.RESUMED, c.EXTENDED, c.PROPOSED, c.PASSED, c.RESOLVED, c.FULFILLED, c.CALLED_BACK, c.SUMMARISED, c.CLOSED,
    c.REOPENED, c.REASSIGNED, c.WITHDRAWN,
)  # fmt: skip


def lived_in(world: World) -> None:
    """Cases at every stage, their events mixed, and people and places beside them."""
    random = Random(7)  # noqa: S311  no secret
    cases = [(world.receive(phone="13812345678" if n % 2 else None, on_site=n % 3 == 0), list(WAY)) for n in range(12)]
    for _ in range(150):
        case, ahead = random.choice(cases)
        if ahead:
            world.record(case, ahead.pop(0))
    registered = {"id": "a1", "name": "李雷", "role": "agent", "team": "t1", "joined_on": date(2020, 1, 1)}
    asyncio.run(people(world, registered))
    day = date(2024, 1, 1)
    world.record(
        merchant_stream("m1").id,
        merchant.Registered(id="m1", name="海底捞"),
        merchant.SigningChanged(from_day=day, signed=True),
    )


async def people(world: World, registered: dict[str, object]) -> None:
    world.record(
        agent_stream(AgentId("a1")).id,
        await world.sealed(agent.Registered, registered),
        agent.LimitSet(from_day=date(2024, 1, 1), limit_fen=5),
    )
    steps = ("collected", "planned", "evaluated", "decided")
    changed = {"customer_class": CustomerClass.TOP, **dict.fromkeys(steps, "x")}
    stream = customer_stream(SubjectId(str(UUID(int=7)))).id
    world.record(stream, await world.sealed(customer.ClassChanged, changed), customer.TextingChanged(allowed=False))


def test_rebuilt_is_the_same_to_the_last_row(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "CHUNK", 7)
    lived_in(world)
    world.project(batch=5)
    live = everything(world)
    assert all(live[name] for name in ("read.case_inbox_2", "private.case_inbox_2", "read.agents_1"))
    seen: list[tuple[int, int]] = []
    # rows a rebuild has to bring back, to mend and to remove
    world.rows("DELETE FROM read.case_inbox_2 WHERE demands = 1 AND number > 'n-8' RETURNING 1")
    world.rows("UPDATE read.case_inbox_2 SET status = 'closed' RETURNING 1")
    world.rows("UPDATE read.agents_1 SET id = 'ghost' RETURNING 1")
    assert everything(world) != live
    asyncio.run(rebuild(world.dsn, world.keyring, PROJECTIONS, lambda done, total: seen.append((done, total))))
    assert everything(world) == live
    assert seen[-1] == (world.head(), world.head())
    assert len(seen) == -(-world.head() // 7)
    assert {state.position for state in asyncio.run(world.status())} == {world.head()}


def test_it_rebuilds_only_what_is_named(world: World) -> None:
    world.record(uuid4(), *[c.RECEIVED] * 3)
    one, other = Seen(), Seen("seen_2")
    world.project([one, other])
    world.rows("DELETE FROM read.seen_1 RETURNING 1")
    world.rows("DELETE FROM read.seen_2 RETURNING 1")
    asyncio.run(rebuild(world.dsn, world.keyring, [one]))
    assert world.rows("SELECT count(*) FROM read.seen_1") == [(3,)]
    assert world.rows("SELECT count(*) FROM read.seen_2") == [(0,)]


def test_the_projector_goes_on_beside_a_rebuild_and_takes_over(world: World) -> None:
    """While the rebuild is held up, the other view goes on, readers see the old rows, and nothing is counted twice."""
    one, other = Seen(), Seen("seen_2")
    world.record(uuid4(), *[c.RECEIVED] * 3)

    async def count(name: str, wanted: int) -> None:
        query = f"SELECT count(*) FROM read.{name}"  # noqa: S608  a name of our own
        await eventually(lambda: world.rows(query) == [(wanted,)])

    async def run() -> None:
        stop = asyncio.Event()
        live = asyncio.create_task(Runner(world.dsn, world.keyring, [one, other]).run(stop))
        await world.settled([one, other])
        with psycopg.connect(world.admin_dsn) as blocker:
            blocker.execute("LOCK TABLE read.seen_1 IN SHARE MODE")
            rebuilt = asyncio.create_task(rebuild(world.dsn, world.keyring, [one]))
            await waits_for_lock(world)
            world.record(uuid4(), *[c.RECEIVED] * 2)
            await count("seen_2", 5)
            await count("seen_1", 3)
            blocker.rollback()
        await rebuilt
        world.record(uuid4(), c.RECEIVED)
        await count("seen_1", 6)
        await count("seen_2", 6)
        stop.set()
        await live

    asyncio.run(run())
    assert world.rows("SELECT * FROM read.failures") == []


async def waits_for_lock(world: World) -> None:
    query = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'read.seen_1'::regclass"
    await eventually(lambda: bool(world.rows(query)))


def test_a_rebuild_that_fails_leaves_everything_as_it_was(world: World) -> None:
    world.record(uuid4(), *[c.RECEIVED] * 3)
    world.project([Seen()])
    with pytest.raises(ValueError, match="a bug"):
        asyncio.run(rebuild(world.dsn, world.keyring, [Seen(at={2: ValueError("a bug")})]))
    assert world.rows("SELECT count(*) FROM read.seen_1") == [(3,)]
    assert [state.position for state in asyncio.run(world.status([Seen()]))] == [3]


def test_erasing_and_rebuilding_twice_gives_the_same_masks(world: World) -> None:
    world.receive(phone="13812345678")
    world.record(uuid4(), replace(c.RECEIVED, number="other"))
    world.project()
    [(subject,)] = world.rows("SELECT subject FROM read.case_inbox_2 WHERE number LIKE 'n-%%'")
    asyncio.run(world.keyring.erase(subject))
    asyncio.run(rebuild(world.dsn, world.keyring, PROJECTIONS))
    once = everything(world)
    asyncio.run(rebuild(world.dsn, world.keyring, PROJECTIONS))
    assert everything(world) == once
    assert "[erased]" in str(once["private.case_inbox_2"])
