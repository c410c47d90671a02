"""Reading the clocks of a case: how each stands, and the sum behind its due time (D-3c)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.case_commands import CASES, CaseIdInPath
from adapters.http.conventions import AsOf, MinPosition, as_of, json, wait_for
from adapters.http.door import Door, caller_of, case_id_of
from adapters.http.problems import declared
from adapters.http.reads import READ
from domain.case.words import ClockKind
from domain.time.clock import State

router = APIRouter(prefix=CASES, route_class=Door, tags=["reads"])


class PartShown(Answer, extra="forbid"):
    """A stretch of time, its end not included."""

    begins: datetime = Field(alias="from", description="when it begins, UTC")
    to: datetime = Field(description="when it ends")
    seconds: float = Field(description="how long it lasts")


class SumShown(Answer, extra="forbid"):
    """How a due time came about."""

    counted: list[PartShown] = Field(description="the intervals that count, from the start until due")
    paused: list[PartShown] = Field(description="what was waited, and does not count")
    calendar: str = Field(description="version of the calendar")
    policy: str = Field(description="version of the deadline policy")


class ClockShown(Answer, extra="forbid"):
    """A clock of a case."""

    clock: str = Field(description="its name in the policy", examples=["resolve"])
    number: int = Field(description="which episode from 1; that of the promise or the escalation")
    demand: int | None = Field(description="of a grant's clock: the demand that was granted (C-7)")
    kind: ClockKind = Field(description="internal, or regulatory beside it (D-3a)")
    rule: str = Field(description="the rule it stands for")
    policy: str = Field(description="version of the deadline policy")
    state: State = Field(description="how it stands; stopped: ended without a verdict")
    verdict: State | None = Field(description="met or breached; null as long as there is none")
    recorded: bool = Field(description="whether the verdict stands in the history, for ever")
    started_at: datetime = Field(description="when it began, UTC")
    due_at: datetime = Field(description="when it is due; while paused, as if the waiting ended at once")
    warn_at: datetime = Field(description="when the handler is warned (D-4)")
    warned_at: datetime | None = Field(description="for which warning time the handler was told")
    stopped_at: datetime | None = Field(description="when it was stopped or given up")
    breached_at: datetime | None = Field(description="when it ran out")
    paused_since: datetime | None = Field(description="since when it waits")
    levels: list[int] = Field(description="the rungs of the ladder that were told (D-3d)")
    stopped_by: list[str] = Field(description="the commands that stop it", examples=[["resolution"]])
    extended_until: list[datetime] = Field(description="until when it was put off, each time (C-11)")
    sum: SumShown = Field(description="the sum behind due_at")


class ClocksShown(Answer):
    """The clocks of a case."""

    as_of: datetime = Field(description="the moment at which they stand so")
    items: list[ClockShown] = Field(description="in the order in which they began")


@router.get(
    "/{case_id}/clocks",
    response_model=ClocksShown,
    responses=declared(401, 403, 404, 409, 422, 429, 503),
    summary="A case's clocks (D-3, D-3c)",
    openapi_extra=READ,
)
async def clocks(
    request: Request,
    case_id: CaseIdInPath,
    min_position: MinPosition = None,
    at: Annotated[AsOf, Query(alias="as_of")] = None,
) -> Response:
    """Every clock, also those that have ended, read from the log itself; as they stood with `as_of`."""
    del case_id  # read and checked by the door
    await wait_for(request, min_position)
    caller, named = caller_of(request), case_id_of(request)
    return json(await request.app.state.parts.reads.clocks(named, caller.actor, caller.now, as_of(at)))
