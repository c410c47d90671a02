"""The inbox: cases by filter, which stand in the address, so that a view is a link."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.conventions import json
from adapters.web.navigation import N_
from adapters.web.pages import Page, Signed, Visitor, page
from domain.case.words import Status
from domain.values import Role
from projections.case_inbox import ENDED

router = APIRouter(route_class=Page, include_in_schema=False)
OPEN = [str(status) for status in Status if status not in ENDED]
FILTERS = ("status", "owner", "handler", "team", "class", "severity", "type", "channel", "merchant", "overdue", "q")
"""What an address of the inbox may say; the same as GET /cases takes."""
ROWS = 50


def views_for(visitor: Visitor) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """The views everybody has: their name, and the filters they stand for."""
    mine: Mapping[str, Any] = {"handler": visitor.actor.id, "status": OPEN}
    views: dict[str, tuple[str, Mapping[str, Any]]] = {
        "mine": (N_("Mine"), mine),
        "team": (N_("My team"), {"team": visitor.actor.team, "status": OPEN}),
        "overdue": (N_("Overdue"), {"overdue": "true", "status": OPEN}),
        "callbacks": (N_("Callbacks due"), {"status": ["resolved"]}),
        "all": (N_("All"), {}),
    }
    if visitor.actor.role is not Role.AGENT:
        del views["mine"]
    if visitor.actor.team is None:
        del views["team"]
    return views


async def listed(request: Request, visitor: Visitor) -> Mapping[str, Any]:
    """What the list of cases shows: by the view or the filters of the address."""
    views, query = views_for(visitor), request.query_params
    given = {name: query.getlist(name) if name == "status" else query[name] for name in FILTERS if query.get(name)}
    view = "" if given else query.get("view") or next(iter(views))
    filters = given or views.get(view, ("", {}))[1]
    found = await visitor.api.get("/cases", **filters, limit=ROWS, after=query.get("after"))
    return {"views": views, "view": view, "given": given, "cases": found["items"], "more": found["next"]}


@router.get("/")
async def inbox(request: Request, v: Signed) -> Response:
    """The cases to work on: guests still at the table first, then the newest."""
    return page(request, "inbox.html", v=v, **await listed(request, v))


@router.get("/worklist")
async def worklist(v: Signed) -> Response:
    """How much there is to do, for the figures beside the rail."""
    return json(await v.api.get("/worklist"))
