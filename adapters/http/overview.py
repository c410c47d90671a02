"""What the page of a case shows, in one answer: the case, its clocks, what may be done next, its latest history."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.http import case_answers as a
from adapters.http.answers import Answer
from adapters.http.case_commands import CaseIdInPath
from adapters.http.clock_reads import ClockShown
from adapters.http.conventions import json, position_after, wait_for
from adapters.http.door import Door, caller_of, case_id_of
from adapters.http.reads import ONE, READ, href_of
from adapters.http.shift_bodies import ReminderShown
from application.case_reads import Part

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["reads"])


class Overview(Answer):
    """A case as its page shows it."""

    case: a.CaseShown = Field(  # type: ignore[valid-type]  # made from the events
        description="the case; notes, contacts and interim replies are left to the history"
    )
    next_steps: list[a.NextStepShown] = Field(description="every command")
    next_action: str | None = Field(
        description="the command that leads on, whoever may give it; null where nothing is left to do"
    )
    reminder: ReminderShown | None = Field(description="a handover that the shift you work has not accepted (S-2)")
    clocks: list[ClockShown] = Field(description="in the order in which they began")
    history: a.History = Field(description="the latest first")


class OverviewAsked(BaseModel):
    """Which part of the history comes with the case, the latest first."""

    model_config = {"extra": "forbid"}

    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")
    reason: str | None = Field(
        None, min_length=3, max_length=200, description="why an auditor opens the personal data; recorded"
    )
    type: list[Annotated[str, Field(max_length=80)]] = Field([], description="only events of these topics")
    limit: int = Field(50, ge=1, le=500, description="how many events")
    after: str | None = Field(None, max_length=300, description="`next` of the page before")


@router.get(
    "/cases/{case_id}/overview",
    response_model=Overview,
    responses=ONE,
    summary="What the page of a case shows",
    openapi_extra=READ,
)
async def overview(request: Request, case_id: CaseIdInPath, asked: Annotated[OverviewAsked, Query()]) -> Response:
    """The case, its clocks, what you may do next, and the latest of its history: one look at the log."""
    del case_id  # read and checked by the door
    await wait_for(request, asked.min_position)
    caller, named, parts = caller_of(request), case_id_of(request), request.app.state.parts
    after = position_after(asked.after)
    part = Part(after, frozenset(asked.type), asked.limit + 1, newest=True)
    found = await parts.reads.overview(named, caller.actor, caller.now, asked.reason, part)
    events, steps = found["history"], found["next_steps"]
    following = str(events[asked.limit - 1]["position"]) if asked.limit < len(events) else None
    shown = {
        "case": found["case"],
        "next_steps": [msgspec.to_builtins(step) | {"href": href_of(named, step.command)} for step in steps],
        "next_action": found["next_action"],
        "reminder": await parts.shift_work.reminder_of(caller.actor),
        "clocks": found["clocks"],
        "history": {"items": events[: asked.limit], "next": following},
    }
    link = {"Link": f'<{request.url.include_query_params(after=following)}>; rel="next"'} if following else {}
    return json(shown, headers=link)
