"""The events of a shift (班次). Stored for ever; reasons, notes and questions are sealed."""

from dataclasses import dataclass
from datetime import date, datetime

from domain.kernel import Event, event
from domain.shift.handover import Handover
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


# ---- a shift's course (S-2) -----------------------------------------------------------------------------------------
@event("shift.started")
class Started(Event):
    """S-2: the shift has begun work; its handover tells what is recorded behind the position `after`."""

    by: AgentId
    at: datetime
    after: int


@event("shift.handover_prepared")
class HandoverPrepared(Event):
    """S-2, S-3: who hands over has gone through everything and adds free notes, which are sealed to them."""

    by: AgentId
    at: datetime
    notes: Private | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An item that the next shift does not take as it stands. Sealed to who asks."""

    item: str
    words: Private


@event("shift.handover_accepted")
class HandoverAccepted(Event):
    """S-2, S-3: somebody of the next shift has taken it over, as it stood then; what is not questioned is ticked."""

    by: AgentId
    at: datetime
    next_shift: str
    handover: Handover
    questions: tuple[Question, ...]


@event("shift.released")
class Released(Event):
    """S-2: a supervisor lets the shift end without the next one's acceptance. Sealed to the supervisor."""

    by: AgentId
    at: datetime
    reason: Private
    handover: Handover


@event("shift.ended")
class Ended(Event):
    """S-2: the shift is over; what is handed over stands in its acceptance, or is still to be accepted."""

    by: AgentId
    at: datetime
