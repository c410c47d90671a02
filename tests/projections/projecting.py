"""A real database with a log to write into, views to fill from it, and persons whose data is really sealed."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg import AsyncConnection

from adapters.keyring import MemoryKeyring
from application import wire
from application.envelope import Meta
from application.sealing import seal
from domain.case import events as e
from domain.kernel import Event
from domain.values import AgentId, SubjectId
from projections.registry import PROJECTIONS
from projections.runner import Runner
from projections.tracking import Failure, ViewStatus, status
from projections.view import View
from tests.support.cases import NOW

E = TypeVar("E", bound=Event)
META = Meta(actor=AgentId("a1"), at=NOW, correlation_id=uuid4(), causation_id=uuid4(), command_id=uuid4())
INSERT = "INSERT INTO log.events (originator_id, originator_version, topic, state) VALUES (%s, %s, %s, %s)"


@dataclass
class World:
    """A database, its log and a keyring."""

    admin: psycopg.Connection[Any]
    admin_dsn: str
    dsn: str
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    versions: dict[UUID, int] = field(default_factory=dict)

    def record(self, stream: UUID, *events: Event, at: datetime = NOW) -> int:
        """Write events of a stream behind its last one; the position of the last."""
        meta = wire.encode_meta(Meta(META.actor, at, META.correlation_id, META.causation_id, META.command_id))
        for event in events:
            self.put(stream, event.topic, wire.encode(event, meta))
        return self.head()

    def put(self, stream: UUID, topic: str, state: bytes) -> int:
        """Write anything at all into the log; its position."""
        self.versions[stream] = self.versions.get(stream, 0) + 1
        with self.admin.transaction():
            self.admin.execute(INSERT, (stream, self.versions[stream], topic, state))
            self.admin.execute("NOTIFY log_events")
        return self.head()

    def head(self) -> int:
        """The position of the log."""
        return int(self.rows("SELECT coalesce(max(notification_id), 0) FROM log.events")[0][0])

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self.admin.execute(query.encode(), parameters or None).fetchall()

    async def sealed(self, kind: type[E], facts: Mapping[str, object], subject: SubjectId | None = None) -> E:
        """An event from plain facts, sealed for a person."""
        sealer = await self.keyring.sealer(subject or await self.keyring.subject(()))
        if "customer" in facts:
            facts = {**facts, "customer": {"subject": sealer.subject, **dict(facts["customer"])}}  # type: ignore[call-overload]
        return seal(kind, facts, sealer)

    def receive(self, subject: SubjectId | None = None, **facts: object) -> UUID:
        """Record a new case; the facts stand in place of the usual ones."""
        case = uuid4()
        usual = {"number": f"n-{case.hex[:8]}", "policy": "default-1", "channel": "hotline", "received_at": NOW}
        people = {"customer": {"customer_class": "ordinary", "name": "王小明"}, "demands": ["退款"]}
        self.record(case, asyncio.run(self.sealed(e.Received, {**usual, **people, **facts}, subject)))
        return case

    def project(self, views: Sequence[View] = PROJECTIONS, batch: int = 2_000) -> list[ViewStatus]:
        """Run a projector until every view has failed or come to the end; where they stand then."""
        return asyncio.run(self.project_now(views, batch))

    async def project_now(self, views: Sequence[View] = PROJECTIONS, batch: int = 2_000) -> list[ViewStatus]:
        """The same inside a running loop."""
        stop = asyncio.Event()
        failed_before = {state.failed for state in await self.status(views)}
        running = asyncio.create_task(Runner(self.dsn, self.keyring, views, batch).run(stop))
        async with asyncio.timeout(60):
            states = await self.settled(views, failed_before)
        stop.set()
        await running
        return states

    async def settled(
        self, views: Sequence[View] = PROJECTIONS, failed_before: Collection[Failure | None] = ()
    ) -> list[ViewStatus]:
        """Wait until every view has failed, anew, or come to the end."""
        while True:
            states = await self.status(views)
            if all(
                (state.failed or not state.lag_events) and state.failed not in {*failed_before} - {None}
                for state in states
            ):
                return states
            await asyncio.sleep(0.01)

    async def status(self, views: Sequence[View] = PROJECTIONS) -> list[ViewStatus]:
        """Where the views stand; far behind as long as there is no place to look it up."""
        async with await AsyncConnection.connect(self.dsn, autocommit=True) as connection:
            try:
                return await status(connection, [view.name for view in views])
            except psycopg.errors.UndefinedTable:
                return [ViewStatus(view.name, 0, 0, 1, None) for view in views]


def everything(world: World, views: Sequence[View] = PROJECTIONS) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of views, in an order of its own."""
    return {
        name: sorted(world.rows(f"SELECT t::text FROM {name} t"))  # noqa: S608  names of our own
        for view in views
        for name in view.tables
    }


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  what is waited for lies in the database
            await asyncio.sleep(0.01)
