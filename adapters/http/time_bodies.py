"""The request bodies and answers of deadline policies and business calendars: the shapes of their documents (A-4)."""

from datetime import date
from typing import Annotated, Any

import msgspec
from pydantic import ConfigDict, Field, ModelWrapValidatorHandler, model_validator

from adapters.http.answers import Answer
from adapters.http.fields import Body, Day, Id, Line, Reference, Truth
from adapters.http.parts import Parts
from adapters.http.published_bodies import Percent, PublishedShown, either_form, fields_of
from application import calendars, deadline_policies
from application.calendars import writing as calendar_writing
from application.deadline_policies import writing as policy_writing
from application.documents import BadDocument, read
from domain.agent.words import Rank
from domain.case.words import Channel, ClockKind, ComplaintType, CustomerClass, Severity
from domain.kernel import Malformed
from domain.published import Entry, Status
from domain.time.calendar import Calendar
from domain.time.deadlines import DeadlinePolicy, Only
from domain.time.events import BusinessCalendar
from domain.time.terms import Ending

Within = Annotated[str, Field(min_length=1, max_length=40, examples=["2 working hours", "3 working days", "8 weeks"])]
"""A time as it is written: 2 working hours, 0.5 working days, 24 hours, 30 days, 8 weeks, 1 month."""
Topics = Annotated[list[Reference], Field(max_length=20, examples=[["case.received"]])]
Hours = Annotated[str, Field(min_length=1, max_length=200, examples=["09:00-12:00, 13:00-18:00"])]


# ---- deadline policies ----------------------------------------------------------------------------------------------
class TargetBody(Body):
    """How long a clock runs, and for which cases; what is not named fits all."""

    within: Within = Field(description="the time")
    severities: list[Severity] = Field([], description="of which severity; until analysed ordinary")
    classes: list[CustomerClass] = Field([], description="of which customers")
    types: list[ComplaintType] = Field([], description="about what")
    teams: list[Id] = Field([], max_length=100, description="of which teams")


class ClockBody(Body):
    """A clock; without targets the event that starts it names the time."""

    name: Id = Field(description="what it is called", examples=["resolve"])
    rule: Line = Field(description="the rule it stands for")
    starts: Topics = Field(description="topics of the events that start it")
    stops: Topics = Field(description="topics of those that stop it, with a verdict")
    voids: Topics = Field([], description="topics of those that end it without one")
    targets: Annotated[list[TargetBody], Field(max_length=100)] = Field([], description="the first that fits holds")
    only: Only = Field(Only.ALL, description="of which cases it is")
    ending: Ending = Field(Ending.SAME_HOUR, description="when on its last day a term of days ends")
    first_day_counts: Truth = Field(False, description="whether the day of the start is the first")
    pausable: Truth = Field(False, description="whether waiting keeps it still")
    extended_as: Id | None = Field(None, description="the term whose extension puts it off")
    at_most: Within | None = Field(None, description="how far it can be put off, from the start")


class RungBody(Body):
    """A rung of the ladder (D-3d)."""

    after: Within = Field(description="how long after the breach, in hours or minutes")
    rank: Rank = Field(description="who is told, or who stands in")


class SourceBody(Body):
    """Where the times were read."""

    title: Line = Field(description="what it is called")
    url: Line = Field(description="where it stands")
    read_on: Day = Field(description="on which day it was read")
    notice: Line = Field(description="what it is not", examples=["not legal advice"])


class PolicyFields(Body):
    """A deadline policy in the shape of its document (D-3, D-3a); either a calendar or a time zone."""

    version: Id = Field(description="what it is known by for ever", examples=["default-2"])
    name: Id = Field(description="its later versions have the same", examples=["default"])
    kind: ClockKind = Field(description="internal, or regulatory with its source")
    valid_from: Day = Field(description="first day of receipt, which lies ahead")
    clocks: Annotated[list[ClockBody], Field(min_length=1, max_length=50)] = Field(description="its clocks")
    calendar: Id | None = Field(None, description="version of a published business calendar")
    time_zone: Line | None = Field(None, description="an IANA name, where no working time is counted")
    recomputed_by: Topics = Field([], description="topics after which running clocks are computed anew")
    warn_percent: Percent = Field(80, description="after which part of the time the handler is warned (D-4)")
    ladder: Annotated[list[RungBody], Field(max_length=20)] = Field([], description="who is told after a breach")
    teams: list[Id] = Field([], max_length=100, description="for which teams; none: for all")
    channels: list[Channel] = Field([], description="for which channels; none: for all")
    source: SourceBody | None = Field(None, description="where its times were read; a regulatory one has it")


class PolicyBody(PolicyFields):
    """A deadline policy in the shape of its document, or that document as `{"yaml": "…"}`."""

    model_config = ConfigDict(json_schema_extra=either_form)

    @model_validator(mode="wrap")
    @classmethod
    def _of_either_form(cls, sent: Any, handler: ModelWrapValidatorHandler["PolicyBody"]) -> "PolicyBody":
        return handler(fields_of(sent, lambda document: document.convert(deadline_policies.PolicyForm)))


class DeadlinePolicyShown(PublishedShown):
    """A deadline policy and who put it in force."""

    of: str = Field(description="`deadlines`", examples=["deadlines"])
    document: PolicyFields = Field(description="the policy")


async def policy_of(parts: Parts, body: PolicyBody) -> DeadlinePolicy:
    """The policy meant, on a published calendar. Raises Malformed; versions of packs are given for ever too."""
    if body.version in deadline_policies.shipped_versions():
        raise Malformed(f"{body.version} ships with the service: give yours another version", pointer="/version")
    known = {document.version: document.calendar for document in await parts.calendars.published()}
    try:
        return deadline_policies.parse(read("policy", _text(body)), known.get)
    except BadDocument as bad:
        raise _malformed(bad) from bad


def shown_policy(entry: Entry[DeadlinePolicy]) -> dict[str, Any]:
    """An entry in the shapes of the API."""
    return {**_shown(entry), "of": "deadlines", "document": policy_writing.written(entry.document)}


# ---- calendars ------------------------------------------------------------------------------------------------------
class HolidayBody(Body):
    """Closed days: one, or those from one to another; or the public holidays of a country, with make-up days."""

    day: Day | None = Field(None, description="the day")
    to: Day | None = Field(None, description="the last of several")
    name: Line | None = Field(None, description="what it is called")
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(None, description="its public holidays")
    subdivision: Reference | None = Field(None, description="a part of the country")
    years: Reference | None = Field(None, description="of which years", examples=["2026-2027"])
    make_up_days: Truth = Field(True, description="whether its make-up working days are worked")


class WorkingDayBody(Body):
    """A make-up working day: its own hours, or those of the weekday named, or of the first that is worked."""

    day: Day = Field(description="the day")
    name: Line | None = Field(None, description="what it is called")
    hours: Hours | None = Field(None, description="its own hours")
    like: Id | None = Field(None, description="the weekday whose hours it has", examples=["friday"])


class CalendarFields(Body):
    """A business calendar in the shape of its document (`redress calendar schema`)."""

    version: Id = Field(description="what it is known by for ever", examples=["office-2"])
    time_zone: Line = Field(description="an IANA name", examples=["Asia/Shanghai"])
    week: dict[Id, Hours] = Field(description="weekdays and their hours; a day not named is closed")
    valid_from: Day | None = Field(None, description="the first day on which policies may count on it; lies ahead")
    holidays: Annotated[list[HolidayBody], Field(max_length=1_000)] = Field([], description="closed days")
    working_days: Annotated[list[WorkingDayBody], Field(max_length=1_000)] = Field([], description="make-up days")
    special_hours: dict[date, Hours] = Field({}, description="single days with hours of their own, or `closed`")


class CalendarBody(CalendarFields):
    """A calendar in the shape of its document, or that document as `{"yaml": "…"}`."""

    model_config = ConfigDict(json_schema_extra=either_form)

    @model_validator(mode="wrap")
    @classmethod
    def _of_either_form(cls, sent: Any, handler: ModelWrapValidatorHandler["CalendarBody"]) -> "CalendarBody":
        return handler(fields_of(sent, lambda document: calendar_writing.written(calendars.parse(document))))


class CalendarShown(PublishedShown):
    """A business calendar and who put it in force."""

    document: CalendarFields = Field(description="the calendar, every day that differs by its date")


class CalendarList(Answer):
    """A page of business calendars."""

    items: list[CalendarShown] = Field(description="the shipped ones first, then in the order of proposal")
    next: str | None = Field(description="`after` of the next page; null on the last")


async def calendar_of(_: Parts, body: CalendarBody) -> BusinessCalendar:
    """The calendar meant. Raises Malformed."""
    return BusinessCalendar(calendar=_calendar(body))


def _calendar(body: CalendarBody) -> Calendar:
    try:
        return calendars.parse(read("calendar", _text(body)))
    except BadDocument as bad:
        raise _malformed(bad) from bad


def shown_calendar(entry: Entry[BusinessCalendar]) -> dict[str, Any]:
    """An entry in the shapes of the API."""
    return {**_shown(entry), "document": calendar_writing.written(entry.document.calendar)}


# ---- both -----------------------------------------------------------------------------------------------------------
def _text(body: Body) -> str:
    """The body as the document it has the shape of: JSON is YAML."""
    return msgspec.json.encode(body.model_dump(mode="json", exclude_none=True)).decode()


def _malformed(bad: BadDocument) -> Malformed:
    return Malformed(str(bad), pointer="/" + "/".join(map(str, bad.path)))


def _shown(entry: Entry[Any]) -> dict[str, Any]:
    status: Status = entry.status
    return {
        "id": entry.document.version,
        "status": status,
        "proposed_by": entry.proposed_by,
        "published_by": entry.published_by,
        "withdrawn_by": entry.withdrawn_by,
    }
