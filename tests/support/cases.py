"""A complaint as the specs tell it: people, one right event of every kind, and the way to every status."""

from datetime import UTC, date, datetime, timedelta

from domain.case import events as e
from domain.case.words import (
    Attribution,
    Cause,
    Channel,
    Clock,
    ComplaintType,
    Concession,
    Courtesy,
    CustomerClass,
    Decision,
    Dimension,
    Direction,
    LinkKind,
    ReopenCause,
    Severity,
    Status,
    Verdict,
    WaitingFor,
)
from domain.kernel import Event
from domain.values import Actor, AgentId, CaseId, Private, Role, SubjectId

NOW = datetime(2024, 5, 6, 2, tzinfo=UTC)
"""Monday, 10 in the morning in Shanghai."""
TODAY = date(2024, 5, 6)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

OWNER = Actor(AgentId("a1"), Role.AGENT, "t1")
COLLEAGUE = Actor(AgentId("a2"), Role.AGENT, "t1")
SUPERVISOR = Actor(AgentId("s1"), Role.SUPERVISOR, "t1")
OTHER_SUPERVISOR = Actor(AgentId("s2"), Role.SUPERVISOR, "t2")
PAYROLL = Actor(AgentId("p1"), Role.PAYROLL)

SUBJECT = SubjectId("5f0c8f2e-0000-4000-8000-000000000001")
THIS = CaseId("00000000-0000-4000-8000-00000000000a")
OTHER = CaseId("00000000-0000-4000-8000-00000000000b")


def sealed(text: str) -> Private:
    """A personal datum; what seals it does not matter to a decision."""
    return Private(SUBJECT, text.encode())


RECEIVED = e.Received(
    number="2024-000001",
    policy="default-1",
    channel=Channel.HOTLINE,
    received_at=NOW - HOUR,
    customer=e.Customer(subject=SUBJECT, customer_class=CustomerClass.ORDINARY, name=sealed("name")),
    demands=(sealed("a refund"), sealed("an apology")),
    owner=OWNER.id,
    handler=OWNER.id,
    team="t1",
)
IMPORTED = e.Received(
    number="cfpb-1",
    policy="imported-1",
    channel=Channel.WEB,
    received_at=NOW - HOUR,
    customer=e.Customer(subject=SUBJECT, customer_class=CustomerClass.ORDINARY),
    demands=(),
)
ACKNOWLEDGED = e.Acknowledged(answer_by=NOW + DAY, channel=Channel.HOTLINE)
CLARIFIED = e.Clarified(
    what=sealed("what"),
    when=sealed("when"),
    where=sealed("where"),
    who=sealed("who"),
    why=sealed("why"),
    how=sealed("how"),
    type=ComplaintType.SERVICE,
    dimension=Dimension.EMPATHY,
    cause=Cause.PROMISE_BROKEN,
    confirmed_by_customer=True,
)
EVIDENCE = e.Evidence(kind="recording", ref=sealed("call 7"))
INVESTIGATED = e.Investigated(by=OWNER.id, supervised=False, findings=sealed("findings"), evidence=(EVIDENCE,))
INVESTIGATED_BY_SUPERVISOR = e.Investigated(
    by=SUPERVISOR.id, supervised=True, findings=sealed("findings"), evidence=(EVIDENCE,)
)
ANALYSED = e.Analysed(
    attribution=Attribution.COMPANY, severity=Severity.ORDINARY, risks=(), faults=(), basis=sealed("basis")
)
ESCALATED = e.Escalated(
    number=1,
    by=OWNER.id,
    to="technical",
    reason=sealed("reason"),
    hear_back_by=NOW + DAY,
    scenarios=(e.Scenario(case=sealed("if"), answer=sealed("then")),),
    options=(sealed("one"), sealed("two")),
    bottom_line=sealed("bottom line"),
)
ESCALATION_ANSWERED = e.EscalationAnswered(number=1, words=sealed("do it"))
PROPOSED = e.SolutionProposed(
    by=OWNER.id,
    options=(
        e.Option(text=sealed("one"), cost_fen=1_000, concession=Concession.GOODWILL, policy_ref="p1"),
        e.Option(text=sealed("two"), cost_fen=2_000, concession=Concession.PRINCIPLED, policy_ref="p2"),
    ),
)
PASSED = e.AnswerReviewed(option=1, verdict=Verdict.PASSED)
RETURNED = e.AnswerReviewed(option=1, verdict=Verdict.RETURNED, reason=sealed("too cold"))
GRANTED = e.Answer(demand=1, decision=Decision.GRANTED, due=TODAY + 7 * DAY)
REFUSED = e.Answer(demand=2, decision=Decision.REFUSED, reason=sealed("no grounds"))
RESOLVED = e.Resolved(
    solution=sealed("solution"), by=OWNER.id, cost_fen=1_000, policy_ref="p1", answers=(GRANTED, REFUSED)
)
FULFILLED = e.Fulfilled(demand=1, words=sealed("paid"))
CALLED_BACK = e.CallbackDone(day=TODAY, reached=True, ends_step=True, satisfied=True, score=5)
UNREACHED = e.CallbackDone(day=TODAY, reached=False, ends_step=False)
NOT_SATISFIED = e.CallbackDone(day=TODAY, reached=True, ends_step=False, satisfied=False, score=1)
SUMMARISED = e.Summarised(
    cause=sealed("cause"), learned=sealed("learned"), prevention=sealed("prevention"), improvement=sealed("better")
)
CLOSED = e.Closed(courtesies_missing=tuple(Courtesy), closed_at=NOW)
WITHDRAWN = e.Withdrawn(withdrawn_at=NOW, reason=sealed("settled"))
MERGED = e.Merged(into=OTHER)
UNMERGED = e.Unmerged(out_of=OTHER, to_status=Status.RECEIVED)
REOPENED = e.Reopened(
    cause=ReopenCause.REQUESTED, from_status=Status.CLOSED, to_status=Status.ANALYSED, reason=sealed("again")
)
REASSIGNED = e.Reassigned(handler=COLLEAGUE.id, team="t1", owner=OWNER.id, reason=sealed("holiday"))
NOTED = e.Noted(text=sealed("note"), temperament=sealed("blue"))
CONTACTED = e.CustomerContacted(direction=Direction.OUT, channel=Channel.HOTLINE, words=sealed("words"))
INTERIM_REPLY = e.InterimReplySent(words=sealed("we are at it"), answer_by=NOW + DAY)
ATTACHED = e.EvidenceAttached(evidence=EVIDENCE)
LINKED = e.Linked(case=OTHER, kind=LinkKind.RELATED)
PAUSED = e.Paused(category=WaitingFor.CUSTOMER, since=NOW, reason=sealed("awaits the bill"))
RESUMED = e.Resumed(resumed_at=NOW + HOUR)
PROMISED = e.PromiseMade(number=1, due_at=NOW + DAY, text=sealed("a call"))
EXTENDED = e.DeadlineExtended(clock=Clock.RESOLVE, until=NOW + DAY, reason=sealed("the merchant is away"))
REVIEW_REQUESTED = e.ReviewRequested(review=OTHER, reason=sealed("not accepted"))

_WAY: tuple[tuple[Status, tuple[Event, ...]], ...] = (
    (Status.RECEIVED, (RECEIVED, ACKNOWLEDGED)),
    (Status.CLARIFIED, (CLARIFIED,)),
    (Status.INVESTIGATED, (INVESTIGATED,)),
    (Status.ANALYSED, (ANALYSED,)),
    (Status.PROPOSED, (PROPOSED,)),
    (Status.RESOLVED, (RESOLVED,)),
    (Status.CALLED_BACK, (CALLED_BACK,)),
    (Status.SUMMARISED, (SUMMARISED,)),
    (Status.CLOSED, (CLOSED,)),
)
_ASIDE: dict[Status, Event] = {Status.WITHDRAWN: WITHDRAWN, Status.MERGED: MERGED}


def until(status: Status) -> tuple[Event, ...]:
    """The history of a case that came to this status by the default way."""
    if status in _ASIDE:
        return (RECEIVED, ACKNOWLEDGED, _ASIDE[status])
    history: list[Event] = []
    for passed, events in _WAY:
        history += events
        if passed is status:
            break
    return tuple(history)


def imported_until(status: Status) -> tuple[Event, ...]:
    """The history of an imported case in this status; the policy `imported` knows no others."""
    resolved = e.Resolved(solution=None)
    closed = e.Closed(courtesies_missing=None, closed_at=NOW)
    ways: dict[Status, tuple[Event, ...]] = {
        Status.RECEIVED: (IMPORTED,),
        Status.RESOLVED: (IMPORTED, resolved),
        Status.CLOSED: (IMPORTED, resolved, closed),
        Status.WITHDRAWN: (IMPORTED, WITHDRAWN),
        Status.MERGED: (IMPORTED, MERGED),
    }
    return ways[status]
