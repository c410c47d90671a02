"""The request bodies of commands on cases (contract part 3). Field names are the contract's; rule ids in the texts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from adapters.http.fields import Body, Day, Fen, Id, Line, Number, Reference, Text, Time, Truth, Word
from domain.case import words as w

Many = Field(max_length=100)
AtLeastOne = Field(min_length=1, max_length=100)


class CustomerBody(Body):
    """Who complains (C-1)."""

    name: Line = Field(description="name", examples=["王小明"])
    card_no: Line | None = Field(None, description="member card number; the same card is the same person")
    phone: Line | None = Field(None, description="telephone number", examples=["13812345678"])
    email: Line | None = Field(None, description="mail address")
    customer_class: w.CustomerClass | None = Field(
        None, description="class as known at receipt (C-9); default ordinary"
    )


class ReceiptBody(Body):
    """C-1, C-2, C-17: a complaint as it came in."""

    channel: w.Channel = Field(description="where it came in")
    received_at: Time | None = Field(None, description="when; default now; at most 5 minutes ahead")
    on_site: Truth = Field(False, description="the guest is still at the table (C-17)")
    customer: CustomerBody = Field(description="who complains")
    narrative: Text = Field(description="what happened, in the customer's words", examples=["账单没有打折"])
    happened_at: Time | None = Field(None, description="when it happened; at most 5 minutes ahead")
    place: Line | None = Field(None, description="where it happened")
    demands: Annotated[list[Text], AtLeastOne] = Field(
        description="each demand (诉求) as an item of its own; they are numbered from 1", examples=[["退还差价"]]
    )
    merchant: Reference | None = Field(None, description="id of the merchant concerned")
    order_ref: Reference | None = Field(None, description="service order concerned")
    external_ref: Reference | None = Field(None, description="number of the complaint in another system")
    apology_given: Truth = Field(False, description="the first of the six courtesies was said (C-12)")


class AcknowledgementBody(Body):
    """C-1a: the customer is told."""

    answer_by: Time | None = Field(None, description="when the customer will hear back; lies ahead")
    channel: w.Channel | None = Field(None, description="how the customer was told")


class ClarificationBody(Body):
    """C-3: the facts as 5W1H."""

    what: Text = Field(description="what happened")
    when: Text = Field(description="when, in words")
    where: Text = Field(description="where")
    who: Text = Field(description="who was concerned")
    why: Text = Field(description="why, as the customer sees it")
    how: Text = Field(description="how it came about")
    type: w.ComplaintType = Field(description="what the complaint is about")
    dimension: w.Dimension = Field(description="the dimension of service that failed")
    cause: w.Cause | None = Field(None, description="why the customer is dissatisfied")
    confirmed_by_customer: Truth = Field(
        description="read back to the customer and confirmed; must be true", examples=[True]
    )


class EvidenceBody(Body):
    """A piece of evidence (C-4, C-11)."""

    kind: Word = Field(description="kind, such as photo, recording, bill")
    ref: Line = Field(description="where it is kept")
    note: Text | None = Field(None, description="a word about it")


class BillItemBody(Body):
    """One line of the bill."""

    text: Line = Field(description="what was charged", examples=["清蒸鲈鱼"])
    amount_fen: Annotated[int, Field(ge=-(10**12), le=10**12, strict=True)] = Field(description="amount in whole fen")
    discountable: Truth = Field(description="whether the discount applies to it")


class BillBody(Body):
    """The bill itemised (C-4)."""

    items: Annotated[list[BillItemBody], AtLeastOne] = Field(description="its lines")
    minimum_spend_met: Truth = Field(description="whether the minimum spend was met")


class InvestigationBody(Body):
    """C-4: findings with evidence; of type price with the bill or the reason why it cannot be had."""

    findings: Text = Field(description="what was checked, with whom, the result")
    evidence: Annotated[list[EvidenceBody], Many] = Field(description="what was looked at; may be empty")
    bill: BillBody | None = Field(None, description="the bill, for type price")
    bill_unavailable: Text | None = Field(None, description="why the bill cannot be had")


class FaultBody(Body):
    """A fault of an agent (C-5)."""

    agent: Id = Field(description="employee number")
    fault: w.FaultKind = Field(description="what was done wrong; all but media_exposure only with attribution company")
    ref: Reference | None = Field(None, description="tells it from other faults of the same kind, such as an exposure")
    grave: Truth = Field(False, description="a grave exposure, which opens a dismissal review")


class AnalysisBody(Body):
    """C-5: the analysis; it replaces the former one whole."""

    attribution: w.Attribution = Field(description="to whom the trouble is due; company and merchant make it valid")
    severity: w.Severity = Field(description="how grave the case is")
    risks: Annotated[list[w.Risk], Field(max_length=4)] = Field(description="what may come of it; may be empty")
    basis: Text = Field(description="the grounds in words")
    faults: Annotated[list[FaultBody], Many] = Field(description="faults of agents; named by a supervisor (C-4)")


class ScenarioBody(Body):
    """A scenario and the answer to it (C-6)."""

    case: Text = Field(alias="if", description="what the customer may say or do")
    answer: Text = Field(description="the answer to it")


def _different(options: list[str]) -> list[str]:
    if len({*options}) < len(options):
        raise ValueError("the same solution stands twice: name another one")
    return options


class EscalationBody(Body):
    """C-6: made by a person, prepared so that it can be decided."""

    to: Reference = Field(description="department or superior, by id", examples=["marketing"])
    reason: Text = Field(description="why it is beyond the own authority")
    hear_back_by: Time = Field(description="when the customer hears back; lies ahead")
    scenarios: Annotated[list[ScenarioBody], AtLeastOne] = Field(description="scenarios expected, each with its answer")
    options: Annotated[list[Text], Field(min_length=2, max_length=100), AfterValidator(_different)] = Field(
        description="two or more solutions, each another one"
    )
    bottom_line: Text = Field(description="what must not be gone below")


class EscalationAnswerBody(Body):
    """C-6: the superior's answer."""

    words: Text = Field(description="the answer")
    approved_cost_fen: Fen | None = Field(None, description="cost approved, in whole fen, within the own limit (C-7)")


class OptionBody(Body):
    """A candidate solution (C-7)."""

    text: Text = Field(description="the solution")
    cost_fen: Fen = Field(description="its cost in whole fen")
    concession: w.Concession = Field(description="on which grounds something is granted")
    policy_ref: Reference = Field(description="the policy that makes it reasonable")


class ProposalBody(Body):
    """C-7: options, numbered from 1; a later proposal replaces them."""

    options: Annotated[list[OptionBody], AtLeastOne] = Field(description="the options")


class AnswerReviewBody(Body):
    """C-16: the quality gate."""

    option: Number = Field(description="number of the option")
    verdict: w.Verdict = Field(description="passed, or returned with a reason")
    reason: Text | None = Field(None, description="needed when returned")


class DemandAnswerBody(Body):
    """The answer to one demand (C-7)."""

    demand: Number = Field(description="number of the demand")
    decision: w.Decision = Field(description="granted, partly or refused; the last two with a reason")
    reason: Text | None = Field(None, description="what the customer is told; checked for forbidden phrases (C-13)")
    due: Day | None = Field(None, description="day by which a grant is carried out; default by policy")


class ResolutionBody(Body):
    """C-7: timely, reasonable, complete."""

    option: Number | None = Field(None, description="the option chosen; the passed one where a review was needed")
    solution: Text = Field(description="the solution as told to the customer; checked for forbidden phrases (C-13)")
    cost_fen: Fen = Field(description="cost in whole fen, within the limit or approved")
    policy_ref: Reference = Field(description="the policy that makes it reasonable")
    answers: Annotated[list[DemandAnswerBody], Many] = Field(description="one for every demand")


class FulfilmentBody(Body):
    """C-7: a grant was carried out."""

    demand: Number = Field(description="number of the demand")
    words: Text | None = Field(None, description="how")


class CallbackBody(Body):
    """C-8: the call after the resolution."""

    reached: Truth = Field(description="whether the customer was reached")
    satisfied: Truth | None = Field(None, description="needed when reached; false reopens the case")
    score: Annotated[int, Field(ge=1, le=5, strict=True)] | None = Field(None, description="1 to 5, when reached")
    words: Text | None = Field(None, description="what the customer said")
    courtesies: Annotated[list[w.Courtesy], Field(max_length=6)] = Field([], description="courtesies said (C-12)")


class SummaryBody(Body):
    """C-10: what is learned."""

    cause: Text = Field(description="the cause")
    learned: Text = Field(description="what was learned")
    prevention: Text = Field(description="how it is prevented")
    improvement: Text = Field(description="what gets better")


class ReasonBody(Body):
    """A command that needs its reason."""

    reason: Text = Field(description="why")


class AssignmentBody(ReasonBody):
    """C-2: to whom the work passes."""

    agent: Id = Field(description="employee number of an agent who is present")


class PauseBody(ReasonBody):
    """C-11: on whom the case waits."""

    category: w.WaitingFor = Field(description="on whom")
    since: Time | Day | None = Field(
        None, description="moment or day it began; default now; not before receipt or the last resumption"
    )


class MergeBody(Body):
    """C-11: where the case goes on."""

    into: UUID = Field(description="id of an open case", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])


class ExtensionBody(ReasonBody):
    """C-11: a term put off."""

    clock: w.Clock = Field(description="which term")
    until: Time = Field(description="the new time; lies ahead, never before the last extension")


class PromiseBody(Body):
    """C-11: something promised."""

    text: Text = Field(description="what was promised; checked for forbidden phrases (C-13)")
    due_at: Time = Field(description="by when; lies ahead")


class ContactBody(Body):
    """C-11: words to or from the customer."""

    direction: w.Direction = Field(description="in: from the customer, out: to the customer")
    channel: w.Channel = Field(description="by which way")
    words: Text = Field(description="what was said; outgoing words are checked for forbidden phrases (C-13)")
    courtesies: Annotated[list[w.Courtesy], Field(max_length=6)] = Field([], description="courtesies said (C-12)")


class NoteBody(Body):
    """C-11, C-14: an internal note."""

    text: Text = Field(description="the note")
    temperament: w.Temperament | None = Field(None, description="性格四色, internal; erased with the person")


class LinkBody(Body):
    """C-11: another case that belongs to this one."""

    case: UUID = Field(description="its id", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])
    kind: Literal[w.LinkKind.RELATED, w.LinkKind.DUPLICATE, w.LinkKind.FOLLOW_UP] = Field(
        description="how they belong together"
    )


class InterimReplyBody(Body):
    """D-1: how things stand."""

    words: Text = Field(description="what the customer is told; checked for forbidden phrases (C-13)")
    answer_by: Time = Field(description="when the answer comes; lies ahead")
