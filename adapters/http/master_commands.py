"""The commands on the masters: one row each of the table ROUTES."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from adapters.http import master_bodies as b
from adapters.http.conventions import IdempotencyKey, IfMatch, answer, command
from adapters.http.door import Door, caller_of
from adapters.http.existence import customer_of
from adapters.http.fields import Body
from adapters.http.problems import declared
from application.event_log import Command, Done
from application.masters import Masters
from application.permissions import Action
from domain.values import Actor, AgentId, SubjectId

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["masters: commands"])
IdInPath = Annotated[str, Path(description="its id", examples=["a1001"])]
NEW = declared(401, 403, 409, 413, 422, 429, 503)
CHANGED = declared(401, 403, 404, 409, 412, 413, 422, 429, 503)

Run = Callable[[Masters, str, Any, Actor, Command], Awaitable[Done]]
"""The command of the application for the id in the path (empty where the path has none) and the body."""


@dataclass(frozen=True, slots=True)
class Route:
    """One command: its path, its body (None: it needs none), whose it is, and what it does."""

    path: str
    summary: str
    description: str
    body: type[Body] | None
    run: Run
    action: Action = Action.CHANGE_MASTERS

    @property
    def makes(self) -> bool:
        """Whether it makes a new master, whose id stands in the body."""
        return "{" not in self.path


def _subject(item: str) -> SubjectId:
    return SubjectId(str(customer_of(item)))


ROUTES = (
    # ---- agents -----------------------------------------------------------------------------------------------------
    Route(
        "/agents",
        "Register an agent",
        "Take somebody on under an employee number; the team must be known.",
        b.AgentBody,
        lambda m, _, body, who, c: m.register_agent(AgentId(body.id), body.model_dump(exclude={"id"}), who, c),
    ),
    Route(
        "/agents/{item}/team",
        "Move an agent to another team",
        "The agent's later cases belong to that team.",
        b.TeamOfAgentBody,
        lambda m, item, body, who, c: m.change_team(AgentId(item), body.team, who, c),
    ),
    Route(
        "/agents/{item}/limit",
        "Set what an agent may grant (C-7)",
        "From a day on; nobody sets their own.",
        b.LimitBody,
        lambda m, item, body, who, c: m.set_limit(AgentId(item), body.from_day, body.limit_fen, who, c),
        Action.SET_LIMITS,
    ),
    Route(
        "/agents/{item}/absence",
        "Mark an agent absent",
        "Work does not pass to who is absent.",
        None,
        lambda m, item, _, who, c: m.mark_absent(AgentId(item), who, c),
        Action.MARK_PRESENCE,
    ),
    Route(
        "/agents/{item}/presence",
        "Mark an agent present",
        "The agent is there again.",
        None,
        lambda m, item, _, who, c: m.mark_present(AgentId(item), who, c),
        Action.MARK_PRESENCE,
    ),
    Route(
        "/agents/{item}/departure",
        "Let an agent go",
        "The agent's keys open no door from the day after the last one.",
        b.DepartureBody,
        lambda m, item, body, who, c: m.let_go(AgentId(item), body.last_day, who, c),
    ),
    Route(
        "/agents/{item}/deputy",
        "Name a deputy of supervisors (L-0)",
        "The agent decides as a supervisor does on these days, never on lines of their own.",
        b.DeputyBody,
        lambda m, item, body, who, c: m.name_deputy(AgentId(item), body.model_dump(), who, c),
        Action.NAME_DEPUTIES,
    ),
    # ---- teams, departments, merchants ------------------------------------------------------------------------------
    Route(
        "/teams",
        "Found a team",
        "A team of agents.",
        b.NamedBody,
        lambda m, _, body, who, c: m.register_team(body.id, body.name, who, c),
    ),
    Route(
        "/teams/{item}/name",
        "Rename a team",
        "The id stays.",
        b.NameBody,
        lambda m, item, body, who, c: m.rename_team(item, body.name, who, c),
    ),
    Route(
        "/departments",
        "Found a department",
        "Where matters go, as data (rulebook part 1).",
        b.DepartmentBody,
        lambda m, _, body, who, c: m.register_department(body.id, body.name, tuple(body.matters), who, c),
    ),
    Route(
        "/departments/{item}/name",
        "Rename a department",
        "The id stays.",
        b.NameBody,
        lambda m, item, body, who, c: m.rename_department(item, body.name, who, c),
    ),
    Route(
        "/departments/{item}/matters",
        "Say which matters go to a department",
        "The list replaces the former one.",
        b.MattersBody,
        lambda m, item, body, who, c: m.set_matters(item, tuple(body.matters), who, c),
    ),
    Route(
        "/merchants",
        "Register a merchant",
        "A partner merchant (合作商家).",
        b.NamedBody,
        lambda m, _, body, who, c: m.register_merchant(body.id, body.name, who, c),
    ),
    Route(
        "/merchants/{item}/signing",
        "Say from when a merchant is signed",
        "Signed (签约) or not, from a day on.",
        b.SigningBody,
        lambda m, item, body, who, c: m.change_signing(item, body.from_day, signed=body.signed, actor=who, command=c),
    ),
    Route(
        "/merchants/{item}/recommendation",
        "Say from when a merchant is key recommended",
        "Key recommended (重点推荐) or not, from a day on.",
        b.RecommendationBody,
        lambda m, item, body, who, c: m.change_recommendation(
            item, body.from_day, recommended=body.recommended, actor=who, command=c
        ),
    ),
    # ---- customers --------------------------------------------------------------------------------------------------
    Route(
        "/customers/{item}/class",
        "Record the evaluation of a customer's class (C-9)",
        "Collect, plan, evaluate, decide, adjust: each step on record. Later cases of the customer have the class.",
        b.ClassBody,
        lambda m, item, body, who, c: m.classify(_subject(item), body.model_dump(), who, c),
        Action.CLASSIFY_CUSTOMER,
    ),
    Route(
        "/customers/{item}/texting",
        "Set or lift the do-not-text mark",
        "Whether text messages may be sent to the customer.",
        b.TextingBody,
        lambda m, item, body, who, c: m.allow_texts(_subject(item), allowed=body.allowed, actor=who, command=c),
        Action.CLASSIFY_CUSTOMER,
    ),
)


async def _give(
    request: Request, route: Route, item: str, body: Body | None, key: str | None, if_match: str | None = None
) -> Response:
    given = await command(request, match_needed=False, idempotency_key=key, if_match=if_match)
    done = await route.run(request.app.state.parts.masters, item, body, caller_of(request).actor, given)
    if route.makes:
        return answer(done, status=201, location=f"{router.prefix}{route.path}/")
    return answer(done)


def _new(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(request: Request, body: kind, idempotency_key: IdempotencyKey = None) -> Response:
        return await _give(request, route, "", body, idempotency_key)

    return endpoint


def _changed(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        item: IdInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        return await _give(request, route, item, body, idempotency_key, if_match)

    return endpoint


def _marked(route: Route) -> Callable[..., Any]:
    async def endpoint(
        request: Request, item: IdInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
    ) -> Response:
        return await _give(request, route, item, None, idempotency_key, if_match)

    return endpoint


def _endpoint(route: Route) -> Callable[..., Any]:
    if route.body is None:
        return _marked(route)
    return (_new if route.makes else _changed)(route, route.body)


for _route in ROUTES:
    router.add_api_route(
        _route.path,
        _endpoint(_route),
        methods=["POST"],
        name=_route.path.strip("/").replace("/{item}", "").replace("/", "_"),
        summary=_route.summary,
        description=_route.description,
        status_code=201 if _route.makes else 200,
        responses=NEW if _route.makes else CHANGED,
        response_model=b.MasterAnswered,
        openapi_extra={"x-action": _route.action},
    )
