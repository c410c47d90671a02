"""Keys of programs and people: what is in force, and what two administrators make for others (A-4)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from adapters.web.access import DAYS, OVERLAP_HOURS, collected
from adapters.web.asking import Refused
from adapters.web.directory import people
from adapters.web.forms import KEY, new_key
from adapters.web.giving import check_may
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import FOR_PEOPLE, READ, Action, allowed
from domain.key.words import Status, is_program

router = APIRouter(prefix="/keys", route_class=Page, include_in_schema=False)
ROWS = 500
OPEN = frozenset({Status.PROPOSED, Status.APPROVED})
SCOPES = (READ, *(name for name in (action.name.lower() for action in Action) if name not in FOR_PEOPLE))
"""What can be ticked; none of it stands for all that a person may."""
Values = Mapping[str, Any]


@router.get("")
async def keys(request: Request, v: Signed) -> Response:
    """What waits for a second person or to be collected, and what lets in."""
    return await _shown(request, v)


@router.get("/new")
async def begin(request: Request, v: Signed) -> Response:
    """The form of a new one; with `replaces` one like another, in whose place it comes."""
    check_may(request, "/key-proposals")
    old = request.query_params.get("replaces", "")
    found = {one["prefix"]: one for one in (await v.api.get("/keys"))["items"]}.get(old)
    return await _form(request, v, {**found, "replaces": old} if found else {})


@router.post("/new")
async def propose(
    request: Request,
    v: Signed,
    agent: Annotated[str, Form()] = "",
    label: Annotated[str, Form()] = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = DAYS[1],
    replaces: Annotated[str, Form()] = "",
    key: Annotated[str, Form(alias=KEY)] = "",
) -> Response:
    """Lay it before another administrator."""
    ends = utc_now().replace(second=0, microsecond=0) + timedelta(days=min(days, DAYS[-1]))
    body = {"agent": agent, "label": label, "scopes": scopes, "expires_at": ends.isoformat()}
    place = {"replaces": replaces, "overlap_hours": OVERLAP_HOURS} if replaces else {}
    try:
        await v.api.post("/key-proposals", {**body, **place}, key=key)
    except Refused as refused:
        return await _form(request, v, {**body, **place, "days": days}, refused.problem)
    return back_to("/keys")


@router.post("/proposals/{item}/approval")
async def approve(request: Request, item: str, v: Signed) -> Response:
    """As the second person."""
    return await _given(request, v, f"/key-proposals/{item}/approval")


@router.post("/proposals/{item}/withdrawal")
async def withdraw(request: Request, item: str, v: Signed) -> Response:
    """Take it back, or refuse it."""
    return await _given(request, v, f"/key-proposals/{item}/withdrawal")


@router.post("/proposals/{item}/collection")
async def collect(request: Request, item: str, v: Signed) -> Response:
    """Have it made; it is shown on the page that answers, and nowhere else."""
    return await _shown(request, v, **await collected(v, item))


@router.post("/{prefix}/revocation")
async def revoke(prefix: str, v: Signed) -> Response:
    """It lets nobody in any more."""
    await v.api.delete(f"/keys/{prefix}")
    return back_to("/keys")


async def _given(request: Request, v: Visitor, path: str) -> Response:
    try:
        await v.api.post(path)
    except Refused as refused:
        return await _shown(request, v, problem=refused.problem)
    return back_to("/keys")


async def _shown(request: Request, v: Visitor, *, problem: Any = None, made: Any = None) -> Response:
    proposed = (await v.api.get("/key-proposals", limit=ROWS))["items"]
    return page(
        request,
        "keys.html",
        status=int(problem["status"]) if problem else 200,
        waiting=[one for one in proposed if one["status"] in OPEN],
        items=(await v.api.get("/keys"))["items"],
        may=allowed(v.actor, Action.MANAGE_KEYS),
        is_program=is_program,
        names=await people(v),
        problem=problem,
        made=made,
    )


async def _form(request: Request, v: Visitor, values: Values, problem: Any = None) -> Response:
    return page(
        request,
        "key_new.html",
        status=int(problem["status"]) if problem else 200,
        values=values,
        owners=await people(v),
        is_program=is_program,
        scopes=SCOPES,
        days=DAYS,
        key=new_key(),
        problem=problem,
    )
