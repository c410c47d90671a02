"""The inbox: cases by filter, which stand in the address, so that a view is a link; one's own views; many at once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from adapters.http.conventions import json
from adapters.http.parts import Parts
from adapters.http.problems import ApiError
from adapters.web.asking import Refused
from adapters.web.directory import merchants, people, teams
from adapters.web.forms import new_key
from adapters.web.languages import ZONE
from adapters.web.navigation import HOMES, N_
from adapters.web.numbers import whole
from adapters.web.pages import Page, Signed, Visitor, back_to, page, safe_path
from domain.case.words import Channel, ComplaintType, CustomerClass, Severity, Status
from domain.values import Role
from projections.case_inbox import ENDED

router = APIRouter(route_class=Page, include_in_schema=False)
OPEN = [str(status) for status in Status if status not in ENDED]
ROWS = 50
_WORDS = {
    "channel": ("channel", Channel),
    "severity": ("severity", Severity),
    "class": ("customer_class", CustomerClass),
    "type": ("complaint_type", ComplaintType),
}
"""Filters that are a choice of words: the kind of word, and its values."""
_LINES = ("q", "owner", "handler", "team", "merchant", *_WORDS)
_TRUTHS = ("overdue", "on_site")
_MANY = {"assign": ("assignment", ("agent", "reason")), "note": ("notes", ("text",))}
"""What can be done to many cases at once: the command, and the fields of its body."""
_WORKERS = frozenset({Role.AGENT, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class View:
    """A view of the inbox. filters: as `GET /cases` takes them; count: of a view of one's own, else by the worklist."""

    name: str
    filters: Mapping[str, Any]
    own: bool = False
    count: int | None = None


def views_for(visitor: Visitor) -> dict[str, View]:
    """The views everybody has. Agents are shown their own where it is they who must act, supervisors their team's."""
    actor = visitor.actor
    team = {"team": actor.team} if actor.team else {}
    near = {"handler": actor.id} if actor.role is Role.AGENT else team
    views = {
        "mine": View(N_("Mine"), {"handler": actor.id, "status": OPEN}),
        "team": View(N_("My team"), {**team, "status": OPEN}),
        "callbacks": View(N_("Callbacks due"), {**near, "status": ["resolved"]}),
        "overdue": View(N_("Overdue"), {**near, "overdue": "true", "status": OPEN}),
        "on_site": View(N_("On site"), {**team, "on_site": "true", "status": OPEN}),
        "all": View(N_("All"), {}),
    }
    if actor.role is not Role.AGENT:
        del views["mine"]
    if actor.team is None:
        del views["team"]
    return views


# ---- filters in the address -----------------------------------------------------------------------------------------
def filters_of(query: QueryParams) -> dict[str, Any]:
    """The filters an address names, as `GET /cases` takes them. Days are those of the console's zone, both included."""
    found: dict[str, Any] = {name: query[name] for name in _LINES if query.get(name)}
    found |= {name: "true" for name in _TRUTHS if query.get(name) == "true"}
    if status := [value for value in query.getlist("status") if value]:
        found["status"] = OPEN if status == ["open"] else status
    if begin := _day(query.get("received_from")):
        found["received_from"] = _midnight(begin)
    if end := _day(query.get("received_to")):
        found["received_to"] = _midnight(min(end, date.max - timedelta(days=1)) + timedelta(days=1))
    return found


def typed_filters(filters: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the fields of the filter bar show them."""
    status = filters.get("status") or []
    one = "open" if sorted(status) == sorted(OPEN) else status[0] if len(status) == 1 else ""
    shown = {**filters, "status": one}
    for name, back in (("received_from", 0), ("received_to", 1)):
        if name in filters:
            moment = datetime.fromisoformat(filters[name]).astimezone(ZONE)
            shown[name] = str(moment.date() - timedelta(days=back))
    return shown


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), ZONE).isoformat()


# ---- lists ----------------------------------------------------------------------------------------------------------
async def listed(request: Request, visitor: Visitor) -> Mapping[str, Any]:
    """What a list of cases beside a case shows: by the view or the filters of the address."""
    views, query = views_for(visitor), request.query_params
    if _is_id(query.get("view")):
        views |= await _own_views(visitor)
    return await _found(visitor, query, views)


async def _found(visitor: Visitor, query: QueryParams, views: Mapping[str, View]) -> dict[str, Any]:
    given = filters_of(query)
    view = "" if given else _known(query.get("view"), views)
    filters = given or views[view].filters
    found = await visitor.api.get("/cases", **filters, limit=ROWS, after=query.get("after"))
    return {"views": views, "view": view, "filters": filters, "cases": found["items"], "more": found["next"]}


def _known(view: str | None, views: Mapping[str, View]) -> str:
    return view if view is not None and view in views else next(iter(views))


def _is_id(text: str | None) -> bool:
    try:
        return bool(UUID(text or ""))
    except ValueError:
        return False


async def _own_views(visitor: Visitor) -> dict[str, View]:
    kept = await visitor.api.get("/views")
    return {one["id"]: View(one["name"], one["filters"], own=True, count=one["count"]) for one in kept["items"]}


async def choices(visitor: Visitor) -> dict[str, Sequence[tuple[str, str]]]:
    """Whom and what one can filter by: teams, people, merchants, each with its id and name."""
    found = await asyncio.gather(teams(visitor), people(visitor), merchants(visitor))
    return {kind: [*names.items()] for kind, names in zip(("teams", "agents", "merchants"), found, strict=True)}


@router.get("/")
async def inbox(request: Request, v: Signed) -> Response:
    """The cases to work on: guests still at the table first, then the newest."""
    if home := HOMES.get(v.actor.role):
        return back_to(home)
    return page(request, "inbox.html", v=v, **await _inbox(request, v))


async def _inbox(request: Request, v: Visitor) -> dict[str, Any]:
    found, todo, known = await asyncio.gather(_viewed(request, v), v.api.get("/worklist"), choices(v))
    return {
        **found,
        "typed": typed_filters(found["filters"]),
        "counts": todo if v.actor.role in _WORKERS else {},
        "choices": known,
        "names": dict(known["agents"]),
        "words": {name: (kind, [str(value) for value in values]) for name, (kind, values) in _WORDS.items()},
        "statuses": [str(status) for status in Status],
        "new_id": str(uuid4()),
        "key": new_key(),
    }


async def _viewed(request: Request, v: Visitor) -> dict[str, Any]:
    """The cases of a view, or of the filters in the address, and who else looks at them."""
    found = await _found(v, request.query_params, views_for(v) | await _own_views(v))
    return {**found, "present": await _present(request, v, found["cases"])}


@router.get("/worklist")
async def worklist(v: Signed, position: int | None = None) -> Response:
    """How much there is to do, for the figures beside the rail; once the lists have come to a position."""
    return json(await v.api.get("/worklist", min_position=position))


@router.get("/inbox/rows")
async def rows(request: Request, v: Signed) -> Response:
    """The rows of a list that is open: the same filters, as the cases stand now."""
    own = await _own_views(v) if _is_id(request.query_params.get("view")) else {}
    names, found = await asyncio.gather(people(v), _found(v, request.query_params, views_for(v) | own))
    present = await _present(request, v, found["cases"])
    return page(request, "inbox_rows.html", v=v, **found, names=names, present=present)


async def _present(request: Request, v: Visitor, cases: Sequence[Mapping[str, Any]]) -> Mapping[str, Sequence[str]]:
    """Who else looks at which of these cases now."""
    parts: Parts = request.app.state.parts
    return await parts.presence.others(v.actor.id, [case["id"] for case in cases])


# ---- views of one's own ---------------------------------------------------------------------------------------------
@router.post("/views/{view}")
async def keep_view(
    v: Signed, view: str, name: Annotated[str, Form()] = "", query: Annotated[str, Form()] = ""
) -> Response:
    """Keep the filters of an address under a name."""
    filters = filters_of(QueryParams(parse_qsl(query)))
    await v.api.put(f"/views/{view}", {"name": name.strip(), "filters": filters})
    return back_to(f"/?view={view}")


@router.post("/views/{view}/removal")
async def drop_view(v: Signed, view: str) -> Response:
    """Keep a view no longer."""
    await v.api.delete(f"/views/{view}")
    return back_to("/")


# ---- many at once ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case of many. problem: None where the command was taken."""

    id: str
    number: str
    problem: Mapping[str, Any] | None


@router.post("/inbox/bulk")
async def bulk(request: Request, v: Signed) -> Response:
    """Give one command to each of the chosen cases; each is decided by itself, and each result is shown.

    A page sent twice counts once: every case has a key of its own.
    """
    async with request.form() as typed:
        said = {name: str(typed.get(name, "")) for name in ("do", "agent", "reason", "text", "key", "next")}
        chosen = [str(one) for one in typed.getlist("case")]
    if said["do"] not in _MANY:
        raise ApiError(422, "invalid", f"do: one of {', '.join(_MANY)}")
    command, names = _MANY[said["do"]]
    body = {name: said[name] for name in names if said[name].strip()}
    outcomes = [await _given(v, one, command, body, said["key"]) for one in chosen]
    return page(request, "bulk.html", v=v, command=command, outcomes=outcomes, next=safe_path(said["next"]))


async def _given(v: Visitor, chosen: str, command: str, body: Mapping[str, Any], key: str) -> Outcome:
    """Of one case, named by its id, the version that was seen, and its number."""
    case, version, number = (*chosen.split(" "), "", "")[:3]
    seen = whole(version)
    try:
        await v.api.post(f"/cases/{case}/{command}", body, version=seen, key=f"{key}-{case}")
    except Refused as refused:
        return Outcome(case, number, refused.problem)
    return Outcome(case, number, None)
