"""The door of the API: who calls, may they, and in which order a request is refused (contract part 3).

401, 403 and 404 come before 422: a caller who may not, or a case that is not there, is told so first. Only a request that
is found malformed pays for looking whether its resource exists.
"""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.http.problems import ApiError
from application.permissions import Action, permit
from domain.case.case import NoSuchCase
from domain.values import Actor, CaseId

Authenticate = Callable[[str], Awaitable[Actor | None]]
"""The actor behind an API key, or None."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and when the request came in (UTC)."""

    actor: Actor
    now: datetime


class Door(APIRoute):
    """A route whose `x-action` names its row of the permission table; without one nobody gets in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler behind authentication and permission."""
        handle = super().get_route_handler()
        action = Action((self.openapi_extra or {})["x-action"])

        async def guarded(request: Request) -> Response:
            request.state.caller = caller = await _caller(request)
            permit(caller.actor, action)
            try:
                return await handle(request)
            except RequestValidationError:
                await _exists_for(request, caller.actor)
                raise
            except HTTPException as error:
                if error.status_code == 400:  # noqa: PLR2004  the framework's word for a body it cannot read
                    await _exists_for(request, caller.actor)
                raise

        return guarded


async def _caller(request: Request) -> Caller:
    parts = request.app.state.parts
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise ApiError(401, "unauthenticated", "send an API key as `Authorization: Bearer KEY`")
    actor = await parts.authenticate(key.strip())
    if actor is None:
        raise ApiError(401, "unauthenticated", "this key is unknown, revoked, or its owner has left")
    parts.limiter.hit(actor.id)
    return Caller(actor, parts.clock())


async def _exists_for(request: Request, actor: Actor) -> None:
    """Tell 404 or 403 about the case in the path before 422 is told."""
    if "case_id" in request.path_params:
        await request.app.state.parts.reads.reachable(case_id_of(request), actor)


def case_id_of(request: Request) -> CaseId:
    """The case in the path. What is no UUID names no case: NoSuchCase."""
    try:
        return CaseId(str(UUID(request.path_params["case_id"])))
    except ValueError:
        raise NoSuchCase("there is no such case") from None


def caller_of(request: Request) -> Caller:
    """The caller the door let in."""
    caller: Caller = request.state.caller
    return caller
