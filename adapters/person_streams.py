"""Which streams hold something of a person's: looked through once, as the log grows, and kept (A-3).

It is no view: nobody waits for it while cases are worked on. Whoever asks looks through what came since somebody did
last; the housekeeping does once an hour.
"""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.subjects import Person

AT_ONCE = 5_000
"""Events looked through in one transaction."""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('private.person_streams'))"
_STRETCH = """
    SELECT u.position, least(u.position + %s, (SELECT coalesce(max(notification_id), 0) FROM log.events))
    FROM private.person_streams_upto u"""
# split, not matched: the pattern of an id, tried at every place, would cost fifteen to twenty-five times as much
_SEALED = """
    INSERT INTO private.person_streams (person, stream)
    SELECT DISTINCT left(part, 36), originator_id FROM log.events,
        unnest(string_to_array(convert_from(state, 'UTF8'), '"subject":"')) part
    WHERE notification_id > %(after)s AND notification_id <= %(upto)s AND substr(part, 37, 7) = '","box"'
    ON CONFLICT DO NOTHING"""
_NAMED = """
    INSERT INTO private.person_streams (person, stream)
    SELECT DISTINCT word, originator_id FROM log.events,
        unnest(string_to_array(convert_from(state, 'UTF8'), '"')) word
    WHERE notification_id > %(after)s AND notification_id <= %(upto)s AND word = ANY (%(numbers)s)
    ON CONFLICT DO NOTHING"""
_NAMED_BEFORE = """
    INSERT INTO private.person_streams (person, stream)
    SELECT DISTINCT %(number)s, originator_id FROM log.events
    WHERE notification_id <= %(after)s AND position(convert_to('"' || %(number)s || '"', 'UTF8') in state) > 0
    ON CONFLICT DO NOTHING"""
_REGISTERED = """
    SELECT convert_from(state, 'UTF8')::jsonb #>> '{data,id}' FROM log.events
    WHERE topic = 'agent.registered' AND notification_id > %(after)s AND notification_id <= %(upto)s"""
_STAFF = "SELECT agent FROM read.subjects_1 WHERE agent IS NOT NULL"
_MOVED = "UPDATE private.person_streams_upto SET position = %s"
_OF = "SELECT stream FROM private.person_streams WHERE person = ANY (%s)"


async def streams_of(dsn: str, person: Person) -> list[UUID]:
    """The streams in which something of a person's may stand, in the whole of the log."""
    await look_through(dsn)
    keys = [person.subject, *([person.agent] if person.agent else [])]
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        return [stream for (stream,) in await (await connection.execute(_OF, (keys,))).fetchall()]


async def look_through(dsn: str) -> None:
    """Look through what has been recorded since somebody did last."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        # staff that are looked for from the first event on have not been named before, as long as nobody else goes on
        known, upto = frozenset(await _firsts(connection, _STAFF)), 0
        while True:
            reached = await _looked_through(connection, known, upto)
            if reached is None:
                return
            upto = reached


async def _looked_through(connection: AsyncConnection[Any], known: frozenset[str], begun: int) -> int | None:
    """Look through one stretch, and how far it went; None when there is nothing left.

    known: staff that has been looked for in all that is before `begun`.
    """
    async with connection.transaction():
        await connection.execute(_LOCK)
        row = await (await connection.execute(_STRETCH, (AT_ONCE,))).fetchone()
        assert row is not None
        after, upto = row
        if upto <= after:
            return None
        stretch = {"after": after, "upto": upto}
        registered = {*await _firsts(connection, _REGISTERED, stretch)}
        numbers = sorted(registered | {*await _firsts(connection, _STAFF)} | known)
        await connection.execute(_SEALED, stretch)
        await connection.execute(_NAMED, {**stretch, "numbers": numbers})
        for number in sorted(registered - known if after == begun else registered):
            # somebody may have been named before they were registered
            await connection.execute(_NAMED_BEFORE, {"after": after, "number": number})
        await connection.execute(_MOVED, (upto,))
        return int(upto)


async def _firsts(connection: AsyncConnection[Any], query: str, asked: Any = None) -> list[Any]:
    return [row[0] for row in await (await connection.execute(query.encode(), asked)).fetchall()]
