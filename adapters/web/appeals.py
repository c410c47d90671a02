"""Appeals that wait for their decision, by somebody other than who confirmed the line (L-0)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.directory import people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from domain.ledger.events import Appealed
from domain.ledger.voucher import Status

router = APIRouter(route_class=Page, include_in_schema=False)
MOST = 50
"""How many appeals a list shows; the history of each is read."""


@router.get("/appeals")
async def appeals(request: Request, v: Signed) -> Response:
    """The confirmed lines that are under appeal, each with what the agent says."""
    after = request.query_params.get("after")
    found = await v.api.get("/ledgers/penalties", status=Status.CONFIRMED, waits=True, limit=MOST, after=after)
    said = await asyncio.gather(*(_said(v, line["entry_id"]) for line in found["items"]))
    lines = [{**line, "said": words} for line, words in zip(found["items"], said, strict=True)]
    return page(request, "appeals.html", lines=lines, more=found["next"], names=await people(v))


async def _said(v: Visitor, entry: str) -> Mapping[str, Any]:
    """The last appeal of a line as it was recorded."""
    items: Sequence[Mapping[str, Any]] = (await v.api.get(f"/ledgers/entries/{entry}/history"))["items"]
    return next(item for item in reversed(items) if item["type"] == Appealed.topic)


@router.get("/appeals/{appeal_id}")
async def appeal(request: Request, appeal_id: str, v: Signed) -> Response:
    """An appeal with its line, and the form for the decision."""
    return await _page(request, v, appeal_id, Given(begun(request, _deciding(appeal_id))))


@router.post("/appeals/{appeal_id}")
async def decide(request: Request, appeal_id: str, v: Signed) -> Response:
    """Decide it."""
    given = await give(request, v, _deciding(appeal_id))
    if given.answer is not None:
        return back_to("/appeals")
    return await _page(request, v, appeal_id, given)


def _deciding(appeal_id: str) -> Giving:
    return Giving("/appeals/{appeal_id}/decision", f"/appeals/{appeal_id}/decision", "decision")


async def _page(request: Request, v: Visitor, appeal_id: str, given: Given) -> Response:
    entry = appeal_id.rpartition(".")[0]
    line = await v.api.get(f"/ledgers/entries/{entry}")
    history = await v.api.get(f"/ledgers/entries/{entry}/history")
    told = [item for item in history["items"] if item["data"].get("reason")]
    names = await people(v)
    return page(request, "appeal.html", status=given.status, line=line, told=told, given=given, names=names)
