"""Documents that two people put in force: proposed, published, read (A-4); one row each of the table KINDS."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from adapters.http import published_bodies as b
from adapters.http import time_bodies as t
from adapters.http.conventions import (
    IdempotencyKey,
    IfMatch,
    MinPosition,
    answer,
    command,
    etag,
    json,
    listed_by_id,
    wait_for,
)
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body
from adapters.http.master_commands import CHANGED, NEW
from adapters.http.parts import Parts
from adapters.http.problems import ApiError
from adapters.http.reads import MANY, MASTERS, ONE, After, Limit
from application.permissions import Action
from application.published import Publishing
from domain.payroll.policy import PayrollPolicy
from domain.published import Entry
from domain.tariff.tariff import Tariff

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["tariffs, policies and calendars"])
PUBLISH = {"x-action": Action.PUBLISH}
VersionInPath = Annotated[str, Path(description="its version", examples=["default-1"])]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its path, what one is called, its shapes, the commands on it, how a body is read and an entry shown.

    many: None where its lists stand elsewhere.
    """

    path: str
    one: str
    body: type[Body]
    shown: type[BaseModel]
    many: type[BaseModel] | None
    publishing: Callable[[Parts], Publishing[Any]]
    document: Callable[[Parts, Any], Awaitable[Any]]
    entry: Callable[[Entry[Any]], dict[str, Any]]


def _converted(kind: type[Any]) -> Callable[[Parts, Any], Awaitable[Any]]:
    async def document(_: Parts, body: Body) -> Any:
        return msgspec.convert(body.model_dump(), kind)

    return document


def _shown(entry: Entry[Any]) -> dict[str, Any]:
    return {"id": entry.document.version, **msgspec.to_builtins(entry)}


KINDS = (
    Kind(
        "tariffs",
        "tariff",
        b.TariffBody,
        b.TariffShown,
        b.TariffList,
        lambda parts: parts.tariffs,
        _converted(Tariff),
        _shown,
    ),
    Kind(
        "payroll-policies",
        "payroll policy",
        b.PayrollPolicyBody,
        b.PayrollPolicyShown,
        b.PayrollPolicyList,
        lambda parts: parts.payroll_policies,
        _converted(PayrollPolicy),
        _shown,
    ),
    Kind(
        "policies",
        "deadline policy",
        t.PolicyBody,
        t.DeadlinePolicyShown,
        None,
        lambda parts: parts.deadline_policies,
        t.policy_of,
        t.shown_policy,
    ),
    Kind(
        "calendars",
        "calendar",
        t.CalendarBody,
        t.CalendarShown,
        t.CalendarList,
        lambda parts: parts.calendars,
        t.calendar_of,
        t.shown_calendar,
    ),
)


def _propose(kind: Kind, shape: Any) -> Callable[..., Any]:
    async def endpoint(request: Request, body: shape, idempotency_key: IdempotencyKey = None) -> Response:
        """Records a proposal; another admin publishes it. A version is given once."""
        given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
        parts = request.app.state.parts
        document = await kind.document(parts, body)
        done = await kind.publishing(parts).propose(document, caller_of(request).actor, given)
        return answer(done, status=201, location=f"{router.prefix}/{kind.path}/")

    return endpoint


def _publish(kind: Kind) -> Callable[..., Any]:
    async def endpoint(
        request: Request, item: VersionInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
    ) -> Response:
        """Puts it in force from its first day on, as another person than who proposed it (A-4)."""
        given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
        return answer(await kind.publishing(request.app.state.parts).publish(item, caller_of(request).actor, given))

    return endpoint


def _withdraw(kind: Kind) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        item: VersionInPath,
        body: b.WithdrawalBody,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        """Takes a proposal back; what is published stays."""
        given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
        publishing, actor = kind.publishing(request.app.state.parts), caller_of(request).actor
        return answer(await publishing.withdraw(item, body.reason, actor, given))

    return endpoint


def _many(kind: Kind) -> Callable[..., Any]:
    async def endpoint(
        request: Request, min_position: MinPosition = None, limit: Limit = 50, after: After = None
    ) -> Response:
        """The shipped ones first, then in the order of proposal; read from the log itself."""
        await wait_for(request, min_position)
        entries, _ = await kind.publishing(request.app.state.parts).entries()
        return listed_by_id(request, {entry.document.version: kind.entry(entry) for entry in entries}, after, limit)

    return endpoint


def _one(kind: Kind) -> Callable[..., Any]:
    async def endpoint(request: Request, item: VersionInPath, min_position: MinPosition = None) -> Response:
        """With its status and who did what; read from the log itself."""
        await wait_for(request, min_position)
        entries, version = await kind.publishing(request.app.state.parts).entries()
        for entry in entries:
            if entry.document.version == item:
                return json(kind.entry(entry), headers={"ETag": etag(version)})
        raise ApiError(404, "not_found", f"there is no such {kind.one}")

    return endpoint


def _add(kind: Kind) -> None:
    one, path = kind.one.replace(" ", "_"), f"/{kind.path}"
    posts = (
        ("", _propose(kind, kind.body), f"Propose a {kind.one}", 201, NEW),
        ("/{item}/publication", _publish(kind), f"Publish a {kind.one} as a second person", 200, CHANGED),
        ("/{item}/withdrawal", _withdraw(kind), f"Take a proposed {kind.one} back", 200, CHANGED),
    )
    for rest, endpoint, summary, status, problems in posts:
        router.add_api_route(
            path + rest,
            endpoint,
            methods=["POST"],
            name=f"{one}{rest.replace('/{item}/', '_')}",
            summary=f"{summary} (A-4)",
            status_code=status,
            responses=problems,
            response_model=b.VersionAnswered,
            openapi_extra=PUBLISH,
        )
    if kind.many is None:
        return
    gets = (
        ("", _many(kind), f"All versions of the {kind.one}", kind.many, MANY),
        ("/{item}", _one(kind), f"A {kind.one}", kind.shown, ONE),
    )
    for rest, endpoint, summary, shape, problems in gets:
        router.add_api_route(
            path + rest,
            endpoint,
            name=f"{one}{'_version' if rest else '_versions'}",
            summary=summary,
            responses=problems,
            response_model=shape,
            openapi_extra=MASTERS,
        )


for _kind in KINDS:
    _add(_kind)


@router.post(
    "/payroll-policies/{item}/acknowledgement",
    responses=CHANGED,
    response_model=b.VersionAnswered,
    summary="Acknowledge a payroll policy for oneself (L-5)",
    openapi_extra={"x-action": Action.ACKNOWLEDGE_POLICY},
)
async def acknowledge(
    request: Request, item: VersionInPath, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
) -> Response:
    """Without it nothing is taken from the caller's wage."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=if_match)
    policies = request.app.state.parts.payroll_policies
    return answer(await policies.acknowledge(item, caller_of(request).actor, given))
