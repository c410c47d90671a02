"""Who was let in a moment ago: not asked of the database again while every change elsewhere is heard of.

Keys, sessions and people seldom change, and every request is somebody's. A trigger on each of them tells all processes
of a change as it is committed; what a process changes itself it forgets before it answers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from application.event_log import Write
from domain.values import Actor
from projections.listening import hear

CHANGED = "access_changed"
"""The channel on which the database tells that a key, a session or an agent has changed."""
KEPT = timedelta(seconds=5)
"""How long somebody is let in without being looked up: a deputy's last day ends that much later, at most."""
KEPT_MOST = 10_000
AGENTS = "agent."
"""How the topics of agents begin."""
Found = tuple[Actor, datetime | None]
"""Somebody, and until when what they came in by lets them in; None: for ever."""


class Admitted:
    """Actors by the SHA-256 of the key or token they came in by; none are kept unless `hear` runs."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[Actor, datetime]] = {}
        self._trusted = False
        self._changes = 0

    async def actor(self, by: bytes, look_up: Callable[[], Awaitable[Found | None]]) -> Actor | None:
        """Whom `by` lets in, looked up where that is not known from just before."""
        kept, now = self._kept.get(by), datetime.now(UTC)
        if kept is not None and now < kept[1]:
            return kept[0]
        changes = self._changes
        found = await look_up()
        if found is None:
            return None
        actor, until = found
        # what has changed while it was looked up may have come too late for it
        if self._trusted and changes == self._changes:
            self._keep(by, actor, min(now + KEPT, until or now + KEPT))
        return actor

    def _keep(self, by: bytes, actor: Actor, until: datetime) -> None:
        if len(self._kept) >= KEPT_MOST:
            self._kept.clear()
        self._kept[by] = actor, until

    def forget(self, *_: object) -> None:
        """Look everybody up again."""
        self._changes += 1
        self._kept.clear()

    def see(self, writes: Iterable[Write]) -> None:
        """Take note of what this process has stored."""
        if any(row.topic.startswith(AGENTS) for write in writes for row in write.rows):
            self.forget()

    async def hear(self, dsn: str, stop: asyncio.Event) -> None:
        """Hear, over a connection of its own, of what changes elsewhere, until `stop` is set."""
        await hear(dsn, CHANGED, stop, self.forget, self._begun, self._lost)

    async def _begun(self, _: AsyncConnection[Any]) -> None:
        self._trusted = True
        # what was looked up before anybody heard may have changed since
        self.forget()

    def _lost(self) -> None:
        self._trusted = False
        self.forget()
