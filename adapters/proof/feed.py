"""The change feed: whoever follows the log gets every event in the one order, none left out, as it is recorded.

It goes by positions and skips none: log.append shows a position only after all before it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

import structlog
from psycopg import AsyncConnection, Error

from adapters.proof.reads import Line, ProofReads
from projections.electing import set_within
from projections.listening import listen
from projections.runner import APPENDED

_log = structlog.get_logger()
BEAT_S = 5.0
"""How long nothing is said where nothing happens: proxies hang up on who is silent for long."""
ASKED_EVERY_S = 2.0
"""How often it is asked at most whether who follows still may: whoever is shut out hears no more within seconds."""
LONGEST_S = 600.0
"""How long one is followed at once: who comes again is asked anew whether they may."""
AT_ONCE = 500


Holds = Callable[[], Awaitable[bool]]
"""Whether who follows still may."""


class Feed:
    """Wakes all who follow by one LISTEN connection, while `run` runs."""

    def __init__(self, dsn: str, reads: ProofReads) -> None:
        self._dsn, self._reads = dsn, reads
        self._moved = asyncio.Event()
        self._ended = False

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set, then end whatever is followed."""
        ear = asyncio.create_task(listen(self._dsn, APPENDED, lambda _: self._wake(), self._begun))
        try:
            await stop.wait()
        finally:
            self.end()
            ear.cancel()
            await asyncio.gather(ear, return_exceptions=True)

    def end(self) -> None:
        """End whatever is followed, at once: the service is about to stop."""
        self._ended = True
        self._wake()

    async def follow(self, after: int, holds: Holds) -> AsyncGenerator[Sequence[Line], None]:
        """Events behind a position as they are recorded, some at a time; none every BEAT_S without any.

        Ends with the service, after LONGEST_S, where who follows may no more, and where the database cannot be asked:
        follow on behind the last.
        """
        asked = monotonic()
        until = asked + LONGEST_S
        while not self._ended and monotonic() < until:
            moved = self._moved  # before the look: what comes after it is not slept through
            try:
                if monotonic() - asked >= ASKED_EVERY_S:
                    asked = monotonic()
                    if not await holds():
                        return
                lines = await self._reads.lines(after, AT_ONCE)
            except Error as error:
                _log.warning("feed_interrupted", error=type(error).__name__)
                return
            yield lines
            after = lines[-1].position if lines else after
            if len(lines) < AT_ONCE:
                await set_within(moved, BEAT_S)

    async def _begun(self, _: AsyncConnection[Any]) -> None:
        self._wake()

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
