"""What is said of swaps of shifts, straight from the log: opened or masked by who asks (S-5, A-4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from application.permissions import Action, allowed
from application.sealing import Opener, Show, masked, opened
from domain.kernel import Event
from domain.swap import events as e
from domain.values import Actor, AgentId, Role


@dataclass(frozen=True, slots=True)
class SwapWords:
    """Why a swap is wished, and why it was refused; None where nobody said."""

    reason: str | None = None
    refusal: str | None = None


def may_read(actor: Actor, away: AgentId) -> bool:
    """A wish is between who asked and the supervisors: the colleague who would work the shift need not know why."""
    return allowed(actor, Action.OPEN_PERSONAL_DATA) and (actor.role is not Role.AGENT or actor.id == away)


def words(opener: Opener, actor: Actor, away: AgentId, events: Iterable[Event]) -> SwapWords:
    """What the events of one swap say, for the eyes of somebody."""
    return _words(events, opened(opener) if may_read(actor, away) else masked)


def _words(events: Iterable[Event], show: Show) -> SwapWords:
    reason, refusal = None, None
    for event in events:
        match event:
            case e.Requested(reason=private) if private is not None:
                reason = str(show("swap.requested.reason", private))
            case e.Refused(reason=private):
                refusal = str(show("swap.refused.reason", private))
    return SwapWords(reason, refusal)
