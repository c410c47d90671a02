"""The events of the facts of the work (W-1 … W-9). Their topics and fields are the stored format, for ever.

What is personal, and every free text, is sealed: of orders and callbacks to the member, of the rest to the agent
concerned. The subject of an order and of a callback is the member.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.case.words import Channel
from domain.kernel import Event, event
from domain.values import AgentId, CaseId, Month, Private, SubjectId
from domain.work.facts import OrderField
from domain.work.words import CallKind, ConductKind, PhoneTestShift, Side


# ---- W-1: service orders --------------------------------------------------------------------------------------------
@event("order.entered")
class OrderEntered(Event):
    """W-1: an agent takes an order; what the guest has not said is None.

    signed, recommended: what the merchant is on the local day of entry. steered: placed away from a signed merchant
    that the guest had asked for. special: there is something that the remarks must say. follow_up: who follows it up,
    where that is not who entered it (W-7).
    """

    subject: SubjectId
    agent: AgentId
    follow_up: AgentId | None = None
    at: datetime
    merchant: str | None = None
    signed: bool
    recommended: bool
    steered: bool = False
    channel: Channel | None = None
    tables: int | None = None
    new_member: bool | None = None
    gold_card: bool = False
    dining_time: datetime | None = None
    amount_fen: int | None = None
    special: bool = False
    card_no: Private | None = None
    member_name: Private | None = None
    phone: Private | None = None
    remarks: Private | None = None


@event("order.merchant_called")
class MerchantCalled(Event):
    """W-1: discount and minimum spend are confirmed once more by the merchant."""

    at: datetime
    discount: Private
    minimum_spend_fen: int | None = None


@event("order.guest_told")
class GuestTold(Event):
    """W-1: the guest knows the table, what carries no discount, and the minimum spend."""

    at: datetime
    table: Private | None = None
    without_discount: Private | None = None
    minimum_spend_fen: int | None = None


@event("order.asked")
class Asked(Event):
    """W-1: after dining time the merchant, then the guest, was asked; `seated` is None where nobody could say."""

    at: datetime
    side: Side
    seated: bool | None = None


@event("order.seated")
class Seated(Event):
    """W-1: the guest was seated."""

    at: datetime


@event("order.cancelled")
class Cancelled(Event):
    """W-1: the guest will not come, or did not."""

    at: datetime
    reason: Private


@event("order.late")
class CameLate(Event):
    """W-1: the guest is late, and expected when they said."""

    at: datetime
    expected_at: datetime | None = None


@event("order.amount_collected")
class AmountCollected(Event):
    """W-1: what the guest has spent, in whole fen."""

    at: datetime
    amount_fen: int


@event("order.reported_back")
class ReportedBack(Event):
    """W-1: the guest heard how the order stands."""

    at: datetime


@event("order.done")
class OrderDone(Event):
    """W-1: the course has ended; the items missing and wrong as they were judged then.

    judged: the missing ones were worked out from the order itself, not stated by who recorded a finished order.
    """

    missing: tuple[OrderField, ...] = ()
    wrong: tuple[OrderField, ...] = ()
    seated: bool
    judged: bool


@event("order.corrected")
class OrderCorrected(Event):
    """W-1, L-3: what was recorded wrongly; None: as it was. The items missing and wrong are those afterwards.

    subject: the member whom the order and the texts of this event are about from now on.
    """

    subject: SubjectId
    reason: Private
    agent: AgentId | None = None
    follow_up: AgentId | None = None
    at: datetime | None = None
    merchant: str | None = None
    signed: bool | None = None
    recommended: bool | None = None
    steered: bool | None = None
    channel: Channel | None = None
    tables: int | None = None
    new_member: bool | None = None
    gold_card: bool | None = None
    dining_time: datetime | None = None
    amount_fen: int | None = None
    special: bool | None = None
    card_no: Private | None = None
    member_name: Private | None = None
    phone: Private | None = None
    remarks: Private | None = None
    seated: bool | None = None
    missing: tuple[OrderField, ...] | None = None
    wrong: tuple[OrderField, ...] | None = None


@event("order.withdrawn")
class OrderWithdrawn(Event):
    """The order should never have been recorded."""

    reason: Private


# ---- W-2: member callbacks ------------------------------------------------------------------------------------------
@event("member_callback.made", version=2)
class CallbackMade(Event):
    """W-2: an agent calls an existing member; it counts when reached. subject: None where version 1 sealed nothing."""

    subject: SubjectId | None = None
    agent: AgentId
    at: datetime
    reached: bool
    card_no: Private | None = None
    member_name: Private | None = None
    phone: Private | None = None
    words: Private | None = None

    @staticmethod
    def upcast(data: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 named the member beside what it sealed, and nowhere else."""
        assert version == 1
        sealed = (data.get(name) for name in ("member_name", "phone", "words"))
        return data | {"subject": next((private["subject"] for private in sealed if private), None)}


@event("member_callback.tallied")
class CallbacksTallied(Event):
    """W-2: how many members an agent reached in a month, counted elsewhere.

    full_weeks: where they joined or left within the month. reason: of a correction, sealed to the agent.
    """

    agent: AgentId
    month: Month
    count: int
    full_weeks: int | None = None
    reason: Private | None = None


@event("callback_summary.handed_in")
class SummaryHandedIn(Event):
    """W-2: an agent's summary of the week that begins on this Monday; the last one holds."""

    agent: AgentId
    week: date
    words: Private


# ---- W-3: exams -----------------------------------------------------------------------------------------------------
@event("exam.taken")
class ExamTaken(Event):
    """W-3: the parts of an agent's exam of a month, each from 0 to 100; `reason`: of a correction."""

    agent: AgentId
    month: Month
    typing: Decimal
    knowledge: Decimal
    service: Decimal
    reason: Private | None = None


# ---- W-4, W-5, W-7, W-9: telephone and points -----------------------------------------------------------------------
@event("phone_test.made")
class PhoneTested(Event):
    """W-4: the telephone line was tested by a shift."""

    agent: AgentId
    shift: PhoneTestShift
    at: datetime
    ok: bool
    note: Private | None = None


@event("phone_fault.reported")
class PhoneFaultReported(Event):
    """W-4: the telephone line had a fault, found in time or not."""

    at: datetime
    found_in_time: bool = False


@event("missed_call.logged")
class MissedCallLogged(Event):
    """W-5: nobody took a call."""

    at: datetime


@event("points_shortage.found")
class PointsShortageFound(Event):
    """W-7: gold-card points that are missing because an amount was not collected."""

    at: datetime
    order_agent: AgentId
    duty_agent: AgentId
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """While the customer waited on the line."""

    began_at: datetime
    ended_at: datetime


@event("call.recorded")
class CallRecorded(Event):
    """W-9: a call as the telephone system has it; `answered_at` is None where nobody took it."""

    began_at: datetime
    rings: int
    answered_at: datetime | None = None
    holds: tuple[Hold, ...] = ()
    ended_at: datetime
    kind: CallKind
    agent: AgentId | None = None
    settled: bool | None = None
    external_ref: str | None = None


@event("fact.withdrawn")
class FactWithdrawn(Event):
    """A fact of W-2 to W-5, W-7 or W-9 should never have been recorded."""

    reason: Private


# ---- W-6: conduct reports -------------------------------------------------------------------------------------------
@event("conduct.reported")
class ConductReported(Event):
    """W-6: what an agent is said to have done, with its case, if any."""

    agent: AgentId
    at: datetime
    code: ConductKind
    case: CaseId | None = None
    words: Private | None = None


@event("conduct.confirmed", version=2)
class ConductConfirmed(Event):
    """W-6: a supervisor has found it to be so. by: who; None where version 1 did not say it."""

    by: AgentId | None

    @staticmethod
    def upcast(data: dict[str, Any], version: int) -> dict[str, Any]:
        """Version 1 did not say who."""
        assert version == 1
        return data | {"by": None}


@event("conduct.dismissed")
class ConductDismissed(Event):
    """W-6: a supervisor has found that it was not so, or does not count."""

    reason: Private


# ---- W-8: quality reviews -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What an item of the form was given, from 0 to 100."""

    item: str
    score: Decimal


@event("quality_review.scored")
class ReviewScored(Event):
    """W-8: a contact or a case scored on a form; failed: the fatal items that were not met; total: from 0 to 100."""

    agent: AgentId
    at: datetime
    form: str
    case: CaseId | None = None
    call_ref: str | None = None
    scores: tuple[Score, ...]
    failed: tuple[str, ...] = ()
    total: Decimal
    words: Private | None = None


@event("quality_review.disputed")
class ReviewDisputed(Event):
    """W-8: the agent does not accept it."""

    reason: Private


@event("quality_review.answered")
class ReviewAnswered(Event):
    """W-8: a supervisor's answer to the dispute, with the scores that hold from then on."""

    words: Private
    scores: tuple[Score, ...]
    failed: tuple[str, ...] = ()
    total: Decimal
