"""The events of an agent (客服代表) and of everybody else who works here. Stored for ever; the name is sealed."""

from datetime import date

from domain.agent.words import Rank
from domain.kernel import Event, event
from domain.values import AgentId, Private, Role


@event("agent.registered")
class Registered(Event):
    """Somebody begins to work here, under an employee number that is never given again."""

    id: AgentId
    name: Private
    role: Role
    team: str | None = None
    rank: Rank | None = None
    joined_on: date


@event("agent.team_changed")
class TeamChanged(Event):
    """The agent works in another team from now on."""

    team: str


@event("agent.limit_set")
class LimitSet(Event):
    """C-7: what the agent may grant from a day on, in whole fen; None: the limit of the role."""

    from_day: date
    limit_fen: int | None


@event("agent.absent")
class WentAbsent(Event):
    """The agent is not there: work does not pass to them, alerts skip them (D-3d)."""


@event("agent.present")
class CameBack(Event):
    """The agent is there again."""


@event("agent.left")
class Left(Event):
    """The agent works here no longer; the last day is a local day."""

    last_day: date


@event("agent.named_deputy")
class NamedDeputy(Event):
    """L-0: an admin names the agent to stand in for a supervisor, from one local day to another, both included."""

    from_day: date
    to_day: date
    reason: Private
