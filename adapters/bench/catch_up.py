"""catch_up_sql, catch_up_stock: events a second into all projections, beside SQL, and beside the library's runner.

Ours: the runner over emptied tables, from the first event to the last. SQL, in one transaction: for each projection
parse the bodies of the events it reads and bring them together stream by stream in their order, as whoever folds them
must, and `INSERT … SELECT` every row that it came to into tables laid out like its own, with all their indexes. It
neither opens what is sealed nor folds anything nor counts any time: no SQL can do less. The library's runner: the same
handlers, as many events as it takes in meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter

import psycopg
from psycopg.sql import SQL, Identifier

from adapters.bench.measuring import Ratio, compared
from adapters.bench.stage import Stage
from adapters.bench.stock import stock_runner
from projections import tracking
from projections.registry import PROJECTIONS
from projections.runner import Runner

GATHER = """
    SELECT count(history) FROM (
        SELECT array_agg(body ORDER BY originator_version) AS history FROM (
            SELECT originator_id, originator_version, convert_from(state, 'UTF8')::jsonb AS body
            FROM log.events WHERE topic LIKE ANY (%s)) parsed
        GROUP BY originator_id) gathered"""
BEHIND = "SELECT count(*) FROM read.tracking WHERE application_name = ANY (%s) AND notification_id < %s"
BEGIN = "UPDATE read.tracking SET notification_id = 0 WHERE application_name = ANY (%s)"
LOOK_S = 0.02


async def catch_up(stage: Stage) -> dict[str, Ratio]:
    """The rows; no service may follow the log meanwhile."""
    [(events, head)] = await stage.rows("SELECT count(*), coalesce(max(notification_id), 0) FROM log.events")
    views, tables = tracking.names(PROJECTIONS), [name for view in PROJECTIONS for name in view.tables]

    async def emptied() -> None:
        await stage.rows(SQL("TRUNCATE {}").format(SQL(", ").join(map(_table, tables))))
        await stage.rows(BEGIN, views)

    async def ours() -> float:
        await emptied()
        async with following(stage):
            return float(events / await _seconds_to(stage, views, head))

    async def by_sql() -> float:
        return float(events / await _copied(stage, tables))

    async def by_stock() -> float:
        await emptied()
        async with stock_runner(stage, PROJECTIONS, 0) as stock:
            await asyncio.sleep(2 * stage.scale.seconds)
        return stock.a_second

    await ours()
    for name in tables:
        await stage.rows(SQL("CREATE TABLE {} AS TABLE {}").format(_made(name), _table(name)))
    beside = {"catch_up_sql": by_sql, "catch_up_stock": by_stock}
    rows = await compared(stage.scale.rounds, ours, beside, "events/s")
    await stage.rows(SQL("DROP TABLE {}").format(SQL(", ").join(map(_made, tables))))
    # what is measured next reads what stands in the tables
    await ours()
    return rows


@asynccontextmanager
async def following(stage: Stage) -> AsyncIterator[None]:
    """Let our runner follow the log for as long as the context lasts."""
    stop = asyncio.Event()
    running = asyncio.create_task(Runner(stage.services.dsn, stage.services.keyring).run(stop))
    yield
    stop.set()
    await running


async def _seconds_to(stage: Stage, views: Sequence[str], head: int) -> float:
    """Wait until every view has come to a position; the seconds it took."""
    began = perf_counter()
    async with await psycopg.AsyncConnection.connect(stage.admin, autocommit=True) as connection:
        while (await (await connection.execute(BEHIND, (views, head))).fetchone()) != (0,):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
    return perf_counter() - began


async def _copied(stage: Stage, tables: Sequence[str]) -> float:
    """Do what SQL could not do without; the seconds it took."""
    async with await psycopg.AsyncConnection.connect(stage.admin) as connection:
        for name in tables:
            copy = SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(_copy(name), _table(name))
            await connection.execute(copy)
        began = perf_counter()
        for view in PROJECTIONS:
            await connection.execute(GATHER, [[f"{topic}%" for topic in view.topics]])
        for name in tables:
            await connection.execute(SQL("INSERT INTO {} SELECT * FROM {}").format(_copy(name), _made(name)))
        took = perf_counter() - began
        await connection.rollback()
    return took


def _table(name: str) -> Identifier:
    return Identifier(*name.split("."))


def _made(name: str) -> Identifier:
    """Where the rows that ours came to are laid aside."""
    schema, table = name.split(".")
    return Identifier(schema, f"bench_made_{table}")


def _copy(name: str) -> Identifier:
    schema, table = name.split(".")
    return Identifier(schema, f"bench_{table}")
