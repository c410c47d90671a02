"""The sealer: follows the log and keeps its tree sealed, one per database, for as long as the service runs.

It goes by positions and skips none: log.append shows a position only after all before it. Whatever is lost with a
connection is tried again. What cannot be continued honestly (SealRefused) stops it, loudly, until the next start.
"""

import asyncio
from pathlib import Path
from typing import Any

import structlog
from psycopg import AsyncConnection

from adapters.proof.kept_head import KeptHead
from adapters.proof.sealing import BATCH, Sealing, SealRefused
from adapters.proof.signing_keys import SigningKeys
from projections import tracking
from projections.electing import Leader
from projections.listening import BackOff
from projections.runner import APPENDED

_log = structlog.get_logger()
NAME = "sealing"
"""Under which name a refusal is noted beside the views' failures, for every process to see."""
# A head that is handed out must not be lost with a crash; with it all events before it are safe, too.
_DURABLE = "SET synchronous_commit = on"


class Sealer(Leader):
    """Seals while `run` runs; a second one stands by. `refused` says why it has stopped, where it has."""

    def __init__(self, dsn: str, master_key: bytes, home: Path, batch: int = BATCH) -> None:
        super().__init__(dsn, "redress.sealer", APPENDED)
        self._sealing = Sealing(SigningKeys(master_key), KeptHead(home), batch)
        self._batch = batch
        self.refused: str | None = None

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        await connection.execute(_DURABLE)
        await tracking.prepare(connection, ())
        try:
            await self._seal(connection, stop, back_off)
        except SealRefused as refusal:
            self.refused = str(refusal)
            _log.error("sealing_refused", error=type(refusal).__name__, state=self.refused)
            await tracking.fail(connection, NAME, 0, self.refused)
            await stop.wait()

    async def _seal(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        await self._sealing.prepare(connection)
        forgiven = False
        while not stop.is_set():
            self._wake.clear()
            sealed = await self._sealing.step(connection)
            back_off.succeeded()
            if not forgiven:
                await tracking.forgive(connection, [NAME])
                forgiven = True
            if sealed < self._batch:
                # one head is enough for all that come meanwhile
                await self.rest(stop)
