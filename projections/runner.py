"""The projector: follows the log and keeps every view up to date, one per database, for as long as the service runs.

It never skips an event. A view that cannot take one in stops before it, loudly, and waits for the next start or a
rebuild; the others go on. Everything else that goes wrong (a lost connection, a lost keyring) is tried again.
"""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import structlog
from psycopg import AsyncConnection, Error

from application.sealing import Keyring
from projections import tracking
from projections.electing import Leader, set_within
from projections.faults import described, transient
from projections.listening import BackOff
from projections.registry import PROJECTIONS
from projections.stretch import Stretch, pull, read
from projections.view import View

_log = structlog.get_logger()

APPENDED = "log_events"
"""The channel on which the log tells that it has grown."""
NAME = "redress.projector"
"""Under which name one runner is elected."""
BATCH = 6_000
"""Events taken in at once while catching up: the more, the more seldom the row of a case is read and written again."""
GATHER, GATHER_MOST_S = 1.5, 0.06
"""How long more is gathered after a batch, in times of what that took, and at most.

A batch costs more than what is in it: the busier the machine, the more of it is left to who answers. Who comes alone is
taken in at once.
"""
PIPELINED_MOST = 200
"""Up to how many events the statements of a batch are sent without waiting for one another's answers.

In larger ones waiting is little beside the work, and what both sides send at once would fill the buffers between them.
"""
FORGET_S = 24 * 3600.0
"""How often the leader gives back the room of old commands."""
_FORGET = "SELECT log.forget_commands()"
_FORGET_READS = "SELECT access.forget_reads()"


class Runner(Leader):
    """Keeps the views up to date while `run` runs; a second one stands by."""

    def __init__(self, dsn: str, keyring: Keyring, views: Sequence[View] = PROJECTIONS, batch: int = BATCH) -> None:
        super().__init__(dsn, NAME, APPENDED)
        self._keyring = keyring
        self._views = {view.name: view for view in views}
        self._batch = batch
        self._begun = False
        self._held_elsewhere: set[str] = set()

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        await tracking.prepare(connection, list(self._views.values()))
        if not self._begun:
            await tracking.forgive(connection, self._views)
            self._begun = True
        forget_at, loop = 0.0, asyncio.get_running_loop()
        while not stop.is_set():
            self._wake.clear()
            begun = loop.time()
            taken = await self._step(connection)
            if taken == 0:
                back_off.succeeded()
                self._held_elsewhere.clear()
                forget_at = await self._forgotten(connection, forget_at)
                await self.woken()
            elif taken < self._batch:
                await set_within(stop, min((loop.time() - begun) * GATHER, GATHER_MOST_S))

    async def _forgotten(self, connection: AsyncConnection[Any], due: float) -> float:
        """Forget what is too old where that is due, at a moment when no view waits; when it is due again."""
        now = asyncio.get_running_loop().time()
        if now < due:
            return due
        try:
            (count,) = await (await connection.execute(_FORGET)).fetchone() or (0,)
            _log.info("commands_forgotten", count=count)
            (months,) = await (await connection.execute(_FORGET_READS)).fetchone() or (0,)
            _log.info("months_of_reads_forgotten", count=months)
        except Error as error:
            # it only gives room back: no view stops for it
            _log.error("commands_not_forgotten", error=type(error).__name__)
        return now + FORGET_S

    async def _step(self, connection: AsyncConnection[Any]) -> int:
        """One batch into the views furthest behind; how many events, 0 when there is nothing left to do."""
        rearmost = await tracking.rearmost(connection, self._views.keys() - self._held_elsewhere)
        if rearmost is None:
            return 0
        stretch = await pull(connection, rearmost.position, rearmost.upto, self._batch)
        if not stretch.stored:
            return 0
        views = [self._views[name] for name in sorted(rearmost.names)]
        try:
            async with connection.pipeline() if len(stretch.stored) <= PIPELINED_MOST else nullcontext():
                await self._commit(connection, views, stretch)
        except Exception:  # noqa: BLE001  which view cannot take in which event is found out one by one
            for view in views:
                await self._commit_what_goes(connection, view, stretch)
        return len(stretch.stored)

    async def _commit(self, connection: AsyncConnection[Any], views: Sequence[View], stretch: Stretch) -> None:
        """Rows and positions of all these views in one transaction; a view that is being rebuilt is left out."""
        readable = await read(stretch.stored, views, self._keyring)
        async with connection.transaction():
            cursor = connection.cursor()
            held = await tracking.hold(cursor, tracking.names(views), stretch.after)
            self._held_elsewhere |= set(tracking.names(views)) - held
            if held:
                await readable.write(connection, [view for view in views if view.name in held])
                await tracking.advance(cursor, held, stretch.upto)

    async def _commit_what_goes(self, connection: AsyncConnection[Any], view: View, stretch: Stretch) -> bool:
        """Write one view up to the event it cannot take in, halving the stretch until that one is known."""
        try:
            await self._commit(connection, [view], stretch)
        except Exception as error:
            if transient(error):
                raise
            if len(stretch.stored) == 1:
                await self._stop(connection, view, stretch, error)
                return False
            older, newer = stretch.halves()
            return await self._commit_what_goes(connection, view, older) and await self._commit_what_goes(
                connection, view, newer
            )
        return True

    async def _stop(self, connection: AsyncConnection[Any], view: View, stretch: Stretch, error: Exception) -> None:
        await tracking.fail(connection, view.name, stretch.upto, described(error))
        _log.error("projection_failed", view=view.name, position=stretch.upto, error=type(error).__name__)
