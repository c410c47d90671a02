"""Notices to the caller: what runs short, what ran out, whom the ladder tells (D-3d, D-4)."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import (
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    command,
    json,
    listed,
    position_after,
    wait_for,
)
from adapters.http.door import Door, caller_of
from adapters.http.master_commands import CHANGED
from adapters.http.published_bodies import VersionAnswered
from adapters.http.reads import MANY, After, Limit
from application.permissions import Action

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["notices"])
OWN = {"x-action": Action.READ_NOTICES}


class NoticeShown(Answer, extra="forbid"):
    """A notice, or the digest of an hour in which there were too many to be shown one by one."""

    id: str = Field(description="position of what it tells of; of a digest the hour, UTC", examples=["4711"])
    position: int = Field(description="position of the last event it tells of")
    at: datetime = Field(description="when that was recorded, UTC")
    count: int = Field(description="how many notices it stands for")
    read: bool = Field(description="whether you have read it, all of a digest")
    digest: bool = Field(description="whether it is the digest of an hour")
    type: str | None = Field(description="topic of what it tells of; null for a digest")
    case_id: str | None = Field(description="of which case")
    clock: str | None = Field(description="of which clock")
    number: int | None = Field(description="which of the clocks of that name")
    policy: str | None = Field(description="version of the deadline policy")
    level: int | None = Field(description="the rung of the ladder (D-3d)")
    due_at: datetime | None = Field(description="when the clock is, or was, due")
    webhook: str | None = Field(description="which webhook was disabled")
    kinds: dict[str, int] | None = Field(description="of a digest: how many of each type")


class NoticeList(Answer):
    """A page of notices."""

    items: list[NoticeShown] = Field(description="the latest first")
    next: str | None = Field(description="`after` of the next page; null on the last")


@router.get("/notices", response_model=NoticeList, responses=MANY, summary="Your notices", openapi_extra=OWN)
async def notices(
    request: Request,
    unread: Annotated[bool | None, Query(description="only unread ones, or only the others")] = None,
    min_position: MinPosition = None,
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """The caller's own, for supervisors with the head's queue: what nobody else was there to be told."""
    await wait_for(request, min_position, "notices_2")
    page = await request.app.state.parts.lists.notices(
        caller_of(request).actor, unread=unread, after=position_after(after), limit=limit
    )
    items: list[Any] = [msgspec.to_builtins(item) for item in page.items]
    return listed(request, items, page.next)


class WorklistShown(Answer):
    """How much there is to do. Agents count their own cases, supervisors those of their team."""

    mine: int = Field(description="open cases that you handle")
    team: int = Field(description="open cases of your team")
    overdue: int = Field(description="of them with a clock that has run out")
    on_site: int = Field(description="open ones of you and your team with a guest still at the table (C-17)")
    callbacks: int = Field(description="resolved ones that wait for the call (C-8)")
    escalations: int = Field(description="escalations of all teams that wait for an answer (C-6)")
    penalties: int = Field(description="proposed penalties to confirm or dismiss, never your own")
    appeals: int = Field(description="appeals to decide, never your own")
    answers: int = Field(description="proposals of major and critical cases that wait for their review (C-16)")
    conduct: int = Field(description="conduct reports to confirm or dismiss, never about yourself (W-6)")
    swaps: int = Field(description="swaps of shifts to grant or refuse, never your own (S-5)")
    notices: int = Field(description="unread notices")


@router.get("/worklist", response_model=WorklistShown, responses=MANY, summary="What you have to do", openapi_extra=OWN)
async def worklist(request: Request, min_position: MinPosition = None) -> Response:
    """Counts only; the lists behind them have routes of their own."""
    await wait_for(request, min_position, "case_inbox_2")
    caller = caller_of(request)
    return json(await request.app.state.parts.lists.worklist(caller.actor, caller.now))


@router.post(
    "/notices/{notice}/read",
    responses=CHANGED,
    response_model=VersionAnswered,
    summary="Mark a notice, or all of a digest, as read",
    openapi_extra=OWN,
)
async def read(
    request: Request,
    notice: Annotated[str, Path(description="its id", examples=["4711"])],
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Nothing happens to one that is read."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await request.app.state.parts.notices.read(notice, caller_of(request).actor, given))
