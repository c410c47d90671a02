"""The eventsourcing library's own ProjectionRunner over the same log, with the same handlers as ours.

One event at a time, each in a transaction with its tracking row, as the library does it: its subscription reads the
log where it lies and wakes by the same notifications. The handlers are coroutines, so that its thread hands each event
to the loop of the bench and waits; that costs it about a tenth of a millisecond.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import ApplicationRecorder, Mapper, Notification, StoredEvent, Tracking
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresFactory, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict

from adapters.bench.stage import Stage
from projections.runner import APPENDED
from projections.stretch import Stored, read
from projections.view import View

TRACKING = "read.bench_tracking"
_TABLE = f"CREATE TABLE IF NOT EXISTS {TRACKING} (application_name text PRIMARY KEY, notification_id bigint NOT NULL)"
_FROM = f"""
    INSERT INTO {TRACKING} VALUES ('log', %s)
    ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"""  # noqa: S608  a constant
_TRACK = f"""
    INSERT INTO {TRACKING} VALUES (%s, %s)
    ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id
    WHERE {TRACKING}.notification_id < excluded.notification_id"""  # noqa: S608  a constant


class _AsStored(Mapper[UUID]):
    """Leaves decoding to the handlers, who share it with the runner that this one is measured beside."""

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """See Mapper.to_domain_event."""
        assert isinstance(stored_event, Notification)
        one = stored_event
        return Stored(one.id, UUID(str(one.originator_id)), one.originator_version, one.topic, one.state)


class _Log(Application[UUID]):
    """The log as the library sees it."""

    name = "log"

    def construct_recorder(self) -> ApplicationRecorder:
        """See Application.construct_recorder."""
        assert isinstance(self.factory, PostgresFactory)
        recorder = PostgresApplicationRecorder(self.factory.datastore, events_table_name="events")
        recorder.channel_name = APPENDED
        return recorder

    def construct_mapper(self) -> Mapper[UUID]:
        """See Application.construct_mapper."""
        return _AsStored(self.construct_transcoder())


@dataclass(slots=True)
class Stock:
    """What the runner has done: events taken in, the seconds from the first on."""

    events: int = 0
    began: float = 0.0
    ended: float = 0.0

    @property
    def a_second(self) -> float:
        """Events a second."""
        return self.events / (self.ended - self.began)


@asynccontextmanager
async def stock_runner(stage: Stage, views: Sequence[View], after: int) -> AsyncIterator[Stock]:
    """Let the library's runner follow the log behind a position, for as long as the context lasts."""
    stock, loop = Stock(), asyncio.get_running_loop()
    async with await psycopg.AsyncConnection.connect(stage.admin, autocommit=True) as connection:
        await connection.execute(_TABLE)
        await connection.execute(_FROM.encode(), [after])

        async def take(stored: Stored, tracking: Tracking) -> None:
            stock.began = stock.began or perf_counter()
            readable = await read([stored], views, stage.services.keyring)
            async with connection.transaction():
                await readable.write(connection, views)
                await connection.execute(_TRACK.encode(), [tracking.application_name, tracking.notification_id])
            stock.events, stock.ended = stock.events + 1, perf_counter()

        class SameHandlers(Projection[PostgresTrackingRecorder]):
            name = "bench"

            def process_event(self, domain_event: Stored, tracking: Tracking) -> None:
                _done(take(domain_event, tracking), loop)

        runner = await asyncio.to_thread(_runner, SameHandlers, stage.admin)
        runner.__enter__()
        try:
            yield stock
        finally:
            # in a thread: it waits for its own ones, one of which waits for this loop
            await asyncio.to_thread(runner.__exit__, None, None, None)


def _done(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(work, loop).result()


def _runner(
    handlers: type[Projection[PostgresTrackingRecorder]], dsn: str
) -> ProjectionRunner[_Log, PostgresTrackingRecorder]:
    known = conninfo_to_dict(dsn)
    env = {f"POSTGRES_{name.upper()}": str(known[name]) for name in ("dbname", "host", "port", "user") if name in known}
    env |= {"POSTGRES_PASSWORD": str(known.get("password", "")), "PERSISTENCE_MODULE": "eventsourcing.postgres"}
    env |= {"CREATE_TABLE": "n", "POSTGRES_SCHEMA": "log", "BENCH_POSTGRES_SCHEMA": "read"}
    return ProjectionRunner(
        application_class=_Log, projection_class=handlers, view_class=PostgresTrackingRecorder, env=env
    )
