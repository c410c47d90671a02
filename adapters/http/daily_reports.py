"""Daily reports over the API: made, passed on, ticked off, read (S-4)."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import IdempotencyKey, IfMatch, MinPosition, answer, command, etag, json, wait_for
from adapters.http.door import Door, caller_of
from adapters.http.existence import day_of
from adapters.http.fields import Body, Day, Id, NumberInPath, Text
from adapters.http.master_commands import CHANGED, NEW
from adapters.http.no_body import NoBody
from adapters.http.noting import note_list
from adapters.http.reads import ONE
from application.daily_reports import DailyReports, ReportShown
from application.permissions import Action, allowed
from domain.report.words import ItemKind
from domain.shift.words import StepKind
from domain.values import AgentId

REPORTS = "/api/v1/daily-reports"
router = APIRouter(prefix=REPORTS, route_class=Door, tags=["daily reports"])
REPORT = {"x-action": Action.REPORT_DAYS}
DayInPath = Annotated[str, Path(description="the local day", examples=["2026-03-05"])]
ItemInPath = Annotated[NumberInPath, Path(description="number of the item, from 1", ge=1, le=1_000_000)]
Free = Annotated[list[Text], Field(max_length=100)]


class ReportBody(Body):
    """S-4: the report of a day is made."""

    date: Day = Field(description="the local day", examples=["2026-03-05"])
    words: Free = Field([], description="items in free words, beside those that are found")


class PassingBody(Body):
    """S-4: an item goes to whom it concerns."""

    to: Id = Field(description="employee number")


class ReportAnswered(Answer):
    """What a command on a report answers."""

    id: str = Field(description="its day")
    version: int = Field(description="number of events, as in the ETag")
    position: int = Field(description="position of the log that holds this, for `min_position`")


class _Shown(Answer, extra="forbid"):
    """Nothing stands in it that is not declared."""


class OrdersShown(_Shown):
    """The service orders entered on the day (W-1)."""

    orders: int = Field(description="orders")
    tables: int = Field(description="tables")
    reported_back: int = Field(description="reported back to the guest")
    cancelled: int = Field(description="cancelled")
    seated: int = Field(description="the guest was seated")
    new_members: int = Field(description="by new members")
    existing_members: int = Field(description="by existing members")


class DigestShown(_Shown):
    """The six figures that go out."""

    orders: int = Field(description="orders")
    tables: int = Field(description="tables")
    dined: int = Field(description="orders whose guests dined")
    cancelled: int = Field(description="cancelled")
    new_members: int = Field(description="by new members")
    existing_members: int = Field(description="by existing members")


class ItemShown(_Shown):
    """Something that the next day must see to."""

    number: int = Field(description="from 1")
    kind: ItemKind = Field(description="what it is about")
    ref: str | None = Field(description="number of the case, id of the fact, or the test that is missing")
    words: str | None = Field(description="free words; `***` where masked")
    to: str | None = Field(description="employee number of whom it was passed to last")
    done: bool = Field(description="ticked off")


class DailyReportShown(_Shown):
    """The report of a day."""

    date: Day = Field(description="the local day")
    version: int = Field(description="number of events, as in the ETag; 0 before it is made")
    made_by: str | None = Field(description="employee number; null: not made yet, this is what it would say now")
    made_at: datetime | None = Field(description="when")
    upto: int = Field(description="position of the log up to which it tells")
    head: str | None = Field(
        description="the newest signed head of the log, to be held elsewhere (A-1), once it covers `upto`"
    )
    digest: DigestShown = Field(description="the six figures that go out")
    orders: OrdersShown = Field(description="service orders")
    cases: dict[StepKind, int] = Field(description="what happened to cases on the day")
    open_cases: int = Field(description="cases open when it was made")
    items: list[ItemShown] = Field(description="what the next day must see to")
    sent: bool = Field(description="the digest went out by mail")


def _reports(request: Request) -> DailyReports:
    reports: DailyReports = request.app.state.parts.shift_work.reports
    return reports


@router.post(
    "",
    status_code=201,
    responses=NEW,
    response_model=ReportAnswered,
    summary="Make the report of a day (S-4)",
    openapi_extra=REPORT,
)
async def make(request: Request, body: ReportBody, idempotency_key: IdempotencyKey = None) -> Response:
    """By the late shift of that day, or a supervisor; once."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    done = await _reports(request).make(body.date, body.words, caller_of(request).actor, given)
    return answer(done, status=201, location=f"{REPORTS}/")


@router.post(
    "/{day}/items/{item_number}/passing",
    responses=CHANGED,
    response_model=ReportAnswered,
    summary="Pass an item on (S-4)",
    openapi_extra=REPORT,
)
async def pass_on(
    request: Request,
    day: DayInPath,
    item_number: ItemInPath,
    body: PassingBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """To whom it concerns; the last one has it."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    actor = caller_of(request).actor
    return answer(await _reports(request).pass_on(day_of(day), item_number, AgentId(body.to), actor, given))


@router.post(
    "/{day}/items/{item_number}/tick",
    responses=CHANGED,
    response_model=ReportAnswered,
    summary="Tick an item off (S-4)",
    openapi_extra=REPORT,
)
async def tick_off(
    request: Request,
    day: DayInPath,
    item_number: ItemInPath,
    body: NoBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """It is seen to."""
    del body
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    return answer(await _reports(request).tick_off(day_of(day), item_number, caller_of(request).actor, given))


@router.get(
    "/{day}",
    response_model=DailyReportShown,
    responses=ONE,
    summary="The report of a day (S-4)",
    openapi_extra={"x-action": Action.READ_HANDOVERS},
)
async def report(request: Request, day: DayInPath, min_position: MinPosition = None) -> Response:
    """As it was made; before that, what it would say now."""
    await wait_for(request, min_position)
    caller = caller_of(request)
    opens = allowed(caller.actor, Action.OPEN_PERSONAL_DATA)
    shown = await _reports(request).shown(day_of(day), caller.now, opens=opens)
    await note_list(request, f"daily-reports/{day}", {}, len(shown.items))
    head = await request.app.state.parts.proof.reads.head_over(shown.upto)
    return json(plain_report(shown) | {"head": head}, headers={"ETag": etag(shown.version)})


def plain_report(shown: ReportShown) -> dict[str, Any]:
    """A report in plain JSON types."""
    plain: dict[str, Any] = msgspec.to_builtins(shown)
    plain["cases"] = {figure.kind: figure.count for figure in shown.cases}
    return plain | {"digest": shown.orders.digest}
