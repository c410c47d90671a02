"""What customers see without signing in: the complaint form, its receipt, and how far the complaint has come (C-1)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.auth.limiter import TooManyRequests
from adapters.http.door import check_same_origin
from adapters.http.parts import Parts
from adapters.web.asking import Refused, api_of
from adapters.web.forms import KEY, new_key
from adapters.web.pages import Page, page
from adapters.web.sign_in import address_of, our_address
from domain.case.words import Channel
from domain.values import Actor, AgentId, CaseId, Role

router = APIRouter(route_class=Page, include_in_schema=False)
FORM = Actor(AgentId("svc-web-form"), Role.AGENT)
"""Who receives what is sent by the form: nobody's team, so that every agent sees it and may take it."""
READER = Actor(FORM.id, Role.AUDITOR)
"""Who reads for the status page: as an auditor without a reason does, so that personal data stay masked."""
BODY_MOST = 200_000
"""The largest form, in bytes: all fields full of Chinese, each character of which is sent as nine."""
DEMANDS = 3
"""How many demands the form has room for."""
TRAP = "website"
"""A field that people do not see; programs that fill in everything give themselves away."""
_POINTERS = {
    "/customer/name": "name",
    "/customer/phone": "phone",
    "/customer/email": "email",
    "/customer/card_no": "card_no",
    "/narrative": "narrative",
    "/place": "place",
}
_STAGES = {
    "received": "received",
    **dict.fromkeys(("clarified", "investigated", "analysed", "proposed"), "checking"),
    **dict.fromkeys(("resolved", "called_back", "summarised"), "answered"),
    **dict.fromkeys(("closed", "merged", "withdrawn"), "closed"),
}
"""What customers are told of a status: how we work inside is none of their concern."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a form: fields that miss something, and something with the whole."""

    fields: frozenset[str] = frozenset()
    whole: str = ""
    status: int = 422


@router.get("/complain")
async def complain(request: Request) -> Response:
    """The form."""
    return _form_page(request, {KEY: new_key()})


@router.post("/complain")
async def receive(request: Request) -> Response:
    """Put the complaint on record: a number, and a link to follow it."""
    check_same_origin(request)
    typed = await _typed(request)
    if typed is None:
        return _form_page(request, {KEY: new_key()}, Faults(whole="too_large", status=413))
    if faults := _faults(typed):
        return _form_page(request, typed, faults)
    try:
        parts: Parts = request.app.state.parts
        parts.limiter.hit_complaint(address_of(request))
        made = await api_of(request, FORM).post("/cases", _body(typed), key=typed.get(KEY))
    except TooManyRequests:
        return _form_page(request, typed, Faults(whole="too_many", status=429))
    except Refused as refused:
        return _form_page(request, typed, _refused(refused.problem))
    token = await parts.complaint_links.make(CaseId(made["id"]))
    return page(
        request, "complaint_receipt.html", number=made["number"], address=our_address(request, f"/status/{token}")
    )


@router.get("/status/{token}")
async def status(request: Request, token: str) -> Response:
    """How far a complaint has come, for whoever has its link."""
    parts: Parts = request.app.state.parts
    case_id = await parts.complaint_links.case(token)
    if case_id is None:
        try:
            parts.limiter.hit_address(address_of(request))
        except TooManyRequests:
            return _unlisted(page(request, "complaint_status.html", status=429, case=None, stage=""))
        return _unlisted(page(request, "complaint_status.html", status=404, case=None, stage=""))
    case = await api_of(request, READER).get(f"/cases/{case_id}")
    return _unlisted(page(request, "complaint_status.html", case=case, stage=_STAGES.get(case["status"], "checking")))


def _unlisted(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


# ---- what was typed -------------------------------------------------------------------------------------------------
async def _typed(request: Request) -> Mapping[str, str] | None:
    """The fields, without spaces around them; None where there is more than the form can hold."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_MOST:
            return None
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=50, errors="strict")
    except ValueError:
        return {KEY: new_key()}
    return {name: value.strip() for name, value in pairs}


def _faults(typed: Mapping[str, str]) -> Faults | None:
    if typed.get(TRAP):
        return Faults(whole="trap")
    missing = {name for name in ("name", "narrative", "demand1") if not typed.get(name)}
    if not (typed.get("phone") or typed.get("email")):
        missing.add("phone")
    return Faults(frozenset(missing)) if missing else None


def _body(typed: Mapping[str, str]) -> dict[str, Any]:
    """The complaint as the API takes it; when it happened is told in words, as customers remember it."""
    customer = {name: typed[name] for name in ("name", "phone", "email", "card_no") if typed.get(name)}
    told = [typed["narrative"], *([f"【{typed['when']}】"] if typed.get("when") else [])]
    demands = [typed[f"demand{number}"] for number in range(1, DEMANDS + 1) if typed.get(f"demand{number}")]
    body = {"channel": Channel.WEB, "customer": customer, "narrative": "\n".join(told), "demands": demands}
    place = {"place": typed["place"]} if typed.get("place") else {}
    return {**body, **place, "on_site": typed.get("on_site") == "yes"}


def _refused(problem: Mapping[str, Any]) -> Faults:
    """Which fields the API finds wrong."""
    pointers = [error["pointer"] for error in problem.get("errors", ())]
    demands = [f"demand{int(pointer[-1]) + 1}" for pointer in pointers if pointer.startswith("/demands/")]
    fields = frozenset([*(_POINTERS[pointer] for pointer in pointers if pointer in _POINTERS), *demands])
    return Faults(fields, whole="" if fields else "refused", status=int(problem["status"]))


def _form_page(request: Request, typed: Mapping[str, str], faults: Faults | None = None) -> Response:
    found = faults or Faults(status=200)
    return page(
        request,
        "complain.html",
        status=found.status,
        typed=defaultdict(str, typed),
        faults=found.fields,
        whole=found.whole,
        demands=DEMANDS,
        key=typed.get(KEY) or new_key(),
        on_site=typed.get("on_site") == "yes",
    )
