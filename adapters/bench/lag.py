"""lag: from the commit of an event to its rows, at 500 events a second, beside the library's own runner.

p99 in milliseconds, the least that can be seen from outside: a connection asks again and again how far the rows have
come. Ours writes every view there is; the library's runner has the inbox alone, since one transaction for each event
leaves it no time for more.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import cycle, islice
from time import perf_counter
from uuid import UUID, uuid4

import psycopg

from adapters.bench.append import NOTED, commands
from adapters.bench.catch_up import following
from adapters.bench.measuring import Ratio, paired
from adapters.bench.stage import Stage
from adapters.bench.stock import TRACKING, stock_runner
from application.event_log import Done, Row, Write
from projections import tracking
from projections.case_inbox import CaseInbox
from projections.registry import PROJECTIONS

A_SECOND = 500
AT_A_TIME = 5
"""Commands that share a transaction, as they do when this many come."""
OURS = "SELECT min(notification_id) FROM read.tracking WHERE application_name = ANY (%s)"
STOCK = f"SELECT notification_id FROM {TRACKING}"  # noqa: S608  a constant
VERSIONS = "SELECT originator_id, max(originator_version) FROM log.events WHERE originator_id = ANY (%s) GROUP BY 1"
CASES = 200
LOOK_S = 0.0005


Reached = Callable[[], Awaitable[int]]


async def lag(stage: Stage) -> dict[str, Ratio]:
    """The row; no service may follow the log meanwhile."""
    await (await commands(stage))(0)
    [(state,)] = await stage.rows(NOTED)

    async def ours() -> float:
        async with following(stage):
            return await _p99(stage, state, OURS, tracking.names(PROJECTIONS))

    async def yardstick() -> float:
        [(head,)] = await stage.rows("SELECT max(notification_id) FROM log.events")
        async with stock_runner(stage, [CaseInbox()], head):
            return await _p99(stage, state, STOCK)

    return {"lag": await paired(stage.scale.rounds, ours, yardstick, "ms")}


async def _p99(stage: Stage, state: bytes, statement: str, *parameters: object) -> float:
    """Append at the rate once the runner is at work; the 99th percentile of what the rows lag behind."""
    async with await psycopg.AsyncConnection.connect(stage.admin, autocommit=True) as connection:

        async def reached() -> int:
            rows = await connection.execute(statement.encode(), parameters, prepare=True)
            (position,) = await rows.fetchone() or (0,)
            return int(position)

        await _lags(stage, state, reached, transactions=1)
        waits = await _lags(stage, state, reached, transactions=int(stage.scale.seconds * A_SECOND / AT_A_TIME))
    return sorted(waits)[int(len(waits) * 0.99)] * 1000


async def _lags(stage: Stage, state: bytes, reached: Reached, transactions: int) -> list[float]:
    """Append, and look at the same time how far the rows have come; the seconds from each commit on."""
    committed: list[tuple[int, float]] = []
    appending = asyncio.create_task(_append(stage, state, committed, transactions))
    waits: list[float] = []
    while len(waits) < transactions:
        if appending.done():
            appending.result()
        position, now = await reached(), perf_counter()
        while len(waits) < len(committed) and committed[len(waits)][0] <= position:
            waits.append(now - committed[len(waits)][1])
        await asyncio.sleep(LOOK_S)
    await appending
    return waits


async def _append(stage: Stage, state: bytes, committed: list[tuple[int, float]], transactions: int) -> None:
    """Notes on one case after the other; of each transaction the last position, and when it was committed."""
    found = await stage.cases()
    versions = dict(await stage.rows(VERSIONS, [UUID(next(found)) for _ in range(CASES)]))
    streams, began = cycle(versions), perf_counter()
    for at in range(transactions):
        writes = [_note(stream, versions, state) for stream in islice(streams, AT_A_TIME)]
        done = await stage.services.log.append_many(writes)
        committed.append((max(one.position for one in done if isinstance(one, Done)), perf_counter()))
        await asyncio.sleep(max(began + (at + 1) * AT_A_TIME / A_SECOND - perf_counter(), 0))


def _note(stream: UUID, versions: dict[UUID, int], state: bytes) -> Write:
    versions[stream] += 1
    command = uuid4()
    return Write(command, command.bytes * 2, b"{}", [Row(stream, versions[stream], "case.noted", state)])
