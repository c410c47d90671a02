"""Wages: recorded by payroll, read by payroll, auditors and, their own, by everybody else (L-5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import IdempotencyKey, MinPosition, answer, command, json, listed, wait_for
from adapters.http.conventions import etag as etag_of
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body, Fen, Id, MonthText, Text
from adapters.http.master_bodies import MasterAnswered
from adapters.http.master_commands import NEW, IdInPath
from adapters.http.noting import note_list
from adapters.http.problems import ApiError
from adapters.http.reads import MANY, ONE, After, Limit
from application.permissions import Action
from domain.values import Actor, AgentId, Month, Role

WAGES = "/api/v1/wages"
VIEW = "wages_1"
READ = {"x-action": Action.READ_WAGES}
_OF_ALL = frozenset({Role.PAYROLL, Role.AUDITOR})
"""Who sees the wages of others."""
router = APIRouter(prefix=WAGES, route_class=Door, tags=["wages"])


class WageBody(Body):
    """L-5: an agent's gross wage of a month; again for the same agent and month: a correction."""

    agent: Id = Field(description="employee number")
    month: MonthText = Field(description="month, which has begun", examples=["2026-03"])
    gross_fen: Fen = Field(description="gross wage in whole fen")
    minimum_wage_fen: Fen | None = Field(None, description="minimum wage, where it is not the policy's")
    reason: Text | None = Field(None, description="needed for a correction")


class WageShown(Answer, extra="forbid"):
    """An agent's wage of a month."""

    id: str = Field(description="month and employee number", examples=["2026-03-a1001"])
    agent: str = Field(description="employee number")
    month: str = Field(description="month")
    gross_fen: int = Field(description="gross wage in whole fen")
    minimum_wage_fen: int | None = Field(description="minimum wage, where it is not the policy's")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event in the log")


class WageList(Answer):
    """A page of wages."""

    items: list[WageShown] = Field(description="by month and agent")
    next: str | None = Field(description="`after` of the next page; null on the last")


@router.post(
    "",
    status_code=201,
    responses=NEW,
    response_model=MasterAnswered,
    summary="Record a wage (L-5)",
    openapi_extra={"x-action": Action.RECORD_WAGES},
)
async def record(request: Request, body: WageBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Wage deductions are capped by it; without it nothing is deducted."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    facts = body.model_dump(exclude={"agent", "month"})
    done = await request.app.state.parts.wages.record(
        AgentId(body.agent), Month.parse(body.month), facts, caller_of(request).actor, given
    )
    return answer(done, status=201, location=f"{WAGES}/")


@router.get("", response_model=WageList, responses=MANY, summary="Wages", openapi_extra=READ)
async def wages(
    request: Request,
    month: Annotated[MonthText | None, Query(description="the month", examples=["2026-03"])] = None,
    agent: Annotated[str | None, Query(max_length=40, description="employee number")] = None,
    min_position: MinPosition = None,
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """By month and agent. Payroll and auditors see all, others their own."""
    await wait_for(request, min_position, VIEW)
    actor = caller_of(request).actor
    if not _may_see(actor, agent or actor.id):
        return listed(request, [], None)
    wanted = agent if actor.role in _OF_ALL else actor.id
    found = await request.app.state.parts.lists.wages(Month.parse(month) if month else None, wanted, after, limit)
    if actor.role in _OF_ALL:
        await note_list(request, "wages", {"month": month, "agent": agent}, len(found[0]))
    return listed(request, *found)


@router.get("/{item}", response_model=WageShown, responses=ONE, summary="A wage", openapi_extra=READ)
async def wage(request: Request, item: IdInPath, min_position: MinPosition = None) -> Response:
    """An agent's wage of a month."""
    await wait_for(request, min_position, VIEW)
    found: dict[str, Any] | None = None if "\x00" in item else await request.app.state.parts.lists.wage(item)
    if found is None or not _may_see(caller_of(request).actor, found["agent"]):
        raise ApiError(404, "not_found", "there is no such wage, or it is somebody else's")
    return json(found, headers={"ETag": etag_of(found["version"])})


def _may_see(actor: Actor, agent: str) -> bool:
    return actor.role in _OF_ALL or actor.id == agent
