"""Signing in and out at the identity provider (OpenID Connect)."""

from urllib.parse import quote, unquote

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.auth.provider import COOKIE, GOOD_FOR, Provider, ProviderDown, SignInRefused
from adapters.auth.sessions import Way
from adapters.http.parts import Parts
from adapters.http.problems import ApiError
from adapters.web.pages import Page, back_to, safe_path
from adapters.web.sign_in import address_of, begun, door_page, our_address
from domain.values import AgentId

router = APIRouter(prefix="/sign-in/provider", route_class=Page, include_in_schema=False)


@router.get("")
async def leave(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
    """To the provider; when it is down, back to the door, which says so."""
    try:
        leaving = await _provider(request).leave(our_address(request, "/sign-in/provider/back"))
    except ProviderDown:
        return door_page(request, next, "provider_down", status=503)
    response = back_to(leaving.address)
    kept = f"{leaving.secret}|{quote(safe_path(next), safe='/')}"
    seconds = int(GOOD_FOR.total_seconds())
    response.set_cookie(COOKIE, kept, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")
    return response


@router.get("/back")
async def come_back(request: Request) -> Response:
    """Back from the provider: a session for whoever it says this is."""
    secret, _, then = request.cookies.get(COOKIE, "").partition("|")
    response = await _come_back(request, secret, unquote(then))
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


async def _come_back(request: Request, secret: str, then: str) -> Response:
    provider, back = _provider(request), our_address(request, "/sign-in/provider/back")
    try:
        number = await provider.come_back(dict(request.query_params), secret, back)
    except ProviderDown:
        return door_page(request, then, "provider_down", status=503)
    except SignInRefused:
        request.app.state.parts.limiter.hit_address(address_of(request))
        return door_page(request, then, "refused", status=401)
    return await begun(request, AgentId(number), Way.PROVIDER, then)


@router.get("/out")
async def sign_out(request: Request) -> Response:
    """Sign out at the provider as well, which comes back here."""
    return back_to(await _provider(request).end_address(our_address(request, "/sign-in")) or "/sign-in")


def _provider(request: Request) -> Provider:
    parts: Parts = request.app.state.parts
    if parts.provider is None:
        raise ApiError(404, "not_found", "people sign in here, not at a provider")
    return parts.provider
