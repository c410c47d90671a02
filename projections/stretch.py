"""A stretch of the log on its way into views: pulled by one query, decoded once, opened once, written together."""

from asyncio import TaskGroup
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from application import wire
from application.envelope import Recorded
from application.sealing import Keyring, Opener
from domain.values import SubjectId
from projections.view import View


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
    """Decoded events, for each view those that concern it, and what opens their sealed fields."""

    events: Mapping[View, Sequence[Recorded]]
    opener: Opener

    async def write(self, connection: AsyncConnection[Any], views: Iterable[View]) -> None:
        """Write each view what concerns it, in the transaction of the connection.

        The statements come one after the other, but while the database is at one, another view folds.
        """
        concerned = [view for view in views if self.events[view]]
        try:
            async with TaskGroup() as tasks:
                for view in concerned:
                    tasks.create_task(view.write(connection.cursor(), self.events[view], self.opener))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None


async def read(stored: Sequence[Stored], views: Sequence[View], keyring: Keyring) -> Readable:
    """Decode what these views read, and fetch the keys to what they open. Raises wire.Unreadable."""
    topics = {row.topic for row in stored}
    readers = {topic: [view for view in views if topic.startswith(view.topics)] for topic in topics}
    openers = {topic: [view for view in views if topic.startswith(view.opening)] for topic in topics}
    events: dict[View, list[Recorded]] = {view: [] for view in views}
    people: set[SubjectId | None] = set()
    for row in stored:
        if of := readers[row.topic]:
            one = recorded(row)
            people.update(view.opens(one.event) for view in openers[row.topic])
            for view in of:
                events[view].append(one)
    return Readable(events, await keyring.opener(sorted(filter(None, people))))


def recorded(row: Stored) -> Recorded:
    """A stored event, read. Raises wire.Unreadable."""
    event, meta = wire.decode(row.topic, row.state)
    return Recorded(row.position, row.stream, row.version, event, meta)
