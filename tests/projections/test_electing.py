"""A leader rests after each look, and ends at once when it is told to."""

import asyncio
from typing import Any

import pytest
from psycopg import AsyncConnection

from projections import tracking
from projections.electing import Leader
from projections.listening import BackOff
from tests.projections.projecting import World, eventually


class Looking(Leader):
    """Counts how often it looks."""

    looks = 0

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        while not stop.is_set():
            self._wake.clear()
            self.looks += 1
            await tracking.positions(connection)
            back_off.succeeded()
            await self.rest(stop)


@pytest.mark.parametrize(("pause_s", "again"), [(3600.0, False), (0.0, True)])
def test_who_has_looked_leaves_alone_what_wakes_it_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch, *, pause_s: float, again: bool
) -> None:
    monkeypatch.setattr(Looking, "pause_s", pause_s)

    async def woken_again_and_again() -> int:
        stop, leader = asyncio.Event(), Looking(world.dsn, "looking", "nobody_tells")
        running = asyncio.create_task(leader.run(stop))
        await eventually(lambda: leader.looks > 0)
        for _ in range(50):
            leader._wake.set()  # noqa: SLF001  as a notification does
            await asyncio.sleep(0.01)
        looks = leader.looks
        stop.set()
        async with asyncio.timeout(5):
            await running
        return looks

    assert (asyncio.run(woken_again_and_again()) > 1) is again
