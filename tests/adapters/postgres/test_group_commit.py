"""Commands that come in together are loaded by one query and stored by one transaction, each with its own outcome."""

import asyncio
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.postgres.event_log import PostgresLog
from application.event_log import CommandReused, Done, Moved, Row, Write
from tests.support.database import Database

pytestmark = pytest.mark.anyio


def write(*, stream: UUID | None = None, version: int = 1, topic: str = "t", command_id: UUID | None = None) -> Write:
    return Write(command_id or uuid4(), b"f", b"{}", [Row(stream or uuid4(), version, topic, b"{}")])


async def appended_together(log: PostgresLog, database: Database, writes: Sequence[Write]) -> list[Any]:
    """What each is told when all come in while one command waits for the log."""
    async with await psycopg.AsyncConnection.connect(database.admin) as blocker:
        await blocker.execute("LOCK TABLE log.turn IN EXCLUSIVE MODE")
        first = asyncio.create_task(log.append(write()))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(log.append(one)) for one in writes]
        await asyncio.sleep(0.05)
        await blocker.rollback()
        await first
        return list(await asyncio.gather(*others, return_exceptions=True))


def transactions(database: Database, writes: Sequence[Write]) -> int:
    """By how many transactions the events of these commands were stored."""
    with psycopg.connect(database.app) as app:
        streams = [one.rows[0].stream for one in writes]
        rows = app.execute("SELECT DISTINCT xmin FROM log.events WHERE originator_id = ANY (%s)", [streams])
        return len(rows.fetchall())


async def test_commands_share_a_transaction(postgres_log: PostgresLog, database: Database) -> None:
    writes = [write() for _ in range(20)]
    told = await appended_together(postgres_log, database, writes)
    assert sorted(one.position for one in told) == list(range(told[0].position, told[0].position + 20))
    assert transactions(database, writes) == 1


async def test_a_lost_race_a_repeat_and_a_reused_id_fail_none_of_their_neighbours(
    postgres_log: PostgresLog, database: Database
) -> None:
    stream, known, reused = uuid4(), write(), write()
    stored = [await postgres_log.append(one) for one in (known, reused)]
    other = Write(reused.command_id, b"other", b"{}", [Row(uuid4(), 1, "t", b"{}")])
    told = await appended_together(
        postgres_log, database, [write(stream=stream), write(stream=stream), known, other, write()]
    )
    assert [type(one) for one in told] == [Done, Moved, Done, CommandReused, Done]
    assert (told[2].position, told[2].repeated) == (stored[0].position, True)


async def test_a_value_that_the_database_refuses_fails_its_own_command_alone(
    postgres_log: PostgresLog, database: Database
) -> None:
    writes = [write(), write(topic="not \0 a text"), write()]
    told = await appended_together(postgres_log, database, writes)
    assert [isinstance(one, Done) for one in told] == [True, False, True]
    assert isinstance(told[1], psycopg.DataError)


async def test_a_batch_whose_answer_was_lost_is_in_the_log_once(postgres_log: PostgresLog, database: Database) -> None:
    fetchall, writes = psycopg.AsyncCursor.fetchall, [write() for _ in range(5)]
    lost: list[int] = []

    async def answer_lost(cursor: psycopg.AsyncCursor[Any]) -> list[Any]:
        rows = await fetchall(cursor)
        if len(rows) == len(writes) and not lost:
            lost.append(len(rows))
            raise psycopg.errors.AdminShutdown("the answer was lost")
        return rows

    with patch.object(psycopg.AsyncCursor, "fetchall", answer_lost):
        told = await appended_together(postgres_log, database, writes)
    assert lost == [5]
    assert [one.repeated for one in told] == [False] * 5
    assert [len((await postgres_log.load([one.rows[0].stream]))[one.rows[0].stream]) for one in writes] == [1] * 5


async def test_streams_and_commands_asked_for_together_are_told_apart(postgres_log: PostgresLog) -> None:
    known, stream = write(), uuid4()
    stored = await postgres_log.append(known)
    own = known.rows[0].stream
    (found, both), (nothing, none), alone, loaded = await asyncio.gather(
        postgres_log.recall_and_load(known.command_id, b"f", [own, stream]),
        postgres_log.recall_and_load(uuid4(), b"f", [own]),
        postgres_log.recall(known.command_id, b"f"),
        postgres_log.load([own]),
    )
    assert found == alone == Done(b"{}", stored.position, repeated=True)
    assert nothing is None
    assert (both, none) == ({**loaded, stream: []}, loaded)
    assert [one.originator_version for one in loaded[own]] == [1]


async def test_a_reused_id_is_told_to_its_own_caller(postgres_log: PostgresLog) -> None:
    known = write()
    await postgres_log.append(known)
    stream = known.rows[0].stream
    reused, loaded = await asyncio.gather(
        postgres_log.recall_and_load(known.command_id, b"other", [stream]),
        postgres_log.load([stream]),
        return_exceptions=True,
    )
    assert isinstance(reused, CommandReused)
    assert isinstance(loaded, dict)
    assert len(loaded[stream]) == 1


async def test_a_closed_log_has_finished_what_it_took_in(postgres_log: PostgresLog, database: Database) -> None:
    writes = [write() for _ in range(30)]
    tasks = [asyncio.create_task(postgres_log.append(one)) for one in writes]
    await asyncio.sleep(0)
    await postgres_log.close()
    told = await asyncio.gather(*tasks)
    with psycopg.connect(database.app) as app:
        ids = [one.command_id for one in writes]
        rows = app.execute("SELECT position FROM log.commands WHERE command_id = ANY (%s)", [ids]).fetchall()
    assert sorted(position for (position,) in rows) == sorted(one.position for one in told)
