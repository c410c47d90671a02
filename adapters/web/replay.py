"""A case replayed: what was known at any moment, what a step changed, who did it, and the proof of it (A-1, A-2)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.asking import Refused
from adapters.web.cases import numbers_in
from adapters.web.directory import named_in, people
from adapters.web.languages import with_offset
from adapters.web.numbers import whole
from adapters.web.pages import Page, Signed, Visitor, back_to, page
from adapters.web.telling import tell
from application.permissions import Action, allowed
from application.replaying import Replay, difference, leaves
from domain.case.words import Status

router = APIRouter(prefix="/replay", route_class=Page, include_in_schema=False)
ROWS, EVENTS = 50, 500
"""How many cases a list shows; how many events are asked for at a time."""
UNSAID = ("/id", "/subject", "/version", "/position", "/policy", "/customer/subject", "/last_at")
"""What stands in a case's document for programs."""
Events = Sequence[Mapping[str, Any]]


@router.get("")
async def cases(request: Request, v: Signed) -> Response:
    """The cases as they stand, or as they stood."""
    query = request.query_params
    asked = {name: query.get(name, "") for name in ("q", "status", "as_of")}
    problem: Mapping[str, Any] | None = None
    found: Mapping[str, Any] = {"items": [], "next": None}
    try:
        then = asked["as_of"] if whole(asked["as_of"]) is not None else with_offset(asked["as_of"])
        found = await v.api.get("/cases", **{**asked, "as_of": then}, limit=ROWS, after=query.get("after"))
    except Refused as refused:
        problem = refused.problem
    context = {"cases": found["items"], "more": found["next"], "asked": asked, "statuses": list(Status)}
    return page(
        request,
        "replay_cases.html",
        status=int(problem["status"]) if problem else 200,
        problem=problem,
        names=await people(v),
        **context,
    )


@router.get("/{case_id}")
async def replay(request: Request, case_id: str, v: Signed) -> Response:
    """A case at a position of the log; beside it what has changed since another one, at first the step before."""
    query = request.query_params
    reason = query.get("reason") or None
    events = await history(v, case_id, reason)
    if (asked_step := whole(query.get("step", ""))) is not None:
        step = min(max(asked_step, 1), len(events))
        kept = {name: query[name] for name in ("reason",) if query.get(name)}
        asked = request.url.replace(query="").include_query_params(at=events[step - 1]["position"], **kept)
        return back_to(f"{asked.path}?{asked.query}")
    at = place(events, query.get("at"))
    since = place(events, query["since"]) if query.get("since") else max(at - 1, 0)
    context = await _seen(v, case_id, events, (since, at), reason)
    return page(
        request, "replay.html", events=events, at=at, since=since, reason=reason, names=await people(v), **context
    )


async def history(v: Visitor, case_id: str, reason: str | None) -> Events:
    """Every event of a case, oldest first."""
    found: list[Mapping[str, Any]] = []
    after = None
    while True:
        some = await v.api.get(f"/cases/{case_id}/history", limit=EVENTS, after=after, reason=reason)
        found += some["items"]
        after = some["next"]
        if after is None:
            return found


def place(events: Events, position: str | None) -> int:
    """Which event stands last at a position; the last one of all without one."""
    last = whole(position or "")
    if last is None:
        return len(events) - 1
    upto = sum(bool(event["position"] <= last) for event in events)
    return max(upto - 1, 0)


async def _seen(
    v: Visitor, case_id: str, events: Events, between: tuple[int, int], reason: str | None
) -> Mapping[str, Any]:
    """The case at the second of two events, and what is different from the first."""
    one, other = [await _replayed(v, case_id, events[: step + 1], reason) for step in between]
    event = events[between[1]]
    current = {**event, "told": tell(event["type"], event["data"])}
    masters, numbers = await asyncio.gather(named_in(v, other.case), numbers_in(v, other.case, [current]))
    changes = difference(one, other).changes if between[0] != between[1] else []
    return {
        "case": other.case,
        "clocks": other.clocks["items"],
        "leaves": [leaf for leaf in leaves(other.case) if leaf[0] not in UNSAID],
        "changes": [change for change in changes if change.field not in UNSAID],
        "masters": masters,
        "numbers": numbers,
        "current": current,
        "provable": allowed(v.actor, Action.AUDIT),
    }


async def _replayed(v: Visitor, case_id: str, events: Events, reason: str | None) -> Replay:
    position = events[-1]["position"]
    case = await v.api.get(f"/cases/{case_id}", as_of=position, reason=reason)
    clocks = await v.api.get(f"/cases/{case_id}/clocks", as_of=position)
    return Replay(case, clocks, events)
