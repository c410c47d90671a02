"""Notices to people at work, and what was read of them: warnings, breaches, rungs of the ladder (D-3d, D-4).

And to who registered a webhook, that it is disabled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from application.envelope import Recorded
from application.sealing import Opener
from domain.case import events as e
from domain.notice import events as n
from domain.report import events as r
from domain.values import Actor, AgentId
from domain.webhook import events as w
from projections.view import Cursor, Page, Rows, View


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice; the columns of `read.notices_2`. agent: to whom, None in the head's queue.

    stream: of which clocks. webhook: of which webhook, where it is of none of a case's clocks.
    """

    position: int
    at: datetime
    agent: AgentId | None
    type: str
    stream: UUID | None = None
    clock: str | None = None
    number: int | None = None
    policy: str | None = None
    level: int | None = None
    due_at: datetime | None = None
    webhook: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """That somebody has read a notice; the columns of `read.notice_reads_2`. id: `agent/position`."""

    id: str
    agent: AgentId
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of somebody's list: a notice, or the digest of an hour with its `count` of notices.

    id: the notice's position, or the hour, UTC. kinds: how many of each type a digest holds.
    """

    id: str
    position: int
    at: datetime
    count: int
    read: bool
    digest: bool
    type: str | None = None
    case_id: UUID | None = None
    clock: str | None = None
    number: int | None = None
    policy: str | None = None
    level: int | None = None
    due_at: datetime | None = None
    webhook: UUID | None = None
    kinds: dict[str, int] | None = None


_NOTICES, _READS = Rows("read.notices_2", NoticeRow), Rows("read.notice_reads_2", ReadRow)


class NoticesView(View):
    """One row per notice, and one per notice that somebody has read."""

    name = "notices_2"
    topics = (
        "case.deadline_warned",
        "case.deadline_breached",
        "case.alerted",
        "daily_report.made",
        "webhook.disabled",
        "notice.",
    )
    tables = ("read.notices_2", "read.notice_reads_2")
    create = """
        CREATE TABLE IF NOT EXISTS read.notices_2 (
            position bigint PRIMARY KEY, at timestamptz NOT NULL, agent text, type text NOT NULL, stream uuid,
            clock text, number int, policy text, level int, due_at timestamptz, webhook uuid
        );
        CREATE INDEX IF NOT EXISTS notices_2_agent ON read.notices_2 (agent, position);
        CREATE TABLE IF NOT EXISTS read.notice_reads_2 (
            id text PRIMARY KEY, agent text NOT NULL, position bigint NOT NULL
        );
        CREATE INDEX IF NOT EXISTS notice_reads_2_agent ON read.notice_reads_2 (agent, position);
    """

    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:  # noqa: ARG002
        """See View.write."""
        told = (*_told(events), *_of_webhooks(events), *_of_reports(events), *_of_doors(events))
        await _NOTICES.upsert(cursor, list(told))
        await _READS.upsert(cursor, list(_read(events)))


def _told(events: Sequence[Recorded]) -> Iterator[NoticeRow]:
    for one in events:
        if isinstance(one.event, e.DeadlineWarned | e.DeadlineBreached | e.Alerted):
            yield NoticeRow(
                position=one.position,
                at=one.meta.at,
                agent=one.event.to,
                type=one.event.topic,
                stream=one.stream,
                clock=one.event.clock,
                number=one.event.number,
                policy=one.event.policy,
                level=one.event.level if isinstance(one.event, e.Alerted) else None,
                due_at=None if isinstance(one.event, e.Alerted) else one.event.due_at,
            )


def _of_webhooks(events: Sequence[Recorded]) -> Iterator[NoticeRow]:
    for one in events:
        if isinstance(one.event, w.Disabled):
            yield NoticeRow(
                position=one.position,
                at=one.meta.at,
                agent=one.event.to,
                type=one.event.topic,
                webhook=UUID(one.event.id),
            )


def _of_reports(events: Sequence[Recorded]) -> Iterator[NoticeRow]:
    """S-4: the report of a day goes to the managers, each of whom finds it in the head's queue."""
    for one in events:
        if isinstance(one.event, r.Made):
            yield NoticeRow(position=one.position, at=one.meta.at, agent=None, type=one.event.topic)


def _of_doors(events: Sequence[Recorded]) -> Iterator[NoticeRow]:
    for one in events:
        if isinstance(one.event, n.SignInClosed):
            until = one.event.until
            yield NoticeRow(
                position=one.position, at=one.meta.at, agent=one.event.to, type=one.event.topic, due_at=until
            )


def _read(events: Sequence[Recorded]) -> Iterator[ReadRow]:
    for one in events:
        if isinstance(one.event, n.Read):
            for position in one.event.notices:
                yield ReadRow(id=f"{one.event.by}/{position}", agent=one.event.by, position=position)


# ---- questions ------------------------------------------------------------------------------------------------------
_OWN = """
    SELECT n.*, r.position IS NOT NULL AS read,
        to_char(date_trunc('hour', n.at AT TIME ZONE 'UTC'), 'YYYY-MM-DD"T"HH24"Z"') AS hour
    FROM read.notices_2 n LEFT JOIN read.notice_reads_2 r ON r.agent = %(reader)s AND r.position = n.position
    WHERE n.agent = %(reader)s OR (n.agent IS NULL AND %(supervises)s)"""
_ITEMS = f"""
    WITH own AS ({_OWN}), wanted AS (
        SELECT *, count(*) OVER (PARTITION BY hour) > %(digest_above)s AS many FROM own
        WHERE %(unread)s::boolean IS NULL OR read <> %(unread)s),
    items AS (
        SELECT coalesce(max(hour) FILTER (WHERE many), max(position)::text) AS id, max(position) AS position,
            max(at) AS at, count(*) AS count, bool_and(read) AS read, bool_and(many) AS digest
        FROM wanted GROUP BY many, CASE WHEN many THEN hour ELSE position::text END)
    SELECT to_json(shown)::text FROM (
        SELECT i.*, CASE WHEN NOT digest THEN n.type END AS type, CASE WHEN NOT digest THEN c.id END AS case_id,
            CASE WHEN NOT digest THEN n.clock END AS clock, CASE WHEN NOT digest THEN n.number END AS number,
            CASE WHEN NOT digest THEN n.policy END AS policy, n.level, CASE WHEN NOT digest THEN n.due_at END AS due_at,
            CASE WHEN NOT digest THEN n.webhook END AS webhook,
            CASE WHEN digest THEN (
                SELECT json_object_agg(type, many) FROM (
                    SELECT type, count(*) AS many FROM wanted w WHERE w.hour = i.id GROUP BY type) types) END AS kinds
        FROM items i JOIN read.notices_2 n USING (position) LEFT JOIN read.case_clocks_2 c ON c.clocks = n.stream
        WHERE %(after)s::bigint IS NULL OR i.position < %(after)s
        ORDER BY i.position DESC LIMIT %(limit)s) shown"""  # noqa: S608  a constant
_MEANT = f"SELECT position FROM ({_OWN}) own WHERE position::text = %(item)s OR hour = %(item)s"  # noqa: S608
_decode = msgspec.json.Decoder(Item).decode


async def listed(
    connection: AsyncConnection[Any],
    reader: Actor,
    digest_above: int,
    *,
    unread: bool | None = None,
    after: int | None = None,
    limit: int = 50,
) -> Page[Item]:
    """A page of somebody's notices, the latest first; supervisors see the head's queue too.

    unread: only those, or only the others. digest_above: more than so many in an hour are one item.
    """
    asked = {**_reader(reader), "digest_above": digest_above, "unread": unread, "after": after, "limit": limit + 1}
    found = await (await connection.execute(_ITEMS.encode(), asked)).fetchall()
    items = [_decode(row) for (row,) in found[:limit]]
    return Page(items, str(items[-1].position) if len(found) > limit else None)


async def meant(connection: AsyncConnection[Any], reader: Actor, item: str) -> list[int]:
    """The positions behind an item of somebody's list; none where there is no such item."""
    found = await connection.execute(_MEANT.encode(), {**_reader(reader), "item": item})
    return [position for (position,) in await found.fetchall()]


def _reader(reader: Actor) -> dict[str, Any]:
    return {"reader": reader.id, "supervises": reader.supervises}
