"""Agents, teams, merchants and departments: lists, and what may be changed, by the API's own commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.problems import ApiError
from adapters.web.directory import people, teams
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.navigation import N_
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import Action, allowed

router = APIRouter(route_class=Page, include_in_schema=False)
ROWS = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of master. name, empty: msgids; columns: fields of a list; changes: last words of the commands' paths."""

    name: str
    empty: str
    columns: tuple[str, ...]
    changes: Mapping[str, Action]


KINDS: Mapping[str, Kind] = {
    "agents": Kind(
        N_("Agents"),
        N_("Nobody works here yet. Register the first agent."),
        ("id", "name", "role", "rank", "team", "presence", "joined_on"),
        {
            "team": Action.CHANGE_MASTERS,
            "limit": Action.SET_LIMITS,
            "absence": Action.MARK_PRESENCE,
            "presence": Action.MARK_PRESENCE,
            "deputy": Action.NAME_DEPUTIES,
            "departure": Action.CHANGE_MASTERS,
        },
    ),
    "teams": Kind(N_("Teams"), N_("There is no team yet."), ("id", "name"), {"name": Action.CHANGE_MASTERS}),
    "merchants": Kind(
        N_("Merchants"),
        N_("There is no merchant yet. Register one, or import them."),
        ("id", "name", "signings", "recommendations"),
        {"signing": Action.CHANGE_MASTERS, "recommendation": Action.CHANGE_MASTERS},
    ),
    "departments": Kind(
        N_("Departments"),
        N_("There is no department yet."),
        ("id", "name", "matters"),
        {"name": Action.CHANGE_MASTERS, "matters": Action.CHANGE_MASTERS},
    ),
}


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise ApiError(404, "not_found", f"there is no page {name}")
    return KINDS[name]


async def _listed(request: Request, v: Visitor, name: str) -> Response:
    found = await v.api.get(f"/{name}", limit=ROWS, after=request.query_params.get("after"))
    return page(
        request,
        "masters.html",
        kind=_kind(name),
        path_of=name,
        items=found["items"],
        more=found["next"],
        may_add=allowed(v.actor, Action.CHANGE_MASTERS),
        names=await people(v),
        teams=await teams(v),
    )


async def _shown(request: Request, v: Visitor, name: str, item: str) -> Response:
    found = await v.api.get(f"/{name}/{item}")
    changes = [change for change, action in _kind(name).changes.items() if allowed(v.actor, action)]
    return page(
        request,
        "master.html",
        kind=_kind(name),
        path_of=name,
        item=found,
        fields=_fields(found),
        changes=changes,
        names=await people(v),
        teams=await teams(v),
    )


def _fields(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is told of a master: all but what its title and its way through the log say."""
    return {name: value for name, value in item.items() if name not in {"id", "name", "version", "position"}}


async def _change(v: Visitor, name: str, item: str, change: str) -> Giving:
    if change not in _kind(name).changes:
        raise ApiError(404, "not_found", f"there is no command {change}")
    found = await v.api.get(f"/{name}/{item}")
    return Giving(f"/{name}/{{item}}/{change}", f"/{name}/{item}/{change}", change, _begun(found), found["version"])


def _begun(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a form has in it at first: how things stand."""
    return {name: item[name] for name in ("name", "team", "matters") if name in item}


async def _form_page(request: Request, v: Visitor, given: Given, back: str, subject: str = "") -> Response:
    context = {"given": given, "back": back, "subject": subject, "suggested": {"team": "teams"}}
    return page(request, "command.html", status=given.status, teams=await teams(v), **context)


def _add(name: str) -> None:
    new = Giving(f"/{name}", f"/{name}", name)

    async def many(request: Request, v: Signed) -> Response:
        return await _listed(request, v, name)

    async def begin(request: Request, v: Signed) -> Response:
        return await _form_page(request, v, Given(begun(request, new)), f"/{name}")

    async def register(request: Request, v: Signed) -> Response:
        given = await give(request, v, new)
        if given.answer:
            return back_to(f"/{name}/{given.answer['id']}")
        return await _form_page(request, v, given, f"/{name}")

    async def one(request: Request, item: str, v: Signed) -> Response:
        return await _shown(request, v, name, item)

    async def begin_change(request: Request, item: str, change: str, v: Signed) -> Response:
        given = Given(begun(request, await _change(v, name, item, change)))
        return await _form_page(request, v, given, f"/{name}/{item}", item)

    async def make_change(request: Request, item: str, change: str, v: Signed) -> Response:
        given = await give(request, v, await _change(v, name, item, change))
        if given.answer:
            return back_to(f"/{name}/{item}")
        return await _form_page(request, v, given, f"/{name}/{item}", item)

    for path, endpoint, method in (
        (f"/{name}", many, "GET"),
        (f"/{name}/new", begin, "GET"),
        (f"/{name}/new", register, "POST"),
        (f"/{name}/{{item}}", one, "GET"),
        (f"/{name}/{{item}}/do/{{change}}", begin_change, "GET"),
        (f"/{name}/{{item}}/do/{{change}}", make_change, "POST"),
    ):
        router.add_api_route(path, endpoint, methods=[method])


for _name in KINDS:
    _add(_name)
