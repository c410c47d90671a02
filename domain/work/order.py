"""A service order (订单, W-1): its course from entry to its end, corrections, and what the ledgers see of it."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal
from domain.values import Actor, AgentId, Role
from domain.work import events as e
from domain.work import facts
from domain.work.facts import OrderField
from domain.work.moments import happened
from domain.work.refusals import AlreadyRecorded, FactIsWithdrawn, NoSuchFact, by_another
from domain.work.words import Side

RULE = "W-1"


@dataclass(frozen=True, slots=True)
class ServiceOrder:
    """What decisions need to know of an order; `entered` is None before it is taken.

    entered: the order as it stands, with corrections and the amount collected. seated: what was last established,
    answer: what merchant or guest last said when asked. judged: the missing items follow from the order itself.
    """

    entered: e.OrderEntered | None = None
    merchant_called: bool = False
    guest_told: bool = False
    asked: frozenset[Side] = frozenset()
    answer: bool | None = None
    seated: bool | None = None
    cancelled: bool = False
    reported_back: bool = False
    done: bool = False
    judged: bool = False
    missing: tuple[OrderField, ...] = ()
    wrong: tuple[OrderField, ...] = ()
    withdrawn: bool = False

    @property
    def outcome(self) -> bool | None:
        """Whether the guest was seated: as established, else as was answered; None while nobody knows."""
        return self.answer if self.seated is None else self.seated

    @property
    def agents(self) -> frozenset[AgentId]:
        """Whose order it is: who entered it and who follows it up."""
        if self.entered is None:
            return frozenset()
        return frozenset({self.entered.agent, self.entered.follow_up or self.entered.agent})

    def fact(self) -> facts.Order | None:
        """The order as the ledgers judge it; None until its course has ended, and once it is withdrawn."""
        entered = self.entered
        if entered is None or not self.done or self.withdrawn:
            return None
        return facts.Order(
            at=entered.at,
            agent=entered.agent,
            merchant=entered.merchant,
            signed=entered.signed,
            recommended=entered.recommended,
            missing=frozenset(self.missing),
            wrong=frozenset(self.wrong),
            seated=bool(self.seated),
            steered=entered.steered,
        )


def evolve(order: ServiceOrder, event: Event) -> ServiceOrder:
    """Fold one event into the state."""
    match event:
        case e.OrderEntered():
            return ServiceOrder(entered=event)
        case e.MerchantCalled():
            return replace(order, merchant_called=True)
        case e.GuestTold():
            return replace(order, guest_told=True)
        case e.Asked():
            answer = order.answer if event.seated is None else event.seated
            return replace(order, asked=order.asked | {event.side}, answer=answer)
        case e.Seated():
            return replace(order, seated=True)
        case e.Cancelled():
            return replace(order, cancelled=True, seated=False)
        case e.AmountCollected() if order.entered:
            return replace(order, entered=replace(order.entered, amount_fen=event.amount_fen))
        case e.ReportedBack():
            return replace(order, reported_back=True)
        case e.OrderDone():
            ended = replace(order, done=True, seated=event.seated, judged=event.judged)
            return replace(ended, missing=event.missing, wrong=event.wrong)
        case e.OrderCorrected():
            return _after(order, event)
        case e.OrderWithdrawn():
            return replace(order, withdrawn=True)
        case _:
            return order


ORDER = Decider("order", ServiceOrder(), evolve)

_ENTERED = frozenset(field.name for field in fields(e.OrderEntered))
_NO_CORRECTION = frozenset({"subject", "reason", "missing", "wrong"})
_ITEMS = {
    "merchant": OrderField.MERCHANT,
    "card_no": OrderField.CARD_NO,
    "member_name": OrderField.MEMBER_NAME,
    "phone": OrderField.PHONE,
    "dining_time": OrderField.DINING_TIME,
    "amount_fen": OrderField.GOLD_AMOUNT,
    "remarks": OrderField.REMARKS,
}
"""The required items by the fields that hold them."""
ITEMS = _ITEMS.keys() - {"merchant"}
"""The fields of which each says that its order states its items; a merchant has every order."""


def _corrections(corrected: e.OrderCorrected) -> dict[str, object]:
    """The fields a correction gives anew."""
    named = {field.name: getattr(corrected, field.name) for field in fields(corrected)}
    return {name: value for name, value in named.items() if value is not None and name not in _NO_CORRECTION}


def _after(order: ServiceOrder, corrected: e.OrderCorrected) -> ServiceOrder:
    if order.entered is None:
        return order
    return replace(
        order,
        entered=_merged(order.entered, corrected),
        seated=order.seated if corrected.seated is None else corrected.seated,
        cancelled=order.cancelled and not corrected.seated,
        missing=order.missing if corrected.missing is None else corrected.missing,
        wrong=order.wrong if corrected.wrong is None else corrected.wrong,
    )


def _merged(entered: e.OrderEntered, corrected: e.OrderCorrected) -> e.OrderEntered:
    given: dict[str, Any] = {name: value for name, value in _corrections(corrected).items() if name in _ENTERED}
    return replace(entered, subject=corrected.subject, **given)


class OrderIsDone(Refusal):
    """What is said of an order after its course has ended is a correction."""

    code = "order_done"


class StepOutOfOrder(Refusal):
    """A step of an order comes before the one it builds on, or after one that excludes it."""

    code = "out_of_order"


class OutcomeUnknown(Refusal):
    """An order ends once it is known whether the guest was seated."""

    code = "outcome_unknown"


class OrderIsOpen(Refusal):
    """The missing and wrong items of an order are judged when its course ends."""

    code = "order_open"


class CorrectedBySupervisor(Forbidden):
    """An order whose course has ended is corrected by a supervisor: its lines follow from it."""

    code = "corrected_by_supervisor"


# ---- taking it ------------------------------------------------------------------------------------------------------
def enter(order: ServiceOrder, entered: e.OrderEntered, now: datetime) -> list[Event]:
    """Take an order. Raises AlreadyRecorded, and Malformed for a time to come."""
    happened(entered.at, now, RULE)
    if order.entered is not None:
        raise AlreadyRecorded("this order is on record: correct it", rule="W-1")
    return [entered]


def enter_finished(order: ServiceOrder, entered: e.OrderEntered, done: e.OrderDone, now: datetime) -> list[Event]:
    """Take an order whose course has ended elsewhere. Raises as `enter`."""
    return [*enter(order, entered, now), replace(done, missing=_once(done.missing), wrong=_once(done.wrong))]


# ---- its course -----------------------------------------------------------------------------------------------------
def call_merchant(order: ServiceOrder, called: e.MerchantCalled, now: datetime) -> list[Event]:
    """Have discount and minimum spend confirmed by the merchant; may be repeated, the last answer holds."""
    _expected(order)
    happened(called.at, now, RULE)
    return [called]


def tell_guest(order: ServiceOrder, told: e.GuestTold, now: datetime) -> list[Event]:
    """Tell the guest what the merchant has confirmed. Raises StepOutOfOrder before the merchant was called."""
    _expected(order)
    happened(told.at, now, RULE)
    if not order.merchant_called:
        raise StepOutOfOrder("call the merchant first: discount and minimum spend are confirmed once more", rule="W-1")
    return [told]


def ask(order: ServiceOrder, asked: e.Asked, now: datetime) -> list[Event]:
    """Ask whether the guest was seated: the merchant, then the guest. Raises StepOutOfOrder the other way round."""
    _expected(order)
    happened(asked.at, now, RULE)
    if asked.side is Side.GUEST and Side.MERCHANT not in order.asked:
        raise StepOutOfOrder("ask the merchant first, then the guest", rule="W-1", pointer="/side")
    return [asked]


def seat(order: ServiceOrder, seated: e.Seated, now: datetime) -> list[Event]:
    """Note that the guest was seated; a repeat is nothing."""
    _open(order)
    happened(seated.at, now, RULE)
    _not_cancelled(order)
    return [] if order.seated else [seated]


def cancel(order: ServiceOrder, cancelled: e.Cancelled, now: datetime) -> list[Event]:
    """Note that the guest will not come, or did not; a repeat is nothing. Raises StepOutOfOrder once seated."""
    _open(order)
    happened(cancelled.at, now, RULE)
    if order.seated:
        raise StepOutOfOrder("the guest was seated: correct the order if that is wrong", rule="W-1")
    return [] if order.cancelled else [cancelled]


def come_late(order: ServiceOrder, late: e.CameLate, now: datetime) -> list[Event]:
    """Note that the guest is late; may be repeated."""
    _expected(order)
    happened(late.at, now, RULE)
    return [late]


def collect_amount(order: ServiceOrder, collected: e.AmountCollected, now: datetime) -> list[Event]:
    """Note what the guest has spent; the last amount holds, a repeat is nothing."""
    entered = _open(order)
    happened(collected.at, now, RULE)
    _not_cancelled(order)
    return [] if entered.amount_fen == collected.amount_fen else [collected]


def report_back(order: ServiceOrder, reported: e.ReportedBack, now: datetime) -> list[Event]:
    """Note that the guest heard how the order stands, also after its end; a repeat is nothing."""
    _recorded(order)
    happened(reported.at, now, RULE)
    return [] if order.reported_back else [reported]


def end(order: ServiceOrder, wrong: tuple[OrderField, ...]) -> list[Event]:
    """End the course: what is missing is worked out, what is wrong is stated. Raises OutcomeUnknown."""
    entered = _open(order)
    seated = order.outcome
    if seated is None:
        raise OutcomeUnknown("say first whether the guest was seated, or cancelled", rule="W-1")
    return [ended(entered, wrong, seated=seated)]


def ended(entered: e.OrderEntered, wrong: tuple[OrderField, ...], *, seated: bool) -> e.OrderDone:
    """The end of a course, with what is missing as it follows from the order."""
    return e.OrderDone(missing=_missing(entered, seated=seated), wrong=_once(wrong), seated=seated, judged=True)


# ---- corrections ----------------------------------------------------------------------------------------------------
def correct(order: ServiceOrder, corrected: e.OrderCorrected, actor: Actor, now: datetime) -> list[Event]:
    """Set right what was recorded wrongly; items given anew are no longer missing or wrong unless it says so.

    Raises Malformed when nothing is corrected, OrderIsOpen for items judged too early, and after the end of the course
    CorrectedBySupervisor and AboutYou.
    """
    entered = _recorded(order)
    happened(corrected.at, now, RULE)
    stated = (corrected.missing, corrected.wrong) != (None, None)
    if not stated and not _corrections(corrected):
        raise Malformed("name at least one field that was wrong", rule="W-1", pointer="/reason")
    if order.done and actor.role is Role.AGENT:
        raise CorrectedBySupervisor("the course of this order has ended: ask a supervisor", rule="W-1")
    if order.done:
        by_another(actor, order.agents, RULE)
        return [_judged(order, entered, corrected)]
    if stated:
        raise OrderIsOpen("missing and wrong items are judged when the course ends: complete it first", rule="W-1")
    return [corrected]


def withdraw(order: ServiceOrder, withdrawn: e.OrderWithdrawn, actor: Actor) -> list[Event]:
    """Take back an order that should never have been recorded; a repeat is nothing. Raises AboutYou."""
    _known(order)
    by_another(actor, order.agents, RULE)
    return [] if order.withdrawn else [withdrawn]


def _judged(order: ServiceOrder, entered: e.OrderEntered, corrected: e.OrderCorrected) -> e.OrderCorrected:
    """A correction with the items that are missing and wrong after it."""
    given = {_ITEMS[name] for name in _corrections(corrected) if name in _ITEMS}
    seated = bool(order.outcome)
    before = {*_missing(entered, seated=seated)}
    after = {*_missing(_merged(entered, corrected), seated=seated if corrected.seated is None else corrected.seated)}
    newly = after - before if order.judged else set()
    missing = (
        (({*order.missing} - given - (before - after)) | newly) if corrected.missing is None else corrected.missing
    )
    wrong = {*order.wrong} - given if corrected.wrong is None else corrected.wrong
    return replace(corrected, missing=_once(missing), wrong=_once(wrong))


def _missing(entered: e.OrderEntered, *, seated: bool) -> tuple[OrderField, ...]:
    """The required items an order does not have, in the order of the rule; who was not seated has spent nothing."""
    needed = {"amount_fen": entered.gold_card and seated, "remarks": entered.special}
    return tuple(item for name, item in _ITEMS.items() if needed.get(name, True) and getattr(entered, name) is None)


def _once(items: Collection[OrderField]) -> tuple[OrderField, ...]:
    return tuple(item for item in OrderField if item in items)


# ---- where it stands ------------------------------------------------------------------------------------------------
def _known(order: ServiceOrder) -> e.OrderEntered:
    if order.entered is None:
        raise NoSuchFact("there is no such order")
    return order.entered


def _recorded(order: ServiceOrder) -> e.OrderEntered:
    entered = _known(order)
    if order.withdrawn:
        raise FactIsWithdrawn("this order was withdrawn: enter a new one", rule="W-1")
    return entered


def _open(order: ServiceOrder) -> e.OrderEntered:
    entered = _recorded(order)
    if order.done:
        raise OrderIsDone("the course of this order has ended: correct it", rule="W-1")
    return entered


def _expected(order: ServiceOrder) -> None:
    """The guest is still to come."""
    _open(order)
    _not_cancelled(order)
    if order.seated:
        raise StepOutOfOrder("the guest was seated: correct the order if that is wrong", rule="W-1")


def _not_cancelled(order: ServiceOrder) -> None:
    if order.cancelled:
        raise StepOutOfOrder("the order was cancelled: correct it if that is wrong", rule="W-1")
