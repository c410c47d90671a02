"""What is known of persons here, out of the lists and the log itself."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from psycopg import AsyncConnection

from adapters.access_rows import forget_access
from adapters.person_streams import streams_of
from adapters.postgres.pool import Pool
from application.event_log import Unavailable
from application.subjects import Person
from domain.subject.retention import Matter
from domain.values import SubjectId
from projections import subjects
from projections.waiting import Positions

T = TypeVar("T")
_VIEWS = ("case_inbox_2", "clocks_2", "directory_1", "handover_1", "ledger_1", "orders_2", "subjects_1")
"""Where it stands what persons have here."""
_HEAD = "SELECT coalesce(max(notification_id), 0) FROM log.events"
_FORGET = (
    "DELETE FROM private.files WHERE subject = %s",
    "DELETE FROM private.drafts WHERE subject = %s",
    "DELETE FROM private.views WHERE subject = %s",
)
_EVENTS = """
    SELECT count(*) FROM log.events WHERE originator_id = ANY (%s) AND position(%s::bytea in state) > 0"""


class PostgresPeople:
    """Implements application.subjects.People. `dsn`: for what reads many streams, in its own time.

    positions: what waits for the lists; without it nobody waits.
    """

    def __init__(self, dsn: str, pool: Pool, positions: Positions | None = None) -> None:
        self._dsn, self._pool, self._positions = dsn, pool, positions

    async def staff(self, named: str) -> Person | None:
        """See People.staff. Who was registered a moment ago is staff as well."""
        await self._come_to_the_head("subjects_1")
        found = await self._asked(lambda connection: subjects.staff(connection, named))
        return Person(*found) if found else None

    async def matters(self, person: Person, today: date) -> Sequence[Matter]:
        """See People.matters."""
        await self._come_to_the_head(*_VIEWS)
        if person.agent is None:
            return await self._asked(lambda connection: subjects.matters_of_customer(connection, person.subject))
        agent = person.agent
        return await self._asked(lambda connection: subjects.matters_of_staff(connection, agent, today))

    async def long_ended(self, before: datetime) -> Sequence[Person]:
        """See People.long_ended."""
        found = await self._asked(lambda connection: subjects.long_ended(connection, before))
        return [Person(subject, agent) for subject, agent in found]

    async def events(self, subject: SubjectId) -> int:
        """See People.events."""
        streams = await streams_of(self._dsn, Person(subject))
        async with await AsyncConnection.connect(self._dsn) as connection:
            found = await (await connection.execute(_EVENTS, [streams, sealed_for(subject)])).fetchone()
        return int(found[0]) if found else 0

    async def forget(self, person: Person) -> None:
        """See People.forget."""
        async with self._pool.connection() as connection, connection.transaction():
            for statement in _FORGET:
                await connection.execute(statement, [person.subject])
        if person.agent:
            await forget_access(self._pool, person.agent)

    async def seen(self, position: int) -> None:
        """See People.seen."""
        if self._positions:
            await self._positions.wait_for(position)

    async def _come_to_the_head(self, *views: str) -> None:
        """Nobody is erased because a list did not yet show what stands against it. Raises Unavailable."""
        head = await self._asked(_head)
        for view in views:
            if self._positions and not await self._positions.wait_for(head, view=view):
                raise Unavailable("the lists are behind: ask again when /readyz says that they are not")

    async def _asked(self, query: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
        async with self._pool.connection() as connection:
            return await query(connection)


def sealed_for(subject: SubjectId) -> bytes:
    """What stands in a stored event beside each box of the person's."""
    return f'"subject":"{subject}","box"'.encode()


async def _head(connection: AsyncConnection[Any]) -> int:
    found = await (await connection.execute(_HEAD)).fetchone()
    return int(found[0]) if found else 0
