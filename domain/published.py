"""Documents that two people put in force (A-4): one proposes, another publishes; what is published is never edited.

A kind of document (tariffs, payroll policies …) brings its class, three events and what is wrong with one; see
`domain/tariff/tariffs.py`. All of a kind stand in one short stream, its register. Shipped documents are in force
without an event: whoever decides names them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal, Unknown
from domain.values import AgentId, local_day


class Dated(Protocol):
    """What every document has: the version it is known by for ever, and the first local day on which it holds."""

    @property
    def version(self) -> str:
        """Its version."""

    @property
    def valid_from(self) -> date:
        """Its first day."""


D = TypeVar("D", bound=Dated)


# ---- events, of which each kind has its own -------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentProposed(Event, Generic[D]):
    """A version is laid before a second person."""

    document: D
    by: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPublished(Event):
    """Another person has put the version in force from its first day on."""

    of_version: str
    proposed_by: AgentId
    by: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWithdrawn(Event):
    """A proposal is taken back; its version is not given again."""

    of_version: str
    by: AgentId
    reason: str


def begun(document: Dated, at: datetime) -> bool:
    """Whether the first local day of a document has come by a moment."""
    return document.valid_from <= local_day(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[D]):
    """One kind of documents.

    faults: the paths of a document's fields and what is wrong with them. rivals: whether two documents take each
    other's place, so that they may not begin on the same day. begun: whether the first day of one has come.
    """

    name: str
    proposed: Callable[..., DocumentProposed[D]]
    published: Callable[..., DocumentPublished]
    withdrawn: Callable[..., DocumentWithdrawn]
    faults: Callable[[D], Iterable[tuple[str, str]]]
    rivals: Callable[[D, D], bool] = lambda _one, _other: True
    begun: Callable[[D, datetime], bool] = begun

    @property
    def decider(self) -> Decider["Register[D]"]:
        """How a register of this kind comes about."""
        empty: Register[D] = Register()
        return Decider(f"register of {self.name}", empty, evolve)


# ---- state ----------------------------------------------------------------------------------------------------------
class Status(StrEnum):
    """How far a version has come."""

    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry(Generic[D]):
    """A version and who did what with it; a shipped one nobody proposed."""

    document: D
    status: Status
    proposed_by: AgentId | None = None
    published_by: AgentId | None = None
    withdrawn_by: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Register(Generic[D]):
    """All versions of one kind, in the order in which they were proposed."""

    entries: tuple[Entry[D], ...] = ()

    def all(self, shipped: Sequence[D]) -> tuple[Entry[D], ...]:
        """The shipped versions, then the others."""
        return (*(Entry(document, Status.PUBLISHED) for document in shipped), *self.entries)

    def published(self, shipped: Sequence[D]) -> tuple[D, ...]:
        """Every version that is or will be in force, in the order of their first days."""
        found = [entry.document for entry in self.all(shipped) if entry.status is Status.PUBLISHED]
        return tuple(sorted(found, key=lambda document: document.valid_from))


def evolve(register: Register[D], event: Event) -> Register[D]:
    """Fold one event into the state."""
    match event:
        case DocumentProposed():
            return Register((*register.entries, Entry(event.document, Status.PROPOSED, event.by)))
        case DocumentPublished():
            return _with(register, event.of_version, status=Status.PUBLISHED, published_by=event.by)
        case DocumentWithdrawn():
            return _with(register, event.of_version, status=Status.WITHDRAWN, withdrawn_by=event.by)
        case _:
            return register


def _with(register: Register[D], version: str, **changes: Any) -> Register[D]:
    return Register(
        tuple(replace(entry, **changes) if entry.document.version == version else entry for entry in register.entries)
    )


# ---- refusals -------------------------------------------------------------------------------------------------------
class VersionGiven(Refusal):
    """A version is given once, for ever."""

    code = "version_given"


class FirstDayTaken(Refusal):
    """Two published versions do not begin on the same day."""

    code = "first_day_taken"


class ReachesBack(Refusal):
    """What is published begins on a later day: facts are judged once, by what was in force then."""

    code = "reaches_back"


class SecondPerson(Forbidden):
    """Another person than who proposed it publishes."""

    code = "second_person"


class NotProposed(Refusal):
    """Only an open proposal is published or withdrawn."""

    code = "not_proposed"


class NoSuchVersion(Unknown):
    """There is no such version."""


# ---- decisions ------------------------------------------------------------------------------------------------------
def propose(
    register: Register[D], kind: Kind[D], shipped: Sequence[D], document: D, by: AgentId, at: datetime
) -> list[Event]:
    """A-4: lay a version before a second person. Raises Malformed with the field, VersionGiven, FirstDayTaken."""
    for path, reason in kind.faults(document):
        raise Malformed(f"{path}: {reason}", pointer=f"/{path}")
    if kind.begun(document, at):
        detail = "valid_from has come already: name a day to come, for facts are judged once"
        raise Malformed(detail, rule="L-6", pointer="/valid_from")
    if any(entry.document.version == document.version for entry in register.all(shipped)):
        detail = f"there is a {kind.name} {document.version}: give this one another version"
        raise VersionGiven(detail, rule="A-4", pointer="/version")
    _check_first_day(register, kind, shipped, document)
    return [kind.proposed(document=document, by=by)]


def publish(
    register: Register[D], kind: Kind[D], shipped: Sequence[D], version: str, by: AgentId, at: datetime
) -> list[Event]:
    """A-4: put a proposed version in force, as another person than who proposed it.

    Raises NoSuchVersion, NotProposed, SecondPerson, ReachesBack, FirstDayTaken.
    """
    entry = _proposal(register, kind, shipped, version)
    if entry.proposed_by is None or entry.proposed_by == by:
        raise SecondPerson("you proposed it: another admin publishes it", rule="A-4")
    if kind.begun(entry.document, at):
        detail = (
            f"its first day {entry.document.valid_from} has come: withdraw it and propose it anew from a day to come"
        )
        raise ReachesBack(detail, rule="L-6")
    _check_first_day(register, kind, shipped, entry.document)
    return [kind.published(of_version=version, proposed_by=entry.proposed_by, by=by)]


def withdraw(
    register: Register[D], kind: Kind[D], shipped: Sequence[D], version: str, by: AgentId, reason: str
) -> list[Event]:
    """Take a proposal back; whoever may propose may. Raises NoSuchVersion, NotProposed."""
    _proposal(register, kind, shipped, version)
    return [kind.withdrawn(of_version=version, by=by, reason=reason)]


def _proposal(register: Register[D], kind: Kind[D], shipped: Sequence[D], version: str) -> Entry[D]:
    found = next((entry for entry in register.all(shipped) if entry.document.version == version), None)
    if found is None:
        raise NoSuchVersion(f"there is no {kind.name} {version}")
    if found.status is not Status.PROPOSED:
        detail = f"{kind.name} {version} is {found.status}: propose another version, from a later day on"
        raise NotProposed(detail, rule="A-4")
    return found


def _check_first_day(register: Register[D], kind: Kind[D], shipped: Sequence[D], document: D) -> None:
    for other in register.published(shipped):
        if other.valid_from == document.valid_from and kind.rivals(other, document):
            detail = f"{kind.name} {other.version} begins on {other.valid_from} too: choose another first day"
            raise FirstDayTaken(detail, rule="A-4", pointer="/valid_from")
