"""The gross wage of an agent in a month, as payroll has recorded it (L-5)."""

from dataclasses import dataclass
from datetime import datetime

from domain.kernel import Decider, Event, Malformed, Refusal
from domain.payroll import wage_events as e
from domain.values import Month, local_day


@dataclass(frozen=True, slots=True)
class Wage:
    """What is known of it, in whole fen; `gross_fen` is None before it is recorded."""

    gross_fen: int | None = None
    minimum_wage_fen: int | None = None


def evolve(wage: Wage, event: Event) -> Wage:
    """Fold one event into the state."""
    match event:
        case e.Recorded():
            return Wage(event.gross_fen, event.minimum_wage_fen)
        case _:
            return wage


WAGE = Decider("wage", Wage(), evolve)


class ReasonNeeded(Refusal):
    """A recorded wage is corrected with a reason only."""

    code = "reason_needed"


def record(wage: Wage, recorded: e.Recorded, at: datetime) -> list[Event]:
    """L-5: record a wage, or correct it with a reason; the same again is nothing. Raises Malformed, ReasonNeeded."""
    if recorded.month > Month.of(local_day(at)):
        raise Malformed("month lies ahead: record the wage once the month has begun", rule="L-5", pointer="/month")
    if wage == Wage(recorded.gross_fen, recorded.minimum_wage_fen):
        return []
    if wage.gross_fen is not None and recorded.reason is None:
        raise ReasonNeeded("this wage is recorded: give the reason of the correction", rule="L-5", pointer="/reason")
    return [recorded]
