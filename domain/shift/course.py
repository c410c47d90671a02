"""The course of a shift: it starts, people come on and off duty, it hands over, it ends (S-2, S-3)."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.kernel import Event, Forbidden, Malformed, Refusal
from domain.shift import events as e
from domain.shift.handover import Handover
from domain.shift.roster import Roster
from domain.shift.shift import NotSupervised, OwnDuty, Shift, attended, listed, record_attendance, roster_of
from domain.values import Actor, AgentId

NAMED = 10
"""How many items a refusal names."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the next shift says to the items of a handover.

    ticked: those taken as they stand; None: all that are not questioned. seen: the position at which the handover was
    read, where all else was ticked as it stood then.
    """

    ticked: Collection[str] | None = None
    seen: int | None = None


class NotYourShift(Forbidden):
    """A shift is run by those on its roster and by supervisors."""

    code = "not_your_shift"


class NotNextShift(Forbidden):
    """A handover is accepted by somebody of the next shift."""

    code = "not_next_shift"


class OwnHandover(Forbidden):
    """Nobody accepts the handover that they have prepared."""

    code = "own_handover"


class OwnShift(Forbidden):
    """Nobody releases a shift of their own."""

    code = "own_shift"


class NotStarted(Refusal):
    """What has not begun can neither be handed over nor end."""

    code = "shift_not_started"


class ShiftEnded(Refusal):
    """A shift that has ended is over."""

    code = "shift_ended"


class NotPrepared(Refusal):
    """A handover is prepared before it is accepted, and before the last shift of a day ends."""

    code = "handover_not_prepared"


class NotAccepted(Refusal):
    """A shift ends once the next one has accepted its handover, or a supervisor has released it."""

    code = "handover_not_accepted"


class AlreadyHandedOver(Refusal):
    """A handover that was accepted or released stays as it was."""

    code = "already_handed_over"


class NoSuchItem(Refusal):
    """The handover has no item of that name."""

    code = "no_such_item"


class ItemsUnmarked(Refusal):
    """Every item of a handover is ticked or questioned, as it stands now."""

    code = "items_unmarked"


# ---- starting, on and off duty --------------------------------------------------------------------------------------
def start(shift: Shift, started: e.Started, present: Iterable[AgentId], by: Actor) -> list[Event]:
    """S-2: begin work; a supervisor may say who is there, which records their attendance. Again is nothing.

    Raises NoSuchShift, NotYourShift, NotSupervised, ShiftEnded, and what `record_attendance` raises.
    """
    _run_by(shift, by)
    came = [e.AttendanceRecorded(agent=agent, began_at=started.at) for agent in present]
    if came:
        _check_supervises(by)
    if shift.course.ended:
        raise ShiftEnded("this shift has ended: plan another one", rule="S-2")
    there = [event for one in came for event in record_attendance(shift, one, by, started.at)]
    return there if shift.course.started else [started, *there]


def come_on_duty(shift: Shift, agent: AgentId, by: Actor, at: datetime) -> list[Event]:
    """S-6: somebody is there from now on. Of oneself only what makes the own duty longer is taken (L-0).

    Raises NoSuchShift, NotSupervised, NotOnRoster, OwnDuty, MarkedAbsent, Malformed.
    """
    return _attend(shift, e.AttendanceRecorded(agent=agent, began_at=at), by, at)


def go_off_duty(shift: Shift, agent: AgentId, by: Actor, at: datetime) -> list[Event]:
    """S-6: somebody is there no longer; see `come_on_duty`."""
    _check_speaks_of(shift, agent, by)
    began_at, _ = listed(shift, agent).present(agent)
    return _attend(shift, e.AttendanceRecorded(agent=agent, began_at=began_at, ended_at=at), by, at)


def _attend(shift: Shift, came: e.AttendanceRecorded, by: Actor, at: datetime) -> list[Event]:
    _check_speaks_of(shift, came.agent, by)
    if came.agent != by.id:
        return record_attendance(shift, came, by, at)
    roster = listed(shift, came.agent)
    began_at, ended_at = roster.present(came.agent)
    if came.began_at > began_at or (came.ended_at or roster.end) < ended_at:
        detail = "this makes your own duty shorter than it stands on the roster: let a supervisor record it"
        raise OwnDuty(detail, rule="L-0")
    return attended(shift, came)


# ---- handing over ---------------------------------------------------------------------------------------------------
def prepare(shift: Shift, prepared: e.HandoverPrepared, by: Actor) -> list[Event]:
    """S-3: go through what is handed over; may be repeated until it is accepted, the last notes hold.

    Raises NoSuchShift, NotYourShift, NotStarted, AlreadyHandedOver.
    """
    _run_by(shift, by)
    _check_started(shift)
    _check_not_frozen(shift)
    return [prepared]


def accept(shift: Shift, accepted: e.HandoverAccepted, marks: Marks, following: Shift | None, by: Actor) -> list[Event]:
    """S-2, S-3: take the shift's handover over, as somebody of the following one.

    Each item that they see is ticked or questioned.

    Raises NoSuchShift, NotNextShift, OwnHandover, Malformed, NotPrepared, AlreadyHandedOver, NoSuchItem, ItemsUnmarked.
    """
    roster_of(shift)
    _check_of_following(following, by)
    course = shift.course
    if course.prepared and course.prepared.by == by.id:
        raise OwnHandover("you have prepared this handover: somebody else of the next shift accepts it", rule="S-3")
    questioned = [question.item for question in accepted.questions]
    _check_once(marks, questioned)
    if course.accepted:
        raise AlreadyHandedOver(f"{course.accepted.by} has accepted this handover", rule="S-2")
    if not course.prepared and not course.released:
        raise NotPrepared("this handover is not prepared: the shift before prepares it first", rule="S-2")
    _check_items(accepted.handover, marks, questioned, by)
    return [accepted]


def release(shift: Shift, released: e.Released, by: Actor) -> list[Event]:
    """S-2: let the shift end without acceptance; its handover is frozen as it stands and can be accepted later.

    Raises NoSuchShift, OwnShift, NotStarted, ShiftEnded, AlreadyHandedOver.
    """
    roster = roster_of(shift)
    if by.id in roster.people:
        raise OwnShift("you are on this shift yourself: another supervisor releases it", rule="L-0")
    _check_started(shift)
    if shift.course.ended:
        raise ShiftEnded("this shift has ended: there is nothing left to release", rule="S-2")
    _check_not_frozen(shift)
    return [released]


def end(shift: Shift, ended: e.Ended, following: Shift | None, by: Actor) -> list[Event]:
    """S-2: end the shift. following: the next one of the team, None where none is planned. Again is nothing.

    Raises NoSuchShift, NotYourShift, NotStarted, NotAccepted, NotPrepared.
    """
    roster = _run_by(shift, by)
    _check_started(shift)
    if shift.course.ended:
        return []
    if shift.course.upto is None:
        _check_may_end(shift, _follows_at_once(roster, following))
    return [ended]


def _follows_at_once(roster: Roster, following: Shift | None) -> bool:
    return following is not None and roster_of(following).start <= roster.end


def _check_may_end(shift: Shift, followed: bool) -> None:  # noqa: FBT001  the one thing that it depends on
    if followed:
        detail = "the next shift has not accepted the handover: have it accepted, or released by a supervisor"
        raise NotAccepted(detail, rule="S-2")
    if shift.course.prepared is None:
        raise NotPrepared("prepare the handover first: the next shift accepts it when it comes", rule="S-2")


# ---- what a request alone shows, and what persons may not -----------------------------------------------------------
def _run_by(shift: Shift, by: Actor) -> Roster:
    roster = roster_of(shift)
    if by.id not in roster.people and not (by.supervises or by.deputy):
        raise NotYourShift("you are not on this shift: somebody who is, or a supervisor, does that", rule="S-2")
    return roster


def _check_speaks_of(shift: Shift, agent: AgentId, by: Actor) -> None:
    """Of others a supervisor says when they were there; who on a roster is whom is asked afterwards."""
    roster_of(shift)
    if agent != by.id:
        _check_supervises(by)


def _check_supervises(by: Actor) -> None:
    if not (by.supervises or by.deputy):
        raise NotSupervised("who was there when is recorded by a supervisor", rule="S-6")


def _check_of_following(following: Shift | None, by: Actor) -> None:
    if following is None:
        raise NotAccepted("no later shift of this team is planned: plan it, so that somebody takes over", rule="S-2")
    roster = roster_of(following)
    if by.id not in roster.people or roster.absence(by.id):
        raise NotNextShift("you are not on the next shift: somebody who is accepts the handover", rule="S-2")


def _check_once(marks: Marks, questioned: Collection[str]) -> None:
    for item, times in Counter([*(marks.ticked or ()), *questioned]).items():
        if times > 1:
            raise Malformed(f"{item} is marked twice: tick it or question it", rule="S-3", pointer="/questioned")


# ---- what the state forbids -----------------------------------------------------------------------------------------
def _check_started(shift: Shift) -> None:
    if shift.course.started is None:
        raise NotStarted("this shift has not started: start it first", rule="S-2")


def _check_not_frozen(shift: Shift) -> None:
    if shift.course.upto is not None:
        raise AlreadyHandedOver("this handover was accepted or released, and stays as it was", rule="S-3")


def _check_items(handover: Handover, marks: Marks, questioned: Collection[str], by: Actor) -> None:
    if unknown := sorted({*(marks.ticked or ()), *questioned} - {*handover.items}):
        detail = f"this handover has no item {unknown[0]}: load it again"
        raise NoSuchItem(detail, rule="S-3", pointer="/ticked" if unknown[0] in (marks.ticked or ()) else "/questioned")
    if unmarked := sorted(_unmarked(handover.for_eyes_of(by), marks) - {*questioned}):
        named = ", ".join(unmarked[:NAMED]) + (", …" if len(unmarked) > NAMED else "")
        raise ItemsUnmarked(f"tick or question, as they stand now: {named}", rule="S-3", pointer="/ticked")


def _unmarked(handover: Handover, marks: Marks) -> set[str]:
    """Without `ticked` what was seen is ticked as it stood then: what has changed since is not."""
    if marks.ticked is not None:
        return {*handover.items} - {*marks.ticked}
    return set() if marks.seen is None else set(handover.changed_since(marks.seen))
