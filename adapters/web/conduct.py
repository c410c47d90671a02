"""Conduct reports that a supervisor decides on (W-6)."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.directory import people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.pages import Page, Signed, Visitor, back_to, page

router = APIRouter(prefix="/conduct", route_class=Page, include_in_schema=False)
MOST = 50
STATES = ("reported", "confirmed", "dismissed")
FACT = "/facts/conduct-reports"


@router.get("")
async def reports(request: Request, v: Signed) -> Response:
    """Reports by how far they have come; the open ones first."""
    asked = request.query_params.get("status", STATES[0])
    state = asked if asked in STATES else STATES[0]
    found = await v.api.get(FACT, status=state, limit=MOST, after=request.query_params.get("after"))
    whole = await asyncio.gather(*(v.api.get(f"{FACT}/{one['id']}") for one in found["items"]))
    context = {"reports": whole, "more": found["next"], "state": state, "states": STATES, "names": await people(v)}
    return page(request, "conduct.html", **context)


@router.get("/new")
async def new(request: Request, v: Signed) -> Response:
    """Report somebody's conduct."""
    return await _form_page(request, v, Given(begun(request, _reporting())))


@router.post("/new")
async def report(request: Request, v: Signed) -> Response:
    """Put it on record."""
    given = await give(request, v, _reporting())
    return back_to(f"/conduct/{given.answer['id']}") if given.answer else await _form_page(request, v, given)


def _reporting() -> Giving:
    return Giving(FACT, FACT, "conduct-reports")


async def _form_page(request: Request, v: Visitor, given: Given) -> Response:
    context = {"given": given, "back": "/conduct", "subject": "", "suggested": {"agent": "people"}}
    return page(request, "command.html", status=given.status, names=await people(v), **context)


@router.get("/{fact_id}")
async def one(request: Request, fact_id: str, v: Signed) -> Response:
    """A report, and the form for the decision while it is open."""
    fact = await v.api.get(f"{FACT}/{fact_id}")
    return await _page(request, v, fact, Given(begun(request, _deciding(fact_id, fact["version"]))))


@router.post("/{fact_id}")
async def decide(request: Request, fact_id: str, v: Signed) -> Response:
    """Confirm it, which confirms its line, or dismiss it with a reason."""
    given = await give(request, v, _deciding(fact_id))
    if given.answer is not None:
        return back_to("/conduct")
    return await _page(request, v, await v.api.get(f"{FACT}/{fact_id}"), given)


def _deciding(fact_id: str, version: int | None = None) -> Giving:
    return Giving(f"{FACT}/{{fact_id}}/decision", f"{FACT}/{fact_id}/decision", "decision", version=version)


async def _page(request: Request, v: Visitor, fact: Mapping[str, Any], given: Given) -> Response:
    names = await people(v)
    return page(request, "conduct_report.html", status=given.status, fact=fact, given=given, names=names)
