"""The monthly analysis of complaints: how many, of what kind, and how that has moved (Q-7)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from domain.values import Month

ASPECTS: Mapping[str, str] = {
    "type": "type",
    "cause": "cause",
    "merchant": "merchant",
    "dimension": "dimension",
    "channel": "channel",
    "agent": "agent",
    "class": "customer_class",
}
"""By what complaints are counted, and the column of `read.case_courses_1` in which that stands."""
_COUNTED = SQL("""
    SELECT {} AS value, to_char(received_on, 'YYYY-MM') AS month, count(*) FROM read.case_courses_1
    WHERE received_on >= %(first)s AND received_on < %(end)s AND (%(team)s::text IS NULL OR team = %(team)s)
    GROUP BY 1, 2""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The complaints of one kind. value: None of those of which it is not known; trend: by month, the last one last."""

    value: str | None
    trend: Sequence[int]


def months_until(last: Month, count: int) -> list[Month]:
    """So many months in a row, up to the last one."""
    months = [last]
    while len(months) < count:
        months.append(months[-1].before)
    return months[::-1]


async def parts(connection: AsyncConnection[Any], aspect: str, months: Sequence[Month], team: str | None) -> list[Part]:
    """The complaints received in some months by an aspect: the most frequent of the last month first."""
    asked = {"first": months[0].first_day, "end": months[-1].after.first_day, "team": team}
    rows = await (await connection.execute(_COUNTED.format(Identifier(ASPECTS[aspect])), asked)).fetchall()
    found: dict[str | None, dict[str, int]] = defaultdict(dict)
    for value, month, number in rows:
        found[value][month] = number
    made = [Part(value=value, trend=[of.get(str(month), 0) for month in months]) for value, of in found.items()]
    return sorted(made, key=_place)


def _place(part: Part) -> tuple[int, int, bool, str]:
    return -part.trend[-1], -sum(part.trend), part.value is None, part.value or ""
