"""Who may do what: the one table (A-4), default deny. Routes, next-steps and the documentation are made from it.

Object rules stand on top of it: an agent works on and reads the cases of the own team, of nobody's team yet, and those
of which they are owner or handler; and records and reads the facts of the own work. What is kept on staff is exported
by auditors, and by whom it is about.
"""

from collections.abc import Collection
from enum import StrEnum

from domain.case.case import Case
from domain.kernel import Forbidden
from domain.values import Actor, AgentId, Role


class Action(StrEnum):
    """What the table speaks of."""

    OPEN_CASE = "open a case"
    WORK_ON_CASE = "work on a case"
    ANSWER_ESCALATION = "answer an escalation"
    READ_CASE = "read cases and their history"
    OPEN_PERSONAL_DATA = "read personal data without giving a reason"
    CLASSIFY_CUSTOMER = "change a customer's class or text mark"
    READ_NOTICES = "read one's own notices"
    KEEP_DESK = "keep views and drafts of one's own"
    READ_WORKLOAD = "read what agents carry: supervisors their team"
    READ_INDICATORS = "read key indicators and the monthly analysis of complaints"
    READ_MASTERS = "read agents, teams, merchants, departments, shifts, tariffs and policies"
    MARK_PRESENCE = "mark agents absent or present"
    SET_LIMITS = "set an agent's limit"
    CHANGE_MASTERS = "register and change agents, teams, merchants and departments"
    RECORD_FACTS = "record facts of the work"
    READ_FACTS = "read facts of the work"
    WITHDRAW_FACTS = "withdraw facts of the work"
    DECIDE_CONDUCT = "confirm or dismiss conduct reports"
    REVIEW_QUALITY = "review quality and answer disputes of it"
    NAME_DEPUTIES = "name deputies of supervisors"
    PLAN_SHIFTS = "plan shifts, record absences and attendance"
    RUN_SHIFTS = "run shifts: start, hand over, take over, end"
    RELEASE_SHIFTS = "release a shift whose handover is not accepted: never one's own"
    REQUEST_SWAPS = "ask for a swap of shifts: agents of their own"
    DECIDE_SWAPS = "grant or refuse swaps: never one's own"
    READ_HANDOVERS = "read handovers, swaps and daily reports: agents their own team's"
    REPORT_DAYS = "make daily reports, pass their items on and tick them off"
    PUBLISH = "propose, publish and withdraw tariffs and payroll policies"
    TRY_TARIFFS = "try another tariff on history"
    ACKNOWLEDGE_POLICY = "acknowledge a payroll policy for oneself"
    RECORD_WAGES = "record wages"
    READ_WAGES = "read wages: agents and supervisors their own"
    READ_LEDGERS = "read the ledgers and statements: agents their own, supervisors their team's"
    DECIDE_LINES = "confirm and dismiss penalties, decide appeals: never one's own"
    APPEAL = "appeal against an own penalty"
    CLOSE_MONTHS = "freeze and close payroll months"
    EXPORT_MONTHS = "export payroll months"
    ASK_FOR_ERASURE = "ask for the erasure of what is kept on a person"
    DECIDE_ERASURE = "approve or reject an erasure: never one's own"
    CONFIRM_ERASURE = "confirm an erasure as the second person: never one's own"
    RESTRICT = "restrict and hold what is kept on a person, and lift it"
    READ_ERASURES = "read how far erasures and restrictions have come, and certificates"
    EXPORT_PERSON = "export what is kept on a person: supervisors a customer's or their own"
    AUDIT_READS = "read who opened personal data, exported, downloaded and logged in"
    MANAGE_WEBHOOKS = "register, remove and look after outgoing webhooks"
    MANAGE_KEYS = "propose and approve keys of programs and of other people, two admins; revoke any"
    READ_ALL_KEYS = "read everybody's keys, without their secrets: others their own"
    KEEP_KEYS = "keep keys of one's own, collect those that were approved"
    AUDIT = "take the log, its proofs and bundles of it away to check them"


_ALL = frozenset(Role)
_CASE_WORKERS = frozenset({Role.AGENT, Role.SUPERVISOR})

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.OPEN_CASE: _CASE_WORKERS,
    Action.WORK_ON_CASE: _CASE_WORKERS,
    Action.ANSWER_ESCALATION: frozenset({Role.SUPERVISOR}),
    Action.READ_CASE: _CASE_WORKERS | {Role.AUDITOR},
    Action.OPEN_PERSONAL_DATA: _CASE_WORKERS,
    Action.CLASSIFY_CUSTOMER: _CASE_WORKERS,
    Action.READ_NOTICES: _ALL,
    Action.KEEP_DESK: _ALL,
    Action.READ_WORKLOAD: frozenset({Role.SUPERVISOR}),
    Action.READ_INDICATORS: frozenset({Role.SUPERVISOR}),
    Action.READ_MASTERS: _ALL,
    Action.MARK_PRESENCE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.SET_LIMITS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.CHANGE_MASTERS: frozenset({Role.ADMIN}),
    Action.RECORD_FACTS: _CASE_WORKERS | {Role.ADMIN},
    Action.READ_FACTS: _CASE_WORKERS | {Role.PAYROLL, Role.AUDITOR},
    Action.WITHDRAW_FACTS: frozenset({Role.SUPERVISOR}),
    Action.DECIDE_CONDUCT: frozenset({Role.SUPERVISOR}),
    Action.REVIEW_QUALITY: frozenset({Role.SUPERVISOR}),
    Action.NAME_DEPUTIES: frozenset({Role.ADMIN}),
    Action.PLAN_SHIFTS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.RUN_SHIFTS: _CASE_WORKERS,
    Action.RELEASE_SHIFTS: frozenset({Role.SUPERVISOR}),
    Action.REQUEST_SWAPS: _CASE_WORKERS,
    Action.DECIDE_SWAPS: frozenset({Role.SUPERVISOR}),
    Action.READ_HANDOVERS: _CASE_WORKERS | {Role.AUDITOR},
    Action.REPORT_DAYS: _CASE_WORKERS,
    Action.PUBLISH: frozenset({Role.ADMIN}),
    Action.TRY_TARIFFS: frozenset({Role.PAYROLL, Role.AUDITOR}),
    Action.ACKNOWLEDGE_POLICY: _CASE_WORKERS,
    Action.RECORD_WAGES: frozenset({Role.PAYROLL}),
    Action.READ_WAGES: _CASE_WORKERS | {Role.PAYROLL, Role.AUDITOR},
    Action.READ_LEDGERS: _CASE_WORKERS | {Role.PAYROLL, Role.AUDITOR},
    Action.DECIDE_LINES: frozenset({Role.SUPERVISOR}),
    Action.APPEAL: _CASE_WORKERS,
    Action.CLOSE_MONTHS: frozenset({Role.PAYROLL}),
    Action.EXPORT_MONTHS: frozenset({Role.PAYROLL, Role.AUDITOR}),
    Action.ASK_FOR_ERASURE: frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN}),
    Action.DECIDE_ERASURE: frozenset({Role.AUDITOR}),
    Action.CONFIRM_ERASURE: frozenset({Role.ADMIN}),
    Action.RESTRICT: frozenset({Role.AUDITOR}),
    Action.READ_ERASURES: frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN}),
    Action.EXPORT_PERSON: frozenset({Role.SUPERVISOR, Role.AUDITOR}),
    Action.AUDIT_READS: frozenset({Role.AUDITOR}),
    Action.MANAGE_WEBHOOKS: frozenset({Role.ADMIN}),
    Action.MANAGE_KEYS: frozenset({Role.ADMIN}),
    Action.READ_ALL_KEYS: frozenset({Role.AUDITOR, Role.ADMIN}),
    Action.KEEP_KEYS: _ALL,
    Action.AUDIT: frozenset({Role.AUDITOR}),
}
DEPUTISED = frozenset({Action.DECIDE_LINES, Action.DECIDE_CONDUCT, Action.RELEASE_SHIFTS, Action.DECIDE_SWAPS})
"""What a deputy of a supervisor may do as well (L-0)."""


READING = frozenset(
    {
        Action.READ_CASE,
        Action.READ_WORKLOAD,
        Action.READ_INDICATORS,
        Action.READ_MASTERS,
        Action.READ_FACTS,
        Action.READ_HANDOVERS,
        Action.READ_WAGES,
        Action.READ_LEDGERS,
        Action.EXPORT_MONTHS,
        Action.READ_ERASURES,
        Action.EXPORT_PERSON,
        Action.AUDIT_READS,
        Action.READ_ALL_KEYS,
        Action.AUDIT,
    }
)
"""By which nothing changes: what a key narrowed to `read` may do. Personal data stay masked to it without a reason."""
READ, WRITE = "read", "write"
SCOPES = frozenset({READ, WRITE, *(action.name.lower() for action in Action)})
"""What a key may be narrowed to: reading, nothing in particular, or these actions alone."""


FOR_PEOPLE = frozenset(
    {
        WRITE,
        *(
            action.name.lower()
            for action in (
                Action.CHANGE_MASTERS,
                Action.SET_LIMITS,
                Action.NAME_DEPUTIES,
                Action.DECIDE_CONDUCT,
                Action.DECIDE_LINES,
                Action.DECIDE_SWAPS,
                Action.RELEASE_SHIFTS,
                Action.PUBLISH,
                Action.CLOSE_MONTHS,
                Action.DECIDE_ERASURE,
                Action.CONFIRM_ERASURE,
                Action.RESTRICT,
                Action.MANAGE_KEYS,
            )
        ),
    }
)
"""Scopes that no program gets: where two people are asked for, or one who answers for it, a program is nobody (A-4)."""


class OutOfScope(Forbidden):
    """The key is narrowed to less than its owner may."""

    code = "out_of_scope"


class NotYourTeam(Forbidden):
    """An agent works on the cases of the own team."""

    code = "not_your_team"


def allowed(actor: Actor, action: Action) -> bool:
    """Whether the table grants the action to the actor's role, or to the deputy they are, and their key does too."""
    return _granted(actor, action) and _in_scope(actor, action)


def _granted(actor: Actor, action: Action) -> bool:
    return actor.role in PERMISSIONS[action] or (actor.deputy and action in DEPUTISED)


def _in_scope(actor: Actor, action: Action) -> bool:
    if actor.scopes is None or {WRITE, action.name.lower()} & actor.scopes:
        return True
    return READ in actor.scopes and action in READING


def permit(actor: Actor, action: Action) -> None:
    """Let an action pass. Raises Forbidden, OutOfScope."""
    if not _granted(actor, action):
        roles = ", ".join(sorted(PERMISSIONS[action]))
        raise Forbidden(f"role {actor.role} may not {action}: this is for {roles}", rule="A-4")
    if not _in_scope(actor, action):
        name = action.name.lower()
        raise OutOfScope(f"this key is narrowed and may not {action}: take one with the scope {name}", rule="A-4")


class NotYourFact(Forbidden):
    """An agent records and reads the facts of their own work."""

    code = "not_your_fact"


def permit_own(actor: Actor, agents: Collection[AgentId]) -> None:
    """The object rule for facts of the work: an agent's own, or nobody's in particular. Raises NotYourFact."""
    if actor.role is Role.AGENT and agents and actor.id not in agents:
        raise NotYourFact("agents record and read what is their own: ask the agent or a supervisor", rule="A-4")


def may_export(actor: Actor, agent: AgentId | None) -> bool:
    """Whether they may export what is kept on a person; agent: the employee number of staff.

    The object rule: of staff it holds wages, reports and penalties, which a supervisor reads of nobody else (A-4).
    """
    own = agent is None or agent == actor.id or actor.role is Role.AUDITOR
    return own and allowed(actor, Action.EXPORT_PERSON)


def permit_export(actor: Actor, agent: AgentId | None) -> None:
    """Let the export of what is kept on a person pass. Raises Forbidden."""
    if not may_export(actor, agent):
        raise Forbidden("what is kept on staff is exported by auditors, and by whom it is about", rule="A-4")


def within_reach(actor: Actor, case: Case) -> bool:
    """The object rule: an agent reaches own cases, those of the own team, and those nobody has taken."""
    if actor.role is not Role.AGENT or case.team is None:
        return True
    return case.team == actor.team or actor.id in {case.owner, case.handler}


def permit_case(actor: Actor, case: Case) -> None:
    """Let work on, or a look at, an existing case pass. Raises NotYourTeam."""
    if case.status is not None and not within_reach(actor, case):
        raise NotYourTeam("the case belongs to another team: a supervisor can assign it to yours", rule="A-4")
