"""Payroll months and their statements as they are read, closed and exported (L-4, L-5)."""

from asyncio import gather
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import msgspec
from psycopg import AsyncConnection

from adapters.payroll_export.export import FORMS, Format, export, file_name
from adapters.payroll_export.lines import ExportLine, ExportStatement, MonthExport
from adapters.payroll_export.manifest import Manifest
from adapters.postgres.pool import Pool
from adapters.proof import tree_rows
from application.payroll import SealedMonth
from application.posting import PolicyOf
from application.statements import Acknowledged, Wages, opened, stated
from domain.kernel import Refusal
from domain.ledger.lines import Kind
from domain.payroll.events import Stated, Total
from domain.payroll.months import Stage
from domain.values import AgentId, Month
from projections import ledger_lists, tracking
from projections.case_then import Then
from projections.ledger import Ledger, LineRow, MonthRow
from projections.ledger_book import LedgerBook
from projections.ledger_lists import LineSight, StatementNow
from projections.ledger_then import acknowledged_then, statement_then

_PIECE = 1 << 20
_TOTALS = """
    SELECT kind, count(*), sum(amount_fen)::bigint FROM read.ledger_1
    WHERE coalesce(posted_month, month) = %s AND posted_month IS NOT NULL GROUP BY kind ORDER BY kind"""


def stage(row: MonthRow) -> Stage:
    """Open, frozen or closed."""
    if row.closed:
        return Stage.CLOSED
    return Stage.FROZEN if row.frozen_by else Stage.OPEN


class NotClosed(Refusal):
    """Only a closed month is exported; others as a draft."""

    code = "month_not_closed"


class MonthReads:
    """Reads months and statements; implements application.payroll.Closing."""

    def __init__(self, pool: Pool, policy_of: PolicyOf, acknowledged: Acknowledged) -> None:
        self._pool, self._policy_of, self._acknowledged = pool, policy_of, acknowledged

    async def first_month(self) -> Month | None:
        """See Closing.first_month."""
        return await LedgerBook(self._pool.connection).first_month()

    async def sealed(self, month: Month, cut: int) -> SealedMonth:
        """See Closing.sealed: the digest is over the files that `export` gives as JSON Lines, one after the other."""
        async with self._snapshot() as connection:
            row = await ledger_lists.month_row(connection, month)
            made = await self._export(connection, row, cut, draft=False)
            return await sealed(made, partial(_lines, connection, month), await _totals(connection, month))

    async def month(self, month: Month) -> dict[str, Any]:
        """A month: its stage, who froze and closed it, its totals and statements."""
        async with self._snapshot() as connection:
            row = await ledger_lists.month_row(connection, month)
            statements = await self._stated(connection, row)
            totals = await _totals(connection, month)
        return {
            **_month(row),
            "net_fen": sum(one.net_fen for one in statements),
            "totals": msgspec.to_builtins(totals),
            "statements": [_statement(one) for one in statements],
        }

    async def months(self, after: str | None, limit: int) -> tuple[Sequence[dict[str, Any]], str | None]:
        """A page of months, newest first."""
        async with self._pool.connection() as connection:
            page = await ledger_lists.months(connection, after, limit)
        return [_month(row) for row in page.items], page.next

    async def statement(
        self, month: Month, agent: AgentId, sight: LineSight | None = None, then: Then | None = None
    ) -> dict[str, Any] | None:
        """An agent's statement with its lines, as it stands or stood then; None: nothing in it that one may see.

        Of a month that is not frozen at that moment: what it would be, by the policy that is in force now.
        """
        if then is not None:
            return await self._statement_then(month, agent, sight, then)
        # by which policy is asked meanwhile, whether or not it turns out to matter
        now, policy = await gather(self._statement_now(month, agent, sight), self._policy_of(month))
        if now is None:
            return None
        found = now.drawn.stated if now.drawn else None
        if found is None and now.sums:
            agreed = policy.may_take(now.wages.gross_fen) and agent in await self._acknowledged(policy.version)
            found = stated(agent, month, policy, now.sums, now.wages, agreed=agreed)
        if found is None:
            return None
        return {"status": stage(now.month), **_statement(found), "lines": msgspec.Raw(now.lines)}

    async def _statement_now(self, month: Month, agent: AgentId, sight: LineSight | None) -> StatementNow | None:
        async with self._pool.connection() as connection:
            return await ledger_lists.statement_now(connection, month, agent, sight)

    async def _statement_then(
        self, month: Month, agent: AgentId, sight: LineSight | None, then: Then
    ) -> dict[str, Any] | None:
        policy = await self._policy_of(month)
        async with self._snapshot() as connection:
            if sight is not None and not await ledger_lists.seen(connection, sight, [agent]):
                return None
            stood = await statement_then(connection, month, agent, then)
            agreed = await acknowledged_then(connection, policy.version, agent, then)
        found = stood.drawn
        if found is None and stood.sums:
            found = stated(agent, month, policy, stood.sums, stood.wages, agreed=agreed)
        if found is None:
            return None
        return {"status": stage(stood.row), **_statement(found), "lines": msgspec.Raw(stood.lines)}

    async def stage(self, month: Month) -> Stage:
        """How far a month has come."""
        async with self._pool.connection() as connection:
            return stage(await ledger_lists.month_row(connection, month))

    async def is_draft(self, month: Month, *, draft: bool) -> bool:
        """Whether an export would be a draft. Raises NotClosed where one was not asked for."""
        closed = await self.stage(month) is Stage.CLOSED
        if not closed and not draft:
            raise NotClosed(f"{month} is not closed: ask for a draft, or close it first", rule="L-4")
        return not closed

    async def exported(self, month: Month, form: Format, file: BinaryIO, *, draft: bool) -> tuple[Manifest | None, str]:
        """Write a month; its manifest, which a draft has not, and the file's name."""
        async with self._snapshot() as connection:
            row = await ledger_lists.month_row(connection, month)
            position = (await tracking.positions(connection))[Ledger.name]
            made = await self._export(connection, row, row.closed.cut if row.closed else position, draft=draft)
            async with aclosing(_lines(connection, month)) as lines:
                manifest = await export(made, lines, form, file)
            head = await tree_rows.head_over(connection, made.position)
        return replace(manifest, head=head) if manifest else None, file_name(made, form)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection that sees everything as it stood at one moment: what is judged meanwhile does not add up."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    async def _export(self, connection: AsyncConnection[Any], row: MonthRow, cut: int, *, draft: bool) -> MonthExport:
        statements = [export_statement(one) for one in await self._stated(connection, row)]
        return MonthExport(month=Month.parse(row.month), position=cut, statements=statements, draft=draft)

    async def _stated(self, connection: AsyncConnection[Any], row: MonthRow) -> Sequence[Stated]:
        month = Month.parse(row.month)
        if not row.drawn:
            return await self._live(connection, month)
        return [one.stated for one in await ledger_lists.statements(connection, month)]

    async def _live(self, connection: AsyncConnection[Any], month: Month) -> list[Stated]:
        """What the statements would be if the month were frozen now."""
        policy, book = await self._policy_of(month), LedgerBook(lambda: nullcontext(connection))
        found = opened(await book.sums(month), await book.carried(month.before))
        wages, agreed = await book.wages(month), await self._acknowledged(policy.version)
        return [
            stated(of, month, policy, sums, wages.get(of, Wages()), agreed=of in agreed) for of, sums in found.items()
        ]


async def _totals(connection: AsyncConnection[Any], month: Month) -> tuple[Total, ...]:
    rows = await (await connection.execute(_TOTALS, [str(month)])).fetchall()
    return tuple(Total(kind=Kind(kind), lines=lines, amount_fen=amount) for kind, lines, amount in rows)


async def _lines(connection: AsyncConnection[Any], month: Month) -> AsyncGenerator[ExportLine, None]:
    async with aclosing(ledger_lists.posted(connection, month)) as lines:
        async for line in lines:
            yield export_line(line)


async def sealed(
    made: MonthExport, lines: Callable[[], AsyncGenerator[ExportLine, None]], totals: tuple[Total, ...]
) -> SealedMonth:
    """What a closing says of a month; its lines are asked for once. Raises DoesNotAddUp."""
    with TemporaryFile() as of_lines, TemporaryFile() as of_statements:
        async with aclosing(lines()) as found:
            manifest = await export(made, found, Format.JSONL, of_lines)
        # the first file has added up lines and statements: the second needs no lines again
        FORMS[Format.JSONL_STATEMENTS].write(made, iter(()), of_statements)
        digest = _digest(of_lines, of_statements)
    net = sum(statement.net_fen for statement in made.statements)
    return SealedMonth(net, totals, tuple(manifest.tariffs) if manifest else (), digest)


def export_line(line: LineRow) -> ExportLine:
    """A line as it stood when it was posted: what came after, an appeal or a reversal, is not in it."""
    return ExportLine(
        entry_id=line.entry_id,
        agent=line.agent,
        code=line.code,
        amount_fen=line.amount_fen,
        occurred_on=line.occurred_on,
        posted_month=Month.parse(line.posted_month) if line.posted_month else None,
        tariff=line.tariff,
        explanation=line.explanation,
        status=line.status,
        reverses=line.reverses,
        causes=line.causes,
    )


def export_statement(statement: Stated) -> ExportStatement:
    """The same fields, but for the month, which the export has, and the wage's cap, which is nobody's business."""
    return msgspec.convert(statement, ExportStatement, from_attributes=True)


def _digest(*files: BinaryIO) -> str:
    whole = sha256()
    for file in files:
        file.seek(0)
        while piece := file.read(_PIECE):
            whole.update(piece)
    return whole.hexdigest()


def _month(row: MonthRow) -> dict[str, Any]:
    closed = row.closed
    return {
        "month": row.month,
        "version": [Stage.OPEN, Stage.FROZEN, Stage.CLOSED].index(stage(row)),
        "status": stage(row),
        "frozen_by": row.frozen_by,
        "closed_by": closed.by if closed else None,
        "cut_position": row.frozen_at,
        "digest": closed.digest if closed else None,
    }


def _statement(statement: Stated) -> dict[str, Any]:
    """All but the wage's cap: it would tell supervisors what the agent earns."""
    shown: dict[str, Any] = msgspec.to_builtins(statement)
    del shown["wage_cap_fen"]
    return {**shown, "month": str(statement.month)}
