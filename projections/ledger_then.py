"""The ledgers as they stood: the vouchers and statements concerned, folded anew from the log (A-2).

The view tells which they are: a line keeps its agent and its month for ever, and no line is ever removed.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composable, Literal

from application.envelope import Recorded, recorded_by
from application.statements import Wages
from application.streams import account_stream, acknowledgements_stream, payroll_stream, wage_stream
from domain.kernel import Event
from domain.ledger.lines import Kind
from domain.payroll.events import Moved, OpeningChanged, Stated
from domain.payroll.policies import ACKNOWLEDGEMENTS
from domain.payroll.settlement import Sums
from domain.payroll.wage import WAGE
from domain.values import AgentId, Month
from projections.case_then import Then
from projections.ledger import LineRow, MonthRow, folded, month_folded
from projections.ledger_lists import LineFilters, LineSight, lines, statement_lines
from projections.stretch import COLUMNS, Stored, recorded
from projections.view import Page

CHUNK = 500
"""Vouchers whose histories are held at once: as many as keep neither the memory nor the event loop for long."""
_EVENTS = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE originator_id = ANY (%s) AND notification_id <= %s
    ORDER BY originator_id, originator_version"""  # noqa: S608  a constant
# a line is posted into its own month or a later one, so that the index on where it stands serves both ways
_STREAMS = SQL("SELECT DISTINCT split_part(entry_id, '.', 1)::uuid FROM read.ledger_1 WHERE {} ORDER BY 1")
_OF_MONTH = SQL("coalesce(posted_month, month) >= {0} AND (month = {0} OR posted_month = {0})")
_EVERYTHING = 2**63 - 1


async def lines_then(
    connection: AsyncConnection[Any],
    filters: LineFilters,
    sight: LineSight | None,
    then: Then,
    after: str | None = None,
    limit: int = 50,
) -> Page[LineRow]:
    """As ledger_lists.lines, of the lines as they stood. The filters name an agent or a month. Raises BadCursor."""
    stood = await _stood(connection, filters, then)
    return await lines(connection, filters, sight, after, limit, among=stood)


async def line_then(
    connection: AsyncConnection[Any], entry_id: str, voucher: UUID, sight: LineSight | None, then: Then
) -> LineRow | None:
    """A line as it stood, of the voucher in its id; None where there was none that one may see."""
    stood = [row for row in await _folded(connection, [voucher], then) if row.entry_id == entry_id]
    page = await lines(connection, LineFilters(), sight, among=stood)
    return page.items[0] if page.items else None


@dataclass(frozen=True, slots=True)
class StatementThen:
    """An agent's month as it stood.

    drawn: the statement drawn up by then. sums: what stood in it, with what had been carried into it; None: nothing.
    wages: as recorded by then. lines: of the statement, as a JSON array.
    """

    row: MonthRow
    drawn: Stated | None
    sums: Sums | None
    wages: Wages
    lines: bytes


async def statement_then(connection: AsyncConnection[Any], month: Month, agent: AgentId, then: Then) -> StatementThen:
    """The statement of an agent's month as it stood."""
    stood = await _stood(connection, LineFilters(month=month, agent=agent), then)
    posted = [row for row in stood if row.posted_month == str(month) and row.agent == agent]
    account = await _account(connection, month, agent, then)
    before = _drawn(await _account(connection, month.before, agent, then))
    late_fen = sum(event.change_fen for event in account if isinstance(event, OpeningChanged))
    payroll = await _histories(connection, [payroll_stream().id], then)
    return StatementThen(
        row=month_folded(month, payroll),
        drawn=_drawn(account),
        sums=_sums(posted, (before.carried_fen if before else 0) - late_fen),
        wages=await _wages(connection, month, agent, then),
        lines=await statement_lines(connection, month, agent, among=posted),
    )


async def acknowledged_then(connection: AsyncConnection[Any], policy: str, agent: AgentId, then: Then) -> bool:
    """Whether an agent had acknowledged a payroll policy, by its version (L-5)."""
    history = await _histories(connection, [acknowledgements_stream(policy).id], then)
    return agent in ACKNOWLEDGEMENTS.fold(one.event for one in history).agents


async def _wages(connection: AsyncConnection[Any], month: Month, agent: AgentId, then: Then) -> Wages:
    history = await _histories(connection, [wage_stream(agent, month).id], then)
    known = WAGE.fold(one.event for one in history)
    return Wages(known.gross_fen, known.minimum_wage_fen)


async def _account(connection: AsyncConnection[Any], month: Month, agent: AgentId, then: Then) -> list[Event]:
    return [one.event for one in await _histories(connection, [account_stream(agent, month).id], then)]


def _drawn(account: Iterable[Event]) -> Stated | None:
    return next((event for event in account if isinstance(event, Stated)), None)


def _sums(posted: Iterable[LineRow], carried_fen: int) -> Sums | None:
    amounts: Mapping[Kind, list[int]] = {kind: [] for kind in Kind}
    late = []
    for row in posted:
        amounts[row.kind].append(row.amount_fen)
        if row.kind is Kind.PENALTY and row.month != row.posted_month:
            late.append(row.amount_fen)
    if not any(amounts.values()) and not carried_fen:
        return None
    return Sums(
        opening_fen=-carried_fen,
        bonus_fen=sum(amounts[Kind.BONUS]),
        penalty_fen=sum(amounts[Kind.PENALTY]),
        late_fen=sum(late),
    )


# ---- from the log ---------------------------------------------------------------------------------------------------
async def _stood(connection: AsyncConnection[Any], filters: LineFilters, then: Then) -> list[LineRow]:
    """The lines, as they stood, of every voucher that has a line of the agent or month."""
    rows: list[LineRow] = []
    async for streams in _concerned(connection, filters):
        rows += await _folded(connection, streams, then)
    return rows


async def _concerned(connection: AsyncConnection[Any], filters: LineFilters) -> AsyncIterator[list[UUID]]:
    conditions: list[Composable] = [SQL("true")]
    if filters.agent is not None:
        conditions.append(SQL("agent = {}").format(Literal(filters.agent)))
    if filters.month is not None:
        conditions.append(_OF_MONTH.format(Literal(str(filters.month))))
    found = await connection.execute(_STREAMS.format(SQL(" AND ").join(conditions)))
    streams = [stream for (stream,) in await found.fetchall()]
    for begin in range(0, len(streams), CHUNK):
        yield streams[begin : begin + CHUNK]


async def _folded(connection: AsyncConnection[Any], streams: Collection[UUID], then: Then) -> list[LineRow]:
    """The lines of these streams; an offset takes its causes from the line it offsets, which stands in another."""
    history = await _histories(connection, streams, then)
    offsets = {UUID(one.event.line.partition(".")[0]) for one in history if isinstance(one.event, Moved)}
    if others := offsets - {*streams}:
        history += await _histories(connection, others, then)
    rows = folded(sorted(history, key=attrgetter("position")))
    return [row for row in rows if UUID(row.entry_id.partition(".")[0]) in {*streams}]


async def _histories(connection: AsyncConnection[Any], streams: Collection[UUID], then: Then) -> list[Recorded]:
    cursor = connection.cursor(binary=True)
    await cursor.execute(_EVENTS, [[*streams], then if isinstance(then, int) else _EVERYTHING])
    events: Sequence[Recorded] = [recorded(Stored._make(row)) for row in await cursor.fetchall()]
    if isinstance(then, datetime):
        streamwise = groupby(events, attrgetter("stream"))
        return [one for _, history in streamwise for one in recorded_by(history, then)]
    return [*events]
