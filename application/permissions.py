"""Who may do what: the one table (A-4), default deny. Routes, next-steps and the documentation are made from it.

Object rules stand on top of it: an agent works on and reads the cases of the own team, of nobody's team yet, and those
of which they are owner or handler.
"""

from enum import StrEnum

from domain.case.case import Case
from domain.kernel import Forbidden
from domain.values import Actor, Role


class Action(StrEnum):
    """What the table speaks of."""

    OPEN_CASE = "open a case"
    WORK_ON_CASE = "work on a case"
    ANSWER_ESCALATION = "answer an escalation"
    READ_CASE = "read cases and their history"
    OPEN_PERSONAL_DATA = "read personal data without giving a reason"
    CLASSIFY_CUSTOMER = "change a customer's class or text mark"
    READ_MASTERS = "read agents, teams, merchants, departments and policies"
    MARK_PRESENCE = "mark agents absent or present"
    SET_LIMITS = "set an agent's limit"
    CHANGE_MASTERS = "register and change agents, teams, merchants and departments"


_ALL = frozenset(Role)
_CASE_WORKERS = frozenset({Role.AGENT, Role.SUPERVISOR})

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.OPEN_CASE: _CASE_WORKERS,
    Action.WORK_ON_CASE: _CASE_WORKERS,
    Action.ANSWER_ESCALATION: frozenset({Role.SUPERVISOR}),
    Action.READ_CASE: _CASE_WORKERS | {Role.AUDITOR},
    Action.OPEN_PERSONAL_DATA: _CASE_WORKERS,
    Action.CLASSIFY_CUSTOMER: _CASE_WORKERS,
    Action.READ_MASTERS: _ALL,
    Action.MARK_PRESENCE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.SET_LIMITS: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Action.CHANGE_MASTERS: frozenset({Role.ADMIN}),
}


class NotYourTeam(Forbidden):
    """An agent works on the cases of the own team."""

    code = "not_your_team"


def allowed(actor: Actor, action: Action) -> bool:
    """Whether the table grants the action to the actor's role."""
    return actor.role in PERMISSIONS[action]


def permit(actor: Actor, action: Action) -> None:
    """Let an action pass. Raises Forbidden."""
    if not allowed(actor, action):
        roles = ", ".join(sorted(PERMISSIONS[action]))
        raise Forbidden(f"role {actor.role} may not {action}: this is for {roles}", rule="A-4")


def within_reach(actor: Actor, case: Case) -> bool:
    """The object rule: an agent reaches own cases, those of the own team, and those nobody has taken."""
    if actor.role is not Role.AGENT or case.team is None:
        return True
    return case.team == actor.team or actor.id in {case.owner, case.handler}


def permit_case(actor: Actor, case: Case) -> None:
    """Let work on, or a look at, an existing case pass. Raises NotYourTeam."""
    if case.status is not None and not within_reach(actor, case):
        raise NotYourTeam("the case belongs to another team: a supervisor can assign it to yours", rule="A-4")
