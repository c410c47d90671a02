"""The handover of a shift: live while it is prepared, ticked and accepted by the next, printed (S-2, S-3)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.directory import merchants, people, teams
from adapters.web.forms import KEY, VERSION, new_key
from adapters.web.numbers import whole
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import Action, allowed

router = APIRouter(prefix="/shifts/{shift_id}/handover", route_class=Page, include_in_schema=False)
QUESTION = "question:"
"""Begins the name of the field in which an item is questioned."""
LISTS = ("cases", "phone_tests", "phone_faults", "missed_calls", "conduct", "notices")
"""What of a handover is ticked or questioned one by one."""
Handover = Mapping[str, Any]


@router.get("")
async def handover(request: Request, shift_id: str, v: Signed) -> Response:
    """The whole page; `?part=sheet` is the paper alone, by which an open page follows what happens."""
    part = request.query_params.get("part") == "sheet"
    return await _page(request, v, shift_id, template="handover_sheet.html" if part else "handover.html")


@router.post("/preparation")
async def prepare(request: Request, shift_id: str, v: Signed) -> Response:
    """Say that it is ready, with the free notes."""
    async with request.form() as typed:
        notes = str(typed.get("notes", "")).strip()
        return await _give(request, v, shift_id, typed, "handover", {"notes": notes} if notes else {})


@router.post("/acceptance")
async def accept(request: Request, shift_id: str, v: Signed) -> Response:
    """Take it over: each item ticked, or questioned with words."""
    async with request.form() as typed:
        return await _give(request, v, shift_id, typed, "acceptance", _marks(typed))


def _marks(typed: FormData) -> dict[str, Any]:
    """What is questioned is not ticked; of what was ticked all at once, the API tells what has changed since."""
    questioned = [
        {"item": name.removeprefix(QUESTION), "words": str(words).strip()}
        for name, words in typed.items()
        if name.startswith(QUESTION) and str(words).strip()
    ]
    open_items = {one["item"] for one in questioned}
    ticked = [str(item) for item in typed.getlist("ticked") if str(item) not in open_items]
    return {"ticked": ticked, "questioned": questioned}


@router.post("/release")
async def release(request: Request, shift_id: str, v: Signed) -> Response:
    """Let the shift end without acceptance, with a reason."""
    async with request.form() as typed:
        return await _give(request, v, shift_id, typed, "release", {"reason": str(typed.get("reason", "")).strip()})


async def _give(
    request: Request, v: Visitor, shift_id: str, typed: FormData, command: str, body: Mapping[str, Any]
) -> Response:
    version = str(typed.get(VERSION, ""))
    try:
        await v.api.post(
            f"/shifts/{shift_id}/{command}",
            body,
            version=whole(version),
            key=str(typed.get(KEY, "")) or None,
        )
    except Refused as refused:
        return await _page(request, v, shift_id, refused=refused, typed=typed)
    return back_to(f"/shifts/{shift_id}/handover")


# ---- the page -------------------------------------------------------------------------------------------------------
async def _page(
    request: Request,
    v: Visitor,
    shift_id: str,
    template: str = "handover.html",
    refused: Refused | None = None,
    typed: FormData | None = None,
) -> Response:
    sheet, shift = await asyncio.gather(v.api.get(f"/shifts/{shift_id}/handover"), v.api.get(f"/shifts/{shift_id}"))
    return page(
        request,
        template,
        status=refused.status if refused else 200,
        problem=refused.problem if refused else None,
        sheet=sheet,
        shift=shift,
        course=shift["course"],
        said=await _said(v, shift["team"], sheet["cases"]),
        lines={line["item"]: line for line in sheet["cases"]},
        accepting=_accepting(v, sheet),
        releases=allowed(v.actor, Action.RELEASE_SHIFTS),
        runs=allowed(v.actor, Action.RUN_SHIFTS),
        typed=typed or {},
        ticked=[str(item) for item in typed.getlist("ticked")] if typed else [],
        unmarked=_unmarked(sheet, refused, typed),
        key=new_key(),
        teams=await teams(v),
        merchants=await merchants(v) if sheet["notices"] else {},
        names={**await people(v), **{who: name for who, name in sheet["names"].items() if name}},
    )


def _accepting(v: Visitor, sheet: Handover) -> bool:
    """Whether the page offers to accept; who may is for the API to say."""
    prepared = sheet["prepared"]
    ready = prepared is not None and prepared["by"] != v.actor.id and sheet["accepted"] is None
    return ready and allowed(v.actor, Action.RUN_SHIFTS)


def _unmarked(sheet: Handover, refused: Refused | None, typed: FormData | None) -> frozenset[str]:
    """What was neither ticked nor questioned, all of it: the refusal itself names the first few."""
    if typed is None or refused is None or refused.code != "items_unmarked":
        return frozenset()
    marks = _marks(typed)
    marked = {*marks["ticked"], *(one["item"] for one in marks["questioned"])}
    return frozenset(line["item"] for name in LISTS for line in sheet[name]) - marked


async def _said(v: Visitor, team: str, lines: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """Who complains of what, by the case: the handover itself keeps nothing of persons."""
    if not lines:
        return {}
    found = await v.api.whole("/cases", team=team, status=sorted({line["status"] for line in lines}))
    return {case["id"]: case for case in found}
