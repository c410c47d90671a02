"""Payroll: months, what they come to for whom, their lines down to the events that caused them, freezing, closing."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.payroll_export.export import Format
from adapters.web.asking import API, Refused
from adapters.web.directory import merchants, people, teams
from adapters.web.forms import KEY, VERSION, new_key
from adapters.web.navigation import N_
from adapters.web.numbers import whole
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from adapters.web.telling import Told, tell
from application.permissions import Action, allowed
from domain.ledger.voucher import Status
from domain.payroll.months import Stage

router = APIRouter(prefix="/payroll", route_class=Page, include_in_schema=False)
MONTHS, LINES = 12, 100
"""How many a page shows."""
LEDGERS: Mapping[str, str] = {"penalties": N_("Penalties"), "bonuses": N_("Bonuses")}
EXPORTS: Mapping[Format, str] = {
    Format.XLSX: N_("Excel workbook"),
    Format.CSV: N_("CSV, lines"),
    Format.CSV_STATEMENTS: N_("CSV, statements"),
    Format.JSONL: N_("JSON Lines, lines"),
    Format.JSONL_STATEMENTS: N_("JSON Lines, statements"),
    Format.BEANCOUNT: N_("Beancount"),
    Format.PRINT_ZH: N_("To print, Chinese"),
    Format.PRINT_EN: N_("To print, English"),
}
NEXT: Mapping[str, str] = {Stage.OPEN: "freeze", Stage.FROZEN: "close"}
"""What is done next with a month, by how far it has come."""
CASES = "cases"
DECIDED = frozenset({"by", "day", "posted_month", "reason", "reduced_to_fen", "verdict"})
"""What is told of the events of a line; the rest stands above them."""
TOLD = 20
"""Of how many causes of a line the page says what they say; a ranking has hundreds."""


@router.get("")
async def months(request: Request, v: Signed) -> Response:
    """The months that have lines, each with what it comes to."""
    found = await v.api.get("/payroll/months", limit=MONTHS, after=request.query_params.get("after"))
    whole = await asyncio.gather(*(v.api.get(f"/payroll/months/{one['month']}") for one in found["items"]))
    context = {"months": [_summed(one) for one in whole], "more": found["next"], "names": await people(v)}
    return page(request, "payroll.html", **context)


def _summed(month: Mapping[str, Any]) -> Mapping[str, Any]:
    """A month with its bonuses and penalties, whole fen, over the statements that the visitor sees."""
    names = ("bonus_fen", "penalty_fen", "uncovered_fen")
    return {**month, **{name: sum(one[name] for one in month["statements"]) for name in names}}


@router.get("/{month}")
async def one_month(request: Request, month: str, v: Signed) -> Response:
    """How far a month has come, and its statements."""
    return await _month_page(request, v, month)


@router.post("/{month}/{deed}")
async def decide(request: Request, month: str, deed: str, v: Signed) -> Response:
    """Freeze or close it; what is refused is told on its page (L-4)."""
    async with request.form() as typed:
        version, key = str(typed.get(VERSION, "")), str(typed.get(KEY, ""))
    try:
        await v.api.post(f"/payroll/months/{month}/{deed}", version=whole(version), key=key)
    except Refused as refused:
        return await _month_page(request, v, month, refused.problem)
    return back_to(f"/payroll/{month}")


async def _month_page(request: Request, v: Visitor, month: str, problem: Mapping[str, Any] | None = None) -> Response:
    found = _summed(await v.api.get(f"/payroll/months/{month}"))
    waiting = await v.api.get("/ledgers/penalties", month=month, status=Status.PROPOSED, limit=LINES)
    deed = NEXT.get(found["status"]) if allowed(v.actor, Action.CLOSE_MONTHS) else None
    return page(
        request,
        "payroll_month.html",
        status=int(problem["status"]) if problem else 200,
        problem=problem,
        month=found,
        waiting=f"{len(waiting['items'])}{'+' if waiting['next'] else ''}",
        deed=deed,
        key=new_key(),
        exports=EXPORTS if allowed(v.actor, Action.EXPORT_MONTHS) else {},
        address=f"{API}/payroll/months/{month}/export",
        names=await people(v),
    )


@router.get("/{month}/statements/{agent}")
async def statement(request: Request, month: str, agent: str, v: Signed) -> Response:
    """What an agent is paid for a month, and why: to read, and to print."""
    as_of = request.query_params.get("as_of")
    found = await v.api.get(f"/payroll/months/{month}/statements/{agent}", as_of=as_of)
    masters = {"merchant": await merchants(v)}
    return page(request, "statement.html", statement=found, as_of=as_of, names=await people(v), masters=masters)


@router.get("/{month}/lines")
async def lines(request: Request, month: str, v: Signed) -> Response:
    """The lines of a month; the address says which."""
    query = request.query_params
    ledger = query.get("ledger", "penalties") if query.get("ledger") in LEDGERS else "penalties"
    asked = {name: query.get(name) for name in ("agent", "status", "after", "as_of")}
    found = await v.api.get(f"/ledgers/{ledger}", month=month, limit=LINES, **asked)
    return page(
        request,
        "ledger_lines.html",
        month=month,
        ledger=ledger,
        ledgers=LEDGERS,
        asked=asked,
        lines=found["items"],
        more=found["next"],
        statuses=list(Status),
        names=await people(v),
        masters={"merchant": await merchants(v)},
    )


@router.get("/lines/{entry}")
async def line(request: Request, entry: str, v: Signed) -> Response:
    """A line, what became of it, and the very events that caused it (L-1)."""
    found = await v.api.get(f"/ledgers/entries/{entry}")
    history = await v.api.get(f"/ledgers/entries/{entry}/history")
    causes = [await _with_place(v, cause, told=at < TOLD) for at, cause in enumerate(history["causes"])]
    events = [{**item, "told": _decided(item)} for item in history["items"]]
    context: dict[str, Any] = {
        "names": await people(v),
        "masters": {"merchant": await merchants(v), "team": await teams(v)},
    }
    return page(request, "ledger_line.html", line=found, causes=causes, events=events, **context)


def _decided(item: Mapping[str, Any]) -> list[Told]:
    return [one for one in tell(item["type"], item["data"]) if one.name in DECIDED]


async def _with_place(v: Visitor, cause: Mapping[str, Any], *, told: bool) -> dict[str, Any]:
    """A cause with where it stands in the history of its case, or with what its fact says."""
    known: dict[str, Any] = {"href": None, "said": []}
    if cause["of"] == CASES and allowed(v.actor, Action.READ_CASE):
        known["href"] = _in_history(v, cause["id"], cause["position"])
    elif told and cause["of"] not in {None, CASES} and allowed(v.actor, Action.READ_FACTS):
        fact = await v.api.get(f"/{cause['of']}/{cause['id']}")
        upto = (item for item in fact["history"] if item["position"] <= cause["position"])
        known["said"] = [one for item in upto for one in tell(item["type"], item["data"])]
    return {**cause, **known}


def _in_history(v: Visitor, case: str, position: int) -> str:
    return f"/replay/{case}?at={position}" if allowed(v.actor, Action.AUDIT) else f"/cases/{case}#e{position}"
