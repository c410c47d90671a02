"""Settings: how the console looks and listens on this browser, and where one is signed in."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from adapters.auth.sessions import COOKIE
from adapters.http.door import check_same_origin
from adapters.web.pages import KEYS, Page, Signed, back_to, page

router = APIRouter(prefix="/settings", route_class=Page, include_in_schema=False)
_YEAR_S = 365 * 86_400


@router.get("")
async def settings(request: Request, v: Signed) -> Response:
    """Language, appearance, keys, and the sessions that are open."""
    sessions = request.app.state.parts.sessions
    found = await sessions.open_of(v.actor.id, request.cookies[COOKIE])
    return page(request, "settings.html", sessions=found)


@router.post("/keys")
async def keys(request: Request, v: Signed, single: Annotated[str, Form()] = "") -> Response:  # noqa: ARG001
    """Switch the single-key shortcuts on or off, on this browser (WCAG 2.1.4)."""
    check_same_origin(request)
    response = back_to("/settings")
    response.set_cookie(KEYS, "on" if single else "off", max_age=_YEAR_S, path="/", samesite="lax")
    return response


@router.post("/sessions/ending")
async def end_sessions(request: Request, v: Signed) -> Response:
    """Sign out everywhere, here too."""
    await request.app.state.parts.sessions.end_all(v.actor.id)
    response = back_to("/sign-in")
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response
