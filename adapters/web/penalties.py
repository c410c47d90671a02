"""Penalties that count only once a supervisor stands for them: many at once, all of them or none (L-0)."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.http.problems import ApiError
from adapters.web.asking import Refused
from adapters.web.directory import merchants, people
from adapters.web.forms import KEY, new_key
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from domain.ledger.voucher import Status

router = APIRouter(route_class=Page, include_in_schema=False)
MOST = 200
"""How many lines a page shows; the API decides on at most 500 at once."""
PATHS = {"confirm": "/ledgers/penalties/confirmations", "dismiss": "/ledgers/penalties/dismissals"}
Line = Mapping[str, Any]


@router.get("/penalties")
async def penalties(request: Request, v: Signed) -> Response:
    """The lines that wait to be confirmed or dismissed."""
    return await _page(request, v)


@router.post("/penalties")
async def decide(request: Request, v: Signed) -> Response:
    """Confirm or dismiss those that are ticked; of a refusal the line that it names is marked."""
    async with request.form() as typed:
        ticked = [str(entry) for entry in typed.getlist("entry")]
        deed, reason, key = (str(typed.get(name, "")) for name in ("do", "reason", KEY))
    if deed not in PATHS:
        raise ApiError(422, "invalid", "do: confirm or dismiss")
    body: dict[str, Any] = {"entries": ticked}
    if deed == "dismiss":
        body["reason"] = reason.strip()
    try:
        await v.api.post(PATHS[deed], body, key=key or None)
    except Refused as refused:
        return await _page(request, v, ticked, reason, refused)
    return back_to(f"/penalties?done={len(ticked)}&deed={deed}")


async def _page(
    request: Request, v: Visitor, ticked: Sequence[str] = (), reason: str = "", refused: Refused | None = None
) -> Response:
    asked = {name: request.query_params.get(name) for name in ("agent", "month", "after")}
    found = await v.api.get("/ledgers/penalties", status=Status.PROPOSED, limit=MOST, **asked)
    named = _named(refused, ticked)
    return page(
        request,
        "penalties.html",
        status=refused.status if refused else 200,
        problem=refused.problem if refused else None,
        lines=await _with_named(v, found["items"], named),
        more=found["next"],
        asked=asked,
        ticked=ticked,
        named=named,
        reason=reason,
        key=new_key(),
        names=await people(v),
        masters={"merchant": await merchants(v)},
    )


def _named(refused: Refused | None, ticked: Sequence[str]) -> str | None:
    """The line that a refusal names."""
    said = str(refused.problem.get("detail", "")) if refused else ""
    return next((entry for entry in ticked if entry in said), None)


async def _with_named(v: Visitor, lines: Sequence[Line], named: str | None) -> Sequence[Line]:
    """The named line stands there too where somebody else has decided on it meanwhile."""
    if named is None or any(line["entry_id"] == named for line in lines):
        return lines
    try:
        return [await v.api.get(f"/ledgers/entries/{named}"), *lines]
    except Refused:
        return lines


# ---- P-MEDIA --------------------------------------------------------------------------------------------------------
@router.get("/dismissal-reviews")
async def dismissal_reviews(request: Request, v: Signed) -> Response:
    """The grave exposures in press or media, each of which opens a dismissal review."""
    after = request.query_params.get("after")
    found = await v.api.get("/ledgers/penalties", grave=True, limit=MOST, after=after)
    return page(request, "dismissal_reviews.html", lines=found["items"], more=found["next"], names=await people(v))
