"""The events of a shift (班次). Stored for ever; reasons are sealed."""

from datetime import date, datetime

from domain.kernel import Event, event
from domain.shift.words import ShiftKind
from domain.values import AgentId, Private


@event("shift.planned")
class Planned(Event):
    """S-1: a shift is planned: when, by whom, and under which supervisor; `date` is the local day it belongs to."""

    date: date
    kind: ShiftKind
    team: str | None = None
    start: datetime
    end: datetime
    agents: tuple[AgentId, ...]
    supervisor: AgentId | None = None


@event("shift.replanned")
class Replanned(Event):
    """S-1: times and roster are these from now on; `reason` where the shift had begun. Sealed to who corrects."""

    start: datetime
    end: datetime
    agents: tuple[AgentId, ...]
    supervisor: AgentId | None = None
    reason: Private | None = None


@event("shift.absence_recorded")
class AbsenceRecorded(Event):
    """S-5, S-6: somebody on the roster is not there; absenteeism (旷工) or leave. Sealed to the absentee."""

    agent: AgentId
    absenteeism: bool
    reason: Private | None = None


@event("shift.absence_cleared")
class AbsenceCleared(Event):
    """S-6: the absence was recorded wrongly, or ended before it began."""

    agent: AgentId


@event("shift.attendance_recorded")
class AttendanceRecorded(Event):
    """S-6: when somebody really came and went; `ended_at` None: the planned end holds."""

    agent: AgentId
    began_at: datetime
    ended_at: datetime | None = None


@event("shift.agent_swapped")
class AgentSwapped(Event):
    """S-5: by a granted swap (its id) or its return, `to` works this shift in place of `away`."""

    away: AgentId
    to: AgentId
    swap: str
