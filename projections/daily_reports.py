"""Which days have a report, and whether its digest went out: one row per day (S-4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from domain.report import events as e
from projections.view import Cursor, Rows, View


@dataclass(slots=True, kw_only=True)
class ReportRow:
    """A day's report."""

    id: UUID
    date: date
    sent: bool = False


_ROWS = Rows("read.daily_reports_1", ReportRow)


class DailyReportsView(View):
    """One row per report."""

    name = "daily_reports_1"
    topics = ("daily_report.made", "daily_report.sent")
    tables = ("read.daily_reports_1",)
    create = """
        CREATE TABLE IF NOT EXISTS read.daily_reports_1 (
            id uuid PRIMARY KEY, date date UNIQUE NOT NULL, sent boolean NOT NULL
        );
        CREATE INDEX IF NOT EXISTS daily_reports_1_unsent ON read.daily_reports_1 (date) WHERE NOT sent;
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        rows = await _ROWS.load(cursor, {recorded.stream for recorded in events})
        for recorded in events:
            if isinstance(recorded.event, e.Made):
                rows[recorded.stream] = ReportRow(id=recorded.stream, date=recorded.event.date)
            else:
                rows[recorded.stream].sent = True
        await _ROWS.upsert(cursor, rows.values())


async def unsent(connection: AsyncConnection[Any], since: date) -> list[date]:
    """The days from `since` on whose digest has not gone out, the oldest first."""
    query = "SELECT date FROM read.daily_reports_1 WHERE NOT sent AND date >= %s ORDER BY date"
    return [day for (day,) in await (await connection.execute(query, (since,))).fetchall()]
