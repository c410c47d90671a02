"""The parts of shifts put together: who runs them, swaps, handovers, daily reports, over the log and the views."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from time import monotonic
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from adapters.postgres.histories import PostgresHistories
from adapters.postgres.pool import Pool
from application.calendars import shipped as shipped_calendar
from application.daily_reports import DailyReports
from application.event_log import Log, Unavailable
from application.handover import DayFigures, Handovers, Neighbours, Span
from application.handover_reads import HandoverReads, Reminder
from application.sealing import Keyring, subjects
from application.shifts import ShiftId
from application.swap_reads import SwapWords, words
from application.swaps import Swaps
from domain.shift.handover import Handover
from domain.shift.words import ShiftKind
from domain.values import Actor, AgentId
from projections import daily_report, handover_summary, roster, tracking
from projections.directory import agent_names
from projections.swaps import SwapFilters, SwapRow, swap_events, swaps
from projections.view import Page

WAIT_S = 5.0
"""How long one waits until the views have what is recorded."""
_LOOK_AGAIN_S = 0.02
Connection = AsyncConnection[Any]


def public_holiday() -> Callable[[date], bool]:
    """Whether a local day is a public holiday of the default calendar."""
    calendar = shipped_calendar()

    def holiday(day: date) -> bool:
        special = calendar.special.get(day)
        return special is not None and special.public_holiday

    return holiday


class CaughtUp:
    """Connections on which views are read once they have what was recorded by then."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def reading(self, views: Collection[str]) -> AsyncIterator[Connection]:
        """A connection, once the views have come to where the log is now. Raises Unavailable after WAIT_S."""
        async with self._pool.connection() as connection:
            head, until = await tracking.head(connection), monotonic() + WAIT_S
            while await _standing(connection, views) < head:
                if monotonic() > until:
                    raise Unavailable("what was recorded last cannot be read yet: send the command again")
                await asyncio.sleep(_LOOK_AGAIN_S)
            yield connection


async def _standing(connection: Connection, views: Collection[str]) -> int:
    positions = await tracking.positions(connection)
    return min(positions[view] for view in views)


class ProjectedRota:
    """Implements application.handover.Rota."""

    def __init__(self, caught_up: CaughtUp) -> None:
        self._caught_up = caught_up

    async def neighbours(self, shift: ShiftId) -> Neighbours:
        """See Rota.neighbours."""
        async with self._caught_up.reading([roster.RosterView.name]) as connection:
            before, after = await roster.beside(connection, UUID(shift))
        return Neighbours(_shift_id(before), _shift_id(after))

    async def of_day(self, day: date, kind: ShiftKind) -> Sequence[ShiftId]:
        """See Rota.of_day."""
        async with self._caught_up.reading([roster.RosterView.name]) as connection:
            return [ShiftId(str(shift)) for shift in await roster.shifts_of_day(connection, day, kind)]


def _shift_id(shift: UUID | None) -> ShiftId | None:
    return ShiftId(str(shift)) if shift else None


class ProjectedSummaries:
    """Implements application.handover.Summaries."""

    def __init__(self, caught_up: CaughtUp) -> None:
        self._caught_up = caught_up

    async def position(self) -> int:
        """See Summaries.position."""
        async with self._caught_up.reading(handover_summary.ASKED) as connection:
            return await handover_summary.position(connection)

    async def handover(self, span: Span) -> Handover:
        """See Summaries.handover."""
        async with self._caught_up.reading(handover_summary.ASKED) as connection:
            return await handover_summary.handover(connection, span)

    async def day(self, day: date, now: datetime) -> DayFigures:
        """See Summaries.day."""
        async with self._caught_up.reading(daily_report.ASKED) as connection:
            return await daily_report.figures(connection, day, now)


@dataclass(frozen=True, slots=True)
class HandoverParts:
    """What works on the course of shifts."""

    handovers: Handovers
    reads: HandoverReads
    swaps: Swaps
    reports: DailyReports
    rota: ProjectedRota
    keyring: Keyring
    pool: Pool

    async def names(self, agents: Sequence[AgentId]) -> dict[str, str | None]:
        """The names of agents by their employee numbers, as far as they are known."""
        async with self.pool.connection() as connection:
            return await agent_names(connection, agents)

    async def listed_swaps(self, filters: SwapFilters, after: int | None, limit: int) -> Page[SwapRow]:
        """A page of swaps, the last asked for first."""
        async with self.pool.connection() as connection:
            return await swaps(connection, filters, after, limit)

    async def words_of_swaps(self, rows: Sequence[SwapRow], actor: Actor) -> Mapping[UUID, SwapWords]:
        """What is said of swaps, for the eyes of somebody."""
        async with self.pool.connection() as connection:
            found = await swap_events(connection, [row.id for row in rows])
        people = {subject for events in found.values() for event in events for subject in subjects(event)}
        opener = await self.keyring.opener(sorted(people))
        return {row.id: words(opener, actor, row.away, found[row.id]) for row in rows}

    async def reminder_of_shift(self, shift: ShiftId) -> Reminder | None:
        """S-2: the handover that a shift has not accepted yet."""
        return await self.reads.reminder(shift, (await self.rota.neighbours(shift)).before)

    async def reminder_of(self, actor: Actor) -> Reminder | None:
        """S-2: the handover that the shift somebody works has not accepted yet."""
        async with self.pool.connection() as connection:
            row = await roster.worked_by(connection, actor.id)
        return await self.reminder_of_shift(ShiftId(str(row.id))) if row else None


def handover_parts(log: Log, keyring: Keyring, pool: Pool) -> HandoverParts:
    """The parts over the log and the views."""
    caught_up = CaughtUp(pool)
    rota, summaries = ProjectedRota(caught_up), ProjectedSummaries(caught_up)
    handovers = Handovers(log, keyring, rota, summaries)
    return HandoverParts(
        handovers=handovers,
        reads=HandoverReads(handovers, PostgresHistories(pool), keyring),
        swaps=Swaps(log, keyring, public_holiday()),
        reports=DailyReports(log, keyring, rota, summaries),
        rota=rota,
        keyring=keyring,
        pool=pool,
    )
