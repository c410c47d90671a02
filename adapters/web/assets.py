"""Static files under addresses that change with their content, so that browsers may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
STYLE = "app.css"
"""The one stylesheet that pages ask for, so that they paint after one request: the sheets, one after another."""
_SHEETS = ("frame.css", "pages.css", "media.css")
_YEAR = "public, max-age=31536000, immutable"


@cache
def asset(name: str) -> str:
    """The address of a static file. Raises FileNotFoundError."""
    content = style() if name == STYLE else (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


@cache
def style() -> bytes:
    """The stylesheet, whole."""
    return b"".join((STATIC / sheet).read_bytes() for sheet in _SHEETS)


class Assets(StaticFiles):
    """Static files; those asked for by their version stay as they are."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file. Raises HTTPException 404."""
        whole = path == STYLE
        response = Response(style(), media_type="text/css") if whole else await super().get_response(path, scope)
        response.headers["Cache-Control"] = _YEAR if b"v=" in scope["query_string"] else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
