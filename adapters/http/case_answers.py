"""The shapes of what is read of cases, for OpenAPI. Personal data stands open, as `***` where masked, or `[erased]`."""

from typing import Any

from pydantic import BaseModel, Field

from domain.case import words as w


class Part(BaseModel):
    """One thing that happened: who, when, and the event's own data (see the event's schema)."""

    model_config = {"extra": "allow"}

    by: str = Field(description="employee number of who did it")
    at: str = Field(description="when it was recorded, UTC")


class CustomerShown(BaseModel):
    """Who complains."""

    subject: str = Field(description="random id of the person; paths under /subjects and /customers take it")
    customer_class: w.CustomerClass = Field(description="class as known at receipt (C-9)")
    name: str | None = Field(None, description="name")
    card_no: str | None = Field(None, description="member card number")
    phone: str | None = Field(None, description="telephone number")
    email: str | None = Field(None, description="mail address")


class DemandShown(BaseModel):
    """One demand and what became of it."""

    number: int = Field(description="counted from 1")
    text: str = Field(description="what is demanded")
    decision: w.Decision | None = Field(None, description="the answer, once resolved")
    reason: str | None = Field(None, description="the reason told")
    due: str | None = Field(None, description="day by which the grant is carried out")
    fulfilled: bool | None = Field(None, description="whether the grant was carried out; null where nothing was granted")


class CaseShown(BaseModel):
    """A whole case. Parts that have not happened are null or empty; what the source lacks is null."""

    model_config = {"extra": "allow"}

    id: str = Field(description="id of the case")
    number: str = Field(description="the number the customer is told")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event in the log")
    status: w.Status = Field(description="how far the case has come")
    acknowledged: bool = Field(description="the customer knows it is on record (C-1a)")
    paused: bool = Field(description="waits for somebody outside (C-11)")
    escalated: bool = Field(description="an escalation awaits its answer (C-6)")
    overdue: bool = Field(description="something promised for a time has passed")
    valid: bool | None = Field(description="valid complaint (C-5); null until analysed")
    on_site: bool = Field(description="the guest is still at the table (C-17)")
    owner: str | None = Field(description="who received it and stays accountable (C-2)")
    handler: str | None = Field(description="who has the work now")
    team: str | None = Field(description="the handler's team")
    channel: w.Channel = Field(description="where it came in")
    policy: str = Field(description="version of the case policy it follows")
    received_at: str = Field(description="when it came in, UTC")
    day_only: bool = Field(description="only the day of receipt is known")
    customer: CustomerShown = Field(description="who complains")
    narrative: str | None = Field(description="what happened")
    demands: list[DemandShown] = Field(description="each demand with its answer")
    merged_into: str | None = Field(description="the case in which this one goes on")
    acknowledgement: Part | None = Field(None, description="C-1a")
    clarification: Part | None = Field(None, description="C-3")
    investigation: Part | None = Field(None, description="C-4")
    analysis: Part | None = Field(None, description="C-5, the one in force")
    proposal: Part | None = Field(None, description="C-7, the last one")
    answer_review: Part | None = Field(None, description="C-16, the last one")
    resolution: Part | None = Field(None, description="C-7, the last one")
    summary: Part | None = Field(None, description="C-10")
    closing: Part | None = Field(None, description="C-10, C-12")
    withdrawal: Part | None = Field(None, description="C-11")
    escalations: list[Part] = Field([], description="C-6, each with its answer")
    callbacks: list[Part] = Field([], description="C-8")
    reopenings: list[Part] = Field([], description="C-8, C-11")
    promises: list[Part] = Field([], description="C-11")
    contacts: list[Part] = Field([], description="C-11")
    notes: list[Part] = Field([], description="C-11, C-14")
    evidence: list[Part] = Field([], description="C-11")
    links: list[Part] = Field([], description="C-11")


class HistoryItem(BaseModel):
    """One event of a case as it is stored, with what is sealed opened or masked."""

    position: int = Field(description="place in the one order of the log")
    version: int = Field(description="place in the case, from 1")
    type: str = Field(description="the stored topic", examples=["case.received"])
    at: str = Field(description="when it was recorded, UTC")
    actor: str = Field(description="employee number of who did it")
    data: dict[str, Any] = Field(description="what happened")


class History(BaseModel):
    """A page of a case's history, oldest first."""

    items: list[HistoryItem] = Field(description="the events")
    next: str | None = Field(description="`after` of the next page; null on the last")


class NextStepShown(BaseModel):
    """A command, and whether you may give it now."""

    command: str = Field(description="the command", examples=["clarification"])
    href: str = Field(description="where to POST it")
    allowed: bool = Field(description="whether state, rules and your role admit it now")
    code: str | None = Field(None, description="what would refuse it")
    rule: str | None = Field(None, description="the rule that refuses it")
    detail: str | None = Field(None, description="what to do instead")


class NextSteps(BaseModel):
    """Every command on a case."""

    items: list[NextStepShown] = Field(description="every command")


class CaseRow(BaseModel):
    """A case in a list."""

    model_config = {"extra": "allow"}

    id: str = Field(description="id of the case")
    number: str = Field(description="the number the customer is told")
    version: int = Field(description="number of events")
    status: w.Status = Field(description="how far it has come")
    received_at: str = Field(description="when it came in, UTC")


class CaseList(BaseModel):
    """A page of cases."""

    items: list[CaseRow] = Field(description="open on-site cases first, then the newest")
    next: str | None = Field(description="`after` of the next page; null on the last")
