"""The request bodies of the facts of the work (W-1 … W-9)."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adapters.http.fields import Body, Day, Fen, Id, Line, Reference, Text, Time, Truth, Word
from domain.case.words import Channel
from domain.work.facts import OrderField
from domain.work.words import CallKind, ConductKind, PhoneTestShift, Side

_DECIMAL = re.compile(r"-?\d{1,6}(\.\d{1,4})?", re.ASCII)


def _exact(value: Any) -> Any:
    """Numbers are taken as they are written: nothing that merely looks like one, no more than four decimals."""
    if isinstance(value, bool) or not _DECIMAL.fullmatch(str(value)):
        raise ValueError("write a number with at most four decimals, such as 92.5")
    return Decimal(str(value))


def _real_month(text: str) -> str:
    date.fromisoformat(f"{text}-01")
    return text


Points = Annotated[Decimal, BeforeValidator(_exact)]
"""An exact decimal number; the rule of the fact says from where to where."""
MonthText = Annotated[
    str, Field(pattern=r"^(19|[2-8]\d)\d\d-(0[1-9]|1[0-2])$", examples=["2026-03"]), AfterValidator(_real_month)
]
"""A local month."""
Items = Annotated[list[OrderField], Field(max_length=20)]
Happened = Field(None, description="when; default now; at most 5 minutes ahead")


class FactBody(Body):
    """What is said of a fact; what is left out nobody has said."""

    def stated(self) -> dict[str, Any]:
        """The fields that were given, ids as texts."""
        given = self.model_dump(exclude_none=True)
        return {name: str(value) if isinstance(value, UUID) else value for name, value in given.items()}


# ---- W-1: service orders --------------------------------------------------------------------------------------------
class OrderBody(FactBody):
    """W-1: an order as it was taken; with `seated`, one whose course has ended elsewhere."""

    at: Time = Field(description="when it was entered; at most 5 minutes ahead")
    agent: Id = Field(description="who entered it")
    follow_up: Id | None = Field(None, description="who follows it up, where that is somebody else (W-7)")
    merchant: Reference | None = Field(None, description="id of the merchant", examples=["m1"])
    signed: Truth | None = Field(None, description="the merchant is signed; default: as registered for that day")
    recommended: Truth | None = Field(None, description="key recommended; default: as registered for that day")
    steered: Truth = Field(False, description="placed away from a signed merchant that the guest had asked for")
    channel: Channel | None = Field(None, description="where it came in")
    tables: int | None = Field(None, ge=1, le=1000, strict=True, description="number of tables")
    new_member: Truth | None = Field(None, description="new member (true) or existing one (false)")
    gold_card: Truth = Field(False, description="gold-card member: the amount spent is needed")
    dining_time: Time | None = Field(None, description="when the guest dines")
    amount_fen: Fen | None = Field(None, description="amount spent, whole fen")
    special: Truth = Field(False, description="there is something special: remarks are needed")
    card_no: Line | None = Field(None, description="member card number; the same card is the same person")
    member_name: Line | None = Field(None, description="name of the member", examples=["王小明"])
    phone: Line | None = Field(None, description="telephone number", examples=["13812345678"])
    remarks: Text | None = Field(None, description="anything special")
    seated: Truth | None = Field(None, description="the course has ended elsewhere, and the guest was seated or not")
    missing: Items | None = Field(None, description="items missing, of an order that was finished elsewhere")
    wrong: Items | None = Field(None, description="items wrong, of an order that was finished elsewhere")


class MerchantCallBody(FactBody):
    """W-1: what the merchant has confirmed once more."""

    discount: Text = Field(description="the discount", examples=["8.8折,海鲜酒水除外"])
    minimum_spend_fen: Fen | None = Field(None, description="minimum spend in whole fen")
    at: Time | None = Happened


class GuestToldBody(FactBody):
    """W-1: what the guest was told."""

    table: Line | None = Field(None, description="the table")
    without_discount: Text | None = Field(None, description="what carries no discount")
    minimum_spend_fen: Fen | None = Field(None, description="minimum spend in whole fen")
    at: Time | None = Happened


class InquiryBody(FactBody):
    """W-1: who was asked after dining time whether the guest was seated."""

    side: Side = Field(description="first the merchant, then the guest")
    seated: Truth | None = Field(None, description="the answer; left out: nobody could say")
    at: Time | None = Happened


class MomentBody(FactBody):
    """W-1: a step that needs no more than its time."""

    at: Time | None = Happened


class CancellationBody(FactBody):
    """W-1: the guest will not come, or did not."""

    reason: Text = Field(description="why")
    at: Time | None = Happened


class LateBody(FactBody):
    """W-1: the guest is late."""

    expected_at: Time | None = Field(None, description="when the guest will be there")
    at: Time | None = Happened


class AmountBody(FactBody):
    """W-1: what the guest has spent."""

    amount_fen: Fen = Field(description="whole fen")
    at: Time | None = Happened


class CompletionBody(FactBody):
    """W-1: the end of the course; what is missing follows from the order."""

    wrong: Items = Field([], description="items found to be wrong")


class OrderCorrectionBody(FactBody):
    """W-1, L-3: what was recorded wrongly; what is left out stays as it was."""

    reason: Text = Field(description="why it is corrected")
    agent: Id | None = Field(None, description="who entered it")
    follow_up: Id | None = Field(None, description="who follows it up (W-7)")
    at: Time | None = Field(None, description="when it was entered")
    merchant: Reference | None = Field(None, description="id of the merchant", examples=["m1"])
    signed: Truth | None = Field(None, description="default for another merchant or day: as registered for that day")
    recommended: Truth | None = Field(None, description="likewise")
    steered: Truth | None = Field(None, description="placed away from a signed merchant")
    channel: Channel | None = Field(None, description="where it came in")
    tables: int | None = Field(None, ge=1, le=1000, strict=True, description="number of tables")
    new_member: Truth | None = Field(None, description="new member or existing one")
    gold_card: Truth | None = Field(None, description="gold-card member")
    dining_time: Time | None = Field(None, description="when the guest dines")
    amount_fen: Fen | None = Field(None, description="amount spent, whole fen")
    special: Truth | None = Field(None, description="there is something special")
    card_no: Line | None = Field(None, description="member card number")
    member_name: Line | None = Field(None, description="name of the member")
    phone: Line | None = Field(None, description="telephone number")
    remarks: Text | None = Field(None, description="anything special")
    seated: Truth | None = Field(None, description="the guest was seated or not")
    missing: Items | None = Field(None, description="items missing after all; default: those still missing")
    wrong: Items | None = Field(None, description="items wrong after all; default: those not given anew")


# ---- W-2, W-3 -------------------------------------------------------------------------------------------------------
class CallbackBody(FactBody):
    """W-2: one call to an existing member (`at`, `reached`), or a month's number from elsewhere (`month`, `count`)."""

    agent: Id = Field(description="who called")
    at: Time | None = Field(None, description="of one call: when; at most 5 minutes ahead")
    reached: Truth | None = Field(None, description="of one call: whether the member was reached")
    card_no: Line | None = Field(None, description="of one call: member card number; the same card is the same person")
    member_name: Line | None = Field(None, description="of one call: name of the member")
    phone: Line | None = Field(None, description="of one call: telephone number")
    words: Text | None = Field(None, description="of one call: what was said")
    month: MonthText | None = Field(None, description="of a number from elsewhere: the month")
    count: int | None = Field(None, ge=0, le=1_000_000, strict=True, description="members reached in the month")
    full_weeks: int | None = Field(
        None, ge=0, le=4, strict=True, description="full weeks worked, where the agent joined or left in the month"
    )
    reason: Text | None = Field(None, description="why the number of a month is corrected")

    @property
    def tallied(self) -> bool:
        """Whether it is a number from elsewhere."""
        return self.month is not None

    @model_validator(mode="after")
    def _one_of_two(self) -> "CallbackBody":
        given = {*self.stated()} - {"agent"}
        call, tally = {"at", "reached"}, {"month", "count"}
        if call <= given <= call | {"card_no", "member_name", "phone", "words"}:
            return self
        if tally <= given <= tally | {"full_weeks", "reason"}:
            return self
        raise ValueError("send at and reached of one call, or month and count of a number from elsewhere")


class CallbackSummaryBody(FactBody):
    """W-2: an agent's summary of a week."""

    agent: Id = Field(description="whose week")
    week: Day = Field(description="its Monday", examples=["2026-03-02"])
    words: Text = Field(description="the summary")


class ExamBody(FactBody):
    """W-3: an agent's exam of a month, each part from 0 to 100."""

    agent: Id = Field(description="who was examined")
    month: MonthText = Field(description="the month")
    typing: Points = Field(description="typing, 20 %", examples=[80, "92.5"])
    knowledge: Points = Field(description="business knowledge, 70 %")
    service: Points = Field(description="service skill and attitude, 10 %")
    reason: Text | None = Field(None, description="why the results of a month are corrected")


# ---- W-4, W-5, W-7, W-9 ---------------------------------------------------------------------------------------------
class PhoneTestBody(FactBody):
    """W-4: a test of the telephone line."""

    shift: PhoneTestShift = Field(description="which shift tested")
    at: Time = Field(description="when; at most 5 minutes ahead")
    ok: Truth = Field(description="whether the line was in order")
    note: Text | None = Field(None, description="a word about it")
    agent: Id | None = Field(None, description="who tested; default you")


class PhoneFaultBody(FactBody):
    """W-4: a fault of the telephone line."""

    at: Time = Field(description="when; at most 5 minutes ahead")
    found_in_time: Truth = Field(False, description="whether it was found in time")


class MissedCallBody(FactBody):
    """W-5: a call nobody took."""

    at: Time = Field(description="when; at most 5 minutes ahead")


class PointsShortageBody(FactBody):
    """W-7: gold-card points missing because an amount was not collected."""

    at: Time = Field(description="when; at most 5 minutes ahead")
    order_agent: Id = Field(description="who entered the order")
    duty_agent: Id = Field(description="who was assigned to follow it up")
    points: int = Field(ge=1, le=10**9, strict=True, description="points missing")


class HoldBody(Body):
    """While the customer waited on the line."""

    began_at: Time = Field(description="from when")
    ended_at: Time = Field(description="until when")


class CallBody(FactBody):
    """W-9: a call as the telephone system has it."""

    began_at: Time = Field(description="when it began to ring")
    rings: int = Field(ge=0, le=1000, strict=True, description="how often it rang")
    answered_at: Time | None = Field(None, description="when it was taken; left out: never")
    holds: Annotated[list[HoldBody], Field(max_length=100)] = Field([], description="holds, in their order")
    ended_at: Time = Field(description="when it ended; at most 5 minutes ahead")
    kind: CallKind = Field(description="what it was about (D-2)")
    agent: Id | None = Field(None, description="who took it")
    settled: Truth | None = Field(None, description="whether that settled the matter")
    external_ref: Reference | None = Field(
        None, description="its id in the telephone system; the same is the same call"
    )


# ---- W-6, W-8 -------------------------------------------------------------------------------------------------------
class ConductReportBody(FactBody):
    """W-6: what an agent has done."""

    agent: Id = Field(description="whom it is about")
    at: Time = Field(description="when; at most 5 minutes ahead")
    code: ConductKind = Field(description="the code of its line, or a kind without an amount")
    case: UUID | None = Field(None, description="id of its case, if any")
    words: Text | None = Field(None, description="what happened")


class ConductDecisionBody(FactBody):
    """W-6: a supervisor's decision."""

    decision: Literal["confirmed", "dismissed"] = Field(description="the decision")
    reason: Text | None = Field(None, description="needed to dismiss")


class ScoreBody(Body):
    """What an item of the form was given."""

    item: Word = Field(description="name of the item on the form", examples=["greeting"])
    score: Points = Field(description="from 0 to 100")


Scores = Annotated[list[ScoreBody], Field(min_length=1, max_length=100)]
Failed = Annotated[list[Word], Field(max_length=100)]


class QualityReviewBody(FactBody):
    """W-8: a contact or a case scored on a form."""

    agent: Id = Field(description="whose work")
    at: Time = Field(description="when that was; at most 5 minutes ahead")
    form: Line = Field("default-1", description="version of the form", examples=["default-1"])
    case: UUID | None = Field(None, description="id of the case")
    call_ref: Reference | None = Field(None, description="the contact, by its id in the telephone system")
    scores: Scores = Field(description="each item of the form once")
    failed: Failed = Field([], description="fatal items that were not met: the total is 0", examples=[["taboos"]])
    words: Text | None = Field(None, description="in words")


class ReviewAnswerBody(FactBody):
    """W-8: the answer to a dispute."""

    words: Text = Field(description="the answer")
    scores: Scores | None = Field(None, description="scores that hold from now on; default as they were")
    failed: Failed | None = Field(None, description="fatal items not met; default as they were")
