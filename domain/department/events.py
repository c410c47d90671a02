"""The events of a department. Stored for ever."""

from domain.kernel import Event, event


@event("department.registered")
class Registered(Event):
    """A department is known from now on, under an id that is never given again."""

    id: str
    name: str


@event("department.renamed")
class Renamed(Event):
    """The department goes by another name; the id stays."""

    name: str


@event("department.matters_set")
class MattersSet(Event):
    """Which matters go there, as words the department has chosen (rulebook part 1)."""

    matters: tuple[str, ...]
