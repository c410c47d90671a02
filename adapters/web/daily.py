"""The daily report: made by the late shift, passed on and ticked off by the early one (S-4)."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.directory import people
from adapters.web.forms import KEY, VERSION, new_key
from adapters.web.languages import utc_now
from adapters.web.numbers import whole
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import Action, allowed
from domain.values import local_day

router = APIRouter(prefix="/daily", route_class=Page, include_in_schema=False)
ONE_DAY = timedelta(days=1)


@router.get("")
async def latest(v: Signed) -> Response:
    """The report of yesterday while it has open items, else today's."""
    today = local_day(utc_now())
    before = await v.api.get(f"/daily-reports/{today - ONE_DAY}")
    open_items = any(not item["done"] for item in before["items"])
    return back_to(f"/daily/{today - ONE_DAY if before['version'] and open_items else today}")


@router.get("/{day}")
async def report(request: Request, day: str, v: Signed) -> Response:
    """A day's report; before it is made, what it would say now."""
    return await _page(request, v, day)


@router.post("/{day}")
async def make(request: Request, day: str, v: Signed) -> Response:
    """Make it, with items in free words, one a line."""
    async with request.form() as typed:
        words, key = (str(typed.get(name, "")) for name in ("words", KEY))
    items = [line.strip() for line in words.splitlines() if line.strip()]
    try:
        await v.api.post("/daily-reports", {"date": day, "words": items}, key=key or None)
    except Refused as refused:
        return await _page(request, v, day, refused, words)
    return back_to(f"/daily/{day}")


@router.post("/{day}/items/{number}/{deed}")
async def see_to(request: Request, day: str, number: int, deed: str, v: Signed) -> Response:
    """Pass an item on, or tick it off."""
    async with request.form() as typed:
        version, to = str(typed.get(VERSION, "")), str(typed.get("to", ""))
    word, body = ("passing", {"to": to}) if deed == "passing" else ("tick", {})
    try:
        known = whole(version)
        await v.api.post(f"/daily-reports/{day}/items/{number}/{word}", body, version=known)
    except Refused as refused:
        return await _page(request, v, day, refused)
    return back_to(f"/daily/{day}#item-{number}")


async def _page(request: Request, v: Visitor, day: str, refused: Refused | None = None, words: str = "") -> Response:
    found = await v.api.get(f"/daily-reports/{day}")
    return page(
        request,
        "daily.html",
        status=refused.status if refused else 200,
        problem=refused.problem if refused else None,
        report=found,
        words=words,
        days=_neighbours(day),
        cases=await _cases(v, found),
        may=allowed(v.actor, Action.REPORT_DAYS),
        key=new_key(),
        names=await people(v),
    )


def _neighbours(day: str) -> tuple[str, str]:
    this = date.fromisoformat(day)
    return str(max(this, date.min + ONE_DAY) - ONE_DAY), str(min(this, date.max - ONE_DAY) + ONE_DAY)


async def _cases(v: Visitor, report: Mapping[str, Any]) -> Mapping[str, str]:
    """The ids of the cases that the items name by their number."""
    numbers = {item["ref"] for item in report["items"] if item["kind"] in {"overdue", "escalation"}}
    if not numbers:
        return {}
    lists = await asyncio.gather(*(v.api.whole("/cases", **{named: True}) for named in ("overdue", "escalated")))
    return {case["number"]: case["id"] for found in lists for case in found if case["number"] in numbers}
