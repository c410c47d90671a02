"""Refusals that all facts of the work share."""

from collections.abc import Collection

from domain.kernel import Forbidden, Refusal, Unknown
from domain.values import Actor, AgentId


class NoSuchFact(Unknown):
    """There is no fact of this kind with this id."""


class AlreadyRecorded(Refusal):
    """A fact is recorded once; another account of it is a correction, or follows a withdrawal."""

    code = "already_recorded"


class FactIsWithdrawn(Refusal):
    """A withdrawn fact takes no further step."""

    code = "fact_withdrawn"


class AboutYou(Forbidden):
    """Nobody decides on a report, a review, a withdrawal or a correction of their own work."""

    code = "about_you"


def by_another(actor: Actor, concerned: Collection[AgentId], rule: str | None) -> None:
    """Refuse who is concerned themselves. Raises AboutYou."""
    if actor.id in concerned:
        raise AboutYou("this is about your own work: somebody else decides on it", rule=rule)
