"""API keys: `rk_<prefix>_<secret>`; kept are the prefix, by which a key is found, and the SHA-256 of the whole."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from adapters.postgres.pool import Pool
from application.event_log import Log
from application.streams import agent_stream
from domain.agent.words import Presence
from domain.values import Actor, AgentId

_ZONE = ZoneInfo("Asia/Shanghai")
"""The zone whose day decides which dated limit holds; the default zone of calendars (rulebook)."""


class ApiKeys:
    """Makes, knows and revokes keys. What a key may do follows from its agent, read from the log at every call."""

    def __init__(self, pool: Pool, log: Log) -> None:
        self._pool, self._log = pool, log

    async def create(self, agent: AgentId) -> str:
        """A new key for an agent; it is told this once and cannot be shown again."""
        prefix = secrets.token_hex(4)
        key = f"rk_{prefix}_{secrets.token_urlsafe(32)}"
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO access.api_keys (prefix, sha256, agent) VALUES (%s, %s, %s)", (prefix, _sha256(key), agent)
            )
        return key

    async def revoke(self, prefix: str) -> bool:
        """Revoke a key at once; False where there was none to revoke."""
        async with self._pool.connection() as connection:
            revoked = await connection.execute(
                "UPDATE access.api_keys SET revoked_at = now() WHERE prefix = %s AND revoked_at IS NULL", (prefix,)
            )
        return revoked.rowcount == 1

    async def actor(self, key: str) -> Actor | None:
        """The actor behind a key; None for a key unknown, revoked, or of somebody who has left."""
        prefix = key.split("_")[1] if key.count("_") >= 2 else ""  # noqa: PLR2004  rk, prefix, secret
        async with self._pool.connection() as connection:
            found = await connection.execute(
                "SELECT sha256, agent FROM access.api_keys WHERE prefix = %s AND revoked_at IS NULL", (prefix,)
            )
            row = await found.fetchone()
        if row is None or not hmac.compare_digest(bytes(row[0]), _sha256(key)):
            return None
        return await self._actor(AgentId(row[1]))

    async def _actor(self, agent_id: AgentId) -> Actor | None:
        stream = agent_stream(agent_id)
        agent = (await self._log.states([stream]))[stream]
        if agent.role is None or agent.presence is Presence.LEFT:
            return None
        limit_fen = agent.limit_fen_on(datetime.now(UTC).astimezone(_ZONE).date())
        return Actor(agent_id, agent.role, agent.team, limit_fen)


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
