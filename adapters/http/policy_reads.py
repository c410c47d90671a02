"""Reading policies: the way of a case, deadline policies that are proposed or in force, and packs to be adopted."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http import master_answers as m
from adapters.http.answers import Answer
from adapters.http.conventions import MinPosition, json, listed_by_id, wait_for
from adapters.http.door import Door
from adapters.http.parts import Parts
from adapters.http.problems import ApiError
from adapters.http.reads import MANY, MASTERS, ONE, After, Limit
from adapters.http.time_bodies import DeadlinePolicyShown, PolicyFields, shown_policy
from application import deadline_policies
from application.deadline_policies.writing import written

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["reads"])


class Of(StrEnum):
    """What a policy is of."""

    CASES = "cases"
    DEADLINES = "deadlines"
    PACKS = "packs"


class CasePolicyShown(m.PolicyShown):
    """A case policy."""

    of: str = Field(description="`cases`", examples=["cases"])


class PackShown(Answer, extra="forbid"):
    """A pack that ships with the service and binds nobody until a version of it is published; not legal advice."""

    id: str = Field(description="its version; the adopted one has another")
    of: str = Field(description="`packs`", examples=["packs"])
    document: PolicyFields = Field(description="the policy, with its source and the day on which it was read")


PolicyShown = CasePolicyShown | DeadlinePolicyShown | PackShown


class PolicyList(Answer):
    """A page of policies."""

    items: list[PolicyShown] = Field(description="case policies, deadline policies, packs")
    next: str | None = Field(description="`after` of the next page; null on the last")


OfWhat = Annotated[Of | None, Query(description="only those of cases, those of deadlines, or packs")]


@router.get("/policies", response_model=PolicyList, responses=MANY, summary="Policies", openapi_extra=MASTERS)
async def policies(
    request: Request, of: OfWhat = None, min_position: MinPosition = None, limit: Limit = 50, after: After = None
) -> Response:
    """The way of a case as data (`of: cases`), deadline policies (`deadlines`), packs of regulators (`packs`)."""
    await wait_for(request, min_position)
    items = [item for item in await _items(request.app.state.parts) if of in {None, item["of"]}]
    return listed_by_id(request, {f"{item['of']}:{_version(item)}": item for item in items}, after, limit)


@router.get("/policies/{version}", response_model=PolicyShown, responses=ONE, summary="A policy", openapi_extra=MASTERS)
async def policy(
    request: Request,
    version: Annotated[str, Path(description="its version", examples=["default-1"])],
    of: OfWhat = None,
    min_position: MinPosition = None,
) -> Response:
    """One of them; where a case policy and another have the same version, `of` tells them apart."""
    await wait_for(request, min_position)
    for item in await _items(request.app.state.parts):
        if _version(item) == version and of in {None, item["of"]}:
            return json(item)
    raise ApiError(404, "not_found", "there is no such policy")


async def _items(parts: Parts) -> Sequence[dict[str, Any]]:
    cases = [{**msgspec.to_builtins(known), "of": "cases"} for _, known in sorted(parts.policies.items())]
    entries, _ = await parts.deadline_policies.entries()
    return [*cases, *map(shown_policy, entries), *_packs()]


def _packs() -> list[dict[str, Any]]:
    held = {policy.version for policy in deadline_policies.in_force()}
    packs = [version for version in deadline_policies.shipped_versions() if version not in held]
    return [
        {"id": version, "of": "packs", "document": written(deadline_policies.shipped(version))} for version in packs
    ]


def _version(item: dict[str, Any]) -> str:
    return str(item["version"] if item["of"] == "cases" else item["id"])
