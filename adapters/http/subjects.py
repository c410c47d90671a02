"""What is kept on a person: erased by two people, restricted, held, exported (A-3, A-4)."""

import tempfile
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from adapters.http import subject_bodies as b
from adapters.http.audit import chunks, told
from adapters.http.conventions import (
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    command,
    etag,
    json,
    listed,
    uuid_after,
    wait_for,
)
from adapters.http.door import Caller, Door, caller_of
from adapters.http.master_commands import CHANGED
from adapters.http.no_body import NoBody
from adapters.http.noting import note_list
from adapters.http.problems import ApiError
from adapters.http.reads import MANY, ONE, After, Limit, Reason
from adapters.person_export.export import PersonExport
from adapters.person_export.page import page
from adapters.postgres.read_audit import ReadKind
from adapters.printing import Language
from application.event_log import Command, Done
from application.permissions import Action, allowed, permit_export
from application.proof.note import base64
from application.subjects import Person, Subjects
from domain.subject.events import Erased
from domain.subject.words import ErasureStatus
from domain.values import Actor
from projections.subjects import SubjectFilters

router = APIRouter(prefix="/api/v1/subjects", route_class=Door, tags=["persons"])
VIEW = "subjects_1"
READ = {"x-action": Action.READ_ERASURES}
DESTROYED = "the one key under which what was said of this person is sealed, and what they were known by"
PersonInPath = Annotated[
    str,
    Path(
        description="id of the person; of who works or worked here also the employee number",
        examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"],
    ),
]
Run = Callable[[Subjects, str, Any, Actor, Command], Awaitable[Done]]


# ---- commands -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Route:
    """One command: its path behind the person's id, its body, whose it is, and what it does."""

    path: str
    summary: str
    description: str
    body: Any
    run: Run
    action: Action = Action.RESTRICT


def _decide(subjects: Subjects, item: str, body: b.DecisionBody, who: Actor, given: Command) -> Awaitable[Done]:
    if body.decision is b.Decision.APPROVED:
        return subjects.approve(item, who, given)
    if body.reason is None:
        fault = {"pointer": "/reason", "detail": "say why it is rejected"}
        raise ApiError(422, "invalid", "/reason: say why it is rejected", errors=[fault])
    return subjects.reject(item, body.reason, who, given)


ROUTES = (
    Route(
        "erasure",
        "Ask for the erasure of what is kept on a person (A-3)",
        "Refused, with what it waits for, while a case goes on, a term of retention runs or a legal hold stands.",
        b.ErasureBody,
        lambda on, item, body, who, c: on.ask(item, body.grounds, body.reason, who, c),
        Action.ASK_FOR_ERASURE,
    ),
    Route(
        "erasure/decision",
        "Approve or reject an erasure (A-4)",
        "What stands against it is looked for again.",
        b.DecisionBody,
        _decide,
        Action.DECIDE_ERASURE,
    ),
    Route(
        "erasure/confirmation",
        "Confirm an erasure as the second person (A-4)",
        "Destroys the person's key, for good: history, lists, search and bundles show nothing of theirs any more.",
        NoBody,
        lambda on, item, _, who, c: on.confirm(item, who, c),
        Action.CONFIRM_ERASURE,
    ),
    Route(
        "restriction",
        "Let nobody read what is kept on a person (A-3)",
        "It stays, sealed; roles, lists and search show nothing of it.",
        b.RestrictionBody,
        lambda on, item, body, who, c: on.restrict(item, body.grounds, body.reason, who, c),
    ),
    Route(
        "restriction/lifting",
        "Lift a restriction",
        "Roles see again what they saw before.",
        b.WhyBody,
        lambda on, item, body, who, c: on.release(item, body.reason, who, c),
    ),
    Route(
        "hold",
        "Put a legal hold on what is kept on a person",
        "Nothing of it is erased until the hold is lifted.",
        b.WhyBody,
        lambda on, item, body, who, c: on.hold(item, body.reason, who, c),
    ),
    Route(
        "hold/lifting",
        "Lift a legal hold",
        "What stood against an erasure besides stands.",
        b.WhyBody,
        lambda on, item, body, who, c: on.lift_hold(item, body.reason, who, c),
    ),
)


def _endpoint(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        item: PersonInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
        return answer(await route.run(request.app.state.parts.subjects, item, body, caller_of(request).actor, given))

    return endpoint


for _route in ROUTES:
    router.add_api_route(
        f"/{{item}}/{_route.path}",
        _endpoint(_route, _route.body),
        methods=["POST"],
        name="subjects_" + _route.path.replace("/", "_"),
        summary=_route.summary,
        description=_route.description,
        responses=CHANGED,
        response_model=b.SubjectAnswered,
        openapi_extra={"x-action": _route.action},
    )


# ---- reads ----------------------------------------------------------------------------------------------------------
@router.get(
    "",
    response_model=b.SubjectList,
    responses=MANY,
    summary="Persons of whom something was decided",
    openapi_extra=READ,
)
async def subjects(
    request: Request,
    erasure: Annotated[ErasureStatus | None, Query(description="how far the last erasure has come")] = None,
    restricted: Annotated[bool | None, Query(description="only restricted ones, or only the others")] = None,
    held: Annotated[bool | None, Query(description="only under a legal hold, or only the others")] = None,
    min_position: MinPosition = None,
    limit: Limit = 50,
    after: After = None,
) -> Response:
    """What waits for a decision, or for a second person, and what was done."""
    await wait_for(request, min_position, VIEW)
    filters = SubjectFilters(erasure=erasure, restricted=restricted, held=held)
    found, following = await request.app.state.parts.lists.subjects(filters, uuid_after(after), limit)
    await note_list(request, "subjects", {"erasure": erasure, "restricted": restricted, "held": held}, len(found))
    return listed(request, found, following)


@router.get("/{item}", response_model=b.SubjectShown, responses=ONE, summary="How a person stands", openapi_extra=READ)
async def subject(request: Request, item: PersonInPath, min_position: MinPosition = None) -> Response:
    """Read from the log itself."""
    await wait_for(request, min_position)
    shown = await request.app.state.parts.subjects.shown(item)
    return json(shown, headers={"ETag": etag(shown.version)})


class Form(StrEnum):
    """In what form an export is made."""

    JSON = "json"
    HTML = "html"
    ZIP = "zip"


EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the document; a page to print; or a ZIP of the document, `person.json`, and the files",
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get(
    "/{item}/export",
    response_model=b.PersonExported,
    responses={**EXPORTED, **ONE},
    summary="Everything that is kept on a person (A-3)",
    openapi_extra={"x-action": Action.EXPORT_PERSON, "x-unversioned": True},
)
async def export(
    request: Request,
    item: PersonInPath,
    form: Annotated[
        Form, Query(alias="format", description="a document, a page to print, or a ZIP with the files")
    ] = Form.JSON,
    language: Annotated[Language, Query(description="of the page")] = Language.ZH,
    reason: Reason = None,
    min_position: MinPosition = None,
) -> Response:
    """Every event that holds something of the person's, and every file; that it was taken is recorded.

    Of staff it is for auditors, and for whom it is about (A-4).
    """
    await wait_for(request, min_position)
    parts, caller = request.app.state.parts, caller_of(request)
    person: Person = await parts.subjects.named(item)
    permit_export(caller.actor, person.agent)
    opens = reason is not None or allowed(caller.actor, Action.OPEN_PERSONAL_DATA)
    await parts.audit.note(caller.actor, ReadKind.EXPORTED, person.subject, reason, caller.now, person.subject)
    if form is Form.ZIP:
        return await _zipped(parts.person_export, person, caller, to_be_opened=opens)
    document = await parts.person_export.document(person, caller.now, to_be_opened=opens)
    if form is Form.HTML:
        return HTMLResponse(page(document, language))
    named = {"Content-Disposition": f'attachment; filename="redress-person-{person.subject}.json"'}
    return json(document, headers=named)


async def _zipped(export: PersonExport, person: Person, caller: Caller, *, to_be_opened: bool) -> Response:
    with ExitStack() as unsent:
        file = unsent.enter_context(tempfile.TemporaryFile())
        await export.archive(person, caller.now, file, to_be_opened=to_be_opened)
        unsent.pop_all()
    named = f'attachment; filename="redress-person-{person.subject}.zip"'
    headers = {"Content-Disposition": named, "Content-Length": str(file.tell())}
    return StreamingResponse(chunks(file), headers=headers, media_type="application/zip")


@router.get(
    "/{item}/erasure/certificate",
    response_model=b.Certificate,
    responses=ONE,
    summary="The certificate of an erasure (A-3)",
    openapi_extra={**READ, "x-unversioned": True},
)
async def certificate(request: Request, item: PersonInPath, min_position: MinPosition = None) -> Response:
    """To be checked with the keys of the log and the proof in it; the event also stands in every bundle of the log."""
    parts = request.app.state.parts
    person: Person = await parts.subjects.named(item)
    if min_position is not None and not await parts.proof.reads.reached(min_position):
        raise ApiError(503, "behind", f"position {min_position} has not been sealed yet: ask again")
    erased = await parts.histories.history(parts.subjects.stream(person))
    said = next((one for one in erased if isinstance(one.event, Erased)), None)
    if said is None:
        raise ApiError(404, "not_found", "this person has not been erased: there is no certificate")
    with told():
        proof = await parts.proof.reads.inclusion(said.position)
        [line] = await parts.proof.reads.lines(said.position - 1, 1)
    named = {"Content-Disposition": f'attachment; filename="redress-erasure-{person.subject}.json"'}
    return json(_certificate(person, line.text, proof), headers=named)


class _Line(msgspec.Struct):
    """An event as it stands in the log, its body byte for byte."""

    position: int
    stream: str
    version: int
    topic: str
    body: msgspec.Raw


def _certificate(person: Person, text: bytes, proof: Any) -> dict[str, Any]:
    parts, line = (
        {name: proof[name] for name in ("index", "size", "leaf", "hashes")},
        msgspec.json.decode(text, type=_Line),
    )
    return {
        "id": person.subject,
        "agent": person.agent,
        **msgspec.structs.asdict(line),
        "stored": base64(bytes(line.body)),
        "destroyed": DESTROYED,
        "tlog_proof": proof["tlog_proof"],
        "checkpoint": proof["checkpoint"],
        "inclusion": parts,
    }
