"""What of a case's history a handover tells: how the case stands, and the steps it took (S-3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from uuid import UUID

from application.envelope import Recorded
from application.policies import shipped
from domain.case import events as e
from domain.case.case import CASE, Case
from domain.case.next_action import next_action
from domain.case.policy import CasePolicy, Setting
from domain.case.words import Channel, Decision, Direction, Status
from domain.kernel import Event
from domain.shift.handover import ENDED
from domain.shift.words import StepKind
from domain.values import Actor, AgentId, Private, Role, local_day

_SPOKEN = frozenset({Channel.HOTLINE, Channel.WALK_IN})
"""Who comes this way is answered at once; what comes by any other channel is a message that somebody left."""
_STEPS: dict[type[Event], StepKind] = {
    e.Received: StepKind.RECEIVED,
    e.Clarified: StepKind.CLARIFIED,
    e.Resolved: StepKind.RESOLVED,
    e.Escalated: StepKind.ESCALATED,
    e.Reopened: StepKind.REOPENED,
    e.Closed: StepKind.CLOSED,
    e.Withdrawn: StepKind.WITHDRAWN,
    e.Merged: StepKind.MERGED,
    e.Unmerged: StepKind.UNMERGED,
}


@dataclass(slots=True, kw_only=True)
class CaseRow:
    """A case that is open, or has grants left; the columns of `read.handover_cases_1`.

    changed: position of its last event. asked: its escalations without an answer. grants: the last day for each, by
    demand. kept: what the next event is folded onto, without personal data.
    """

    id: UUID
    changed: int
    number: str
    team: str | None
    handler: AgentId | None
    status: Status
    open: bool
    next_action: str | None
    on_site: bool
    paused: bool
    asked: list[int] = field(default_factory=list)
    message_at: datetime | None = None
    grants: dict[int, date | None] = field(default_factory=dict)
    kept: Case


@dataclass(slots=True, kw_only=True)
class Course:
    """How far a case has come: what its next event is folded onto, and what its row is made of; see CaseRow."""

    id: UUID
    changed: int = 0
    case: Case = CASE.initial
    message_at: datetime | None = None
    grants: dict[int, date | None] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.case.status is not None and self.case.status not in ENDED

    @property
    def needed(self) -> bool:
        """Whether a handover tells of it."""
        return self.open or bool(self.grants)


@dataclass(slots=True, kw_only=True)
class StepRow:
    """A step of a case; the columns of `read.handover_steps_1`. opens: what it adds to the open cases of the team."""

    position: int
    kind: StepKind
    case_id: UUID
    number: str
    team: str | None
    at: datetime
    day: date
    opens: int


# ---- how a case stands ----------------------------------------------------------------------------------------------
def take(course: Course, recorded: Recorded) -> list[StepRow]:
    """Fold one more of its events; what that did to the case, for each team that it concerns."""
    was_open, former_team = course.open, course.case.team
    course.case = _slim(CASE.evolve(course.case, recorded.event), recorded.event)
    course.changed = recorded.position
    course.message_at = _message_at(course.message_at, recorded) if course.open else None
    course.grants = _granted(course.grants, recorded.event)
    return _steps(course, former_team, course.open - was_open, recorded)


def course_of(case: UUID, history: Iterable[Recorded]) -> Course:
    """How far a case has come by its history."""
    course = Course(id=case)
    for recorded in history:
        take(course, recorded)
    return course


def taken_up(row: CaseRow) -> Course:
    """How far the case of a row has come."""
    return Course(id=row.id, changed=row.changed, case=row.kept, message_at=row.message_at, grants=row.grants)


def row_of(course: Course) -> CaseRow:
    """The row of a case that has begun."""
    case, is_open = course.case, course.open
    assert case.received is not None
    assert case.status is not None
    return CaseRow(
        id=course.id,
        changed=course.changed,
        number=case.received.number,
        team=case.team,
        handler=case.handler,
        status=case.status,
        open=is_open,
        next_action=_next_action(case) if is_open else None,
        on_site=case.received.on_site and is_open,
        paused=case.paused,
        asked=[number for number, asked in enumerate(case.escalations, 1) if not asked.answered] if is_open else [],
        message_at=course.message_at,
        grants=course.grants,
        kept=case,
    )


def _next_action(case: Case) -> str | None:
    policy = _policies().get(case.policy)
    if policy is None or case.received is None:
        return None
    handler = Actor(case.handler or AgentId(""), Role.AGENT, case.team)
    return next_action(case, Setting(policy, handler, case.received.received_at))


@cache
def _policies() -> dict[str, CasePolicy]:
    return dict(shipped())


def _message_at(before: datetime | None, recorded: Recorded) -> datetime | None:
    match recorded.event:
        case e.CustomerContacted(direction=Direction.IN, channel=channel) if channel not in _SPOKEN:
            return recorded.meta.at
        case e.CustomerContacted(direction=Direction.OUT) | e.InterimReplySent() | e.CallbackDone():
            return None
        case _:
            return before


def _granted(before: dict[int, date | None], event: Event) -> dict[int, date | None]:
    match event:
        case e.Resolved():
            return {answer.demand: answer.due for answer in event.answers if answer.decision is not Decision.REFUSED}
        case e.Fulfilled():
            return {demand: due for demand, due in before.items() if demand != event.demand}
        case _:
            return before


def _slim(case: Case, event: Event) -> Case:
    """Without what is personal: the next action does not depend on it."""
    match event:
        case e.Received():
            return replace(case, received=_without_personal_data(event))
        case e.SolutionProposed() if case.proposal:
            return replace(case, proposal=replace(case.proposal, options=()))
        case _:
            return case


def _without_personal_data(received: e.Received) -> e.Received:
    nothing = Private(received.customer.subject, b"")
    return replace(
        received,
        customer=e.Customer(subject=received.customer.subject),
        demands=(nothing,) * len(received.demands),
        narrative=None,
        place=None,
        source_record=None,
    )


# ---- its steps ------------------------------------------------------------------------------------------------------
def _steps(course: Course, former_team: str | None, opens: int, recorded: Recorded) -> list[StepRow]:
    team = course.case.team
    match recorded.event:
        case e.Reassigned() if former_team != team:
            passed_on = _step(StepKind.PASSED_ON, former_team, -1, course, recorded)
            return [passed_on, _step(StepKind.TAKEN_OVER, team, 1, course, recorded)]
        case e.CallbackDone(reached=True):
            return [_step(StepKind.CALLED_BACK, team, opens, course, recorded)]
        case event if kind := _STEPS.get(type(event)):
            return [_step(kind, team, opens, course, recorded)]
        case _:
            return []


def _step(kind: StepKind, team: str | None, opens: int, course: Course, recorded: Recorded) -> StepRow:
    assert course.case.received is not None
    return StepRow(
        position=recorded.position,
        kind=kind,
        case_id=course.id,
        number=course.case.received.number,
        team=team,
        at=recorded.meta.at,
        day=local_day(recorded.meta.at),
        opens=opens,
    )
