"""What commands and reads have in common: Idempotency-Key, If-Match, ETag, position, min_position (contract 3)."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

import msgspec
from fastapi import Header, Query, Request
from starlette.responses import Response

from adapters.http.door import caller_of
from adapters.http.problems import ApiError
from adapters.http.strict_json import BadParameter
from application.envelope import Meta
from application.event_log import Command, Done, Match

_DIGITS_MOST = 18
"""Of a position, so that it is a bigint."""
_KEYS = UUID("f2f9a3c0-6c4e-4a53-8a51-7d1f4cbb1a10")
_ETAG = re.compile(r'^(?:W/)?"v(\d{1,18})"$', re.ASCII)
_ANY_ETAG = re.compile(r'^(?:W/)?"[^"]*"$')

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="any text of yours; the same request sent again with it gets the first answer, for 30 days",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=200, description='`"v<version>"` of the resource as you have seen it'),
]
MinPosition = Annotated[
    int | None,
    Query(ge=0, le=2**63 - 1, description="wait up to 5 s until the answer reflects the log up to this position"),
]
AsOf = Annotated[
    str | None,
    Query(max_length=40, description="as it was recorded then: a position of the log, or a time (RFC 3339)"),
]


async def command(
    request: Request, *, match_needed: bool, idempotency_key: str | None, if_match: str | None
) -> Command:
    """The command's circumstances, from the caller, the headers and the raw body."""
    caller = caller_of(request)
    parts = request.app.state.parts
    command_id = uuid5(_KEYS, f"{caller.actor.id}\n{idempotency_key}") if idempotency_key else uuid4()
    body = await request.body()
    asked = (request.method.encode(), request.scope["path"].encode(), body)
    return Command(
        meta=Meta(
            actor=caller.actor.id,
            at=caller.now,
            correlation_id=request.state.correlation_id,
            causation_id=command_id,
            command_id=command_id,
        ),
        fingerprint=parts.fingerprint(*asked),
        keyed=idempotency_key is not None,
        match=_match(if_match, needed=match_needed),
    )


def _match(if_match: str | None, *, needed: bool) -> Match | None:
    if if_match is None:
        return Match(None) if needed else None
    if not _ANY_ETAG.match(if_match.strip()):
        detail = 'send one ETag as it was answered, with its quotes: "v3"'
        raise BadParameter("If-Match", detail)
    named = _ETAG.match(if_match.strip())
    return Match(int(named[1]) if named else -1)


def answer(done: Done, *, status: int = 200, location: str | None = None) -> Response:
    """The answer of a command: what was decided, with the position of the log and the ETag."""
    body: dict[str, Any] = msgspec.json.decode(done.answer)
    headers = {"ETag": etag(body["version"])}
    if location:
        headers["Location"] = location + str(body["id"])
    if done.repeated:
        headers["Idempotency-Replayed"] = "true"
    return json(body | {"position": done.position}, status=status, headers=headers)


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"v{version}"'


def json(body: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(msgspec.json.encode(body), status, headers, "application/json")


def listed(request: Request, items: Sequence[Any], following: str | None) -> Response:
    """A page of a list, with where the next one stands; `following` is its `after`, None on the last page."""
    headers = {}
    if following is not None:
        headers["Link"] = f'<{request.url.include_query_params(after=following)}>; rel="next"'
    return json({"items": items, "next": following}, headers=headers)


async def wait_for(request: Request, min_position: int | None, view: str | None = None) -> None:
    """Wait until what is read reflects the log up to a position: the log itself, or the view that is asked.

    Raises ApiError 503 `behind` after 5 s.
    """
    if min_position is None:
        return
    parts = request.app.state.parts
    reached = parts.positions.wait_for(min_position, view=view) if view else parts.histories.reached(min_position)
    if not await reached:
        raise ApiError(503, "behind", f"position {min_position} has not been reached yet: ask again")


def listed_by_id(request: Request, items: Mapping[str, Any], after: str | None, limit: int) -> Response:
    """A page of a list that is known whole, by what `after` names of each. Raises BadParameter."""
    if after is not None and after not in items:
        raise _bad_after()
    ids = [*items]
    begin = ids.index(after) + 1 if after is not None else 0
    page = ids[begin : begin + limit]
    return listed(request, [items[one] for one in page], page[-1] if begin + limit < len(ids) else None)


def position_after(text: str | None) -> int | None:
    """The position that `?after=` names. Raises BadParameter."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MOST):
        raise _bad_after()
    return int(text)


def uuid_after(text: str | None) -> UUID | None:
    """The UUID that `?after=` names. Raises BadParameter."""
    try:
        return UUID(text) if text is not None else None
    except ValueError:
        raise _bad_after() from None


def _bad_after() -> BadParameter:
    """What refuses an `after` that no page has given as its `next`."""
    return BadParameter("after", "send `next` of the page before as it was")


def as_of(text: str | None) -> int | datetime | None:
    """The position or moment of `?as_of=`. Raises BadParameter."""
    if text is None:
        return None
    try:
        if text.isascii() and text.isdigit():
            return min(int(text), 2**63 - 1)
        moment = datetime.fromisoformat(text.replace(" ", "+").upper())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadParameter("as_of", "a position of the log, or a time with offset (RFC 3339)")
