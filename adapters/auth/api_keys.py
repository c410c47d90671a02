"""API keys: `rk_<prefix>_<secret>`; kept are the prefix, by which a key is found, and the SHA-256 of the whole."""

import hashlib
import hmac
import re
import secrets
from asyncio import gather
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from adapters.auth.actors import Actors
from adapters.auth.admitted import Admitted, Found
from adapters.postgres.pool import Pool
from adapters.postgres.single_flight import SingleFlight
from domain.values import Actor, AgentId

Connection = AsyncConnection[tuple[Any, ...]]
_KEY = re.compile(r"rk_([0-9a-f]{8})_[A-Za-z0-9_\-]{1,100}\Z")
FIND = """
SELECT prefix, sha256, agent, scopes, expires_at, used_at IS NULL OR used_at < now() - interval '1 minute'
FROM access.api_keys WHERE prefix = ANY (%s) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"""
_SHOW = """
SELECT prefix, agent, label, scopes, created_at, expires_at, used_at FROM access.api_keys
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"""
_ADD = "INSERT INTO access.api_keys (prefix, sha256, agent, label, scopes, expires_at) VALUES (%s, %s, %s, %s, %s, %s)"
_ROTATE = """
UPDATE access.api_keys SET expires_at = least(expires_at, now() + %s)
WHERE prefix = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"""
_USED = "UPDATE access.api_keys SET used_at = now() WHERE prefix = ANY (%s)"
_REMEMBERED = 10_000
"""Of how many keys a process remembers the owners."""
OVERLAP_MOST = timedelta(days=7)
"""How long a key may live on at most beside the one that takes its place."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How a key is narrowed. scopes: `read`, `write`, or names of actions; None: all that its owner may.

    expires_at: from when it lets nobody in; None: never. label: what it is for.
    """

    scopes: frozenset[str] | None = None
    expires_at: datetime | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class KeyShown:
    """A key in force as it is listed: never its secret. used_at: to the minute."""

    prefix: str
    agent: AgentId
    label: str | None
    scopes: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None

    @property
    def limits(self) -> Limits:
        """How it is narrowed."""
        return Limits(_set(self.scopes), self.expires_at, self.label)


@dataclass(frozen=True, slots=True)
class After:
    """Which key a new one takes the place of, and for how long both let in: OVERLAP_MOST at most."""

    prefix: str
    overlap: timedelta


class NoSuchKey(Exception):
    """There is no such key in force."""


class PrefixTaken(Exception):
    """Another key has this prefix, or has had it."""


@dataclass(frozen=True, slots=True)
class _Known:
    sha256: bytes
    agent: AgentId
    scopes: frozenset[str] | None
    expires_at: datetime | None


class ApiKeys:
    """Makes, knows and revokes keys.

    The pool serves nothing else, so that whoever comes in waits for no search of somebody else's.
    """

    def __init__(self, pool: Pool, actors: Actors, admitted: Admitted) -> None:
        self._pool, self._actors, self._admitted = pool, actors, admitted
        self._known: SingleFlight[str, _Known | None] = SingleFlight(self._find)
        self._owners: dict[str, AgentId] = {}

    async def create(
        self, agent: AgentId, limits: Limits | None = None, *, prefix: str | None = None, after: After | None = None
    ) -> str:
        """A new key for an agent; it is told this once and cannot be shown again.

        prefix: eight hexadecimal digits; after: which key it takes the place of. Raises PrefixTaken, NoSuchKey.
        """
        async with self._pool.connection() as connection, connection.transaction():
            if after:
                await _phase_out(connection, after)
            key = await _added(connection, prefix or secrets.token_hex(4), agent, limits or Limits())
        self._admitted.forget()
        return key

    async def one(self, prefix: str) -> KeyShown | None:
        """A key in force, without its secret."""
        async with self._pool.connection() as connection:
            return await _one(connection, prefix)

    async def listed(self, agent: AgentId | None = None) -> Sequence[KeyShown]:
        """The keys in force, of one agent or of all, by owner and age."""
        asked = _SHOW + " AND (%(agent)s::text IS NULL OR agent = %(agent)s) ORDER BY agent, created_at, prefix"
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(KeyShown)) as cursor:
            return await (await cursor.execute(asked, {"agent": agent})).fetchall()

    async def revoke(self, prefix: str) -> bool:
        """Revoke a key at once; False where there was none to revoke."""
        async with self._pool.connection() as connection:
            revoked = await connection.execute(
                "UPDATE access.api_keys SET revoked_at = now() WHERE prefix = %s AND revoked_at IS NULL", (prefix,)
            )
        self._admitted.forget()
        return revoked.rowcount == 1

    async def revoke_all(self, agent: AgentId) -> int:
        """Revoke all keys of an agent at once; how many were in force."""
        async with self._pool.connection() as connection:
            revoked = await connection.execute(
                "UPDATE access.api_keys SET revoked_at = now() WHERE agent = %s AND revoked_at IS NULL", (agent,)
            )
        self._admitted.forget()
        return revoked.rowcount

    async def actor(self, key: str) -> Actor | None:
        """The actor behind a key; None for a key unknown, revoked or expired, or of somebody who has left."""
        shaped = _KEY.match(key)
        if shaped is None:
            return None
        digest = _sha256(key)
        return await self._admitted.actor(digest, partial(self._found, shaped[1], digest))

    async def _found(self, prefix: str, digest: bytes) -> Found | None:
        known, actor = await self._looked_up(prefix)
        if known is None or actor is None or not hmac.compare_digest(known.sha256, digest):
            return None
        return replace(actor, scopes=known.scopes), known.expires_at

    async def _looked_up(self, prefix: str) -> tuple[_Known | None, Actor | None]:
        """A key and its owner; both at once where the owner is known from before, who never changes."""
        owner = self._owners.get(prefix)
        if owner is not None:
            return await gather(self._known.submit(prefix), self._actors.of(owner))
        known = await self._known.submit(prefix)
        if known is None:
            return None, None
        if len(self._owners) >= _REMEMBERED:
            self._owners.clear()
        self._owners[prefix] = known.agent
        return known, await self._actors.of(known.agent)

    async def _find(self, prefixes: Sequence[str]) -> Sequence[_Known | None]:
        """Look up the keys of all who come in at the same time by one query."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(FIND, [list(set(prefixes))], prepare=True)).fetchall()
            if idle := [row[0] for row in rows if row[5]]:
                await connection.execute(_USED, (idle,))
        known = {row[0]: _Known(bytes(row[1]), row[2], _set(row[3]), row[4]) for row in rows}
        return [known.get(prefix) for prefix in prefixes]


def _set(scopes: Sequence[str] | None) -> frozenset[str] | None:
    return frozenset(scopes) if scopes is not None else None


async def _one(connection: Connection, prefix: str) -> KeyShown | None:
    async with connection.cursor(row_factory=class_row(KeyShown)) as cursor:
        return await (await cursor.execute(_SHOW + " AND prefix = %s", (prefix,))).fetchone()


async def _phase_out(connection: Connection, after: After) -> None:
    rotated = await connection.execute(_ROTATE, (min(after.overlap, OVERLAP_MOST), after.prefix))
    if rotated.rowcount == 0:
        raise NoSuchKey


async def _added(connection: Connection, prefix: str, agent: AgentId, limits: Limits) -> str:
    key = f"rk_{prefix}_{secrets.token_urlsafe(32)}"
    scopes = sorted(limits.scopes) if limits.scopes is not None else None
    try:
        await connection.execute(_ADD, (prefix, _sha256(key), agent, limits.label, scopes, limits.expires_at))
    except UniqueViolation:
        raise PrefixTaken from None
    return key


def _sha256(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
