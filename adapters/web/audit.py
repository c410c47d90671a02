"""For auditors: heads of the log, proofs checked in the page, bundles to take away, and who read what (A-1, A-4)."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.problems import ApiError
from adapters.postgres.read_audit import ReadKind
from adapters.proof.selection import Kind
from adapters.web.asking import API
from adapters.web.directory import people
from adapters.web.finding import case_id
from adapters.web.languages import with_offset
from adapters.web.navigation import N_
from adapters.web.numbers import whole
from adapters.web.pages import Page, Signed, Visitor, back_to, page

router = APIRouter(prefix="/audit", route_class=Page, include_in_schema=False)
ROWS = 100
_MONTH = re.compile(r"^(19|[2-8]\d)\d\d-(0[1-9]|1[0-2])$")
KINDS: Mapping[Kind, str] = {
    Kind.CASE: N_("A case"),
    Kind.AGENT: N_("An agent"),
    Kind.MONTH: N_("A month"),
    Kind.ALL: N_("The whole log"),
}
READS: Mapping[ReadKind, str] = {
    ReadKind.OPENED: N_("Opened personal data"),
    ReadKind.LISTED: N_("Read a list"),
    ReadKind.FOLLOWED: N_("Followed the log"),
    ReadKind.EXPORTED: N_("Exported"),
    ReadKind.DOWNLOADED: N_("Downloaded"),
    ReadKind.LOGGED_IN: N_("Signed in"),
}


@router.get("")
async def proofs(request: Request, v: Signed) -> Response:
    """The newest signed head, what can be proved with it, and what can be taken away."""
    checkpoint = (await v.api.file("/audit/checkpoint")).text
    keys = await v.api.get("/audit/keys")
    position = request.query_params.get("position", "")
    event = await _event(v, at) if (at := whole(position)) is not None else None
    origin, size, root = checkpoint.splitlines()[:3]
    head = {"origin": origin, "size": int(size), "root": root, "note": checkpoint}
    return page(
        request, "audit.html", head=head, keys=keys, position=position, event=event, kinds=KINDS, names=await people(v)
    )


async def _event(v: Visitor, position: int) -> Mapping[str, object]:
    """The event at a position, as the proof is about it. Raises ApiError 404."""
    found = await v.api.get("/audit/events", after=max(position - 1, 0), limit=1)
    for item in found["items"]:
        if item["position"] == position:
            meta = item["body"]["meta"]
            return {"position": position, "type": item["topic"], "at": meta["at"], "actor": meta["actor"]}
    raise ApiError(404, "not_found", f"no event stands at position {position}")


@router.get("/bundle")
async def bundle(request: Request, v: Signed) -> Response:
    """To a bundle's file: of a case by its number or id, an agent, a month, or everything."""
    query = request.query_params
    kind, value = query.get("kind", Kind.ALL), query.get("value", "").strip()
    return back_to(f"{API}/audit/bundle?{urlencode({kind: await _selected(v, kind, value)})}")


async def _selected(v: Visitor, kind: str, value: str) -> str:
    """What the API is asked for, looked up first: what it refuses to a download, nobody sees. Raises ApiError."""
    match kind:
        case Kind.CASE:
            return await _case_id(v, value)
        case Kind.AGENT:
            return str((await v.api.get(f"/agents/{quote(value, safe='')}"))["id"])
        case Kind.MONTH:
            if not _MONTH.match(value):
                raise ApiError(422, "invalid", "value: write the month as 2026-03")
            return value
        case Kind.ALL:
            return "true"
    raise ApiError(422, "invalid", "kind: choose a case, an agent, a month or everything")


async def _case_id(v: Visitor, text: str) -> str:
    """The id of the case with this number or id. Raises ApiError 404."""
    if found := await case_id(v, text):
        return found
    raise ApiError(404, "not_found", f"there is no case {text or '…'}: give its number or its id")


@router.get("/reads")
async def reads(request: Request, v: Signed) -> Response:
    """Who opened personal data, exported, downloaded, signed in: the latest first."""
    query = request.query_params
    asked = {name: query.get(name, "") for name in ("actor", "kind", "resource", "from", "to")}
    found = await v.api.get(
        "/audit/reads",
        **{**asked, "from": with_offset(asked["from"]), "to": with_offset(asked["to"])},
        limit=ROWS,
        after=query.get("after"),
    )
    return page(
        request,
        "reads.html",
        reads=found["items"],
        more=found["next"],
        asked=asked,
        kinds=READS,
        names=await people(v),
    )
