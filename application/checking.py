"""What is recorded of the ledgers compared with what the rules say (L-6): where they differ, and where that stands.

What a person has decided, a line dismissed or taken back, is no difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from application.envelope import Recorded
from application.matters import LineRef, Matter
from domain.ledger.events import Lapsed
from domain.ledger.lines import Code, Line
from domain.ledger.settling import settle
from domain.ledger.voucher import VOUCHER, Entry, Key, Status, Voucher
from domain.payroll.account import ACCOUNT, Account, Late, change_opening, offset, passing_on, taking
from domain.payroll.events import Moved, OpeningChanged
from domain.payroll.months import Payroll
from domain.payroll.policy import PayrollPolicy
from domain.values import AgentId, Month

ANY_MONTH = Payroll()
"""In comparing it does not matter which months still take lines."""


class About(StrEnum):
    """What differs: a line, lines without cause, a stream, an offset, another opening, a statement, a closed month."""

    LINE = "line"
    NO_CAUSE = "no_cause"
    STREAM = "stream"
    OFFSET = "offset"
    OPENING = "opening"
    STATEMENT = "statement"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where the record is not what the rules say.

    matter: `order:<id>`, `month:2007-03:B-EXAM` …, or the month. expected, recorded: what differs, in plain JSON types,
    None where there is nothing. positions: where in the log it stands.
    """

    about: About
    matter: str
    agent: AgentId | None = None
    code: Code | None = None
    expected: Any
    recorded: Any
    positions: tuple[int, ...] = ()


# ---- lines ----------------------------------------------------------------------------------------------------------
def voucher_of(history: Sequence[Recorded]) -> Voucher | None:
    """The voucher of a history; None where events are missing or do not follow from one another."""
    if [recorded.version for recorded in history] != [*range(1, len(history) + 1)]:
        return None
    try:
        return VOUCHER.fold(recorded.event for recorded in history)
    except KeyError:
        return None


def broken(matter: Matter | None, history: Sequence[Recorded]) -> Difference:
    """A stream that has no voucher."""
    versions = [recorded.version for recorded in history]
    return Difference(
        about=About.STREAM,
        matter=_name(matter, history),
        expected="versions from 1 on, each event about a line that is there",
        recorded={"versions": versions},
        positions=tuple(recorded.position for recorded in history),
    )


def of_voucher(
    matter: Matter | None, wanted: Sequence[Line], voucher: Voucher, history: Sequence[Recorded]
) -> list[Difference]:
    """What differs in the lines of one cause; `matter` is None where nothing in the log is the cause."""
    by_key = {line.key: line for line in reversed(wanted)}
    keys = dict.fromkeys([*by_key, *(entry.key for entry in voucher.entries.values())])
    return [_line(matter, voucher, key, by_key.get(key), history) for key in keys if _differs(voucher, key, by_key)]


def _name(matter: Matter | None, history: Sequence[Recorded]) -> str:
    return str(matter) if matter else f"voucher:{history[0].stream}"


def _differs(voucher: Voucher, key: Key, wanted: Mapping[Key, Line]) -> bool:
    """Judged again something would be recorded; or two lines stand, or one by another tariff."""
    line, standing, counting = wanted.get(key), voucher.standing.get(key), counted(voucher, key)
    alone = Voucher(
        {number: entry for number, entry in voucher.entries.items() if entry.key == key},
        {key: standing} if standing else {},
    )
    again = settle(alone, [line] if line else [], (), ANY_MONTH)
    if any(not isinstance(event, Lapsed) for event in again) or len(counting) > 1:
        return True
    decided = standing is None or standing.settled or voucher.waiting(key)
    return not decided and any(entry.tariff != line.tariff for entry in counting if line)


def counted(voucher: Voucher, key: Key) -> list[Entry]:
    """The lines under a key that count, or would once they are confirmed; in a sound voucher one at most."""
    lines = (entry for entry in voucher.entries.values() if entry.key == key and entry.reverses is None)
    return [entry for entry in lines if entry.counts or entry.status is Status.PROPOSED]


def _line(
    matter: Matter | None, voucher: Voucher, key: Key, wanted: Line | None, history: Sequence[Recorded]
) -> Difference:
    recorded = [_shown(entry) for entry in counted(voucher, key)]
    numbers = {entry.number for entry in voucher.entries.values() if entry.key == key}
    return Difference(
        about=About.LINE if matter else About.NO_CAUSE,
        matter=_name(matter, history),
        agent=key[0],
        code=key[1],
        expected=_shown(wanted) if wanted else None,
        recorded=recorded[0] if len(recorded) == 1 else recorded or None,
        positions=tuple(one.position for one in history if getattr(one.event, "number", None) in numbers),
    )


def _shown(line: Line | Entry) -> dict[str, Any]:
    return {
        "amount_fen": line.amount_fen,
        "occurred_on": line.occurred_on.isoformat(),
        "tariff": line.tariff,
        "ref": line.ref,
        "grave": line.grave,
    }


# ---- what comes late ------------------------------------------------------------------------------------------------
Due = tuple[About, str, Month]
"""Whether an offset is due or another opening, for which late line, by its id, and for which month."""


def late(voucher: Voucher, stream: UUID) -> Iterator[tuple[Due, int]]:
    """The offsets that the lines of a voucher need, one for each, and of what change in whole fen (L-4)."""
    for entry in voucher.entries.values():
        if entry.late:
            yield (About.OFFSET, str(LineRef(stream, entry.number)), entry.month), entry.amount_fen


def due_of(event: Moved) -> Due:
    """What was due where this is recorded."""
    return _about(event), event.line, event.home


def _about(event: Moved) -> About:
    return About.OPENING if isinstance(event, OpeningChanged) else About.OFFSET


def passed_on(history: Iterable[Recorded], policies: Mapping[Month, PayrollPolicy]) -> Iterator[tuple[Due, int]]:
    """What the changes of an agent's month need in turn, for the month after it and for months closed since (L-4)."""
    account = ACCOUNT.initial
    for recorded in history:
        if isinstance(recorded.event, Moved):
            yield from _passed_on(account, recorded.event, policies[recorded.event.home])
        account = ACCOUNT.evolve(account, recorded.event)


def _passed_on(account: Account, event: Moved, policy: PayrollPolicy) -> Iterator[tuple[Due, int]]:
    if change_fen := passing_on(account, event, policy.mode, carry_forward=policy.carry_forward):
        yield (About.OPENING, event.line, event.home.after), change_fen
    for month, amount_fen in taking(account, event).items():
        yield (About.OFFSET, event.line, month), amount_fen


def of_account(history: Iterable[Recorded], policies: Mapping[Month, PayrollPolicy]) -> Iterator[Difference]:
    """L-4: changes of an agent's month that do not move what they should."""
    account = ACCOUNT.initial
    for recorded in history:
        if isinstance(recorded.event, Moved):
            expected = _again(account, recorded.event, policies[recorded.event.home])
            yield from of_fields(
                _about(recorded.event),
                recorded.event.line,
                {"number": expected.number, "amount_fen": expected.amount_fen},
                {"number": recorded.event.number, "amount_fen": recorded.event.amount_fen},
                positions=(recorded.position,),
                agent=recorded.event.agent,
            )
        account = ACCOUNT.evolve(account, recorded.event)


def _again(account: Account, event: Moved, policy: PayrollPolicy) -> Moved:
    late_line = Late(
        line=event.line,
        agent=event.agent,
        home=event.home,
        kind=event.kind,
        amount_fen=event.change_fen,
        occurred_on=event.occurred_on,
        tariff=event.tariff,
        causes=event.causes,
        posted_month=event.posted_month,
    )
    make = change_opening if isinstance(event, OpeningChanged) else offset
    return make(account, late_line, policy.mode, carry_forward=policy.carry_forward)


def of_offsets(due: Mapping[Due, int], made: Mapping[Due, int], positions: Mapping[Due, int]) -> Iterator[Difference]:
    """L-4: changes without what is due for them, and what is recorded of a change that never was.

    due, made: the changes in whole fen. positions: where each offset or changed opening stands, the last one where
    there are several.
    """
    for key in sorted({*due, *made}):
        about, line, home = key
        expected, recorded = (_change(home, side.get(key)) for side in (due, made))
        where = (positions[key],) if key in positions else ()
        yield from of_fields(about, line, expected, recorded, positions=where)


def _change(home: Month, change_fen: int | None) -> dict[str, Any]:
    return {} if change_fen is None else {"home": str(home), "change_fen": change_fen}


# ---- statements and months ------------------------------------------------------------------------------------------
def of_fields(
    about: About,
    matter: str,
    expected: Mapping[str, Any],
    recorded: Mapping[str, Any],
    *,
    positions: tuple[int, ...],
    agent: AgentId | None = None,
) -> list[Difference]:
    """One difference with all fields that are not the same; none where all are."""
    names = [name for name in {**expected, **recorded} if expected.get(name) != recorded.get(name)]
    if not names:
        return []
    wanted, found = ({name: side.get(name) for name in names} for side in (expected, recorded))
    return [Difference(about=about, matter=matter, agent=agent, expected=wanted, recorded=found, positions=positions)]
