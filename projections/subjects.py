"""Who works here by subject id, and how far erasures, restrictions and holds have come: one row per person (A-3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from application.streams import subject_stream
from domain.agent.events import Registered
from domain.case.words import Channel, ComplaintType
from domain.kernel import Event
from domain.subject import events as e
from domain.subject.retention import Matter
from domain.subject.words import ErasureStatus, Grounds, SubjectKind
from domain.values import AgentId, SubjectId, local_day
from projections.view import Cursor, Page, Rows, View


@dataclass(slots=True, kw_only=True)
class SubjectRow:
    """A person of whom something was decided, or who works here; the columns of `read.subjects_1`."""

    stream: UUID
    subject: SubjectId
    agent: AgentId | None = None
    version: int = 0
    position: int
    erasure: ErasureStatus | None = None
    grounds: Grounds | None = None
    asked_at: datetime | None = None
    requested_by: AgentId | None = None
    approved_by: AgentId | None = None
    confirmed_by: AgentId | None = None
    erased_at: int | None = None
    restricted: bool = False
    held: bool = False


ROWS = Rows("read.subjects_1", SubjectRow)


class SubjectsView(View):
    """One row per person."""

    name = "subjects_1"
    topics = ("agent.registered", "subject.")
    tables = ("read.subjects_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.subjects_1 (
            stream uuid PRIMARY KEY, subject uuid UNIQUE NOT NULL, agent text, version bigint NOT NULL,
            position bigint NOT NULL, erasure text, grounds text, asked_at timestamptz, requested_by text,
            approved_by text, confirmed_by text, erased_at bigint, restricted boolean NOT NULL, held boolean NOT NULL
        );
        CREATE INDEX IF NOT EXISTS subjects_1_agent ON read.subjects_1 (agent);
        CREATE INDEX IF NOT EXISTS subjects_1_decided ON read.subjects_1 (subject) WHERE version > 0;
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        rows = await ROWS.load(cursor, {_stream_of(recorded) for recorded in events})
        for recorded in events:
            stream = _stream_of(recorded)
            rows[stream] = _changed(rows.get(stream) or _begun(stream, recorded), recorded)
        await ROWS.upsert(cursor, rows.values())


def _stream_of(recorded: Recorded) -> UUID:
    event = recorded.event
    return subject_stream(event.name.subject).id if isinstance(event, Registered) else recorded.stream


def _begun(stream: UUID, recorded: Recorded) -> SubjectRow:
    match recorded.event:
        case Registered(id=agent, name=name):
            return SubjectRow(stream=stream, subject=name.subject, agent=agent, position=recorded.position)
        case e.ErasureRequested() | e.Restricted() | e.Held() as first:
            return SubjectRow(stream=stream, subject=first.subject, agent=first.agent, position=recorded.position)
        case other:
            raise ValueError(f"{other.topic} is nobody's first event")


def _changed(row: SubjectRow, recorded: Recorded) -> SubjectRow:
    if not isinstance(recorded.event, Registered):
        row.version, row.position = recorded.version, recorded.position
        _decided(row, recorded.event, recorded)
    return row


def _decided(row: SubjectRow, event: Event, recorded: Recorded) -> None:
    match event:
        case e.ErasureRequested():
            row.erasure, row.grounds, row.asked_at = ErasureStatus.REQUESTED, event.grounds, recorded.meta.at
            row.requested_by, row.approved_by = event.by, None
        case e.ErasureApproved():
            row.erasure, row.approved_by = ErasureStatus.APPROVED, event.by
        case e.ErasureRejected():
            row.erasure = ErasureStatus.REJECTED
        case e.ErasureConfirmed():
            row.erasure, row.confirmed_by = ErasureStatus.CONFIRMED, event.by
        case e.Erased():
            row.erasure, row.erased_at = ErasureStatus.ERASED, recorded.position
        case e.Restricted() | e.Released():
            row.restricted = isinstance(event, e.Restricted)
        case e.Held() | e.HoldLifted():
            row.held = isinstance(event, e.Held)


# ---- questions ------------------------------------------------------------------------------------------------------
_PAGE = """
    SELECT to_json(t)::text FROM read.subjects_1 t
    WHERE version > 0 AND (%(erasure)s::text IS NULL OR erasure = %(erasure)s)
        AND (%(restricted)s::boolean IS NULL OR restricted = %(restricted)s)
        AND (%(held)s::boolean IS NULL OR held = %(held)s)
        AND (%(after)s::uuid IS NULL OR subject > %(after)s)
    ORDER BY subject LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFilters:
    """What a list of persons asks for; None asks for everything."""

    erasure: ErasureStatus | None = None
    restricted: bool | None = None
    held: bool | None = None


async def subjects(
    connection: AsyncConnection[Any], filters: SubjectFilters, after: UUID | None = None, limit: int = 50
) -> Page[SubjectRow]:
    """A page of the persons of whom something was decided; `next` is the last one's id."""
    asked = {"erasure": filters.erasure, "restricted": filters.restricted, "held": filters.held}
    found = await connection.execute(_PAGE, {**asked, "after": after, "limit": limit + 1})
    rows = [ROWS.decode(row) for (row,) in await found.fetchall()]
    return Page(rows[:limit], str(rows[limit - 1].subject) if len(rows) > limit else None)


async def staff(connection: AsyncConnection[Any], named: str) -> tuple[SubjectId, AgentId] | None:
    """Who works or worked here, by employee number or subject id."""
    query = "SELECT subject::text, agent FROM read.subjects_1 WHERE agent IS NOT NULL AND %s IN (agent, subject::text)"
    found = await (await connection.execute(query, [named])).fetchone()
    return (SubjectId(found[0]), AgentId(found[1])) if found else None


async def unfinished(connection: AsyncConnection[Any]) -> list[tuple[SubjectId, AgentId | None]]:
    """Whose erasure is confirmed and not yet said to be done."""
    query = "SELECT subject::text, agent FROM read.subjects_1 WHERE erasure = 'confirmed' ORDER BY position"
    return [(SubjectId(subject), agent) for subject, agent in await (await connection.execute(query)).fetchall()]


# ---- what a person has here -----------------------------------------------------------------------------------------
_CASES = """
    SELECT c.number, c.status IN ('closed', 'withdrawn', 'merged'),
        k.due_at IS NOT NULL OR coalesce(h.grants, '{}') <> '{}', c.last_at, c.channel, c.type
    FROM read.case_inbox_2 c LEFT JOIN read.case_clocks_2 k USING (id) LEFT JOIN read.handover_cases_1 h USING (id)
    WHERE c.subject = %s ORDER BY c.number"""
_ORDERS = """
    SELECT id FROM read.orders_2 WHERE subject = %s AND NOT (done OR cancelled OR withdrawn) ORDER BY recorded"""
_LINES = """
    SELECT entry_id, appeal = 'open' FROM read.ledger_1
    WHERE agent = %s AND (status = 'proposed' OR appeal = 'open') ORDER BY entry_id"""


async def matters_of_customer(connection: AsyncConnection[Any], subject: SubjectId) -> list[Matter]:
    """The cases of a customer, and their orders under way.

    A case goes on until it has ended and nothing that was granted is owed any more.
    """
    rows = await (await connection.execute(_CASES, [subject])).fetchall()
    orders = await (await connection.execute(_ORDERS, [subject])).fetchall()
    return [*(_case(*row) for row in rows), *(_order(order) for (order,) in orders)]


def _case(number: str, ended: bool, owed: bool, last_at: datetime, channel: str, kind: str | None) -> Matter:  # noqa: FBT001  columns
    return Matter(
        ref=f"case {number}",
        of=SubjectKind.CUSTOMER,
        last_day=local_day(last_at) if ended and not owed else None,
        waits_for="carry out what was granted" if ended else "close or withdraw it",
        channel=Channel(channel),
        type=ComplaintType(kind) if kind else None,
    )


def _order(order: UUID) -> Matter:
    waits_for = "complete, cancel or withdraw it"
    return Matter(ref=f"order {order}", of=SubjectKind.CUSTOMER, last_day=None, waits_for=waits_for)


async def matters_of_staff(connection: AsyncConnection[Any], agent: AgentId, today: date) -> list[Matter]:
    """The work of somebody for the house, and the penalties of theirs that await a decision."""
    query = "SELECT left_on FROM read.agents_1 WHERE id = %s"
    left = [row[0] for row in await (await connection.execute(query, [agent])).fetchall()]
    work = [_work(agent, left_on if left_on and left_on < today else None) for left_on in left]
    lines = await (await connection.execute(_LINES, [agent])).fetchall()
    return [*work, *(_line(entry_id, appealed=appealed) for entry_id, appealed in lines)]


def _work(agent: AgentId, last_day: date | None) -> Matter:
    waits_for = "say when the last day is, and wait until it is over"
    return Matter(ref=f"the work of {agent}", of=SubjectKind.STAFF, last_day=last_day, waits_for=waits_for)


def _line(entry_id: str, *, appealed: bool) -> Matter:
    waits_for = "decide the appeal" if appealed else "confirm or dismiss it"
    return Matter(ref=f"line {entry_id}", of=SubjectKind.STAFF, last_day=None, waits_for=waits_for)


_DUE = """
    SELECT c.subject FROM read.case_inbox_2 c LEFT JOIN read.subjects_1 s ON s.subject::text = c.subject
    WHERE (s.erasure IS NULL OR s.erasure = 'rejected') AND NOT coalesce(s.held, false)
    GROUP BY c.subject HAVING max(c.last_at) < %s ORDER BY max(c.last_at)"""
_LEFT = """
    SELECT s.subject::text, s.agent FROM read.subjects_1 s JOIN read.agents_1 a ON a.id = s.agent
    WHERE a.left_on < %s AND (s.erasure IS NULL OR s.erasure = 'rejected') AND NOT s.held ORDER BY a.left_on"""


async def long_ended(connection: AsyncConnection[Any], before: datetime) -> Iterable[tuple[SubjectId, AgentId | None]]:
    """Customers and staff of whom nothing was recorded since a moment, and nobody has asked to erase."""
    customers = await (await connection.execute(_DUE, [before])).fetchall()
    gone = await (await connection.execute(_LEFT, [local_day(before)])).fetchall()
    return [*((SubjectId(subject), None) for (subject,) in customers), *((SubjectId(s), AgentId(a)) for s, a in gone)]
