"""A swap of shifts: requested, then granted or refused by a supervisor (S-5); and how many a month has seen."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.kernel import Decider, Event, Forbidden, Malformed, Refusal, Unknown
from domain.shift.shift import PublicHoliday, Shift, roster_of, swap_agent
from domain.swap import events as e
from domain.values import Actor, AgentId

MOST_A_MONTH = 3
"""How many swaps are granted to an agent in a calendar month at most."""
RULE = "S-5"


class SwapStatus(StrEnum):
    """How far a swap has come."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Swap:
    """What decisions need to know of a swap; both are None before it is requested."""

    requested: e.Requested | None = None
    status: SwapStatus | None = None


def evolve(swap: Swap, event: Event) -> Swap:
    """Fold one event into the state."""
    match event:
        case e.Requested():
            return Swap(event, SwapStatus.REQUESTED)
        case e.Granted():
            return replace(swap, status=SwapStatus.GRANTED)
        case e.Refused():
            return replace(swap, status=SwapStatus.REFUSED)
        case _:
            return swap


SWAP = Decider("swap", Swap(), evolve)


def _counted(swaps: tuple[str, ...], event: Event) -> tuple[str, ...]:
    return (*swaps, event.swap) if isinstance(event, e.Counted) else swaps


SWAPS_OF_MONTH: Decider[tuple[str, ...]] = Decider("swaps of a month", (), _counted)
"""The swaps granted to an agent in a month."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A shift that changes hands, and whether it is on a public holiday."""

    shift: Shift
    holiday: bool


@dataclass(frozen=True, slots=True)
class Swapped:
    """What a granted swap records: of itself, of the month, of the shift given away, and of the one in return."""

    swap: list[Event]
    month: list[Event]
    shift: list[Event]
    in_return: list[Event]


class NoSuchSwap(Unknown):
    """There is no swap with this id."""


class NotYourShiftToGive(Forbidden):
    """Agents give away shifts of their own; supervisors ask for others."""

    code = "not_your_shift_to_give"


class OwnSwap(Forbidden):
    """Nobody decides on a swap of their own."""

    code = "own_swap"


class AlreadyDecided(Refusal):
    """A swap is decided once."""

    code = "already_decided"


class TooManySwaps(Refusal):
    """An agent gets at most three swaps in a calendar month."""

    code = "too_many_swaps"


class ShiftBegun(Refusal):
    """A shift that has begun is not swapped any more."""

    code = "shift_begun"


def request(
    swap: Swap, requested: e.Requested, given: Exchanged, back: Exchanged | None, by: Actor, at: datetime
) -> list[Event]:
    """S-5: ask for a swap; what would be refused at once is not even asked.

    Raises NotYourShiftToGive, Malformed, PublicHoliday, ShiftBegun, NotOnRoster, OnRoster.
    """
    check_asked(requested.shift, requested.away, requested.to, requested.in_return, by)
    _check_swappable(given, at)
    if back:
        _check_swappable(back, at)
    _swapped("", requested, given, back)
    return [] if swap.requested else [requested]


def grant(
    swap: Swap,
    swap_id: str,
    given: Exchanged,
    back: Exchanged | None,
    granted: tuple[str, ...],
    by: Actor,
    at: datetime,
) -> Swapped:
    """S-5: let both shifts change hands. granted: the swaps of that month which who asked has been granted.

    Raises NoSuchSwap, OwnSwap, AlreadyDecided, PublicHoliday, ShiftBegun, TooManySwaps, NotOnRoster, OnRoster.
    """
    requested = _undecided(swap, by)
    _check_swappable(given, at)
    if back:
        _check_swappable(back, at)
    if len(granted) >= MOST_A_MONTH:
        detail = f"{requested.away} has been granted {MOST_A_MONTH} swaps in {requested.month}: refuse this one"
        raise TooManySwaps(detail, rule=RULE)
    shift, in_return = _swapped(swap_id, requested, given, back)
    return Swapped([e.Granted(by=by.id)], [e.Counted(swap=swap_id)], shift, in_return)


def refuse(swap: Swap, refused: e.Refused, by: Actor) -> list[Event]:
    """S-5: refuse a swap with the reason. Raises NoSuchSwap, OwnSwap, AlreadyDecided."""
    _undecided(swap, by)
    return [refused]


# ---- what a request alone shows -------------------------------------------------------------------------------------
def check_asked(shift: str, away: AgentId, to: AgentId, in_return: str | None, by: Actor) -> None:
    """S-5: what can be refused before anybody looks at the shifts. Raises NotYourShiftToGive, Malformed."""
    if by.id != away and not by.supervises:
        raise NotYourShiftToGive("this is another's shift: let them ask, or a supervisor", rule=RULE)
    if to == away:
        raise Malformed("nobody swaps with themselves: name somebody else", rule=RULE, pointer="/to")
    if in_return == shift:
        raise Malformed("the same shift is given away and taken back: name another", rule=RULE, pointer="/in_return")


# ---- what the state forbids -----------------------------------------------------------------------------------------
def _undecided(swap: Swap, by: Actor) -> e.Requested:
    requested = swap.requested
    if requested is None:
        raise NoSuchSwap("there is no such swap")
    if by.id in {requested.away, requested.to}:
        raise OwnSwap("this is a swap of your own: another supervisor decides it", rule="L-0")
    if swap.status is not SwapStatus.REQUESTED:
        raise AlreadyDecided(f"this swap was {swap.status}: ask for a new one", rule=RULE)
    return requested


def _check_swappable(exchanged: Exchanged, at: datetime) -> None:
    roster = roster_of(exchanged.shift)
    if exchanged.holiday:
        detail = f"{exchanged.shift.day} is a public holiday: those rostered may not swap"
        raise PublicHoliday(detail, rule=RULE)
    if roster.span[0] <= at:
        raise ShiftBegun(f"the shift of {exchanged.shift.day} has begun: it is not swapped any more", rule=RULE)


def _swapped(
    swap_id: str, requested: e.Requested, given: Exchanged, back: Exchanged | None
) -> tuple[list[Event], list[Event]]:
    shift = swap_agent(given.shift, requested.away, requested.to, swap_id)
    return shift, swap_agent(back.shift, requested.to, requested.away, swap_id) if back else []
