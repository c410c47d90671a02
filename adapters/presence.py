"""Who has which case open: a row for each open stream of a page, so that every process knows of the others' (Q-8).

A stream beats as long as it is open; one that has been silent for SILENT is of a process that died. Whoever comes or
goes wakes all who follow the log, by its own channel: they look who is there now.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from adapters.postgres.pool import Pool
from domain.values import AgentId, CaseId
from projections.runner import APPENDED

SILENT = timedelta(seconds=45)
"""How long a stream may be silent before it counts as gone: three beats of the feed."""
_COME = "INSERT INTO access.presence (stream, agent, case_id) VALUES (%s, %s, %s)"
_BEAT = "UPDATE access.presence SET seen_at = now() WHERE stream = %s"
_GO = "DELETE FROM access.presence WHERE stream = %s OR seen_at < now() - %s"
_TELL = "SELECT pg_notify(%s, '')"
_WHO = """
    SELECT DISTINCT case_id, agent FROM access.presence
    WHERE case_id = ANY (%s) AND agent <> %s AND seen_at > now() - %s ORDER BY case_id, agent"""


class Presence:
    """Keeps who looks at a case."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def come(self, agent: AgentId, case: CaseId) -> UUID:
        """Somebody has opened a case: the stream by which they beat and go."""
        stream = uuid4()
        async with self._pool.connection() as connection:
            await connection.execute(_COME, (stream, agent, UUID(case)))
            await connection.execute(_TELL, (APPENDED,))
        return stream

    async def beat(self, stream: UUID) -> None:
        """They still look."""
        async with self._pool.connection() as connection:
            await connection.execute(_BEAT, (stream,))

    async def go(self, stream: UUID) -> None:
        """They look no more."""
        async with self._pool.connection() as connection:
            await connection.execute(_GO, (stream, SILENT))
            await connection.execute(_TELL, (APPENDED,))

    async def others(self, agent: AgentId, cases: Collection[str]) -> Mapping[str, list[AgentId]]:
        """Who else looks at these cases, by case; only those at which somebody does."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_WHO, ([UUID(case) for case in cases], agent, SILENT))).fetchall()
        found: dict[str, list[AgentId]] = {}
        for case, other in rows:
            found.setdefault(str(case), []).append(AgentId(other))
        return found
