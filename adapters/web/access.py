"""How one gets in: the own password and the own keys to the API."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from adapters.auth.passwords import Fault, SignInClosed, WeakPassword
from adapters.auth.sessions import Way
from adapters.http.door import check_same_origin
from adapters.http.parts import Parts
from adapters.web.asking import Refused
from adapters.web.forms import KEY
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from adapters.web.sign_in import begun
from application.permissions import READ
from domain.key.words import Status

router = APIRouter(prefix="/settings/access", route_class=Page, include_in_schema=False)
DAYS = (30, 90, 365)
"""How long a new key may live; a year at most."""
OVERLAP_HOURS = 24
_INVALID = 422


@router.get("")
async def access(request: Request, v: Signed) -> Response:
    """The password's age, tries that failed, the keys in force."""
    return await _shown(request, v)


@router.post("/password")
async def change_password(
    request: Request,
    v: Signed,
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change it: every other session of one's own ends."""
    check_same_origin(request)
    passwords = request.app.state.parts.passwords
    if new != again:
        return await _shown(request, v, fault="differ")
    try:
        if await passwords.actor(v.actor.id, old) is None:
            return await _shown(request, v, fault="old")
        await passwords.give(v.actor.id, new)
    except SignInClosed:
        return await _shown(request, v, fault="closed")
    except WeakPassword as weak:
        return await _shown(request, v, fault=weak.fault.name.lower())
    return await begun(request, v.actor.id, Way.PASSWORD, "/settings/access")


@router.post("/keys")
async def make_key(
    request: Request,
    v: Signed,
    key: Annotated[str, Form(alias=KEY)],
    label: Annotated[str, Form()] = "",
    scope: Annotated[str, Form()] = "",
    days: Annotated[int, Form()] = DAYS[1],
) -> Response:
    """A new key; it is shown on the page that answers, and nowhere else. The form's own key is its prefix."""
    ends = utc_now() + timedelta(days=min(days, DAYS[-1]))
    scopes = [READ] if scope == READ else None
    return await _made(request, v, key, label=label, scopes=scopes, expires_at=ends.isoformat())


@router.post("/proposals/{item}/collection")
async def collect_key(request: Request, item: str, v: Signed) -> Response:
    """A key that two administrators have made for one."""
    return await _shown(request, v, **await collected(v, item))


async def collected(v: Visitor, item: str) -> dict[str, Any]:
    """The key of a proposal, made for who collects it; or the problem with that."""
    try:
        return {"made": await v.api.put(f"/key-proposals/{item}/key", {})}
    except Refused as refused:
        return {"problem": refused.problem}


@router.post("/keys/{prefix}/rotation")
async def rotate_key(request: Request, prefix: str, v: Signed) -> Response:
    """Another one in its place; both let in for a day."""
    mine = {key["prefix"]: key for key in (await v.api.get("/own-keys"))["items"]}
    old = mine.get(prefix, {})
    like = {"label": old.get("label") or prefix, "scopes": old.get("scopes"), "expires_at": old.get("expires_at")}
    return await _made(request, v, _new_prefix(), **like, replaces=prefix, overlap_hours=OVERLAP_HOURS)


@router.post("/keys/{prefix}/revocation")
async def revoke_key(prefix: str, v: Signed) -> Response:
    """It lets nobody in any more."""
    await v.api.delete(f"/own-keys/{prefix}")
    return back_to("/settings/access")


def _new_prefix() -> str:
    return secrets.token_hex(4)


async def _made(request: Request, v: Visitor, prefix: str, **body: Any) -> Response:
    try:
        made = await v.api.put(f"/own-keys/{prefix}", body)
    except Refused as refused:
        return await _shown(request, v, problem=refused.problem)
    return await _shown(request, v, made=made)


def _waits_for(proposal: Mapping[str, Any], v: Visitor) -> bool:
    """Whether a key was approved for the visitor, and not collected."""
    return bool(proposal["agent"] == v.actor.id and proposal["status"] == Status.APPROVED)


async def _shown(request: Request, v: Visitor, *, fault: str = "", problem: Any = None, made: Any = None) -> Response:
    """fault: what is wrong with the passwords that were typed; problem: with the key asked for; made: a new key."""
    parts: Parts = request.app.state.parts
    status = int(problem["status"]) if problem else _INVALID if fault else 200
    return page(
        request,
        "access.html",
        status=status,
        password=await parts.passwords.kept(v.actor.id) if parts.local_sign_in else None,
        keys_of_mine=(await v.api.get("/own-keys"))["items"],
        for_me=[one for one in (await v.api.get("/key-proposals"))["items"] if _waits_for(one, v)],
        days=DAYS,
        key=_new_prefix(),
        fault=fault,
        weak=fault in {one.name.lower() for one in Fault},
        problem=problem,
        made=made,
    )
