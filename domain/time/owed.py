"""By when something is owed in a case: the first of its clocks that does not wait (C-7, D-3); what can be put off."""

from datetime import datetime

from domain.case.beside import NeverShorter
from domain.case.events import DeadlineExtended
from domain.kernel import Refusal
from domain.time.clock import Clock, State
from domain.time.timing import Timing


def due_at(known: Timing) -> datetime | None:
    """The earliest time by which something is owed; None when nothing is, or all of it waits.

    It has passed for a case that is overdue, and for no other.
    """
    running = (clock for clock in known.clocks if clock.stopped_at is None and clock.state is not State.PAUSED)
    return min((clock.due_at for clock in running), default=None)


class NotExtendable(Refusal):
    """No policy of the case lets this term be put off."""

    code = "not_extendable"


def check_extendable(known: Timing, extended: DeadlineExtended) -> None:
    """C-11: nothing, where an extension puts a term off. Raises NotExtendable, NeverShorter.

    What has ended or run out can be put off as well: it is told until when the customer was put off (D-3).
    """
    rules = [rule for policy in known.policies for rule in policy.clocks if rule.extended_as]
    if extended.clock not in {rule.extended_as for rule in rules}:
        there = ", ".join(sorted({str(rule.extended_as) for rule in rules})) or "none"
        detail = f"no policy of the case lets the {extended.clock} term be put off; there are {there}"
        raise NotExtendable(detail, rule="C-11", pointer="/clock")
    ends = [clock.due_at for clock in known.clocks if _runs(clock) and clock.rule.extended_as == extended.clock]
    if ends and extended.until <= min(ends):
        detail = f"the term ends at {min(ends).isoformat()} already: name a later time"
        raise NeverShorter(detail, rule="C-11", pointer="/until")


def _runs(clock: Clock) -> bool:
    return clock.stopped_at is None and clock.breached_at is None
