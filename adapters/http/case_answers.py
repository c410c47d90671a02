"""The shapes of what is read of cases, for OpenAPI. Personal data stands open, as `***` where masked, or `[erased]`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import GenericAlias, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field, create_model

from adapters.http import case_bodies as b
from adapters.http.answers import Answer
from adapters.http.shift_bodies import ReminderShown
from application.sealing import shown_name
from domain.case import events as e
from domain.case import words as w
from domain.kernel import Event
from domain.values import Private

_SAID: Mapping[str, str] = {
    "cause": "what brought the case back",
    "closed_at": "when it was closed",
    "concession": "on which grounds something was granted",
    "courtesies_missing": "courtesies nobody recorded (C-12); null where they are unknown",
    "day": "local day of the call",
    "ends_step": "whether nothing more is owed by telephone (C-8)",
    "evidence": "the piece of evidence",
    "faults": "faults of agents",
    "field": "JSON pointer of the text",
    "from_status": "where the case stood",
    "handler": "who has the work from then on",
    "hits": "forbidden phrases sent all the same (C-13)",
    "kind": "how they belong together",
    "number": "counted from 1 within the case",
    "options": "the options",
    "owner": "who stays accountable",
    "phrase": "the phrase of the list",
    "resolved_at": "when it was resolved",
    "review": "id of the case of the second stage",
    "supervised": "whether a supervisor investigated",
    "team": "the handler's team",
    "temperament": "性格四色, internal",
    "to_status": "where the case went on",
    "withdrawn_at": "when the customer wished no further work",
}
"""What fields say that no request body has."""


class Part(Answer, extra="forbid"):
    """One thing that happened."""

    by: str = Field(description="employee number of who did it")
    at: datetime = Field(description="when it was recorded, UTC")


def _shape(name: str, kind: type, body: type[BaseModel] | None, base: type[BaseModel], **more: Any) -> type[BaseModel]:
    """The model of an event's or a value's fields, described as in the request body that it came from."""
    said = {field: info.description for field, info in body.model_fields.items()} if body else {}
    hints = get_type_hints(kind)
    made: dict[str, Any] = {
        shown_name(field): (_shown(hints[field.name]), Field(description=said.get(field.name) or _SAID[field.name]))
        for field in fields(kind)
        if field.name not in {*base.model_fields, *more}
    }
    return create_model(name, __base__=base, __doc__=kind.__doc__, **{**made, **more})


def _shown(hint: Any) -> Any:
    """The type of what `reveal` makes of a field."""
    if get_origin(hint) in {Union, UnionType}:
        return Union[tuple(_shown(kind) for kind in get_args(hint))]  # noqa: UP007  made of a tuple
    if get_origin(hint) is tuple:
        return GenericAlias(list, (_shown(get_args(hint)[0]),))
    if hint is Private:
        return str
    return _VALUES[hint] if is_dataclass(hint) else hint


class Shown(Answer, extra="forbid"):
    """A value within a part."""


_VALUES: dict[Any, Any] = {NoneType: NoneType}
for _name, _value, _values_body in (
    ("WarnedShown", e.Hit, None),
    ("FaultShown", e.Fault, b.FaultBody),
    ("EvidenceShown", e.Evidence, b.EvidenceBody),
    ("BillItemShown", e.BillItem, b.BillItemBody),
    ("BillShown", e.Bill, b.BillBody),
    ("ScenarioShown", e.Scenario, b.ScenarioBody),
    ("OptionShown", e.Option, b.OptionBody),
    ("DemandAnswerShown", e.Answer, b.DemandAnswerBody),
):
    _at = {"at": (int, Field(description="offset in the text, in characters from 0"))} if _value is e.Hit else {}
    _VALUES[_value] = _shape(_name, _value, _values_body, Shown, **_at)


def _part(kind: type[Event], body: type[BaseModel] | None = None, **more: Any) -> Any:
    return _shape(f"{kind.__name__}Shown", kind, body, Part, **more)


EscalationAnsweredShown = _part(e.EscalationAnswered, b.EscalationAnswerBody)
_LATEST = {
    "acknowledgement": _part(e.Acknowledged, b.AcknowledgementBody),
    "clarification": _part(e.Clarified, b.ClarificationBody),
    "investigation": _part(e.Investigated, b.InvestigationBody),
    "analysis": _part(e.Analysed, b.AnalysisBody),
    "proposal": _part(e.SolutionProposed, b.ProposalBody),
    "answer_review": _part(e.AnswerReviewed, b.AnswerReviewBody),
    "resolution": _part(e.Resolved, b.ResolutionBody),
    "summary": _part(e.Summarised, b.SummaryBody),
    "closing": _part(e.Closed),
    "withdrawal": _part(e.Withdrawn, b.ReasonBody),
    "review_request": _part(e.ReviewRequested, b.ReasonBody),
}
_LISTED = {
    "escalations": _part(
        e.Escalated,
        b.EscalationBody,
        answer=(EscalationAnsweredShown | None, Field(None, description="its answer, once there is one")),
    ),
    "callbacks": _part(e.CallbackDone, b.CallbackBody),
    "reopenings": _part(e.Reopened, b.ReasonBody),
    "assignments": _part(e.Reassigned, b.ReasonBody),
    "pauses": _part(
        e.Paused,
        b.PauseBody,
        until=(datetime | None, Field(None, description="when it ended, where somebody ended it")),
    ),
    "extensions": _part(e.DeadlineExtended, b.ExtensionBody),
    "promises": _part(e.PromiseMade, b.PromiseBody),
    "contacts": _part(e.CustomerContacted, b.ContactBody),
    "interim_replies": _part(e.InterimReplySent, b.InterimReplyBody),
    "notes": _part(e.Noted, b.NoteBody),
    "evidence": _shape("EvidenceAttachedShown", e.Evidence, b.EvidenceBody, Part),
    "links": _part(e.Linked, b.LinkBody),
    "fulfilments": _part(e.Fulfilled, b.FulfilmentBody),
}


class CustomerShown(Answer, extra="forbid"):
    """Who complains."""

    subject: str = Field(description="random id of the person; paths under /customers take it")
    customer_class: w.CustomerClass | None = Field(None, description="class as known at receipt (C-9); null: unknown")
    name: str | None = Field(description="name")
    card_no: str | None = Field(description="member card number")
    phone: str | None = Field(description="telephone number")
    email: str | None = Field(description="mail address")


class DemandShown(Answer, extra="forbid"):
    """One demand and what became of it."""

    number: int = Field(description="counted from 1")
    text: str = Field(description="what is demanded")
    decision: w.Decision | None = Field(description="the answer, once resolved")
    reason: str | None = Field(description="the reason told")
    due: str | None = Field(description="day by which the grant is carried out")
    fulfilled: bool | None = Field(description="whether the grant was carried out; null where nothing was granted")


class SecondStageShown(Answer, extra="forbid"):
    """Of which case this one is the review (C-15)."""

    of: str = Field(description="id of the case whose answer is reviewed")
    barred: list[str] = Field(description="who decided it, and may not work on this one")


class _CaseHead(Answer, extra="forbid"):
    """What is known of a case beside the things that happened."""

    id: str = Field(description="id of the case")
    number: str = Field(description="the number the customer is told")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event in the log")
    last_at: datetime = Field(description="when its last event was recorded")
    status: w.Status = Field(description="how far the case has come")
    acknowledged: bool = Field(description="the customer knows it is on record (C-1a)")
    paused: bool = Field(description="waits for somebody outside (C-11)")
    escalated: bool = Field(description="an escalation awaits its answer (C-6)")
    overdue: bool = Field(description="a clock has run out, or a grant is due, and is not done")
    due_at: datetime | None = Field(description="when the first clock that does not wait, or a grant, is due")
    valid: bool | None = Field(description="valid complaint (C-5); null until analysed")
    on_site: bool = Field(description="the guest is still at the table (C-17)")
    owner: str | None = Field(description="who received it and stays accountable (C-2)")
    handler: str | None = Field(description="who has the work now")
    team: str | None = Field(description="the handler's team")
    channel: w.Channel = Field(description="where it came in")
    policy: str = Field(description="version of the case policy it follows")
    received_at: datetime = Field(description="when it came in, UTC")
    day_only: bool = Field(description="only the day of receipt is known")
    received_by: str = Field(description="who put it on record")
    first_team: str | None = Field(description="the team that received it")
    first_handler: str | None = Field(description="who had the work first")
    customer: CustomerShown = Field(description="who complains")
    narrative: str | None = Field(description="what happened")
    happened_at: datetime | None = Field(description="when it happened")
    place: str | None = Field(description="where it happened")
    demands: list[DemandShown] = Field(description="each demand with its answer")
    merchant: str | None = Field(description="id of the merchant concerned")
    order_ref: str | None = Field(description="service order concerned")
    external_ref: str | None = Field(description="number of the complaint in another system")
    source: str | None = Field(description="where an imported case comes from")
    source_record: str | None = Field(description="the row it was imported from")
    apology_given: bool = Field(description="an apology was made at receipt (C-12)")
    courtesies: list[w.Courtesy] = Field(description="courtesies said so far (C-12)")
    second_stage: SecondStageShown | None = Field(description="of which case it is the review (C-15)")
    barred: list[str] = Field(description="who may not work on it (C-15)")
    review: str | None = Field(description="the case in which its answer is reviewed")
    merged_into: str | None = Field(description="the case in which this one goes on")


def _parts() -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, kind in _LATEST.items():
        parts[name] = (kind | None, Field(description=f"the last {name}; null until then"))
    for name, kind in _LISTED.items():
        parts[name] = (GenericAlias(list, (kind,)), Field([], description=f"all {name}, in order"))
    return parts


CaseShown = create_model(
    "CaseShown",
    __base__=_CaseHead,
    __doc__="A whole case. Parts that have not happened are null or empty; what the source lacks is null.",
    **_parts(),
)


class HistoryItem(Answer, extra="forbid"):
    """One event of a case as it is stored, with what is sealed opened or masked."""

    position: int = Field(description="place in the one order of the log")
    version: int = Field(description="the case's version then; what is recorded of its clocks does not move it")
    type: str = Field(description="the stored topic", examples=["case.received"])
    at: datetime = Field(description="when it was recorded, UTC")
    actor: str = Field(description="employee number of who did it")
    data: dict[str, Any] = Field(description="what happened: the event's own fields")


class History(Answer):
    """A page of a case's history, oldest first."""

    items: list[HistoryItem] = Field(description="the events")
    next: str | None = Field(description="`after` of the next page; null on the last")


class NextStepShown(Answer, extra="forbid"):
    """A command, and whether you may give it now."""

    command: str = Field(description="the command", examples=["clarification"])
    href: str = Field(description="where to POST it")
    allowed: bool = Field(description="whether state, rules and your role admit it now")
    code: str | None = Field(None, description="what would refuse it")
    rule: str | None = Field(None, description="the rule that refuses it")
    detail: str | None = Field(None, description="what to do instead")


class NextSteps(Answer):
    """Every command on a case."""

    items: list[NextStepShown] = Field(description="every command")
    reminder: ReminderShown | None = Field(description="a handover that the shift you work has not accepted (S-2)")


class CustomerInList(Answer, extra="forbid"):
    """Who complains, masked where the reader's role does not open it."""

    name: str | None = Field(description="name")
    phone: str | None = Field(description="telephone number")
    card_no: str | None = Field(description="member card number")


class CaseRow(Answer, extra="forbid"):
    """A case in a list."""

    id: str = Field(description="id of the case")
    number: str = Field(description="the number the customer is told")
    version: int = Field(description="number of events")
    position: int = Field(description="position of its last event in the log")
    last_at: datetime = Field(description="when its last event was recorded")
    status: w.Status = Field(description="how far it has come")
    stage: int = Field(description="2 for the review of an answer (C-15)")
    policy: str = Field(description="version of the case policy it follows")
    subject: str = Field(description="random id of the customer")
    channel: w.Channel = Field(description="where it came in")
    customer_class: w.CustomerClass | None = Field(None, description="class of the customer as known at receipt (C-9)")
    received_at: datetime = Field(description="when it came in, UTC")
    day_only: bool = Field(description="only the day of receipt is known")
    demands: int = Field(description="how many demands there are")
    on_site: bool = Field(description="the guest is still at the table (C-17)")
    acknowledged: bool = Field(description="the customer knows it is on record (C-1a)")
    paused: bool = Field(description="waits for somebody outside (C-11)")
    escalated: bool = Field(description="an escalation awaits its answer (C-6)")
    overdue: bool = Field(description="a clock has run out, or a grant is due, and is not done")
    due_at: datetime | None = Field(description="when the first clock that does not wait, or a grant, is due")
    valid: bool | None = Field(description="valid complaint (C-5); null until analysed")
    owner: str | None = Field(description="who received it and stays accountable (C-2)")
    handler: str | None = Field(description="who has the work now")
    team: str | None = Field(description="the handler's team")
    severity: w.Severity | None = Field(description="how grave it is (C-5)")
    type: w.ComplaintType | None = Field(description="what it is about (C-3)")
    attribution: w.Attribution | None = Field(description="to whom the trouble is due (C-5)")
    merchant: str | None = Field(description="id of the merchant concerned")
    merged_into: str | None = Field(description="the case in which this one goes on")
    external_ref: str | None = Field(description="number of the complaint in another system")
    order_ref: str | None = Field(description="service order concerned")
    customer: CustomerInList = Field(description="who complains")
    place: str | None = Field(description="where it happened")
    narrative: str | None = Field(description="what happened")


class CaseList(Answer):
    """A page of cases."""

    items: list[CaseRow] = Field(description="open on-site cases first, then the newest")
    next: str | None = Field(description="`after` of the next page; null on the last")
