"""The ladder after a breach: who is told, one rung after the other, and who instead of those who are away (D-3d)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.agent.words import Rank
from domain.time.deadlines import Rung
from domain.values import AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may be told: employee number, rank (None: no supervisor), team, and whether they are there."""

    id: AgentId
    rank: Rank | None
    team: str | None
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rung that is due: its level from 1, when, and to whom; None is the head's queue."""

    level: int
    at: datetime
    to: AgentId | None


def whom(rank: Rank, team: str | None, people: Iterable[Person]) -> AgentId | None:
    """Who is told in place of a rank: of those there the lowest rank from it up, and among them the team's own first.

    So a supervisor of another team stands in before a manager does. None when nobody is there: the head's queue.
    """
    ranks = list(Rank)
    there = [
        (ranks.index(person.rank), person.team != team, person.id)
        for person in people
        if person.present and person.rank is not None and ranks.index(person.rank) >= ranks.index(rank)
    ]
    return min(there)[2] if there else None


def warned(handler: AgentId | None, team: str | None, people: Sequence[Person]) -> AgentId | None:
    """Who is told that time runs short (D-4): the handler, or in their absence whoever stands in for a supervisor."""
    if any(person.id == handler and person.present for person in people):
        return handler
    return whom(Rank.SUPERVISOR, team, people)


def next_alert(
    ladder: Sequence[Rung], breached_at: datetime, told: Iterable[int], team: str | None, people: Iterable[Person]
) -> Alert | None:
    """The first rung whose level has not been told, or None when all have been."""
    known = set(told)
    for level, rung in enumerate(ladder, 1):
        if level not in known:
            return Alert(level=level, at=breached_at + rung.after, to=whom(rung.rank, team, people))
    return None
