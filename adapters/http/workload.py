"""What agents carry, so that load can be shared and breaks given (Q-8)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import MinPosition, json, wait_for
from adapters.http.door import Door, caller_of
from adapters.http.reads import MANY
from application.permissions import Action
from domain.agent.words import Presence
from domain.shift.words import ShiftKind

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["workload"])

OfTeam = Annotated[str | None, Query(max_length=40, description="id of a team; supervisors of one see it alone")]


class LoadShown(Answer, extra="forbid"):
    """An agent with what they carry now."""

    agent: str = Field(description="employee number")
    name: str | None = Field(description="name; `[erased]` of who has been erased")
    team: str | None = Field(description="id of the team")
    presence: Presence = Field(description="whether they are there")
    shift: str | None = Field(description="id of the shift in which they are on duty now (S-6)")
    shift_kind: ShiftKind | None = Field(description="which shift of the day that is")
    shift_start: datetime | None = Field(description="when it was planned to begin")
    shift_end: datetime | None = Field(description="when it is planned to end")
    open: int = Field(description="open cases they handle")
    hard: int = Field(description="of them major and critical ones, escalations without an answer, guests at the table")
    overdue: int = Field(description="of the open ones with a clock that has run out")
    on_site: int = Field(description="of the open ones with the guest at the table (C-17)")
    paused: int = Field(description="of the open ones that wait for somebody outside")
    hard_in_shift: int | None = Field(description="hard ones, ended or not, that they had to do with in that shift")


class Workload(Answer, extra="forbid"):
    """What the agents carry."""

    items: list[LoadShown] = Field(description="who has the most hard cases first")


@router.get(
    "/workload",
    response_model=Workload,
    responses=MANY,
    summary="What agents carry (Q-8)",
    openapi_extra={"x-action": Action.READ_WORKLOAD},
)
async def workload(
    request: Request,
    team: OfTeam = None,
    min_position: MinPosition = None,
) -> Response:
    """Hard cases per agent and shift. Supervisors with a team see their own, those without one all."""
    await wait_for(request, min_position, "case_inbox_2")
    caller = caller_of(request)
    return json({"items": await request.app.state.parts.lists.workload(caller.actor.team or team, caller.now)})
