"""The figures by which supervisors steer: key indicators, the monthly analysis, what recurs (Q-1, Q-6, Q-7)."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.charts import chart
from adapters.web.directory import merchants, people, teams
from adapters.web.pages import Page, Signed, Visitor, page

router = APIRouter(route_class=Page, include_in_schema=False)
PERIODS = ("week", "month")
ROWS = 8
"""How many kinds of complaints are named one by one; the rest is one row."""
PROBLEMS, SHOWN = 6, 3
"""How many recurring problems are named, and how many cases of each."""
ASPECT_WORDS: Mapping[str, str] = {
    "type": "complaint_type",
    "cause": "cause",
    "dimension": "dimension",
    "channel": "channel",
    "class": "customer_class",
}
"""The words of what complaints are counted by; merchants and agents have names."""
Figures = Mapping[str, Any]


# ---- Q-1 ------------------------------------------------------------------------------------------------------------
@router.get("/indicators")
async def indicators(request: Request, v: Signed) -> Response:
    """The key indicators of a week or month; one of them period by period."""
    query = request.query_params
    period = query["period"] if query.get("period") in PERIODS else PERIODS[0]
    team = _team(request, v)
    found, known = await asyncio.gather(
        v.api.get("/indicators", period=period, day=query.get("day"), team=team), teams(v)
    )
    chosen = next((one for one in found["items"] if one["name"] == query.get("show")), found["items"][2])
    return page(
        request,
        "indicators.html",
        found=found,
        periods=PERIODS,
        team=team,
        teams=known,
        neighbours=_around(found),
        sparks={one["name"]: chart(_values(one), 96, 24, 3) for one in found["items"]},
        chosen=chosen,
        drawn=chart(_values(chosen), 640, 190, 6),
    )


def _team(request: Request, v: Visitor) -> str | None:
    """Everybody's figures, unless one asks for those of one's own team."""
    return v.actor.team if request.query_params.get("team") == "own" else None


def _values(one: Figures) -> list[float | None]:
    return [figure["value"] for figure in one["figures"]]


def _around(found: Figures) -> tuple[date, date]:
    """A day of the period before, and one of the period after."""
    one = timedelta(days=1)
    return date.fromisoformat(found["first"]) - one, date.fromisoformat(found["last"]) + one


# ---- Q-7 ------------------------------------------------------------------------------------------------------------
@router.get("/analysis")
async def analysis(request: Request, v: Signed) -> Response:
    """The complaints of a month, by everything they are counted by."""
    team = _team(request, v)
    found, again, names, shops, known = await asyncio.gather(
        v.api.get("/complaint-analysis", month=request.query_params.get("month"), team=team),
        v.api.get("/recurring-problems", team=team),
        people(v),
        merchants(v),
        teams(v),
    )
    months = [date.fromisoformat(f"{found['month']}-01") + timedelta(days=days) for days in (-1, 31)]
    return page(
        request,
        "analysis.html",
        found=found,
        recurring={**again, "items": again["items"][:PROBLEMS]},
        most=SHOWN,
        tables={aspect: _table(parts, len(found["months"])) for aspect, parts in found["by"].items()},
        kinds=ASPECT_WORDS,
        names_of={"agent": names, "merchant": shops},
        neighbours=[f"{day:%Y-%m}" for day in months],
        whole=chart(found["received"], 96, 24, 3),
        team=team,
        teams=known,
    )


def _table(parts: Sequence[Figures], months: int) -> Mapping[str, Any]:
    """The most frequent kinds, each with its trend; the others added up; and those of which the kind is not known."""
    rows = [{**part, "spark": chart(part["trend"], 72, 20, 3)} for part in parts]
    known = [row for row in rows if row["value"] is not None]
    return {
        "known": known[:ROWS],
        "unknown": [row for row in rows if row["value"] is None],
        "others": len(known[ROWS:]),
        "trend": [sum(row["trend"][month] for row in known[ROWS:]) for month in range(months)],
        "most": max((row["count"] for row in rows), default=0),
    }
