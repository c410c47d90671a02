"""Agents, teams, merchants and departments as rows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest
from psycopg import AsyncConnection

from application.sealing import ERASED
from application.streams import agent_stream, department_stream, merchant_stream, team_stream
from domain.agent import events as agent
from domain.agent.words import Presence, Rank
from domain.department import events as department
from domain.kernel import Event
from domain.merchant import events as merchant
from domain.team import events as team
from domain.values import AgentId, Role, SubjectId
from projections import directory as d
from projections.rebuild import rebuild
from tests.projections.projecting import World

T = TypeVar("T")
JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)
DAY = timedelta(days=1)
A1 = AgentId("a1")


def asked(world: World, question: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await question(connection)

    return asyncio.run(ask())


def register(world: World, key: str, **facts: object) -> None:
    usual = {"id": key, "name": "李雷", "role": "agent", "joined_on": JAN}
    registered = asyncio.run(world.sealed(agent.Registered, {**usual, **facts}))
    world.record(agent_stream(AgentId(key)).id, registered)


def test_an_agent_through_the_years(world: World) -> None:
    register(world, "a1", role="supervisor", rank="manager", team="t1")
    world.record(
        agent_stream(A1).id,
        agent.TeamChanged(team="t2"),
        agent.LimitSet(from_day=MAR, limit_fen=None),
        agent.LimitSet(from_day=FEB, limit_fen=1),
        agent.LimitSet(from_day=FEB, limit_fen=2),
        agent.WentAbsent(),
    )
    world.project()
    row = asked(world, lambda connection: d.entry(connection, d.AGENTS, "a1"))
    assert row is not None
    assert (row.version, row.position, row.rank, row.joined_on) == (6, 6, Rank.MANAGER, JAN)
    assert (row.role, row.team, row.presence) == (Role.SUPERVISOR, "t2", Presence.ABSENT)
    assert row.limits == {FEB: 2, MAR: None}


@pytest.mark.parametrize(("day", "there"), [(JAN - DAY, False), (JAN, True), (MAR, True), (MAR + DAY, False)])
def test_who_may_be_told_of_clocks_is_there_from_the_first_day_to_the_last_d_3d(
    world: World, day: date, *, there: bool
) -> None:
    register(world, "a1")
    world.record(agent_stream(A1).id, agent.Left(last_day=MAR))
    world.project()
    [person] = asked(world, lambda connection: d.people(connection, day))
    assert (person.id, person.present) == ("a1", there)


@pytest.mark.parametrize(
    ("events", "presence", "left_on"),
    [
        ((agent.WentAbsent(), agent.CameBack()), Presence.PRESENT, None),
        ((agent.Left(last_day=MAR),), Presence.LEFT, MAR),
    ],
)
def test_whether_an_agent_is_there(
    world: World, events: tuple[Event, ...], presence: Presence, left_on: date | None
) -> None:
    register(world, "a1")
    world.project()
    world.record(agent_stream(A1).id, *events)
    world.project()
    row = asked(world, lambda connection: d.entry(connection, d.AGENTS, "a1"))
    assert row is not None
    assert (row.presence, row.left_on) == (presence, left_on)


def test_nobody_is_nobody(world: World) -> None:
    world.project()
    assert asked(world, lambda connection: d.entry(connection, d.TEAMS, "t1")) is None


def test_pages_in_the_order_of_ids(world: World) -> None:
    for key in ("t3", "t1", "t2"):
        world.record(team_stream(key).id, team.Registered(id=key, name=f"team {key}"))
    world.record(team_stream("t2").id, team.Renamed(name="二组"))
    world.project()
    first = asked(world, lambda connection: d.entries(connection, d.TEAMS, limit=2))
    assert [(row.id, row.name, row.version) for row in first.items] == [("t1", "team t1", 1), ("t2", "二组", 2)]
    rest = asked(world, lambda connection: d.entries(connection, d.TEAMS, first.next, limit=2))
    assert ([row.id for row in rest.items], rest.next) == (["t3"], None)


def test_a_merchant_and_a_department(world: World) -> None:
    world.record(
        merchant_stream("m1").id,
        merchant.Registered(id="m1", name="海底捞"),
        merchant.SigningChanged(from_day=JAN, signed=True),
        merchant.SigningChanged(from_day=MAR, signed=False),
        merchant.RecommendationChanged(from_day=FEB, recommended=True),
    )
    world.record(
        department_stream("it").id,
        department.Registered(id="it", name="Technical"),
        department.MattersSet(matters=("system", "cards")),
        department.Renamed(name="技术部"),
    )
    world.project()
    one = asked(world, lambda connection: d.entry(connection, d.MERCHANTS, "m1"))
    assert one is not None
    assert (one.name, one.signings, one.recommendations) == ("海底捞", {JAN: True, MAR: False}, {FEB: True})
    other = asked(world, lambda connection: d.entry(connection, d.DEPARTMENTS, "it"))
    assert other is not None
    assert (other.name, other.matters, other.version) == ("技术部", ["system", "cards"], 3)


def test_names_are_opened_until_the_person_is_erased(world: World) -> None:
    register(world, "a1", name="李雷")
    register(world, "a2", name="韩梅梅")
    world.project()
    assert asked(world, lambda connection: d.agent_names(connection, ["a1", "a2", "a3"])) == {
        "a1": "李雷",
        "a2": "韩梅梅",
    }
    [state] = [body for (body,) in world.rows("SELECT state FROM log.events WHERE notification_id = 1")]
    subject = str(state).partition('"subject":"')[2][:36]
    asyncio.run(world.keyring.erase(SubjectId(subject)))
    asyncio.run(rebuild(world.dsn, world.keyring, [d.Directory()]))
    assert asked(world, lambda connection: d.agent_names(connection, ["a1", "a2"])) == {"a1": ERASED, "a2": "韩梅梅"}
