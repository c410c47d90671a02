"""Everything that is kept on a person, out of the log (A-3)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import msgspec
from psycopg import AsyncConnection

from adapters.people import sealed_for
from application.envelope import Recorded, written
from application.sealing import Keyring, Show, masked, opened, reveal
from application.subjects import Person
from domain.values import Private
from projections.stretch import COLUMNS, Stored, recorded

_EVENTS = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE position(%(sealed)s::bytea in state) > 0 OR position(%(named)s::bytea in state) > 0
    ORDER BY notification_id"""  # noqa: S608  a constant
_AT_ONCE = 2_000


class PersonExport:
    """Reads the whole log for what is kept on a person. `dsn`: it has a connection of its own, and its own time."""

    def __init__(self, dsn: str, keyring: Keyring) -> None:
        self._dsn, self._keyring = dsn, keyring

    async def document(self, person: Person, at: datetime, *, to_be_opened: bool) -> dict[str, Any]:
        """Every event that holds something sealed for the person, or names them as staff, oldest first.

        What is sealed for others is masked, and what is the person's own too unless it is to be opened.
        """
        show = await self._show(person) if to_be_opened else masked
        events = [_item(one, show) async for one in self._events(person)]
        return {"id": person.subject, "agent": person.agent, "made_at": written(at), "events": events}

    async def _show(self, person: Person) -> Show:
        own = opened(await self._keyring.opener([person.subject]))

        def show(place: str, private: Private) -> object:
            return (own if private.subject == person.subject else masked)(place, private)

        return show

    async def _events(self, person: Person) -> AsyncIterator[Recorded]:
        sealed = sealed_for(person.subject)
        named = msgspec.json.encode(person.agent) if person.agent else sealed
        async with (
            await AsyncConnection.connect(self._dsn) as connection,
            connection.cursor("person", binary=True) as cursor,
        ):
            await cursor.execute(_EVENTS, {"sealed": sealed, "named": named})
            while rows := await cursor.fetchmany(_AT_ONCE):
                for row in rows:
                    yield recorded(Stored._make(row))


def _item(one: Recorded, show: Show) -> dict[str, Any]:
    return {
        "position": one.position,
        "stream": str(one.stream),
        "version": one.version,
        "type": one.event.topic,
        "at": written(one.meta.at),
        "actor": one.meta.actor,
        "data": reveal(one.event, show),
    }
