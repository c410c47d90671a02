"""What callers keep at their desks, each for themselves: views of the inbox, and drafts of what they write."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from adapters.desk import Desk, View
from adapters.http.answers import Answer
from adapters.http.case_commands import CaseIdInPath
from adapters.http.conventions import MinPosition, json, wait_for
from adapters.http.door import Door, caller_of, case_id_of
from adapters.http.fields import Body, Line
from adapters.http.problems import ApiError, declared
from adapters.http.reads import Narrowing
from application.permissions import Action, allowed
from domain.kernel import Unknown
from domain.values import CaseId

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["desk"])
OWN = {"x-action": Action.KEEP_DESK}
KEPT = declared(401, 403, 404, 409, 413, 422, 429, 503)
COUNTED_MOST = 1000
"""How far a view's cases are counted."""
VIEWS_MOST = 30
"""Views of one person."""
FIELDS_MOST, VALUES_MOST = 500, 500
ViewInPath = Annotated[UUID, Path(description="id of the view, made by the caller")]
FormInPath = Annotated[str, Path(pattern="^[a-z-]{1,40}$", description="name of the form", examples=["clarification"])]


class ViewBody(Body):
    """A view to keep."""

    name: Line = Field(description="what it is called", examples=["本周商场"])
    filters: Narrowing = Field(description="as the parameters of `GET /cases`")


class ViewShown(Answer):
    """A view of one's own."""

    id: UUID = Field(description="its id")
    name: str = Field(description="what it is called")
    filters: dict[str, Any] = Field(description="as the parameters of `GET /cases`")
    count: int = Field(description=f"how many cases it shows now; {COUNTED_MOST} stands for as many or more")


class ViewList(Answer):
    """All views of one's own."""

    items: list[ViewShown] = Field(description="in the order in which they were made")


class DraftBody(Body):
    """What has been typed so far."""

    fields: Annotated[
        dict[str, Annotated[list[Annotated[str, Field(max_length=20_000)]], Field(max_length=VALUES_MOST)]],
        Field(max_length=FIELDS_MOST),
    ] = Field(description="the form's fields by name, each with its values")


class DraftShown(Answer):
    """What was typed and not sent."""

    fields: dict[str, list[str]] = Field(description="the form's fields by name, each with its values")
    written_at: datetime = Field(description="when it was kept, UTC; it is gone after seven days")


class Done(Answer):
    """It is done."""

    done: bool = Field(description="always true")


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.parts.desk
    return desk


# ---- views ----------------------------------------------------------------------------------------------------------
@router.get(
    "/views",
    response_model=ViewList,
    responses=declared(401, 403, 422, 429, 503),
    summary="Your views of the inbox",
    openapi_extra=OWN,
)
async def views(request: Request, min_position: MinPosition = None) -> Response:
    """Each with how many cases it shows."""
    await wait_for(request, min_position, "case_inbox_2")
    kept = await _desk(request).views(caller_of(request).actor.id)
    items = [
        {"id": key, "name": view.name, "filters": view.filters, "count": await _count(request, view)}
        for key, view in kept.items()
    ]
    return json({"items": items})


async def _count(request: Request, view: View) -> int:
    caller = caller_of(request)
    counted: int = await request.app.state.parts.lists.counted(
        actor=caller.actor,
        now=caller.now,
        opened=allowed(caller.actor, Action.OPEN_PERSONAL_DATA),
        most=COUNTED_MOST,
        filters=Narrowing.model_validate(view.filters).model_dump(),
    )
    return counted


@router.put("/views/{view}", response_model=Done, responses=KEPT, summary="Keep a view", openapi_extra=OWN)
async def keep_view(request: Request, view: ViewInPath, body: ViewBody) -> Response:
    """Make it, or put another in its place."""
    filters = body.filters.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    kept = await _desk(request).views(caller_of(request).actor.id)
    if view not in kept and len(kept) >= VIEWS_MOST:
        raise ApiError(409, "too_many_views", f"there are {VIEWS_MOST} views already: remove one first")
    await _desk(request).keep_view(caller_of(request).actor.id, view, View(body.name, filters))
    return json({"done": True})


@router.delete("/views/{view}", response_model=Done, responses=KEPT, summary="Remove a view", openapi_extra=OWN)
async def drop_view(request: Request, view: ViewInPath) -> Response:
    """Also well where it is gone already."""
    await _desk(request).drop_view(caller_of(request).actor.id, view)
    return json({"done": True})


# ---- drafts ---------------------------------------------------------------------------------------------------------
async def _read(request: Request, form: str) -> Response:
    found = await _desk(request).draft(caller_of(request).actor.id, form)
    if found is None:
        raise Unknown("nothing was typed there, or it was sent, or given up")
    return json({"fields": found.fields, "written_at": found.written_at})


async def _kept(request: Request, form: str, case: CaseId | None, body: DraftBody) -> Response:
    await _desk(request).keep_draft(caller_of(request).actor.id, form, case, body.fields)
    return json({"done": True})


async def _dropped(request: Request, form: str) -> Response:
    await _desk(request).drop_draft(caller_of(request).actor.id, form)
    return json({"done": True})


async def _reachable(request: Request) -> CaseId:
    """The case in the path, which the caller may reach."""
    named = case_id_of(request)
    await request.app.state.parts.reads.reachable(named, caller_of(request).actor)
    return named


@router.get("/drafts/{form}", response_model=DraftShown, responses=KEPT, summary="A draft of yours", openapi_extra=OWN)
async def draft(request: Request, form: FormInPath, min_position: MinPosition = None) -> Response:
    """Of a form that belongs to no case."""
    await wait_for(request, min_position)
    return await _read(request, form)


@router.put("/drafts/{form}", response_model=Done, responses=KEPT, summary="Keep a draft", openapi_extra=OWN)
async def keep_draft(request: Request, form: FormInPath, body: DraftBody) -> Response:
    """Sealed to the caller, for seven days."""
    return await _kept(request, form, None, body)


@router.delete("/drafts/{form}", response_model=Done, responses=KEPT, summary="Drop a draft", openapi_extra=OWN)
async def drop_draft(request: Request, form: FormInPath) -> Response:
    """Also well where there is none."""
    return await _dropped(request, form)


@router.get(
    "/cases/{case_id}/drafts/{form}",
    response_model=DraftShown,
    responses=KEPT,
    summary="A draft of yours on a case",
    openapi_extra=OWN,
)
async def case_draft(
    request: Request, case_id: CaseIdInPath, form: FormInPath, min_position: MinPosition = None
) -> Response:
    """What was typed into a form of a case and not sent: one's own words, also when the case has been passed on."""
    del case_id  # read and checked by the door
    await wait_for(request, min_position)
    return await _read(request, f"{case_id_of(request)}/{form}")


@router.put(
    "/cases/{case_id}/drafts/{form}",
    response_model=Done,
    responses=KEPT,
    summary="Keep a draft on a case",
    openapi_extra=OWN,
)
async def keep_case_draft(request: Request, case_id: CaseIdInPath, form: FormInPath, body: DraftBody) -> Response:
    """Sealed to the customer, with whom it is erased; for seven days."""
    del case_id  # read and checked by the door
    case = await _reachable(request)
    return await _kept(request, f"{case}/{form}", case, body)


@router.delete(
    "/cases/{case_id}/drafts/{form}",
    response_model=Done,
    responses=KEPT,
    summary="Drop a draft on a case",
    openapi_extra=OWN,
)
async def drop_case_draft(request: Request, case_id: CaseIdInPath, form: FormInPath) -> Response:
    """Also well where there is none."""
    del case_id  # read and checked by the door
    return await _dropped(request, f"{case_id_of(request)}/{form}")
