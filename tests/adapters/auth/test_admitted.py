"""Whom a process let in a moment ago it does not look up again, until something changes, here or elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.auth import admitted
from adapters.auth.admitted import Admitted, Found
from adapters.auth.api_keys import Limits
from adapters.auth.sessions import Way
from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.settings import Settings
from domain.values import Actor, AgentId, Role
from tests.adapters.http.serving import Factory

pytestmark = pytest.mark.anyio
TODAY = datetime.now(UTC).date()
LEE = Actor(AgentId("a1"), Role.AGENT)
PATIENCE_S = 20
Asked = Callable[[], Awaitable[object]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def kept_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody is out only because the time is over."""
    monkeypatch.setattr(admitted, "KEPT", timedelta(hours=1))


@asynccontextmanager
async def hearing_beside_another(database_factory: Factory, home: Path) -> AsyncIterator[tuple[Services, Services]]:
    """A process that hears of changes, and another one that makes them."""
    with database_factory() as database:
        settings = Settings(home=home, database_url=database.app)
        async with open_services(settings) as one, open_services(settings) as other:
            stop = asyncio.Event()
            ear = asyncio.create_task(one.admitted.hear(one.dsn, stop))
            facts = {"name": "李雷", "role": "agent", "joined_on": TODAY - timedelta(days=9)}
            await other.masters.register_agent(AgentId("a1"), facts, OPERATOR, operators_command())
            yield one, other
            stop.set()
            await ear


async def until(asked: Asked, expected: object) -> None:
    """Wait until this is the answer."""
    async with asyncio.timeout(PATIENCE_S):
        while await asked() != expected:  # noqa: ASYNC110  it changes in the database
            await asyncio.sleep(0.01)


async def lookups(of: Admitted, found: Sequence[Found | None]) -> tuple[list[Actor | None], int]:
    """Who comes in, when the database would find these one after the other, and how often it was asked."""
    left = list(found)

    async def look_up() -> Found | None:
        return left.pop(0)

    came = [await of.actor(b"key", look_up) for _ in found]
    return came, len(found) - len(left)


async def test_nobody_is_kept_where_nobody_hears() -> None:
    assert await lookups(Admitted(), [(LEE, None), None]) == ([LEE, None], 2)


async def test_who_was_let_in_is_not_looked_up_again_while_changes_are_heard_of(
    database_factory: Factory, tmp_path: Path
) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, _):

        async def asked() -> int:
            return (await lookups(one.admitted, [(LEE, None), None]))[1]

        await until(asked, 1)
        one.admitted.forget()
        assert await lookups(one.admitted, [None, (LEE, None), None]) == ([None, LEE, LEE], 2)


async def test_nobody_is_kept_beyond_the_end_of_what_they_came_in_by(database_factory: Factory, tmp_path: Path) -> None:
    over = datetime.now(UTC) - timedelta(seconds=1)
    async with hearing_beside_another(database_factory, tmp_path) as (one, _):
        assert await lookups(one.admitted, [(LEE, over), None]) == ([LEE, None], 2)


async def test_what_changes_while_somebody_is_looked_up_is_not_missed(
    database_factory: Factory, tmp_path: Path
) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, _):

        async def overtaken() -> Found | None:
            one.admitted.forget()
            return LEE, None

        assert await one.admitted.actor(b"key", overtaken) == LEE
        assert await lookups(one.admitted, [None]) == ([None], 1)


async def test_who_was_looked_up_before_anybody_heard_is_not_kept(database_factory: Factory, tmp_path: Path) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, _):
        late, stop = Admitted(), asyncio.Event()

        async def heard() -> object:
            return (await lookups(late, [(LEE, None), None]))[1]

        async def begun_meanwhile() -> Found | None:
            ears.append(asyncio.create_task(late.hear(one.dsn, stop)))
            await until(heard, 1)
            return LEE, None

        ears: list[asyncio.Task[None]] = []
        assert await late.actor(b"early", begun_meanwhile) == LEE
        assert await late.actor(b"early", nobody) is None
        stop.set()
        await asyncio.gather(*ears)


async def nobody() -> Found | None:
    return None


async def test_a_key_revoked_or_narrowed_elsewhere_is_so_here(database_factory: Factory, tmp_path: Path) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, other):
        revoked, ended = [await other.keys.create(AgentId("a1"), Limits(scopes=frozenset({"read"}))) for _ in range(2)]
        await until(lambda: one.keys.actor(revoked), Actor(AgentId("a1"), Role.AGENT, scopes=frozenset({"read"})))
        assert await one.keys.actor(ended)
        await other.keys.revoke(revoked.split("_")[1])
        await until(lambda: one.keys.actor(revoked), None)
        assert await one.keys.actor(ended)
        async with other.pool.connection() as connection:
            await connection.execute("UPDATE access.api_keys SET expires_at = now()")
        await until(lambda: one.keys.actor(ended), None)


async def test_a_session_ended_elsewhere_is_ended_here(database_factory: Factory, tmp_path: Path) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, other):
        token = await other.sessions.begin(AgentId("a1"), Way.PASSWORD)
        assert token
        await until(lambda: one.sessions.actor(token), LEE)
        await other.sessions.end(token)
        await until(lambda: one.sessions.actor(token), None)


async def test_who_leaves_is_out_here_though_it_was_recorded_elsewhere(
    database_factory: Factory, tmp_path: Path
) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, other):
        key = await other.keys.create(AgentId("a1"))
        await until(lambda: one.keys.actor(key), LEE)
        await other.masters.let_go(AgentId("a1"), TODAY - timedelta(days=2), OPERATOR, operators_command())
        await until(lambda: one.keys.actor(key), None)


async def test_what_a_process_records_itself_it_knows_before_it_answers(
    database_factory: Factory, tmp_path: Path
) -> None:
    async with hearing_beside_another(database_factory, tmp_path) as (one, _):
        key = await one.keys.create(AgentId("a1"))
        await until(lambda: one.keys.actor(key), LEE)
        await one.masters.let_go(AgentId("a1"), TODAY - timedelta(days=2), OPERATOR, operators_command())
        assert await one.keys.actor(key) is None
