"""Who is shut out is out at once, in every process: sessions and keys, revoked, expired, or of who has left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.auth.api_keys import Limits
from adapters.auth.service_accounts import NotForPrograms
from adapters.auth.sessions import Way
from adapters.bootstrap import OPERATOR, Services, housekeeper, open_services, operators_command
from adapters.settings import Settings
from domain.values import AgentId, Role
from tests.adapters.http.serving import Factory

pytestmark = pytest.mark.anyio
TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def two_processes(database_factory: Factory, home: Path) -> AsyncIterator[tuple[Services, Services]]:
    """Two services over one database, each with connections and memory of its own."""
    with database_factory() as database:
        settings = Settings(home=home, database_url=database.app)
        async with open_services(settings) as one, open_services(settings) as other:
            facts = {"name": "李雷", "role": "agent", "joined_on": TODAY - timedelta(days=9)}
            await one.masters.register_agent(AgentId("a1"), facts, OPERATOR, operators_command())
            yield one, other


async def begun(services: Services) -> str:
    token = await services.sessions.begin(AgentId("a1"), Way.PASSWORD)
    assert token is not None
    return token


async def test_a_session_that_is_ended_is_ended_everywhere(database_factory: Factory, tmp_path: Path) -> None:
    async with two_processes(database_factory, tmp_path) as (one, other):
        first, second = await begun(one), await begun(one)
        assert [bool(await other.sessions.actor(token)) for token in (first, second)] == [True, True]
        await one.sessions.end(first)
        assert [bool(await other.sessions.actor(token)) for token in (first, second)] == [False, True]
        await one.sessions.end_all(AgentId("a1"))
        assert await other.sessions.actor(second) is None


async def test_asking_whether_a_session_holds_is_no_use_of_it(database_factory: Factory, tmp_path: Path) -> None:
    async with two_processes(database_factory, tmp_path) as (one, other):
        token = await begun(one)
        idle = "UPDATE access.sessions SET used_at = now() - interval '59 minutes' RETURNING used_at"
        async with one.pool.connection() as connection:
            used = await (await connection.execute(idle)).fetchone()
            assert await other.sessions.holds(token)
            assert await (await connection.execute("SELECT used_at FROM access.sessions")).fetchone() == used
        await one.sessions.end(token)
        assert not await other.sessions.holds(token)


async def test_a_key_that_is_revoked_or_has_expired_lets_nobody_in_anywhere(
    database_factory: Factory, tmp_path: Path
) -> None:
    async with two_processes(database_factory, tmp_path) as (one, other):
        ends = datetime.now(UTC) + timedelta(days=1)
        keys = [await one.keys.create(AgentId("a1"), Limits(expires_at=ends)) for _ in range(2)]
        assert all([await other.keys.actor(key) for key in keys])
        await one.keys.revoke(keys[0].split("_")[1])
        async with one.pool.connection() as connection:
            await connection.execute("UPDATE access.api_keys SET expires_at = now() WHERE revoked_at IS NULL")
        assert [await other.keys.actor(key) for key in keys] == [None, None]
        assert await other.keys.listed() == []


async def test_who_has_left_is_out_with_all_sessions_and_keys(database_factory: Factory, tmp_path: Path) -> None:
    async with two_processes(database_factory, tmp_path) as (one, other):
        token, key = await begun(one), await one.keys.create(AgentId("a1"))
        yesterday = TODAY - timedelta(days=2)
        await one.masters.let_go(AgentId("a1"), yesterday, OPERATOR, operators_command())
        assert (await other.sessions.actor(token), await other.keys.actor(key)) == (None, None)
        assert await other.sessions.begin(AgentId("a1"), Way.PROVIDER) is None


async def test_a_session_ends_where_the_role_is_another(database_factory: Factory, tmp_path: Path) -> None:
    async with two_processes(database_factory, tmp_path) as (one, other):
        token = await begun(one)
        async with one.pool.connection() as connection:
            await connection.execute("UPDATE access.sessions SET role = %s", (Role.SUPERVISOR,))
        assert await other.sessions.actor(token) is None


async def test_a_program_has_no_session(database_factory: Factory, tmp_path: Path) -> None:
    async with two_processes(database_factory, tmp_path) as (one, _):
        with pytest.raises(NotForPrograms):
            await one.sessions.begin(AgentId("svc-export"), Way.KEY)


# ---- what is kept of it ---------------------------------------------------------------------------------------------
KEPT = """
    SELECT (SELECT count(*) FROM access.passwords WHERE agent = %(agent)s),
        (SELECT count(*) FROM access.sessions WHERE agent = %(agent)s),
        (SELECT count(*) FROM access.api_keys WHERE agent = %(agent)s)"""


async def rows_of(services: Services, agent: str) -> tuple[int, int, int] | None:
    """How many passwords, sessions and keys there are of somebody, also such as have ended."""
    async with services.pool.connection() as connection:
        return await (await connection.execute(KEPT, {"agent": agent})).fetchone()


async def test_what_let_somebody_in_is_deleted_when_they_have_left_a_3(
    database_factory: Factory, tmp_path: Path
) -> None:
    async with two_processes(database_factory, tmp_path) as (one, _):
        facts = {"name": "韩梅梅", "role": "agent", "joined_on": TODAY - timedelta(days=9)}
        await one.masters.register_agent(AgentId("a2"), facts, OPERATOR, operators_command())
        for agent in (AgentId("a1"), AgentId("a2")):
            await one.passwords.give(agent, "walrus-copper-lantern-9")
            await one.sessions.begin(agent, Way.PASSWORD)
            await one.keys.create(agent)
        await one.masters.let_go(AgentId("a1"), TODAY - timedelta(days=2), OPERATOR, operators_command())
        await housekeeper(one).keep()
        assert await rows_of(one, "a1") == (0, 0, 0)
        assert await rows_of(one, "a2") == (1, 1, 1)


async def test_sessions_and_keys_that_ended_long_ago_are_deleted(database_factory: Factory, tmp_path: Path) -> None:
    async with two_processes(database_factory, tmp_path) as (one, _):
        tokens = [await begun(one) for _ in range(2)]
        keys = [await one.keys.create(AgentId("a1")) for _ in range(3)]
        await one.sessions.end(tokens[0])
        for key in keys[:2]:
            await one.keys.revoke(key.split("_")[1])
        async with one.pool.connection() as connection:
            await connection.execute("UPDATE access.sessions SET ended_at = ended_at - interval '31 days'")
            await connection.execute(
                "UPDATE access.api_keys SET revoked_at = revoked_at - interval '31 days' WHERE prefix = %s",
                (keys[0].split("_")[1],),
            )
        await housekeeper(one).keep()
        assert await rows_of(one, "a1") == (0, 1, 2)
