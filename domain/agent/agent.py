"""An agent: registered, in a team, with a dated limit, present, absent or gone."""

from dataclasses import dataclass, replace
from datetime import date

from domain.agent import events as e
from domain.agent.words import Presence, Rank
from domain.kernel import Decider, Event, Malformed, Refusal, Unknown
from domain.values import AgentId, Role


@dataclass(frozen=True, slots=True)
class Agent:
    """What decisions need to know of an agent; `presence` is None before they are registered."""

    presence: Presence | None = None
    role: Role | None = None
    rank: Rank | None = None
    team: str | None = None
    limits: tuple[tuple[date, int | None], ...] = ()
    joined_on: date | None = None
    last_day: date | None = None
    deputy: tuple[tuple[date, date], ...] = ()

    def deputy_on(self, day: date) -> bool:
        """Whether they stand in for a supervisor on a local day (L-0)."""
        return any(first <= day <= last for first, last in self.deputy)

    def presence_on(self, day: date) -> Presence | None:
        """Whether they are there on a local day; who leaves is gone from the day after their last."""
        return Presence.LEFT if self.last_day and day > self.last_day else self.presence

    def joins_after(self, day: date) -> bool:
        """Whether a local day lies before their first one."""
        return self.joined_on is not None and day < self.joined_on

    def limit_fen_on(self, day: date) -> int | None:
        """The own limit on a local day, in whole fen; None: the limit of the role holds (C-7)."""
        past = [limit for limit in self.limits if limit[0] <= day]
        return max(past, key=lambda limit: limit[0])[1] if past else None


def evolve(agent: Agent, event: Event) -> Agent:
    """Fold one event into the state."""
    match event:
        case e.Registered():
            return Agent(
                presence=Presence.PRESENT,
                role=event.role,
                rank=event.rank,
                team=event.team,
                joined_on=event.joined_on,
            )
        case e.TeamChanged():
            return replace(agent, team=event.team)
        case e.LimitSet():
            kept = tuple(limit for limit in agent.limits if limit[0] != event.from_day)
            return replace(agent, limits=(*kept, (event.from_day, event.limit_fen)))
        case e.WentAbsent():
            return replace(agent, presence=Presence.ABSENT)
        case e.CameBack():
            return replace(agent, presence=Presence.PRESENT)
        case e.Left():
            return replace(agent, last_day=event.last_day)
        case e.NamedDeputy():
            return replace(agent, deputy=(*agent.deputy, (event.from_day, event.to_day)))
        case _:
            return agent


AGENT = Decider("agent", Agent(), evolve)


RESERVED = frozenset({"operator", "import", "generate", "scheduler", "ledger"})
"""Actors of the log that are no persons: nobody gets such an employee number."""


class AlreadyRegistered(Refusal):
    """An employee number is given once, for ever."""

    code = "already_registered"


class HasLeft(Refusal):
    """Who has left gets no new team, limit or absence."""

    code = "agent_has_left"


class NotYetHere(Refusal):
    """Who joins works from the first day on."""

    code = "agent_not_here_yet"


class NotEligible(Refusal):
    """Deputies are named among agents: supervisors decide already, the others have other duties (A-4)."""

    code = "not_eligible"


class NoSuchAgent(Unknown):
    """There is no agent with this employee number."""


def register(agent: Agent, registered: e.Registered) -> list[Event]:
    """Take somebody on. Raises Malformed, and AlreadyRegistered for a number that was given before."""
    if registered.id in RESERVED:
        raise Malformed(f"{registered.id} is an actor of the service: choose another number", pointer="/id")
    if registered.rank is not None and registered.role is not Role.SUPERVISOR:
        raise Malformed("only supervisors have a rank", pointer="/rank")
    if agent.presence is not None:
        raise AlreadyRegistered("this employee number was given before: choose another one", pointer="/id")
    return [registered]


def change_team(agent: Agent, team: str, today: date) -> list[Event]:
    """Move the agent to another team."""
    _working(agent, today)
    return [] if agent.team == team else [e.TeamChanged(team=team)]


def set_limit(agent: Agent, from_day: date, limit_fen: int | None, today: date) -> list[Event]:
    """C-7: set what the agent may grant from a day on; a later setting for the same day replaces it."""
    _working(agent, today)
    known = (from_day, limit_fen) in agent.limits
    return [] if known else [e.LimitSet(from_day=from_day, limit_fen=limit_fen)]


def go_absent(agent: Agent, today: date) -> list[Event]:
    """Mark the agent absent."""
    _working(agent, today)
    return [] if agent.presence is Presence.ABSENT else [e.WentAbsent()]


def come_back(agent: Agent, today: date) -> list[Event]:
    """Mark the agent present."""
    _working(agent, today)
    return [] if agent.presence is Presence.PRESENT else [e.CameBack()]


def leave(agent: Agent, last_day: date) -> list[Event]:
    """Let the agent go after a last day; another day corrects it."""
    check_known(agent)
    return [] if agent.last_day == last_day else [e.Left(last_day=last_day)]


def name_deputy(agent: Agent, named: e.NamedDeputy, today: date) -> list[Event]:
    """L-0: let an agent stand in for a supervisor until a day that has not passed.

    Raises NoSuchAgent, Malformed for days that cannot be meant, HasLeft, NotEligible.
    """
    check_known(agent)
    _check_days(named, today)
    _working(agent, today)
    if agent.role is not Role.AGENT:
        raise NotEligible("only an agent is named deputy: a supervisor needs no deputyship", rule="L-0")
    return [] if (named.from_day, named.to_day) in agent.deputy else [named]


def _check_days(named: e.NamedDeputy, today: date) -> None:
    if named.to_day < named.from_day:
        raise Malformed("to lies before from: name the days in their order", rule="L-0", pointer="/to")
    if named.to_day < today:
        raise Malformed("to has passed: nobody is made deputy afterwards", rule="L-0", pointer="/to")


def check_works_on(
    agent: Agent, named: AgentId, day: date, instead: str, *, today: date, pointer: str | None = None
) -> None:
    """S-1: who has yet to join works from the first day on, who leaves until the end of the last.

    Of a day that is over the roster says who was there, also before their first day on record. instead: the way out.
    Raises NotYetHere, HasLeft.
    """
    if agent.joins_after(max(day, today)):
        detail = f"{named} works here from {agent.joined_on} on, not on {day}: {instead}"
        raise NotYetHere(detail, rule="S-1", pointer=pointer)
    if agent.presence_on(day) is Presence.LEFT:
        raise HasLeft(f"{named} works here no longer on {day}: {instead}", rule="S-1", pointer=pointer)


def check_known(agent: Agent) -> None:
    """Refuse what is said of nobody. Raises NoSuchAgent."""
    if agent.presence is None:
        raise NoSuchAgent("there is no such agent")


def _working(agent: Agent, today: date) -> None:
    """Who leaves works until the end of the last day. Raises NoSuchAgent, HasLeft."""
    check_known(agent)
    if agent.presence_on(today) is Presence.LEFT:
        raise HasLeft("the agent has left: correct the last day, or register the person under a new number")
