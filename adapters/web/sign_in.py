"""The door of the console: in by a key (or, in a demonstration, as whoever one likes), out again, language, theme."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from adapters.auth.sessions import COOKIE, LONGEST
from adapters.http.door import check_same_origin
from adapters.http.problems import ApiError
from adapters.web.languages import languages
from adapters.web.pages import LANGUAGE, THEME, THEMES, Page, back_to, page, safe_path
from domain.values import AgentId

router = APIRouter(route_class=Page, include_in_schema=False)
_YEAR_S = 365 * 86_400
Next = Annotated[str, Form(alias="next")]


@router.get("/sign-in")
async def door(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
    """Where one signs in; in a demonstration as anybody with one click."""
    return page(request, "sign_in.html", next=safe_path(next), demo=request.app.state.demo, wrong=False)


@router.post("/sign-in")
async def sign_in(request: Request, key: Annotated[str, Form()] = "", then: Next = "/") -> Response:
    """Begin a session with an API key."""
    check_same_origin(request)
    parts = request.app.state.parts
    actor = await parts.authenticate(key.strip())
    if actor is None:
        parts.limiter.hit_address(request.client.host if request.client else "")
        return page(request, "sign_in.html", status=401, next=safe_path(then), demo=request.app.state.demo, wrong=True)
    return await _begun(request, actor.id, then)


@router.post("/sign-in/demo")
async def sign_in_demo(request: Request, agent: Annotated[str, Form()], then: Next = "/") -> Response:
    """Begin a session as one of the people of the demonstration."""
    check_same_origin(request)
    if agent not in {person.agent for person in request.app.state.demo}:
        raise ApiError(404, "not_found", "this is no demonstration, or nobody of it")
    return await _begun(request, AgentId(agent), then)


async def _begun(request: Request, agent: AgentId, then: str) -> Response:
    token = await request.app.state.parts.sessions.begin(agent)
    response = back_to(safe_path(then))
    response.set_cookie(
        COOKIE, token, max_age=int(LONGEST.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and in the database."""
    check_same_origin(request)
    await request.app.state.parts.sessions.end(request.cookies.get(COOKIE, ""))
    response = back_to("/sign-in")
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.post("/appearance")
async def appearance(
    request: Request, language: Annotated[str, Form()] = "", theme: Annotated[str, Form()] = "", then: Next = "/"
) -> Response:
    """Choose language or theme, on this browser."""
    check_same_origin(request)
    response = back_to(safe_path(then))
    if language in languages():
        response.set_cookie(LANGUAGE, language, max_age=_YEAR_S, path="/", samesite="lax")
    if theme in THEMES:
        response.set_cookie(THEME, theme, max_age=_YEAR_S, path="/", samesite="lax")
    return response
