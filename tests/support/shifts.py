"""Ready-made events of shifts, and a handover with one of everything."""

from datetime import UTC, date, datetime, timedelta

from domain.case.words import Status
from domain.shift import events as e
from domain.shift.handover import (
    CaseLine,
    Conduct,
    Grant,
    Handover,
    MissedCall,
    Notice,
    PhoneFault,
    PhoneTest,
    Step,
    Term,
)
from domain.shift.words import NoticeKind, ShiftKind, StepKind
from domain.values import AgentId
from domain.work.words import ConductKind, PhoneTestShift
from tests.support.cases import HOUR, OTHER, THIS, sealed

A1, A2, A3, A4, S1, S2 = (AgentId(name) for name in ("a1", "a2", "a3", "a4", "s1", "s2"))
BEGIN = datetime(2024, 5, 6, tzinfo=UTC)
"""8:00 in Shanghai."""
END = BEGIN + 8 * HOUR
PLANNED = e.Planned(
    date=date(2024, 5, 6), kind=ShiftKind.EARLY, team="t1", start=BEGIN, end=END, agents=(A1, A2), supervisor=S1
)
NEXT = e.Planned(
    date=date(2024, 5, 6), kind=ShiftKind.MIDDLE, team="t1", start=END, end=END + 8 * HOUR, agents=(A2, A3, A4)
)
STARTED = e.Started(by=A1, at=BEGIN, after=10)
PREPARED = e.HandoverPrepared(by=A1, at=END - HOUR, notes=sealed("table seven"))
URGENT = CaseLine(
    case=THIS,
    number="2024-000002",
    changed=15,
    status=Status.RESOLVED,
    handler=A1,
    next_action="callbacks",
    due_at=END + HOUR,
    on_site=False,
    paused=False,
    terms=(Term(clock="callback", number=1, due_at=END + HOUR),),
    escalations=(1,),
    grants=(Grant(demand=1, due=date(2024, 5, 7)),),
    message_at=BEGIN + HOUR,
)
ENDED_WITH_GRANT = CaseLine(
    case=OTHER,
    number="2024-000001",
    changed=12,
    status=Status.CLOSED,
    handler=None,
    next_action=None,
    due_at=None,
    on_site=False,
    paused=False,
    terms=(),
    escalations=(),
    grants=(Grant(demand=2, due=None),),
    message_at=None,
)
HANDOVER = Handover(
    team="t1",
    after=10,
    upto=20,
    until=END + 8 * HOUR,
    steps=(
        Step(position=11, at=BEGIN, kind=StepKind.RECEIVED, case=THIS, number="2024-000002", opens=1),
        Step(position=12, at=BEGIN, kind=StepKind.CLOSED, case=OTHER, number="2024-000001", opens=-1),
        Step(position=15, at=BEGIN + timedelta(minutes=1), kind=StepKind.RESOLVED, case=THIS, number="n", opens=0),
    ),
    cases=(URGENT, ENDED_WITH_GRANT),
    phone_tests=(PhoneTest(shift=PhoneTestShift.EARLY, at=None, ok=None),),
    phone_faults=(PhoneFault(fact="f-1", at=BEGIN, found_in_time=False),),
    missed_calls=(MissedCall(fact="f-2", at=BEGIN),),
    conduct=(Conduct(fact="f-3", agent=A1, at=BEGIN, code=ConductKind.LATE),),
    notices=(Notice(position=18, merchant="m1", kind=NoticeKind.NEW, from_day=None),),
)
ITEMS = (
    "case:2024-000002",
    "case:2024-000001",
    "phone-test:early",
    "phone-fault:f-1",
    "missed-call:f-2",
    "conduct:f-3",
    "notice:18",
)
ACCEPTED = e.HandoverAccepted(by=A3, at=END, next_shift="next", handover=HANDOVER, questions=())
RELEASED = e.Released(by=S2, at=END, reason=sealed("nobody came"), handover=HANDOVER)
FINISHED = e.Ended(by=A1, at=END)
