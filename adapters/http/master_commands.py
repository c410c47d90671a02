"""The commands on the masters."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from adapters.http import master_bodies as b
from adapters.http.conventions import IdempotencyKey, IfMatch, answer, command
from adapters.http.door import Door, caller_of
from adapters.http.existence import customer_of
from adapters.http.problems import declared
from application.event_log import Command, Done
from application.masters import Masters
from application.permissions import Action
from domain.values import Actor, AgentId, SubjectId

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["masters: commands"])
IdInPath = Annotated[str, Path(description="its id", examples=["a1001"])]
NEW = declared(401, 403, 409, 413, 422, 429, 503)
CHANGED = declared(401, 403, 404, 409, 412, 413, 422, 429, 503)


async def _give(
    request: Request,
    key: str | None,
    if_match: str | None,
    run: Callable[[Masters, Actor, Command], Awaitable[Done]],
    location: str | None = None,
) -> Response:
    given = await command(request, match_needed=False, idempotency_key=key, if_match=if_match)
    done = await run(request.app.state.parts.masters, caller_of(request).actor, given)
    return answer(done, status=201 if location else 200, location=location)


def _post(path: str, summary: str, action: Action) -> Callable[[Callable[..., Awaitable[Response]]], object]:
    new = "{" not in path
    return router.post(
        path,
        summary=summary,
        status_code=201 if new else 200,
        responses=NEW if new else CHANGED,
        response_model=b.MasterAnswered,
        openapi_extra={"x-action": action},
    )


# ---- agents ---------------------------------------------------------------------------------------------------------
@_post("/agents", "Register an agent", Action.CHANGE_MASTERS)
async def register_agent(request: Request, body: b.AgentBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Take somebody on under an employee number; the team must be known."""
    facts = body.model_dump(exclude={"id"})
    agent = AgentId(body.id)
    return await _give(
        request, idempotency_key, None, lambda m, who, c: m.register_agent(agent, facts, who, c), "/api/v1/agents/"
    )


@_post("/agents/{item}/team", "Move an agent to another team", Action.CHANGE_MASTERS)
async def change_team(
    request: Request,
    item: IdInPath,
    body: b.TeamOfAgentBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """The agent's later cases belong to that team."""
    return await _give(
        request, idempotency_key, if_match, lambda m, who, c: m.change_team(AgentId(item), body.team, who, c)
    )


@_post("/agents/{item}/limit", "Set what an agent may grant (C-7)", Action.SET_LIMITS)
async def set_limit(
    request: Request,
    item: IdInPath,
    body: b.LimitBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """From a day on; nobody sets their own."""
    return await _give(
        request,
        idempotency_key,
        if_match,
        lambda m, who, c: m.set_limit(AgentId(item), body.from_day, body.limit_fen, who, c),
    )


@_post("/agents/{item}/absence", "Mark an agent absent", Action.MARK_PRESENCE)
async def mark_absent(
    request: Request, item: IdInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
) -> Response:
    """Work does not pass to who is absent."""
    return await _give(request, idempotency_key, if_match, lambda m, who, c: m.mark_absent(AgentId(item), who, c))


@_post("/agents/{item}/presence", "Mark an agent present", Action.MARK_PRESENCE)
async def mark_present(
    request: Request, item: IdInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
) -> Response:
    """The agent is there again."""
    return await _give(request, idempotency_key, if_match, lambda m, who, c: m.mark_present(AgentId(item), who, c))


@_post("/agents/{item}/departure", "Let an agent go", Action.CHANGE_MASTERS)
async def let_go(
    request: Request,
    item: IdInPath,
    body: b.DepartureBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """For good; the agent's keys open no door from now on."""
    return await _give(
        request, idempotency_key, if_match, lambda m, who, c: m.let_go(AgentId(item), body.last_day, who, c)
    )


# ---- teams, departments, merchants ----------------------------------------------------------------------------------
@_post("/teams", "Found a team", Action.CHANGE_MASTERS)
async def register_team(request: Request, body: b.NamedBody, idempotency_key: IdempotencyKey = None) -> Response:
    """A team of agents."""
    return await _give(
        request, idempotency_key, None, lambda m, who, c: m.register_team(body.id, body.name, who, c), "/api/v1/teams/"
    )


@_post("/teams/{item}/name", "Rename a team", Action.CHANGE_MASTERS)
async def rename_team(
    request: Request,
    item: IdInPath,
    body: b.NameBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """The id stays."""
    return await _give(request, idempotency_key, if_match, lambda m, who, c: m.rename_team(item, body.name, who, c))


@_post("/departments", "Found a department", Action.CHANGE_MASTERS)
async def register_department(
    request: Request, body: b.DepartmentBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """Where matters go, as data (rulebook part 1)."""
    return await _give(
        request,
        idempotency_key,
        None,
        lambda m, who, c: m.register_department(body.id, body.name, tuple(body.matters), who, c),
        "/api/v1/departments/",
    )


@_post("/departments/{item}/name", "Rename a department", Action.CHANGE_MASTERS)
async def rename_department(
    request: Request,
    item: IdInPath,
    body: b.NameBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """The id stays."""
    return await _give(
        request, idempotency_key, if_match, lambda m, who, c: m.rename_department(item, body.name, who, c)
    )


@_post("/departments/{item}/matters", "Say which matters go to a department", Action.CHANGE_MASTERS)
async def set_matters(
    request: Request,
    item: IdInPath,
    body: b.MattersBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """The list replaces the former one."""
    return await _give(
        request, idempotency_key, if_match, lambda m, who, c: m.set_matters(item, tuple(body.matters), who, c)
    )


@_post("/merchants", "Register a merchant", Action.CHANGE_MASTERS)
async def register_merchant(request: Request, body: b.NamedBody, idempotency_key: IdempotencyKey = None) -> Response:
    """A partner merchant (合作商家)."""
    return await _give(
        request,
        idempotency_key,
        None,
        lambda m, who, c: m.register_merchant(body.id, body.name, who, c),
        "/api/v1/merchants/",
    )


@_post("/merchants/{item}/signing", "Say from when a merchant is signed", Action.CHANGE_MASTERS)
async def change_signing(
    request: Request,
    item: IdInPath,
    body: b.SigningBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Signed (签约) or not, from a day on."""
    return await _give(
        request,
        idempotency_key,
        if_match,
        lambda m, who, c: m.change_signing(item, body.from_day, signed=body.signed, actor=who, command=c),
    )


@_post("/merchants/{item}/recommendation", "Say from when a merchant is key recommended", Action.CHANGE_MASTERS)
async def change_recommendation(
    request: Request,
    item: IdInPath,
    body: b.RecommendationBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Key recommended (重点推荐) or not, from a day on."""
    return await _give(
        request,
        idempotency_key,
        if_match,
        lambda m, who, c: m.change_recommendation(
            item, body.from_day, recommended=body.recommended, actor=who, command=c
        ),
    )


# ---- customers ------------------------------------------------------------------------------------------------------
def _subject(item: str) -> SubjectId:
    return SubjectId(str(customer_of(item)))


@_post("/customers/{item}/class", "Record the evaluation of a customer's class (C-9)", Action.CLASSIFY_CUSTOMER)
async def classify(
    request: Request,
    item: IdInPath,
    body: b.ClassBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Collect, plan, evaluate, decide, adjust: each step on record."""
    subject, facts = _subject(item), body.model_dump()
    return await _give(request, idempotency_key, if_match, lambda m, who, c: m.classify(subject, facts, who, c))


@_post("/customers/{item}/texting", "Set or lift the do-not-text mark", Action.CLASSIFY_CUSTOMER)
async def allow_texts(
    request: Request,
    item: IdInPath,
    body: b.TextingBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Whether text messages may be sent to the customer."""
    subject = _subject(item)
    return await _give(
        request,
        idempotency_key,
        if_match,
        lambda m, who, c: m.allow_texts(subject, allowed=body.allowed, actor=who, command=c),
    )
