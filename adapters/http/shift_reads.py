"""Reading shifts: one from the log itself, lists from the view."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.http import shift_bodies as b
from adapters.http.conventions import MinPosition, etag, json, listed, uuid_after, wait_for
from adapters.http.door import Door
from adapters.http.fields import Day
from adapters.http.master_commands import IdInPath
from adapters.http.reads import MANY, MASTERS, ONE
from adapters.http.shift_commands import SHIFTS
from adapters.lists import plain_shift
from application.shifts import shift_id_of
from domain.shift.shift import SHIFT, roster_of
from projections.roster import ShiftFilters

router = APIRouter(prefix=SHIFTS, route_class=Door, tags=["shifts"])


class ShiftQuery(BaseModel):
    """How a list of shifts is narrowed; all that are given hold together."""

    model_config = {"extra": "forbid"}

    day: Day | None = Field(None, alias="date", description="the local day a shift belongs to")
    team: str | None = Field(None, max_length=40, description="id of the team")
    first: Day | None = Field(None, alias="from", description="that day or later")
    last: Day | None = Field(None, alias="to", description="that day or earlier")
    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")
    limit: int = Field(50, ge=1, le=500, description="how many")
    after: str | None = Field(None, max_length=300, description="`next` of the page before")


@router.get("", response_model=b.ShiftList, responses=MANY, summary="Shifts", openapi_extra=MASTERS)
async def shifts(request: Request, query: Annotated[ShiftQuery, Query()]) -> Response:
    """In the order of date and beginning."""
    await wait_for(request, query.min_position, "roster_2")
    filters = ShiftFilters(query.day, query.team, query.first, query.last)
    items, following = await request.app.state.parts.lists.shifts(filters, uuid_after(query.after), query.limit)
    return listed(request, items, following)


@router.get("/{item}", response_model=b.ShiftShown, responses=ONE, summary="A shift", openapi_extra=MASTERS)
async def shift(request: Request, item: IdInPath, min_position: MinPosition = None) -> Response:
    """With its roster, who came and who did not, and who is on duty when; read from the log itself."""
    await wait_for(request, min_position)
    named = shift_id_of(item)
    history = await request.app.state.parts.histories.history(UUID(named))
    state = SHIFT.fold(one.event for one in history)
    roster_of(state)
    shown = plain_shift(named, history[-1].version, history[-1].position, state)
    reminder = await request.app.state.parts.shift_work.reminder_of_shift(named)
    return json({**shown, "reminder": reminder}, headers={"ETag": etag(shown["version"])})
