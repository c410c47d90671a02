"""What lets people in, as rows: deleted when they have left or are erased, and when it has long let nobody in (A-3)."""

from datetime import timedelta
from hashlib import sha256

from adapters.auth.actors import Actors
from adapters.postgres.pool import Pool
from domain.values import AgentId

ENDED_FOR = timedelta(days=30)
"""How long sessions and keys that have ended stay, to be looked into."""
_WHO = """
    SELECT agent FROM access.passwords UNION SELECT agent FROM access.sessions
    UNION SELECT agent FROM access.api_keys"""
_OF_ONE = (
    "DELETE FROM access.passwords WHERE agent = %s",
    "DELETE FROM access.sessions WHERE agent = %s",
    "DELETE FROM access.api_keys WHERE agent = %s",
    "DELETE FROM access.presence WHERE agent = %s",
)
_TRIES = "DELETE FROM access.sign_in_tries WHERE account = %s"
_LONG_ENDED = (
    "DELETE FROM access.sessions WHERE coalesce(ended_at, used_at) < now() - %s",
    "DELETE FROM access.api_keys WHERE least(revoked_at, expires_at) < now() - %s",
)


async def forget_access(pool: Pool, agent: AgentId) -> None:
    """Delete whatever lets somebody in, or let them in: it lets in nobody from now on; again is nothing."""
    async with pool.connection() as connection, connection.transaction():
        for statement in _OF_ONE:
            await connection.execute(statement, (agent,))
        await connection.execute(_TRIES, (sha256(agent.encode()).digest(),))


async def forget_leavers(pool: Pool, actors: Actors) -> list[AgentId]:
    """The same for everybody whose last day is over; who they are."""
    async with pool.connection() as connection:
        agents = [AgentId(agent) for (agent,) in await (await connection.execute(_WHO)).fetchall()]
    gone = [agent for agent in agents if await actors.of(agent) is None]
    for agent in gone:
        await forget_access(pool, agent)
    return gone


async def forget_ended(pool: Pool) -> None:
    """Delete sessions and keys that have let nobody in for ENDED_FOR."""
    async with pool.connection() as connection:
        for statement in _LONG_ENDED:
            await connection.execute(statement, (ENDED_FOR,))
