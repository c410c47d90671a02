"""What auditors take away to check it themselves: heads, tiles, proofs, the events in order, bundles (A-1)."""

import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, aclosing, contextmanager
from functools import cache, partial
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from adapters.export import schemas as schemas_of_events
from adapters.http.answers import Answer
from adapters.http.conventions import MinPosition, json, listed, wait_for
from adapters.http.door import Door, caller_of, still
from adapters.http.fields import Id, MonthText
from adapters.http.noting import note_list
from adapters.http.problems import ApiError, declared
from adapters.http.strict_json import BadParameter
from adapters.postgres.read_audit import ReadKind
from adapters.proof.bundle import BundleRefused, NothingThere
from adapters.proof.parts import Proof
from adapters.proof.reads import Line, NotSealed
from adapters.proof.selection import ALL, Kind, Selection
from adapters.proof.signing_keys import NotSealedYet
from application.permissions import Action
from application.proof.note import BadNote
from application.proof.tiles import MissingTile, parsed

router = APIRouter(prefix="/api/v1/audit", route_class=Door, tags=["audit"])
AUDIT = {"x-action": Action.AUDIT}
CHUNK = 1 << 20
_MOST = 2**63 - 1
_LEVEL_MOST = 63
ONE = declared(401, 403, 404, 409, 422, 429, 503)
MANY = declared(401, 403, 409, 422, 429, 503)


def _of(media_type: str, schema: dict[str, Any], described: str) -> dict[int | str, dict[str, Any]]:
    """The answer of a route that is no JSON, for OpenAPI."""
    return {200: {"description": described, "content": {media_type: {"schema": schema}}}}


TEXT = _of("text/plain", {"type": "string"}, "a signed note")
TILE = _of("application/octet-stream", {"type": "string", "format": "binary"}, "32 bytes a hash")
ZIP = _of("application/zip", {"type": "string", "format": "binary"}, "a bundle; verify.py in it checks it")


EVENT_STREAM = "text/event-stream"
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "a page, or a stream", "content": {EVENT_STREAM: {"schema": {"type": "string"}}}}
}
UNBUFFERED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
RETRY_MS = 1_000
"""How long a client waits before it comes again."""
LastEventId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=_MOST, description="the last position you have; goes before `after`"),
]


class Keys(Answer):
    """The public keys of the log, as c2sp.org/signed-note writes them."""

    first: str = Field(description="the first key; its name is the log's origin")
    rotations: list[str] = Field(description="notes by which a key took over, signed by the one before and by itself")
    newest: str = Field(description="the key that signs now")


class AuditedEvent(Answer):
    """An event as it is stored; personal data in it is sealed."""

    position: int = Field(description="its place in the one order")
    stream: UUID = Field(description="the aggregate it belongs to")
    version: int = Field(description="its place in the stream, from 1")
    topic: str = Field(description="the kind of event, for ever", examples=["case.received"])
    body: dict[str, Any] = Field(description="`v`, `data` and `meta`; docs/schemas has the shape of each `data`")


class AuditedEvents(Answer):
    """Events in their order, without gaps."""

    items: list[AuditedEvent] = Field(description="this page")
    next: str | None = Field(description="`after` of the next page; null where there are no more yet")


class Inclusion(Answer):
    """The proof that an event is in the tree (RFC 6962, 2.1.1)."""

    position: int = Field(description="the event's position")
    index: int = Field(description="its leaf, from 0")
    size: int = Field(description="leaves in the tree")
    leaf: str = Field(description="hash of the leaf, base64")
    hashes: list[str] = Field(description="the audit path, from the leaf's neighbour upwards, base64")
    checkpoint: str = Field(description="the signed head of that tree")
    tlog_proof: str = Field(description="all of it as one text (c2sp.org/tlog-proof)")


class Consistency(Answer):
    """The proof that a tree is the beginning of a later one (RFC 6962, 2.1.2)."""

    from_: int = Field(alias="from", description="leaves in the older tree")
    to: int = Field(description="leaves in the newer tree")
    from_root: str = Field(description="root of the older tree, base64")
    to_root: str = Field(description="root of the newer tree, base64")
    hashes: list[str] = Field(description="the proof, base64")


@cache
def event_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each event, by topic; made once."""
    return schemas_of_events()


def _proof(request: Request) -> Proof:
    proof: Proof = request.app.state.parts.proof
    return proof


async def _sealed(request: Request, min_position: int | None) -> None:
    """Wait until the tree has come to a position. Raises ApiError 503 `behind`."""
    if min_position is not None and not await _proof(request).reads.reached(min_position):
        raise ApiError(503, "behind", f"position {min_position} has not been sealed yet: ask again")


@contextmanager
def told() -> Iterator[None]:
    """What goes wrong with proofs, as problems."""
    try:
        yield
    except (NotSealed, NothingThere) as error:
        raise ApiError(404, "not_found", str(error)) from error
    except NotSealedYet as error:
        raise ApiError(503, "not_sealed_yet", str(error)) from error
    except (MissingTile, BadNote, BundleRefused) as error:
        raise ApiError(409, "tree_damaged", f"{error}: check a bundle of all events, and the operator") from error


# ---- the tree -------------------------------------------------------------------------------------------------------
@router.get(
    "/checkpoint",
    responses={**TEXT, **MANY},
    response_class=Response,
    summary="The newest signed head",
    openapi_extra=AUDIT,
)
async def checkpoint(request: Request, min_position: MinPosition = None) -> Response:
    """How many events are sealed, and the root over them (c2sp.org/tlog-checkpoint). Keep it: later ones go on."""
    await _sealed(request, min_position)
    with told():
        return Response(await _proof(request).reads.checkpoint(), media_type="text/plain; charset=utf-8")


@router.get("/keys", response_model=Keys, responses=MANY, summary="The keys that sign", openapi_extra=AUDIT)
async def keys(request: Request, min_position: MinPosition = None) -> Response:
    """Compare them with what the operator gave you by another way."""
    await wait_for(request, min_position)
    with told():
        chain = await _proof(request).reads.keys()
        known = {"first": str(chain.first), "rotations": list(chain.rotations), "newest": str(chain.newest)}
    return json(known)


@router.get(
    "/tiles/{level}/{index:path}",
    responses={**TILE, **ONE},
    response_class=Response,
    summary="A tile of the tree",
    openapi_extra=AUDIT,
)
async def tile(
    request: Request,
    level: Annotated[str, Path(description="0 for the hashes of events, up to 63", examples=["0"])],
    index: Annotated[str, Path(description="as tlog-tiles writes it", examples=["x001/x234/067", "000.p/5"])],
    min_position: MinPosition = None,
) -> Response:
    """Up to 256 hashes of a level, one behind the other (c2sp.org/tlog-tiles)."""
    await _sealed(request, min_position)
    named = parsed(index)
    with told():
        if named is None or level not in map(str, range(_LEVEL_MOST + 1)):
            raise NotSealed("no tile is named so: `0/000`, `1/x001/234.p/5`")
        hashes = await _proof(request).reads.tile(int(level), *named)
        if hashes is None:
            raise NotSealed("the tree does not have that many hashes there")
    return Response(hashes, media_type="application/octet-stream")


# ---- events and proofs ----------------------------------------------------------------------------------------------
@router.get(
    "/events",
    response_model=AuditedEvents,
    responses={**STREAM, **MANY},
    summary="The log itself",
    openapi_extra=AUDIT,
)
async def events(
    request: Request,
    min_position: MinPosition = None,
    limit: Annotated[int, Query(ge=1, le=500, description="how many; a stream has no limit")] = 50,
    after: Annotated[int, Query(ge=0, le=_MOST, description="events behind this position")] = 0,
    last_event_id: LastEventId = None,
) -> Response:
    """Every event in the one order, with its stored body; follow it by `next`, none is ever left out.

    With `Accept: text/event-stream` as a stream that goes on as events are recorded: `id` is the position, `data` an
    item as in a page. It ends now and then; who comes again with `Last-Event-ID` misses nothing.
    """
    await wait_for(request, min_position)
    behind = after if last_event_id is None else last_event_id
    if EVENT_STREAM in request.headers.get("accept", ""):
        await note_list(request, "audit/events", {"after": behind}, None)
        followed = _followed(_proof(request).feed.follow(behind, partial(still, request, Action.AUDIT)))
        return StreamingResponse(followed, headers=UNBUFFERED, media_type=EVENT_STREAM)
    items, following = await _proof(request).reads.events(behind, limit)
    await note_list(request, "audit/events", {"after": behind}, len(items))
    return listed(request, items, None if following is None else str(following))


async def _followed(followed: AsyncGenerator[Sequence[Line], None]) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=RETRY_MS)
    async with aclosing(followed) as pages:
        async for lines in pages:
            told = [format_sse_event(data_str=line.text.decode(), id=str(line.position)) for line in lines]
            yield b"".join(told) or KEEPALIVE_COMMENT


@router.get(
    "/schemas", response_model=dict[str, Any], responses=MANY, summary="The shapes of all events", openapi_extra=AUDIT
)
async def schemas(request: Request, min_position: MinPosition = None) -> Response:
    """The JSON Schema (2020-12) of each event's `data`, by topic."""
    await wait_for(request, min_position)
    return json(event_schemas())


@router.get(
    "/proofs/inclusion",
    response_model=Inclusion,
    responses=ONE,
    summary="The proof that an event is sealed",
    openapi_extra=AUDIT,
)
async def inclusion(
    request: Request,
    position: Annotated[int, Query(ge=1, le=_MOST, description="the event's position", examples=[1])],
    min_position: MinPosition = None,
) -> Response:
    """In the tree of the newest head."""
    await _sealed(request, min_position)
    with told():
        return json(await _proof(request).reads.inclusion(position))


@router.get(
    "/proofs/consistency",
    response_model=Consistency,
    responses=ONE,
    summary="The proof that the tree only grew",
    openapi_extra=AUDIT,
)
async def consistency(
    request: Request,
    old: Annotated[int, Query(alias="from", ge=0, le=_MOST, description="leaves of the head you hold", examples=[1])],
    new: Annotated[int, Query(alias="to", ge=0, le=_MOST, description="leaves of a later head", examples=[1])],
    min_position: MinPosition = None,
) -> Response:
    """From the head you hold to a later one."""
    await _sealed(request, min_position)
    if old > new:
        raise BadParameter("from", "the older tree is not larger than the newer one")
    with told():
        return json(await _proof(request).reads.consistency(old, new))


# ---- bundles --------------------------------------------------------------------------------------------------------
Everything = Annotated[str | None, Query(alias="all", pattern="^(true|)$", description="the whole log: `?all`")]


@router.get(
    "/bundle",
    responses={**ZIP, **ONE},
    response_class=Response,
    summary="A bundle that proves itself",
    openapi_extra=AUDIT,
)
async def bundle(
    request: Request,
    case: Annotated[UUID | None, Query(description="the events of a case")] = None,
    agent: Annotated[Id | None, Query(description="the events that name an agent")] = None,
    month: Annotated[MonthText | None, Query(description="the events recorded in a local month")] = None,
    everything: Everything = None,
    min_position: MinPosition = None,
) -> Response:
    """A ZIP with the events, their proofs and the program that checks them. Who takes one is recorded."""
    await _sealed(request, min_position)
    selection = _selected(case, agent, month, everything)
    caller = caller_of(request)
    with ExitStack() as unsent:
        file = unsent.enter_context(tempfile.TemporaryFile())
        with told():
            await _proof(request).bundles.write(selection, file, caller.actor.id)
        noted = f"bundle {selection}"
        await request.app.state.parts.audit.note(caller.actor, ReadKind.DOWNLOADED, noted, None, caller.now)
        unsent.pop_all()
    name = f"redress-{str(selection).replace('=', '-')}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(file.tell())}
    return StreamingResponse(chunks(file), headers=headers, media_type="application/zip")


def _selected(case: UUID | None, agent: str | None, month: Any, everything: str | None) -> Selection:
    chosen = [
        *([Selection(Kind.CASE, str(case))] if case else []),
        *([Selection(Kind.AGENT, agent)] if agent else []),
        *([Selection(Kind.MONTH, str(month))] if month else []),
        *([ALL] if everything is not None else []),
    ]
    if len(chosen) != 1:
        raise BadParameter("case", "name one of case, agent, month and all")
    return chosen[0]


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its beginning; it is closed, and gone, with the last."""
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
