"""A stretch of the log on its way into views: pulled by one query, decoded once, opened once, written together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from application import wire
from application.envelope import Recorded
from application.sealing import Keyring, Opener
from projections.view import Cursor, View


class Stored(NamedTuple):
    """An event as it lies in the log."""

    position: int
    stream: UUID
    version: int
    topic: str
    state: bytes


COLUMNS = "notification_id, originator_id, originator_version, topic, state"
_PULL = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s"""  # noqa: S608  a constant


@dataclass(frozen=True, slots=True)
class Stretch:
    """Stored events in a row; `after` is the position the views stand at before them."""

    after: int
    stored: Sequence[Stored]

    @property
    def upto(self) -> int:
        """The position the views stand at afterwards."""
        return self.stored[-1].position

    def halves(self) -> tuple["Stretch", "Stretch"]:
        """The older and the newer half; of two events or more."""
        first = Stretch(self.after, self.stored[: len(self.stored) // 2])
        return first, Stretch(first.upto, self.stored[len(self.stored) // 2 :])


async def pull(connection: AsyncConnection[Any], after: int, upto: int, limit: int) -> Stretch:
    """Read on behind a position, but no further than `upto`."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_PULL, (after, upto, limit), prepare=True)
    return Stretch(after, [Stored._make(row) for row in await cursor.fetchall()])


@dataclass(frozen=True, slots=True)
class Readable:
    """Decoded events and what opens their sealed fields."""

    events: Sequence[Recorded]
    opener: Opener

    async def write(self, cursor: Cursor, views: Sequence[View]) -> None:
        """Write each view what concerns it."""
        for view in views:
            events = [recorded for recorded in self.events if recorded.event.topic.startswith(view.topics)]
            if events:
                await view.write(cursor, events, self.opener)


async def read(stored: Sequence[Stored], views: Sequence[View], keyring: Keyring) -> Readable:
    """Decode what these views read, and fetch the keys to what they open. Raises wire.Unreadable."""
    topics = tuple({topic for view in views for topic in view.topics})
    events = [recorded(row) for row in stored if row.topic.startswith(topics)]
    people = {view.opens(recorded.event) for recorded in events for view in views}
    return Readable(events, await keyring.opener(sorted(filter(None, people))))


def recorded(row: Stored) -> Recorded:
    """A stored event, read. Raises wire.Unreadable."""
    event, meta = wire.decode(row.topic, row.state)
    return Recorded(row.position, row.stream, row.version, event, meta)
