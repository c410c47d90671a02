"""How far messages have come, in the tables of the schema `webhooks`; what they say, the projection knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from adapters.webhooks.sending import Outcome
from projections.view import Page

TOGETHER = 20
"""Messages sent at the same time."""
TO_ONE = 4
"""Of these to one address: who does not answer keeps nobody else waiting."""
# the projection goes forward in one order, so that nothing ever comes in behind
_TAKE_OVER = """
    INSERT INTO webhooks.deliveries (webhook, position, next_at)
    SELECT webhook, position, %s FROM read.webhook_messages_1
    WHERE position > coalesce((SELECT max(position) FROM webhooks.deliveries), 0)
    ON CONFLICT DO NOTHING"""
_DUE = """
    SELECT webhook, position, tries, message, kind, at, data, url, case_id FROM (
        SELECT d.webhook, d.position, d.tries, d.next_at, m.message, m.kind, m.at, m.data, w.url, c.id AS case_id,
            row_number() OVER (PARTITION BY d.webhook ORDER BY d.next_at, d.position) AS place
        FROM webhooks.deliveries d
            JOIN read.webhooks_1 w ON w.id = d.webhook AND w.enabled
            JOIN read.webhook_messages_1 m ON m.id = d.webhook || '/' || d.position
            LEFT JOIN read.case_clocks_2 c ON c.clocks = m.clocks
        WHERE d.next_at <= %s AND (m.clocks IS NULL OR c.id IS NOT NULL)) due
    WHERE place <= %s ORDER BY next_at, position LIMIT %s"""
# one statement, hence one transaction: several are noted at the same time over one connection
_ATTEMPTED = """
    WITH attempt AS (
        INSERT INTO webhooks.attempts (webhook, position, number, at, status, fault)
        VALUES (%(webhook)s, %(position)s, %(number)s, %(at)s, %(status)s, %(fault)s))
    UPDATE webhooks.deliveries SET state = %(state)s, tries = %(number)s, next_at = %(next_at)s
    WHERE webhook = %(webhook)s AND position = %(position)s"""
_LISTED = """
    SELECT d.position, m.message, m.kind, d.state, d.next_at, coalesce(
        (SELECT json_agg(json_build_object('number', number, 'at', at, 'status', status, 'fault', fault)
            ORDER BY number) FROM webhooks.attempts a
         WHERE (a.webhook, a.position) = (d.webhook, d.position)), '[]') AS attempts
    FROM webhooks.deliveries d JOIN read.webhook_messages_1 m ON m.id = d.webhook || '/' || d.position
    WHERE d.webhook = %(webhook)s AND (%(after)s::bigint IS NULL OR d.position < %(after)s)
    ORDER BY d.position DESC LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message that is to be sent now. tries: how often it was tried; case_id: of which case it tells, if of one."""

    webhook: UUID
    position: int
    tries: int
    message: int
    kind: str
    at: datetime
    data: dict[str, Any]
    url: str
    case_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt: the status that was answered, or why there was no answer."""

    number: int
    at: datetime
    status: int | None
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message to an address and what came of it; state: pending, delivered, dead."""

    position: int
    message: int
    kind: str
    state: str
    next_at: datetime | None
    attempts: list[Attempt]


async def take_over(connection: AsyncConnection[Any], now: datetime) -> None:
    """Take over what the projection has found to send."""
    await connection.execute(_TAKE_OVER, [now])


async def due(connection: AsyncConnection[Any], now: datetime) -> Sequence[Due]:
    """What is to be sent by now, in the order in which it fell due."""
    async with connection.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(_DUE, [now, TO_ONE, TOGETHER], prepare=True)
        return await cursor.fetchall()


async def attempted(
    connection: AsyncConnection[Any], one: Due, at: datetime, outcome: Outcome, next_at: datetime | None
) -> None:
    """Note an attempt, and when the next one is; without one the message is delivered, or given up."""
    state = "delivered" if outcome.delivered else "pending" if next_at else "dead"
    noted = {"webhook": one.webhook, "position": one.position, "number": one.tries + 1, "at": at}
    came_of_it = {"status": outcome.status, "fault": outcome.fault, "state": state, "next_at": next_at}
    await connection.execute(_ATTEMPTED, noted | came_of_it)


async def listed(connection: AsyncConnection[Any], webhook: UUID, after: int | None, limit: int) -> Page[Delivery]:
    """A page of the messages to an address, the latest first."""
    asked = {"webhook": webhook, "after": after, "limit": limit + 1}
    async with connection.cursor() as cursor:
        await cursor.execute(_LISTED, asked)
        names = [column.name for column in cursor.description or ()]
        found = [msgspec.convert(dict(zip(names, row, strict=True)), Delivery) for row in await cursor.fetchall()]
    return Page(found[:limit], str(found[limit - 1].position) if len(found) > limit else None)
