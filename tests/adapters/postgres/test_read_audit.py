"""Who read what stays on record as it was written down, month by month, until its time is over (A-4)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from adapters.keyring import MemoryKeyring
from adapters.postgres.pool import Pool, service_pool
from adapters.postgres.read_audit import PostgresReadAudit, ReadFilters, ReadKind
from application.sealing import ERASED, RESTRICTED
from domain.values import Actor, AgentId, Role
from tests.support.database import Database

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
KEYS = MemoryKeyring()
READER = Actor(AgentId("u1"), Role.AUDITOR)
PARTITIONS = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'access.reads'::regclass ORDER BY 1"""


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database.app, "reads") as pool:
        yield pool


async def kept(audit: PostgresReadAudit, resource: str) -> list[datetime]:
    page, _ = await audit.page(ReadFilters(resource=resource), None, 500)
    return [read.at for read in page]


async def test_each_month_has_a_table_of_its_own_made_when_it_is_needed(pool: Pool, database: Database) -> None:
    audit = PostgresReadAudit(pool, KEYS)
    edge = datetime(2031, 1, 1, tzinfo=UTC)
    for at in (edge - timedelta(microseconds=1), edge):
        await audit.note(READER, ReadKind.EXPORTED, "edge", "why", at)
    with psycopg.connect(database.admin) as admin:
        months = [name for (name,) in admin.execute(PARTITIONS.encode())]
    assert {"reads_2030_12", "reads_2031_01"} <= {*months}
    assert await kept(audit, "edge") == [edge, edge - timedelta(microseconds=1)]


async def test_what_is_too_old_is_dropped_by_whole_months_and_nothing_else(pool: Pool) -> None:
    audit = PostgresReadAudit(pool, KEYS)
    old, young = NOW - timedelta(days=800), NOW - timedelta(days=690)
    for at in (old, young, NOW):
        await audit.note(READER, ReadKind.OPENED, "aging", None, at)
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT access.forget_reads()")).fetchone()
    assert row
    assert row[0] >= 1
    assert await kept(audit, "aging") == [NOW, young]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access.reads SET reason = 'another'",
        "DELETE FROM access.reads",
        "TRUNCATE access.reads",
        "INSERT INTO access.reads (at, actor, kind, resource) VALUES (now(), 'x', 'opened', 'y')",
        "SELECT access.month_of_reads(now())",
        "DELETE FROM access.reads_{month}",
        "UPDATE access.reads_{month} SET actor = 'x'",
        "DROP TABLE access.reads_{month}",
    ],
)
async def test_nobody_who_serves_changes_what_was_written_down(pool: Pool, statement: str) -> None:
    await PostgresReadAudit(pool, KEYS).note(READER, ReadKind.OPENED, "kept", None, NOW)
    async with pool.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.format(month=f"{NOW:%Y_%m}").encode())


async def test_a_reason_is_sealed_to_whose_data_were_read_and_goes_with_them_a_3(pool: Pool) -> None:
    audit, person = PostgresReadAudit(pool, KEYS), await KEYS.subject(())

    async def reasons() -> list[str | None]:
        page, _ = await audit.page(ReadFilters(resource="sealed"), None, 500)
        return [read.reason for read in page]

    await audit.note(READER, ReadKind.OPENED, "sealed", "王小明来信", NOW, person)
    await audit.note(READER, ReadKind.OPENED, "sealed", "nobody's", NOW, None)
    await audit.note(READER, ReadKind.OPENED, "sealed", None, NOW, person)
    async with pool.connection() as connection:
        found = await (await connection.execute("SELECT r::text FROM access.reads r")).fetchall()
    assert not any("王小明" in row or "王小明".encode().hex() in row for (row,) in found)
    assert await reasons() == [None, "nobody's", "王小明来信"]
    await KEYS.restrict(person)
    assert await reasons() == [None, "nobody's", RESTRICTED]
    await KEYS.erase(person)
    await audit.note(READER, ReadKind.OPENED, "sealed", "王小明再次", NOW, person)
    assert await reasons() == [ERASED, None, "nobody's", ERASED]


async def test_what_is_read_at_once_is_written_down_by_one_statement_in_its_months(pool: Pool) -> None:
    audit = PostgresReadAudit(pool, KEYS)
    edge = datetime(2032, 1, 1, tzinfo=UTC)
    moments = [edge - timedelta(days=1), edge, edge + timedelta(days=40)]
    await asyncio.gather(*(audit.note(READER, ReadKind.OPENED, "at once", None, at) for at in moments))
    assert sorted(await kept(audit, "at once")) == moments


async def test_a_list_is_one_row_however_often_its_page_asks_within_a_minute(pool: Pool) -> None:
    audit = PostgresReadAudit(pool, KEYS)
    for seconds, shown in ((0, 7), (30, 7), (40, 8), (61, 7)):
        await audit.listed(READER, "cases", "status=received", shown, NOW + timedelta(seconds=seconds))
    await audit.listed(READER, "cases", "", None, NOW)
    await audit.listed(READER, "cases", "", None, NOW)
    page, _ = await audit.page(ReadFilters(resource="cases"), None, 500)
    assert [(read.kind, read.asked, read.shown) for read in page] == [
        (ReadKind.FOLLOWED, None, None),
        (ReadKind.FOLLOWED, None, None),
        (ReadKind.LISTED, "status=received", 7),
        (ReadKind.LISTED, "status=received", 8),
        (ReadKind.LISTED, "status=received", 7),
    ]
