"""A shift: who is to work when, who came, who did not, and so who was on duty (S-1, S-5, S-6)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal, Unknown
from domain.shift import events as e
from domain.shift.handover import Handover
from domain.shift.roster import Attendance, Roster, changed
from domain.shift.words import ShiftKind
from domain.values import CLOCK_SKEW, Actor, AgentId, local_day
from domain.work.facts import Duty

LONGEST = timedelta(hours=24)
"""How long one shift lasts at most."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did something, and when."""

    by: AgentId
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """How far a shift has come (S-2): each is None until then.

    after: the position behind which its handover begins. upto: where it ends, once it is frozen.
    """

    started: Signed | None = None
    prepared: Signed | None = None
    accepted: Signed | None = None
    released: Signed | None = None
    ended: Signed | None = None
    after: int = 0
    upto: int | None = None

    @property
    def awaits(self) -> bool:
        """Whether a handover is there that nobody has accepted."""
        return self.accepted is None and (self.prepared is not None or self.released is not None)


@dataclass(frozen=True, slots=True)
class Shift:
    """What decisions need to know of a shift: the local day it belongs to, …; `roster` is None before it is planned.

    handover: as it was frozen, if it was.
    """

    day: date | None = None
    kind: ShiftKind | None = None
    team: str | None = None
    roster: Roster | None = None
    course: Course = Course()
    handover: Handover | None = None

    def duty(self) -> tuple[Duty, ...]:
        """S-6: who is on duty when, see Roster.duty; to be asked by `domain.work.facts.on_duty`."""
        return self.roster.duty() if self.roster else ()


def evolve(shift: Shift, event: Event) -> Shift:
    """Fold one event into the state."""
    if isinstance(event, e.Planned):
        roster = Roster(event.start, event.end, event.agents, event.supervisor, (), (), ())
        return Shift(event.date, event.kind, event.team, roster)
    if shift.roster is None:
        return shift
    handover = event.handover if isinstance(event, e.HandoverAccepted | e.Released) else shift.handover
    return replace(shift, roster=changed(shift.roster, event), course=_run(shift.course, event), handover=handover)


def _run(course: Course, event: Event) -> Course:
    match event:
        case e.Started():
            return replace(course, started=Signed(event.by, event.at), after=event.after)
        case e.HandoverPrepared():
            return replace(course, prepared=Signed(event.by, event.at))
        case e.HandoverAccepted():
            return replace(course, accepted=Signed(event.by, event.at), upto=event.handover.upto)
        case e.Released():
            return replace(course, released=Signed(event.by, event.at), upto=event.handover.upto)
        case e.Ended():
            return replace(course, ended=Signed(event.by, event.at))
        case _:
            return course


SHIFT = Decider("shift", Shift(), evolve)


class AlreadyPlanned(Refusal):
    """A shift is planned once; later its roster is changed."""

    code = "already_planned"


class NoSuchShift(Unknown):
    """There is no shift with this id."""


class NotOnRoster(Refusal):
    """Absence, attendance and swaps are of people on the shift's roster."""

    code = "not_on_roster"


class OnRoster(Refusal):
    """Nobody takes the same shift twice."""

    code = "on_roster"


class MarkedAbsent(Refusal):
    """Who is recorded absent from the shift has no hours in it."""

    code = "marked_absent"


class ReasonNeeded(Refusal):
    """A shift that has begun is corrected with a reason only."""

    code = "reason_needed"


class PublicHoliday(Refusal):
    """On public holidays those rostered neither swap nor take leave."""

    code = "public_holiday"


class NotSupervised(Forbidden):
    """A shift that has begun is corrected by a supervisor."""

    code = "not_supervised"


class OwnDuty(Forbidden):
    """Nobody decides whether they themselves were on duty in a shift that has begun."""

    code = "own_duty"


def plan(shift: Shift, planned: e.Planned) -> list[Event]:
    """S-1: plan a shift, also one that has begun. Raises Malformed for what cannot be meant, AlreadyPlanned."""
    _check_times(planned.start, planned.end)
    _check_date(planned)
    _check_once(planned.agents)
    if shift.roster is not None:
        raise AlreadyPlanned("this shift is planned: change its roster", rule="S-1")
    return [planned]


def replan(shift: Shift, replanned: e.Replanned, by: Actor, at: datetime) -> list[Event]:
    """S-1: change times and roster; once the shift has begun as a correction, by a supervisor, with a reason.

    Raises NoSuchShift, Malformed, NotSupervised, OwnDuty, ReasonNeeded.
    """
    roster = roster_of(shift)
    begun = roster.span[0] <= at
    if begun and not (by.supervises or by.deputy):
        raise NotSupervised("this shift has begun: a supervisor corrects it", rule="S-6")
    _check_times(replanned.start, replanned.end)
    _check_once(replanned.agents)
    if _same(roster, replanned):
        return []
    if begun:
        _check_correction(shift, replanned, by)
    return [replanned]


def record_absence(
    shift: Shift, absence: e.AbsenceRecorded, by: Actor, at: datetime, *, holiday: bool = False
) -> list[Event]:
    """S-5, S-6: somebody is not there; who works the shift by a swap is then an absentee (旷工), leave or not.

    holiday: the shift is on a public holiday, where leave is refused. Raises NoSuchShift, NotOnRoster, OwnDuty,
    PublicHoliday.
    """
    roster = listed(shift, absence.agent)
    _check_not_own(roster, absence.agent, by, at)
    if holiday and not absence.absenteeism:
        detail = "nobody rostered takes leave on a public holiday: change the roster first, or record absenteeism"
        raise PublicHoliday(detail, rule="S-5", pointer="/absenteeism")
    known = roster.absence(absence.agent)
    absenteeism = absence.absenteeism or absence.agent in roster.swapped
    if known is not None and known.absenteeism is absenteeism and absence.reason is None:
        return []
    return [replace(absence, absenteeism=absenteeism)]


def clear_absence(shift: Shift, agent: AgentId, by: Actor, at: datetime) -> list[Event]:
    """S-6: take an absence back; where there is none that is nothing. Raises NoSuchShift, NotOnRoster, OwnDuty."""
    roster = listed(shift, agent)
    _check_not_own(roster, agent, by, at)
    return [e.AbsenceCleared(agent=agent)] if roster.absence(agent) else []


def record_attendance(shift: Shift, came: e.AttendanceRecorded, by: Actor, at: datetime) -> list[Event]:
    """S-6: record when somebody really came and went; a later record replaces the former.

    Raises NoSuchShift, OwnDuty, Malformed, NotOnRoster, MarkedAbsent.
    """
    roster = roster_of(shift)
    _check_not_own(roster, came.agent, by, at)
    _check_attended(roster, came, at)
    return attended(shift, came)


def attended(shift: Shift, came: e.AttendanceRecorded) -> list[Event]:
    """S-6: when somebody came and went, whoever says so. Raises NoSuchShift, NotOnRoster, MarkedAbsent."""
    roster = listed(shift, came.agent)
    if roster.absence(came.agent) is not None:
        detail = f"{came.agent} is recorded absent from this shift: take the absence back first"
        raise MarkedAbsent(detail, rule="S-6", pointer="/agent")
    known = Attendance(came.agent, came.began_at, came.ended_at) in roster.attendance
    return [] if known else [came]


def swap_agent(shift: Shift, away: AgentId, to: AgentId, swap: str) -> list[Event]:
    """S-5: let `to` work in place of `away`, by a swap that was granted. Raises NoSuchShift, NotOnRoster, OnRoster."""
    roster = roster_of(shift)
    if away not in roster.agents:
        raise NotOnRoster(f"{away} is not among the agents of this shift", rule="S-5")
    if to in roster.people:
        raise OnRoster(f"{to} works this shift already: swap with somebody else", rule="S-5")
    return [e.AgentSwapped(away=away, to=to, swap=swap)]


# ---- what a request alone shows -------------------------------------------------------------------------------------
def _check_times(start: datetime, end: datetime) -> None:
    if end <= start:
        detail = "end does not lie after start: a shift over midnight ends on the next day"
        raise Malformed(detail, rule="S-1", pointer="/end")
    if end - start > LONGEST:
        raise Malformed("end lies more than 24 hours after start: plan two shifts", rule="S-1", pointer="/end")


def _check_date(planned: e.Planned) -> None:
    """Within a day, because what begins after midnight may belong to the day before."""
    begins_on = local_day(planned.start)
    if abs(begins_on - planned.date) > timedelta(days=1):
        detail = f"date lies more than a day from start, which is on {begins_on}: correct one of them"
        raise Malformed(detail, rule="S-1", pointer="/date")


def _check_once(agents: tuple[AgentId, ...]) -> None:
    for number, agent in enumerate(agents):
        if agent in agents[:number]:
            raise Malformed(f"{agent} stands on the roster twice", rule="S-1", pointer=f"/agents/{number}")


def _check_attended(roster: Roster, came: e.AttendanceRecorded, at: datetime) -> None:
    for name, moment in (("began_at", came.began_at), ("ended_at", came.ended_at)):
        if moment is not None and moment > at + CLOCK_SKEW:
            detail = f"{name} lies in the future: record it when it has happened"
            raise Malformed(detail, rule="S-6", pointer=f"/{name}")
    if (came.ended_at or roster.end) <= came.began_at:
        detail = "ended_at does not lie after began_at; without it the planned end counts, which must lie after it"
        raise Malformed(detail, rule="S-6", pointer="/ended_at")


# ---- what the state forbids -----------------------------------------------------------------------------------------
def roster_of(shift: Shift) -> Roster:
    """The roster of a shift. Raises NoSuchShift."""
    if shift.roster is None:
        raise NoSuchShift("there is no such shift")
    return shift.roster


def listed(shift: Shift, agent: AgentId) -> Roster:
    """The roster of a shift, where somebody is on it. Raises NoSuchShift, NotOnRoster."""
    roster = roster_of(shift)
    if agent not in roster.people:
        raise NotOnRoster(f"{agent} is not on this shift: change its roster first", rule="S-6", pointer="/agent")
    return roster


def _same(roster: Roster, replanned: e.Replanned) -> bool:
    planned = (roster.start, roster.end, roster.agents, roster.supervisor)
    return planned == (replanned.start, replanned.end, replanned.agents, replanned.supervisor)


def _check_correction(shift: Shift, replanned: e.Replanned, by: Actor) -> None:
    before, after = shift.duty(), evolve(shift, replanned).duty()
    if list(_hours(before, by.id)) != list(_hours(after, by.id)):
        raise OwnDuty("this changes when you were on duty yourself: let another supervisor do it", rule="L-0")
    if replanned.reason is None:
        detail = "this shift has begun: give the reason of the correction"
        raise ReasonNeeded(detail, rule="S-6", pointer="/reason")


def _hours(duties: Iterable[Duty], agent: AgentId) -> Iterator[tuple[datetime, datetime, bool]]:
    for duty in duties:
        if agent in duty.agents or agent == duty.supervisor:
            yield duty.start, duty.end, agent == duty.supervisor


def _check_not_own(roster: Roster, agent: AgentId, by: Actor, at: datetime) -> None:
    if agent == by.id and agent in roster.people and roster.span[0] <= at:
        detail = "this is about your own duty in a shift that has begun: let another supervisor or an admin record it"
        raise OwnDuty(detail, rule="L-0")
