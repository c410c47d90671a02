"""Reading cases and masters."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.http import case_answers as a
from adapters.http import master_answers as m
from adapters.http.case_commands import CASES, CaseIdInPath
from adapters.http.conventions import AsOf, MinPosition, as_of, etag, json, listed, position_after, wait_for
from adapters.http.door import Door, caller_of, case_id_of
from adapters.http.existence import customer_of
from adapters.http.fields import Time
from adapters.http.noting import note_list
from adapters.http.problems import ApiError, declared
from application.case_reads import Part
from application.permissions import Action, allowed
from domain.case import words as w
from domain.values import SubjectId

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["reads"])
Reason = Annotated[
    str | None,
    Query(
        min_length=3,
        max_length=200,
        description="why an auditor opens the personal data; recorded. Others see it by their role",
    ),
]
Limit = Annotated[int, Query(ge=1, le=500, description="how many")]
After = Annotated[str | None, Query(max_length=300, description="`next` of the page before")]
ONE = declared(401, 403, 404, 422, 429, 503)
MANY = declared(401, 403, 422, 429, 503)
READ = {"x-action": Action.READ_CASE}


# ---- one case -------------------------------------------------------------------------------------------------------
@router.get("/cases/{case_id}", response_model=a.CaseShown, responses=ONE, summary="A whole case", openapi_extra=READ)
async def case(
    request: Request,
    case_id: CaseIdInPath,
    min_position: MinPosition = None,
    at: Annotated[AsOf, Query(alias="as_of")] = None,
    reason: Reason = None,
) -> Response:
    """As it stands, or as it stood (`as_of`)."""
    del case_id  # read and checked by the door
    await wait_for(request, min_position)
    caller = caller_of(request)
    named, then = case_id_of(request), as_of(at)
    shown = await request.app.state.parts.reads.document(named, caller.actor, caller.now, then, reason)
    return json(shown, headers={"ETag": etag(shown["version"])})


class HistoryAsked(BaseModel):
    """Which part of a case's history is asked for."""

    model_config = {"extra": "forbid"}

    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")
    at: str | None = Field(
        None, alias="as_of", max_length=40, description="as it was recorded then: a position of the log, or a time"
    )
    reason: str | None = Field(
        None, min_length=3, max_length=200, description="why an auditor opens the personal data; recorded"
    )
    type: list[Annotated[str, Field(max_length=80)]] = Field([], description="only events of these topics")
    newest: bool = Field(False, description="the latest first")
    limit: int = Field(50, ge=1, le=500, description="how many")
    after: str | None = Field(None, max_length=300, description="`next` of the page before")


@router.get(
    "/cases/{case_id}/history",
    response_model=a.History,
    responses=ONE,
    summary="A case's history",
    openapi_extra=READ,
)
async def history(request: Request, case_id: CaseIdInPath, asked: Annotated[HistoryAsked, Query()]) -> Response:
    """Every event, oldest first unless asked otherwise, read from the log itself."""
    del case_id  # read and checked by the door
    await wait_for(request, asked.min_position)
    caller, named = caller_of(request), case_id_of(request)
    after = position_after(asked.after)
    part = Part(after, frozenset(asked.type), asked.limit + 1, asked.newest)
    items = await request.app.state.parts.reads.history(
        named, caller.actor, caller.now, as_of(asked.at), asked.reason, part
    )
    following = str(items[asked.limit - 1]["position"]) if asked.limit < len(items) else None
    return listed(request, items[: asked.limit], following)


def _events(request: Request, items: Any, limit: int, after: str | None) -> Response:
    """A page of a history, in the order of positions."""
    behind = position_after(after) or 0
    rest = [item for item in items if item["position"] > behind]
    return listed(request, rest[:limit], str(rest[limit - 1]["position"]) if limit < len(rest) else None)


@router.get(
    "/cases/{case_id}/next-steps",
    response_model=a.NextSteps,
    responses=ONE,
    summary="What you may do next",
    openapi_extra=READ,
)
async def next_steps(request: Request, case_id: CaseIdInPath, min_position: MinPosition = None) -> Response:
    """Every command with whether you may give it now: state, rules and your role together."""
    del case_id  # read and checked by the door
    await wait_for(request, min_position)
    caller, named = caller_of(request), case_id_of(request)
    steps = await request.app.state.parts.reads.next_steps(named, caller.actor, caller.now)
    items = [msgspec.to_builtins(step) | {"href": href_of(named, step.command)} for step in steps]
    return json({"items": items, "reminder": await request.app.state.parts.shift_work.reminder_of(caller.actor)})


def href_of(case_id: str, command: str) -> str:
    """Where a command on a case is given."""
    if command == "escalation-answers":
        return f"{CASES}/{case_id}/escalations/{{number}}/answer"
    return f"{CASES}/{case_id}/{command}"


# ---- lists ----------------------------------------------------------------------------------------------------------
class Narrowing(BaseModel):
    """How a list of cases is narrowed; all that are given hold together."""

    model_config = {"extra": "forbid"}

    status: list[w.Status] = Field([], description="any of these")
    owner: str | None = Field(None, max_length=40, description="employee number of the owner")
    handler: str | None = Field(None, max_length=40, description="employee number of the handler")
    team: str | None = Field(None, max_length=40, description="the handler's team")
    customer_class: w.CustomerClass | None = Field(None, alias="class", description="class of the customer")
    severity: w.Severity | None = Field(None, description="severity of the analysis")
    type: w.ComplaintType | None = Field(None, description="what it is about")
    channel: w.Channel | None = Field(None, description="where it came in")
    merchant: str | None = Field(None, max_length=100, description="id of the merchant")
    customer: str | None = Field(None, max_length=40, description="id of the person, `customer.subject` of a case")
    overdue: bool | None = Field(None, description="a clock has run out, or a grant is due, and is not done")
    on_site: bool | None = Field(None, description="the guest was still at the table (C-17)")
    escalated: bool | None = Field(None, description="an escalation awaits its answer (C-6)")
    due_before: Time | None = Field(None, description="something falls due before then")
    received_from: Time | None = Field(None, description="received then or later")
    received_to: Time | None = Field(None, description="received before then")
    q: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="words in names, narratives, places and demands; case numbers and ids; ends of telephone numbers",
    )


class CaseFilters(Narrowing):
    """What is asked of the list of cases: how it is narrowed, as of when, and which page."""

    at: str | None = Field(
        None,
        alias="as_of",
        max_length=40,
        description="as they stood: a position of the log, or a time of recording",
    )
    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")
    limit: int = Field(50, ge=1, le=500, description="how many")
    after: str | None = Field(None, max_length=300, description="`next` of the page before")


@router.get("/cases", response_model=a.CaseList, responses=MANY, summary="Cases", openapi_extra=READ)
async def cases(request: Request, filters: Annotated[CaseFilters, Query()]) -> Response:
    """Open on-site cases first (C-17), then the newest."""
    await wait_for(request, filters.min_position, "case_inbox_2")
    await wait_for(request, filters.min_position, "clocks_2")
    caller = caller_of(request)
    items, following = await request.app.state.parts.lists.cases(
        actor=caller.actor,
        now=caller.now,
        opened=allowed(caller.actor, Action.OPEN_PERSONAL_DATA),
        then=as_of(filters.at),
        filters=filters.model_dump(exclude={"at", "min_position"}),
    )
    await note_list(request, "cases", filters.model_dump(mode="json"), len(items))
    return listed(request, items, following)


MASTERS = {"x-action": Action.READ_MASTERS}


def _add_master_reads(kind: str, one_kind: type[BaseModel], many_kind: type[BaseModel]) -> None:
    async def many(
        request: Request, min_position: MinPosition = None, limit: Limit = 50, after: After = None
    ) -> Response:
        await wait_for(request, min_position, "directory_1")
        return listed(request, *await request.app.state.parts.lists.masters(kind, after, limit))

    async def one(
        request: Request,
        item: Annotated[str, Path(description="its id", examples=["a1001"])],
        min_position: MinPosition = None,
    ) -> Response:
        await wait_for(request, min_position, "directory_1")
        found = None if "\x00" in item else await request.app.state.parts.lists.master(kind, item)
        if found is None:
            raise ApiError(404, "not_found", f"there is no such {kind[:-1]}")
        return json(found, headers={"ETag": etag(found["version"])})

    router.add_api_route(
        f"/{kind}",
        many,
        name=kind,
        summary=f"All {kind}",
        response_model=many_kind,
        responses=MANY,
        openapi_extra=MASTERS,
    )
    router.add_api_route(
        f"/{kind}/{{item}}",
        one,
        name=kind[:-1],
        summary=f"One of the {kind}",
        response_model=one_kind,
        responses=ONE,
        openapi_extra=MASTERS,
    )


for _kind, _shown in m.SHOWN.items():
    _add_master_reads(_kind, *_shown)


CustomerInPath = Annotated[str, Path(description="id of the person", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])]


# ---- customers ------------------------------------------------------------------------------------------------------
@router.get(
    "/customers/{item}", response_model=m.CustomerShown, responses=ONE, summary="A customer's class", openapi_extra=READ
)
async def customer(
    request: Request,
    item: CustomerInPath,
    min_position: MinPosition = None,
) -> Response:
    """Class and do-not-text mark, read from the log itself."""
    await wait_for(request, min_position)
    shown = await request.app.state.parts.masters.customer(SubjectId(str(customer_of(item))))
    return json(shown, headers={"ETag": etag(shown.version)})


@router.get(
    "/customers/{item}/history",
    response_model=a.History,
    responses=ONE,
    summary="How a customer's class came about (C-9)",
    openapi_extra=READ,
)
async def evaluations(
    request: Request,
    item: CustomerInPath,
    min_position: MinPosition = None,
    reason: Reason = None,
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """Every evaluation with its grounds, and every change of the do-not-text mark, oldest first."""
    await wait_for(request, min_position)
    caller, subject, parts = caller_of(request), SubjectId(str(customer_of(item))), request.app.state.parts
    await parts.masters.customer(subject)
    return _events(request, await parts.reads.evaluations(subject, caller.actor, caller.now, reason), limit, after)
