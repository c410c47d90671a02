"""The reactor: lets the ledgers' reaction take in what is recorded, in order, once the views it asks have it too."""

import asyncio
from typing import Any

import structlog
from psycopg import AsyncConnection

from application.event_log import LogError
from application.reaction import Reaction
from application.touching import TOPICS
from projections import tracking
from projections.electing import Leader
from projections.faults import described, transient
from projections.ledger import Ledger
from projections.listening import BackOff
from projections.roster import RosterView
from projections.stretch import Stretch, pull, recorded
from projections.wages import WagesView
from projections.work_facts import Orders, WorkFacts

_log = structlog.get_logger()

ASKED = (Orders.name, WorkFacts.name, RosterView.name, WagesView.name, Ledger.name)
"""The views that the reaction asks."""
NAME = "judging_1"
"""Its row in read.tracking: up to here everything is judged."""
BATCH = 2_000


class Reactor(Leader):
    """Runs the reaction while `run` runs; a second one stands by. It stops, loudly, before what cannot be judged."""

    def __init__(self, dsn: str, reaction: Reaction) -> None:
        super().__init__(dsn, "redress.reactor", tracking.ADVANCED)
        self._reaction = reaction

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        await tracking.forgive(connection, [NAME])
        while not stop.is_set():
            self._wake.clear()
            if await self._step(connection) < BATCH:
                back_off.succeeded()
                await self.rest(stop)

    async def _step(self, connection: AsyncConnection[Any]) -> int:
        """One stretch of what all asked views have taken in; how many events, fewer than BATCH when it was the last."""
        standing = await tracking.positions(connection)
        stretch = await pull(connection, standing[NAME], min(standing[name] for name in ASKED), BATCH)
        # first, so that what these events bring into a month that is over is judged with them
        await self._reaction.end_months()
        if not stretch.stored or await tracking.failed(connection, NAME):
            return 0
        try:
            await self._reaction.react(_touching(stretch))
        except Exception as error:
            if isinstance(error, LogError) or transient(error):
                raise
            await tracking.fail(connection, NAME, stretch.upto, described(error))
            _log.error("judging_failed", position=stretch.upto, error=type(error).__name__)
            return 0
        await self._advance(connection, stretch.upto)
        return len(stretch.stored)

    async def _advance(self, connection: AsyncConnection[Any], upto: int) -> None:
        async with connection.transaction():
            await tracking.advance(connection.cursor(), [NAME], upto)


def _touching(stretch: Stretch) -> list[Any]:
    return [recorded(row) for row in stretch.stored if row.topic.startswith(TOPICS)]
