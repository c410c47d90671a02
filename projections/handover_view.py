"""What handovers and daily reports are made of: open cases, the steps that cases took, the telephone, what is new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.envelope import Recorded
from application.sealing import Opener
from domain.merchant import events as merchant
from domain.shift.words import NoticeKind
from domain.time.timing import Record
from domain.values import AgentId, local_day
from domain.work import events as work
from projections.arrays import uuids
from projections.handover_rows import CaseRow, Course, StepRow, course_of, row_of, take, taken_up
from projections.stretch import COLUMNS, Stored
from projections.stretch import recorded as read_event
from projections.view import Cursor, Rows, View


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """A missed call, a test or fault of the line, or a conduct report; the columns of `read.handover_facts_1`.

    detail: the shift of a test, the code of a report. ok: a test went well, a fault was found in time.
    """

    id: UUID
    position: int
    kind: str
    at: datetime
    day: date
    agent: AgentId | None = None
    detail: str | None = None
    ok: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """Something new about a merchant; the columns of `read.handover_notices_1`."""

    position: int
    merchant: UUID
    kind: NoticeKind
    from_day: date | None


CASES = Rows("read.handover_cases_1", CaseRow)
_FACTS = Rows("read.handover_facts_1", FactRow)
_NOTICES = Rows("read.handover_notices_1", NoticeRow)
_STEPS = Rows("read.handover_steps_1", StepRow)
_TELL = """
    INSERT INTO read.handover_steps_1
    SELECT * FROM json_populate_recordset(NULL::read.handover_steps_1, %s)"""
_FORGET_CASES = "DELETE FROM read.handover_cases_1 WHERE id = ANY (%s)"
_FORGET_FACTS = "DELETE FROM read.handover_facts_1 WHERE id = ANY (%s)"
_HISTORIES = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE originator_id = ANY (%s) AND notification_id < %s
    ORDER BY originator_id, originator_version"""  # noqa: S608  a constant


class HandoverView(View):
    """One row for each case that a handover tells of, for each step of a case, each fact, each notice.

    A case that has ended and owes nothing has no row; when it comes back, it is folded anew from the log.
    """

    name = "handover_1"
    topics = (
        *("case.", "missed_call.", "phone_test.", "phone_fault.", "conduct.reported", "fact.withdrawn"),
        *("merchant.",),
    )
    tables = (
        *("read.handover_cases_1", "read.handover_steps_1", "read.handover_facts_1"),
        *("read.handover_notices_1",),
    )
    create = """
        CREATE TABLE IF NOT EXISTS read.handover_cases_1 (
            id uuid PRIMARY KEY, changed bigint NOT NULL, number text NOT NULL, team text, handler text,
            status text NOT NULL, open boolean NOT NULL, next_action text, on_site boolean NOT NULL,
            paused boolean NOT NULL, asked int[] NOT NULL, message_at timestamptz, grants jsonb NOT NULL,
            kept jsonb NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX IF NOT EXISTS handover_cases_1_team ON read.handover_cases_1 (team);
        CREATE TABLE IF NOT EXISTS read.handover_steps_1 (
            position bigint NOT NULL, kind text NOT NULL, case_id uuid NOT NULL, number text NOT NULL, team text,
            at timestamptz NOT NULL, day date NOT NULL, opens int NOT NULL, PRIMARY KEY (position, kind)
        );
        CREATE INDEX IF NOT EXISTS handover_steps_1_day ON read.handover_steps_1 (day, kind);
        CREATE TABLE IF NOT EXISTS read.handover_facts_1 (
            id uuid PRIMARY KEY, position bigint NOT NULL, kind text NOT NULL, at timestamptz NOT NULL,
            day date NOT NULL, agent text, detail text, ok boolean
        );
        CREATE INDEX IF NOT EXISTS handover_facts_1_position ON read.handover_facts_1 (position);
        CREATE INDEX IF NOT EXISTS handover_facts_1_day ON read.handover_facts_1 (day, kind);
        CREATE TABLE IF NOT EXISTS read.handover_notices_1 (
            position bigint PRIMARY KEY, merchant uuid NOT NULL, kind text NOT NULL, from_day date
        );
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        cases = [one for one in events if one.event.topic.startswith("case.") and not isinstance(one.event, Record)]
        await _write_cases(cursor, cases)
        await _write_facts(cursor, events)
        await _NOTICES.upsert(cursor, [notice for one in events if (notice := _notice(one))])


# ---- cases ----------------------------------------------------------------------------------------------------------
async def _write_cases(cursor: Cursor, events: Sequence[Recorded]) -> None:
    if not events:
        return
    rows = await CASES.load(cursor, {one.stream for one in events})
    courses = {case: taken_up(row) for case, row in rows.items()}
    first = {one.stream: one for one in reversed(events)}
    courses |= await _ended(cursor, [one for one in first.values() if one.stream not in rows and one.version > 1])
    told: list[StepRow] = []
    for one in events:
        if (course := courses.get(one.stream)) is None:
            course = courses[one.stream] = Course(id=one.stream)
        told += take(course, one)
    await CASES.upsert(cursor, [row_of(course) for course in courses.values() if course.needed])
    if ended := [case for case in rows if not courses[case].needed]:
        await cursor.execute(_FORGET_CASES, [ended])
    if told:
        await cursor.execute(_TELL, [_STEPS.encode(told)])


async def _ended(cursor: Cursor, events: Sequence[Recorded]) -> dict[UUID, Course]:
    """How cases stood that had ended, and so have no row, before each of these events, one of each case."""
    if not events:
        return {}
    until = {one.stream: one.position for one in events}
    await cursor.execute(_HISTORIES.encode(), [uuids(until), max(until.values())])
    histories: dict[UUID, list[Recorded]] = {}
    for stored in map(Stored._make, await cursor.fetchall()):
        if stored.position < until[stored.stream]:
            histories.setdefault(stored.stream, []).append(read_event(stored))
    return {case: course_of(case, history) for case, history in histories.items()}


# ---- facts of the work, notices -------------------------------------------------------------------------------------
async def _write_facts(cursor: Cursor, events: Iterable[Recorded]) -> None:
    rows: dict[UUID, FactRow | None] = {}
    for one in events:
        if isinstance(one.event, work.FactWithdrawn):
            rows[one.stream] = None
        elif row := _fact(one):
            rows[one.stream] = row
    await _FACTS.upsert(cursor, [row for row in rows.values() if row])
    if withdrawn := [stream for stream, row in rows.items() if row is None]:
        await cursor.execute(_FORGET_FACTS, [withdrawn])


def _fact(one: Recorded) -> FactRow | None:
    match one.event:
        case work.MissedCallLogged(at=at):
            return _row(one, "missed_call", at)
        case work.PhoneTested(at=at, agent=agent, shift=shift, ok=ok):
            return _row(one, "phone_test", at, agent=agent, detail=shift, ok=ok)
        case work.PhoneFaultReported(at=at, found_in_time=found):
            return _row(one, "phone_fault", at, ok=found)
        case work.ConductReported(at=at, agent=agent, code=code):
            return _row(one, "conduct", at, agent=agent, detail=code)
        case _:
            return None


def _row(one: Recorded, kind: str, at: datetime, **detail: Any) -> FactRow:
    return FactRow(id=one.stream, position=one.position, kind=kind, at=at, day=local_day(at), **detail)


def _notice(one: Recorded) -> NoticeRow | None:
    match one.event:
        case merchant.Registered():
            kind, day = NoticeKind.NEW, None
        case merchant.SigningChanged(signed=signed, from_day=day):
            kind = NoticeKind.SIGNED if signed else NoticeKind.NO_LONGER_SIGNED
        case merchant.RecommendationChanged(recommended=recommended, from_day=day):
            kind = NoticeKind.RECOMMENDED if recommended else NoticeKind.NO_LONGER_RECOMMENDED
        case _:
            return None
    return NoticeRow(position=one.position, merchant=one.stream, kind=kind, from_day=day)
