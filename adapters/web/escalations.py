"""What supervisors answer: escalations that wait (C-6), and answers to review before they go out (C-16)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.directory import departments, people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.inbox import OPEN
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from domain.case.words import Severity, Status

router = APIRouter(route_class=Page, include_in_schema=False)
GATED = (Severity.MAJOR, Severity.CRITICAL)
"""Of which severity answers are reviewed by the shipped policy; a case says itself what it still needs."""
Case = Mapping[str, Any]


@router.get("/escalations")
async def escalations(request: Request, v: Signed) -> Response:
    """The escalations without an answer, who waits the shortest time first."""
    cases = await _read(v, await v.api.whole("/cases", escalated=True, status=OPEN))
    asked = [
        {"case": case, "number": number, "said": said}
        for case in cases
        for number, said in enumerate(case["escalations"], 1)
        if said.get("answer") is None
    ]
    asked.sort(key=lambda one: str(one["said"]["hear_back_by"]))
    return page(request, "escalations.html", asked=asked, names=await people(v), places=await departments(v))


@router.get("/cases/{case_id}/escalations/{number}/answer")
async def escalation(request: Request, case_id: str, number: int, v: Signed) -> Response:
    """An escalation as it was prepared, and the form for its answer."""
    case = await v.api.get(f"/cases/{case_id}")
    return await _answer_page(request, v, case, number, Given(begun(request, _answering(case_id, number, case))))


@router.post("/cases/{case_id}/escalations/{number}/answer")
async def answer(request: Request, case_id: str, number: int, v: Signed) -> Response:
    """Answer it."""
    given = await give(request, v, _answering(case_id, number))
    if given.answer is not None:
        return back_to("/escalations")
    return await _answer_page(request, v, await v.api.get(f"/cases/{case_id}"), number, given)


def _answering(case_id: str, number: int, case: Case | None = None) -> Giving:
    route = "/cases/{case_id}/escalations/{number}/answer"
    version = case["version"] if case else None
    return Giving(route, f"/cases/{case_id}/escalations/{number}/answer", "escalation-answers", version=version)


async def _answer_page(request: Request, v: Visitor, case: Case, number: int, given: Given) -> Response:
    said = case["escalations"][number - 1] if 0 < number <= len(case["escalations"]) else None
    context = {"case": case, "said": said, "given": given, "names": await people(v), "places": await departments(v)}
    return page(request, "escalation.html", status=given.status, **context)


# ---- C-16 -----------------------------------------------------------------------------------------------------------
@router.get("/answers")
async def answers(request: Request, v: Signed) -> Response:
    """The proposals that nobody has reviewed yet."""
    status = [Status.PROPOSED]
    lists = await asyncio.gather(*(v.api.whole("/cases", severity=severity, status=status) for severity in GATED))
    cases = await _read(v, [case for found in lists for case in found])
    waiting = [case for case in cases if not _reviewed(case)]
    return page(request, "answers.html", cases=waiting, names=await people(v))


def _reviewed(case: Case) -> bool:
    """Whether the proposal in force has been passed or returned."""
    review, proposal = case["answer_review"], case["proposal"]
    return bool(review and datetime.fromisoformat(review["at"]) >= datetime.fromisoformat(proposal["at"]))


@router.get("/answers/{case_id}")
async def proposal(request: Request, case_id: str, v: Signed) -> Response:
    """The options of a proposal, and the form for the verdict."""
    case = await v.api.get(f"/cases/{case_id}")
    values = {"option": 1} if case["proposal"] and len(case["proposal"]["options"]) == 1 else {}
    return await _review_page(request, v, case, Given(begun(request, _reviewing(case_id, case["version"], values))))


@router.post("/answers/{case_id}")
async def review(request: Request, case_id: str, v: Signed) -> Response:
    """Pass an option, or return it with the reason."""
    given = await give(request, v, _reviewing(case_id))
    if given.answer is not None:
        return back_to("/answers")
    return await _review_page(request, v, await v.api.get(f"/cases/{case_id}"), given)


def _reviewing(case_id: str, version: int | None = None, values: Mapping[str, Any] | None = None) -> Giving:
    route = "/cases/{case_id}/answer-reviews"
    return Giving(route, f"/cases/{case_id}/answer-reviews", "answer-reviews", values, version)


async def _review_page(request: Request, v: Visitor, case: Case, given: Given) -> Response:
    return page(request, "answer_review.html", status=given.status, case=case, given=given, names=await people(v))


# ---- what both lists need -------------------------------------------------------------------------------------------
async def _read(v: Visitor, found: Iterable[Case]) -> Sequence[Case]:
    """The cases of a list, each with all that it holds."""
    cases: Sequence[Case] = await asyncio.gather(*(v.api.get(f"/cases/{case['id']}") for case in found))
    return cases
