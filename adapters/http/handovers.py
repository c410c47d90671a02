"""The course of a shift over the API: one row each of the table ROUTES; and its handover (S-2, S-3)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from adapters.handover_print.page import page
from adapters.http import course_bodies as b
from adapters.http.conventions import IdempotencyKey, IfMatch, MinPosition, answer, command, etag, json, wait_for
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body
from adapters.http.handover_answers import plain_handover
from adapters.http.master_bodies import MasterAnswered
from adapters.http.master_commands import IdInPath
from adapters.http.no_body import NoBody
from adapters.http.noting import note_list
from adapters.http.reads import ONE
from adapters.http.shift_commands import PROBLEMS, SHIFTS
from adapters.printing import Language
from application.event_log import Command, Done
from application.handover import Handovers
from application.handover_reads import HandoverShown, people_of
from application.permissions import Action
from application.shifts import ShiftId, shift_id_of
from domain.shift.course import Marks
from domain.values import Actor, AgentId

router = APIRouter(prefix=SHIFTS, route_class=Door, tags=["shifts"])
Run = Callable[[Handovers, ShiftId, Any, Actor, Command], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Route:
    """One command along the course: the last word of its path, its body, and what it does. All need If-Match."""

    name: str
    summary: str
    description: str
    body: type[Body]
    run: Run
    action: Action = Action.RUN_SHIFTS


def _accept(
    handovers: Handovers, shift: ShiftId, body: b.AcceptanceBody, who: Actor, given: Command
) -> Awaitable[Done]:
    questions = [(question.item, question.words) for question in body.questioned]
    return handovers.accept(shift, Marks(body.ticked, body.seen), questions, who, given)


ROUTES = (
    Route(
        "start",
        "Start a shift (S-2)",
        "By somebody on its roster, or a supervisor, who may say who is there.",
        b.StartBody,
        lambda on, shift, body, who, c: on.start(shift, [AgentId(agent) for agent in body.on_duty], who, c),
    ),
    Route(
        "on-duty",
        "Come on duty (S-6)",
        "Now. Of oneself only what makes the own duty longer is taken; the rest a supervisor records.",
        b.DutyBody,
        lambda on, shift, body, who, c: on.come_on_duty(shift, AgentId(body.agent or who.id), who, c),
    ),
    Route(
        "off-duty",
        "Go off duty (S-6)",
        "Now. Of oneself only what makes the own duty longer is taken; the rest a supervisor records.",
        b.DutyBody,
        lambda on, shift, body, who, c: on.go_off_duty(shift, AgentId(body.agent or who.id), who, c),
    ),
    Route(
        "handover",
        "Prepare the handover (S-3)",
        "May be repeated until it is accepted or released; the last notes hold.",
        b.PreparationBody,
        lambda on, shift, body, who, c: on.prepare(shift, body.notes, who, c),
    ),
    Route(
        "acceptance",
        "Accept a shift's handover (S-2, S-3)",
        "By somebody of the next shift of the team; each item ticked or questioned. Freezes it as it stands.",
        b.AcceptanceBody,
        _accept,
    ),
    Route(
        "release",
        "Let a shift end without acceptance (S-2)",
        "By a supervisor who is not on it. Freezes the handover, which is still to be accepted.",
        b.ReleaseBody,
        lambda on, shift, body, who, c: on.release(shift, body.reason, who, c),
        Action.RELEASE_SHIFTS,
    ),
    Route(
        "end",
        "End a shift (S-2)",
        "Once the next has accepted, or a supervisor has released it; the last of a day once its handover is prepared.",
        NoBody,
        lambda on, shift, _, who, c: on.end(shift, who, c),
    ),
)


def _endpoint(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        item: IdInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        given = await command(request, match_needed=True, idempotency_key=idempotency_key, if_match=if_match)
        handovers: Handovers = request.app.state.parts.shift_work.handovers
        return answer(await route.run(handovers, shift_id_of(item), body, caller_of(request).actor, given))

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
        openapi_extra={"x-action": _route.action},
    )


@router.get(
    "/{item}/handover",
    response_model=b.HandoverShown,
    responses=ONE,
    summary="A shift's handover (S-3)",
    openapi_extra={"x-action": Action.READ_HANDOVERS},
)
async def handover(request: Request, item: IdInPath, min_position: MinPosition = None) -> Response:
    """As it stands now; once it is accepted or released, as it stood then."""
    await wait_for(request, min_position, "handover_1")
    parts = request.app.state.parts.shift_work
    shown = await parts.reads.shown(shift_id_of(item), caller_of(request).actor)
    await _noted(request, item, shown)
    names = await parts.names(people_of(shown))
    return json(plain_handover(shown, names, await _head(request, shown)), headers={"ETag": etag(shown.version)})


@router.get(
    "/{item}/handover/page",
    response_class=HTMLResponse,
    responses=ONE,
    summary="A shift's handover to print and sign (S-3)",
    openapi_extra={"x-action": Action.READ_HANDOVERS},
)
async def handover_page(
    request: Request,
    item: IdInPath,
    language: Annotated[Language, Query(description="of the page")] = Language.ZH,
    min_position: MinPosition = None,
) -> Response:
    """One page for A4, in Chinese or English, with room for the signatures."""
    await wait_for(request, min_position, "handover_1")
    parts = request.app.state.parts.shift_work
    shown = await parts.reads.shown(shift_id_of(item), caller_of(request).actor)
    await _noted(request, item, shown)
    return HTMLResponse(page(language, shown, await parts.names(people_of(shown)), await _head(request, shown)))


async def _noted(request: Request, item: str, shown: HandoverShown) -> None:
    """A handover tells of many customers' cases."""
    await note_list(request, f"shifts/{item}/handover", {}, len(shown.handover.cases))


async def _head(request: Request, shown: HandoverShown) -> str | None:
    head: str | None = await request.app.state.parts.proof.reads.head_over(shown.handover.upto)
    return head
