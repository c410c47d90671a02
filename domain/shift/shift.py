"""A shift: who is to work when, who came, who did not, and so who was on duty (S-1, S-5, S-6)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal, Unknown
from domain.shift import events as e
from domain.shift.words import ShiftKind
from domain.values import CLOCK_SKEW, DEFAULT_ZONE, Actor, AgentId
from domain.work.facts import Duty

LONGEST = timedelta(hours=24)
"""How long one shift lasts at most."""
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Absence:
    """Who is not there, and whether that is absenteeism (旷工)."""

    agent: AgentId
    absenteeism: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """When somebody really came and went; `ended_at` None: the planned end holds."""

    agent: AgentId
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Roster:
    """Times and people of a shift; `swapped` names those who work it by a swap or its return (S-5)."""

    start: datetime
    end: datetime
    agents: tuple[AgentId, ...]
    supervisor: AgentId | None
    absences: tuple[Absence, ...]
    attendance: tuple[Attendance, ...]
    swapped: tuple[AgentId, ...]

    @property
    def people(self) -> tuple[AgentId, ...]:
        """Everybody on it, the supervisor last."""
        return tuple(dict.fromkeys((*self.agents, *((self.supervisor,) if self.supervisor else ()))))

    @property
    def span(self) -> Span:
        """From the earliest beginning to the latest end, planned or actual."""
        spans = [(self.start, self.end), *(self._present(agent) for agent in self.people)]
        return min(start for start, _ in spans), max(end for _, end in spans)

    def absence(self, agent: AgentId) -> Absence | None:
        """The absence of somebody, where one is recorded."""
        return next((absence for absence in self.absences if absence.agent == agent), None)

    def duty(self) -> tuple[Duty, ...]:
        """S-6: who is on duty from when to when, in the order of the times; never an absentee."""
        there: dict[Span, list[AgentId]] = defaultdict(list)
        for agent in self.people:
            if self.absence(agent) is None:
                there[self._present(agent)].append(agent)
        return tuple(self._duty(span, people) for span, people in sorted(there.items()))

    def _present(self, agent: AgentId) -> Span:
        came = next((one for one in self.attendance if one.agent == agent), None)
        return (came.began_at, came.ended_at or self.end) if came else (self.start, self.end)

    def _duty(self, span: Span, people: list[AgentId]) -> Duty:
        supervisor = self.supervisor if self.supervisor in people else None
        agents = tuple(agent for agent in people if agent in self.agents)
        return Duty(start=span[0], end=span[1], agents=agents, supervisor=supervisor)


@dataclass(frozen=True, slots=True)
class Shift:
    """What decisions need to know of a shift: the local day it belongs to, …; `roster` is None before it is planned."""

    day: date | None = None
    kind: ShiftKind | None = None
    team: str | None = None
    roster: Roster | None = None

    def duty(self) -> tuple[Duty, ...]:
        """S-6: who is on duty when, see Roster.duty; to be asked by `domain.work.facts.on_duty`."""
        return self.roster.duty() if self.roster else ()


def evolve(shift: Shift, event: Event) -> Shift:
    """Fold one event into the state."""
    if isinstance(event, e.Planned):
        roster = Roster(event.start, event.end, event.agents, event.supervisor, (), (), ())
        return Shift(event.date, event.kind, event.team, roster)
    return replace(shift, roster=_evolved(shift.roster, event)) if shift.roster else shift


def _evolved(roster: Roster, event: Event) -> Roster:
    match event:
        case e.Replanned():
            planned = replace(
                roster, start=event.start, end=event.end, agents=event.agents, supervisor=event.supervisor
            )
            return _only(planned, planned.people)
        case e.AbsenceRecorded():
            # who is absent has not attended: what was recorded of that was wrong
            absence = Absence(event.agent, event.absenteeism)
            others = _without(roster, event.agent)
            return replace(others, absences=(*others.absences, absence))
        case e.AbsenceCleared():
            return _without(roster, event.agent)
        case e.AttendanceRecorded():
            came = Attendance(event.agent, event.began_at, event.ended_at)
            others = _without(roster, event.agent)
            return replace(others, attendance=(*others.attendance, came))
        case e.AgentSwapped():
            return _swapped(roster, event)
        case _:
            return roster


def _only(roster: Roster, people: Iterable[AgentId]) -> Roster:
    """The roster with what is known of these people alone."""
    kept = frozenset(people)
    return replace(
        roster,
        absences=tuple(one for one in roster.absences if one.agent in kept),
        attendance=tuple(one for one in roster.attendance if one.agent in kept),
        swapped=tuple(agent for agent in roster.swapped if agent in kept),
    )


def _without(roster: Roster, agent: AgentId) -> Roster:
    """The roster without absence and attendance of somebody."""
    return replace(
        roster,
        absences=tuple(one for one in roster.absences if one.agent != agent),
        attendance=tuple(one for one in roster.attendance if one.agent != agent),
    )


def _swapped(roster: Roster, event: e.AgentSwapped) -> Roster:
    agents = tuple(event.to if agent == event.away else agent for agent in roster.agents)
    left = replace(roster, agents=agents, swapped=(*roster.swapped, event.to))
    return _only(left, left.people)


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


class NotSupervised(Forbidden):
    """A shift that has begun is corrected by a supervisor."""

    code = "not_supervised"


class OwnDuty(Forbidden):
    """Nobody decides whether they themselves were on duty in a shift that has begun."""

    code = "own_duty"


def plan(shift: Shift, planned: e.Planned) -> list[Event]:
    """S-1: plan a shift, also one that has begun. Raises Malformed for times or a roster that cannot be meant."""
    if shift.roster is not None:
        raise AlreadyPlanned("this shift is planned: change its roster", rule="S-1")
    _check_times(planned.start, planned.end)
    _check_date(planned)
    _check_once(planned.agents)
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


def record_absence(shift: Shift, absence: e.AbsenceRecorded, by: Actor, at: datetime) -> list[Event]:
    """S-5, S-6: somebody is not there; who works the shift by a swap is then an absentee (旷工), leave or not.

    Raises NoSuchShift, NotOnRoster, OwnDuty.
    """
    roster = listed(shift, absence.agent)
    _check_not_own(roster, absence.agent, by, at)
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

    Raises NoSuchShift, Malformed, NotOnRoster, OwnDuty, MarkedAbsent.
    """
    roster = roster_of(shift)
    _check_attended(roster, came, at)
    listed(shift, came.agent)
    _check_not_own(roster, came.agent, by, at)
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
    begins_on = planned.start.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
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
    if agent == by.id and roster.span[0] <= at:
        detail = "this is about your own duty in a shift that has begun: let another supervisor or an admin record it"
        raise OwnDuty(detail, rule="L-0")
