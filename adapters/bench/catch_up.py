"""catch_up_sql: events a second into all projections, beside the least that SQL would have to do for the same rows.

Ours: the runner over emptied tables, from the first event to the last. The yardstick, in one transaction: for each
projection parse the bodies of the events it reads, and `INSERT … SELECT` every row that it came to into tables laid out
like its own, with all their indexes. It neither opens what is sealed nor folds anything: no SQL can do less.
"""

import asyncio
from collections.abc import Sequence
from time import perf_counter

import psycopg
from psycopg.sql import SQL, Identifier

from adapters.bench.measuring import Ratio, paired
from adapters.bench.stage import Stage
from projections import tracking
from projections.registry import PROJECTIONS
from projections.runner import Runner

PARSE = "SELECT count(convert_from(state, 'UTF8')::jsonb #>> '{meta,at}') FROM log.events WHERE topic LIKE ANY (%s)"
BEHIND = "SELECT count(*) FROM read.tracking WHERE application_name = ANY (%s) AND notification_id < %s"
BEGIN = "UPDATE read.tracking SET notification_id = 0 WHERE application_name = ANY (%s)"
LOOK_S = 0.02


async def catch_up(stage: Stage) -> dict[str, Ratio]:
    """The row; no service may follow the log meanwhile."""
    [(events, head)] = await stage.rows("SELECT count(*), coalesce(max(notification_id), 0) FROM log.events")
    views, tables = tracking.names(PROJECTIONS), [name for view in PROJECTIONS for name in view.tables]

    async def ours() -> float:
        await stage.rows(SQL("TRUNCATE {}").format(SQL(", ").join(map(_table, tables))))
        await stage.rows(BEGIN, views)
        return float(events / await _followed(stage, views, head))

    async def yardstick() -> float:
        return float(events / await _copied(stage, tables))

    return {"catch_up_sql": await paired(stage.scale.rounds, ours, yardstick, "events/s")}


async def _followed(stage: Stage, views: Sequence[str], head: int) -> float:
    """Let the runner follow the log to its end; the seconds it took."""
    stop, began = asyncio.Event(), perf_counter()
    running = asyncio.create_task(Runner(stage.services.dsn, stage.services.keyring).run(stop))
    async with await psycopg.AsyncConnection.connect(stage.admin, autocommit=True) as connection:
        while (await (await connection.execute(BEHIND, (views, head))).fetchone()) != (0,):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
    took = perf_counter() - began
    stop.set()
    await running
    return took


async def _copied(stage: Stage, tables: Sequence[str]) -> float:
    """Do what SQL could not do without; the seconds it took."""
    async with await psycopg.AsyncConnection.connect(stage.admin) as connection:
        for name in tables:
            copy = SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(_copy(name), _table(name))
            await connection.execute(copy)
        began = perf_counter()
        for view in PROJECTIONS:
            await connection.execute(PARSE, [[f"{topic}%" for topic in view.topics]])
        for name in tables:
            await connection.execute(SQL("INSERT INTO {} SELECT * FROM {}").format(_copy(name), _table(name)))
        took = perf_counter() - began
        await connection.rollback()
    return took


def _table(name: str) -> Identifier:
    return Identifier(*name.split("."))


def _copy(name: str) -> Identifier:
    schema, table = name.split(".")
    return Identifier(schema, f"bench_{table}")
