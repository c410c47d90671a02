"""What the directory calls people, teams, merchants and departments: pages show names, not ids."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from adapters.web.asking import Refused
from adapters.web.pages import Visitor

MOST = 500
Names = Mapping[str, str]


async def people(v: Visitor) -> Names:
    """The names of those who work here, by employee number."""
    return await _names(v, "agents")


async def teams(v: Visitor) -> Names:
    """The names of the teams, by id."""
    return await _names(v, "teams")


async def merchants(v: Visitor) -> Names:
    """The names of the merchants, by id."""
    return await _names(v, "merchants")


async def departments(v: Visitor) -> Names:
    """The names of the departments, by id."""
    return await _names(v, "departments")


async def _names(v: Visitor, kind: str) -> Names:
    found = await v.api.get(f"/{kind}", limit=MOST)
    return {one["id"]: one["name"] or one["id"] for one in found["items"]}


async def named_in(v: Visitor, case: Mapping[str, Any]) -> dict[str, Names]:
    """What a case and its history name, by the field of an event: its teams, its merchant, and to whom it went up."""
    known, merchant, places = await asyncio.gather(
        teams(v), _merchant(v, case["merchant"]), departments(v) if case["escalations"] else _nothing()
    )
    return {"team": known, "first_team": known, "merchant": merchant, "to": places}


async def _merchant(v: Visitor, merchant: str | None) -> Names:
    """One of them; a case may name a merchant of whom the directory knows nothing."""
    if merchant is None:
        return {}
    try:
        return {merchant: (await v.api.get(f"/merchants/{quote(merchant, safe='')}"))["name"]}
    except Refused:
        return {}


async def _nothing() -> Names:
    return {}
