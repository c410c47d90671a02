"""API keys: `rk_<prefix>_<secret>`; kept are the prefix, by which a key is found, and the SHA-256 of the whole."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence

from adapters.auth.actors import Actors
from adapters.postgres.pool import Pool
from adapters.postgres.single_flight import SingleFlight
from domain.values import Actor, AgentId

_KEY = re.compile(r"rk_([0-9a-f]{8})_[A-Za-z0-9_\-]{1,100}\Z")
FIND = "SELECT prefix, sha256, agent FROM access.api_keys WHERE prefix = ANY (%s) AND revoked_at IS NULL"


class ApiKeys:
    """Makes, knows and revokes keys.

    The pool serves nothing else, so that whoever comes in waits for no search of somebody else's.
    """

    def __init__(self, pool: Pool, actors: Actors) -> None:
        self._pool, self._actors = pool, actors
        self._known: SingleFlight[str, tuple[bytes, str] | None] = SingleFlight(self._find)

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

    async def revoke_all(self, agent: AgentId) -> int:
        """Revoke all keys of an agent at once; how many were in force."""
        async with self._pool.connection() as connection:
            revoked = await connection.execute(
                "UPDATE access.api_keys SET revoked_at = now() WHERE agent = %s AND revoked_at IS NULL", (agent,)
            )
        return revoked.rowcount

    async def actor(self, key: str) -> Actor | None:
        """The actor behind a key; None for a key unknown, revoked, or of somebody who has left."""
        shaped = _KEY.match(key)
        if shaped is None:
            return None
        known = await self._known.submit(shaped[1])
        if known is None or not hmac.compare_digest(known[0], _sha256(key)):
            return None
        return await self._actors.of(AgentId(known[1]))

    async def _find(self, prefixes: Sequence[str]) -> Sequence[tuple[bytes, str] | None]:
        """Look up the keys of all who come in at the same time by one query."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(FIND, [list(set(prefixes))], prepare=True)).fetchall()
        known = {prefix: (bytes(digest), agent) for prefix, digest, agent in rows}
        return [known.get(prefix) for prefix in prefixes]


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
