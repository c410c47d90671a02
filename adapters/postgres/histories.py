"""Reading single streams with their positions, and the small tables of the service."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from time import monotonic
from uuid import UUID

from adapters.postgres.pool import Pool
from application import wire
from application.clocks import Timeline
from application.envelope import AsOf, Recorded, recorded_by
from projections.case_then import moment_of
from projections.timelines import timelines

_HISTORY = """
    SELECT notification_id, originator_version, topic, state FROM log.events
    WHERE originator_id = %b AND notification_id <= %b ORDER BY originator_version"""
_HEAD = "SELECT coalesce(max(notification_id), 0) FROM log.events"
_LOOK_AGAIN_S = 0.2
"""A position that a command has answered is there at once; only one from elsewhere is looked for again."""
_EVERYTHING = 2**63 - 1
_BLOCK = 50
"""Case numbers fetched at a time; those a process leaves unused are gaps."""


class PostgresHistories:
    """Implements application.case_reads.Histories and application.clocks.Timelines by the log's primary key."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def history(self, stream: UUID, upto: AsOf = None) -> Sequence[Recorded]:
        """See Histories.history."""
        position = upto if isinstance(upto, int) else _EVERYTHING
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            rows = await (await cursor.execute(_HISTORY, (stream, position), prepare=True)).fetchall()
        recorded = [Recorded(row[0], stream, row[1], *wire.decode(row[2], row[3])) for row in rows]
        return recorded_by(recorded, upto) if isinstance(upto, datetime) else recorded

    async def timelines(self, cases: Collection[UUID], upto: AsOf = None) -> Mapping[UUID, Timeline]:
        """See application.clocks.Timelines."""
        async with self._pool.connection() as connection:
            return await timelines(connection, cases, upto)

    async def moment(self, position: int) -> datetime | None:
        """See Histories.moment."""
        async with self._pool.connection() as connection:
            return await moment_of(connection, position)

    async def reached(self, position: int, timeout_s: float = 5.0) -> bool:
        """Whether the log has come to a position, or comes to it in time."""
        deadline = monotonic() + timeout_s
        while (head := await self.head()) < position and monotonic() < deadline:  # noqa: ASYNC110  it is elsewhere
            await asyncio.sleep(_LOOK_AGAIN_S)
        return head >= position

    async def head(self) -> int:
        """The last position of the log."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_HEAD, prepare=True)).fetchone()
        return int(row[0]) if row else 0


class PostgresNumbers:
    """Implements application.cases.Numbers over a sequence: `2026-000123`, never given twice."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._block: list[int] = []

    async def next(self, year: int) -> str:
        """See Numbers.next."""
        while not self._block:
            async with self._pool.connection() as connection:
                drawn = await connection.execute(
                    "SELECT nextval('registry.case_number') FROM generate_series(1, %s)", (_BLOCK,)
                )
                self._block.extend(row[0] for row in reversed(await drawn.fetchall()))
        return f"{year}-{self._block.pop():06d}"
