"""What the reaction and the statements ask of many lines and facts at once, from the views."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Literal

from application.statements import Wages
from domain.ledger.events import Cause
from domain.ledger.lines import Code
from domain.payroll.settlement import Sums
from domain.values import AgentId, CaseId, Month
from domain.work.facts import Duty, Exam, MemberCallbacks
from projections import roster, work_facts

Connecting = Callable[[], AbstractAsyncContextManager[AsyncConnection[Any]]]

SUMS = """
    coalesce(sum(amount_fen) FILTER (WHERE kind = 'bonus'), 0)::bigint AS bonus,
    coalesce(sum(amount_fen) FILTER (WHERE kind = 'penalty'), 0)::bigint AS penalty,
    coalesce(sum(amount_fen) FILTER (WHERE kind = 'penalty' AND month <> posted_month), 0)::bigint AS late"""
_SUMS = SQL(f"""
    SELECT agent, {SUMS}
    FROM read.ledger_1 WHERE coalesce(posted_month, month) = {{}} AND posted_month IS NOT NULL
    GROUP BY agent""")  # noqa: S608  a constant
_CUT = SQL("SELECT frozen_at FROM read.payroll_months_1 WHERE month = {}")
_CARRIED = SQL("""
    SELECT agent, sum(carried_fen)::bigint FROM (
        SELECT agent, carried_fen FROM read.statements_1 WHERE month = {0}
        UNION ALL SELECT agent, carried_fen FROM read.carried_late_1 WHERE month = {0}) carrying
    GROUP BY agent HAVING sum(carried_fen) <> 0""")
_WAGES = SQL("SELECT agent, gross_fen, minimum_wage_fen FROM read.wages_1 WHERE month = {}")
_FIRST = "SELECT min(coalesce(posted_month, month)) FROM read.ledger_1 WHERE status <> 'dismissed'"


class LedgerBook:
    """application.statements.LedgerBook over the view of the ledgers."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting

    async def cut_of(self, month: Month) -> int | None:
        """See LedgerBook.cut_of."""
        rows = await self._rows(_CUT, month)
        return rows[0][0] if rows else None

    async def sums(self, month: Month) -> Mapping[AgentId, Sums]:
        """See LedgerBook.sums: one indexed query."""
        rows = await self._rows(_SUMS, month)
        return {of: Sums(bonus_fen=bonus, penalty_fen=penalty, late_fen=late) for of, bonus, penalty, late in rows}

    async def carried(self, month: Month) -> Mapping[AgentId, int]:
        """See LedgerBook.carried."""
        return dict(await self._rows(_CARRIED, month))

    async def wages(self, month: Month) -> Mapping[AgentId, Wages]:
        """See LedgerBook.wages."""
        return {of: Wages(gross, minimum) for of, gross, minimum in await self._rows(_WAGES, month)}

    async def first_month(self) -> Month | None:
        """The earliest month that has a line which counts or may come to count."""
        async with self._connecting() as connection:
            row = await (await connection.execute(_FIRST)).fetchone()
        return Month.parse(row[0]) if row and row[0] else None

    async def _rows(self, query: SQL, month: Month) -> list[Any]:
        async with self._connecting() as connection:
            return await (await connection.execute(query.format(Literal(str(month))))).fetchall()


class FactBook:
    """application.judging.CauseBook over the views of the facts and the roster."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting

    async def recommended_counts(self, month: Month) -> Mapping[AgentId, int]:
        """See FactBook.recommended_counts."""
        async with self._connecting() as connection:
            return await work_facts.recommended_counts(connection, month)

    async def tallies(self, month: Month) -> Sequence[MemberCallbacks]:
        """See FactBook.tallies."""
        async with self._connecting() as connection:
            return await work_facts.tallies(connection, month)

    async def exams(self, month: Month) -> Sequence[Exam]:
        """See FactBook.exams."""
        async with self._connecting() as connection:
            return await work_facts.exams(connection, month)

    async def calls_missed(self, start: datetime, end: datetime) -> Sequence[UUID]:
        """See FactBook.calls_missed."""
        async with self._connecting() as connection:
            return await work_facts.calls_missed(connection, start, end)

    async def conduct_of_case(self, case_id: CaseId) -> Sequence[UUID]:
        """See FactBook.conduct_of_case."""
        async with self._connecting() as connection:
            return await work_facts.conduct_of_case(connection, case_id)

    async def duties_at(self, at: datetime) -> Sequence[Duty]:
        """See FactBook.duties_at."""
        async with self._connecting() as connection:
            return await roster.duties_at(connection, at)

    async def months_with_monthly_facts(self) -> Sequence[Month]:
        """See FactBook.months_with_monthly_facts."""
        async with self._connecting() as connection:
            return await work_facts.months_with_monthly_facts(connection)

    async def causes(self, month: Month, code: Code, agents: Collection[AgentId]) -> Mapping[AgentId, Sequence[Cause]]:
        """See CauseBook.causes."""
        async with self._connecting() as connection:
            return await work_facts.causes(connection, month, code, agents)
