"""Drafts of what is being written, kept on idle and blur; and forbidden phrases, told while one writes (C-13)."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.http.app import document
from adapters.web.asking import API, Refused
from adapters.web.forms import ADD, KEY, VERSION, Field, body_of, completed
from adapters.web.giving import command_fields
from adapters.web.languages import utc_now
from adapters.web.pages import Page, Signed, Visitor, page

router = APIRouter(route_class=Page, include_in_schema=False)
NEW_CASE = "/drafts/receipt"
"""Where the draft of a new case stands."""
_OWN = frozenset({VERSION, KEY, ADD})


def place(case_id: str, command: str) -> str:
    """Where the draft of a command on a case stands."""
    return f"/cases/{case_id}/drafts/{command}"


async def draft(visitor: Visitor, at: str) -> Mapping[str, Any] | None:
    """What was typed and not sent; None where nothing was."""
    try:
        found: Mapping[str, Any] = await visitor.api.get(at)
    except Refused as refused:
        if refused.code != "not_found":
            raise
        return None
    return found


def typed_before(fields: Sequence[Field], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a form had when its draft was kept."""
    return body_of(fields, FormData([(name, value) for name, values in kept["fields"].items() for value in values]))


@router.post("/drafts/receipt")
async def keep_new_case(request: Request, v: Signed) -> Response:
    """Keep what has been typed of a new case so far."""
    return await _kept(request, v, NEW_CASE)


@router.post("/cases/{case_id}/drafts/{command}")
async def keep(request: Request, case_id: str, command: str, v: Signed) -> Response:
    """Keep what has been typed of a command on a case so far."""
    return await _kept(request, v, place(case_id, command))


async def _kept(request: Request, v: Visitor, at: str) -> Response:
    async with request.form() as typed:
        names = [name for name in typed if name not in _OWN]
        said = {name: [str(value) for value in typed.getlist(name)] for name in names}
    if any(value.strip() for values in said.values() for value in values):
        await v.api.put(at, {"fields": said})
        return page(request, "draft_kept.html", v=v, at=utc_now().isoformat())
    await v.api.delete(at)
    return page(request, "draft_kept.html", v=v, at=None)


@router.post("/drafts/receipt/removal")
async def drop_new_case(v: Signed) -> Response:
    """Begin a new case afresh."""
    await v.api.delete(NEW_CASE)
    return Response(status_code=303, headers={"Location": "/cases/new"})


@router.post("/cases/{case_id}/drafts/{command}/removal")
async def drop(case_id: str, command: str, v: Signed) -> Response:
    """Begin a form afresh."""
    await v.api.delete(place(case_id, command))
    return Response(status_code=303, headers={"Location": f"/cases/{case_id}/do/{command}"})


# ---- what goes out --------------------------------------------------------------------------------------------------
def is_outgoing(request: Request, command: str) -> bool:
    """Whether a command on a case says something to the customer."""
    operation = document(request.app)["paths"].get(f"{API}/cases/{{case_id}}/{command}", {}).get("post", {})
    return any(parameter["name"] == "check" for parameter in operation.get("parameters", ()))


@router.post("/cases/{case_id}/check/{command}")
async def check(request: Request, case_id: str, command: str, v: Signed) -> Response:
    """The forbidden phrases in what has been typed so far; what is not said yet, and needed, is taken as anything."""
    fields = command_fields(request.app, f"/cases/{{case_id}}/{command}")
    async with request.form() as typed:
        body = completed(fields, body_of(fields, typed))
    try:
        found = await v.api.post(f"/cases/{case_id}/{command}", body, check="true")
    except Refused:
        found = {"warnings": []}
    return page(request, "phrases.html", v=v, warnings=found["warnings"])
