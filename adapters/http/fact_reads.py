"""Reading the facts of the work."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from adapters.http import fact_answers as a
from adapters.http.conventions import MinPosition, etag, json, listed, position_after, wait_for
from adapters.http.door import Door, caller_of
from adapters.http.fact_bodies import MonthText
from adapters.http.fact_commands import FACTS, FactInPath
from adapters.http.reads import MANY, ONE, After, Limit, Reason
from application.fact_reads import KINDS, decides_conduct
from application.permissions import Action
from domain.values import AgentId, Month, Role
from projections.work_facts import FactFilters

router = APIRouter(prefix=FACTS, route_class=Door, tags=["facts: reads"])
READ = {"x-action": Action.READ_FACTS}
InMonth = Annotated[MonthText | None, Query(description="of this local month")]
STATED = ("conduct-reports", "quality-reviews")
"""Kinds that come some way: reported to confirmed or dismissed, scored to disputed and answered."""
OfStatus = Annotated[
    Literal["reported", "confirmed", "dismissed", "scored", "disputed", "answered"] | None,
    Query(description="how far it has come"),
]
OfAgent = Annotated[str | None, Query(max_length=40, description="employee number of whom it concerns")]


def _filters(
    request: Request, kind: str, month: str | None, agent: str | None, status: str | None = None
) -> FactFilters:
    """Agents see what is their own, and what is nobody's in particular; deputies all conduct reports too."""
    actor = caller_of(request).actor
    narrowed = actor.role is Role.AGENT and not decides_conduct(actor, kind)
    return FactFilters(
        kind=None if kind == "orders" else kind,
        month=Month.parse(month) if month else None,
        agent=AgentId(agent) if agent else None,
        status=status,
        sight=actor.id if narrowed else None,
    )


def _add_reads(kind: str, shown: type[BaseModel], view: str) -> None:
    async def many(
        request: Request,
        month: InMonth = None,
        agent: OfAgent = None,
        min_position: MinPosition = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response:
        begin = position_after(after)
        await wait_for(request, min_position, view)
        asked = _filters(request, kind, month, agent)
        return listed(request, *await request.app.state.parts.lists.facts(asked, begin, limit))

    async def many_stated(
        request: Request,
        month: InMonth = None,
        agent: OfAgent = None,
        status: OfStatus = None,
        min_position: MinPosition = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Response:
        begin = position_after(after)
        await wait_for(request, min_position, view)
        asked = _filters(request, kind, month, agent, status)
        return listed(request, *await request.app.state.parts.lists.facts(asked, begin, limit))

    async def one(
        request: Request, fact_id: FactInPath, min_position: MinPosition = None, reason: Reason = None
    ) -> Response:
        await wait_for(request, min_position)
        caller, reads = caller_of(request), request.app.state.parts.fact_reads
        found = await reads.document(kind, fact_id, caller.actor, caller.now, reason)
        return json(found, headers={"ETag": etag(found["version"])})

    words = kind.replace("-", " ")
    named = f"facts_{kind.replace('-', '_')}"
    how: dict[str, Any] = {"openapi_extra": READ}
    router.add_api_route(
        f"/{kind}",
        many_stated if kind in STATED else many,
        name=named,
        summary=f"All {words}",
        response_model=shown,
        responses=MANY,
        **how,
    )
    router.add_api_route(
        f"/{kind}/{{fact_id}}",
        one,
        name=f"{named}_one",
        summary=f"One of the {words}",
        response_model=a.FactShown,
        responses=ONE,
        **how,
    )


for _kind in dict.fromkeys(KINDS.values()):
    if _kind == "orders":
        _add_reads(_kind, a.OrderList, "orders_2")
    else:
        _add_reads(_kind, a.FactList, "work_facts_1")
