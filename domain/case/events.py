"""The events of a complaint case. Their topics and fields are the stored format: never renamed, never reused.

What personal or free text they carry is sealed (`Private`). Money is whole fen, times carry their offset. Circumstances
(who, when, in answer to what) stand in the envelope; an event names a person only where a later decision needs it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.case.words import (
    Attribution,
    Cause,
    Channel,
    Clock,
    ClockKind,
    ComplaintType,
    Concession,
    Courtesy,
    CustomerClass,
    Decision,
    Dimension,
    Direction,
    FaultKind,
    LinkKind,
    ReopenCause,
    Risk,
    Severity,
    Status,
    Verdict,
    WaitingFor,
)
from domain.kernel import Event, event
from domain.values import AgentId, CaseId, Private, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who complains; what the source lacks is None (C-1)."""

    subject: SubjectId
    customer_class: CustomerClass | None = None
    name: Private | None = None
    card_no: Private | None = None
    phone: Private | None = None
    email: Private | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStage:
    """Of which case this one is the review, and who may not work on it (C-15)."""

    of: CaseId
    barred: tuple[AgentId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A forbidden phrase that was said all the same: field, phrase of the list, offset in the text (C-13)."""

    field: str
    phrase: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of an agent; (agent, fault, ref) tells it from others (C-5)."""

    agent: AgentId
    fault: FaultKind
    ref: str | None = None
    grave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was looked at, and where it is kept (C-4)."""

    kind: str
    ref: Private
    note: Private | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillItem:
    """One line of a bill (C-4)."""

    text: Private
    amount_fen: int
    discountable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The itemised bill of a complaint about a price (C-4)."""

    items: tuple[BillItem, ...]
    minimum_spend_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What the customer may say (`if`, a word that Python keeps for itself), and the answer to it (C-6)."""

    case: Private = field(metadata={"shown": "if"})
    answer: Private


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A candidate solution; options count from 1 within their proposal (C-7)."""

    text: Private
    cost_fen: int
    concession: Concession
    policy_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one demand; what is granted has a due day (C-7)."""

    demand: int
    decision: Decision
    reason: Private | None = None
    due: date | None = None


@event("case.received")
class Received(Event):
    """C-1, C-2, C-17: the complaint is on record; the receiving agent is its owner, imported cases have none.

    `day_only`: the source names the day alone; `received_at` is then the beginning of that local day.
    """

    number: str
    policy: str
    channel: Channel
    received_at: datetime
    day_only: bool = False
    customer: Customer
    demands: tuple[Private, ...]
    narrative: Private | None = None
    happened_at: datetime | None = None
    place: Private | None = None
    on_site: bool = False
    owner: AgentId | None = None
    handler: AgentId | None = None
    team: str | None = None
    merchant: str | None = None
    order_ref: str | None = None
    external_ref: str | None = None
    apology_given: bool = False
    second_stage: SecondStage | None = None
    source: str | None = None
    source_record: Private | None = None


@event("case.acknowledged")
class Acknowledged(Event):
    """C-1a: the customer knows that it is on record, its number, and when they will hear back."""

    answer_by: datetime | None = None
    channel: Channel | None = None


@event("case.reassigned")
class Reassigned(Event):
    """C-2: the work passes on; an imported case without an owner gets one, for ever."""

    handler: AgentId
    team: str | None
    owner: AgentId
    reason: Private


@event("case.clarified")
class Clarified(Event):
    """C-3: the facts as 5W1H, read back to the customer."""

    what: Private
    when: Private
    where: Private
    who: Private
    why: Private
    how: Private
    type: ComplaintType
    dimension: Dimension
    cause: Cause | None = None
    confirmed_by_customer: bool


@event("case.investigated")
class Investigated(Event):
    """C-4: what was checked, with whom, with which result."""

    by: AgentId
    supervised: bool
    findings: Private
    evidence: tuple[Evidence, ...]
    bill: Bill | None = None
    bill_unavailable: Private | None = None


@event("case.analysed")
class Analysed(Event):
    """C-5: attribution, severity, risks, faults; the last analysis replaces the former whole."""

    attribution: Attribution
    severity: Severity
    risks: tuple[Risk, ...]
    faults: tuple[Fault, ...]
    basis: Private


@event("case.escalated")
class Escalated(Event):
    """C-6: a person asks a department or a superior; `number` counts from 1 within the case."""

    number: int
    by: AgentId
    to: str
    reason: Private
    hear_back_by: datetime
    scenarios: tuple[Scenario, ...]
    options: tuple[Private, ...]
    bottom_line: Private


@event("case.escalation_answered")
class EscalationAnswered(Event):
    """C-6: the answer, and the cost that may be spent with it."""

    number: int
    words: Private
    approved_cost_fen: int | None = None


@event("case.solution_proposed")
class SolutionProposed(Event):
    """C-7: the options put forward; a later proposal replaces them, its review begins anew."""

    by: AgentId
    options: tuple[Option, ...]


@event("case.answer_reviewed")
class AnswerReviewed(Event):
    """C-16: a second person passes an option or returns it."""

    option: int
    verdict: Verdict
    reason: Private | None = None


@event("case.resolved")
class Resolved(Event):
    """C-7: every demand is answered. Imported cases have no cost, author or policy where the source has none."""

    solution: Private | None
    by: AgentId | None = None
    option: int | None = None
    cost_fen: int | None = None
    concession: Concession | None = None
    policy_ref: str | None = None
    answers: tuple[Answer, ...] = ()
    hits: tuple[Hit, ...] = ()
    resolved_at: datetime | None = None


@event("case.fulfilled")
class Fulfilled(Event):
    """C-7: what was granted has been carried out."""

    demand: int
    words: Private | None = None


@event("case.callback_done")
class CallbackDone(Event):
    """C-8: the call after the resolution; `ends_step` when nothing more is owed to the customer by telephone."""

    day: date
    reached: bool
    ends_step: bool
    satisfied: bool | None = None
    score: int | None = None
    words: Private | None = None
    courtesies: tuple[Courtesy, ...] = ()


@event("case.reopened")
class Reopened(Event):
    """C-8, C-11: the work goes on, from one status to another."""

    cause: ReopenCause
    from_status: Status
    to_status: Status
    reason: Private | None = None


@event("case.summarised")
class Summarised(Event):
    """C-10: cause, what was learned, prevention, improvement."""

    cause: Private
    learned: Private
    prevention: Private
    improvement: Private


@event("case.closed")
class Closed(Event):
    """C-10, C-12: the case ends; the courtesies nobody recorded are named, None where they are unknown."""

    courtesies_missing: tuple[Courtesy, ...] | None
    closed_at: datetime | None


@event("case.noted", folded=False)
class Noted(Event):
    """C-11, C-14: an internal note, perhaps with the customer's temperament."""

    text: Private
    temperament: Private | None = None


@event("case.customer_contacted")
class CustomerContacted(Event):
    """C-11: words to or from the customer."""

    direction: Direction
    channel: Channel
    words: Private
    courtesies: tuple[Courtesy, ...] = ()
    hits: tuple[Hit, ...] = ()


@event("case.interim_reply_sent")
class InterimReplySent(Event):
    """D-1: the customer is told how things stand and when the answer comes."""

    words: Private
    answer_by: datetime
    hits: tuple[Hit, ...] = ()


@event("case.evidence_attached", folded=False)
class EvidenceAttached(Event):
    """C-11: a piece of evidence joins the case."""

    evidence: Evidence


@event("case.linked")
class Linked(Event):
    """C-11: another case belongs to this one."""

    case: CaseId
    kind: LinkKind


@event("case.merged")
class Merged(Event):
    """C-11: this case goes on in another one."""

    into: CaseId


@event("case.unmerged")
class Unmerged(Event):
    """C-11: the merge is undone; the case has its former status again."""

    out_of: CaseId
    to_status: Status


@event("case.withdrawn")
class Withdrawn(Event):
    """C-11: the customer wishes no further work."""

    withdrawn_at: datetime
    reason: Private


@event("case.paused")
class Paused(Event):
    """C-11: the case waits for somebody outside, since then."""

    category: WaitingFor
    since: datetime
    reason: Private


@event("case.resumed")
class Resumed(Event):
    """C-11: the waiting is over."""

    resumed_at: datetime


@event("case.promise_made")
class PromiseMade(Event):
    """C-11: something was promised for a time; promises count from 1 within the case."""

    number: int
    due_at: datetime
    text: Private
    hits: tuple[Hit, ...] = ()


@event("case.deadline_extended")
class DeadlineExtended(Event):
    """C-11: a term is put off, with the reason."""

    clock: Clock
    until: datetime
    reason: Private


@event("case.review_requested")
class ReviewRequested(Event):
    """C-15: the customer does not accept the final answer; the review is a case of its own."""

    review: CaseId
    reason: Private


@event("case.deadline_set")
class DeadlineSet(Event):
    """D-3: a clock that runs has another due time than before. (policy, clock, number) tells it from others.

    `number` counts from 1: the episodes of a case, or it is that of the promise or the escalation.
    """

    clock: str
    number: int
    kind: ClockKind
    policy: str
    calendar: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime


@event("case.deadline_warned")
class DeadlineWarned(Event):
    """D-4: most of the time is used up, and the handler is told; `to` is None where the head's queue is."""

    clock: str
    number: int
    policy: str
    warn_at: datetime
    due_at: datetime
    to: AgentId | None


@event("case.deadline_breached")
class DeadlineBreached(Event):
    """D-3c, D-4: a clock ran out, and a supervisor is told; this verdict stays whatever is judged later.

    `breached_at` is the due time, or the moment at which an earlier one was set; `to` is None for the head's queue.
    """

    clock: str
    number: int
    kind: ClockKind
    policy: str
    calendar: str
    due_at: datetime
    breached_at: datetime
    to: AgentId | None


@event("case.deadline_met")
class DeadlineMet(Event):
    """D-3c: a clock was stopped in time; this verdict stays whatever is judged later."""

    clock: str
    number: int
    kind: ClockKind
    policy: str
    calendar: str
    due_at: datetime
    stopped_at: datetime


@event("case.alerted")
class Alerted(Event):
    """D-3d: a rung of the ladder after a breach, levels from 1; `to` is None for the head's queue: nobody was there."""

    clock: str
    number: int
    policy: str
    level: int
    to: AgentId | None
