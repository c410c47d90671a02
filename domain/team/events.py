"""The events of a team. Stored for ever."""

from domain.kernel import Event, event


@event("team.registered")
class Registered(Event):
    """A team is known from now on, under an id that is never given again."""

    id: str
    name: str


@event("team.renamed")
class Renamed(Event):
    """The team goes by another name; the id stays."""

    name: str
