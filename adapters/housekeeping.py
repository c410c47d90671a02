"""Now and then: what nobody needs any more is removed; one worker per database.

What lets in who has left (A-3), sessions and keys that ended long ago, files that no evidence names. And the
log is looked through for where something of whom stands.
"""

import asyncio
from typing import Any

import structlog
from psycopg import AsyncConnection

from adapters.access_rows import forget_ended, forget_leavers
from adapters.auth.actors import Actors
from adapters.files import Files
from adapters.person_streams import look_through
from adapters.postgres.pool import Pool
from projections.electing import Leader, set_within
from projections.listening import BackOff
from projections.runner import APPENDED

_log = structlog.get_logger()
EVERY_S = 3600.0


class Housekeeper(Leader):
    """Keeps house while `run` runs."""

    def __init__(self, dsn: str, pool: Pool, actors: Actors, files: Files) -> None:
        super().__init__(dsn, "redress.housekeeping", APPENDED)
        self._pool, self._actors, self._files = pool, actors, files

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:  # noqa: ARG002
        """See Leader.lead."""
        while not stop.is_set():
            await self.keep()
            back_off.succeeded()
            await set_within(stop, EVERY_S)

    async def keep(self) -> None:
        """Do all of it once."""
        left = await forget_leavers(self._pool, self._actors)
        await forget_ended(self._pool)
        unnamed = await self._files.forget_unnamed()
        await look_through(self._dsn)
        if gone := len(left) + unnamed:
            _log.info("house_kept", count=gone)
