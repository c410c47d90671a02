"""A database belongs to one master key; who comes in waits for nobody's search; the demo's old keys are void."""

import os
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import date
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from adapters.auth.limiter import Limiter, TooManyRequests
from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.cli import commands
from adapters.cli import main as cli
from adapters.demo import PEOPLE, prepare_demo
from adapters.master_key import WrongMasterKey
from adapters.settings import Settings
from domain.values import AgentId
from tests.support.command_line import CommandLine
from tests.support.database import Database, empty_database

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
HASH = "SELECT rolpassword FROM pg_authid WHERE rolname = 'redress_app'"
PERSONS = "SELECT count(*) FROM private.subjects"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def empty(postgres_server: str) -> Iterator[str]:
    """A database of the administrator's; the role's password belongs to the whole server and is put back."""
    with psycopg.connect(postgres_server, autocommit=True) as admin, empty_database(postgres_server) as dsn:
        before = admin.execute(HASH).fetchone()
        yield dsn
        if before and before[0]:
            admin.execute(f"ALTER ROLE redress_app PASSWORD '{before[0]}'".encode())


@pytest.fixture
async def services(
    database_factory: Callable[[], AbstractContextManager[Database]], tmp_path: Path
) -> AsyncIterator[Services]:
    with database_factory() as database:
        async with open_services(Settings(tmp_path / "home", database_url=database.app)) as services:
            yield services


def answer(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


async def start(dsn: str, home: Path, *, key: bytes | None = None) -> str:
    """Start a service, make a person, and return how the service connects."""
    given = {"REDRESS_MASTER_KEY": b64encode(key).decode()} if key else {}
    with patch.dict(os.environ, given):
        async with open_services(Settings(home, database_url=dsn)) as services:
            await services.keyring.subject([])
            return services.dsn


# ---- one database, one master key -----------------------------------------------------------------------------------
async def test_a_second_machine_without_the_key_is_refused_and_changes_nothing(empty: str, tmp_path: Path) -> None:
    await start(empty, tmp_path / "one")
    before = answer(empty, HASH)
    with pytest.raises(WrongMasterKey, match="put that one back, as REDRESS_MASTER_KEY or as"):
        await start(empty, tmp_path / "two")
    assert not (tmp_path / "two").exists()
    assert answer(empty, HASH) == before


async def test_another_key_is_refused_before_anything_is_changed(empty: str, tmp_path: Path) -> None:
    await start(empty, tmp_path)
    before = answer(empty, HASH)
    with psycopg.connect(empty) as admin:
        # something to migrate, which must not happen either
        admin.execute("DELETE FROM migrations.applied WHERE number = 1")
    with pytest.raises(WrongMasterKey):
        await start(empty, tmp_path, key=b"x" * 32)
    assert (answer(empty, HASH), answer(empty, PERSONS)) == (before, 1)


async def test_the_old_key_put_back_is_let_in_again(empty: str, tmp_path: Path) -> None:
    key = bytes(range(32))
    await start(empty, tmp_path / "one", key=key)
    with pytest.raises(WrongMasterKey):
        await start(empty, tmp_path / "two")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "master.key").write_bytes(b64encode(key))
    await start(empty, tmp_path / "two")
    assert answer(empty, PERSONS) == 2


async def test_as_the_services_own_role_another_key_is_refused_too(empty: str, tmp_path: Path) -> None:
    own = await start(empty, tmp_path / "one")
    assert await start(own, tmp_path / "one") == own
    for key in (None, b"x" * 32):
        with pytest.raises(WrongMasterKey):
            await start(own, tmp_path / "two", key=key)
    assert not (tmp_path / "two").exists()


async def test_the_service_cannot_make_the_database_its_own(empty: str, tmp_path: Path) -> None:
    own = await start(empty, tmp_path)
    for statement in ("DELETE FROM", "TRUNCATE"):
        with psycopg.connect(own) as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute(f"{statement} private.master_key_check".encode())
    with psycopg.connect(own) as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute("UPDATE private.master_key_check SET value = ''")


# ---- who comes in ---------------------------------------------------------------------------------------------------
async def new_key(services: Services) -> str:
    facts = {"name": "李雷", "role": "admin", "joined_on": date(2024, 1, 1)}
    await services.masters.register_agent(AgentId("d1"), facts, OPERATOR, operators_command())
    return await services.keys.create(AgentId("d1"))


async def test_searches_that_hold_every_connection_keep_nobody_out(services: Services) -> None:
    key = await new_key(services)
    async with AsyncExitStack() as stack:
        for _ in range(services.pool.max_size):
            await stack.enter_async_context(services.pool.connection())
        actor = await services.keys.actor(key)
    assert actor is not None
    assert actor.id == "d1"


async def test_all_keys_of_one_agent_are_revoked_and_nobody_elses(services: Services) -> None:
    first, second = await new_key(services), await services.keys.create(AgentId("d1"))
    other = await services.keys.create(AgentId("d2"))
    assert await services.keys.revoke_all(AgentId("d1")) == 2
    assert await services.keys.revoke_all(AgentId("d1")) == 0
    assert [await services.keys.actor(key) for key in (first, second)] == [None, None]
    assert await services.keys.revoke(other.split("_")[1])


async def test_a_new_start_of_the_demo_voids_the_keys_of_the_last(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch("adapters.demo.CASES", 0):
        await prepare_demo(services)
        await prepare_demo(services)
    printed = re.findall(r"agent=(\w+) key=(\S+)", capsys.readouterr().out)
    actors = [await services.keys.actor(key) for _, key in printed]
    assert actors[: len(PEOPLE)] == [None] * len(PEOPLE)
    assert [actor and actor.id for actor in actors[len(PEOPLE) :]] == [agent for _, agent, *_ in PEOPLE]


# ---- how often ------------------------------------------------------------------------------------------------------
def refused(limiter: Limiter, hit: Callable[[str], None], whose: str) -> tuple[int, TooManyRequests]:
    """How many were let through, and how the next was refused."""
    for number in range(1_000):
        try:
            hit(whose)
        except TooManyRequests as error:
            return number, error
    raise AssertionError(f"{limiter} has no limit")


def test_requests_of_a_caller_and_failed_keys_of_an_address_have_limits_of_their_own() -> None:
    limiter = Limiter(requests_per_minute=100)
    number, error = refused(limiter, limiter.hit_address, "a1")
    assert (number, 1 <= error.retry_after_s <= 60) == (600, True)
    assert "at most 600 failed keys from one address a minute" in str(error)
    limiter.hit_address("other")
    number, error = refused(limiter, limiter.hit, "a1")
    assert (number, 1 <= error.retry_after_s <= 60) == (100, True)
    assert "at most 100 requests a minute" in str(error)
    limiter.hit("a2")


# ---- how the command line ends --------------------------------------------------------------------------------------
NOT_UTF_8 = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
ENDS: tuple[tuple[Exception, int, str], ...] = (
    (WrongMasterKey(), 2, "put that one back"),
    (PermissionError(13, "Permission denied", "/x/y"), 2, "/x/y cannot be used (Permission denied): name another"),
    (NOT_UTF_8, 2, "the file is not utf-8 text (byte 0): save it as UTF-8"),
    (UnicodeEncodeError("ascii", "李", 0, 1, "ordinal not in range"), 2, "set PYTHONIOENCODING=utf-8"),
    (PoolTimeout("couldn't get a connection after 5.00 sec"), 4, "couldn't get a connection"),
    (TimeoutError("too slow"), 4, "too slow"),
)


@pytest.mark.parametrize(("error", "code", "said"), ENDS, ids=lambda value: type(value).__name__)
def test_what_goes_wrong_ends_in_a_sentence_and_an_exit_code(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch.object(commands, "app", side_effect=error), patch.object(cli, "logging"):
        assert cli.main() == code
    written = capsys.readouterr().err
    assert written.startswith("redress: ")
    assert said in written
    assert written.count("\n") == 1


def test_an_export_to_where_nothing_can_be_made_says_so(
    database_factory: Callable[[], AbstractContextManager[Database]], command_line: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with database_factory() as database:
        redress = command_line.set(REDRESS_DATABASE_URL=database.app, REDRESS_HOME=str(tmp_path))
        done = redress("export", str(tmp_path / "file" / "folder"))
    assert done.code == 2
    assert done.err.startswith(f"redress: {tmp_path}/file")
    assert "Traceback" not in done.err
