"""What everybody has of their own: the ledger by the month, with every line explained, and appeals (L-0, L-1)."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.directory import merchants, people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from domain.ledger.lines import Kind
from domain.ledger.voucher import AppealState, Status
from domain.values import Month, local_day

router = APIRouter(prefix="/ledger", route_class=Page, include_in_schema=False)
MOST = 200
Line = Mapping[str, Any]


@router.get("")
async def ledger(request: Request, v: Signed) -> Response:
    """A month of one's own: what it comes to, by code, and line by line."""
    today = local_day(utc_now())
    month = _month(request.query_params.get("month"), Month.of(today))
    bonuses, penalties = await asyncio.gather(*(_lines(v, kind, month) for kind in ("bonuses", "penalties")))
    statement = await _statement(v, month)
    return page(
        request,
        "ledger.html",
        month=str(month),
        before=str(month.before),
        following=str(month.after) if month < Month.of(today) else None,
        statement=statement,
        sums=_by_code(statement["lines"]) if statement else [],
        bonuses=bonuses,
        penalties={**penalties, "items": [_contestable(line, today.isoformat()) for line in penalties["items"]]},
        names=await people(v),
        masters={"merchant": await merchants(v)},
    )


def _month(asked: str | None, this: Month) -> Month:
    try:
        return Month.parse(asked) if asked else this
    except ValueError:
        return this


async def _lines(v: Visitor, kind: str, month: Month) -> dict[str, Any]:
    found: dict[str, Any] = await v.api.get(f"/ledgers/{kind}", agent=v.actor.id, month=str(month), limit=MOST)
    return found


async def _statement(v: Visitor, month: Month) -> Mapping[str, Any] | None:
    """None where nothing has been posted into the month."""
    try:
        found: Mapping[str, Any] = await v.api.get(f"/payroll/months/{month}/statements/{v.actor.id}")
    except Refused as refused:
        if refused.status == 404:  # noqa: PLR2004  not found (RFC 9110)
            return None
        raise
    return found


def _by_code(lines: Sequence[Line]) -> Sequence[Mapping[str, Any]]:
    """How many lines of each code a statement has, and what they come to; bonuses first."""
    counting: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        counting[line["code"]].append(line)
    sums = [
        {"code": code, "kind": of[0]["kind"], "lines": len(of), "amount_fen": sum(line["amount_fen"] for line in of)}
        for code, of in counting.items()
    ]
    return sorted(sums, key=lambda one: (one["kind"] != Kind.BONUS, one["code"]))


def _contestable(line: Line, today: str) -> Line:
    """A penalty with how many days there are left to contest it, None where the page need not offer it."""
    until, counts = line["appeal_until"], line["status"] == Status.CONFIRMED and not line["reversed_by"]
    days = (datetime.fromisoformat(until) - datetime.fromisoformat(today)).days if until and counts else None
    contested = line["appeal"] == AppealState.OPEN
    return {**line, "days_left": None if contested else days, "contested": contested}


# ---- appeals --------------------------------------------------------------------------------------------------------
@router.get("/{entry}/appeal")
async def appeal(request: Request, entry: str, v: Signed) -> Response:
    """The line, and the form to contest it."""
    return await _appeal_page(request, v, entry, Given(begun(request, _appealing(entry))))


@router.post("/{entry}/appeal")
async def contest(request: Request, entry: str, v: Signed) -> Response:
    """Contest it; what the rule refuses is told on the page."""
    given = await give(request, v, _appealing(entry))
    if given.answer is not None:
        return back_to(f"/ledger?month={(await v.api.get(f'/ledgers/entries/{entry}'))['month']}")
    return await _appeal_page(request, v, entry, given)


@router.post("/{entry}/appeal/withdrawal")
async def withdraw(entry: str, v: Signed) -> Response:
    """Let the open appeal of a line go."""
    line = await v.api.get(f"/ledgers/entries/{entry}")
    await v.api.post(f"/appeals/{line['appeal_id']}/withdrawal")
    return back_to(f"/ledger?month={line['month']}")


def _appealing(entry: str) -> Giving:
    return Giving("/ledgers/entries/{entry_id}/appeals", f"/ledgers/entries/{entry}/appeals", "appeals")


async def _appeal_page(request: Request, v: Visitor, entry: str, given: Given) -> Response:
    today = local_day(utc_now()).isoformat()
    line = _contestable(await v.api.get(f"/ledgers/entries/{entry}"), today)
    history = await v.api.get(f"/ledgers/entries/{entry}/history")
    told = [item for item in history["items"] if item["data"].get("reason")]
    names = await people(v)
    return page(request, "appeal_new.html", status=given.status, line=line, told=told, given=given, names=names)
