"""The keys of persons in a database of their own: the log's database alone then opens nothing (architecture part 6)."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import psycopg
import pytest

from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.desk import Desk
from adapters.master_key import WrongMasterKey
from adapters.people import PostgresPeople
from adapters.postgres.histories import PostgresHistories
from adapters.postgres.key_place import KeysMisplaced
from adapters.postgres.migrate import OlderDatabaseError
from adapters.settings import Settings, settings
from application.streams import agent_stream
from application.subjects import Person
from domain.values import AgentId
from tests.support.database import Database, empty_database, fresh_database, running_server

pytestmark = pytest.mark.anyio

KEYS = "SELECT count(*) FROM private.subjects"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of these tests alone: whoever starts here with a master key gives the service's role its password."""
    with running_server(None) as dsn:
        yield dsn


@pytest.fixture
def elsewhere(server: str) -> Iterator[str]:
    """An empty database for the keys."""
    with empty_database(server) as admin:
        yield admin


@pytest.fixture
def own(server: str) -> Iterator[Database]:
    """A database for the log, of this test alone."""
    with fresh_database(server) as database:
        yield database


@asynccontextmanager
async def opened(home: Path, log: Database, keys: str | None) -> AsyncIterator[Services]:
    """The services over both."""
    async with open_services(Settings(home=home, database_url=log.admin, keys_database_url=keys)) as services:
        yield services


async def somebody(services: Services) -> str:
    """Registers somebody; their name as it can be read."""
    facts = {"name": "王芳", "role": "agent", "rank": None, "team": None, "joined_on": date(2024, 1, 1)}
    await services.masters.register_agent(AgentId("a1"), facts, OPERATOR, operators_command())
    return str(await name_of(services))


async def name_of(services: Services) -> str | None:
    """The name of who was registered."""
    [registered] = await PostgresHistories(services.pool).history(agent_stream(AgentId("a1")).id)
    private = registered.event.name  # type: ignore[attr-defined]
    return (await services.keyring.opener([private.subject])).open("agent.registered.name", private)


async def subject_of(services: Services) -> str:
    """Whose name it is."""
    [registered] = await PostgresHistories(services.pool).history(agent_stream(AgentId("a1")).id)
    return str(registered.event.name.subject)  # type: ignore[attr-defined]


def move(old: str, new: str) -> None:
    """Copy the keys, and empty the tables they were in, as docs/operators.md says."""
    with psycopg.connect(old, autocommit=True) as source, psycopg.connect(new, autocommit=True) as target:
        for table in ("private.subjects", "private.identities"):
            with (
                source.cursor().copy(f"COPY {table} TO STDOUT".encode()) as read,
                target.cursor().copy(f"COPY {table} FROM STDIN".encode()) as write,
            ):
                for part in read:
                    write.write(part)
        source.execute("DELETE FROM private.subjects")


def count(admin: str) -> int:
    """How many keys lie in a database."""
    with psycopg.connect(admin) as connection:
        row = connection.execute(KEYS).fetchone()
        assert row
        return int(row[0])


async def test_keys_lie_there_and_not_with_the_log(tmp_path: Path, own: Database, elsewhere: str) -> None:
    async with opened(tmp_path, own, elsewhere) as services:
        assert await somebody(services) == "王芳"
        assert (count(own.admin), count(elsewhere)) == (0, 1)
        await services.keyring.erase(await services.keyring.subject(("agent", "a1")))
        assert await name_of(services) is None
        assert count(elsewhere) == 0


async def test_what_is_sealed_beside_the_log_needs_no_key_beside_it(
    tmp_path: Path, own: Database, elsewhere: str
) -> None:
    async with opened(tmp_path, own, elsewhere) as services:
        await somebody(services)
        desk, writer = Desk(services.pool, services.keyring), AgentId("a1")
        await desk.keep_draft(writer, "receipt", None, {"narrative": ["写了一半"]})
        draft = await desk.draft(writer, "receipt")
        assert draft
        assert draft.fields == {"narrative": ["写了一半"]}
        people, subject = PostgresPeople(services.dsn, services.pool), await services.keyring.subject(("agent", "a1"))
        await people.forget(Person(subject))
        assert await desk.draft(writer, "receipt") is None


async def test_without_the_setting_it_does_not_start_blind(tmp_path: Path, own: Database, elsewhere: str) -> None:
    async with opened(tmp_path, own, elsewhere) as services:
        await somebody(services)
    with pytest.raises(KeysMisplaced, match="set REDRESS_KEYS_DATABASE_URL"):
        async with opened(tmp_path, own, None):
            pass
    async with opened(tmp_path, own, elsewhere) as services:
        assert await name_of(services) == "王芳"


async def test_keys_are_moved_before_they_are_looked_for_elsewhere(
    tmp_path: Path, own: Database, elsewhere: str
) -> None:
    async with opened(tmp_path, own, None) as services:
        await somebody(services)
    with pytest.raises(KeysMisplaced, match="move them"):
        async with opened(tmp_path, own, elsewhere):
            pass
    move(own.admin, elsewhere)
    async with opened(tmp_path, own, elsewhere) as services:
        assert await name_of(services) == "王芳"
        assert await services.keyring.subject(("agent", "a1")) == await subject_of(services)


async def test_they_belong_to_one_master_key(tmp_path: Path, own: Database, elsewhere: str) -> None:
    async with opened(tmp_path / "one", own, elsewhere) as services:
        await somebody(services)
    with pytest.raises(WrongMasterKey):
        async with opened(tmp_path / "two", own, elsewhere):
            pass


async def test_as_the_services_own_role_their_schema_is_only_checked(
    tmp_path: Path, own: Database, elsewhere: str
) -> None:
    async with opened(tmp_path, own, elsewhere) as services:
        made = services.keys_dsn
    async with opened(tmp_path, own, made) as services:
        assert services.keys_dsn == made
    with psycopg.connect(elsewhere, autocommit=True) as admin:
        admin.execute("DELETE FROM migrations.applied")
    with pytest.raises(OlderDatabaseError, match="lacks 0001_keys"):
        async with opened(tmp_path, own, made):
            pass


def test_the_setting_is_read() -> None:
    assert settings({"REDRESS_KEYS_DATABASE_URL": "postgresql://keys"}).keys_database_url == "postgresql://keys"
    assert settings({}).keys_database_url is None
