"""The log read from end to end to judge it again: stream by stream, beside what is expected of it.

Everything in one transaction, which sees the log as it was when that began. What is laid down in between lies in
temporary tables of the database: this process keeps one stream at a time.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, IsolationLevel

from application.envelope import Recorded
from application.matters import Matter
from domain.ledger.lines import Kind, Line
from domain.payroll.settlement import Sums
from domain.values import AgentId, Month
from projections.ledger import LINES, LineRow
from projections.reactor import NAME as JUDGING
from projections.stretch import Stored, recorded
from projections.tracking import END

AT_ONCE = 2_000
"""How many rows are fetched, and laid down, at a time."""
Progress = Callable[[int], None]
"""Told how many more events have been read."""
_TABLES = """
    CREATE TEMP TABLE expected (voucher uuid NOT NULL, matter text NOT NULL, lines text NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE posted (
        month text NOT NULL, agent text COLLATE "C" NOT NULL, occurred_on date NOT NULL,
        code text COLLATE "C" NOT NULL, entry_id text COLLATE "C" NOT NULL, kind text NOT NULL,
        amount_fen bigint NOT NULL, line text NOT NULL) ON COMMIT DROP;
    CREATE INDEX ON posted (month, agent, occurred_on, code, entry_id);
    CREATE INDEX ON posted (entry_id)"""
_LAY_EXPECTED = "COPY expected (voucher, matter, lines) FROM STDIN"
_LAY_POSTED = "COPY posted (month, agent, occurred_on, code, entry_id, kind, amount_fen, line) FROM STDIN"
_JUDGED = "SELECT notification_id FROM read.tracking WHERE application_name = %s"
_SINCE = """
    SELECT notification_id, originator_id, originator_version, topic, state FROM log.events
    WHERE notification_id > %s AND topic LIKE ANY (%s) ORDER BY notification_id"""
_UNJUDGED = """
    SELECT coalesce(max(notification_id), 0) FROM log.events WHERE topic LIKE ANY (%s) AND notification_id <= %s
        AND notification_id > (SELECT notification_id FROM read.tracking WHERE application_name = %s)"""
_POSITIONS = "SELECT notification_id FROM log.events WHERE originator_id = %s ORDER BY 1"
_COUNT = "SELECT count(*) FROM log.events WHERE topic LIKE ANY (%s)"
_STREAMS = """
    SELECT originator_id, NULL, NULL, notification_id, originator_id, originator_version, topic, state FROM log.events
    WHERE topic LIKE ANY (%s) ORDER BY originator_id, originator_version"""
_BESIDE = """
    SELECT coalesce(voucher, originator_id), matter, lines,
        notification_id, originator_id, originator_version, topic, state
    FROM expected FULL JOIN (
        SELECT * FROM log.events WHERE topic LIKE 'ledger.%%' AND topic <> 'ledger.offset') recorded
        ON voucher = originator_id
    ORDER BY 1, originator_version"""
_POSTED = "SELECT line FROM posted WHERE month = %s ORDER BY agent, occurred_on, code, entry_id"
_NAMED = "SELECT line FROM posted WHERE entry_id = %s"
_SUMS = """
    SELECT agent, coalesce(sum(amount_fen) FILTER (WHERE kind = 'bonus'), 0)::bigint,
        coalesce(sum(amount_fen) FILTER (WHERE kind = 'penalty'), 0)::bigint,
        coalesce(sum(amount_fen) FILTER (
            WHERE kind = 'penalty' AND to_char(occurred_on, 'YYYY-MM') <> month), 0)::bigint
    FROM posted WHERE month = %s GROUP BY agent"""
_TOTALS = "SELECT kind, count(*), sum(amount_fen)::bigint FROM posted WHERE month = %s GROUP BY kind ORDER BY kind"
_lines = msgspec.json.Decoder(tuple[Line, ...]).decode


@dataclass(frozen=True, slots=True)
class Beside:
    """A voucher's events, and beside them the matter they belong to with its lines; either may lack."""

    matter: Matter | None
    lines: Sequence[Line]
    history: list[Recorded]


class LogScan:
    """The log as it was when the scan began; made by `scanning`."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    async def judged_upto(self) -> int:
        """Up to where the reaction had judged."""
        return int((await self._rows(_JUDGED, [JUDGING]))[0][0])

    async def positions(self, stream: UUID) -> tuple[int, ...]:
        """Where the events of a stream stand."""
        return tuple(position for (position,) in await self._rows(_POSITIONS, [stream]))

    async def count(self, topics: Iterable[str]) -> int:
        """How many events there are under beginnings of topics."""
        return int((await self._rows(_COUNT, [_patterns(topics)]))[0][0])

    async def count_of_vouchers(self) -> int:
        """How many events all vouchers have."""
        return await self.count(["ledger."]) - await self.count(["ledger.offset"])

    async def histories(
        self, topics: Iterable[str], progress: Progress = lambda _: None
    ) -> AsyncGenerator[Sequence[Recorded], None]:
        """The events under beginnings of topics, stream by stream."""
        async with aclosing(self._runs("histories", _STREAMS, [_patterns(topics)], progress)) as runs:
            async for run in runs:
                yield run.history

    # ---- lines beside what is expected ------------------------------------------------------------------------------
    async def expect(self, found: Sequence[tuple[Matter, Sequence[Line]]]) -> None:
        """Lay down what matters come to."""
        rows = [(matter.voucher.id, str(matter), msgspec.json.encode(lines).decode()) for matter, lines in found]
        await self._lay(_LAY_EXPECTED, rows)

    async def beside(self, progress: Progress) -> AsyncGenerator[Beside, None]:
        """Every voucher of the log beside what is expected of it, and what is expected beside nothing."""
        await self._connection.execute("ANALYZE expected")
        async with aclosing(self._runs("beside", _BESIDE, [], progress)) as runs:
            async for run in runs:
                yield run

    # ---- posted lines -----------------------------------------------------------------------------------------------
    async def post(self, lines: Sequence[LineRow]) -> None:
        """Lay down lines that stand in statements."""
        await self._lay(_LAY_POSTED, [_posted(line) for line in lines])

    async def posted(self, month: Month) -> AsyncGenerator[LineRow, None]:
        """The lines of a month's statements, by agent, day, code and id."""
        async with aclosing(self._fetched("posted", _POSTED, [str(month)])) as rows:
            async for (line,) in rows:
                yield LINES.decode(line)

    async def line(self, entry_id: str) -> LineRow | None:
        """A line that stands in a statement."""
        rows = await self._rows(_NAMED, [entry_id])
        return LINES.decode(rows[0][0]) if rows else None

    async def sums(self, month: Month) -> Mapping[AgentId, Sums]:
        """What the lines posted into a month come to, by agent."""
        rows = await self._rows(_SUMS, [str(month)])
        return {of: Sums(bonus_fen=bonus, penalty_fen=penalty, late_fen=late) for of, bonus, penalty, late in rows}

    async def totals(self, month: Month) -> Sequence[tuple[Kind, int, int]]:
        """The number and the sum of the lines of each kind."""
        return [(Kind(kind), lines, amount) for kind, lines, amount in await self._rows(_TOTALS, [str(month)])]

    # ---- how it is read and written ---------------------------------------------------------------------------------
    async def _rows(self, query: LiteralString, parameters: Sequence[object]) -> list[Any]:
        return await (await self._connection.execute(query, parameters)).fetchall()

    async def _runs(
        self, name: str, query: LiteralString, parameters: Sequence[object], progress: Progress
    ) -> AsyncGenerator[Beside, None]:
        """Rows of one stream after the other as one."""
        stream: UUID | None = None
        run = Beside(None, (), [])
        async with aclosing(self._fetched(name, query, parameters, progress)) as rows:
            async for of, matter, lines, *event in rows:
                if of != stream:
                    if stream:
                        yield run
                    known = Matter.parse(matter) if matter else None
                    stream, run = of, Beside(known, _lines(lines) if lines else (), [])
                if event[0] is not None:
                    run.history.append(recorded(Stored._make(event)))
        if stream:
            yield run

    async def _fetched(
        self, name: str, query: LiteralString, parameters: Sequence[object], progress: Progress = lambda _: None
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        async with self._connection.cursor(name, binary=True) as cursor:
            await cursor.execute(query, parameters)
            while rows := await cursor.fetchmany(AT_ONCE):
                for row in rows:
                    yield row
                progress(sum(row[-1] is not None for row in rows))

    async def _lay(self, statement: LiteralString, rows: Iterable[tuple[Any, ...]]) -> None:
        async with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                await copy.write_row(row)


@asynccontextmanager
async def scanning(dsn: str) -> AsyncIterator[LogScan]:
    """A scan over a connection of its own, without a limit of time; it leaves nothing behind."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
        async with connection.transaction():
            await connection.execute(_TABLES)
            yield LogScan(connection)


async def since(dsn: str, position: int, topics: Iterable[str]) -> list[Recorded]:
    """The events behind a position, under beginnings of topics, as the log is now."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        cursor = await connection.cursor(binary=True).execute(_SINCE, [position, _patterns(topics)])
        return [recorded(Stored._make(row)) for row in await cursor.fetchall()]


async def unjudged(dsn: str, topics: Iterable[str], upto: int = END) -> int:
    """The last event under beginnings of topics that the reaction has not come to, up to a position; 0: none."""
    async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
        row = await (await connection.execute(_UNJUDGED, [_patterns(topics), upto, JUDGING])).fetchone()
    return int(row[0]) if row else 0


def _patterns(topics: Iterable[str]) -> list[str]:
    return [topic.replace("_", "\\_") + "%" for topic in topics]


def _posted(line: LineRow) -> tuple[str | None, AgentId, date, str, str, str, int, str]:
    encoded = msgspec.json.encode(line).decode()
    return (
        line.posted_month,
        line.agent,
        line.occurred_on,
        line.code,
        line.entry_id,
        line.kind,
        line.amount_fen,
        encoded,
    )
