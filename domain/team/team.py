"""A team of agents: registered once, renamed when needed."""

from dataclasses import dataclass

from domain.kernel import Decider, Event, Refusal, Unknown
from domain.team import events as e


@dataclass(frozen=True, slots=True)
class Team:
    """What decisions need to know of a team; `name` is None before it is registered."""

    name: str | None = None


def evolve(team: Team, event: Event) -> Team:
    """Fold one event into the state."""
    match event:
        case e.Registered() | e.Renamed():
            return Team(event.name)
        case _:
            return team


TEAM = Decider("team", Team(), evolve)


class AlreadyRegistered(Refusal):
    """A team's id is given once."""

    code = "already_registered"


class NoSuchTeam(Unknown):
    """There is no team with this id."""


def register(team: Team, team_id: str, name: str) -> list[Event]:
    """Found a team. Raises AlreadyRegistered for an id that was given before."""
    if team.name is not None:
        raise AlreadyRegistered("a team with this id exists: choose another id, or rename it", pointer="/id")
    return [e.Registered(id=team_id, name=name)]


def rename(team: Team, name: str) -> list[Event]:
    """Give the team another name. Raises NoSuchTeam."""
    if team.name is None:
        raise NoSuchTeam("there is no such team")
    return [] if team.name == name else [e.Renamed(name=name)]
