"""Sessions of the console: a random token in a `__Host-` cookie; PostgreSQL keeps its SHA-256 (ASVS 5.0, 7)."""

import hashlib
import secrets
from datetime import timedelta

from adapters.auth.actors import Actors
from adapters.postgres.pool import Pool
from domain.values import Actor, AgentId

COOKIE = "__Host-redress"
IDLE = timedelta(minutes=60)
"""How long a session lasts without a request."""
LONGEST = timedelta(hours=12)
"""How long a session lasts at most: a shift and its handover."""

_FIND = """
SELECT agent, used_at < now() - interval '1 minute' FROM access.sessions
WHERE sha256 = %s AND ended_at IS NULL AND used_at > now() - %s AND created_at > now() - %s"""


class Sessions:
    """Begins, knows and ends sessions."""

    def __init__(self, pool: Pool, actors: Actors) -> None:
        self._pool, self._actors = pool, actors

    async def begin(self, agent: AgentId) -> str:
        """A new session; the token for its cookie."""
        token = secrets.token_urlsafe(32)
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO access.sessions (sha256, agent) VALUES (%s, %s)", (_sha256(token), agent)
            )
        return token

    async def actor(self, token: str) -> Actor | None:
        """The actor behind a token; None for one unknown, ended, too old, or of somebody who has left."""
        async with self._pool.connection() as connection:
            found = await connection.execute(_FIND, (_sha256(token), IDLE, LONGEST))
            row = await found.fetchone()
            if row is not None and row[1]:
                await connection.execute(
                    "UPDATE access.sessions SET used_at = now() WHERE sha256 = %s", (_sha256(token),)
                )
        return await self._actors.of(AgentId(row[0])) if row else None

    async def end(self, token: str) -> None:
        """Sign out: the token lets nobody in any more."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE access.sessions SET ended_at = now() WHERE sha256 = %s AND ended_at IS NULL", (_sha256(token),)
            )

    async def end_all(self, agent: AgentId) -> int:
        """End all sessions of an agent at once; how many there were."""
        async with self._pool.connection() as connection:
            ended = await connection.execute(
                "UPDATE access.sessions SET ended_at = now() WHERE agent = %s AND ended_at IS NULL", (agent,)
            )
        return ended.rowcount


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
