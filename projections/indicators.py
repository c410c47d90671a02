"""Key indicators by week and month: what stands above and below the line of each, period by period (Q-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from domain.values import DEFAULT_ZONE, Month


class Name(StrEnum):
    """What an indicator is called."""

    COMPLAINT_RATE = "complaint_rate"
    VALID_RATE = "valid_rate"
    IN_TIME = "in_time"
    FIRST_CONTACT = "first_contact"
    CALLBACK_RATE = "callback_rate"
    SATISFACTION = "satisfaction"
    REOPEN_RATE = "reopen_rate"
    ESCALATION_RATE = "escalation_rate"
    HANDLING_TIME = "handling_time"
    ANSWER_RATIO = "answer_ratio"
    MISSED_CALLS = "missed_calls"
    REPEAT_RATE = "repeat_rate"


class Period(StrEnum):
    """How long a period is: weeks begin on Monday."""

    WEEK = "week"
    MONTH = "month"


class Unit(StrEnum):
    """What a value is: a part of 1, or hours."""

    SHARE = "share"
    HOURS = "hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator. above, below: the counts on both sides of the line; source: the view whose rows are counted.

    good: whether more of it is better; None where neither is. of_team: whether a team has a figure of its own.
    """

    name: Name
    above: str
    below: str
    source: str
    unit: Unit = Unit.SHARE
    good: bool | None = True
    of_team: bool = True


_CASES, _CLOCKS, _CALLS = "case_courses_1", "clocks_2", "work_facts_1"
INDICATORS: Mapping[Name, Indicator] = {
    one.name: one
    for one in (
        Indicator(name=Name.COMPLAINT_RATE, above="received", below="calls", source=_CALLS, good=False, of_team=False),
        Indicator(name=Name.VALID_RATE, above="valid", below="analysed", source=_CASES, good=None),
        Indicator(name=Name.IN_TIME, above="met", below="ended", source=_CLOCKS),
        Indicator(name=Name.FIRST_CONTACT, above="first_contact", below="resolved", source=_CASES),
        Indicator(name=Name.CALLBACK_RATE, above="reached", below="resolved", source=_CASES),
        Indicator(name=Name.SATISFACTION, above="satisfied", below="reached", source=_CASES),
        Indicator(name=Name.REOPEN_RATE, above="reopened", below="resolved", source=_CASES, good=False),
        Indicator(name=Name.ESCALATION_RATE, above="escalated", below="received", source=_CASES, good=False),
        Indicator(name=Name.HANDLING_TIME, above="hours", below="resolved", source=_CASES, unit=Unit.HOURS, good=False),
        Indicator(name=Name.ANSWER_RATIO, above="answered", below="calls", source=_CALLS, of_team=False),
        Indicator(name=Name.MISSED_CALLS, above="missed", below="calls", source=_CALLS, good=False, of_team=False),
        Indicator(name=Name.REPEAT_RATE, above="repeated", below="received", source=_CASES, good=False),
    )
}
"""Every indicator by its name; of what happened to a case in a period, and what became of it since."""
USUAL = tuple(Name)[:10]
"""Those that are shown where nobody chooses: more than ten at a time nobody takes in."""
REPEATED_WITHIN = timedelta(days=30)
"""A complaint repeats another of the same customer that came not longer ago."""


# ---- periods --------------------------------------------------------------------------------------------------------
def begin_of(period: Period, day: date) -> date:
    """The first day of the period that a day lies in."""
    return day - timedelta(days=day.weekday()) if period is Period.WEEK else day.replace(day=1)


def after(period: Period, begin: date) -> date:
    """The first day of the next period."""
    return begin + timedelta(days=7) if period is Period.WEEK else Month.of(begin).after.first_day


def ending_with(period: Period, day: date, count: int) -> list[date]:
    """The first days of so many periods in a row, the last of which a day lies in."""
    begins = [begin_of(period, day)]
    while len(begins) < count:
        begins.append(begin_of(period, begins[-1] - timedelta(days=1)))
    return begins[::-1]


# ---- counts ---------------------------------------------------------------------------------------------------------
_QUERIES: Mapping[str, LiteralString] = {
    _CASES: """
        SELECT width_bucket(received_on, %(days)s::date[]) AS period, count(*) AS received,
            count(*) FILTER (WHERE escalated) AS escalated,
            count(*) FILTER (WHERE EXISTS (
                SELECT 1 FROM read.case_courses_1 b WHERE b.subject = c.subject
                    AND b.received_at < c.received_at AND b.received_at >= c.received_at - %(repeated)s)) AS repeated
        FROM read.case_courses_1 c
        WHERE received_on >= %(first)s AND received_on < %(end)s AND (%(team)s::text IS NULL OR team = %(team)s)
        GROUP BY 1""",
    "analysed": """
        SELECT width_bucket(analysed_on, %(days)s::date[]) AS period, count(*) AS analysed,
            count(*) FILTER (WHERE valid) AS valid
        FROM read.case_courses_1
        WHERE analysed_on >= %(first)s AND analysed_on < %(end)s AND (%(team)s::text IS NULL OR team = %(team)s)
        GROUP BY 1""",
    "resolved": """
        SELECT width_bucket(resolved_on, %(days)s::date[]) AS period, count(*) AS resolved,
            count(*) FILTER (WHERE first_contact) AS first_contact, count(*) FILTER (WHERE reached) AS reached,
            count(*) FILTER (WHERE reached AND satisfied) AS satisfied, count(*) FILTER (WHERE reopened) AS reopened,
            sum(extract(epoch FROM resolved_at - received_at) / 3600)::float8 AS hours
        FROM read.case_courses_1
        WHERE resolved_on >= %(first)s AND resolved_on < %(end)s AND (%(team)s::text IS NULL OR team = %(team)s)
        GROUP BY 1""",
    _CLOCKS: """
        WITH ended AS (
            SELECT state, CASE state WHEN 'met' THEN stopped_at ELSE breached_at END AS at FROM read.clocks_2
            WHERE state IN ('met', 'breached') AND (%(team)s::text IS NULL OR team = %(team)s))
        SELECT width_bucket(at, %(moments)s::timestamptz[]) AS period, count(*) AS ended,
            count(*) FILTER (WHERE state = 'met') AS met
        FROM ended WHERE at >= %(from)s AND at < %(to)s GROUP BY 1""",
    _CALLS: """
        SELECT width_bucket(at, %(moments)s::timestamptz[]) AS period,
            count(*) FILTER (WHERE kind = 'calls') AS calls,
            count(*) FILTER (WHERE kind = 'calls' AND data ? 'answered_at') AS answered,
            count(*) FILTER (WHERE kind = 'missed-calls') AS missed
        FROM read.work_facts_1
        WHERE kind IN ('calls', 'missed-calls') AND NOT withdrawn AND %(team)s::text IS NULL
            AND at >= %(from)s AND at < %(to)s GROUP BY 1""",
}
Counts = Mapping[str, float]
"""What was counted in a period, by name; what is not there is nothing."""


async def counted(
    connection: AsyncConnection[Any], period: Period, begins: Sequence[date], team: str | None
) -> Mapping[date, Counts]:
    """The counts of periods in a row, of a team or of all. Calls are of no team."""
    end = after(period, begins[-1])
    zone = ZoneInfo(DEFAULT_ZONE)
    asked = {
        "team": team,
        "days": [*begins],
        "moments": [datetime.combine(begin, time(), zone) for begin in begins],
        "first": begins[0],
        "end": end,
        "from": datetime.combine(begins[0], time(), zone),
        "to": datetime.combine(end, time(), zone),
        "repeated": REPEATED_WITHIN,
    }
    found: dict[date, dict[str, float]] = {begin: {} for begin in begins}
    for query in _QUERIES.values():
        cursor = await connection.execute(query, asked)
        names = [column.name for column in cursor.description or ()][1:]
        for at, *numbers in await cursor.fetchall():
            found[begins[at - 1]] |= {name: number or 0 for name, number in zip(names, numbers, strict=True)}
    return found


# ---- values ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """An indicator in a period. value: None where nothing stands below the line (Q-1)."""

    begin: date
    above: float
    below: float
    value: float | None


def figures(indicator: Indicator, counts: Mapping[date, Counts], team: str | None) -> list[Figure]:
    """An indicator, period by period."""
    told = indicator.of_team or team is None
    return [_figure(indicator, begin, found if told else {}) for begin, found in counts.items()]


def _figure(indicator: Indicator, begin: date, found: Counts) -> Figure:
    above, below = (round(found.get(name, 0), 1) for name in (indicator.above, indicator.below))
    return Figure(begin=begin, above=above, below=below, value=round(above / below, 4) if below else None)
