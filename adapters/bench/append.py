"""append_1, append_8, append_64: commands through `Log.transact` beside a bare INSERT with the same bytes.

Ours: load a case of five events or more, fold it, decide, seal, and store one event, its command id and its answer.
The yardstick: psycopg's asynchronous INSERT in autocommit, prepared, as many connections as commands at once, into a
table laid out and filled like the log.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from uuid import uuid4

import psycopg

from adapters.bench.measuring import Act, Ratio, a_second, paired
from adapters.bench.stage import Stage, command

AT_ONCE = (1, 8, 64)
RAW = "bench_raw"
INSERT = f"INSERT INTO {RAW} (originator_id, originator_version, topic, state) VALUES (%b, %b, %b, %b)"  # noqa: S608  a constant
TEXT = "客人来电补充：当天是七点半到店，领位员说要再等四十分钟，之后没有人再来过问。"
NOTED = "SELECT state FROM log.events WHERE topic = 'case.noted' ORDER BY notification_id DESC LIMIT 1"


async def append(stage: Stage) -> dict[str, Ratio]:
    """The three rows."""
    ours = await commands(stage)
    await ours(0)
    [(state,)] = await stage.rows(NOTED)
    await stage.raw_table(RAW)
    rows = {}
    for at_once in AT_ONCE:
        async with inserts(stage.admin, at_once, state) as yardstick:
            measure = partial(a_second, at_once=at_once, seconds=stage.scale.seconds)
            rows[f"append_{at_once}"] = await paired(
                stage.scale.rounds, partial(measure, ours), partial(measure, yardstick), "commands/s"
            )
    return rows


async def commands(stage: Stage) -> Act:
    """A note on one case after the other."""
    cases, actor = await stage.cases(), await stage.supervisor()

    async def give(_: int) -> object:
        return await stage.services.cases.give("notes", next(cases), {"text": TEXT}, actor, command(actor))

    return give


@asynccontextmanager
async def inserts(dsn: str, at_once: int, state: bytes) -> AsyncIterator[Act]:
    """A bare INSERT, on the worker's own connection."""
    async with AsyncExitStack() as stack:
        connecting = (psycopg.AsyncConnection.connect(dsn, autocommit=True) for _ in range(at_once))
        connections = [await stack.enter_async_context(one) for one in await asyncio.gather(*connecting)]
        cursors = [connection.cursor() for connection in connections]

        async def insert(worker: int) -> object:
            return await cursors[worker].execute(INSERT, (uuid4(), 1, "case.noted", state), prepare=True)

        yield insert
