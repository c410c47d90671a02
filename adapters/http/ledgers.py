"""The ledgers over HTTP: lines, what persons decide on them, appeals (L-0 … L-3)."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.http import ledger_bodies as b
from adapters.http.answer_headers import UNVERSIONED
from adapters.http.conventions import AsOf, IdempotencyKey, MinPosition, as_of, command, json, listed
from adapters.http.door import Door, caller_of
from adapters.http.fields import MonthText
from adapters.http.problems import ApiError, declared
from adapters.http.strict_json import BadParameter
from adapters.lists import shown_line
from application.event_log import Done
from application.permissions import Action
from domain.ledger.decisions import NoSuchLine
from domain.ledger.lines import Kind
from domain.ledger.voucher import Status
from domain.values import Actor, AgentId, Month, Role
from projections.ledger_lists import LineFilters, LineSight

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["ledgers"])
READ = {"x-action": Action.READ_LEDGERS, UNVERSIONED: True}
DECIDE = {"x-action": Action.DECIDE_LINES, UNVERSIONED: True}
CONTEST = {"x-action": Action.APPEAL, UNVERSIONED: True}
DECIDED = declared(401, 403, 409, 413, 422, 429, 503)
OF_ONE = declared(401, 403, 404, 409, 413, 422, 429, 503)
LISTED = declared(401, 403, 422, 429, 503)
FOUND = declared(401, 403, 404, 422, 429, 503)
Entry = Annotated[str, Path(description="entry_id of a line", max_length=100)]
Appeal = Annotated[str, Path(description="id of an appeal", max_length=100)]


class LineQuery(BaseModel):
    """How a list of lines is narrowed; all that are given hold together."""

    model_config = {"extra": "forbid"}

    month: MonthText | None = Field(None, description="the posted month, or the month of the day while proposed")
    agent: str | None = Field(None, max_length=40, description="employee number")
    status: Status | None = Field(None, description="how the line stands")
    waits: bool | None = Field(None, description="true: proposed, or under appeal")
    grave: bool | None = Field(None, description="true: what opens a dismissal review (P-MEDIA)")
    at: str | None = Field(
        None,
        alias="as_of",
        max_length=40,
        description="as they stood: a position of the log, or a time of recording; with `agent` or `month`",
    )
    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")
    limit: int = Field(50, ge=1, le=500, description="how many")
    after: str | None = Field(None, max_length=300, description="`next` of the page before")


@router.get("/ledgers/bonuses", response_model=b.LineList, responses=LISTED, openapi_extra=READ, summary="Bonuses")
async def bonuses(request: Request, query: Annotated[LineQuery, Query()]) -> Response:
    """By month, agent, day and code. Agents see their own, supervisors their team's."""
    return await _lines(request, Kind.BONUS, query)


@router.get("/ledgers/penalties", response_model=b.LineList, responses=LISTED, openapi_extra=READ, summary="Penalties")
async def penalties(request: Request, query: Annotated[LineQuery, Query()]) -> Response:
    """By month, agent, day and code. Agents see their own, supervisors their team's."""
    return await _lines(request, Kind.PENALTY, query)


async def _lines(request: Request, kind: Kind, query: LineQuery) -> Response:
    then = as_of(query.at)
    if then is not None and query.agent is None and query.month is None:
        detail = "name an agent or a month as well: what stood then is made anew from the log"
        raise BadParameter("as_of", detail)
    await wait_judged(request, query.min_position)
    filters = LineFilters(
        kind=kind,
        month=Month.parse(query.month) if query.month else None,
        agent=AgentId(query.agent) if query.agent else None,
        status=query.status,
        grave=query.grave,
        waits=query.waits,
    )
    page = await request.app.state.parts.lists.lines(filters, sight(request), query.after, query.limit, then)
    return listed(request, [shown_line(row) for row in page.items], page.next)


@router.get(
    "/ledgers/entries/{entry_id}", response_model=b.LineShown, responses=FOUND, openapi_extra=READ, summary="A line"
)
async def entry(
    request: Request,
    entry_id: Entry,
    min_position: MinPosition = None,
    at: Annotated[AsOf, Query(alias="as_of")] = None,
) -> Response:
    """A line, with what became of it: as it stands, or as it stood (`as_of`)."""
    await wait_judged(request, min_position)
    lists, then = request.app.state.parts.lists, as_of(at)
    row = None if "\x00" in entry_id else await lists.line(entry_id, sight(request), then)
    if row is None:
        raise NoSuchLine("there is no such line, or it is not yours to see")
    return json(shown_line(row))


@router.post(
    "/ledgers/penalties/confirmations",
    response_model=b.EntriesAnswered,
    responses=DECIDED,
    openapi_extra=DECIDE,
    summary="Confirm proposed lines (L-0)",
)
async def confirm(request: Request, body: b.EntriesBody, idempotency_key: IdempotencyKey = None) -> Response:
    """All of them or none; a refusal names the line. Nobody confirms their own."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    return _done(await request.app.state.parts.ledgers.confirm(body.entries, caller_of(request).actor, given))


@router.post(
    "/ledgers/penalties/dismissals",
    response_model=b.EntriesAnswered,
    responses=DECIDED,
    openapi_extra=DECIDE,
    summary="Dismiss proposed lines (L-0)",
)
async def dismiss(request: Request, body: b.DismissalBody, idempotency_key: IdempotencyKey = None) -> Response:
    """All of them or none; a refusal names the line. Nobody dismisses their own."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    ledgers = request.app.state.parts.ledgers
    return _done(await ledgers.dismiss(body.entries, body.reason, caller_of(request).actor, given))


@router.post(
    "/ledgers/entries/{entry_id}/appeals",
    status_code=201,
    response_model=b.AppealAnswered,
    responses=OF_ONE,
    openapi_extra=CONTEST,
    summary="Appeal against a penalty (L-0)",
)
async def appeal(
    request: Request, entry_id: Entry, body: b.AppealBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """By the agent whose line it is, until the end of the 14th local day after its confirmation."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    done = await request.app.state.parts.ledgers.appeal(entry_id, body.reason, caller_of(request).actor, given)
    return _done(done, status=201, made=True)


@router.post(
    "/appeals/{appeal_id}/withdrawal",
    response_model=b.AppealAnswered,
    responses=OF_ONE,
    openapi_extra=CONTEST,
    summary="Withdraw an appeal (L-0)",
)
async def withdraw(request: Request, appeal_id: Appeal, idempotency_key: IdempotencyKey = None) -> Response:
    """By who made it; it does not count among the three."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    return _done(await request.app.state.parts.ledgers.withdraw_appeal(appeal_id, caller_of(request).actor, given))


@router.post(
    "/appeals/{appeal_id}/decision",
    response_model=b.AppealAnswered,
    responses=OF_ONE,
    openapi_extra=DECIDE,
    summary="Decide an appeal (L-0)",
)
async def decide(
    request: Request, appeal_id: Appeal, body: b.RulingBody, idempotency_key: IdempotencyKey = None
) -> Response:
    """By somebody other than who confirmed; upheld and partly take the line back, partly leaves a lower one."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    done = await request.app.state.parts.ledgers.decide_appeal(
        appeal_id, body.decision, body.reduced_to_fen, body.reason, caller_of(request).actor, given
    )
    return _done(done)


def _done(done: Done, *, status: int = 200, made: bool = False) -> Response:
    body: dict[str, Any] = msgspec.json.decode(done.answer)
    headers = {"Location": f"/api/v1/ledgers/entries/{body['entry_id']}"} if made else {}
    if done.repeated:
        headers["Idempotency-Replayed"] = "true"
    return json(body | {"position": done.position}, status=status, headers=headers)


# ---- what is shared with the routes of payroll ----------------------------------------------------------------------
async def wait_judged(request: Request, min_position: int | None) -> None:
    """Wait until the log up to a position is judged and can be read. Raises ApiError 503 `behind` after 5 s."""
    if min_position is not None and not await request.app.state.parts.judged(min_position):
        raise ApiError(503, "behind", f"position {min_position} has not been judged yet: ask again")


def sight(request: Request) -> LineSight | None:
    """Whose lines the caller sees (contract part 3): None for everybody's."""
    actor: Actor = caller_of(request).actor
    match actor.role:
        case Role.AGENT:
            return LineSight(actor.id, own_only=not actor.deputy, team=actor.team)
        case Role.SUPERVISOR:
            return LineSight(actor.id, team=actor.team)
        case _:
            return None
