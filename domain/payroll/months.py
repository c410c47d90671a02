"""The calendar of payroll months (L-4): open, over, frozen, closed; one after the other, by two people."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.kernel import Decider, Event, Forbidden, Refusal
from domain.payroll import events as e
from domain.values import AgentId, Month


class Stage(StrEnum):
    """How far a month has come (L-4)."""

    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PayrollMonth:
    """What decisions need to know of one month; version: how many decisions of persons it has had."""

    version: int = 0
    ended: bool = False
    frozen_by: AgentId | None = None
    cut: int | None = None
    closed_by: AgentId | None = None

    @property
    def stage(self) -> Stage:
        """Open, frozen or closed."""
        if self.closed_by:
            return Stage.CLOSED
        return Stage.FROZEN if self.frozen_by else Stage.OPEN


@dataclass(frozen=True, slots=True)
class Payroll:
    """All months that something has happened to."""

    months: Mapping[Month, PayrollMonth] = field(default_factory=dict)

    def __getitem__(self, month: Month) -> PayrollMonth:
        return self.months.get(month, PayrollMonth())

    @property
    def begun(self) -> Month | None:
        """The first month that was ever frozen: those before it count as closed, with nothing in them."""
        return min((month for month, known in self.months.items() if known.frozen_by), default=None)

    def first_open(self, month: Month) -> Month:
        """The month itself while it is open, else the first open one after it."""
        month = max(month, self.begun or month)
        while self[month].stage is not Stage.OPEN:
            month = month.after
        return month


def evolve(payroll: Payroll, event: Event) -> Payroll:
    """Fold one event into the state."""
    match event:
        case e.MonthEnded():
            return _with(payroll, event.month, replace(payroll[event.month], ended=True))
        case e.MonthFrozen():
            return _with(payroll, event.month, replace(payroll[event.month], frozen_by=event.by, version=1))
        case e.StatementsDrawn():
            return _with(payroll, event.month, replace(payroll[event.month], cut=event.cut))
        case e.MonthClosed():
            return _with(payroll, event.month, replace(payroll[event.month], closed_by=event.by, version=2))
        case _:
            return payroll


def _with(payroll: Payroll, month: Month, known: PayrollMonth) -> Payroll:
    return Payroll({**payroll.months, month: known})


PAYROLL = Decider("payroll", Payroll(), evolve)


class NotOver(Refusal):
    """A month can be frozen once it is over."""

    code = "month_not_over"


class OutOfOrder(Refusal):
    """The month before is not closed yet."""

    code = "month_out_of_order"


class NotOpen(Refusal):
    """The month is frozen or closed already."""

    code = "month_not_open"


class NotFrozen(Refusal):
    """Only a frozen month whose statements are drawn can be closed."""

    code = "month_not_frozen"


class SamePerson(Forbidden):
    """Closing is by another payroll person than freezing (A-4)."""

    code = "two_people_needed"


def end(payroll: Payroll, month: Month, current: Month) -> list[Event]:
    """Record that a month is over; the current local month and later ones are not."""
    return [] if payroll[month].ended or month >= current else [e.MonthEnded(month=month)]


def freeze(payroll: Payroll, month: Month, by: AgentId, current: Month, first: Month | None) -> list[Event]:
    """Freeze a month; `first` is the earliest month that has a line. Raises NotOver, NotOpen, OutOfOrder."""
    if month >= current:
        raise NotOver(f"{month} is not over: freeze it from the first day of {month.after} on", rule="L-4")
    if payroll[month].stage is not Stage.OPEN:
        raise NotOpen(f"{month} is {payroll[month].stage} already", rule="L-4")
    _in_order(payroll, month, first)
    return [*end(payroll, month, current), e.MonthFrozen(month=month, by=by)]


def _in_order(payroll: Payroll, month: Month, first: Month | None) -> None:
    if payroll.begun is None:
        if first is not None and first < month:
            raise OutOfOrder(f"{first} has lines and is not closed: begin with it", rule="L-4")
    elif month < payroll.begun:
        raise OutOfOrder(f"payroll began with {payroll.begun}: an earlier month counts as closed", rule="L-4")
    elif payroll[month.before].stage is not Stage.CLOSED:
        raise OutOfOrder(f"{month.before} is not closed: close it first", rule="L-4")


def draw(payroll: Payroll, month: Month, cut: int, agents: int) -> list[Event]:
    """Record that the statements of a frozen month are there; a repeat is nothing."""
    if payroll[month].stage is Stage.OPEN or payroll[month].cut is not None:
        return []
    return [e.StatementsDrawn(month=month, cut=cut, agents=agents)]


def may_close(payroll: Payroll, month: Month, by: AgentId) -> int:
    """Where the month was cut, if this person may close it now. Raises NotFrozen, SamePerson."""
    known = payroll[month]
    if known.frozen_by == by and known.stage is Stage.FROZEN:
        raise SamePerson("you froze this month: another payroll person closes it", rule="L-4")
    if known.stage is not Stage.FROZEN or known.cut is None:
        detail = f"{month} is {known.stage}" if known.stage is not Stage.FROZEN else f"{month} is being drawn up"
        raise NotFrozen(f"{detail}: only a frozen month with its statements can be closed", rule="L-4")
    return known.cut
