"""Finding a case by what people call it: its number."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from adapters.web.pages import Visitor

_NUMBER = re.compile(r"\d{4}-\d{6}")
_NAMING = ("case", "into")
"""Fields of commands that name another case."""
_ENOUGH = 20


async def case_id(v: Visitor, text: str) -> str | None:
    """The id of the case with this number or id, among those that the visitor may read."""
    try:
        return str(UUID(text))
    except ValueError:
        asked = text.strip()
    found = (await v.api.get("/cases", q=asked, limit=_ENOUGH))["items"] if _NUMBER.fullmatch(asked) else []
    return next((str(case["id"]) for case in found if case["number"] == asked), None)


async def with_ids(v: Visitor, body: Mapping[str, Any]) -> dict[str, Any]:
    """A body in which cases are named by id; what names none stays, so that the API says so at its field."""
    named = {name: body[name] for name in _NAMING if isinstance(body.get(name), str)}
    return {**body, **{name: await case_id(v, text) or text for name, text in named.items()}}
