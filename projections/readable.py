"""Who of whom nothing can be read any more, or can be read again: views that hold texts opened write them anew (A-3).

A person's key is destroyed, restricted or released before the event is recorded that says so. So whatever is opened
once that event is seen is what may be read; and what a rebuilt view opens is the same.
"""

from collections.abc import Sequence
from uuid import UUID

from application.envelope import Recorded
from domain.kernel import Event
from domain.subject.events import Erased, Released, Restricted
from domain.values import SubjectId
from projections.stretch import COLUMNS, Stored, recorded
from projections.view import Cursor

READABLE_CHANGED = (Erased.topic, Restricted.topic, Released.topic)
"""The topics of the events after which other texts of a person can be read than before."""
_FIRST = f"SELECT {COLUMNS} FROM log.events WHERE originator_id = ANY (%s) AND originator_version = 1"  # noqa: S608  a constant


def whose(event: Event) -> SubjectId | None:
    """Of whom other texts can be read after this event; None for all other events."""
    return event.subject if isinstance(event, Erased | Restricted | Released) else None


async def first_events(cursor: Cursor, streams: Sequence[UUID]) -> list[Recorded]:
    """The first event of each of the streams."""
    rows = await (await cursor.execute(_FIRST, [list(streams)])).fetchall()
    return [recorded(Stored(row[0], row[1], row[2], row[3], bytes(row[4]))) for row in rows]
