"""Swaps of shifts over the API: asked for, decided, listed (S-5)."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import (
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    command,
    listed,
    position_after,
    wait_for,
)
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body, Id, MonthText, Text
from adapters.http.master_bodies import MasterAnswered
from adapters.http.master_commands import CHANGED, NEW
from adapters.http.noting import note_list
from adapters.http.problems import ApiError
from adapters.http.reads import MANY, After, Limit
from adapters.http.shift_commands import SHIFTS
from application.permissions import Action
from application.swap_reads import SwapWords
from application.swaps import Swaps, swap_id_of
from domain.swap.swap import SwapStatus
from domain.values import AgentId, Role
from projections.swaps import SwapFilters, SwapRow

SWAPS = f"{SHIFTS}/swaps"
router = APIRouter(prefix=SWAPS, route_class=Door, tags=["shifts"])
SwapInPath = Annotated[str, Path(description="id of the swap", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])]


class SwapBody(Body):
    """S-5: a shift is given away, perhaps for another one."""

    shift: UUID = Field(description="id of the shift given away")
    to: Id = Field(description="employee number of who works it instead")
    away: Id | None = Field(None, description="employee number of who gives it away; without it the caller")
    in_return: UUID | None = Field(None, description="id of a shift of theirs that is worked in return")
    reason: Text | None = Field(None, description="why")


class SwapDecisionBody(Body):
    """S-5: a supervisor grants or refuses a swap."""

    decision: Literal["granted", "refused"] = Field(description="what is decided")
    reason: Text | None = Field(None, description="needed where it is refused")


class SwapShown(Answer, extra="forbid"):
    """A swap."""

    id: str = Field(description="its id")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of its last event")
    shift: str = Field(description="id of the shift given away")
    away: str = Field(description="employee number of who gives it away")
    to: str = Field(description="employee number of who works it instead")
    in_return: str | None = Field(description="id of the shift worked in return")
    month: MonthText = Field(description="month of the shift given away, in which it counts")
    status: SwapStatus = Field(description="how far it has come")
    decided_by: str | None = Field(description="employee number of the supervisor who decided")
    reason: str | None = Field(description="why it is wished; masked but to who gives it away and supervisors")
    refusal: str | None = Field(description="why it was refused; masked alike")


class SwapList(Answer):
    """A page of swaps."""

    items: list[SwapShown] = Field(description="the last asked for first")
    next: str | None = Field(description="`after` of the next page; null on the last")


def _swaps(request: Request) -> Swaps:
    swaps: Swaps = request.app.state.parts.shift_work.swaps
    return swaps


@router.post(
    "",
    status_code=201,
    responses=NEW,
    response_model=MasterAnswered,
    summary="Ask for a swap of shifts (S-5)",
    openapi_extra={"x-action": Action.REQUEST_SWAPS},
)
async def request_swap(request: Request, body: SwapBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Of an own shift; a supervisor may ask for others. Not on public holidays, nor once a shift has begun."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    facts = {name: str(value) for name, value in body.model_dump(exclude_none=True).items()}
    done = await _swaps(request).request(str(uuid4()), facts, caller_of(request).actor, given)
    return answer(done, status=201, location=f"{SWAPS}/")


@router.post(
    "/{swap_id}/decision",
    responses=CHANGED,
    response_model=MasterAnswered,
    summary="Grant or refuse a swap (S-5)",
    openapi_extra={"x-action": Action.DECIDE_SWAPS},
)
async def decide_swap(
    request: Request,
    swap_id: SwapInPath,
    body: SwapDecisionBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """By a supervisor, never of their own; granted, both shifts change hands at once. Three a month and agent."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    swap, actor = swap_id_of(swap_id), caller_of(request).actor
    if body.decision == "granted":
        return answer(await _swaps(request).grant(swap, actor, given))
    if body.reason is None:
        pointers = [{"pointer": "/reason", "detail": "give the reason of the refusal"}]
        raise ApiError(422, "invalid", "/reason: give the reason of the refusal", errors=pointers)
    return answer(await _swaps(request).refuse(swap, body.reason, actor, given))


@router.get(
    "",
    response_model=SwapList,
    responses=MANY,
    summary="Swaps of shifts",
    openapi_extra={"x-action": Action.READ_HANDOVERS},
)
async def swaps(
    request: Request,
    status: Annotated[SwapStatus | None, Query(description="how far it has come")] = None,
    min_position: MinPosition = None,
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """The last asked for first; agents see those that concern them."""
    await wait_for(request, min_position, "swaps_1")
    actor = caller_of(request).actor
    filters = SwapFilters(status=status, agent=AgentId(actor.id) if actor.role is Role.AGENT else None)
    work = request.app.state.parts.shift_work
    page = await work.listed_swaps(filters, position_after(after), limit)
    said = await work.words_of_swaps(page.items, actor)
    await note_list(request, "shifts/swaps", {"status": status}, len(page.items))
    return listed(request, [_shown(row, said[row.id]) for row in page.items], page.next)


def _shown(row: SwapRow, said: SwapWords) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(row) | asdict(said)
    del plain["recorded"]
    return {"to" if name == "to_agent" else name: value for name, value in plain.items()}
