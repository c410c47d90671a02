"""Outgoing webhooks: addresses and their secrets, what was delivered, and once more."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import (
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    command,
    etag,
    json,
    listed,
    listed_by_id,
    position_after,
    wait_for,
)
from adapters.http.door import Door, caller_of
from adapters.http.existence import check_exists
from adapters.http.fields import Body
from adapters.http.master_bodies import MasterAnswered
from adapters.http.master_commands import CHANGED, NEW
from adapters.http.reads import MANY, ONE, After, Limit
from application.permissions import Action
from application.webhooks import Webhooks
from domain.webhook.webhook import NoSuchWebhook, Webhook
from domain.webhook.words import Kind

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["webhooks"])
MANAGE = {"x-action": Action.MANAGE_WEBHOOKS}
WebhookInPath = Annotated[str, Path(description="its id")]
MessageInPath = Annotated[str, Path(description="`position` of the message", examples=["4711"])]


class WebhookBody(Body):
    """An address that is told of these things."""

    url: Annotated[str, Field(max_length=2_000, examples=["https://hooks.example.org/redress"])] = Field(
        description="https; where nothing internal is"
    )
    kinds: Annotated[list[Kind], Field(min_length=1, max_length=20)] = Field(description="what it is told of")


class WebhookMade(MasterAnswered):
    """A new webhook."""

    secret: str | None = Field(
        description="signs every message (Standard Webhooks); shown here alone: keep it; null to a repeat after removal"
    )


class WebhookShown(Answer, extra="forbid"):
    """A webhook."""

    id: str = Field(description="its id")
    url: str = Field(description="where messages go")
    kinds: list[Kind] = Field(description="what it is told of")
    by: str = Field(description="who registered it, and is told when it is disabled")
    enabled: bool = Field(description="whether messages go there")


class WebhookList(Answer):
    """All webhooks."""

    items: list[WebhookShown] = Field(description="in the order in which they were registered")
    next: str | None = Field(description="`after` of the next page; null on the last")


class AttemptShown(Answer, extra="forbid"):
    """One attempt to deliver a message."""

    number: int = Field(description="from 1")
    at: datetime = Field(description="when")
    status: int | None = Field(description="HTTP status of the answer; null where there was none")
    fault: str | None = Field(description="why there was none")


class DeliveryShown(Answer, extra="forbid"):
    """A message and what came of it."""

    position: int = Field(description="of the event because of which it is sent")
    message: int = Field(description="of the event it tells of; the `webhook-id` is made from it")
    kind: Kind = Field(description="what it tells of")
    state: str = Field(description="`pending`, `delivered` or `dead`", examples=["delivered"])
    next_at: datetime | None = Field(description="when it is tried next")
    attempts: list[AttemptShown] = Field(description="oldest first")


class DeliveryList(Answer):
    """A page of messages."""

    items: list[DeliveryShown] = Field(description="the latest first")
    next: str | None = Field(description="`after` of the next page; null on the last")


# ---- commands -------------------------------------------------------------------------------------------------------
@router.post(
    "/webhooks",
    status_code=201,
    responses=NEW,
    response_model=WebhookMade,
    summary="Register a webhook",
    openapi_extra=MANAGE,
)
async def register(request: Request, body: WebhookBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Messages of these kinds go to the address from now on, signed by the secret that is answered here alone."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    done, secret = await _commands(request).register(body.url, tuple(body.kinds), caller_of(request).actor, given)
    shown = msgspec.json.encode({**msgspec.json.decode(done.answer), "secret": secret})
    return answer(replace(done, answer=shown), status=201, location=f"{router.prefix}/webhooks/")


@router.delete(
    "/webhooks/{item}",
    responses=CHANGED,
    response_model=MasterAnswered,
    summary="Remove a webhook",
    openapi_extra=MANAGE,
)
async def remove(
    request: Request, item: WebhookInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
) -> Response:
    """Nothing is sent there any more; its secret is destroyed."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await _commands(request).remove(item, caller_of(request).actor, given))


@router.post(
    "/webhooks/{item}/enabling",
    responses=CHANGED,
    response_model=MasterAnswered,
    summary="Enable a webhook again",
    openapi_extra=MANAGE,
)
async def enable(
    request: Request, item: WebhookInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
) -> Response:
    """What it was to be told while it was disabled is not sent later; what was pending is."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await _commands(request).enable(item, caller_of(request).actor, given))


@router.post(
    "/webhooks/{item}/deliveries/{message}/redelivery",
    responses=CHANGED,
    response_model=MasterAnswered,
    summary="Send a message once more",
    openapi_extra=MANAGE,
)
async def redeliver(
    request: Request,
    item: WebhookInPath,
    message: MessageInPath,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Under its first `webhook-id`."""
    await check_exists(request, caller_of(request).actor)
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await _commands(request).redeliver(item, int(message), caller_of(request).actor, given))


# ---- reads ----------------------------------------------------------------------------------------------------------
@router.get("/webhooks", response_model=WebhookList, responses=MANY, summary="Webhooks", openapi_extra=MANAGE)
async def webhooks(
    request: Request, min_position: MinPosition = None, limit: Limit = 50, after: After = None
) -> Response:
    """Where messages go."""
    await wait_for(request, min_position)
    known = (await _commands(request).all())[0].known
    return listed_by_id(request, {name: _shown(name, one) for name, one in known.items()}, after, limit)


@router.get("/webhooks/{item}", response_model=WebhookShown, responses=ONE, summary="A webhook", openapi_extra=MANAGE)
async def webhook(request: Request, item: WebhookInPath, min_position: MinPosition = None) -> Response:
    """One of them."""
    await wait_for(request, min_position)
    found, version = await _commands(request).all()
    if item not in found.known:
        raise NoSuchWebhook("there is no such webhook")
    return json(_shown(item, found.known[item]), headers={"ETag": etag(version)})


@router.get(
    "/webhooks/{item}/deliveries",
    response_model=DeliveryList,
    responses=ONE,
    summary="What was sent to a webhook",
    openapi_extra=MANAGE,
)
async def deliveries(
    request: Request, item: WebhookInPath, min_position: MinPosition = None, limit: Limit = 50, after: After = None
) -> Response:
    """Each message with every attempt to deliver it."""
    await wait_for(request, min_position, "webhooks_1")
    await check_exists(request, caller_of(request).actor)
    page = await request.app.state.parts.lists.deliveries(item, position_after(after), limit)
    items: list[Any] = [msgspec.to_builtins(one) for one in page.items]
    return listed(request, items, page.next)


def _commands(request: Request) -> Webhooks:
    commands: Webhooks = request.app.state.parts.webhooks.commands
    return commands


def _shown(name: str, one: Webhook) -> dict[str, Any]:
    return {"id": name, **msgspec.to_builtins(one)}
