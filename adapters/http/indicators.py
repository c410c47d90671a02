"""Key indicators by week and month, the monthly analysis of complaints, recurring problems (Q-1, Q-6, Q-7)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import MinPosition, json, wait_for
from adapters.http.door import Door, caller_of
from adapters.http.fields import Day, MonthText
from adapters.http.reads import MANY
from adapters.http.strict_json import BadParameter
from application.permissions import Action
from domain.case.words import ComplaintType, Dimension
from domain.values import Month, local_day
from projections.case_courses import CaseCourses
from projections.clocks import ClocksView
from projections.complaint_analysis import ASPECTS, Part, months_until
from projections.indicators import (
    INDICATORS,
    USUAL,
    Counts,
    Figure,
    Indicator,
    Name,
    Period,
    Unit,
    ending_with,
    figures,
)
from projections.indicators import after as next_period
from projections.work_facts import WorkFacts

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["indicators"])
READ = {"x-action": Action.READ_INDICATORS}
MOST = 10
"""Indicators at a time (Q-1)."""
OfTeam = Annotated[str | None, Query(max_length=40, description="id of a team; without it all of them")]
FIRST, LAST = date(1902, 1, 1), date(8999, 12, 31)
"""Between these days every period has another before and after it."""


# ---- Q-1 ------------------------------------------------------------------------------------------------------------
class FigureShown(Answer):
    """An indicator in a period."""

    begin: date = Field(description="first day of the period, local")
    above: float = Field(description="what stands above the line")
    below: float = Field(description="what stands below it")
    value: float | None = Field(description="the one by the other; null where nothing stands below")


class IndicatorShown(Answer):
    """An indicator with its formula and source."""

    name: Name = Field(description="its name")
    formula: str = Field(description="what is divided by what", examples=["met / ended"])
    above: str = Field(description="what is counted above the line", examples=["met"])
    below: str = Field(description="what is counted below it", examples=["ended"])
    source: str = Field(description="the view whose rows are counted", examples=["clocks_2"])
    unit: Unit = Field(description="a share of 1, or hours")
    good: bool | None = Field(description="whether more of it is better; null where neither is")
    value: float | None = Field(description="in the period that was asked for")
    before: float | None = Field(description="in the period before it")
    figures: list[FigureShown] = Field(description="period by period, the one asked for last")


class IndicatorList(Answer):
    """Indicators of a period."""

    period: Period = Field(description="week or month")
    first: date = Field(description="first day of the period that was asked for")
    last: date = Field(description="its last day")
    team: str | None = Field(description="id of the team; null: all of them")
    items: list[IndicatorShown] = Field(description="in the order of the rulebook")


class IndicatorsAsked(BaseModel):
    """Which indicators are asked for, and of when."""

    model_config = {"extra": "forbid"}

    period: Period = Field(Period.WEEK, description="week or month")
    day: Day | None = Field(None, description="a local day of the period; without it today")
    name: list[Name] = Field([*USUAL], max_length=MOST, description="which; without it the usual ones")
    periods: int = Field(12, ge=2, le=26, description="how many periods are shown")
    team: str | None = Field(None, max_length=40, description="id of a team; without it all of them")
    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")


@router.get(
    "/indicators", response_model=IndicatorList, responses=MANY, openapi_extra=READ, summary="Key indicators (Q-1)"
)
async def indicators(request: Request, asked: Annotated[IndicatorsAsked, Query()]) -> Response:
    """What happened to cases in a period, and what became of it since; calls are of no team.

    A resolution counts in the period of the case's first one, an analysis in that of its first, a clock in that of its
    verdict. Where nothing stands below the line there is no value.
    """
    for view in (CaseCourses, ClocksView, WorkFacts):
        await wait_for(request, asked.min_position, view.name)
    day = _within(asked.day or local_day(caller_of(request).now))
    begins = ending_with(asked.period, day, asked.periods)
    counts = await request.app.state.parts.lists.counted_by(asked.period, begins, asked.team)
    return json(
        {
            "period": asked.period,
            "first": begins[-1],
            "last": next_period(asked.period, begins[-1]) - timedelta(days=1),
            "team": asked.team,
            "items": [_shown(one, counts, asked.team) for name, one in INDICATORS.items() if name in asked.name],
        }
    )


def _within(day: date) -> date:
    if not FIRST <= day <= LAST:
        raise BadParameter("day", f"between {FIRST} and {LAST}")
    return day


def _shown(indicator: Indicator, counts: Mapping[date, Counts], team: str | None) -> dict[str, Any]:
    found = figures(indicator, counts, team)
    return {
        "name": indicator.name,
        "formula": f"{indicator.above} / {indicator.below}",
        "above": indicator.above,
        "below": indicator.below,
        "source": indicator.source,
        "unit": indicator.unit,
        "good": indicator.good,
        "value": found[-1].value,
        "before": found[-2].value,
        "figures": list(map(_figure, found)),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"begin": figure.begin, "above": figure.above, "below": figure.below, "value": figure.value}


# ---- Q-7 ------------------------------------------------------------------------------------------------------------
class PartShown(Answer):
    """The complaints of one kind."""

    value: str | None = Field(description="the kind; null: of those of which it is not known, or not yet")
    count: int = Field(description="how many were received in the month")
    before: int = Field(description="how many in the month before")
    share: float | None = Field(description="of all of the month, as a share of 1; null where there was none")
    trend: list[int] = Field(description="how many by month, in the order of `months`")


class AnalysisShown(Answer):
    """The complaints of a month."""

    month: str = Field(description="the local month", examples=["2026-03"])
    months: list[str] = Field(description="the months of the trend, the one asked for last")
    team: str | None = Field(description="id of the team; null: all of them")
    received: list[int] = Field(description="all complaints, by month")
    by: dict[str, list[PartShown]] = Field(
        description="by type, cause, merchant, dimension, channel, agent and class: the most frequent first"
    )


@router.get(
    "/complaint-analysis",
    response_model=AnalysisShown,
    responses=MANY,
    openapi_extra=READ,
    summary="The complaints of a month (Q-7)",
)
async def analysis(
    request: Request,
    month: Annotated[MonthText | None, Query(description="a local month; without it this one")] = None,
    months: Annotated[int, Query(ge=2, le=24, description="how many months the trend has")] = 6,
    team: OfTeam = None,
    min_position: MinPosition = None,
) -> Response:
    """By the month in which they were received, and by what is known of them now; agents are those who handle them."""
    await wait_for(request, min_position, CaseCourses.name)
    last = Month.parse(month) if month else Month.of(local_day(caller_of(request).now))
    asked = months_until(last, months)
    found = await request.app.state.parts.lists.complaints_by(ASPECTS, asked, team)
    received = [sum(part.trend[at] for part in found["channel"]) for at in range(months)]
    by = {aspect: [_part(part, received[-1]) for part in parts] for aspect, parts in found.items()}
    names = list(map(str, asked))
    return json({"month": names[-1], "months": names, "team": team, "received": received, "by": by})


def _part(part: Part, whole: int) -> dict[str, Any]:
    count = part.trend[-1]
    share = round(count / whole, 4) if whole else None
    return {"value": part.value, "count": count, "before": part.trend[-2], "share": share, "trend": part.trend}


# ---- Q-6 ------------------------------------------------------------------------------------------------------------
class CaseNamed(Answer):
    """A case."""

    id: str = Field(description="its id", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])
    number: str = Field(description="its number", examples=["2026-000123"])


class RecurringShown(Answer):
    """What several customers complain of alike."""

    type: ComplaintType = Field(description="type of the complaints (C-3)")
    merchant: str | None = Field(description="at which merchant; null where it is by a dimension")
    dimension: Dimension | None = Field(description="by which dimension of the service; null where it is at a merchant")
    customers: int = Field(description="how many customers complained of it")
    count: int = Field(description="how many cases")
    before: int = Field(description="how many cases in as many days before")
    latest: list[CaseNamed] = Field(description="the latest of them, five at the most")


class RecurringList(Answer):
    """Recurring problems."""

    first: date = Field(description="first day that counts, local")
    items: list[RecurringShown] = Field(description="the most frequent first, fifty at the most")


@router.get(
    "/recurring-problems",
    response_model=RecurringList,
    responses=MANY,
    openapi_extra=READ,
    summary="Recurring problems (Q-6)",
)
async def recurring_problems(
    request: Request,
    days: Annotated[int, Query(ge=7, le=366, description="how many days count, up to today")] = 30,
    least: Annotated[int, Query(ge=2, le=100, description="how many customers at least")] = 3,
    team: OfTeam = None,
    min_position: MinPosition = None,
) -> Response:
    """The same type of complaint at a merchant, or by the same dimension, from several customers."""
    await wait_for(request, min_position, CaseCourses.name)
    today = local_day(caller_of(request).now)
    found = await request.app.state.parts.lists.recurring(today, days, least, team)
    return json({"first": today - timedelta(days=days - 1), "items": found})
