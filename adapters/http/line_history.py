"""What became of a line of the ledgers, and the very events that caused it (L-1, L-2)."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http.case_answers import HistoryItem
from adapters.http.conventions import MinPosition, json
from adapters.http.door import Door, caller_of
from adapters.http.ledger_bodies import Shown
from adapters.http.ledgers import FOUND, READ, Entry, sight, wait_judged
from application.envelope import written
from application.matters import LineRef
from domain.ledger.decisions import NoSuchLine
from projections.causes import CauseSeen

router = APIRouter(prefix="/api/v1", route_class=Door, tags=["ledgers"])
WHERE = {
    "case": "cases",
    "order": "facts/orders",
    "member_callback": "facts/member-callbacks",
    "exam": "facts/exams",
    "missed_call": "facts/missed-calls",
    "phone_fault": "facts/phone-faults",
    "points_shortage": "facts/points-shortages",
    "conduct": "facts/conduct-reports",
}
"""Where what an event belongs to is read, by the first word of its topic."""


class CausePlace(Shown):
    """An event that caused a line."""

    position: int = Field(description="its position in the log")
    type: str = Field(description="its topic", examples=["case.analysed"])
    at: datetime = Field(description="when it was recorded, UTC")
    actor: str = Field(description="employee number of who did it")
    of: str | None = Field(description="where what it belongs to is read; null where it has no page of its own")
    id: str = Field(description="the id of that", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])


class LineHistory(Shown):
    """A line from its causes on."""

    causes: list[CausePlace] = Field(description="the events that caused it, oldest first")
    items: list[HistoryItem] = Field(description="what was recorded of it, oldest first; reasons open or `***`")


@router.get(
    "/ledgers/entries/{entry_id}/history",
    response_model=LineHistory,
    responses=FOUND,
    openapi_extra=READ,
    summary="What became of a line, and why",
)
async def history(request: Request, entry_id: Entry, min_position: MinPosition = None) -> Response:
    """Its causes with where they are read, and every event that names it: proposed, confirmed, contested, decided."""
    await wait_judged(request, min_position)
    parts, caller = request.app.state.parts, caller_of(request)
    row = None if "\x00" in entry_id else await parts.lists.line(entry_id, sight(request))
    if row is None:
        raise NoSuchLine("there is no such line, or it is not yours to see")
    items = await parts.line_reads.history(LineRef.parse(entry_id), caller.actor, caller.now)
    return json({"causes": [_place(cause) for cause in await parts.lists.causes(row)], "items": items})


def _place(cause: CauseSeen) -> dict[str, Any]:
    place = {"of": WHERE.get(cause.type.partition(".")[0]), "id": str(cause.stream)}
    return {"position": cause.position, "type": cause.type, "at": written(cause.at), "actor": cause.actor, **place}
