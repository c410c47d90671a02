"""The page of a case: its history as the heart, its clocks, and what may be done next."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from adapters.web.directory import departments, merchants, named_in, people
from adapters.web.drafts import NEW_CASE, draft, is_outgoing, place, typed_before
from adapters.web.evidence import KINDS
from adapters.web.forms import Field, Form, new_key
from adapters.web.giving import Given, Giving, Values, begun, command_fields, give
from adapters.web.inbox import OPEN, listed
from adapters.web.live import present
from adapters.web.pages import CaseInPath, Page, Signed, Visitor, back_to, page
from adapters.web.telling import cases_told
from adapters.web.timeline import CHIPS, asked, events_of, newest, told
from adapters.web.timeline import since as from_then
from domain.case.words import Courtesy, Verdict

router = APIRouter(route_class=Page, include_in_schema=False)
_OTHERS = 6
_NUMBER_LEAST = 4
_FIRST = ("customer", "narrative", "demands", "channel", "on_site", "merchant", "place")
"""What is asked first of a new case: who, what, what they want."""
_BEGUN = {"channel": "hotline"}
_SUGGESTED = {"agent": "people", "into": "cases", "case": "cases", "to": "places"}
"""By field, the list of what may be meant."""


async def _case(
    request: Request, visitor: Visitor, case_id: str, show: str = "", before: str | None = None
) -> dict[str, Any]:
    """What every page of a case shows, with the newest of its history, or what was before a position."""
    found, names, others = await asyncio.gather(
        visitor.api.get(f"/cases/{case_id}/overview", **asked(show, before)),
        people(visitor),
        present(request, visitor, case_id),
    )
    events = events_of(found["history"], show)
    beside, numbers, masters = await asyncio.gather(
        _others(visitor, found["case"]),
        numbers_in(visitor, found["case"], events.items),
        named_in(visitor, found["case"]),
    )
    return {
        "case": found["case"],
        "steps": found["next_steps"],
        "next_action": found["next_action"],
        "reminder": found["reminder"],
        "clocks": found["clocks"],
        "events": events,
        "names": names,
        "present": others,
        "others": beside,
        "numbers": numbers,
        "masters": masters,
        "courtesies": list(Courtesy),
        "evidence_kinds": KINDS,
    }


async def _others(visitor: Visitor, case: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Other open cases of the same customer: this one may be a duplicate."""
    found = await visitor.api.get("/cases", customer=case["customer"]["subject"], status=OPEN, limit=_OTHERS)
    return [item for item in found["items"] if item["id"] != case["id"]]


async def numbers_in(visitor: Visitor, case: Mapping[str, Any], events: Sequence[Values] = ()) -> Mapping[str, str]:
    """The numbers of the cases that a case names, or its events as they are told, of those that the visitor may read.

    An event also names what the case as it stands does not any more: where it was merged into for a while.
    """
    first = (case["second_stage"] or {}).get("of")
    named = {link["case"] for link in case["links"]} | ({case["merged_into"], case["review"], first} - {None})
    named |= {one for event in events for one in cases_told(event["told"])}
    asked = (visitor.api.get(f"/cases/{one}") for one in named)
    found = await asyncio.gather(*asked, return_exceptions=True)
    return {one["id"]: one["number"] for one in found if not isinstance(one, BaseException)}


@router.get("/cases/new")
async def new_case(request: Request, v: Signed) -> Response:
    """A complaint that comes in."""
    kept = await draft(v, NEW_CASE)
    values = typed_before(command_fields(request.app, NEW.route), kept) if kept else _BEGUN
    return await _new_case_page(request, v, begun(request, replace(NEW, values=values)), kept=kept)


@router.post("/cases/new")
async def receive(request: Request, v: Signed) -> Response:
    """Put it on record."""
    given = await give(request, v, NEW)
    if given.answer is None:
        return await _new_case_page(request, v, given.form, status=given.status)
    await v.api.delete(NEW_CASE)
    return back_to(f"/cases/{given.answer['id']}")


@router.post("/cases/new/known")
async def known(request: Request, v: Signed) -> Response:
    """Whether the customer is known by card or telephone: their class, and their open cases."""
    async with request.form() as typed:
        numbers = [str(typed.get(f"customer.{name}", "")).strip() for name in ("card_no", "phone")]
    found = [item for number in numbers if len(number) >= _NUMBER_LEAST for item in await _cases_of(v, number)]
    if not found:
        return page(request, "known.html", v=v, customer=None)
    about = await v.api.get(f"/cases/{found[0]['id']}")
    customer = about["customer"]
    shown = await v.api.get(f"/customers/{customer['subject']}")
    cases = await v.api.get("/cases", customer=customer["subject"], status=OPEN, limit=_OTHERS)
    grade = shown["customer_class"] or customer["customer_class"]
    return page(request, "known.html", v=v, customer=customer, cases=cases["items"], **{"class": grade})


async def _cases_of(visitor: Visitor, number: str) -> Sequence[Mapping[str, Any]]:
    """The latest case whose customer has just this number."""
    found = await visitor.api.get("/cases", q=number, limit=_OTHERS)
    return [item for item in found["items"] if number in (item["customer"]["phone"], item["customer"]["card_no"])][:1]


async def _new_case_page(request: Request, v: Visitor, form: Form, **more: Any) -> Response:
    first, rest = _split(form.fields)
    usual = {"suggested": {"merchant": "merchants"}, "merchants": await merchants(v), "kept": None, "drafts": NEW_CASE}
    return page(request, "new_case.html", v=v, form=form, **{**usual, "first": first, "rest": rest, **more})


def _split(fields: Sequence[Field]) -> tuple[list[Field], list[Field]]:
    """The fields of every complaint in the order in which it is told, and those of some."""
    by_name = {field.name: field for field in fields}
    first = [by_name[name] for name in _FIRST if name in by_name]
    return first, [field for field in fields if field.name not in _FIRST]


@router.get("/cases/{case_id}")
async def case(
    request: Request, case_id: CaseInPath, v: Signed, show: str = "", before: Annotated[str | None, Query()] = None
) -> Response:
    """A whole case, with the newest of its history or what was before a position."""
    whole, beside, kept = await asyncio.gather(
        _case(request, v, case_id, show, before),
        listed(request, v),
        draft(v, place(case_id, "notes")),
    )
    note = "".join(kept["fields"].get("text", ())) if kept else ""
    return page(request, "case.html", v=v, **whole, chips=CHIPS, note=note, key=new_key(), **beside)


@router.get("/cases/{case_id}/timeline")
async def earlier(
    request: Request, case_id: CaseInPath, v: Signed, show: str = "", before: str | None = None
) -> Response:
    """What was before a position, to be put under what is shown."""
    events, names, found = await asyncio.gather(
        newest(v, case_id, show, before), people(v), v.api.get(f"/cases/{case_id}")
    )
    masters, numbers = await asyncio.gather(named_in(v, found), numbers_in(v, found, events.items))
    context = {"case": found, "events": events, "names": names, "masters": masters, "numbers": numbers}
    return page(request, "timeline_more.html", v=v, **context)


@router.get("/cases/{case_id}/now")
async def now(
    request: Request, case_id: CaseInPath, v: Signed, show: str = "", since: int = 0, version: int = 0
) -> Response:
    """The parts of an open page that change with its case.

    since: the oldest event it shows; 0: it shows a form, which was made for `version`.
    """
    whole = await _case(request, v, case_id)
    whole["events"] = await from_then(v, case_id, show, since) if since else []
    if since:
        whole["numbers"] = await numbers_in(v, whole["case"], whole["events"])
    return page(request, "case_now.html", v=v, **whole, since=since, version=version)


@router.get("/cases/{case_id}/do/{command}")
async def step(request: Request, case_id: CaseInPath, command: str, v: Signed) -> Response:
    """The form of a command."""
    whole = await _case(request, v, case_id)
    kept = await draft(v, place(case_id, command))
    fields, version = command_fields(request.app, _step(case_id, command).route), whole["case"]["version"]
    values = typed_before(fields, kept) if kept else _begun(command, whole["case"], request.query_params)
    form = begun(request, _step(case_id, command, values, version))
    return await _step_page(request, v, whole, form, kept=kept)


@router.post("/cases/{case_id}/do/{command}")
async def take_step(request: Request, case_id: CaseInPath, command: str, v: Signed) -> Response:
    """Give the command; what is refused is shown with what was typed."""
    given = await give(request, v, _step(case_id, command))
    if given.answer is None:
        return await _again_page(request, v, case_id, given)
    await v.api.delete(place(case_id, command))
    return back_to(f"/cases/{given.answer['id']}")


async def _step_page(request: Request, v: Visitor, whole: dict[str, Any], form: Form, **more: Any) -> Response:
    case_id, command = whole["case"]["id"], form.command
    offered = {
        "drafts": place(case_id, command),
        "checked": f"/cases/{case_id}/check/{command}" if is_outgoing(request, command) else "",
        "kept": None,
    }
    places = await departments(v) if command == "escalations" else {}
    usual: dict[str, Any] = {"status": 200, "problem": None, "changed": [], "form": form, **offered}
    usual |= {"suggested": _SUGGESTED, "places": places}
    context = {**usual, **whole, **more}
    return page(request, "step.html", v=v, **context, **await listed(request, v))


async def _again_page(request: Request, v: Visitor, case_id: str, given: Given) -> Response:
    """What was typed stays; of a stale form, what has happened since is shown, and it can be sent again."""
    whole, form, changed = await _case(request, v, case_id), given.form, list[Any]()
    if form.overtaken is not None:
        history = await v.api.get(f"/cases/{case_id}/history", limit=500)
        changed = [told(item) for item in history["items"] if item["version"] > form.overtaken]
        whole["numbers"] = await numbers_in(v, whole["case"], changed)
        form = replace(form, version=whole["case"]["version"])  # as the page shows it
    return await _step_page(request, v, whole, form, problem=given.problem, changed=changed, status=given.status)


# ---- forms ----------------------------------------------------------------------------------------------------------
NEW = Giving("/cases", "/cases", "cases")


def _step(case_id: str, command: str, values: Values | None = None, version: int | None = None) -> Giving:
    return Giving(f"/cases/{{case_id}}/{command}", f"/cases/{case_id}/{command}", command, values, version)


def _begun(command: str, case: Mapping[str, Any], asked: Mapping[str, str]) -> Mapping[str, Any]:
    """What a form has in it at first: every demand where each must be answered, that of the address where it is one."""
    if command == "resolution":
        return {**_chosen(case), "answers": [{"demand": demand["number"]} for demand in case["demands"]]}
    if command == "fulfilments":
        granted = [demand["number"] for demand in case["demands"] if str(demand["number"]) == asked.get("demand")]
        return {"demand": granted[0]} if granted else {}
    return {}


def _chosen(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """The solution that was passed (C-16), or the only one that was proposed, as a resolution says it."""
    options, review = (case.get("proposal") or {}).get("options", []), case.get("answer_review") or {}
    if review.get("verdict") == Verdict.PASSED:
        number = review["option"]
    elif len(options) == 1 and not review:
        number = 1
    else:
        return {}
    option = options[number - 1]
    return {"option": number, "solution": option["text"]} | {name: option[name] for name in ("cost_fen", "policy_ref")}
