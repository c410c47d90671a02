"""The complaint case: its state, how events change it, and the gate that every command passes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from domain.case import events as e
from domain.case.policy import Setting, Step
from domain.case.words import (
    Attribution,
    Clock,
    ComplaintType,
    Courtesy,
    Decision,
    Risk,
    Severity,
    Status,
    Verdict,
)
from domain.kernel import Decider, Event, Refusal, Unknown, changed
from domain.values import AgentId, CaseId, SubjectId

NOBODY = SubjectId("")
"""The subject of a case that has not been received."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """One escalation: who asked, whether it is answered, and the cost approved with the answer in whole fen."""

    by: AgentId
    answered: bool = False
    approved_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """The analysis in force (C-5)."""

    attribution: Attribution
    severity: Severity
    risks: tuple[Risk, ...]
    faults: tuple[e.Fault, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposal in force, its author, and the number of the option a second person has passed."""

    by: AgentId
    options: tuple[e.Option, ...]
    passed: int | None = None


@dataclass(frozen=True)
class Case:
    """What the decisions about a case need to know; `status` is None before it is received."""

    status: Status | None = None
    policy: str = ""
    subject: SubjectId = NOBODY
    received: e.Received | None = None
    owner: AgentId | None = None
    handler: AgentId | None = None
    team: str | None = None
    type: ComplaintType | None = None
    acknowledged: bool = False
    supervised: bool = False
    analysis: Analysis | None = None
    proposal: Proposal | None = None
    escalations: tuple[Escalation, ...] = ()
    resolvers: frozenset[AgentId] = frozenset()
    unreached_days: frozenset[date] = frozenset()
    grants: Mapping[int, bool] = field(default_factory=dict)
    courtesies: frozenset[Courtesy] = frozenset()
    paused: bool = False
    not_waiting_before: datetime | None = None
    answer_by: datetime | None = None
    extensions: tuple[tuple[Clock, datetime], ...] = ()
    promises: int = 0
    links: frozenset[tuple[CaseId, str]] = frozenset()
    merged_into: CaseId | None = None
    status_before: Status = Status.RECEIVED
    ended_at: datetime | None = None
    review: CaseId | None = None

    @property
    def demands(self) -> int:
        """How many demands there are; they count from 1."""
        return len(self.received.demands) if self.received else 0

    @property
    def barred(self) -> tuple[AgentId, ...]:
        """Who may not work on this case because they decided its first stage (C-15)."""
        return self.received.second_stage.barred if self.received and self.received.second_stage else ()

    @property
    def valid(self) -> bool | None:
        """Whether it is a valid complaint; None until analysed (C-5)."""
        return self.analysis.attribution.valid if self.analysis else None

    @property
    def escalated(self) -> bool:
        """Whether an escalation awaits its answer."""
        return any(not escalation.answered for escalation in self.escalations)

    @property
    def approved_fen(self) -> int:
        """The highest cost approved by an answered escalation, in whole fen; 0 without one."""
        return max((escalation.approved_fen or 0 for escalation in self.escalations), default=0)


# ---- how events change the state ------------------------------------------------------------------------------------
def evolve(case: Case, event: Event) -> Case:
    """Fold one event into the state; events beside the way are folded by `_beside`."""
    match event:
        case e.Received():
            return _received(case, event)
        case e.Acknowledged():
            return changed(case, acknowledged=True, answer_by=event.answer_by)
        case e.Clarified():
            return changed(case, status=Status.CLARIFIED, type=event.type)
        case e.Investigated():
            return _investigated(case, event)
        case e.Analysed():
            return _analysed(case, event)
        case e.SolutionProposed():
            return changed(case, status=Status.PROPOSED, proposal=Proposal(event.by, event.options))
        case e.AnswerReviewed():
            return _answer_reviewed(case, event)
        case e.Resolved():
            return _resolved(case, event)
        case e.Fulfilled():
            return changed(case, grants={**case.grants, event.demand: True})
        case e.CallbackDone():
            return _callback_done(case, event)
        case e.Summarised():
            return changed(case, status=Status.SUMMARISED)
        case e.Closed():
            return _ended(case, Status.CLOSED, event.closed_at)
        case e.Reopened():
            return _reopened(case, event)
        case _:
            return _beside(case, event)


def _beside(case: Case, event: Event) -> Case:
    match event:
        case e.Escalated():
            return changed(case, escalations=(*case.escalations, Escalation(event.by)))
        case e.EscalationAnswered():
            return _escalation_answered(case, event)
        case e.Reassigned():
            return changed(case, owner=event.owner, handler=event.handler, team=event.team)
        case e.CustomerContacted():
            return changed(case, courtesies=case.courtesies | set(event.courtesies))
        case e.InterimReplySent():
            return changed(case, answer_by=event.answer_by)
        case e.Paused():
            return changed(case, paused=True, not_waiting_before=event.since)
        case e.Resumed():
            return changed(case, paused=False, not_waiting_before=event.resumed_at)
        case e.PromiseMade():
            return changed(case, promises=event.number)
        case e.DeadlineExtended():
            return changed(case, extensions=(*case.extensions, (event.clock, event.until)))
        case e.ReviewRequested():
            return changed(case, review=event.review)
        case _:
            return _between_cases(case, event)


def _between_cases(case: Case, event: Event) -> Case:
    match event:
        case e.Withdrawn():
            return _ended(case, Status.WITHDRAWN, event.withdrawn_at)
        case e.Linked():
            return changed(case, links=case.links | {(event.case, event.kind)})
        case e.Merged():
            return changed(case, status=Status.MERGED, status_before=_standing(case), merged_into=event.into)
        case e.Unmerged():
            return changed(case, status=event.to_status, merged_into=None)
        case _:
            return case


def _received(case: Case, event: e.Received) -> Case:
    return changed(
        case,
        status=Status.RECEIVED,
        policy=event.policy,
        subject=event.customer.subject,
        received=event,
        owner=event.owner,
        handler=event.handler,
        team=event.team,
        courtesies=frozenset({Courtesy.APOLOGISE} if event.apology_given else ()),
        not_waiting_before=event.received_at,
    )


def _investigated(case: Case, event: e.Investigated) -> Case:
    status = Status.INVESTIGATED if case.status is Status.CLARIFIED else case.status
    return changed(case, status=status, supervised=event.supervised)


def _analysed(case: Case, event: e.Analysed) -> Case:
    status = Status.ANALYSED if case.status is Status.INVESTIGATED else case.status
    analysis = Analysis(event.attribution, event.severity, event.risks, event.faults)
    return changed(case, status=status, analysis=analysis)


def _answer_reviewed(case: Case, event: e.AnswerReviewed) -> Case:
    if case.proposal is None:
        return case
    passed = case.proposal.passed
    if event.verdict is Verdict.PASSED:
        passed = event.option
    elif passed == event.option:
        passed = None
    return changed(case, proposal=replace(case.proposal, passed=passed))


def _escalation_answered(case: Case, event: e.EscalationAnswered) -> Case:
    escalations = list(case.escalations)
    asked = escalations[event.number - 1]
    escalations[event.number - 1] = replace(asked, answered=True, approved_fen=event.approved_cost_fen)
    return changed(case, escalations=tuple(escalations))


def _resolved(case: Case, event: e.Resolved) -> Case:
    grants = {answer.demand: False for answer in event.answers if answer.decision is not Decision.REFUSED}
    resolvers = case.resolvers | {event.by} if event.by else case.resolvers
    return changed(case, status=Status.RESOLVED, resolvers=resolvers, grants=grants)


def _callback_done(case: Case, event: e.CallbackDone) -> Case:
    unreached = case.unreached_days if event.reached else case.unreached_days | {event.day}
    status = Status.CALLED_BACK if event.ends_step else case.status
    courtesies = case.courtesies | set(event.courtesies)
    return changed(case, status=status, unreached_days=unreached, courtesies=courtesies)


def _reopened(case: Case, event: e.Reopened) -> Case:
    return changed(
        case,
        status=event.to_status,
        proposal=None,
        escalations=tuple(replace(asked, approved_fen=None) for asked in case.escalations),
        unreached_days=frozenset(),
        answer_by=None,
        extensions=(),
        ended_at=None,
    )


def _standing(case: Case) -> Status:
    return case.status or Status.RECEIVED


def _ended(case: Case, status: Status, at: datetime | None) -> Case:
    """What waited does so no longer; a later waiting begins after the end at the earliest."""
    return changed(
        case,
        status=status,
        status_before=_standing(case),
        ended_at=at,
        paused=False,
        not_waiting_before=at or case.not_waiting_before,
    )


CASE = Decider("case", Case(), evolve)


# ---- the gate -------------------------------------------------------------------------------------------------------
class NotOnTheWay(Refusal):
    """The status does not admit this step; the detail names the steps that lead on."""

    code = "not_on_the_way"


class NeedUnmet(Refusal):
    """The status admits the step, but something it needs is missing; the detail says what to do."""

    code = "need_unmet"


class MergedAway(Refusal):
    """The case goes on in another one; the detail names it."""

    code = "merged"


class NoSuchCase(Unknown):
    """There is no case with this id."""


_NEEDS: dict[str, Callable[[Case, Setting], bool]] = {
    "not_acknowledged": lambda case, _: not case.acknowledged,
    "acknowledged": lambda case, _: case.acknowledged,
    "not_barred": lambda case, setting: setting.actor.id not in case.barred,
    "not_named": lambda case, setting: setting.actor.id not in _named(case),
    "first_or_supervised_investigation": lambda case, setting: (
        case.status is Status.CLARIFIED or setting.actor.supervises
    ),
    "escalation_open": lambda case, _: case.escalated,
    "not_own_escalation": lambda case, setting: any(
        not asked.answered and asked.by != setting.actor.id for asked in case.escalations
    ),
    "not_author": lambda case, setting: not case.proposal or case.proposal.by != setting.actor.id,
    "proposed_if_valid": lambda case, _: not case.valid or case.proposal is not None,
    "escalated_and_answered": lambda case, _: not _needs_superior(case) or _superior_answered(case),
    "answer_passed": lambda case, _: not _is_grave(case) or bool(case.proposal and case.proposal.passed),
    "grant_open": lambda case, _: not all(case.grants.values()),
    "owner_or_handler": lambda case, setting: setting.actor.id in {case.owner, case.handler},
    "paused": lambda case, _: case.paused,
    "not_paused": lambda case, _: not case.paused,
    "not_too_late": lambda case, setting: case.ended_at is None or setting.now <= case.ended_at + _days(setting),
    "not_reviewed": lambda case, _: case.review is None and not _second_stage(case),
}
NEED_NAMES = frozenset(_NEEDS)
"""The needs a policy may name."""


def _named(case: Case) -> set[AgentId]:
    return {fault.agent for fault in case.analysis.faults} if case.analysis else set()


def _days(setting: Setting) -> timedelta:
    return timedelta(days=setting.policy.reopen_within_days)


def _second_stage(case: Case) -> bool:
    return case.received is not None and case.received.second_stage is not None


def _is_grave(case: Case) -> bool:
    return case.analysis is not None and case.analysis.severity.grave


def _needs_superior(case: Case) -> bool:
    return _is_grave(case) or bool(case.analysis and case.analysis.risks)


def _superior_answered(case: Case) -> bool:
    return bool(case.escalations) and not case.escalated


def obstacle(case: Case, command: str, setting: Setting) -> Refusal | None:
    """What stands in the way of a command now, or None: the one reading of the policy's table (C-1 … C-17)."""
    policy = setting.policy
    step = policy.step(command)
    if case.merged_into is not None and command != "unmerge":
        detail = f"the case was merged into {case.merged_into}: give the command there, or unmerge"
        return MergedAway(detail, rule="C-11")
    if step is None:
        return NotOnTheWay(f"policy {policy.version} has no step {command}: {_ways_on(case, setting)}", rule="C-1")
    if case.status not in step.after:
        return NotOnTheWay(f"{command} does not follow {case.status}: {_ways_on(case, setting)}", rule=step.rule)
    return _unmet(case, step, setting)


def _unmet(case: Case, step: Step, setting: Setting) -> NeedUnmet | None:
    for need in map(setting.policy.need, _needs_unmet(case, step, setting)):
        return NeedUnmet(need.otherwise, rule=need.rule)
    return None


def _needs_unmet(case: Case, step: Step, setting: Setting) -> Iterator[str]:
    return (need for need in step.needs if not _NEEDS[need](case, setting))


def needs_unmet(case: Case, command: str, setting: Setting) -> tuple[str, ...]:
    """The names of what a step needs and lacks, in the policy's order; none for a step that it has not."""
    step = setting.policy.step(command)
    return tuple(_needs_unmet(case, step, setting)) if step else ()


def _ways_on(case: Case, setting: Setting) -> str:
    steps = [step for step in setting.policy.steps if case.status in step.after and not _unmet(case, step, setting)]
    return "possible now are " + ", ".join(step.command for step in steps)


def admit(case: Case, command: str, setting: Setting) -> Status:
    """Let a command pass, with the case's status, or raise what `obstacle` names; NoSuchCase for an empty stream."""
    if case.status is None:
        raise NoSuchCase("there is no such case")
    if refusal := obstacle(case, command, setting):
        raise refusal
    return case.status
