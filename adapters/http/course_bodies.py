"""The request bodies and answers of a shift's course: starting, handing over, taking over, ending (S-2, S-3)."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from adapters.http.answers import Answer
from adapters.http.fields import Body, Day, Id, Line, Text
from adapters.http.shift_bodies import People
from domain.case.words import Status
from domain.shift.words import NoticeKind, ShiftKind, StepKind
from domain.work.words import ConductKind, PhoneTestShift

Items = Annotated[list[Line], Field(max_length=100_000)]


class StartBody(Body):
    """S-2: the shift begins."""

    on_duty: People = Field([], description="who is there, by a supervisor; for others the planned times hold")


class DutyBody(Body):
    """S-6: somebody comes on or goes off duty now."""

    agent: Id | None = Field(None, description="employee number; without it the caller")


class PreparationBody(Body):
    """S-3: the handover is prepared."""

    notes: Text | None = Field(None, description="free notes for the next shift")


class QuestionBody(Body):
    """An item that is not taken as it stands."""

    item: Line = Field(description="the item", examples=["case:2026-000123"])
    words: Text = Field(description="what is unclear")


class AcceptanceBody(Body):
    """S-3: every item is ticked or questioned."""

    ticked: Items | None = Field(None, description="items taken as they stand; without it all that are not questioned")
    questioned: list[QuestionBody] = Field([], max_length=1_000, description="items that are not, each with words")
    seen: int | None = Field(
        None,
        ge=0,
        le=2**63 - 1,
        description="`upto` of the handover as you read it: without `ticked`, what has changed since is refused",
    )


class ReleaseBody(Body):
    """S-2: the shift may end without acceptance."""

    reason: Text = Field(description="why")


class _Shown(Answer, extra="forbid"):
    """Nothing stands in it that is not declared."""


class SignedShown(_Shown):
    """Who did something, and when."""

    by: str = Field(description="employee number")
    name: str | None = Field(description="name; `[erased]` of who has been erased")
    at: datetime = Field(description="when")


class StepShown(_Shown):
    """What happened to a case."""

    position: int = Field(description="position in the log")
    at: datetime = Field(description="when it was recorded")
    kind: StepKind = Field(description="what happened")
    case: str = Field(description="id of the case")
    number: str = Field(description="its number")
    opens: int = Field(description="what it adds to the number of open cases: 1, 0 or -1")


class TermShown(_Shown):
    """A clock that runs."""

    clock: str = Field(description="its name", examples=["promise"])
    number: int = Field(description="which of that name, from 1")
    due_at: datetime = Field(description="when it is due")


class GrantShown(_Shown):
    """What was granted and is not carried out (C-7)."""

    demand: int = Field(description="number of the demand")
    due: date | None = Field(description="last day for it")


class CaseLineShown(_Shown):
    """A case that is open, or in which something granted is not carried out."""

    item: str = Field(description="what it is ticked by")
    case: str = Field(description="id of the case")
    number: str = Field(description="its number")
    changed: int = Field(description="position of its last event")
    status: Status = Field(description="step")
    handler: str | None = Field(description="employee number of the handler")
    next_action: str | None = Field(description="the command that leads on, as in next-steps")
    due_at: datetime | None = Field(description="the earliest time by which something is owed and is not waiting")
    on_site: bool = Field(description="the guest is still at the table (C-17)")
    paused: bool = Field(description="waits for somebody outside")
    terms: list[TermShown] = Field(description="the clocks that run, promises and escalations among them")
    escalations: list[int] = Field(description="numbers of escalations without an answer (C-6)")
    grants: list[GrantShown] = Field(description="what is granted and not carried out (C-7)")
    message_at: datetime | None = Field(description="when the customer left a message nobody has called back to")


class PhoneTestShown(_Shown):
    """A test of the telephone line that the day owes (W-4)."""

    item: str = Field(description="what it is ticked by")
    shift: PhoneTestShift = Field(description="which shift makes it")
    at: datetime | None = Field(description="when; null: it is missing")
    ok: bool | None = Field(description="whether the line was in order")


class PhoneFaultShown(_Shown):
    """A fault of the telephone line (W-4)."""

    item: str = Field(description="what it is ticked by")
    fact: str = Field(description="id of the fact")
    at: datetime = Field(description="when")
    found_in_time: bool = Field(description="whether it was found in time")


class MissedCallShown(_Shown):
    """A call nobody took (W-5)."""

    item: str = Field(description="what it is ticked by")
    fact: str = Field(description="id of the fact")
    at: datetime = Field(description="when")


class ConductShown(_Shown):
    """A report about an agent's conduct (W-6); agents see those about themselves."""

    item: str = Field(description="what it is ticked by")
    fact: str = Field(description="id of the fact")
    agent: str = Field(description="employee number")
    at: datetime = Field(description="when")
    code: ConductKind = Field(description="what it is about")


class NoticeShown(_Shown):
    """Something new about a merchant."""

    item: str = Field(description="what it is ticked by")
    position: int = Field(description="position in the log")
    merchant: str = Field(description="id of the merchant")
    kind: NoticeKind = Field(description="what is new")
    from_day: date | None = Field(description="from which local day on")


class QuestionShown(_Shown):
    """An item that the next shift has questioned."""

    item: str = Field(description="the item")
    words: str = Field(description="what is unclear; `***` where masked")


class HandoverShown(_Shown):
    """What a shift hands over (S-3)."""

    shift: str = Field(description="id of the shift")
    version: int = Field(description="the shift's version, as in the ETag")
    date: Day = Field(description="local day of the shift")
    kind: ShiftKind = Field(description="early 早班, middle 中班 or late 晚班")
    team: str | None = Field(description="id of the team; null: of all teams")
    start: datetime = Field(description="planned start")
    end: datetime = Field(description="planned end")
    frozen: bool = Field(description="it was accepted or released, and stays as it is")
    after: int = Field(description="what is recorded behind this position is told")
    upto: int = Field(description="up to this one")
    head: str | None = Field(
        description="the newest signed head of the log, to be held elsewhere (A-1), once it covers `upto`; "
        "it is no part of what is frozen"
    )
    until: datetime = Field(description="the end of the coming shift")
    prepared: SignedShown | None = Field(description="who has prepared it")
    accepted: SignedShown | None = Field(description="who has accepted it")
    released: SignedShown | None = Field(description="which supervisor has let the shift end without acceptance")
    reason: str | None = Field(description="why it was released; `***` where masked")
    notes: str | None = Field(description="free notes; `***` where masked")
    questions: list[QuestionShown] = Field(description="what the next shift has questioned; all else is ticked")
    open_at_start: int = Field(description="cases open at the start")
    open_at_end: int = Field(description="cases open at the end")
    counts: dict[StepKind, int] = Field(description="how often each kind of step was taken")
    steps: list[StepShown] = Field(description="what happened to cases")
    cases: list[CaseLineShown] = Field(description="open cases and open grants, the most urgent first")
    due: list[str] = Field(description="items of cases in which something falls due in the coming shift, or is overdue")
    callbacks: list[str] = Field(description="items of cases whose customer is to be called back (C-8)")
    granted: list[str] = Field(description="items of cases with something granted and not carried out (C-7)")
    escalated: list[str] = Field(description="items of cases with an escalation without an answer (C-6)")
    messages: list[str] = Field(description="items of cases with a message nobody has called back to")
    phone_tests: list[PhoneTestShown] = Field(description="tests of the telephone line, missing ones too (W-4)")
    phone_faults: list[PhoneFaultShown] = Field(description="faults of the telephone line (W-4)")
    missed_calls: list[MissedCallShown] = Field(description="calls nobody took (W-5)")
    conduct: list[ConductShown] = Field(description="conduct reports (W-6)")
    notices: list[NoticeShown] = Field(description="new merchants, changed offers")
    names: dict[str, str | None] = Field(description="the names of the agents in it, by employee number")
