"""Keys to the API: those of one's own; all of them for admins and auditors, and for admins an end to any.

What one makes for a program or another person two people decide: adapters/http/key_proposals.py (A-4).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, Field
from starlette.responses import Response

from adapters.auth.api_keys import After, ApiKeys, KeyShown, Limits, NoSuchKey, PrefixTaken
from adapters.auth.service_accounts import NotForPrograms, check_limits
from adapters.http.answers import Answer
from adapters.http.conventions import MinPosition, json, wait_for
from adapters.http.desk import Done
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body, Line, Time
from adapters.http.problems import ApiError, declared
from application.permissions import SCOPES, Action
from domain.kernel import Forbidden, Unknown
from domain.values import Actor, AgentId

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["keys"])
OWN = {"x-action": Action.KEEP_KEYS}
KEPT = declared(401, 403, 404, 409, 422, 429, 503)
KEYS_MOST = 20
"""Keys in force of one owner."""
OWN_DAYS, OWN_DAYS_MOST = 90, 366
"""How long a key lets in that somebody makes alone: unless they say, and at most."""
Prefix = Annotated[str, Field(pattern="^[0-9a-f]{8}$", examples=["5f0c2a91"])]
PrefixInPath = Annotated[str, Path(pattern="^[0-9a-f]{8}$", description="eight hexadecimal digits, made by the caller")]


def _known_scope(scope: str) -> str:
    if scope not in SCOPES:
        raise ValueError("is no scope: take read, write, or an action of the permission table such as read_case")
    return scope


class KeyBody(Body):
    """A new key."""

    label: Line = Field(description="what it is for", examples=["nightly export"])
    scopes: Annotated[list[Annotated[str, AfterValidator(_known_scope)]], Field(min_length=1, max_length=60)] | None = (
        Field(None, description="`read`, `write`, or actions such as `read_case`; default all that its owner may")
    )
    expires_at: Time | None = Field(None, description="from when it lets nobody in")
    replaces: Prefix | None = Field(None, description="prefix of the key whose place it takes")
    overlap_hours: Annotated[int, Field(ge=0, le=168, strict=True)] = Field(
        24, description="for how long the replaced key still lets in"
    )


class KeyMade(Answer):
    """A new key."""

    prefix: str = Field(description="by which it is named")
    key: str = Field(description="the key; shown here alone: keep it")


class KeyListed(Answer):
    """A key in force."""

    prefix: str = Field(description="by which it is named")
    agent: str = Field(description="whose it is")
    label: str | None = Field(description="what it is for")
    scopes: list[str] | None = Field(description="what it is narrowed to; null: all that its owner may")
    created_at: datetime = Field(description="since when")
    expires_at: datetime | None = Field(description="until when; null: for ever")
    used_at: datetime | None = Field(description="when it was last used, to the minute; null: never")


class KeyList(Answer):
    """Keys in force."""

    items: list[KeyListed] = Field(description="by owner, the oldest first")


# ---- of one's own ---------------------------------------------------------------------------------------------------
@router.get("/own-keys", response_model=KeyList, responses=KEPT, summary="List own keys", openapi_extra=OWN)
async def own_keys(request: Request, min_position: MinPosition = None) -> Response:
    """The caller's keys in force, without their secrets."""
    await wait_for(request, min_position)
    return _listed(await _keys(request).listed(caller_of(request).actor.id))


@router.put(
    "/own-keys/{prefix}",
    status_code=201,
    response_model=KeyMade,
    responses=KEPT,
    summary="Make a key of one's own",
    openapi_extra=OWN,
)
async def make_own(request: Request, prefix: PrefixInPath, body: KeyBody) -> Response:
    """A key for the caller, at most as wide as the one they come by; it ends in 90 days, or within 366."""
    caller = caller_of(request)
    check_narrower(caller.actor, body.scopes)
    ends = body.expires_at or caller.now + timedelta(days=OWN_DAYS)
    if ends > caller.now + timedelta(days=OWN_DAYS_MOST):
        raise invalid(f"a key that nobody else has approved ends within {OWN_DAYS_MOST} days", "/expires_at")
    limits = Limits(frozenset(body.scopes) if body.scopes else None, ends, body.label)
    after = await _after(request, caller.actor.id, body)
    await check_limited(request, caller.actor.id, limits, after)
    return await made(request, caller.actor.id, prefix, limits, after)


@router.delete(
    "/own-keys/{prefix}", response_model=Done, responses=KEPT, summary="Revoke a key of one's own", openapi_extra=OWN
)
async def revoke_own(request: Request, prefix: PrefixInPath) -> Response:
    """It lets nobody in from now on."""
    await check_owned(request, prefix, caller_of(request).actor.id)
    return await _revoke(request, prefix)


# ---- of all ---------------------------------------------------------------------------------------------------------
@router.get(
    "/keys",
    response_model=KeyList,
    responses=KEPT,
    summary="List all keys",
    openapi_extra={"x-action": Action.READ_ALL_KEYS},
)
async def keys(request: Request, min_position: MinPosition = None) -> Response:
    """Everybody's keys in force, without their secrets."""
    await wait_for(request, min_position)
    return _listed(await _keys(request).listed())


@router.delete(
    "/keys/{prefix}",
    response_model=Done,
    responses=KEPT,
    summary="Revoke a key",
    openapi_extra={"x-action": Action.MANAGE_KEYS},
)
async def revoke(request: Request, prefix: PrefixInPath) -> Response:
    """Anybody's key lets nobody in from now on."""
    return await _revoke(request, prefix)


# ---- what they share ------------------------------------------------------------------------------------------------
def _keys(request: Request) -> ApiKeys:
    made: ApiKeys = request.app.state.parts.keys
    return made


def _listed(found: Sequence[KeyShown]) -> Response:
    return json({"items": [{name: getattr(key, name) for name in KeyListed.model_fields} for key in found]})


def check_narrower(actor: Actor, scopes: Sequence[str] | None) -> None:
    """A narrowed key makes no wider one. Raises Forbidden."""
    if actor.scopes is not None and not (scopes and {*scopes} <= actor.scopes):
        raise Forbidden("a narrowed key makes none that is wider: name scopes that it has itself", rule="A-4")


async def made(request: Request, agent: AgentId, prefix: str, limits: Limits, after: After | None) -> Response:
    """Make a key and show it, this once. Raises ApiError 409, Unknown for a key to be replaced that is not there."""
    try:
        key = await _keys(request).create(agent, limits, prefix=prefix, after=after)
    except PrefixTaken:
        raise ApiError(409, "prefix_taken", "there is or was a key of this prefix: make up another one") from None
    except NoSuchKey:
        raise no_such_key() from None
    return json({"prefix": prefix, "key": key}, status=201, headers={"Location": request.url.path})


async def check_limited(request: Request, agent: AgentId, limits: Limits, after: After | None) -> None:
    """Raises ApiError 422 for an end that has come or what no program gets, 409 for one key too many."""
    now = caller_of(request).now
    try:
        check_limits(agent, limits, now)
    except NotForPrograms as fault:
        raise invalid(str(fault), fault.pointer) from None
    if limits.expires_at is not None and limits.expires_at <= now:
        raise invalid("expires_at lies in the past: give a time to come", "/expires_at")
    if after is None and len(await _keys(request).listed(agent)) >= KEYS_MOST:
        raise ApiError(409, "too_many_keys", f"{agent} has {KEYS_MOST} keys: revoke one first")


async def _after(request: Request, agent: AgentId, body: KeyBody) -> After | None:
    if body.replaces is None:
        return None
    await check_owned(request, body.replaces, agent)
    return After(body.replaces, timedelta(hours=body.overlap_hours))


async def check_owned(request: Request, prefix: str, agent: AgentId) -> None:
    """Raises Unknown where the agent has no such key in force."""
    found = await _keys(request).one(prefix)
    if found is None or found.agent != agent:
        raise no_such_key()


async def _revoke(request: Request, prefix: str) -> Response:
    if not await _keys(request).revoke(prefix):
        raise no_such_key()
    return json({"done": True})


def no_such_key() -> Unknown:
    """What is told of a key that is not there, or is another's."""
    return Unknown("there is no such key in force")


def invalid(detail: str, pointer: str) -> ApiError:
    """What is wrong with a field."""
    return ApiError(422, "invalid", detail, errors=[{"pointer": pointer, "detail": detail}])
