"""What is kept on a person: erased by two people where nothing stands against it, else restricted (A-3, A-4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.kernel import Decider, Event, Forbidden, Refusal
from domain.subject import events as e
from domain.subject.retention import Matter, Schedule
from domain.subject.words import ErasureStatus
from domain.values import AgentId


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure somebody asked for, how far it has come, and who decided."""

    requested: e.ErasureRequested
    status: ErasureStatus = ErasureStatus.REQUESTED
    approved_by: AgentId | None = None
    confirmed_by: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What decisions need to know of a person: the last erasure, and whether nobody may read, or erase, what is kept.

    agent: the employee number of staff.
    """

    agent: AgentId | None = None
    erasure: Erasure | None = None
    restricted: bool = False
    held: bool = False

    @property
    def status(self) -> ErasureStatus | None:
        """How far the last erasure has come; None where nobody has asked for one."""
        return self.erasure.status if self.erasure else None


def evolve(subject: Subject, event: Event) -> Subject:
    """Fold one event into the state."""
    match event:
        case e.ErasureRequested():
            return replace(subject, agent=event.agent, erasure=Erasure(event))
        case e.ErasureApproved():
            return _with(subject, status=ErasureStatus.APPROVED, approved_by=event.by)
        case e.ErasureRejected():
            return _with(subject, status=ErasureStatus.REJECTED)
        case e.ErasureConfirmed():
            return _with(subject, status=ErasureStatus.CONFIRMED, confirmed_by=event.by)
        case e.Erased():
            return _with(subject, status=ErasureStatus.ERASED)
        case _:
            return _beside(subject, event)


def _with(subject: Subject, **changes: Any) -> Subject:
    return replace(subject, erasure=replace(subject.erasure, **changes)) if subject.erasure else subject


def _beside(subject: Subject, event: Event) -> Subject:
    match event:
        case e.Restricted():
            return replace(subject, agent=event.agent, restricted=True)
        case e.Released():
            return replace(subject, restricted=False)
        case e.Held():
            return replace(subject, agent=event.agent, held=True)
        case e.HoldLifted():
            return replace(subject, held=False)
        case _:
            return subject


SUBJECT = Decider("subject", Subject(), evolve)
_DONE = frozenset({ErasureStatus.CONFIRMED, ErasureStatus.ERASED})


# ---- refusals -------------------------------------------------------------------------------------------------------
class StillOpen(Refusal):
    """As long as a matter of the person goes on, nothing is erased."""

    code = "still_open"


class StillKept(Refusal):
    """What must be kept is not erased before its term is over."""

    code = "still_kept"


class OnHold(Refusal):
    """Under a legal hold nothing is erased."""

    code = "on_hold"


class NotRequested(Refusal):
    """Only an erasure that was asked for, and not yet decided, is approved or rejected."""

    code = "erasure_not_requested"


class NotApproved(Refusal):
    """Only an erasure that an auditor has approved is confirmed."""

    code = "erasure_not_approved"


class AlreadyErased(Refusal):
    """Of who is erased there is nothing left to restrict or to hold."""

    code = "already_erased"


class OtherPerson(Forbidden):
    """An erasure needs two people, neither of whom is erased by it."""

    code = "other_person"


# ---- erasing --------------------------------------------------------------------------------------------------------
def request(
    subject: Subject, requested: e.ErasureRequested, matters: Sequence[Matter], schedule: Schedule, today: date
) -> list[Event]:
    """A-3: ask for an erasure; nothing where one is under way or done.

    Raises OnHold, StillOpen, StillKept with what it waits for.
    """
    if subject.status not in {None, ErasureStatus.REJECTED}:
        return []
    _check_free(subject, matters, schedule, today)
    return [requested]


def approve(subject: Subject, by: AgentId, matters: Sequence[Matter], schedule: Schedule, today: date) -> list[Event]:
    """A-4: decide that it is to be done; a repeat is nothing.

    Raises NotRequested, OtherPerson, and what stands against it as `request` does.
    """
    if _approved_by(subject) == by:
        return []
    _check_requested(subject)
    _check_other(subject, by)
    _check_free(subject, matters, schedule, today)
    return [e.ErasureApproved(by=by)]


def reject(subject: Subject, rejected: e.ErasureRejected) -> list[Event]:
    """Decide that it is not to be done. Raises NotRequested, OtherPerson."""
    _check_requested(subject)
    _check_other(subject, rejected.by)
    return [rejected]


def confirm(subject: Subject, by: AgentId, matters: Sequence[Matter], schedule: Schedule, today: date) -> list[Event]:
    """A-4: agree as the second person; a repeat is nothing.

    Raises NotApproved, OtherPerson, and what stands against it as `request` does.
    """
    if subject.status in _DONE:
        return []
    approved_by = _approved_by(subject)
    if approved_by is None:
        raise NotApproved("no approved erasure waits for a second person: an auditor approves it first", rule="A-4")
    if approved_by == by:
        raise OtherPerson("you approved it: another person confirms", rule="A-4")
    _check_other(subject, by)
    _check_free(subject, matters, schedule, today)
    return [e.ErasureConfirmed(by=by)]


def complete(subject: Subject, events: int, matters: Sequence[Matter]) -> list[Event]:
    """Say that the key is destroyed, with which so many events were sealed; nothing where that is not to be said.

    What came in at the very time of the confirmation is not lost: as long as it goes on the key stays.
    """
    erasure = subject.erasure
    if erasure is None or erasure.status is not ErasureStatus.CONFIRMED or _going_on(matters):
        return []
    assert erasure.approved_by
    assert erasure.confirmed_by
    return [
        e.Erased(
            subject=erasure.requested.subject,
            agent=subject.agent,
            grounds=erasure.requested.grounds,
            requested_by=erasure.requested.by,
            approved_by=erasure.approved_by,
            confirmed_by=erasure.confirmed_by,
            events=events,
        )
    ]


def _approved_by(subject: Subject) -> AgentId | None:
    """Who approved the erasure that waits for a second person."""
    erasure = subject.erasure
    return erasure.approved_by if erasure and erasure.status is ErasureStatus.APPROVED else None


def _check_requested(subject: Subject) -> None:
    if subject.status is not ErasureStatus.REQUESTED:
        raise NotRequested("no erasure waits for a decision: ask for one first", rule="A-3")


def _check_other(subject: Subject, by: AgentId) -> None:
    if subject.agent == by:
        raise OtherPerson("it is you who would be erased: another person decides", rule="A-4")


def _check_free(subject: Subject, matters: Sequence[Matter], schedule: Schedule, today: date) -> None:
    if subject.held:
        raise OnHold("a legal hold stands against it: lift the hold first, or restrict instead", rule="A-3")
    if going_on := _going_on(matters):
        detail = f"{going_on.ref} goes on: {going_on.waits_for} first, or restrict instead"
        raise StillOpen(detail, rule="A-3")
    if kept := schedule.kept(matters, today):
        detail = f"{kept.matter.ref} is kept until {kept.until} ({kept.term.source}): ask then, or restrict instead"
        raise StillKept(detail, rule="A-3")


def _going_on(matters: Sequence[Matter]) -> Matter | None:
    return next((matter for matter in matters if matter.last_day is None), None)


# ---- restricting and holding ----------------------------------------------------------------------------------------
def restrict(subject: Subject, restricted: e.Restricted) -> list[Event]:
    """A-3: let nobody read what is kept; a repeat is nothing. Raises AlreadyErased."""
    _check_there(subject)
    return [] if subject.restricted else [restricted]


def release(subject: Subject, released: e.Released) -> list[Event]:
    """Lift the restriction; nothing where there is none. Raises AlreadyErased."""
    _check_there(subject)
    return [released] if subject.restricted else []


def hold(subject: Subject, held: e.Held) -> list[Event]:
    """Put a legal hold on what is kept; a repeat is nothing. Raises AlreadyErased."""
    _check_there(subject)
    return [] if subject.held else [held]


def lift_hold(subject: Subject, lifted: e.HoldLifted) -> list[Event]:
    """Lift the legal hold; nothing where there is none. Raises AlreadyErased."""
    _check_there(subject)
    return [lifted] if subject.held else []


def _check_there(subject: Subject) -> None:
    if subject.status in _DONE:
        raise AlreadyErased("the person has been erased: there is nothing left to keep", rule="A-3")
