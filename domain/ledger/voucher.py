"""The voucher of one cause: its lines, what became of each, and what the rules last said (L-0 … L-3, L-6).

Facts are judged once; judged again they are compared with what stands: kept lines stay as they are, lost ones are
dismissed or reversed, new ones are earned or proposed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.kernel import Decider, Event
from domain.ledger import events as e
from domain.ledger.lines import Code, Explanation, Kind, Line
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
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line and what became of it. reverses, reversed_by, in_place_of are numbers of lines of the same voucher.

    homes: the months whose money it moves, oldest first; the last one is its posted month, those before it were no
    longer open when it came.
    """

    number: int
    agent: AgentId
    code: Code
    amount_fen: int
    occurred_on: date
    tariff: str
    ref: str | None
    status: Status
    posted_month: Month | None = None
    confirmed_by: AgentId | None = None
    confirmed_on: date | None = None
    reverses: int | None = None
    reversed_by: int | None = None
    in_place_of: int | None = None
    appeals: tuple[AppealState, ...] = ()
    homes: tuple[Month, ...] = ()

    @property
    def key(self) -> Key:
        """What tells it from the others of its cause."""
        return (self.agent, self.code, self.ref)

    @property
    def month(self) -> Month:
        """The month of the day it happened; never changes (L-1)."""
        return Month.of(self.occurred_on)

    @property
    def late_for(self) -> tuple[Month, ...]:
        """The months it changes that were no longer open when it came, oldest first (L-4)."""
        return self.homes[:-1]

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
    """What the rules last said under a key; settled: a person has decided that it stays."""

    amount_fen: int
    occurred_on: date
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Voucher:
    """The lines by number, and what stands by key."""

    entries: Mapping[int, Entry] = field(default_factory=dict)
    standing: Mapping[Key, Standing] = field(default_factory=dict)

    @property
    def next(self) -> int:
        """The number of the next line."""
        return len(self.entries) + 1

    def reversal_of(self, entry: Entry) -> Entry | None:
        """The proposal to reverse a line, if one waits."""
        waiting = (one for one in self.entries.values() if one.status is Status.PROPOSED)
        return next((one for one in waiting if one.reverses == entry.number), None)

    def counting(self, key: Key) -> list[Entry]:
        """The lines under a key that count or may come to count, and that nothing is about to take back."""
        lines = (entry for entry in self.entries.values() if entry.key == key and entry.reverses is None)
        open_ = (entry for entry in lines if entry.counts or entry.status is Status.PROPOSED)
        return [entry for entry in open_ if self.reversal_of(entry) is None]


# ---- evolve ---------------------------------------------------------------------------------------------------------
def evolve(voucher: Voucher, event: Event) -> Voucher:
    """Fold one event into the state."""
    match event:
        case e.Earned():
            return _judged(voucher, _posted(voucher, _line(event, Status.EARNED), event.posted_month))
        case e.Proposed(in_place_of=None):
            return _judged(voucher, _line(event, Status.PROPOSED))
        case e.Proposed():
            return _with(voucher, replace(_line(event, Status.PROPOSED), in_place_of=event.in_place_of))
        case e.Confirmed():
            return _confirmed(voucher, event)
        case e.Dismissed():
            return _dismissed(voucher, event)
        case e.Reversed():
            return _reversed(voucher, event)
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
        status=status,
    )


def _posted(voucher: Voucher, entry: Entry, month: Month) -> Entry:
    origin = entry.reverses or entry.in_place_of
    homes = voucher.entries[origin].homes if origin else (entry.month,)
    return replace(entry, posted_month=month, homes=tuple(sorted({*homes, month})))


def _with(voucher: Voucher, *entries: Entry) -> Voucher:
    return replace(voucher, entries={**voucher.entries, **{entry.number: entry for entry in entries}})


def _stands(voucher: Voucher, key: Key, standing: Standing | None) -> Voucher:
    others = {other: known for other, known in voucher.standing.items() if other != key}
    return replace(voucher, standing=others | ({key: standing} if standing else {}))


def _judged(voucher: Voucher, entry: Entry) -> Voucher:
    return _stands(_with(voucher, entry), entry.key, Standing(entry.amount_fen, entry.occurred_on))


def _confirmed(voucher: Voucher, event: e.Confirmed) -> Voucher:
    entry = _posted(voucher, voucher.entries[event.number], event.posted_month)
    entry = replace(entry, status=Status.CONFIRMED, confirmed_by=event.by, confirmed_on=event.day)
    if entry.reverses is None:
        return _with(voucher, entry)
    return _with(voucher, entry, replace(voucher.entries[entry.reverses], reversed_by=entry.number))


def _dismissed(voucher: Voucher, event: e.Dismissed) -> Voucher:
    entry = replace(voucher.entries[event.number], status=Status.DISMISSED)
    voucher = _with(voucher, entry)
    if entry.reverses is not None:
        original = voucher.entries[entry.reverses]
        kept = Standing(original.amount_fen, original.occurred_on, settled=event.by is not None)
        return _stands(voucher, entry.key, kept)
    return voucher if event.by else _stands(voucher, entry.key, None)


def _reversed(voucher: Voucher, event: e.Reversed) -> Voucher:
    original = voucher.entries[event.reverses]
    reversal = replace(
        original,
        number=event.number,
        amount_fen=-original.amount_fen,
        status=Status.PROPOSED,
        posted_month=None,
        confirmed_by=None,
        confirmed_on=None,
        reverses=original.number,
        in_place_of=None,
        appeals=(),
        homes=(),
    )
    if event.posted_month:
        reversal = replace(_posted(voucher, reversal, event.posted_month), status=original.status)
        voucher = _with(voucher, replace(original, reversed_by=reversal.number))
    voucher = _with(voucher, reversal)
    return voucher if event.by else _stands(voucher, original.key, None)


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


# ---- judged, and judged again ---------------------------------------------------------------------------------------
def settle(voucher: Voucher, wanted: Sequence[Line], causes: tuple[e.Cause, ...], posting: Posting) -> list[Event]:
    """L-3, L-6: what is to be recorded so that the voucher says what the rules say now; [] where it does already.

    Of several wanted lines with one key the first counts.
    """
    by_key = {line.key: line for line in reversed(wanted)}
    events: list[Event] = []
    for key, standing in voucher.standing.items():
        if not standing.settled and not _same(standing, by_key.get(key)):
            events += _lost(voucher, key, causes, posting, events)
    for key, line in by_key.items():
        if not _known(voucher, key, line):
            events += _found(voucher, line, causes, posting, events)
    return events


def _same(standing: Standing, line: Line | None) -> bool:
    return line is not None and (standing.amount_fen, standing.occurred_on) == (line.amount_fen, line.occurred_on)


def _known(voucher: Voucher, key: Key, line: Line) -> bool:
    standing = voucher.standing.get(key)
    return standing is not None and (standing.settled or _same(standing, line))


def _number(voucher: Voucher, events: Sequence[Event]) -> int:
    made = sum(isinstance(event, e.Earned | e.Proposed | e.Reversed) for event in events)
    return voucher.next + made


def _lost(
    voucher: Voucher, key: Key, causes: tuple[e.Cause, ...], posting: Posting, before: Sequence[Event]
) -> list[Event]:
    """What a person has dismissed or taken back already needs nothing more."""
    events: list[Event] = []
    for entry in voucher.counting(key):
        if entry.status is Status.PROPOSED:
            events.append(e.Dismissed(number=entry.number, causes=causes))
        else:
            events.append(_taken_back(entry, _number(voucher, [*before, *events]), causes, posting))
    return events


def _taken_back(entry: Entry, number: int, causes: tuple[e.Cause, ...], posting: Posting) -> e.Reversed:
    """L-3: by itself, unless that would lower a month that is no longer open."""
    home = entry.homes[-1]
    lowers = entry.code.kind is Kind.BONUS and posting.first_open(home) != home
    return e.Reversed(
        number=number,
        reverses=entry.number,
        explanation=said_of_reversal(entry, "重新判定后不再成立", "judged again, it no longer stands"),
        causes=causes,
        posted_month=None if lowers else posting.first_open(home),
    )


def said_of_reversal(entry: Entry, zh: str, en: str) -> Explanation:
    """The sentence of a reversal: what it takes back, and why."""
    return Explanation(
        zh=f"冲回第{entry.number}行({entry.code},{entry.occurred_on}):{zh}",
        en=f"takes back line {entry.number} ({entry.code} of {entry.occurred_on}): {en}",
    )


def _found(
    voucher: Voucher, line: Line, causes: tuple[e.Cause, ...], posting: Posting, before: Sequence[Event]
) -> list[Event]:
    for entry in voucher.entries.values():
        waiting = voucher.reversal_of(entry) if entry.key == line.key else None
        if waiting and (entry.amount_fen, entry.occurred_on) == (line.amount_fen, line.occurred_on):
            return [e.Dismissed(number=waiting.number, causes=causes)]
    return [_begun(line, _number(voucher, before), causes, posting)]


def _begun(line: Line, number: int, causes: tuple[e.Cause, ...], posting: Posting) -> Event:
    """L-0: a bonus is earned by the fact, a penalty only proposed."""
    if line.code.kind is Kind.PENALTY:
        return e.Proposed(
            number=number,
            agent=line.agent,
            code=line.code,
            amount_fen=line.amount_fen,
            occurred_on=line.occurred_on,
            tariff=line.tariff,
            explanation=line.explanation,
            ref=line.ref,
            grave=line.grave,
            causes=causes,
        )
    return e.Earned(
        number=number,
        agent=line.agent,
        code=line.code,
        amount_fen=line.amount_fen,
        occurred_on=line.occurred_on,
        tariff=line.tariff,
        explanation=line.explanation,
        ref=line.ref,
        causes=causes,
        posted_month=posting.first_open(line.month),
    )
