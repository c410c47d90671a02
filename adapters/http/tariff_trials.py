"""Another tariff tried on history: begun, asked after, and compared line by line with what stands (L-7)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field, model_validator
from starlette.responses import Response

from adapters.http.answers import Answer
from adapters.http.conventions import IdempotencyKey, MinPosition, command, json, wait_for
from adapters.http.door import Door, caller_of
from adapters.http.fields import Body, Day
from adapters.http.problems import ApiError, declared
from adapters.intake.tariffs import parse
from adapters.trials import TrialStatus
from application.documents import BadDocument, read
from application.permissions import Action
from application.trying import Comparison
from domain.ledger.lines import Code
from domain.tariff.tariff import Tariff

router = APIRouter(prefix="/api/v1/tariff-trials", route_class=Door, tags=["tariffs, policies and calendars"])
TRY = {"x-action": Action.TRY_TARIFFS, "x-unversioned": True}
BEGUN = declared(401, 403, 409, 413, 422, 429, 503)
FOUND = declared(401, 403, 404, 422, 429, 503)


class TrialBody(Body):
    """Which tariff, and for the facts of which days."""

    yaml: Annotated[str, Field(min_length=1, max_length=200_000)] = Field(description="the tariff as YAML")
    from_: Day = Field(alias="from", description="first day, local")
    to: Day = Field(description="last day, local")

    @model_validator(mode="after")
    def _in_order(self) -> "TrialBody":
        if self.to < self.from_:
            raise ValueError("to: the last day does not come before the first")
        return self


class SumShown(Answer):
    """A number of lines and what they come to."""

    lines: int = Field(description="how many")
    amount_fen: int = Field(description="what they add up to, whole fen")


class SidesShown(Answer):
    """What stands in the ledgers, and what the other tariff makes of the same facts."""

    recorded: SumShown = Field(description="what stands")
    tried: SumShown = Field(description="by the tariff that is tried")
    difference_fen: int = Field(description="how much more the other tariff gives; negative: how much less")


class TrialRow(SidesShown):
    """Both sides for an agent and a code."""

    agent: str = Field(description="employee number")
    code: Code = Field(description="code of the rule (rulebook part 5)")


class TrialShown(Answer):
    """A trial."""

    id: str = Field(description="its id; kept for an hour")
    status: TrialStatus = Field(description="waiting, running, done or failed")
    tariff: str = Field(description="version of the tariff")
    from_: str = Field(alias="from", description="first day", examples=["2026-01-01"])
    to: str = Field(description="last day", examples=["2026-03-31"])
    stage: str | None = Field(description="what is being done")
    done: int = Field(description="how much of that is done")
    of: int = Field(description="how much it is")
    fault: str | None = Field(description="why it failed")
    rows: list[TrialRow] = Field(description="by agent and code, once it is done")
    total: SidesShown | None = Field(description="over all of them, once it is done")


@router.post(
    "", status_code=201, response_model=TrialShown, responses=BEGUN, openapi_extra=TRY, summary="Try a tariff (L-7)"
)
async def begin(request: Request, body: TrialBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Judges the facts of these days anew, as if the tariff had always held. It records nothing; ask for it by its id.

    Proposed penalties count on both sides; what a person has dismissed counts on neither.
    """
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    comparison = Comparison(body.from_, body.to)
    trial = await request.app.state.parts.trials.begin(given, _tariff(body.yaml), comparison)
    return json(trial, status=201, headers={"Location": f"{router.prefix}/{trial['id']}"})


def _tariff(text: str) -> Tariff:
    try:
        return parse(read("yaml", text))
    except BadDocument as bad:
        fault = {"pointer": "/yaml", "detail": str(bad)}
        raise ApiError(422, "invalid", str(bad), errors=[fault]) from bad


@router.get("/{item}", response_model=TrialShown, responses=FOUND, openapi_extra=TRY, summary="How far a trial is")
async def trial(
    request: Request,
    item: Annotated[str, Path(description="id of a trial of one's own")],
    min_position: MinPosition = None,
) -> Response:
    """How far it is; and once it is done, what everybody would have got beside what they got."""
    await wait_for(request, min_position)
    found = await request.app.state.parts.trials.of(caller_of(request).actor.id, item)
    if found is None:
        raise ApiError(404, "not_found", "there is no such trial, or it was begun more than an hour ago: begin another")
    return json(found)
