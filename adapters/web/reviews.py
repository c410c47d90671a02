"""Quality reviews (W-8): one's own to see and dispute, and for supervisors to score and to answer."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.directory import people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from application.forms import shipped
from application.permissions import Action, allowed

router = APIRouter(prefix="/reviews", route_class=Page, include_in_schema=False)
MOST = 50
STATES = ("scored", "disputed", "answered")
FACT = "/facts/quality-reviews"
FORM = shipped()["default-1"]
"""The form on which the console scores."""
Review = Mapping[str, Any]


@router.get("")
async def reviews(request: Request, v: Signed) -> Response:
    """The latest first: agents see those of their own work."""
    asked = request.query_params.get("status")
    state = asked if asked in STATES else None
    found = await v.api.get(FACT, status=state, limit=MOST, after=request.query_params.get("after"))
    whole = await asyncio.gather(*(v.api.get(f"{FACT}/{one['id']}") for one in found["items"]))
    return page(
        request,
        "reviews.html",
        reviews=whole,
        more=found["next"],
        state=state,
        states=STATES,
        scores=allowed(v.actor, Action.REVIEW_QUALITY),
        names=await people(v),
    )


@router.get("/new")
async def new(request: Request, v: Signed) -> Response:
    """Score a contact or a case."""
    return await _form_page(request, v, Given(begun(request, _scoring(request))))


@router.post("/new")
async def score(request: Request, v: Signed) -> Response:
    """Put the scores on record; the form gives the total."""
    given = await give(request, v, _scoring(request))
    return back_to(f"/reviews/{given.answer['id']}") if given.answer else await _form_page(request, v, given)


def _scoring(request: Request) -> Giving:
    items = [{"item": item.name} for item in FORM.items]
    asked = {name: request.query_params[name] for name in ("agent", "case") if name in request.query_params}
    return Giving(FACT, FACT, "quality-reviews", {**asked, "scores": items})


async def _form_page(request: Request, v: Visitor, given: Given) -> Response:
    names = await people(v)
    context = {"given": given, "sheet": FORM, "suggested": {"agent": "people"}, "names": names}
    return page(request, "review_new.html", status=given.status, **context)


@router.get("/{fact_id}")
async def one(request: Request, fact_id: str, v: Signed) -> Response:
    """A review, with the form for what may come next: the dispute of the agent, or the answer to it."""
    review = await v.api.get(f"{FACT}/{fact_id}")
    giving = _next(v, review)
    return await _page(request, v, review, Given(begun(request, giving)) if giving else None)


@router.post("/{fact_id}")
async def go_on(request: Request, fact_id: str, v: Signed) -> Response:
    """Dispute it, or answer the dispute."""
    review = await v.api.get(f"{FACT}/{fact_id}")
    giving = _next(v, review) or _step("dispute", review)
    given = await give(request, v, giving)
    return back_to(f"/reviews/{fact_id}") if given.answer is not None else await _page(request, v, review, given)


def _next(v: Visitor, review: Review) -> Giving | None:
    if review["status"] == "scored" and review["data"]["agent"] == v.actor.id:
        return _step("dispute", review)
    if review["status"] == "disputed" and allowed(v.actor, Action.REVIEW_QUALITY):
        return _step("answer", review)
    return None


def _step(step: str, review: Review) -> Giving:
    values = {name: review["data"][name] for name in ("scores", "failed")} if step == "answer" else None
    return Giving(f"{FACT}/{{fact_id}}/{step}", f"{FACT}/{review['id']}/{step}", step, values, review["version"])


async def _page(request: Request, v: Visitor, review: Review, given: Given | None) -> Response:
    form = shipped().get(review["data"]["form"], FORM)
    status = given.status if given else 200
    context = {"review": review, "given": given, "sheet": form, "names": await people(v)}
    return page(request, "review.html", status=status, **context)
