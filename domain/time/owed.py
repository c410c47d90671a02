"""By when something is owed in a case: the first of its clocks that does not wait (C-7, D-3)."""

from datetime import datetime

from domain.time.clock import State
from domain.time.timing import Timing


def due_at(known: Timing) -> datetime | None:
    """The earliest time by which something is owed; None when nothing is, or all of it waits.

    It has passed for a case that is overdue, and for no other.
    """
    running = (clock for clock in known.clocks if clock.stopped_at is None and clock.state is not State.PAUSED)
    return min((clock.due_at for clock in running), default=None)
