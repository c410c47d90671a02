"""The commands on shifts: one row each of the table ROUTES, but planning, which makes a new one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http import shift_bodies as b
from adapters.http.conventions import IdempotencyKey, IfMatch, answer, command
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body
from adapters.http.master_bodies import MasterAnswered
from adapters.http.master_commands import NEW, IdInPath
from adapters.http.problems import declared
from application.event_log import Command, Done
from application.permissions import Action
from application.shifts import ShiftId, Shifts, shift_id_of
from domain.values import Actor, AgentId

SHIFTS = "/api/v1/shifts"
PLAN = {"x-action": Action.PLAN_SHIFTS}
PROBLEMS = declared(401, 403, 404, 409, 412, 413, 422, 428, 429, 503)
router = APIRouter(prefix=SHIFTS, route_class=Door, tags=["shifts"])

Run = Callable[[Shifts, ShiftId, Any, Actor, Command], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Route:
    """One command on a shift: the last word of its path, its body, and what it does. All need If-Match."""

    name: str
    summary: str
    description: str
    body: type[Body]
    run: Run


ROUTES = (
    Route(
        "roster",
        "Change a shift's times or roster (S-1)",
        "Once the shift has begun this is a correction: by a supervisor, with a reason, never of the own duty.",
        b.RosterBody,
        lambda shifts, shift, body, who, c: shifts.replan(shift, body.facts(), who, c),
    ),
    Route(
        "absences",
        "Record that somebody is not there (S-5, S-6)",
        "Who is absent is not on duty; their recorded attendance is taken back.",
        b.AbsenceBody,
        lambda shifts, shift, body, who, c: shifts.record_absence(shift, body.model_dump(), who, c),
    ),
    Route(
        "presences",
        "Take an absence back (S-6)",
        "The planned times hold again.",
        b.PresenceBody,
        lambda shifts, shift, body, who, c: shifts.clear_absence(shift, AgentId(body.agent), who, c),
    ),
    Route(
        "attendance",
        "Record when somebody came and went (S-6)",
        "Actual times hold in place of the planned ones; a later record replaces the former.",
        b.AttendanceBody,
        lambda shifts, shift, body, who, c: shifts.record_attendance(shift, body.model_dump(), who, c),
    ),
)


@router.post(
    "",
    status_code=201,
    responses=NEW,
    response_model=MasterAnswered,
    summary="Plan a shift (S-1)",
    openapi_extra=PLAN,
)
async def plan(request: Request, body: b.ShiftBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Also one that has begun; everybody on it is known, its supervisor is one."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    shifts: Shifts = request.app.state.parts.shifts
    done = await shifts.plan(ShiftId(str(uuid4())), body.model_dump(), caller_of(request).actor, given)
    return answer(done, status=201, location=f"{SHIFTS}/")


def _endpoint(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        item: IdInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        given = await command(request, match_needed=True, idempotency_key=idempotency_key, if_match=if_match)
        shifts: Shifts = request.app.state.parts.shifts
        return answer(await route.run(shifts, shift_id_of(item), body, caller_of(request).actor, given))

    return endpoint


for _route in ROUTES:
    router.add_api_route(
        f"/{{item}}/{_route.name}",
        _endpoint(_route, _route.body),
        methods=["POST"],
        name=f"shift_{_route.name}",
        summary=_route.summary,
        description=f"{_route.description} Needs If-Match.",
        responses=PROBLEMS,
        response_model=MasterAnswered,
        openapi_extra=PLAN,
    )
