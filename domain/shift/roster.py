"""Who is to work a shift when, who came, who did not, and so who was on duty (S-1, S-5, S-6)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.kernel import Event
from domain.shift import events as e
from domain.values import AgentId
from domain.work.facts import Duty

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
        spans = [(self.start, self.end), *(self.present(agent) for agent in self.people)]
        return min(start for start, _ in spans), max(end for _, end in spans)

    def absence(self, agent: AgentId) -> Absence | None:
        """The absence of somebody, where one is recorded."""
        return next((absence for absence in self.absences if absence.agent == agent), None)

    def duty(self) -> tuple[Duty, ...]:
        """S-6: who is on duty from when to when, in the order of the times; never an absentee."""
        there: dict[Span, list[AgentId]] = defaultdict(list)
        for agent in self.people:
            if self.absence(agent) is None:
                there[self.present(agent)].append(agent)
        return tuple(self._duty(span, people) for span, people in sorted(there.items()))

    def present(self, agent: AgentId) -> Span:
        """From when to when somebody on it is there: actual times, else planned (S-6)."""
        came = next((one for one in self.attendance if one.agent == agent), None)
        return (came.began_at, came.ended_at or self.end) if came else (self.start, self.end)

    def _duty(self, span: Span, people: list[AgentId]) -> Duty:
        supervisor = self.supervisor if self.supervisor in people else None
        agents = tuple(agent for agent in people if agent in self.agents)
        return Duty(start=span[0], end=span[1], agents=agents, supervisor=supervisor)


# ---- how events change it -------------------------------------------------------------------------------------------
def changed(roster: Roster, event: Event) -> Roster:
    """The roster after an event of its shift."""
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
