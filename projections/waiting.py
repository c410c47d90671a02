"""Read-your-writes: wait until the views have taken in what a command has recorded."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from psycopg import AsyncConnection

from projections import tracking
from projections.listening import listen


class Positions:
    """What this process knows of the positions of those who follow the log, by their names in tracking.

    Kept up to date by one LISTEN connection while `run` runs.
    """

    def __init__(self, dsn: str, followers: Collection[str]) -> None:
        self._dsn = dsn
        self._reached = dict.fromkeys(followers, 0)
        self._moved = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set."""
        ear = asyncio.create_task(listen(self._dsn, tracking.ADVANCED, self._heard, self._look_up))
        try:
            await stop.wait()
        finally:
            ear.cancel()
            with suppress(asyncio.CancelledError):
                await ear

    async def wait_for(self, position: int, timeout_s: float = 5.0, view: str | None = None) -> bool:
        """Whether the follower, or without a name every one, has reached the position in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._standing(view) < position:
                    await self._moved.wait()
        return self._standing(view) >= position

    def _standing(self, view: str | None) -> int:
        return self._reached[view] if view else min(self._reached.values())

    async def _look_up(self, connection: AsyncConnection[Any]) -> None:
        self._learn(await tracking.positions(connection))

    def _heard(self, payload: str) -> None:
        position, *views = payload.split()
        self._learn(dict.fromkeys(views, int(position)))

    def _learn(self, positions: dict[str, int]) -> None:
        self._reached.update((view, at) for view, at in positions.items() if view in self._reached)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
