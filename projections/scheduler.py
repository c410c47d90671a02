"""The scheduler: finds the cases of which something falls due, and has it recorded; one per database."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.scheduling import Scheduling
from projections import tracking
from projections.arrays import longs, uuids
from projections.clocks import ClocksView
from projections.electing import Leader
from projections.listening import BackOff

BATCH = 500
"""Cases judged together: as many as keep neither the memory nor the event loop for long."""
_DUE = """
    SELECT id, position, next_moment FROM read.case_clocks_2 c
    WHERE next_moment <= %s AND NOT EXISTS (
        SELECT FROM unnest(%s::uuid[], %s::bigint[]) AS vain (id, position)
        WHERE vain.id = c.id AND vain.position = c.position)
    ORDER BY next_moment, id LIMIT %s"""
Found = Sequence[tuple[UUID, int, datetime]]
"""Cases with the position up to which they are known, and when something falls due."""


class Scheduler(Leader):
    """Records what falls due while `run` runs; a second one stands by. What was missed is caught up with in order.

    A case that moves on while its clocks are judged has to be judged again: it is left some time for that.
    """

    pause_s = 0.5

    def __init__(self, dsn: str, scheduling: Scheduling, clock: Callable[[], datetime]) -> None:
        super().__init__(dsn, "redress.scheduler", tracking.ADVANCED)
        self._scheduling, self._clock = scheduling, clock
        self._vain: dict[UUID, int] = {}

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        while not stop.is_set():
            self._wake.clear()
            if not await self._step(connection, stop):
                back_off.succeeded()
                self._vain.clear()
                await self.rest(stop)

    async def _step(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> bool:
        """Record what fell due first, of a batch of cases; False when nothing is left to do."""
        now = self._clock()
        rows = await connection.execute(_DUE, [now, uuids(self._vain), longs(self._vain.values()), BATCH])
        found: Found = await rows.fetchall()
        if not found:
            return False
        upto = found[-1][2] if len(found) == BATCH else now
        position = await self._scheduling.record([case for case, _, _ in found], upto)
        if position:
            await self._seen(connection, position, stop)
        else:
            # the view does not know yet what has happened to them: others come first
            self._vain |= {case: at for case, at, _ in found}
        return True

    async def _seen(self, connection: AsyncConnection[Any], position: int, stop: asyncio.Event) -> None:
        """Wait until the view has taken in what was recorded, so that the same is not found again."""
        while not stop.is_set() and (await tracking.positions(connection))[ClocksView.name] < position:
            await self.rest(stop)
            self._wake.clear()
