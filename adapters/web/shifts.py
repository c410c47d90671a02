"""Shifts: the roster of a week, a shift, and what is done with it along its course (S-1, S-2, S-5, S-6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.problems import ApiError
from adapters.web.directory import people, teams
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import Action, allowed
from domain.shift.words import ShiftKind
from domain.values import FIRST_YEAR, LAST_YEAR, local_day

router = APIRouter(prefix="/shifts", route_class=Page, include_in_schema=False)
A_WEEK, MOST = 7, 500
COMMANDS: Mapping[str, Action] = {
    "start": Action.RUN_SHIFTS,
    "on-duty": Action.RUN_SHIFTS,
    "off-duty": Action.RUN_SHIFTS,
    "end": Action.RUN_SHIFTS,
    "roster": Action.PLAN_SHIFTS,
    "attendance": Action.PLAN_SHIFTS,
    "absences": Action.PLAN_SHIFTS,
    "presences": Action.PLAN_SHIFTS,
}
"""What may be done with a shift, by the last word of its path; its handover has a page of its own."""
Shift = Mapping[str, Any]


# ---- the roster -----------------------------------------------------------------------------------------------------
@router.get("")
async def roster(request: Request, v: Signed) -> Response:
    """A week of every team, or of the visitor's own."""
    monday = _monday(request.query_params.get("week"))
    days = [monday + timedelta(days=n) for n in range(A_WEEK)]
    own = v.actor.team if request.query_params.get("team") != "all" else None
    asked = {"from": str(days[0]), "to": str(days[-1]), "team": own, "limit": MOST}
    found = (await v.api.get("/shifts", **asked))["items"]
    return page(
        request,
        "roster.html",
        days=days,
        today=_today(),
        weeks=(str(monday - timedelta(days=A_WEEK)), str(monday + timedelta(days=A_WEEK))),
        tables=_tables(found),
        kinds=list(ShiftKind),
        team=own,
        plans=allowed(v.actor, Action.PLAN_SHIFTS),
        teams=await teams(v),
        names=await people(v),
    )


def _today() -> date:
    return local_day(utc_now())


def _monday(asked: str | None) -> date:
    try:
        day = date.fromisoformat(asked) if asked else _today()
    except ValueError:
        day = _today()
    monday = day - timedelta(days=day.weekday())
    return monday if monday.year in range(FIRST_YEAR, LAST_YEAR + 1) else _monday(None)


def _tables(found: Sequence[Shift]) -> Mapping[str, Mapping[tuple[str, str], Sequence[Shift]]]:
    """The shifts of each team by kind and day."""
    tables: dict[str, dict[tuple[str, str], list[Shift]]] = defaultdict(lambda: defaultdict(list))
    for shift in found:
        tables[shift["team"] or ""][shift["kind"], shift["date"]].append(shift)
    return dict(sorted(tables.items()))


# ---- planning -------------------------------------------------------------------------------------------------------
@router.get("/new")
async def new(request: Request, v: Signed) -> Response:
    """Plan a shift."""
    asked = {name: request.query_params[name] for name in ("date", "kind", "team") if name in request.query_params}
    return await _form_page(request, v, Given(begun(request, Giving("/shifts", "/shifts", "shifts", asked))), "/shifts")


@router.post("/new")
async def plan(request: Request, v: Signed) -> Response:
    """Put it on the roster."""
    given = await give(request, v, Giving("/shifts", "/shifts", "shifts"))
    if given.answer:
        return back_to(f"/shifts/{given.answer['id']}")
    return await _form_page(request, v, given, "/shifts")


async def _form_page(request: Request, v: Visitor, given: Given, back: str) -> Response:
    suggested = dict.fromkeys(("agent", "supervisor", "agents", "on_duty"), "people") | {"team": "teams"}
    context = {"given": given, "back": back, "subject": "", "suggested": suggested}
    return page(request, "command.html", status=given.status, names=await people(v), teams=await teams(v), **context)


@router.get("/handover")
async def handover(v: Signed) -> Response:
    """The handover that matters now: one that awaits its acceptance, else that of the shift that began last."""
    found = await _started(v, v.actor.team) or await _started(v, None)
    waiting = [one for one in found if one["course"]["prepared"] and not one["course"]["accepted"]]
    chosen = (waiting or found)[-1:]
    return back_to(f"/shifts/{chosen[0]['id']}/handover" if chosen else "/shifts")


async def _started(v: Visitor, team: str | None) -> Sequence[Shift]:
    """The shifts of yesterday and today that have begun, of a team or of all."""
    today = _today()
    asked = {"from": str(today - timedelta(days=1)), "to": str(today), "team": team, "limit": MOST}
    return [one for one in (await v.api.get("/shifts", **asked))["items"] if one["course"]["started"]]


# ---- one shift ------------------------------------------------------------------------------------------------------
@router.get("/{shift_id}")
async def shift(request: Request, shift_id: str, v: Signed) -> Response:
    """A shift: who works in it, how far it has come, and what may be done."""
    found = await v.api.get(f"/shifts/{shift_id}")
    commands = [command for command, action in COMMANDS.items() if allowed(v.actor, action)]
    context = {"shift": found, "commands": commands, "names": await people(v), "teams": await teams(v)}
    return page(request, "shift.html", **context)


@router.get("/{shift_id}/do/{command}")
async def command(request: Request, shift_id: str, command: str, v: Signed) -> Response:
    """The form of a command."""
    found = await v.api.get(f"/shifts/{shift_id}")
    values = {name: found[name] for name in ("agents", "supervisor", "start", "end")} if command == "roster" else None
    form = begun(request, _giving(shift_id, command, values, found["version"]))
    return await _form_page(request, v, Given(form), f"/shifts/{shift_id}")


@router.post("/{shift_id}/do/{command}")
async def do(request: Request, shift_id: str, command: str, v: Signed) -> Response:
    """Give it."""
    given = await give(request, v, _giving(shift_id, command))
    if given.answer is not None:
        return back_to(f"/shifts/{shift_id}")
    return await _form_page(request, v, given, f"/shifts/{shift_id}")


def _giving(shift_id: str, command: str, values: Mapping[str, Any] | None = None, version: int | None = None) -> Giving:
    if command not in COMMANDS:
        raise ApiError(404, "not_found", f"a shift has no {command}")
    return Giving(f"/shifts/{{item}}/{command}", f"/shifts/{shift_id}/{command}", command, values, version)
