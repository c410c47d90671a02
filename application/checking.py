"""What is recorded of the ledgers compared with what the rules say (L-6): where they differ, and where that stands.

What a person has decided, a line dismissed or taken back, is no difference.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from application.envelope import Recorded
from application.matters import LineRef, Matter
from domain.ledger.lines import Code, Line
from domain.ledger.voucher import VOUCHER, Entry, Key, Voucher, settle
from domain.payroll.account import ACCOUNT, Account, Late, offset
from domain.payroll.events import Offset
from domain.payroll.months import Payroll
from domain.payroll.policy import PayrollPolicy
from domain.values import AgentId, Month

ANY_MONTH = Payroll()
"""In comparing it does not matter which months still take lines."""


class About(StrEnum):
    """What differs: a line; lines that nothing in the log causes; a stream; an offset, a statement, a closed month."""

    LINE = "line"
    NO_CAUSE = "no_cause"
    STREAM = "stream"
    OFFSET = "offset"
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
    """Judged again something would be recorded; or a line stands twice, or by another tariff."""
    line, counting = wanted.get(key), voucher.counting(key)
    alone = Voucher(
        {number: entry for number, entry in voucher.entries.items() if entry.key == key},
        {key: voucher.standing[key]} if key in voucher.standing else {},
    )
    if settle(alone, [line] if line else [], (), ANY_MONTH) or len(counting) > 1:
        return True
    return line is not None and any(entry.tariff != line.tariff for entry in counting)


def _line(
    matter: Matter | None, voucher: Voucher, key: Key, wanted: Line | None, history: Sequence[Recorded]
) -> Difference:
    recorded = [_shown(entry) for entry in voucher.counting(key)]
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
    }


# ---- what comes late ------------------------------------------------------------------------------------------------
Due = tuple[str, Month]
"""A line that came late, by its id, and the month no longer open that it changes."""


def late(voucher: Voucher, stream: UUID) -> list[Due]:
    """The offsets that the lines of a voucher need, one for each (L-4)."""
    posted = (entry for entry in voucher.entries.values() if entry.posted_month)
    return [(str(LineRef(stream, entry.number)), home) for entry in posted for home in entry.late_for]


def of_account(history: Iterable[Recorded], policies: Mapping[Month, PayrollPolicy]) -> Iterator[Difference]:
    """L-4: offsets of an agent's month that do not take back what they should."""
    account = ACCOUNT.initial
    for recorded in history:
        if isinstance(recorded.event, Offset):
            expected = _offset(account, recorded.event, policies[recorded.event.home])
            yield from of_fields(
                About.OFFSET,
                recorded.event.line,
                {"number": expected.number, "amount_fen": expected.amount_fen},
                {"number": recorded.event.number, "amount_fen": recorded.event.amount_fen},
                positions=(recorded.position,),
                agent=recorded.event.agent,
            )
        account = ACCOUNT.evolve(account, recorded.event)


def _offset(account: Account, event: Offset, policy: PayrollPolicy) -> Offset:
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
    return offset(account, late_line, policy.mode, carry_forward=policy.carry_forward)


def of_offsets(due: Collection[Due], made: Mapping[Due, int]) -> Iterator[Difference]:
    """L-4: late lines without an offset, and offsets without a late line. made: with their positions."""
    for line, home in sorted({*due} - made.keys()):
        yield Difference(about=About.OFFSET, matter=line, expected=f"an offset for {home}", recorded=None)
    for (line, home), position in made.items():
        if (line, home) not in due:
            recorded = f"an offset for {home}"
            yield Difference(about=About.OFFSET, matter=line, expected=None, recorded=recorded, positions=(position,))


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
