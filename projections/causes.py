"""The events behind a line of the ledgers, wherever they stand in the log (L-1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from projections.stretch import COLUMNS, Stored, recorded

_AT = f"SELECT {COLUMNS} FROM log.events WHERE notification_id = ANY (%s) ORDER BY notification_id"  # noqa: S608  a constant


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseSeen:
    """An event, by what is recorded beside it: its place, its topic, when, by whom, and whose stream it is in."""

    position: int
    type: str
    at: datetime
    actor: str
    stream: UUID


async def causes_at(connection: AsyncConnection[Any], positions: Collection[int]) -> list[CauseSeen]:
    """The events at these positions, oldest first."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_AT.encode(), ([*positions],), prepare=True)
    return [_seen(recorded(Stored._make(row))) for row in await cursor.fetchall()]


def _seen(one: Recorded) -> CauseSeen:
    return CauseSeen(
        position=one.position, type=one.event.topic, at=one.meta.at, actor=one.meta.actor, stream=one.stream
    )
