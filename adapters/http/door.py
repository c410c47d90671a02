"""The door of the API: who calls, may they, and in which order a request is refused (contract part 3).

401, 403 and 404 come before 422: a caller who may not, or a resource that is not there, is told so first. Only a
request that is found malformed pays for looking whether its resource exists.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, get_origin
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from adapters.auth.sessions import COOKIE
from adapters.http.existence import case_id_of, check_exists
from adapters.http.no_body import refuse_unread
from adapters.http.problems import ApiError
from adapters.http.strict_json import BadParameter, StrictRequest, check_query
from adapters.http.usual import shortened
from application.event_log import CommandReused
from application.permissions import Action, allowed, permit
from domain.values import Actor

__all__ = ["Authenticate", "Caller", "Door", "caller_of", "case_id_of"]
VISITOR = "redress.visitor"
"""Where the console, asking in this process, puts the actor in an ASGI scope; nothing from outside can set it."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Authenticate = Callable[[str], Awaitable[Actor | None]]
"""The actor behind an API key or the token of a session, or None."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and when the request came in (UTC)."""

    actor: Actor
    now: datetime


class Door(APIRoute):
    """A route whose `x-action` names its row of the permission table; without one nobody gets in.

    declared: makes the plain route with the models of its answers, which the API's document alone needs.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        self.declared = partial(APIRoute, path, endpoint, **given)
        super().__init__(path, endpoint, **given | {"response_model": None, "responses": None})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See APIRoute.matches; most of two hundred paths differ in their beginning or end, and no pattern is tried."""
        before, _, after = self.path.partition("{")
        if scope["path"].startswith(before) and scope["path"].endswith(after.rpartition("}")[2]):
            return super().matches(scope)
        return Match.NONE, {}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind authentication and permission."""
        known = query_names(self)
        handle = shortened(self, super().get_route_handler(), known)
        action = Action((self.openapi_extra or {})["x-action"])
        # a route that reads its body itself, a file, says so in its document
        reads = self.body_field is not None or "requestBody" in (self.openapi_extra or {})
        bodiless = not reads and not _SAFE & {*(self.methods or ())}

        async def guarded(request: Request) -> Response:
            request.state.caller = caller = await _caller(request)
            permit(caller.actor, action)
            try:
                check_query(request, known)
                strict = StrictRequest(request.scope, request.receive)
                if bodiless:
                    await refuse_unread(strict)
                return await handle(strict)
            except (RequestValidationError, BadParameter, CommandReused):
                await check_exists(request, caller.actor)
                raise

        return guarded


def query_names(route: APIRoute) -> dict[str, bool]:
    """The query parameters of a route, those of a model among them, and whether each may stand more than once."""
    names: dict[str, bool] = {}
    for field in route.dependant.query_params:
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            names |= {info.alias or name: _is_list(info.annotation) for name, info in model.model_fields.items()}
        names[field.alias] = _is_list(model)
    return names


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list


async def _caller(request: Request) -> Caller:
    """Who calls: the console's visitor, for whom it asks in this process; the bearer of a key; a session's owner."""
    if (known := request.scope.get(VISITOR)) is not None:
        return Caller(known, request.app.state.parts.clock())
    parts = request.app.state.parts
    actor = await _actor(request)
    if actor is None:
        parts.limiter.hit_address(request.client.host if request.client else "")
        raise ApiError(401, "unauthenticated", "this key or session is unknown or ended, or its owner has left")
    parts.limiter.hit(actor.id)
    return Caller(actor, parts.clock())


async def still(request: Request, action: Action) -> bool:
    """Whether by what a request came in it would come in now, and might do so: for answers that go on for long."""
    actor = await _actor(request)
    return actor is not None and allowed(actor, action)


async def _actor(request: Request) -> Actor | None:
    authenticate: Authenticate = request.app.state.parts.authenticate
    recognise: Authenticate = request.app.state.parts.sessions.actor
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and key:
        return await authenticate(key.strip())
    if token := request.cookies.get(COOKIE):
        check_same_origin(request)
        return await recognise(token)
    raise ApiError(401, "unauthenticated", "send an API key as `Authorization: Bearer KEY`")


def check_same_origin(request: Request) -> None:
    """A cookie alone moves nothing that another site's page sends. Raises ApiError 403 `cross_site`.

    Browsers say in `Sec-Fetch-Site` where a request comes from; older ones say it in `Origin`.
    """
    if request.method in _SAFE or request.headers.get("sec-fetch-site") in {"same-origin", "none"}:
        return
    if urlsplit(request.headers.get("origin", "")).netloc != request.headers.get("host"):
        raise ApiError(403, "cross_site", "this comes from another site: open Redress itself and do it there")


def caller_of(request: Request) -> Caller:
    """The caller the door let in."""
    caller: Caller = request.state.caller
    return caller
