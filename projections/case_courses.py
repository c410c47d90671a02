"""The course of every case, for counting: when it came, what it was about, how it was settled (Q-1, Q-7).

Nothing personal stands here but the random id of the customer, by which repeated complaints are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from application.envelope import Recorded
from application.sealing import Opener
from domain.case import events as e
from domain.case.words import Cause, Channel, ComplaintType, CustomerClass, Dimension, Severity
from domain.kernel import Event
from domain.values import AgentId, SubjectId, local_day
from projections.view import Cursor, Rows, View


@dataclass(slots=True, kw_only=True)
class CourseRow:
    """A case; the columns of `read.case_courses_1`. Days are local.

    agent: who handles it. valid: by the last analysis. resolved_on: of the first resolution; None also where an
    imported case does not say when. first_contact: resolved by the owner, not passed on nor escalated before. reached,
    satisfied: by the calls after it. unreviewed: a proposal waits for its review, if it needs one (C-16).
    """

    id: UUID
    received_at: datetime
    received_on: date
    subject: SubjectId
    owner: AgentId | None
    agent: AgentId | None
    team: str | None
    channel: Channel
    customer_class: CustomerClass | None
    merchant: str | None
    type: ComplaintType | None = None
    dimension: Dimension | None = None
    cause: Cause | None = None
    severity: Severity | None = None
    valid: bool | None = None
    analysed_on: date | None = None
    passed_on: bool = False
    escalated: bool = False
    resolved: bool = False
    resolved_at: datetime | None = None
    resolved_on: date | None = None
    first_contact: bool = False
    reached: bool = False
    satisfied: bool = False
    reopened: bool = False
    unreviewed: bool = False


_ROWS = Rows("read.case_courses_1", CourseRow)


class CaseCourses(View):
    """One row per case."""

    name = "case_courses_1"
    topics = (
        *("case.received", "case.reassigned", "case.clarified", "case.analysed", "case.escalated", "case.reopened"),
        *("case.solution_proposed", "case.answer_reviewed", "case.resolved", "case.callback_done"),
    )
    tables = ("read.case_courses_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.case_courses_1 (
            id uuid PRIMARY KEY, received_at timestamptz NOT NULL, received_on date NOT NULL, subject text NOT NULL,
            owner text, agent text, team text, channel text NOT NULL, customer_class text, merchant text, type text,
            dimension text, cause text, severity text, valid boolean, analysed_on date, passed_on boolean NOT NULL,
            escalated boolean NOT NULL, resolved boolean NOT NULL, resolved_at timestamptz, resolved_on date,
            first_contact boolean NOT NULL, reached boolean NOT NULL, satisfied boolean NOT NULL,
            reopened boolean NOT NULL, unreviewed boolean NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX IF NOT EXISTS case_courses_1_received ON read.case_courses_1 (received_on);
        CREATE INDEX IF NOT EXISTS case_courses_1_analysed ON read.case_courses_1 (analysed_on);
        CREATE INDEX IF NOT EXISTS case_courses_1_resolved ON read.case_courses_1 (resolved_on);
        CREATE INDEX IF NOT EXISTS case_courses_1_subject ON read.case_courses_1 (subject, received_at);
        CREATE INDEX IF NOT EXISTS case_courses_1_unreviewed ON read.case_courses_1 (id) WHERE unreviewed;
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        rows = await _ROWS.load(cursor, {recorded.stream for recorded in events})
        for recorded in events:
            if isinstance(recorded.event, e.Received):
                rows[recorded.stream] = _received(recorded.stream, recorded.event)
            else:
                _changed(rows[recorded.stream], recorded.event, recorded.meta.at)
        await _ROWS.upsert(cursor, rows.values())


def _received(case: UUID, event: e.Received) -> CourseRow:
    return CourseRow(
        id=case,
        received_at=event.received_at,
        received_on=local_day(event.received_at),
        subject=event.customer.subject,
        owner=event.owner,
        agent=event.handler,
        team=event.team,
        channel=event.channel,
        customer_class=event.customer.customer_class,
        merchant=event.merchant,
    )


def _changed(row: CourseRow, event: Event, at: datetime) -> None:
    match event:
        case e.Reassigned():
            # a case from elsewhere gets its first owner so: nothing has been passed on yet
            row.passed_on = row.passed_on or row.owner is not None
            row.owner, row.agent, row.team = event.owner, event.handler, event.team
        case e.Clarified():
            row.type, row.dimension, row.cause = event.type, event.dimension, event.cause
        case e.Analysed():
            row.severity, row.valid = event.severity, event.attribution.valid
            row.analysed_on = row.analysed_on or local_day(at)
        case e.Escalated():
            row.escalated = True
        case e.SolutionProposed() | e.AnswerReviewed():
            row.unreviewed = isinstance(event, e.SolutionProposed)
        case _:
            _settled(row, event)


def _settled(row: CourseRow, event: Event) -> None:
    match event:
        case e.Resolved():
            row.unreviewed = False
            if not row.resolved:
                row.resolved, row.resolved_at = True, event.resolved_at
                row.resolved_on = local_day(event.resolved_at) if event.resolved_at else None
                by_owner = row.owner is not None and event.by == row.owner
                row.first_contact = by_owner and not (row.passed_on or row.escalated)
        case e.CallbackDone():
            row.reached = row.reached or event.reached
            row.satisfied = event.satisfied is True if event.reached else row.satisfied
        case e.Reopened():
            row.reopened, row.first_contact = True, False
