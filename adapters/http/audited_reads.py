"""Who read personal data, exported, downloaded and logged in, for auditors (A-4)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import listed, position_after, wait_for
from adapters.http.door import Door
from adapters.http.fields import Time
from adapters.http.noting import note_list
from adapters.http.reads import MANY
from adapters.postgres.read_audit import ReadFilters, ReadKind
from application.permissions import Action

router = APIRouter(prefix="/api/v1/audit/reads", route_class=Door, tags=["audit"])


class ReadsAsked(BaseModel):
    """How a list of reads is narrowed; all that are given hold together."""

    model_config = {"extra": "forbid"}

    actor: str | None = Field(None, max_length=40, description="employee number of who read")
    kind: ReadKind | None = Field(None, description="what they did")
    resource: str | None = Field(None, max_length=100, description="what was read")
    from_: Time | None = Field(None, alias="from", description="then or later")
    to: Time | None = Field(None, description="before then")
    min_position: int | None = Field(None, ge=0, le=2**63 - 1, description="wait up to 5 s for this position")
    limit: int = Field(50, ge=1, le=500, description="how many")
    after: str | None = Field(None, max_length=300, description="`next` of the page before")


class ReadShown(Answer, extra="forbid"):
    """That somebody has read something, or has come in."""

    id: int = Field(description="its number; those of one moment count on")
    at: datetime = Field(description="when, UTC")
    actor: str = Field(description="employee number of who did")
    kind: ReadKind = Field(description="what they did")
    resource: str = Field(description="id of the case, fact or person, or which file or list")
    reason: str | None = Field(description="as they stated it; null where their role needs none")
    asked: str | None = Field(description="how a list was narrowed; searched words are a hash, `q=#…`; null for others")
    shown: int | None = Field(description="how many rows of a list they were shown; null for others")


class ReadList(Answer):
    """A page of reads."""

    items: list[ReadShown] = Field(description="the latest first")
    next: str | None = Field(description="`after` of the next page; null on the last")


@router.get(
    "",
    response_model=ReadList,
    responses=MANY,
    summary="Who read what, and why (A-4)",
    openapi_extra={"x-action": Action.AUDIT_READS},
)
async def reads(
    request: Request,
    asked: Annotated[ReadsAsked, Query()],
) -> Response:
    """Apart from the case log; kept for two years."""
    await wait_for(request, asked.min_position)
    filters = ReadFilters(**asked.model_dump(exclude={"min_position", "limit", "after"}))
    found = await request.app.state.parts.audit.page(filters, position_after(asked.after), asked.limit)
    await note_list(request, "audit/reads", asked.model_dump(), len(found[0]))
    return listed(request, *found)
