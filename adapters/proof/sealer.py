"""The sealer: follows the log and keeps its tree sealed, one per database, for as long as the service runs.

It goes by positions and skips none: log.append shows a position only after all before it. Whatever is lost with a
connection is tried again. What cannot be continued honestly (SealRefused) stops it, loudly, until the next start.
"""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from psycopg import AsyncConnection

from adapters.proof.kept_head import KeptHead
from adapters.proof.sealing import BATCH, Sealing, SealRefused
from adapters.proof.signing_keys import SigningKeys
from projections import tracking
from projections.listening import BackOff, listen
from projections.runner import APPENDED

_log = structlog.get_logger()
POLL_S = 1.0
GATHER_S = 0.1
"""How long a batch that is not full waits for more: one head for all of them is enough."""
NAME = "sealing"
"""Under which name a refusal is noted beside the views' failures, for every process to see."""
_ELECT = "SELECT pg_try_advisory_lock(hashtext('redress.sealer'))"
# A head that is handed out must not be lost with a crash; with it all events before it are safe, too.
_DURABLE = "SET synchronous_commit = on"


class Sealer:
    """Seals while `run` runs; a second one stands by. `refused` says why it has stopped, where it has."""

    def __init__(self, dsn: str, master_key: bytes, home: Path, batch: int = BATCH) -> None:
        self._dsn = dsn
        self._sealing = Sealing(SigningKeys(master_key), KeptHead(home), batch)
        self._batch = batch
        self._wake = asyncio.Event()
        self.refused: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the log until `stop` is set."""
        helpers = [asyncio.create_task(self._listen()), asyncio.create_task(self._wake_at(stop))]
        try:
            await self._work(stop)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _listen(self) -> None:
        async def begun(_: AsyncConnection[Any]) -> None:
            self._wake.set()

        await listen(self._dsn, APPENDED, lambda _: self._wake.set(), begun)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _work(self, stop: asyncio.Event) -> None:
        back_off = BackOff()
        while not stop.is_set():
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    await connection.execute(_DURABLE)
                    if await self._elected(connection, stop):
                        await self._lead_or_refuse(connection, stop, back_off)
                if self.refused:
                    await stop.wait()
            except Exception as error:  # noqa: BLE001  the sealer outlives whatever happens to it
                _log.error("sealer_interrupted", error=type(error).__name__)
                await back_off.sleep()

    async def _elected(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> bool:
        """Wait until no other sealer works on this database; False where `stop` came first."""
        while not stop.is_set():
            if await (await connection.execute(_ELECT)).fetchone() == (True,):
                return True
            await _set_within(stop, POLL_S)
        return False

    async def _lead_or_refuse(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        await tracking.prepare(connection, ())
        try:
            await self._lead(connection, stop, back_off)
        except SealRefused as refusal:
            self.refused = str(refusal)
            _log.error("sealing_refused", error=type(refusal).__name__, state=self.refused)
            await tracking.fail(connection, NAME, 0, self.refused)

    async def _lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        await self._sealing.prepare(connection)
        forgiven = False
        while not stop.is_set():
            self._wake.clear()
            sealed = await self._sealing.step(connection)
            back_off.succeeded()
            if not forgiven:
                await tracking.forgive(connection, [NAME])
                forgiven = True
            if not sealed:
                # until the log grows; a poll now and then, in case a notification was missed
                await _set_within(self._wake, POLL_S)
            elif sealed < self._batch:
                await _set_within(stop, GATHER_S)


async def _set_within(event: asyncio.Event, timeout_s: float) -> None:
    """Wait for an event, but not for long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
