"""Evidence on a case's page: a file is kept, then named in the history; and shown again."""

from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from adapters.files import FILE_MOST
from adapters.http.problems import ApiError
from adapters.web.pages import Page, Signed, back_to

router = APIRouter(route_class=Page, include_in_schema=False)
KINDS = ("photo", "recording", "bill", "document", "chat")
"""What the console offers as kinds of evidence; programs may name others."""
_AROUND = 1 << 16
"""What a form may have beside its file."""


@router.post("/cases/{case_id}/files")
async def attach(request: Request, case_id: str, v: Signed) -> Response:
    """Keep a file and put it on record as evidence."""
    announced = request.headers.get("content-length", "")
    if not announced.isdecimal() or int(announced) > FILE_MOST + _AROUND:
        raise ApiError(413, "too_large", f"the file has more than {FILE_MOST >> 20} MB: send a smaller one")
    async with request.form(max_files=1, max_fields=10) as typed:
        file = typed.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        kind, note = str(typed.get("kind", "")).strip(), str(typed.get("note", "")).strip()
    stored = await v.api.put_file(f"/cases/{case_id}/files/{uuid4()}", content)
    body = {"kind": kind, "ref": stored["ref"]} | ({"note": note} if note else {})
    await v.api.post(f"/cases/{case_id}/evidence", body)
    return back_to(f"/cases/{case_id}")


@router.get("/cases/{case_id}/files/{file}")
async def shown(case_id: str, file: UUID, v: Signed, reason: str = "") -> Response:
    """A file as it was handed in; that it was looked at is recorded."""
    answer = await v.api.file(f"/cases/{case_id}/files/{file}", reason=reason)
    kept = ("cache-control", "content-type", "content-disposition", "content-security-policy", "x-content-type-options")
    return Response(answer.content, headers={name: answer.headers[name] for name in kept})
