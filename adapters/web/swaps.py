"""Swaps of shifts: asked for by who gives one away, decided by a supervisor (S-5)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.directory import people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import Action, allowed
from domain.swap.swap import SwapStatus
from domain.values import local_day

router = APIRouter(prefix="/swaps", route_class=Page, include_in_schema=False)
MOST, AHEAD = 100, timedelta(days=31)
"""How many swaps are shown; how far ahead the shifts lie that are offered."""
ASKING = Giving("/shifts/swaps", "/shifts/swaps", "swaps")


@router.get("")
async def swaps(request: Request, v: Signed) -> Response:
    """The swaps that wait, and those that were decided."""
    return await _page(request, v)


@router.post("/{swap_id}/decision")
async def decide(request: Request, swap_id: str, v: Signed) -> Response:
    """Grant it, or refuse it with a reason."""
    async with request.form() as typed:
        body = {name: said for name in ("decision", "reason") if (said := str(typed.get(name, "")).strip())}
    try:
        _check_meant(body)
        await v.api.post(f"/shifts/swaps/{swap_id}/decision", body)
    except Refused as refused:
        return await _page(request, v, {swap_id: refused.problem}, refused.status, body.get("reason", ""))
    return back_to("/swaps")


def _check_meant(body: Mapping[str, str]) -> None:
    """Whoever has written why it is refused does not mean to grant it. Raises Refused."""
    if body.get("decision") == SwapStatus.GRANTED and "reason" in body:
        detail = "a reason is that of a refusal: refuse it, or take the reason away"
        raise Refused({"status": 422, "code": "invalid", "detail": detail})


async def _page(
    request: Request, v: Visitor, problems: Mapping[str, Any] | None = None, status: int = 200, reason: str = ""
) -> Response:
    found = (await v.api.get("/shifts/swaps", limit=MOST))["items"]
    wanted = {swap[name] for swap in found for name in ("shift", "in_return") if swap[name]}
    return page(
        request,
        "swaps.html",
        status=status,
        waiting=[swap for swap in found if swap["status"] == SwapStatus.REQUESTED],
        decided=[swap for swap in found if swap["status"] != SwapStatus.REQUESTED],
        shifts={shift: await v.api.get(f"/shifts/{shift}") for shift in sorted(wanted)},
        problems=problems or {},
        reason=reason,
        decides=allowed(v.actor, Action.DECIDE_SWAPS),
        names=await people(v),
    )


# ---- asking for one -------------------------------------------------------------------------------------------------
@router.get("/new")
async def new(request: Request, v: Signed) -> Response:
    """Ask for a swap."""
    asked = {"shift": request.query_params["shift"]} if "shift" in request.query_params else {}
    form = begun(request, Giving(ASKING.route, ASKING.path, ASKING.command, asked))
    return await _form_page(request, v, Given(form))


@router.post("/new")
async def ask(request: Request, v: Signed) -> Response:
    """Put the wish on record."""
    given = await give(request, v, ASKING)
    return back_to("/swaps") if given.answer else await _form_page(request, v, given)


async def _form_page(request: Request, v: Visitor, given: Given) -> Response:
    today = local_day(utc_now())
    begins = today - timedelta(days=1)  # of which the last shift may still be worked
    shifts = (await v.api.get("/shifts", **{"from": str(begins), "to": str(today + AHEAD)}, limit=500))["items"]
    for_others = allowed(v.actor, Action.DECIDE_SWAPS)
    return page(
        request,
        "swap_new.html",
        status=given.status,
        given=given,
        own=[shift for shift in shifts if for_others or v.actor.id in shift["agents"]],
        others=[shift for shift in shifts if set(shift["agents"]) - {v.actor.id}],
        for_others=for_others,
        names=await people(v),
        colleagues=await _colleagues(v),
    )


async def _colleagues(v: Visitor) -> Mapping[str, str]:
    found = (await v.api.get("/agents", limit=500))["items"]
    return {one["id"]: one["name"] or one["id"] for one in found if one["role"] == "agent" and not one["left_on"]}
