"""Notices: what runs short, what ran out, and whom the ladder tells; and how they are read (D-3d, D-4)."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.pages import Page, Signed, Visitor, back_to, page, safe_path

router = APIRouter(prefix="/notices", route_class=Page, include_in_schema=False)
ROWS = 50
AT_ONCE = 200
"""How many are marked as read by one click."""


@router.get("")
async def notices(request: Request, v: Signed) -> Response:
    """The unread ones, or all."""
    everything = request.query_params.get("view") == "all"
    unread = None if everything else True
    found = await v.api.get("/notices", unread=unread, limit=ROWS, after=request.query_params.get("after"))
    numbers = await _numbers(v, {one["case_id"] for one in found["items"] if one["case_id"]})
    context = {"notices": found["items"], "more": found["next"], "everything": everything, "numbers": numbers}
    return page(request, "notices.html", **context)


async def _numbers(v: Visitor, cases: set[str]) -> dict[str, str]:
    """The numbers of the cases that the visitor may see."""

    async def number(case: str) -> tuple[str, str] | None:
        try:
            return case, (await v.api.get(f"/cases/{case}"))["number"]
        except Refused:
            return None

    return dict(filter(None, await asyncio.gather(*(number(case) for case in sorted(cases)))))


@router.post("/read")
async def read_all(v: Signed) -> Response:
    """Mark all that is unread as read."""
    found = await v.api.get("/notices", unread=True, limit=AT_ONCE)
    for one in found["items"]:
        await v.api.post(f"/notices/{one['id']}/read")
    return back_to("/notices")


@router.post("/{notice}/read")
async def read(request: Request, notice: str, v: Signed) -> Response:
    """Mark one, or a whole digest, as read."""
    await v.api.post(f"/notices/{notice}/read")
    return back_to(safe_path(request.query_params.get("next") or "/notices"))
