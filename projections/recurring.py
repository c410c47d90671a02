"""Recurring problems, found from the cases of the last days: what several customers complain of alike (Q-6)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from domain.case.words import ComplaintType, Dimension


@dataclass(frozen=True, slots=True)
class CaseNamed:
    """A case by its id, and its number."""

    id: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """What recurs: a type of complaint at a merchant, or by a dimension of the service; the other one is None.

    customers, count: who complained of it, how often; before: how often in as many days before. latest: the last cases.
    """

    type: ComplaintType
    merchant: str | None
    dimension: Dimension | None
    customers: int
    count: int
    before: int
    latest: list[CaseNamed]


_decode = msgspec.json.Decoder(Recurring).decode
MOST = 50
"""How many are told of."""
LATEST = 5
_FOUND = """
    WITH alike AS (
        SELECT c.*, i.number, c.received_on >= %(first)s AS now
        FROM read.case_courses_1 c JOIN read.case_inbox_2 i USING (id)
        WHERE c.received_on >= %(before)s AND c.received_on <= %(today)s AND c.type IS NOT NULL
            AND (%(team)s::text IS NULL OR c.team = %(team)s)),
    pairs AS (
        SELECT type, merchant, NULL AS dimension, id, number, subject, received_at, now
        FROM alike WHERE merchant IS NOT NULL
        UNION ALL
        SELECT type, NULL, dimension, id, number, subject, received_at, now
        FROM alike WHERE dimension IS NOT NULL),
    found AS (
        SELECT type, merchant, dimension,
            count(DISTINCT subject) FILTER (WHERE now) AS customers, count(*) FILTER (WHERE now) AS count,
            count(*) FILTER (WHERE NOT now) AS before,
            (array_agg(json_build_object('id', id, 'number', number) ORDER BY received_at DESC, id)
                FILTER (WHERE now))[:%(latest)s] AS latest
        FROM pairs GROUP BY type, merchant, dimension
        HAVING count(DISTINCT subject) FILTER (WHERE now) >= %(least)s
        ORDER BY count DESC, before, merchant, dimension, type LIMIT %(most)s)
    SELECT to_json(found)::text FROM found"""


async def recurring(
    connection: AsyncConnection[Any], today: date, days: int, least: int, team: str | None
) -> list[Recurring]:
    """What at least so many customers complained of within so many days up to today; the most frequent first."""
    first = today - timedelta(days=days - 1)
    asked = {
        "today": today,
        "first": first,
        "before": first - timedelta(days=days),
        "team": team,
        "least": least,
        "most": MOST,
        "latest": LATEST,
    }
    rows = await (await connection.execute(_FOUND, asked)).fetchall()
    return [_decode(row) for (row,) in rows]
