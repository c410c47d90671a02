"""The events of swaps of shifts (换班, S-5). Stored for ever; reasons are sealed to whom they concern."""

from domain.kernel import Event, event
from domain.values import AgentId, Month, Private


@event("swap.requested")
class Requested(Event):
    """S-5: `away` asks that `to` work a shift in their place, perhaps for another one in return.

    month: of the shift given away, in which a granted swap counts.
    """

    shift: str
    away: AgentId
    to: AgentId
    in_return: str | None = None
    month: Month
    reason: Private | None = None


@event("swap.granted")
class Granted(Event):
    """S-5: a supervisor has granted it; the shifts know it by their own events."""

    by: AgentId


@event("swap.refused")
class Refused(Event):
    """S-5: a supervisor has refused it. Sealed to who asked."""

    by: AgentId
    reason: Private


@event("swap.counted")
class Counted(Event):
    """S-5: one more swap granted to an agent in a month; the return of it is none."""

    swap: str
