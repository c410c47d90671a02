"""Documents that two people put in force: tariffs, policies, calendars; shown as YAML and against one another (A-4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff
from typing import Any, Literal

import yaml
from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.directory import people
from adapters.web.forms import new_key
from adapters.web.giving import Given, Giving, begun, check_may, give
from adapters.web.navigation import N_
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.permissions import Action, allowed
from domain.published import Status

router = APIRouter(route_class=Page, include_in_schema=False)
MOST = 500
"""How many versions are read; there are few."""
Item = Mapping[str, Any]
Mark = Literal["same", "new", "gone"]
MARKS: Mapping[str, Mark] = {"  ": "same", "+ ": "new", "- ": "gone"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. name: msgid; api: its path there; asked: what its lists are narrowed by.

    by_yaml: whether it is proposed as YAML, else by its fields.
    """

    name: str
    api: str
    asked: Mapping[str, str]
    by_yaml: bool = True


KINDS: Mapping[str, Kind] = {
    "tariffs": Kind(N_("Tariffs"), "/tariffs", {}),
    "payroll-policies": Kind(N_("Payroll policies"), "/payroll-policies", {}, by_yaml=False),
    "deadline-policies": Kind(N_("Deadline policies"), "/policies", {"of": "deadlines"}),
    "calendars": Kind(N_("Calendars"), "/calendars", {}),
}


# ---- documents ------------------------------------------------------------------------------------------------------
def written(document: Mapping[str, Any]) -> str:
    """A document as YAML; what is not said in it is left out."""
    return yaml.safe_dump(_said(document), allow_unicode=True, sort_keys=False, width=100)


def _said(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: _said(one) for name, one in value.items() if one not in (None, [], {})}
        case list():
            return [_said(one) for one in value]
        case _:
            return value


def compared(before: str, after: str) -> list[tuple[Mark, str]]:
    """The lines of two texts in the order of the later one, each with what became of it."""
    lines = ndiff(before.splitlines(), after.splitlines())
    return [(MARKS[line[:2]], line[2:]) for line in lines if line[:2] in MARKS]


def before(items: Sequence[Item], item: Item) -> str | None:
    """Against which version one is shown at first: the last that was in force when it was proposed."""
    earlier = items[: [one["id"] for one in items].index(item["id"])]
    return next((one["id"] for one in reversed(earlier) if one["status"] == Status.PUBLISHED), None)


# ---- pages ----------------------------------------------------------------------------------------------------------
async def _items(v: Visitor, kind: Kind) -> Sequence[Item]:
    items: Sequence[Item] = (await v.api.get(kind.api, **kind.asked, limit=MOST))["items"]
    return items


async def _list_page(request: Request, v: Visitor, path: str) -> Response:
    kind = KINDS[path]
    return page(
        request,
        "versions.html",
        kind=kind,
        path_of=path,
        items=await _items(v, kind),
        may=allowed(v.actor, Action.PUBLISH),
        names=await people(v),
    )


async def _version_page(
    request: Request, v: Visitor, path: str, version: str, problem: Mapping[str, Any] | None = None
) -> Response:
    kind = KINDS[path]
    items = await _items(v, kind)
    # the item itself is asked for, so that one that is not there is told as the API tells it
    known = {one["id"]: one for one in items}
    item = known.get(version) or await v.api.get(f"{kind.api}/{version}", **kind.asked)
    against = known.get(request.query_params.get("against") or before(items, item) or "")
    return page(
        request,
        "version.html",
        status=int(problem["status"]) if problem else 200,
        kind=kind,
        path_of=path,
        item=item,
        others=[one["id"] for one in items if one["id"] != version],
        against=against["id"] if against else None,
        lines=_lines(item, against),
        may=allowed(v.actor, Action.PUBLISH),
        problem=problem,
        key=new_key(),
        names=await people(v),
    )


def _lines(item: Item, against: Item | None) -> list[tuple[Mark, str]]:
    after = written(item["document"])
    return compared(written(against["document"]) if against else after, after)


async def newest(v: Visitor, path: str) -> str:
    """The document that was published last, as YAML: what another one is begun from."""
    items = await _items(v, KINDS[path])
    published = [one for one in items if one["status"] == Status.PUBLISHED]
    return written(published[-1]["document"]) if published else ""


def _proposing(path: str) -> Giving:
    return Giving(KINDS[path].api, KINDS[path].api, path if path != "deadline-policies" else "policies")


async def _yaml_page(
    request: Request, v: Visitor, path: str, text: str | None = None, refused: Refused | None = None
) -> Response:
    kind = KINDS[path]
    return page(
        request,
        "propose.html",
        status=refused.status if refused else 200,
        kind=kind,
        path_of=path,
        command=_proposing(path).command,
        text=await newest(v, path) if text is None else text,
        problem=refused.problem if refused else None,
        key=new_key(),
    )


async def _propose_yaml(request: Request, v: Visitor, path: str) -> Response:
    async with request.form() as typed:
        text, key = str(typed.get("yaml", "")), str(typed.get("_key", ""))
    try:
        done = await v.api.post(KINDS[path].api, {"yaml": text}, key=key or None)
    except Refused as refused:
        return await _yaml_page(request, v, path, text, refused)
    return back_to(f"/{path}/{done['id']}")


def _form_page(request: Request, given: Given, back: str, subject: str = "") -> Response:
    context = {"given": given, "back": back, "subject": subject, "suggested": {}}
    return page(request, "command.html", status=given.status, **context)


def _withdrawal(kind: Kind, item: str) -> Giving:
    return Giving(f"{kind.api}/{{item}}/withdrawal", f"{kind.api}/{item}/withdrawal", "withdrawal")


def _add_reading(path: str) -> None:
    async def many(request: Request, v: Signed) -> Response:
        return await _list_page(request, v, path)

    async def one(request: Request, item: str, v: Signed) -> Response:
        return await _version_page(request, v, path, item)

    router.add_api_route(f"/{path}", many)
    router.add_api_route(f"/{path}/{{item}}", one)


def _add_proposing(path: str) -> None:
    kind, new = KINDS[path], f"/{path}/new"

    async def begin(request: Request, v: Signed) -> Response:
        if kind.by_yaml:
            check_may(request, kind.api)
            return await _yaml_page(request, v, path)
        return _form_page(request, Given(begun(request, _proposing(path))), f"/{path}")

    async def propose(request: Request, v: Signed) -> Response:
        if kind.by_yaml:
            return await _propose_yaml(request, v, path)
        given = await give(request, v, _proposing(path))
        return back_to(f"/{path}/{given.answer['id']}") if given.answer else _form_page(request, given, f"/{path}")

    router.add_api_route(new, begin)
    router.add_api_route(new, propose, methods=["POST"])


def _add_deciding(path: str) -> None:
    kind = KINDS[path]

    async def publish(request: Request, item: str, v: Signed) -> Response:
        async with request.form() as typed:
            key = str(typed.get("_key", ""))
        try:
            await v.api.post(f"{kind.api}/{item}/publication", key=key or None)
        except Refused as refused:
            return await _version_page(request, v, path, item, refused.problem)
        return back_to(f"/{path}/{item}")

    async def begin(request: Request, item: str, v: Signed) -> Response:  # noqa: ARG001  only who is signed in
        return _form_page(request, Given(begun(request, _withdrawal(kind, item))), f"/{path}/{item}", item)

    async def withdraw(request: Request, item: str, v: Signed) -> Response:
        given = await give(request, v, _withdrawal(kind, item))
        return back_to(f"/{path}/{item}") if given.answer else _form_page(request, given, f"/{path}/{item}", item)

    router.add_api_route(f"/{path}/{{item}}/publication", publish, methods=["POST"])
    router.add_api_route(f"/{path}/{{item}}/withdrawal", begin)
    router.add_api_route(f"/{path}/{{item}}/withdrawal", withdraw, methods=["POST"])


for _path in KINDS:
    # the page of a new one comes before that of one whose version is in the address
    _add_proposing(_path)
    _add_reading(_path)
    _add_deciding(_path)
