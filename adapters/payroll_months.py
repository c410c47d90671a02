"""Payroll months and their statements as they are read, closed and exported (L-4, L-5)."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import msgspec

from adapters.payroll_export.export import FORMS, Format, export, file_name
from adapters.payroll_export.lines import ExportLine, ExportStatement, MonthExport
from adapters.payroll_export.manifest import Manifest
from adapters.postgres.pool import Pool
from application.payroll import SealedMonth
from application.posting import PolicyOf
from application.statements import Statements
from domain.kernel import Refusal
from domain.ledger.lines import Kind
from domain.payroll.account import state
from domain.payroll.events import Stated, Total
from domain.payroll.months import Stage
from domain.values import AgentId, Month
from projections import ledger_lists, tracking
from projections.ledger import Ledger, LineRow, MonthRow
from projections.ledger_book import LedgerBook

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

    def __init__(self, pool: Pool, statements: Statements, policy_of: PolicyOf) -> None:
        self._pool, self._statements, self._policy_of = pool, statements, policy_of

    async def first_month(self) -> Month | None:
        """See Closing.first_month."""
        return await LedgerBook(self._pool.connection).first_month()

    async def sealed(self, month: Month, cut: int) -> SealedMonth:
        """See Closing.sealed: the digest is over the files that `export` gives as JSON Lines, one after the other."""
        made = await self._export(month, cut, draft=False)
        return await sealed(made, partial(self._lines, month), await self._totals(month))

    async def month(self, month: Month) -> dict[str, Any]:
        """A month: its stage, who froze and closed it, its totals and statements."""
        async with self._pool.connection() as connection:
            row = await ledger_lists.month_row(connection, month)
        stated = await self._stated(month, row)
        totals = await self._totals(month)
        return {
            **_month(row),
            "net_fen": sum(one.net_fen for one in stated),
            "totals": msgspec.to_builtins(totals),
            "statements": [_statement(one) for one in stated],
        }

    async def months(self, after: str | None, limit: int) -> tuple[Sequence[dict[str, Any]], str | None]:
        """A page of months, newest first."""
        async with self._pool.connection() as connection:
            page = await ledger_lists.months(connection, after, limit)
        return [_month(row) for row in page.items], page.next

    async def statement(self, month: Month, agent: AgentId) -> dict[str, Any] | None:
        """An agent's statement with its lines; of a month that is not frozen as it stands now. None: nothing in it."""
        async with self._pool.connection() as connection:
            row = await ledger_lists.month_row(connection, month)
            drawn = await ledger_lists.statement(connection, month, agent)
            lines = await ledger_lists.statement_lines(connection, month, agent)
        stated = drawn.stated if drawn else next((one for one in await self._live(month) if one.agent == agent), None)
        if stated is None:
            return None
        return {"status": stage(row), **_statement(stated), "lines": msgspec.Raw(lines)}

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
        async with self._pool.connection() as connection:
            row = await ledger_lists.month_row(connection, month)
            position = (await tracking.positions(connection))[Ledger.name]
        made = await self._export(month, row.closed.cut if row.closed else position, draft=draft)
        return await self._written(made, form, file), file_name(made, form)

    async def _written(self, month: MonthExport, form: Format, file: BinaryIO) -> Manifest | None:
        async with aclosing(self._lines(month.month)) as lines:
            return await export(month, lines, form, file)

    async def _lines(self, month: Month) -> AsyncGenerator[ExportLine, None]:
        async with (
            self._pool.connection() as connection,
            aclosing(ledger_lists.posted(connection, month)) as lines,
        ):
            async for line in lines:
                yield export_line(line)

    async def _export(self, month: Month, cut: int, *, draft: bool) -> MonthExport:
        async with self._pool.connection() as connection:
            row = await ledger_lists.month_row(connection, month)
        statements = [export_statement(one) for one in await self._stated(month, row)]
        return MonthExport(month=month, position=cut, statements=statements, draft=draft)

    async def _stated(self, month: Month, row: MonthRow) -> Sequence[Stated]:
        if not row.drawn:
            return await self._live(month)
        async with self._pool.connection() as connection:
            return [one.stated for one in await ledger_lists.statements(connection, month)]

    async def _live(self, month: Month) -> list[Stated]:
        """What the statements would be if the month were frozen now, before any deduction from wages."""
        policy = await self._policy_of(month)
        terms = policy.terms(None, None, acknowledged=False)
        return [
            state(agent, month, terms, sums, basis=policy.basis, policy=policy.version)
            for agent, sums in (await self._statements.open_sums(month)).items()
        ]

    async def _totals(self, month: Month) -> tuple[Total, ...]:
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_TOTALS, [str(month)])).fetchall()
        return tuple(Total(kind=Kind(kind), lines=lines, amount_fen=amount) for kind, lines, amount in rows)


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


def export_statement(stated: Stated) -> ExportStatement:
    """The same fields, but for the month, which the export has, and the wage's cap, which is nobody's business."""
    return msgspec.convert(stated, ExportStatement, from_attributes=True)


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


def _statement(stated: Stated) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(stated)
    return {**shown, "month": str(stated.month)}
