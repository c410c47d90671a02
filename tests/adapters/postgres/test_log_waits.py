"""Every wait ends: with Busy when too many wait, with Unavailable when the database does not answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from adapters.postgres import event_log
from adapters.postgres.event_log import PostgresLog
from adapters.postgres.pool import Pool, log_pool
from application.event_log import Busy, Row, Unavailable, Write
from tests.support.database import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with log_pool(database.app, size=1) as pool:
        pool.timeout = 0.1
        yield pool


def write() -> Write:
    return Write(uuid4(), b"f", b"{}", [Row(uuid4(), 1, "t", b"{}")])


async def test_no_free_connection_in_time_is_busy(pool: Pool) -> None:
    async with pool.connection():
        with pytest.raises(Busy):
            await PostgresLog(pool).append(write())


async def test_too_many_waiting_is_busy(pool: Pool) -> None:
    async with pool.connection():
        pool.max_waiting = -1
        with pytest.raises(Busy):
            await PostgresLog(pool).load([uuid4()])


async def test_a_lock_held_for_too_long_is_unavailable(pool: Pool, database: Database) -> None:
    with patch.object(event_log, "LIMIT_S", 0.3), psycopg.connect(database.admin) as blocker:
        blocker.execute("LOCK TABLE log.turn IN EXCLUSIVE MODE")
        with pytest.raises(Unavailable) as unavailable:
            await PostgresLog(pool).append(write())
    assert not isinstance(unavailable.value, Busy)


async def test_a_closed_pool_is_unavailable_at_once(pool: Pool) -> None:
    await pool.close()
    with pytest.raises(Unavailable):
        await PostgresLog(pool).load([uuid4()])


async def test_a_lost_answer_is_asked_for_again_and_counts_as_stored(pool: Pool, database: Database) -> None:
    fetchall = psycopg.AsyncCursor.fetchall
    lost: list[Any] = []

    async def answer_lost(cursor: psycopg.AsyncCursor[Any]) -> list[Any]:
        rows = await fetchall(cursor)
        if not lost:
            lost.append(rows)
            raise psycopg.errors.AdminShutdown("the answer was lost")
        return rows

    with patch.object(psycopg.AsyncCursor, "fetchall", answer_lost):
        sent = write()
        done = await PostgresLog(pool).append(sent)
    assert not done.repeated
    with psycopg.connect(database.app) as app:
        stored = app.execute("SELECT notification_id FROM log.events WHERE originator_id = %s", [sent.rows[0].stream])
        assert stored.fetchall() == [(done.position,)]


async def test_a_server_that_takes_no_writes_is_left_for_one_that_does(database: Database) -> None:
    with psycopg.connect(database.admin, autocommit=True) as admin:
        name = sql.Identifier(admin.info.dbname)
        # as after a failover: what connects now is read-only, what connects later is not
        admin.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
        async with log_pool(database.app, size=1) as pool:
            await PostgresLog(pool).load([uuid4()])
            waiting = asyncio.create_task(PostgresLog(pool).append(write()))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            admin.execute(sql.SQL("ALTER DATABASE {} RESET default_transaction_read_only").format(name))
            assert not (await waiting).repeated


async def test_nobody_waits_while_the_log_is_vacuumed(pool: Pool, database: Database) -> None:
    with patch.object(event_log, "LIMIT_S", 2.0), psycopg.connect(database.admin) as blocker:
        # the lock that VACUUM, ANALYZE and CREATE INDEX CONCURRENTLY take
        blocker.execute("LOCK TABLE log.events IN SHARE UPDATE EXCLUSIVE MODE")
        await PostgresLog(pool).append(write())
