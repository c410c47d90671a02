"""One worker per database: elected by an advisory lock, woken by a channel, outliving whatever happens to it."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any

import structlog
from psycopg import AsyncConnection

from projections.listening import BackOff, listen

_log = structlog.get_logger()

POLL_S = 1.0
"""How often a leader looks without having been told, and how often who stands by asks to lead."""
_ELECT = "SELECT pg_try_advisory_lock(hashtext(%s))"


class Leader(ABC):
    """Does its work while `run` runs and nobody else does it on this database; a second one stands by.

    pause_s: how long who has looked leaves be what wakes it. Under load much comes together, and a look costs more.
    """

    pause_s = 0.05

    def __init__(self, dsn: str, name: str, channel: str) -> None:
        self._dsn = dsn
        self._name = name
        self._channel = channel
        self._wake = asyncio.Event()

    @abstractmethod
    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """Work until `stop` is set; what is raised is logged, and tried again after a pause."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        helpers = [asyncio.create_task(self._listen()), asyncio.create_task(self._wake_at(stop))]
        try:
            await self._work(stop)
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def rest(self, stop: asyncio.Event) -> None:
        """Pause, then wait to be woken: at once by whatever came meanwhile."""
        await set_within(stop, self.pause_s)
        await self.woken()

    async def woken(self) -> None:
        """Wait to be woken; a poll now and then, in case a notification was missed."""
        await set_within(self._wake, POLL_S)

    async def _listen(self) -> None:
        async def begun(_: AsyncConnection[Any]) -> None:
            self._wake.set()

        await listen(self._dsn, self._channel, lambda _: self._wake.set(), begun)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _work(self, stop: asyncio.Event) -> None:
        back_off = BackOff()
        while not stop.is_set():
            try:
                async with await AsyncConnection.connect(self._dsn, autocommit=True) as connection:
                    if await self._elected(connection, stop):
                        await self.lead(connection, stop, back_off)
            except Exception as error:  # noqa: BLE001  the worker outlives whatever happens to it
                _log.error("worker_interrupted", worker=self._name, error=type(error).__name__)
                await back_off.sleep()

    async def _elected(self, connection: AsyncConnection[Any], stop: asyncio.Event) -> bool:
        """Wait until nobody else does this work on this database; False where `stop` came first."""
        while not stop.is_set():
            if await self._elect(connection):
                return True
            # for `stop`, not to be woken: that concerns the leader alone
            await set_within(stop, POLL_S)
        return False

    async def _elect(self, connection: AsyncConnection[Any]) -> bool:
        cursor = await connection.execute(_ELECT, [self._name])
        return await cursor.fetchone() == (True,)


async def set_within(event: asyncio.Event, timeout_s: float) -> None:
    """Wait for an event, but not for long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
