"""What every answer tells the browser not to do, whoever has made it: API, pages, errors (docs/asvs.md)."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]

PAGES_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)
"""For pages: what they load comes from here, and nobody frames them."""
API_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""For everything else: nothing is loaded, nothing runs. Pages to print bring their style with them."""
_ALWAYS: Headers = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
API: Headers = (*_ALWAYS, (b"content-security-policy", API_CSP.encode()), (b"cache-control", b"no-store"))
"""What answers of the API carry, unless they say otherwise."""
PAGES: Headers = (*_ALWAYS, (b"content-security-policy", PAGES_CSP.encode()))
"""What pages and what belongs to them carry, unless they say otherwise."""
_NO_STORE: Headers = ((b"cache-control", b"no-store"),)
_HSTS: Headers = ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),)
_API_PATHS = ("/api/", "/livez", "/readyz", "/version", "/metrics")


class SecurityHeaders:
    """Puts the headers on every answer that does not have them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_missing(scope, message["headers"])]}
            await send(message)

        await self._app(scope, receive, send_guarded)


def _missing(scope: Scope, there: Iterable[tuple[bytes, bytes]]) -> Headers:
    sent = {name.lower(): value for name, value in there}
    wanted = API if scope["path"].startswith(_API_PATHS) else PAGES
    if sent.get(b"content-type", b"").startswith(b"text/html"):
        wanted = (*wanted, *_NO_STORE)
    if scope["scheme"] == "https":
        wanted = (*wanted, *_HSTS)
    return tuple({name: (name, value) for name, value in wanted if name not in sent}.values())
