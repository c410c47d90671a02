"""The ledgers: every line of bonuses and penalties as it stands, the months and the statements (L-0 … L-6).

It only folds what the reaction and persons have recorded. A line that is posted into a month keeps what its statement
shows of it for ever; what changes later (an appeal, a line that takes it back) stands in columns of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce

from application.envelope import Recorded
from application.matters import LineRef
from application.sealing import Opener
from domain.kernel import Event
from domain.ledger import events as e
from domain.ledger.lines import Code, Explanation, Kind
from domain.ledger.voucher import AppealState, Status
from domain.payroll import events as p
from domain.values import AgentId, Month
from projections.view import Cursor, Rows, View


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line (L-1); months as `2026-03`; reverses, reversed_by, in_place_of are ids of lines.

    decided_at: the position of the last decision of an appeal, which causes the lines that follow from it.
    """

    entry_id: str
    agent: AgentId
    code: Code
    kind: Kind
    amount_fen: int
    occurred_on: date
    month: str
    tariff: str
    explanation: Explanation
    ref: str | None = None
    grave: bool = False
    status: Status
    posted_month: str | None = None
    causes: tuple[e.Cause, ...] = ()
    confirmed_by: AgentId | None = None
    confirmed_on: date | None = None
    reverses: str | None = None
    reversed_by: str | None = None
    in_place_of: str | None = None
    appeal: AppealState | None = None
    appeals: int = 0
    decided_at: int | None = None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRow:
    """A payroll month (L-4): the position at which it was cut, whether its statements are drawn, and its closing."""

    month: str
    frozen_by: AgentId | None = None
    frozen_at: int | None = None
    drawn: bool = False
    closed: p.MonthClosed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """An agent's statement of a month (L-5); key: `2026-03:a1001`."""

    key: str
    month: str
    agent: AgentId
    carried_fen: int
    stated: p.Stated


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRow:
    """By how much an agent's month carries more than its statement says, or less (L-4); key: `2026-03:a1001`."""

    key: str
    month: str
    agent: AgentId
    carried_fen: int = 0


LINES = Rows("read.ledger_1", LineRow)
MONTHS = Rows("read.payroll_months_1", MonthRow)
STATEMENTS = Rows("read.statements_1", StatementRow)
CARRIED = Rows("read.carried_late_1", CarriedRow)


class Ledger(View):
    """The ledgers of bonuses and penalties, the payroll months and the statements."""

    name = "ledger_1"
    topics = ("ledger.", "payroll.month_", "payroll.statements_drawn", "payroll.stated", "payroll.opening_changed")
    tables = ("read.ledger_1", "read.payroll_months_1", "read.statements_1", "read.carried_late_1")
    create = """
        CREATE TABLE IF NOT EXISTS read.ledger_1 (
            entry_id text COLLATE "C" PRIMARY KEY, agent text COLLATE "C" NOT NULL,
            code text COLLATE "C" NOT NULL, kind text NOT NULL,
            amount_fen bigint NOT NULL, occurred_on date NOT NULL, month text NOT NULL, tariff text NOT NULL,
            explanation jsonb NOT NULL, ref text, grave boolean NOT NULL, status text NOT NULL, posted_month text,
            causes jsonb NOT NULL, confirmed_by text, confirmed_on date, reverses text, reversed_by text,
            in_place_of text, appeal text, appeals int NOT NULL, decided_at bigint, position bigint NOT NULL);
        CREATE INDEX IF NOT EXISTS ledger_1_month
            ON read.ledger_1 (coalesce(posted_month, month), agent, occurred_on, code, entry_id);
        CREATE INDEX IF NOT EXISTS ledger_1_agent
            ON read.ledger_1 (agent, coalesce(posted_month, month), occurred_on, code, entry_id);
        CREATE INDEX IF NOT EXISTS ledger_1_open
            ON read.ledger_1 (occurred_on, code, entry_id) WHERE status = 'proposed' OR appeal = 'open';
        CREATE TABLE IF NOT EXISTS read.payroll_months_1 (
            month text PRIMARY KEY, frozen_by text, frozen_at bigint, drawn boolean NOT NULL, closed jsonb);
        CREATE TABLE IF NOT EXISTS read.statements_1 (
            key text PRIMARY KEY, month text NOT NULL, agent text COLLATE "C" NOT NULL, carried_fen bigint NOT NULL,
            stated jsonb NOT NULL);
        CREATE INDEX IF NOT EXISTS statements_1_month ON read.statements_1 (month, agent);
        CREATE TABLE IF NOT EXISTS read.carried_late_1 (
            key text PRIMARY KEY, month text NOT NULL, agent text COLLATE "C" NOT NULL, carried_fen bigint NOT NULL);
        CREATE INDEX IF NOT EXISTS carried_late_1_month ON read.carried_late_1 (month, agent)"""

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        lines = await LINES.load(cursor, {key for recorded in events for key in _lines_needed(recorded)})
        months = await MONTHS.load(cursor, {str(month) for recorded in events if (month := _month_of(recorded.event))})
        statements: dict[str, StatementRow] = {}
        for recorded in events:
            for line in _lines_after(lines, recorded):
                lines[line.entry_id] = line
            if month := _month_of(recorded.event):
                months[str(month)] = _month_after(months.get(str(month)) or MonthRow(month=str(month)), recorded)
            if isinstance(recorded.event, p.Stated):
                row = _statement(recorded.event)
                statements[row.key] = row
        await LINES.upsert(cursor, lines.values())
        await MONTHS.upsert(cursor, months.values())
        await STATEMENTS.upsert(cursor, statements.values())
        await _carry(cursor, [one.event for one in events if isinstance(one.event, p.OpeningChanged)])


def _id(recorded: Recorded, number: int) -> str:
    return str(LineRef(recorded.stream, number))


# ---- lines ----------------------------------------------------------------------------------------------------------
_ABOUT_A_LINE = (e.GraveChanged, e.Confirmed, e.Dismissed, e.Appealed, e.AppealWithdrawn, e.AppealDecided)


def _lines_needed(recorded: Recorded) -> list[str]:
    match recorded.event:
        case e.Reversed(number=number, reverses=reverses):
            return [_id(recorded, number), _id(recorded, reverses)]
        case e.Proposed(in_place_of=int(replaced)):
            return [_id(recorded, replaced)]
        case e.Confirmed(number=number, reverses=int(reverses)):
            return [_id(recorded, number), _id(recorded, reverses)]
        case p.Moved(line=line):
            return [line]
        case event if isinstance(event, _ABOUT_A_LINE):
            return [_id(recorded, event.number)]
        case _:
            return []


def folded(history: Iterable[Recorded]) -> Collection[LineRow]:
    """The lines of one voucher, by its whole history."""
    lines: dict[str, LineRow] = {}
    for recorded in history:
        lines |= {line.entry_id: line for line in _lines_after(lines, recorded)}
    return lines.values()


def _lines_after(lines: Mapping[str, LineRow], recorded: Recorded) -> list[LineRow]:  # noqa: PLR0911  one match
    """The lines that an event makes or changes."""
    match recorded.event:
        case e.Earned() as event:
            return [_begun(recorded, event, Status.EARNED, event.posted_month)]
        case e.Proposed() as event:
            return [_proposed(lines, recorded, event)]
        case e.Reversed() as event:
            return _reversed(lines, recorded, event)
        case e.Confirmed() as event:
            return _confirmed(lines, recorded, event)
        case e.Dismissed(number=number):
            return [replace(lines[_id(recorded, number)], status=Status.DISMISSED)]
        case e.GraveChanged(number=number, grave=grave):
            return [replace(lines[_id(recorded, number)], grave=grave)]
        case e.Appealed() | e.AppealWithdrawn() | e.AppealDecided() as event:
            return [_contested(lines[_id(recorded, event.number)], event, recorded.position)]
        case p.Moved() as event if event.amount_fen:
            return [offset_line(recorded, event, event.causes or lines[event.line].causes)]
        case _:
            return []


def _contested(line: LineRow, event: e.Appealed | e.AppealWithdrawn | e.AppealDecided, position: int) -> LineRow:
    match event:
        case e.Appealed(appeal=appeal):
            return replace(line, appeal=AppealState.OPEN, appeals=appeal)
        case e.AppealWithdrawn():
            return replace(line, appeal=None)
        case e.AppealDecided(verdict=verdict):
            return replace(line, appeal=AppealState(verdict), decided_at=position)


def _begun(recorded: Recorded, event: e.Earned | e.Proposed, status: Status, posted_month: Month | None) -> LineRow:
    return LineRow(
        entry_id=_id(recorded, event.number),
        agent=event.agent,
        code=event.code,
        kind=event.code.kind,
        amount_fen=event.amount_fen,
        occurred_on=event.occurred_on,
        month=str(Month.of(event.occurred_on)),
        tariff=event.tariff,
        explanation=event.explanation,
        ref=event.ref,
        status=status,
        posted_month=_text(posted_month),
        causes=event.causes,
        position=recorded.position,
    )


def _text(month: Month | None) -> str | None:
    return str(month) if month else None


def _proposed(lines: Mapping[str, LineRow], recorded: Recorded, event: e.Proposed) -> LineRow:
    line = replace(_begun(recorded, event, Status.PROPOSED, None), grave=event.grave)
    if event.in_place_of is None:
        return line
    replaced = lines[_id(recorded, event.in_place_of)]
    return replace(line, in_place_of=replaced.entry_id, causes=_by_decision(replaced))


def _by_decision(line: LineRow) -> tuple[e.Cause, ...]:
    return (e.Cause(position=line.decided_at, type=e.AppealDecided.topic),) if line.decided_at else ()


def _reversed(lines: Mapping[str, LineRow], recorded: Recorded, event: e.Reversed) -> list[LineRow]:
    original = lines[_id(recorded, event.reverses)]
    reversal = replace(
        original,
        entry_id=_id(recorded, event.number),
        amount_fen=-original.amount_fen,
        explanation=event.explanation,
        status=original.status if event.posted_month else Status.PROPOSED,
        posted_month=_text(event.posted_month),
        causes=event.causes or _by_decision(original),
        confirmed_by=None,
        confirmed_on=None,
        reverses=original.entry_id,
        reversed_by=None,
        in_place_of=None,
        appeal=None,
        appeals=0,
        decided_at=None,
        position=recorded.position,
    )
    return [replace(original, reversed_by=reversal.entry_id), reversal] if event.posted_month else [reversal]


def _confirmed(lines: Mapping[str, LineRow], recorded: Recorded, event: e.Confirmed) -> list[LineRow]:
    line = replace(
        lines[_id(recorded, event.number)],
        status=Status.CONFIRMED,
        posted_month=str(event.posted_month),
        confirmed_by=event.by,
        confirmed_on=event.day,
    )
    if event.reverses is None:
        return [line]
    return [line, replace(lines[_id(recorded, event.reverses)], reversed_by=line.entry_id)]


def offset_line(recorded: Recorded, event: p.Moved, causes: tuple[e.Cause, ...]) -> LineRow:
    """The line of what moves for a month no longer open: it stands beside the late line, with that line's causes."""
    code = Code.BONUS_OFFSET if event.kind is Kind.BONUS else Code.PENALTY_OFFSET
    return LineRow(
        entry_id=_id(recorded, event.number),
        agent=event.agent,
        code=code,
        kind=event.kind,
        amount_fen=event.amount_fen,
        occurred_on=event.occurred_on,
        month=str(Month.of(event.occurred_on)),
        tariff=event.tariff,
        explanation=event.explanation,
        status=Status.EARNED if event.kind is Kind.BONUS else Status.CONFIRMED,
        posted_month=str(event.posted_month),
        causes=causes,
        position=recorded.position,
    )


# ---- months and statements ------------------------------------------------------------------------------------------
def _month_of(event: Event) -> Month | None:
    match event:
        case p.MonthFrozen() | p.StatementsDrawn() | p.MonthClosed():
            return event.month
        case _:
            return None


def month_folded(month: Month, history: Iterable[Recorded]) -> MonthRow:
    """A month, by the history of all of them."""
    own = (recorded for recorded in history if _month_of(recorded.event) == month)
    return reduce(_month_after, own, MonthRow(month=str(month)))


def _month_after(row: MonthRow, recorded: Recorded) -> MonthRow:
    match recorded.event:
        case p.MonthFrozen(by=by):
            return replace(row, frozen_by=by, frozen_at=recorded.position)
        case p.StatementsDrawn():
            return replace(row, drawn=True)
        case p.MonthClosed() as closed:
            return replace(row, closed=closed)
        case _:
            return row


def _statement(stated: p.Stated) -> StatementRow:
    return StatementRow(
        key=_key(stated.month, stated.agent),
        month=str(stated.month),
        agent=stated.agent,
        carried_fen=stated.carried_fen,
        stated=stated,
    )


async def _carry(cursor: Cursor, changes: Sequence[p.OpeningChanged]) -> None:
    """What a month opens with is what the month before carries."""
    rows = await CARRIED.load(cursor, {_key(event.home.before, event.agent) for event in changes})
    for event in changes:
        month, key = str(event.home.before), _key(event.home.before, event.agent)
        row = rows.get(key) or CarriedRow(key=key, month=month, agent=event.agent)
        rows[key] = replace(row, carried_fen=row.carried_fen - event.change_fen)
    await CARRIED.upsert(cursor, rows.values())


def _key(month: Month, agent: AgentId) -> str:
    return f"{month}:{agent}"
