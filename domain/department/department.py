"""A department to which matters go: registered once, renamed, its matters set as data."""

from dataclasses import dataclass, replace

from domain.department import events as e
from domain.kernel import Decider, Event, Refusal, Unknown


@dataclass(frozen=True, slots=True)
class Department:
    """What decisions need to know of a department; `name` is None before it is registered."""

    name: str | None = None
    matters: tuple[str, ...] = ()


def evolve(department: Department, event: Event) -> Department:
    """Fold one event into the state."""
    match event:
        case e.Registered() | e.Renamed():
            return replace(department, name=event.name)
        case e.MattersSet():
            return replace(department, matters=event.matters)
        case _:
            return department


DEPARTMENT = Decider("department", Department(), evolve)


class AlreadyRegistered(Refusal):
    """A department's id is given once."""

    code = "already_registered"


class NoSuchDepartment(Unknown):
    """There is no department with this id."""


def register(department: Department, department_id: str, name: str, matters: tuple[str, ...]) -> list[Event]:
    """Found a department with its matters. Raises AlreadyRegistered for an id that was given before."""
    if department.name is not None:
        raise AlreadyRegistered("a department with this id exists: choose another id, or rename it", pointer="/id")
    return [e.Registered(id=department_id, name=name), e.MattersSet(matters=matters)]


def rename(department: Department, name: str) -> list[Event]:
    """Give the department another name. Raises NoSuchDepartment."""
    _known(department)
    return [] if department.name == name else [e.Renamed(name=name)]


def set_matters(department: Department, matters: tuple[str, ...]) -> list[Event]:
    """Say which matters go there. Raises NoSuchDepartment."""
    _known(department)
    return [] if department.matters == matters else [e.MattersSet(matters=matters)]


def _known(department: Department) -> None:
    if department.name is None:
        raise NoSuchDepartment("there is no such department")
