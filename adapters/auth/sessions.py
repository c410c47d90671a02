"""Sessions of the console: a random token in a `__Host-` cookie; PostgreSQL keeps its SHA-256 (ASVS 5.0, 7)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from adapters.auth.actors import Actors
from adapters.auth.admitted import Admitted, Found
from adapters.auth.service_accounts import check_person
from adapters.postgres.pool import Pool
from domain.values import Actor, AgentId

COOKIE = "__Host-redress"
IDLE = timedelta(minutes=60)
"""How long a session lasts without a request."""
LONGEST = timedelta(hours=12)
"""How long a session lasts at most: a shift and its handover."""

_FIND = """
SELECT agent, used_at < now() - interval '1 minute', role, created_at + %(longest)s FROM access.sessions
WHERE sha256 = %(sha256)s AND ended_at IS NULL AND used_at > now() - %(idle)s AND created_at > now() - %(longest)s"""
_BEGIN = "INSERT INTO access.sessions (sha256, agent, role, way) VALUES (%s, %s, %s, %s)"
_OPEN = """
SELECT created_at, used_at, sha256 = %s FROM access.sessions
WHERE agent = %s AND ended_at IS NULL AND used_at > now() - %s AND created_at > now() - %s
ORDER BY used_at DESC, created_at DESC"""


class Way(StrEnum):
    """How somebody has signed in."""

    PASSWORD = "password"  # noqa: S105  the word, not one
    KEY = "key"
    PROVIDER = "provider"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Where somebody is signed in. used_at: the last request, to the minute; this: the session that asks."""

    created_at: datetime
    used_at: datetime
    this: bool


class Sessions:
    """Begins, knows and ends sessions."""

    def __init__(self, pool: Pool, actors: Actors, admitted: Admitted) -> None:
        self._pool, self._actors, self._admitted = pool, actors, admitted

    async def begin(self, agent: AgentId, way: Way) -> str | None:
        """A new session; the token for its cookie. None for somebody unknown or who has left. Raises NotForPrograms."""
        check_person(agent)
        actor, token = await self._actors.of(agent), secrets.token_urlsafe(32)
        if actor is None:
            return None
        async with self._pool.connection() as connection:
            await connection.execute(_BEGIN, (_sha256(token), actor.id, actor.role, way))
        return token

    async def actor(self, token: str) -> Actor | None:
        """The actor behind a token; None for one unknown, ended, too old, or of who has left or changed roles."""
        digest = _sha256(token)
        return await self._admitted.actor(digest, partial(self._found, digest, used=True))

    async def holds(self, token: str) -> bool:
        """Whether the session lets in; asking is no use of it, so that it ends when nothing else uses it."""
        return await self._found(_sha256(token), used=False) is not None

    async def _found(self, digest: bytes, *, used: bool) -> Found | None:
        asked = {"sha256": digest, "idle": IDLE, "longest": LONGEST}
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_FIND, asked)).fetchone()
            if used and row is not None and row[1]:
                await connection.execute("UPDATE access.sessions SET used_at = now() WHERE sha256 = %s", (digest,))
        actor = await self._actors.of(AgentId(row[0])) if row else None
        return (actor, row[3]) if row and actor and row[2] in {None, actor.role} else None

    async def open_of(self, agent: AgentId, token: str) -> Sequence[OpenSession]:
        """The sessions in which somebody is signed in, the one last used first; `token` is that of this one."""
        async with self._pool.connection() as connection:
            found = await connection.execute(_OPEN, (_sha256(token), agent, IDLE, LONGEST))
            return [OpenSession(*row) for row in await found.fetchall()]

    async def end(self, token: str) -> None:
        """Sign out: the token lets nobody in any more."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE access.sessions SET ended_at = now() WHERE sha256 = %s AND ended_at IS NULL", (_sha256(token),)
            )
        self._admitted.forget()

    async def end_all(self, agent: AgentId) -> int:
        """End all sessions of an agent at once; how many there were."""
        async with self._pool.connection() as connection:
            ended = await connection.execute(
                "UPDATE access.sessions SET ended_at = now() WHERE agent = %s AND ended_at IS NULL", (agent,)
            )
        self._admitted.forget()
        return ended.rowcount


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
