"""Live parts of pages: one stream a page, which says that something happened; the page then asks for its parts.

Events of the stream: `work` (there may be other work: counts and lists), `changed` (the case of the page has changed),
`presence` (somebody came to it or went). It resumes by its last position, and ends with the service.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from adapters.auth.sessions import COOKIE
from adapters.http.audit import EVENT_STREAM, RETRY_MS, UNBUFFERED
from adapters.http.parts import Parts
from adapters.proof.reads import Line
from adapters.web.pages import Page, Signed, Visitor, page
from domain.values import CaseId

router = APIRouter(route_class=Page, include_in_schema=False)
AT_MOST_EVERY_S = 0.5
"""How often a page is told: what happens in between is told at once."""
Followed = AsyncGenerator[Sequence[Line], None]
LastEventId = Annotated[str, Header(alias="last-event-id", pattern=r"^\d{0,18}$")]


@router.get("/live")
async def live(
    request: Request, v: Signed, case: str = "", after: int = 0, there: str = "", last: LastEventId = ""
) -> Response:
    """The stream of a page; with `case` that of a case's page, whose visitor counts as present while it is open.

    after: the last position that the page shows; there: who else it shows, with commas between.
    """
    parts: Parts = request.app.state.parts
    if case:
        await v.api.get(f"/cases/{case}/next-steps")  # refused where the visitor may not reach the case
    behind = int(last) if last else after or await parts.histories.head()
    stream = await parts.presence.come(v.actor.id, CaseId(case)) if case else None
    gone = BackgroundTask(parts.presence.go, stream) if stream else None
    holds = partial(parts.sessions.holds, request.cookies[COOKIE])
    shown = None if last else {*filter(None, there.split(","))}  # of a page open for longer nobody knows what it shows
    told = _told(parts, v, case, parts.proof.feed.follow(behind, holds), behind, stream, shown)
    return StreamingResponse(told, headers=UNBUFFERED, media_type=EVENT_STREAM, background=gone)


async def _told(
    parts: Parts, v: Visitor, case: str, followed: Followed, behind: int, stream: UUID | None, there: set[str] | None
) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=RETRY_MS)
    async with aclosing(followed) as pages:
        async for lines in pages:
            events = b""
            if stream:
                await parts.presence.beat(stream)
                now: set[str] = {*(await parts.presence.others(v.actor.id, [case])).get(case, ())}
                events, there = (_event("presence", behind) if now != there else b""), now
            if lines:
                behind = lines[-1].position
                mine = case and any(case.encode() in line.text for line in lines)
                events += (_event("changed", behind) if mine else b"") + _event("work", behind)
            yield events or KEEPALIVE_COMMENT
            await asyncio.sleep(AT_MOST_EVERY_S)


def _event(name: str, position: int) -> bytes:
    return format_sse_event(event=name, data_str=str(position), id=str(position))


@router.get("/cases/{case_id}/presence")
async def presence(request: Request, case_id: str, v: Signed) -> Response:
    """Who else looks at a case."""
    await v.api.get(f"/cases/{case_id}/next-steps")
    return page(request, "presence.html", v=v, present=await present(request, v, case_id))


async def present(request: Request, v: Visitor, case_id: str) -> dict[str, str]:
    """The names of those who look at a case as well, by employee number."""
    parts: Parts = request.app.state.parts
    there = (await parts.presence.others(v.actor.id, [case_id])).get(case_id, [])
    return {agent: (await v.api.get(f"/agents/{agent}"))["name"] or agent for agent in there}
