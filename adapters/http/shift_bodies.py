"""The request bodies and answers of shifts (S-1, S-5, S-6)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from adapters.http.answers import Answer
from adapters.http.fields import Body, Day, Id, Text, Time, Truth
from domain.shift.words import ShiftKind

People = Annotated[list[Id], Field(max_length=500)]


class ShiftBody(Body):
    """S-1: a shift as it is planned."""

    date: Day = Field(description="local day it belongs to", examples=["2026-03-05"])
    kind: ShiftKind = Field(description="early 早班, middle 中班 or late 晚班")
    team: Id | None = Field(None, description="id of the team")
    start: Time = Field(description="planned start", examples=["2026-03-05T16:00:00+08:00"])
    end: Time = Field(
        description="planned end, not included; at most 24 hours after start", examples=["2026-03-06T00:00:00+08:00"]
    )
    agents: People = Field(description="employee numbers of those rostered", examples=[["a1001", "a1002"]])
    supervisor: Id | None = Field(None, description="employee number of the supervisor on duty", examples=["s2001"])


class RosterBody(Body):
    """S-1: other times or another roster; what is left out stays as it is."""

    start: Time | None = Field(None, description="planned start")
    end: Time | None = Field(None, description="planned end, not included")
    agents: People | None = Field(None, description="employee numbers of all who are rostered")
    supervisor: Id | None = Field(None, description="employee number of the supervisor; null: none")
    reason: Text | None = Field(None, description="needed once the shift has begun")

    def facts(self) -> dict[str, Any]:
        """The fields that were given; only a supervisor can be given as null."""
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "supervisor"}


class AbsenceBody(Body):
    """S-5, S-6: somebody is not there."""

    agent: Id = Field(description="employee number")
    absenteeism: Truth = Field(
        False, description="absent without leave (旷工); always true for a swapped shift or its return (S-5)"
    )
    reason: Text | None = Field(None, description="why they are not there")


class PresenceBody(Body):
    """S-6: an absence is taken back."""

    agent: Id = Field(description="employee number")


class AttendanceBody(Body):
    """S-6: when somebody really came and went."""

    agent: Id = Field(description="employee number")
    began_at: Time = Field(description="when they began; at most 5 minutes ahead")
    ended_at: Time | None = Field(None, description="when they ended; without it the planned end counts")


class AbsenceShown(Answer, extra="forbid"):
    """Somebody who is not there."""

    agent: str = Field(description="employee number")
    absenteeism: bool = Field(description="absent without leave (旷工)")


class AttendanceShown(Answer, extra="forbid"):
    """When somebody really came and went."""

    agent: str = Field(description="employee number")
    began_at: datetime = Field(description="when they began")
    ended_at: datetime | None = Field(description="when they ended; null: the planned end counts")


class DutyShown(Answer, extra="forbid"):
    """Who is on duty together from when to when."""

    start: datetime = Field(description="from then on")
    end: datetime = Field(description="until before then")
    agents: list[str] = Field(description="agents on duty")
    supervisor: str | None = Field(description="supervisor on duty")


class SignedShown(Answer, extra="forbid"):
    """Who did something, and when."""

    by: str = Field(description="employee number")
    at: datetime = Field(description="when")


class CourseShown(Answer, extra="forbid"):
    """How far a shift has come (S-2); each is null until then."""

    started: SignedShown | None = Field(description="it began work")
    prepared: SignedShown | None = Field(description="its handover was prepared")
    accepted: SignedShown | None = Field(description="the next shift has accepted it")
    released: SignedShown | None = Field(description="a supervisor has let it end without acceptance")
    ended: SignedShown | None = Field(description="it is over")


class ReminderShown(Answer, extra="forbid"):
    """S-2: the handover of the shift before awaits its acceptance."""

    shift: str = Field(description="id of the shift before")
    prepared_at: datetime | None = Field(description="when its handover was prepared")


class ShiftItem(Answer, extra="forbid"):
    """A shift, as lists have it."""

    id: str = Field(description="its id")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event in the log")
    date: Day = Field(description="local day it belongs to")
    kind: ShiftKind = Field(description="early 早班, middle 中班 or late 晚班")
    team: str | None = Field(description="id of the team")
    start: datetime = Field(description="planned start")
    end: datetime = Field(description="planned end, not included")
    agents: list[str] = Field(description="employee numbers of those rostered, after swaps")
    supervisor: str | None = Field(description="employee number of the supervisor")
    absences: list[AbsenceShown] = Field(description="who is not there")
    attendance: list[AttendanceShown] = Field(description="actual times, as far as recorded")
    swapped: list[str] = Field(description="who works the shift by a swap or its return (S-5)")
    duties: list[DutyShown] = Field(description="who is on duty when: actual times, else planned; no absentees (S-6)")
    course: CourseShown = Field(description="how far it has come (S-2)")


class ShiftShown(ShiftItem):
    """A shift."""

    reminder: ReminderShown | None = Field(description="the handover that it has not accepted yet (S-2)")


class ShiftList(Answer):
    """A page of shifts."""

    items: list[ShiftItem] = Field(description="in the order of date and beginning")
    next: str | None = Field(description="`after` of the next page; null on the last")
