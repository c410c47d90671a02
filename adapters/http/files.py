"""Evidence of a case: put there, then named by the command `evidence`; every download is recorded (A-4)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from adapters.files import ENDINGS, FILE_MOST, File, Files, sniffed
from adapters.http.answer_headers import UNVERSIONED
from adapters.http.answers import Answer
from adapters.http.case_commands import CaseIdInPath
from adapters.http.conventions import MinPosition, json, wait_for
from adapters.http.door import Door, caller_of, case_id_of
from adapters.http.problems import ApiError, declared
from adapters.http.reads import Reason
from adapters.postgres.read_audit import ReadKind
from application.permissions import Action, permit
from domain.values import CaseId, SubjectId

router = APIRouter(prefix="/api/v1/cases", route_class=Door, tags=["cases: files"])
BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
FileInPath = Annotated[UUID, Path(description="id of the file, made by the caller")]
SAFE = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
"""A file is shown as what it is, and nothing in it runs."""


class FileStored(Answer):
    """A file that is kept."""

    id: UUID = Field(description="its id")
    ref: str = Field(description="to be sent as `ref` of evidence", examples=["file:7f2c….png"])
    media_type: str = Field(description="what its first bytes say it is", examples=["image/png"])
    size: int = Field(description="bytes")


def _files(request: Request) -> Files:
    files: Files = request.app.state.parts.files
    return files


@router.put(
    "/{case_id}/files/{file}",
    response_model=FileStored,
    responses=declared(401, 403, 404, 409, 413, 422, 429, 503),
    summary="Keep a file as evidence",
    openapi_extra={"x-action": Action.WORK_ON_CASE, "requestBody": {"required": True, "content": BINARY}},
)
async def store(request: Request, case_id: CaseIdInPath, file: FileInPath) -> Response:
    """PNG, JPEG, PDF, MP3 or WAV, at most 10 MB; sealed to the customer, with whom it is erased."""
    del case_id  # read and checked by the door
    (case, _), content = await _reachable(request), await _content(request)
    kind = sniffed(content)
    if kind is None:
        detail = "send a picture (PNG, JPEG), a PDF, or a recording (MP3, WAV)"
        raise ApiError(422, "file_kind_unknown", detail, errors=[{"pointer": "", "detail": detail}])
    await _files(request).store(file, case, File(kind, content), caller_of(request).actor.id)
    shown = {"id": file, "ref": f"file:{file}.{ENDINGS[kind]}", "media_type": kind, "size": len(content)}
    return json(shown)


@router.get(
    "/{case_id}/files/{file}",
    response_class=Response,
    responses={
        **declared(401, 403, 404, 422, 429, 503),
        200: {"description": "the file as it was handed in", "content": BINARY},
    },
    summary="A file of a case",
    openapi_extra={"x-action": Action.READ_CASE, UNVERSIONED: True},
)
async def read(
    request: Request, case_id: CaseIdInPath, file: FileInPath, reason: Reason = None, min_position: MinPosition = None
) -> Response:
    """For those who may open personal data, and for who gives a reason; recorded."""
    del case_id  # read and checked by the door
    await wait_for(request, min_position)
    caller, (case, customer) = caller_of(request), await _reachable(request)
    if reason is None:
        permit(caller.actor, Action.OPEN_PERSONAL_DATA)
    found = await _files(request).read(file, case)
    audit = request.app.state.parts.audit
    await audit.note(caller.actor, ReadKind.DOWNLOADED, f"{case}/files/{file}", reason, caller.now, customer)
    name = f'inline; filename="{file}.{ENDINGS[found.media_type]}"'
    return Response(found.content, headers={**SAFE, "Content-Disposition": name}, media_type=found.media_type)


async def _reachable(request: Request) -> tuple[CaseId, SubjectId]:
    """The case and its customer. Raises NoSuchCase, NotYourTeam."""
    named = case_id_of(request)
    return named, await request.app.state.parts.reads.reachable(named, caller_of(request).actor)


async def _content(request: Request) -> bytes:
    """The body. Raises HTTPException 413 beyond FILE_MOST."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > FILE_MOST:
            raise HTTPException(413)
    return bytes(content)
