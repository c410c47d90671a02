"""The inbox: one row per case as it stands now, and beside it what is private and searched.

The current rows of a batch's cases are read by one query, folded here and written back by one statement. When something
falls due is the business of the clocks (`projections/clocks.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from application.envelope import Recorded
from application.sealing import GONE, Opener
from domain.case import events as e
from domain.case.words import Attribution, Channel, ComplaintType, CustomerClass, Severity, Status
from domain.kernel import Event
from domain.time.timing import Record
from domain.values import AgentId, CaseId, Private, SubjectId
from projections.readable import READABLE_CHANGED, first_events, whose
from projections.search import searchable
from projections.view import Cursor, Rows, View, legible

ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.MERGED})


@dataclass(slots=True, kw_only=True)
class CaseRow:
    """A case as it stands; the columns of `read.case_inbox_2`.

    on_top: a guest at the table in an open case (C-17). asked: the escalations that await their answer. last_at: the
    latest moment of recording of all its events.
    """

    id: UUID
    number: str
    version: int = 0
    position: int = 0
    last_at: datetime
    status: Status = Status.RECEIVED
    stage: int = 1
    policy: str
    subject: SubjectId
    channel: Channel
    customer_class: CustomerClass | None
    received_at: datetime
    day_only: bool
    demands: int
    on_site: bool
    on_top: bool = False
    acknowledged: bool = False
    paused: bool = False
    escalated: bool = False
    valid: bool | None = None
    owner: AgentId | None = None
    handler: AgentId | None = None
    team: str | None = None
    severity: Severity | None = None
    type: ComplaintType | None = None
    attribution: Attribution | None = None
    merchant: str | None = None
    merged_into: CaseId | None = None
    external_ref: str | None = None
    order_ref: str | None = None
    asked: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateRow:
    """What a case says of a person; the columns of `private.case_inbox_2`."""

    id: UUID
    name: str | None
    phone: str | None
    card_no: str | None
    narrative: str | None
    place: str | None
    demands: list[str | None]
    search: str
    words: str


CASES = Rows("read.case_inbox_2", CaseRow)
_PRIVATE = Rows("private.case_inbox_2", PrivateRow)


class CaseInbox(View):
    """One row per case."""

    name = "case_inbox_2"
    topics = ("case.", *READABLE_CHANGED)
    opening = (e.Received.topic, *READABLE_CHANGED)
    tables = ("private.case_inbox_2", "read.case_inbox_2")
    # fillfactor: most updates touch no indexed column, and then need no new index entries where the page has room
    create = """
        CREATE TABLE IF NOT EXISTS read.case_inbox_2 (
            id uuid PRIMARY KEY, number text NOT NULL, version bigint NOT NULL, position bigint NOT NULL,
            last_at timestamptz NOT NULL, status text NOT NULL, stage int NOT NULL, policy text NOT NULL,
            subject text NOT NULL, channel text NOT NULL, customer_class text,
            received_at timestamptz NOT NULL, day_only boolean NOT NULL, demands int NOT NULL,
            on_site boolean NOT NULL, on_top boolean NOT NULL, acknowledged boolean NOT NULL, paused boolean NOT NULL,
            escalated boolean NOT NULL, valid boolean, owner text, handler text, team text, severity text, type text,
            attribution text, merchant text, merged_into uuid, external_ref text, order_ref text, asked int[] NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX IF NOT EXISTS case_inbox_2_order ON read.case_inbox_2 (on_top, received_at, id);
        CREATE INDEX IF NOT EXISTS case_inbox_2_handler ON read.case_inbox_2 (handler, on_top, received_at, id);
        DROP INDEX IF EXISTS read.case_inbox_2_open;
        CREATE INDEX IF NOT EXISTS case_inbox_2_todo ON read.case_inbox_2 (team, handler)
            INCLUDE (status, on_site, escalated) WHERE status NOT IN ('closed', 'withdrawn', 'merged');
        CREATE INDEX IF NOT EXISTS case_inbox_2_escalated ON read.case_inbox_2 (received_at)
            WHERE escalated AND status NOT IN ('closed', 'withdrawn', 'merged');
        CREATE INDEX IF NOT EXISTS case_inbox_2_subject ON read.case_inbox_2 (subject);
        CREATE INDEX IF NOT EXISTS case_inbox_2_number ON read.case_inbox_2 (lower(number) text_pattern_ops);
        CREATE INDEX IF NOT EXISTS case_inbox_2_external ON read.case_inbox_2 (lower(external_ref) text_pattern_ops);
        CREATE INDEX IF NOT EXISTS case_inbox_2_ordered ON read.case_inbox_2 (lower(order_ref) text_pattern_ops);
        CREATE TABLE IF NOT EXISTS private.case_inbox_2 (
            id uuid PRIMARY KEY, name text, phone text, card_no text, narrative text, place text,
            demands text[] NOT NULL, search text NOT NULL, words tsvector NOT NULL
        );
        CREATE INDEX IF NOT EXISTS case_inbox_2_words ON private.case_inbox_2 USING gin (words);
    """

    def opens(self, event: Event) -> SubjectId | None:
        """See View.opens. Everything in a receipt is sealed to the customer."""
        return event.customer.subject if isinstance(event, e.Received) else whose(event)

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:
        """See View.write."""
        people = {subject for recorded in events if (subject := whose(recorded.event))}
        events = [one for one in events if not isinstance(one.event, Record) and not whose(one.event)]
        rows = await CASES.load(cursor, {recorded.stream for recorded in events})
        private = fold_all(rows, events, opener)
        await CASES.upsert(cursor, rows.values())
        await _PRIVATE.upsert(cursor, private)
        await _PRIVATE.upsert(cursor, await _anew(cursor, people, opener))


async def _anew(cursor: Cursor, people: set[SubjectId], opener: Opener) -> list[PrivateRow]:
    """What is private of all cases of persons who were erased, restricted or released, as it can be read now (A-3)."""
    if not people:
        return []
    await cursor.execute("SELECT id FROM read.case_inbox_2 WHERE subject = ANY (%s)", [[*people]])
    receipts = await first_events(cursor, [case for (case,) in await cursor.fetchall()])
    return [_private(one.stream, one.event, opener) for one in receipts if isinstance(one.event, e.Received)]


def fold_all(rows: dict[UUID, CaseRow], events: Iterable[Recorded], opener: Opener) -> list[PrivateRow]:
    """Fold events into the rows of their cases, in place; what is private of the new ones."""
    private = []
    for recorded in events:
        if isinstance(recorded.event, e.Received):
            rows[recorded.stream] = _received(recorded, recorded.event)
            private.append(_private(recorded.stream, recorded.event, opener))
        _fold(rows[recorded.stream], recorded)
    return private


def _fold(row: CaseRow, recorded: Recorded) -> None:
    # the latest, not the last: then all events were recorded by a moment exactly where last_at was (recorded_by)
    row.version, row.position, row.last_at = recorded.version, recorded.position, max(row.last_at, recorded.meta.at)
    _on_the_way(row, recorded.event)
    row.on_top = row.on_site and row.status not in ENDED


# ---- receipt --------------------------------------------------------------------------------------------------------
def _received(recorded: Recorded, event: e.Received) -> CaseRow:
    return CaseRow(
        id=recorded.stream,
        number=event.number,
        last_at=recorded.meta.at,
        stage=2 if event.second_stage else 1,
        policy=event.policy,
        subject=event.customer.subject,
        channel=event.channel,
        customer_class=event.customer.customer_class,
        received_at=event.received_at,
        day_only=event.day_only,
        demands=len(event.demands),
        on_site=event.on_site,
        owner=event.owner,
        handler=event.handler,
        team=event.team,
        merchant=event.merchant,
        external_ref=event.external_ref,
        order_ref=event.order_ref,
    )


def _private(case: UUID, event: e.Received, opener: Opener) -> PrivateRow:
    def text(place: str, private: Private | None) -> str | None:
        return legible(opener, f"case.received.{place}", private)

    name, card_no = text("customer.name", event.customer.name), text("customer.card_no", event.customer.card_no)
    phone, narrative = text("customer.phone", event.customer.phone), text("narrative", event.narrative)
    place, demands = text("place", event.place), [text("demands", demand) for demand in event.demands]
    found = searchable(
        _left([event.number, event.external_ref, event.order_ref, name, card_no, place, narrative, *demands]),
        _left([phone, card_no]),
    )
    return PrivateRow(
        id=case,
        name=name,
        phone=phone,
        card_no=card_no,
        narrative=narrative,
        place=place,
        demands=demands,
        search=found.text,
        words=found.words,
    )


def _left(texts: Iterable[str | None]) -> list[str]:
    """What there is to be found: neither what is absent nor what has been erased or restricted."""
    return [text for text in texts if text is not None and text not in GONE]


# ---- the way --------------------------------------------------------------------------------------------------------
def _on_the_way(row: CaseRow, event: Event) -> None:
    match event:
        case e.Acknowledged():
            row.acknowledged = True
        case e.Clarified():
            row.status, row.type = Status.CLARIFIED, event.type
        case e.Investigated() if row.status is Status.CLARIFIED:
            row.status = Status.INVESTIGATED
        case e.Analysed():
            _analysed(row, event)
        case e.SolutionProposed():
            row.status = Status.PROPOSED
        case e.Resolved():
            row.status = Status.RESOLVED
        case e.CallbackDone() if event.ends_step:
            row.status = Status.CALLED_BACK
        case e.Summarised():
            row.status = Status.SUMMARISED
        case _:
            _beside(row, event)


def _analysed(row: CaseRow, event: e.Analysed) -> None:
    if row.status is Status.INVESTIGATED:
        row.status = Status.ANALYSED
    row.attribution, row.severity, row.valid = event.attribution, event.severity, event.attribution.valid


# ---- beside it ------------------------------------------------------------------------------------------------------
def _beside(row: CaseRow, event: Event) -> None:
    match event:
        case e.Escalated():
            row.asked.append(event.number)
        case e.EscalationAnswered():
            row.asked.remove(event.number)
        case _:
            _passed_on(row, event)
    row.escalated = bool(row.asked)


def _passed_on(row: CaseRow, event: Event) -> None:
    match event:
        case e.Reassigned():
            row.owner, row.handler, row.team = event.owner, event.handler, event.team
        case e.Paused():
            row.paused = True
        case e.Resumed():
            row.paused = False
        case e.Closed():
            row.status, row.paused = Status.CLOSED, False
        case e.Withdrawn():
            row.status, row.paused = Status.WITHDRAWN, False
        case e.Reopened():
            row.status = event.to_status
        case e.Merged():
            row.status, row.merged_into = Status.MERGED, event.into
        case e.Unmerged():
            row.status, row.merged_into = event.to_status, None


def rows_of(history: Iterable[Recorded]) -> dict[UUID, CaseRow]:
    """The rows of cases from their whole histories, each of which begins with its receipt."""
    rows: dict[UUID, CaseRow] = {}
    for recorded in history:
        if isinstance(recorded.event, e.Received):
            rows[recorded.stream] = _received(recorded, recorded.event)
        _fold(rows[recorded.stream], recorded)
    return rows
