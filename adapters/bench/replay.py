"""replay: the whole log read, decoded into domain events and folded, beside a decoding into plain dicts.

Both by a server-side cursor, 20,000 rows at a time, and without collecting garbage, as `redress verify` makes states
again; the yardstick decodes with msgspec and keeps nothing.
"""

from collections.abc import Callable
from time import perf_counter
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from adapters.bench.measuring import Ratio, paired
from adapters.bench.stage import Stage
from adapters.heap import growing
from adapters.proof.rederive import decider_of
from application import wire
from projections.rebuild import CHUNK

ALL = "SELECT originator_id, topic, state FROM log.events ORDER BY notification_id"
Row = tuple[UUID, str, bytes]


async def replay(stage: Stage) -> dict[str, Ratio]:
    """The row."""
    plain = msgspec.json.Decoder()

    async def ours() -> float:
        streams: dict[UUID, tuple[Callable[[Any, Any], Any], Any]] = {}

        def fold(row: Row) -> None:
            stream, topic, state = row
            if stream not in streams:
                decider = decider_of(topic)
                streams[stream] = decider.evolve, decider.initial
            evolve, before = streams[stream]
            streams[stream] = evolve, evolve(before, wire.decode_event(topic, state))

        return await _read(stage, fold)

    async def yardstick() -> float:
        return await _read(stage, lambda row: plain.decode(row[2]))

    return {"replay": await paired(stage.scale.rounds, ours, yardstick, "events/s")}


async def _read(stage: Stage, take: Callable[[Row], object]) -> float:
    """Read the whole log; how many events a second."""
    began, events = perf_counter(), 0
    async with (
        await psycopg.AsyncConnection.connect(stage.admin) as connection,
        connection.cursor("bench_replay", binary=True) as cursor,
    ):
        await cursor.execute(ALL)
        with growing():
            while rows := await cursor.fetchmany(CHUNK):
                for row in rows:
                    take(row)
                events += len(rows)
    return events / (perf_counter() - began)
