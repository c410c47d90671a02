"""The door of the console: in by a password, a key or (in a demonstration) as whoever one likes; out; language, theme.

Signing in at an identity provider: adapters/web/provider.py.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from adapters.auth.limiter import TooManyRequests
from adapters.auth.passwords import SignInClosed
from adapters.auth.service_accounts import NotForPrograms
from adapters.auth.sessions import COOKIE, LONGEST, Way
from adapters.http.door import check_same_origin
from adapters.http.parts import Parts
from adapters.http.problems import ApiError
from adapters.postgres.read_audit import ReadKind
from adapters.web.languages import languages
from adapters.web.pages import LANGUAGE, THEME, THEMES, Page, back_to, page, page_at, safe_path
from domain.values import Actor, AgentId, Role

router = APIRouter(route_class=Page, include_in_schema=False)
_YEAR_S = 365 * 86_400
Next = Annotated[str, Form(alias="next")]


@router.get("/sign-in")
async def door(request: Request, next: str = "/", out: str = "") -> Response:  # noqa: A002  the name in the address
    """Where one signs in; in a demonstration as anybody with one click."""
    return door_page(request, next, out=bool(out))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    number: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
    then: Next = "/",
) -> Response:
    """Begin a session with employee number and password, or with an API key."""
    check_same_origin(request)
    if not request.app.state.parts.local_sign_in:
        raise ApiError(403, "forbidden", "people sign in at the identity provider alone here")
    return await (_by_key(request, key.strip(), then) if key else _by_password(request, number.strip(), password, then))


async def _by_password(request: Request, number: str, password: str, then: str) -> Response:
    parts: Parts = request.app.state.parts
    try:
        parts.limiter.hit_password(address_of(request))
        actor = await parts.passwords.actor(number, password)
    except TooManyRequests:
        return door_page(request, then, "too_many", status=429, number=number)
    except SignInClosed as closed:
        return door_page(request, then, "closed", status=429, number=number, until=closed.until)
    if actor is None:
        return door_page(request, then, "password", status=401, number=number)
    kept = await parts.passwords.kept(actor.id)
    told = kept is not None and (kept.temporary or kept.was_closed)
    return await begun(request, actor.id, Way.PASSWORD, "/settings/access" if told else then)


async def _by_key(request: Request, key: str, then: str) -> Response:
    """A key that is narrowed begins no session: that would be wider than itself."""
    parts: Parts = request.app.state.parts
    actor = await parts.authenticate(key)
    if actor is None or actor.scopes is not None:
        parts.limiter.hit_address(address_of(request))
        return door_page(request, then, "key", status=401)
    return await begun(request, actor.id, Way.KEY, then)


@router.post("/sign-in/demo")
async def sign_in_demo(request: Request, agent: Annotated[str, Form()], then: Next = "/") -> Response:
    """Begin a session as one of the people of the demonstration."""
    check_same_origin(request)
    if agent not in {person.agent for person in request.app.state.demo}:
        raise ApiError(404, "not_found", "this is no demonstration, or nobody of it")
    return await begun(request, AgentId(agent), Way.DEMO, then)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session, here and in the database."""
    check_same_origin(request)
    parts: Parts = request.app.state.parts
    await parts.sessions.end(request.cookies.get(COOKIE, ""))
    response = back_to("/sign-in?out=1" if parts.provider else "/sign-in")
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.post("/appearance")
async def appearance(
    request: Request, language: Annotated[str, Form()] = "", theme: Annotated[str, Form()] = "", then: Next = "/"
) -> Response:
    """Choose language or theme, on this browser."""
    check_same_origin(request)
    response = back_to(page_at(request, then))
    if language in languages():
        response.set_cookie(LANGUAGE, language, max_age=_YEAR_S, path="/", samesite="lax")
    if theme in THEMES:
        response.set_cookie(THEME, theme, max_age=_YEAR_S, path="/", samesite="lax")
    return response


# ---- what every way in shares ---------------------------------------------------------------------------------------
def door_page(
    request: Request,
    then: str,
    fault: str = "",
    *,
    status: int = 200,
    number: str = "",
    until: datetime | None = None,
    out: bool = False,
) -> Response:
    """The door. fault: what went wrong; until: when the account opens again; out: somebody has just signed out."""
    parts: Parts = request.app.state.parts
    context = {
        "next": safe_path(then),
        "demo": request.app.state.demo,
        "provider": parts.provider.client.issuer if parts.provider else None,
        "local": parts.local_sign_in,
        "fault": fault,
        "number": number,
        "until": until,
        "out": out,
    }
    return page(request, "sign_in.html", status=status, **context)


async def begun(request: Request, agent: AgentId, way: Way, then: str) -> Response:
    """A session in place of the one before, written down; or the door again, for who cannot have one."""
    parts: Parts = request.app.state.parts
    try:
        token = await parts.sessions.begin(agent, way)
    except NotForPrograms:
        token = None
    if token is None:
        return door_page(request, then, "nobody", status=401)
    await parts.sessions.end(request.cookies.get(COOKIE, ""))
    await parts.audit.note(Actor(agent, Role.AGENT), ReadKind.LOGGED_IN, way, None, parts.clock())
    response = back_to(safe_path(then))
    response.set_cookie(
        COOKIE, token, max_age=int(LONGEST.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )
    return response


def address_of(request: Request) -> str:
    """From where a request comes."""
    return request.client.host if request.client else ""


def our_address(request: Request, path: str) -> str:
    """A path of ours as people's browsers know it, with the beginning of the address."""
    public: str | None = request.app.state.parts.public_url
    return (public or str(request.base_url)).rstrip("/") + path
