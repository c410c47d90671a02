"""Looking for cases: the page, and what the palette finds while one types."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from markupsafe import Markup, escape
from starlette.responses import Response

from adapters.web.directory import people
from adapters.web.pages import Page, Signed, page

router = APIRouter(route_class=Page, include_in_schema=False)
ROWS = 50
_IN_PALETTE = 6
Words = Annotated[str, Query(max_length=100)]


@router.get("/search")
async def search(request: Request, v: Signed, q: Words = "", after: str | None = None) -> Response:
    """Cases by words, numbers and ends of telephone numbers; what was looked for is marked."""
    words = q.strip()
    found = await v.api.get("/cases", q=words, limit=ROWS, after=after) if words else {"items": [], "next": None}
    names = await people(v) if found["items"] else {}
    context = {"q": words, "cases": found["items"], "more": found["next"], "names": names, "marked": Marker(words)}
    return page(request, "search.html", v=v, **context)


@router.get("/search/found")
async def found(request: Request, v: Signed, q: Words = "") -> Response:
    """What the palette finds."""
    words = q.strip()
    cases: Sequence[Any] = (await v.api.get("/cases", q=words, limit=_IN_PALETTE))["items"] if words else []
    return page(request, "search_found.html", v=v, cases=cases)


class Marker:
    """Marks the words of a query in a text."""

    def __init__(self, query: str) -> None:
        words = sorted(map(re.escape, query.split()), key=len, reverse=True)
        self._pattern = re.compile(f"({'|'.join(words)})", re.IGNORECASE) if words else None

    def __call__(self, text: str | None) -> Markup:
        """The text, escaped, with its words marked."""
        parts = self._pattern.split(text or "—") if self._pattern else [text or "—"]
        return Markup("").join(
            Markup("<mark>{}</mark>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts)
        )
