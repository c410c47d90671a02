"""Keys for programs and for other people: proposed, approved by another admin, collected once (A-4)."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from adapters.auth.api_keys import After, Limits
from adapters.http.answers import Answer
from adapters.http.conventions import (
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    command,
    etag,
    json,
    listed_by_id,
    wait_for,
)
from adapters.http.door import Door, caller_of
from adapters.http.fields import Id
from adapters.http.keys import KEPT, KeyBody, KeyMade, check_limited, check_narrower, check_owned, made
from adapters.http.master_bodies import MasterAnswered
from adapters.http.master_commands import CHANGED
from adapters.http.no_body import NoBody
from adapters.http.parts import Parts
from adapters.http.problems import declared
from adapters.http.reads import MANY, ONE, Limit
from adapters.http.reads import After as AfterPage
from application.key_proposals import KeyProposals, Shown
from application.permissions import Action
from domain.key.words import Status
from domain.values import AgentId

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["keys"])
NEW = declared(401, 403, 404, 409, 413, 422, 429, 503)
MANAGE, OWN = {"x-action": Action.MANAGE_KEYS}, {"x-action": Action.KEEP_KEYS}
ProposalInPath = Annotated[str, Path(description="its prefix", examples=["5f0c2a91"])]


class ProposedKeyBody(KeyBody):
    """A key to be; a program's names what it may, and ends within 366 days."""

    agent: Id = Field(description="whose it will be; a program's number begins with `svc-`", examples=["svc-export"])


class KeyProposal(Answer, extra="forbid"):
    """A key that was proposed."""

    id: str = Field(description="prefix of the key")
    agent: str = Field(description="whose it will be")
    label: str = Field(description="what it is for")
    scopes: list[str] | None = Field(description="what it is narrowed to; null: all that its owner may")
    expires_at: datetime | None = Field(description="from when it lets nobody in; null: never")
    replaces: str | None = Field(description="prefix of the key whose place it takes")
    overlap_hours: int = Field(description="for how long the replaced key still lets in")
    status: Status = Field(description="how far it has come")
    proposed_by: str = Field(description="who proposed it")
    approved_by: str | None = Field(description="who approved it")
    withdrawn_by: str | None = Field(description="who took it back, or refused it")
    collector: str = Field(description="who collects it: who proposed it for a program, else whose it is")


class KeyProposalList(Answer):
    """Keys that were proposed."""

    items: list[KeyProposal] = Field(description="the newest first")
    next: str | None = Field(description="`after` of the next page; null on the last")


# ---- commands -------------------------------------------------------------------------------------------------------
@router.post(
    "/key-proposals",
    status_code=201,
    responses=NEW,
    response_model=MasterAnswered,
    summary="Propose a key for a program or another person (A-4)",
    openapi_extra=MANAGE,
)
async def propose(request: Request, body: ProposedKeyBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Another admin approves it; then who proposed a program's key, and whose it is else, collects it."""
    agent, actor = AgentId(body.agent), caller_of(request).actor
    check_narrower(actor, body.scopes)
    limits = Limits(frozenset(body.scopes) if body.scopes else None, body.expires_at, body.label)
    after = _after(body.replaces, body.overlap_hours)
    await check_limited(request, agent, limits, after)
    if body.replaces is not None:
        await check_owned(request, body.replaces, agent)
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    done = await _commands(request).propose(agent, body.model_dump(exclude={"agent"}), actor, given)
    return answer(done, status=201, location=f"{router.prefix}/key-proposals/")


@router.post(
    "/key-proposals/{item}/approval",
    responses=CHANGED,
    response_model=MasterAnswered,
    summary="Approve a proposed key as a second person (A-4)",
    openapi_extra=MANAGE,
)
async def approve(
    request: Request,
    item: ProposalInPath,
    body: NoBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Shows nobody the key: whom it is for collects it."""
    del body  # nothing stands in it
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await _commands(request).approve(item, caller_of(request).actor, given))


@router.post(
    "/key-proposals/{item}/withdrawal",
    responses=CHANGED,
    response_model=MasterAnswered,
    summary="Take a proposed key back, or refuse it",
    openapi_extra=MANAGE,
)
async def withdraw(
    request: Request,
    item: ProposalInPath,
    body: NoBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Until it is collected; one that lets in is revoked."""
    del body  # nothing stands in it
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await _commands(request).withdraw(item, caller_of(request).actor, given))


@router.put(
    "/key-proposals/{item}/key",
    status_code=201,
    response_model=KeyMade,
    responses=KEPT,
    summary="Collect a key that was approved",
    openapi_extra=OWN,
)
async def collect(request: Request, item: ProposalInPath) -> Response:
    """It is made and shown, once."""
    actor, proposals = caller_of(request).actor, _commands(request)
    check_narrower(actor, (await proposals.shown(item, actor))[0].scopes)
    given = await command(request, match_needed=False, idempotency_key=None, if_match=None)
    found = await proposals.collect(item, actor, given)
    limits = Limits(frozenset(found.scopes) if found.scopes else None, found.expires_at, found.label)
    return await made(request, found.agent, item, limits, await _still(request, found))


# ---- reads ----------------------------------------------------------------------------------------------------------
@router.get(
    "/key-proposals",
    response_model=KeyProposalList,
    responses=MANY,
    summary="Keys that were proposed",
    openapi_extra=OWN,
)
async def proposals(
    request: Request, min_position: MinPosition = None, limit: Limit = 50, after: AfterPage = None
) -> Response:
    """Admins and auditors see all, others those of their own; read from the log itself."""
    await wait_for(request, min_position)
    found, _ = await _commands(request).listed(caller_of(request).actor)
    return listed_by_id(request, {one.id: one for one in found}, after, limit)


@router.get(
    "/key-proposals/{item}", response_model=KeyProposal, responses=ONE, summary="A proposed key", openapi_extra=OWN
)
async def proposal(request: Request, item: ProposalInPath, min_position: MinPosition = None) -> Response:
    """With its status and who did what; never with the key itself."""
    await wait_for(request, min_position)
    found, version = await _commands(request).shown(item, caller_of(request).actor)
    return json(msgspec.to_builtins(found), headers={"ETag": etag(version)})


def _commands(request: Request) -> KeyProposals:
    parts: Parts = request.app.state.parts
    return parts.key_proposals


def _after(replaces: str | None, hours: int) -> After | None:
    return After(replaces, timedelta(hours=hours)) if replaces else None


async def _still(request: Request, found: Shown) -> After | None:
    """Whose place it takes, if that is still in force: somebody may have revoked it meanwhile."""
    parts: Parts = request.app.state.parts
    there = found.replaces is not None and await parts.keys.one(found.replaces) is not None
    return _after(found.replaces, found.overlap_hours) if there else None
