"""The voucher of one cause: its lines, what became of each, and what the rules last said (L-0 … L-3, L-6).

What the rules decide on it stands in `settling`, what persons decide in `decisions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.kernel import Decider, Event
from domain.ledger import events as e
from domain.ledger.lines import Code, Line
from domain.values import AgentId, Month

Key = tuple[AgentId, Code, str | None]


class Status(StrEnum):
    """How far a line has come (L-0)."""

    EARNED = "earned"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class AppealState(StrEnum):
    """How far an appeal has come; withdrawn ones do not count (L-0)."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


class Posting(Protocol):
    """Which months still take lines (L-4)."""

    def first_open(self, month: Month) -> Month:
        """The month itself while it is open, else the first open one after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line and what became of it. reverses, reversed_by, in_place_of are numbers of lines of the same voucher.

    grave: whether it opens a dismissal review, as the facts last said (P-MEDIA). deferred: what is earned once this
    proposed reversal is confirmed.
    """

    number: int
    agent: AgentId
    code: Code
    amount_fen: int
    occurred_on: date
    tariff: str
    ref: str | None
    causes: tuple[e.Cause, ...]
    status: Status
    grave: bool = False
    posted_month: Month | None = None
    confirmed_by: AgentId | None = None
    confirmed_on: date | None = None
    reverses: int | None = None
    reversed_by: int | None = None
    in_place_of: int | None = None
    appeals: tuple[AppealState, ...] = ()
    deferred: e.Deferred | None = None

    @property
    def key(self) -> Key:
        """What tells it from the others of its cause."""
        return (self.agent, self.code, self.ref)

    @property
    def month(self) -> Month:
        """The month of the day it happened; never changes (L-1)."""
        return Month.of(self.occurred_on)

    @property
    def late(self) -> bool:
        """Whether its own month was no longer open when it came (L-4)."""
        return self.posted_month not in {None, self.month}

    @property
    def counts(self) -> bool:
        """Whether it stands in a statement and has not been taken back."""
        return self.posted_month is not None and self.reversed_by is None and self.reverses is None

    @property
    def contested(self) -> bool:
        """Whether an appeal waits for its decision."""
        return AppealState.OPEN in self.appeals


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules last said under a key.

    settled: a person has decided that it stays, whatever the rules said then: `instead`, None where that was nothing.
    """

    amount_fen: int
    occurred_on: date
    settled: bool = False
    instead: tuple[int, date] | None = None

    def stays(self, line: Line | None) -> bool:
        """Whether it needs nothing, now that the rules say this."""
        said = (line.amount_fen, line.occurred_on) if line else None
        return said == (self.amount_fen, self.occurred_on) or (self.settled and said == self.instead)


@dataclass(frozen=True, slots=True)
class Voucher:
    """The lines by number, and what stands by key."""

    entries: Mapping[int, Entry] = field(default_factory=dict)
    standing: Mapping[Key, Standing] = field(default_factory=dict)

    @property
    def next(self) -> int:
        """The number of the next line."""
        return len(self.entries) + 1

    def waiting(self, key: Key) -> Entry | None:
        """The proposal to reverse the line under a key, if there is one."""
        proposed = (one for one in self.entries.values() if one.key == key and one.status is Status.PROPOSED)
        return next((one for one in proposed if one.reverses is not None), None)

    def counting(self, key: Key) -> list[Entry]:
        """The line under a key that counts or may come to count, and that nothing is about to take back; one at most.

        More than one would be a fault.
        """
        if self.waiting(key):
            return []
        lines = [one for one in self.entries.values() if one.key == key and one.reverses is None]
        return [one for one in lines if one.counts or one.status is Status.PROPOSED]


# ---- evolve ---------------------------------------------------------------------------------------------------------
def evolve(voucher: Voucher, event: Event) -> Voucher:
    """Fold one event into the state."""
    match event:
        case e.Earned():
            return _judged(voucher, replace(_line(event, Status.EARNED), posted_month=event.posted_month), event)
        case e.Proposed(in_place_of=None):
            return _judged(voucher, _line(event, Status.PROPOSED), event)
        case e.Proposed():
            return _with(voucher, replace(_line(event, Status.PROPOSED), in_place_of=event.in_place_of))
        case e.GraveChanged(number=number, grave=grave):
            return _with(voucher, replace(voucher.entries[number], grave=grave))
        case e.Confirmed():
            return _confirmed(voucher, event)
        case e.Dismissed():
            return _dismissed(voucher, event)
        case e.Lapsed(number=number):
            return _stands(voucher, voucher.entries[number].key, None)
        case e.Reversed():
            return _reversed(voucher, event)
        case e.Deferred():
            return _deferred(voucher, event)
        case e.Appealed():
            return _appealed(voucher, event.number, event.appeal, AppealState.OPEN)
        case e.AppealWithdrawn():
            return _appealed(voucher, event.number, event.appeal, AppealState.WITHDRAWN)
        case e.AppealDecided():
            return _appealed(voucher, event.number, event.appeal, AppealState(event.verdict))
        case _:
            return voucher


def _line(event: e.Earned | e.Proposed, status: Status) -> Entry:
    return Entry(
        number=event.number,
        agent=event.agent,
        code=event.code,
        amount_fen=event.amount_fen,
        occurred_on=event.occurred_on,
        tariff=event.tariff,
        ref=event.ref,
        causes=event.causes,
        status=status,
        grave=isinstance(event, e.Proposed) and event.grave,
    )


def _with(voucher: Voucher, *entries: Entry) -> Voucher:
    return replace(voucher, entries={**voucher.entries, **{entry.number: entry for entry in entries}})


def _stands(voucher: Voucher, key: Key, standing: Standing | None) -> Voucher:
    others = {other: known for other, known in voucher.standing.items() if other != key}
    return replace(voucher, standing=others | ({key: standing} if standing else {}))


def _judged(voucher: Voucher, entry: Entry, said: e.Earned | e.Proposed | e.Deferred) -> Voucher:
    return _stands(_with(voucher, entry), entry.key, Standing(said.amount_fen, said.occurred_on))


def _confirmed(voucher: Voucher, event: e.Confirmed) -> Voucher:
    entry = replace(
        voucher.entries[event.number],
        status=Status.CONFIRMED,
        posted_month=event.posted_month,
        confirmed_by=event.by,
        confirmed_on=event.day,
    )
    if entry.reverses is None:
        return _with(voucher, entry)
    return _with(voucher, entry, replace(voucher.entries[entry.reverses], reversed_by=entry.number))


def _dismissed(voucher: Voucher, event: e.Dismissed) -> Voucher:
    entry = replace(voucher.entries[event.number], status=Status.DISMISSED)
    voucher = _with(voucher, entry)
    if entry.reverses is not None:
        original, said = voucher.entries[entry.reverses], voucher.standing.get(entry.key)
        instead = (said.amount_fen, said.occurred_on) if said else None
        kept = Standing(original.amount_fen, original.occurred_on, event.by is not None, instead)
        return _stands(voucher, entry.key, kept)
    return voucher if event.by else _stands(voucher, entry.key, None)


def _reversed(voucher: Voucher, event: e.Reversed) -> Voucher:
    original = voucher.entries[event.reverses]
    reversal = replace(
        original,
        number=event.number,
        amount_fen=-original.amount_fen,
        causes=event.causes,
        status=original.status if event.posted_month else Status.PROPOSED,
        posted_month=event.posted_month,
        confirmed_by=None,
        confirmed_on=None,
        reverses=original.number,
        in_place_of=None,
        appeals=(),
    )
    if event.posted_month:
        voucher = _with(voucher, replace(original, reversed_by=reversal.number))
    voucher = _with(voucher, reversal)
    return voucher if event.by else _stands(voucher, original.key, None)


def _deferred(voucher: Voucher, event: e.Deferred) -> Voucher:
    return _judged(voucher, replace(voucher.entries[event.number], deferred=event), event)


def _appealed(voucher: Voucher, number: int, appeal: int, state: AppealState) -> Voucher:
    entry = voucher.entries[number]
    return _with(voucher, replace(entry, appeals=(*entry.appeals[: appeal - 1], state)))


VOUCHER = Decider("voucher", Voucher(), evolve)


def posted_by(voucher: Voucher, events: Sequence[Event]) -> list[Entry]:
    """The lines that these new events post into a month, in their order."""
    posted: list[Entry] = []
    for event in events:
        voucher = evolve(voucher, event)
        match event:
            case e.Earned() | e.Confirmed() | e.Reversed(posted_month=Month()):
                posted.append(voucher.entries[event.number])
    return posted
