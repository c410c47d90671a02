"""What agents carry: hard cases per agent and shift (Q-8)."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection

from domain.agent import events as agent
from domain.case.words import Severity
from domain.shift import events as shift
from domain.shift.words import ShiftKind
from domain.values import AgentId, Role
from projections.workload import Load, loads
from tests.projections.projecting import World
from tests.support import cases as c

BEGAN = c.NOW + c.HOUR
"""Later than the cases were received."""
LATER = BEGAN + 2 * c.HOUR


def carried(world: World, team: str | None = None) -> list[Load]:
    world.project()

    async def ask() -> list[Load]:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await loads(connection, team, LATER)

    return asyncio.run(ask())


def register(world: World, who: str, team: str = "t1", **facts: Any) -> UUID:
    known = {"id": who, "name": f"who-is-{who}", "role": Role.AGENT, "team": team, "joined_on": date(2024, 1, 1)}
    stream = uuid4()
    world.record(stream, asyncio.run(world.sealed(agent.Registered, {**known, **facts})))
    return stream


def on_duty(world: World, *agents: str) -> str:
    """A shift in which these work now; its id."""
    stream, people = uuid4(), tuple(AgentId(who) for who in agents)
    planned = shift.Planned(
        date=c.TODAY, kind=ShiftKind.EARLY, team="t1", start=BEGAN, end=BEGAN + 8 * c.HOUR, agents=people
    )
    world.record(stream, planned)
    return str(stream)


def test_hard_cases_per_agent_the_most_first_q_8(world: World) -> None:
    for who in ("a1", "a2", "a3"):
        register(world, who)
    plain = world.receive(handler="a1", owner="a1")
    world.record(plain, c.ACKNOWLEDGED)
    world.receive(handler="a2", owner="a2", on_site=True)
    major, asked = (world.receive(handler="a2", owner="a2") for _ in range(2))
    world.record(major, c.CLARIFIED, c.INVESTIGATED, replace(c.ANALYSED, severity=Severity.MAJOR))
    world.record(asked, c.CLARIFIED, c.ESCALATED, c.PAUSED)
    over = world.receive(handler="a2", owner="a2", on_site=True)
    world.record(over, c.WITHDRAWN)
    found = carried(world)
    assert [(load.agent, load.open, load.hard, load.on_site, load.paused) for load in found] == [
        ("a2", 3, 3, 1, 1),
        ("a1", 1, 0, 0, 0),
        ("a3", 0, 0, 0, 0),
    ]


def test_what_happened_in_the_shift_counts_also_once_it_is_over_q_8(world: World) -> None:
    for who in ("a1", "a2"):
        register(world, who)
    shift_id = on_duty(world, "a1")
    over, _ = (world.receive(handler="a1", owner="a1", on_site=True) for _ in range(2))
    world.record(over, c.WITHDRAWN, at=BEGAN + c.HOUR)
    world.receive(handler="a2", owner="a2", on_site=True)
    first, other = sorted(carried(world), key=lambda load: load.agent)
    assert (str(first.shift), first.shift_kind, first.shift_start) == (shift_id, ShiftKind.EARLY, BEGAN)
    assert (first.hard, first.hard_in_shift, first.open) == (1, 1, 1)
    assert (other.shift, other.hard, other.hard_in_shift) == (None, 1, None)


def test_a_team_alone_and_nobody_who_has_left_or_is_yet_to_come_q_8(world: World) -> None:
    register(world, "a1")
    register(world, "a2", team="t2")
    register(world, "s1", role=Role.SUPERVISOR)
    world.record(register(world, "a4"), agent.Left(last_day=c.TODAY - c.DAY))
    world.record(register(world, "a5"), agent.Left(last_day=c.TODAY))
    register(world, "a6", joined_on=c.TODAY + c.DAY)
    assert {load.agent for load in carried(world)} == {"a1", "a2", "a5"}
    assert {load.agent for load in carried(world, "t1")} == {"a1", "a5"}
