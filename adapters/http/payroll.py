"""Payroll over HTTP: months, statements, exports (L-4, L-5)."""

from base64 import b64encode
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from adapters.http import ledger_bodies as b
from adapters.http.answer_headers import UNVERSIONED
from adapters.http.conventions import (
    AsOf,
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    as_of,
    command,
    etag,
    json,
    listed,
)
from adapters.http.door import Door, caller_of
from adapters.http.existence import month_of
from adapters.http.fields import MonthText
from adapters.http.ledgers import sight, wait_judged
from adapters.http.no_body import NoBody
from adapters.http.problems import declared
from adapters.payroll_export.export import FORMS, Format
from adapters.payroll_export.manifest import Manifest
from adapters.postgres.read_audit import ReadKind
from application.event_log import Done
from application.permissions import Action
from domain.kernel import Unknown
from domain.values import AgentId, Month

router = APIRouter(prefix="/api/v1/payroll/months", route_class=Door, tags=["payroll"])
READ = {"x-action": Action.READ_LEDGERS}
PLAIN = {**READ, UNVERSIONED: True}
CLOSE = {"x-action": Action.CLOSE_MONTHS}
EXPORT = {"x-action": Action.EXPORT_MONTHS, UNVERSIONED: True}
CHANGED = declared(401, 403, 404, 409, 412, 413, 422, 428, 429, 503)
FOUND = declared(401, 403, 404, 422, 429, 503)
_BYTES = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file", "content": {kind.media_type: _BYTES for kind in FORMS.values()}}
}
EXPORTED = declared(401, 403, 404, 409, 422, 429, 503)
MonthInPath = Annotated[str, Path(description="the month", examples=["2026-03"], max_length=20)]
PIECE = 1 << 16
"""Bytes of an export sent at a time."""


class NoStatement(Unknown):
    """The agent has nothing in this month, or it is not the caller's to see."""


@router.get("", response_model=b.MonthList, responses=FOUND, openapi_extra=READ, summary="Payroll months")
async def months(
    request: Request,
    min_position: MinPosition = None,
    limit: Annotated[int, Query(ge=1, le=500, description="how many")] = 50,
    after: Annotated[MonthText | None, Query(description="`next` of the page before")] = None,
) -> Response:
    """The months that have lines, newest first."""
    await wait_judged(request, min_position)
    return listed(request, *await request.app.state.parts.month_reads.months(after, limit))


@router.get("/{month}", response_model=b.MonthWithStatements, responses=FOUND, openapi_extra=READ, summary="A month")
async def one_month(request: Request, month: MonthInPath, min_position: MinPosition = None) -> Response:
    """Its stage and statements; who does not see everybody's: those they see, their net, and no totals."""
    await wait_judged(request, min_position)
    shown = await request.app.state.parts.month_reads.month(month_of(month))
    seen = sight(request)
    if seen is not None:
        visible = await request.app.state.parts.lists.sees(seen, [one["agent"] for one in shown["statements"]])
        shown["statements"] = [one for one in shown["statements"] if one["agent"] in visible]
        shown |= {"net_fen": sum(one["net_fen"] for one in shown["statements"]), "totals": []}
    return json(shown, headers={"ETag": etag(shown["version"])})


@router.post(
    "/{month}/freeze",
    response_model=b.MonthAnswered,
    responses=CHANGED,
    openapi_extra=CLOSE,
    summary="Freeze a month (L-4)",
)
async def freeze(
    request: Request,
    month: MonthInPath,
    body: NoBody,  # noqa: ARG001
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """L-4: nothing posts into the month any more. Once it is over, and the month before is closed. Needs If-Match."""
    given = await command(request, match_needed=True, idempotency_key=idempotency_key, if_match=if_match)
    done = await request.app.state.parts.payroll.freeze(month_of(month), caller_of(request).actor, given)
    return await _readable(request, done)


@router.post(
    "/{month}/close",
    response_model=b.MonthAnswered,
    responses=CHANGED,
    openapi_extra=CLOSE,
    summary="Close a month (L-4)",
)
async def close(
    request: Request,
    month: MonthInPath,
    body: NoBody,  # noqa: ARG001
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """L-4: the month is paid by. By another payroll person than who froze it. Needs If-Match."""
    given = await command(request, match_needed=True, idempotency_key=idempotency_key, if_match=if_match)
    done = await request.app.state.parts.payroll.close(month_of(month), caller_of(request).actor, given)
    return await _readable(request, done)


async def _readable(request: Request, done: Done) -> Response:
    """The answer once what was decided can be read and exported, or after 5 s."""
    await request.app.state.parts.judged(done.position)
    return answer(done)


@router.get(
    "/{month}/statements/{agent}",
    response_model=b.StatementWithLines,
    responses=FOUND,
    openapi_extra=PLAIN,
    summary="A statement",
)
async def statement(
    request: Request,
    month: MonthInPath,
    agent: Annotated[str, Path(description="employee number")],
    min_position: MinPosition = None,
    at: Annotated[AsOf, Query(alias="as_of")] = None,
) -> Response:
    """An agent's month with its lines (L-5), as it stands or stood (`as_of`). Of a closed month the same for ever."""
    await wait_judged(request, min_position)
    named, seen, then = month_of(month), sight(request), as_of(at)
    parts = request.app.state.parts
    there = "\x00" not in agent
    found = await parts.month_reads.statement(named, AgentId(agent), seen, then) if there else None
    if found is None:
        raise NoStatement(
            "there is no such statement, or it is not yours to see" if seen else f"{agent} has nothing in {named}"
        )
    return json(found)


FormatAsked = Annotated[Format, Query(alias="format", description="what form")]


@router.get(
    "/{month}/export", response_class=Response, responses={**FILE, **EXPORTED}, openapi_extra=EXPORT, summary="Export"
)
async def exported(
    request: Request,
    month: MonthInPath,
    form: FormatAsked,
    draft: Annotated[bool, Query(description="true: also a month that is not closed, marked as a draft")] = False,  # noqa: FBT002
    min_position: MinPosition = None,
) -> Response:
    """The month's lines and statements as a file; its manifest goes with it, except for a draft."""
    await wait_judged(request, min_position)
    caller, named = caller_of(request), f"payroll {month_of(month)} {form}"
    file, manifest, name = await _made(request, month_of(month), form, draft=draft)
    await request.app.state.parts.audit.note(caller.actor, ReadKind.DOWNLOADED, named, None, caller.now)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if manifest:
        headers["Repr-Digest"] = _digest(manifest)
        headers["Link"] = f'<{request.url.path}/manifest?format={form}>; rel="describedby"'
    return StreamingResponse(_pieces(file), media_type=FORMS[form].media_type, headers=headers)


@router.get(
    "/{month}/export/manifest",
    response_model=b.ManifestShown,
    responses=EXPORTED,
    openapi_extra=EXPORT,
    summary="A manifest",
)
async def manifest(
    request: Request, month: MonthInPath, form: FormatAsked, min_position: MinPosition = None
) -> Response:
    """SHA-256, rows, totals, cut position and tariffs of an export of a closed month."""
    await wait_judged(request, min_position)
    file, made, _ = await _made(request, month_of(month), form, draft=False)
    file.close()
    return Response(made.text() if made else b"{}", media_type="application/json")


async def _made(request: Request, month: Month, form: Format, *, draft: bool) -> tuple[IO[bytes], Manifest | None, str]:
    reads = request.app.state.parts.month_reads
    is_draft = await reads.is_draft(month, draft=draft)
    file = TemporaryFile()  # noqa: SIM115  closed when it is sent
    try:
        return file, *await reads.exported(month, form, file, draft=is_draft)
    except BaseException:
        file.close()
        raise


def _digest(manifest: Manifest) -> str:
    """RFC 9530."""
    return f"sha-256=:{b64encode(bytes.fromhex(manifest.sha256)).decode()}:"


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
