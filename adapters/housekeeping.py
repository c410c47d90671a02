"""Now and then: what nobody needs any more is removed; one worker per database.

What lets in who has left (A-3), sessions and keys that ended long ago, files that no evidence names, secrets of
webhooks that were never registered. And the log is looked through for where something of whom stands.
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
from application.webhooks import Webhooks
from projections.electing import Leader, set_within
from projections.listening import BackOff
from projections.runner import APPENDED

_log = structlog.get_logger()
EVERY_S = 3600.0


class Housekeeper(Leader):
    """Keeps house while `run` runs."""

    def __init__(self, dsn: str, pool: Pool, actors: Actors, files: Files, webhooks: Webhooks) -> None:
        super().__init__(dsn, "redress.housekeeping", APPENDED)
        self._pool, self._actors, self._files, self._webhooks = pool, actors, files, webhooks
        self._orphans: set[str] = set()

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
        orphans = await self._forget_orphans()
        await look_through(self._dsn)
        if gone := len(left) + unnamed + orphans:
            _log.info("house_kept", count=gone)

    async def _forget_orphans(self) -> int:
        """Destroy the secrets that were nobody's the last time too: one that is being registered has its event soon."""
        found = await self._webhooks.orphans()
        left = found & self._orphans
        for webhook in left:
            await self._webhooks.forget(webhook)
        self._orphans = found - left
        return len(left)
