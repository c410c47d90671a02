"""The commands on cases: a row of COMMAND_ROUTES, or a function where more than the case's own stream is touched."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from adapters.http import case_bodies as b
from adapters.http.answers import Answer
from adapters.http.conventions import IdempotencyKey, IfMatch, answer, command, json
from adapters.http.door import Door, caller_of, case_id_of
from adapters.http.fields import Body, NumberInPath
from adapters.http.no_body import NoBody
from adapters.http.problems import declared
from application.cases import ACROSS, COMMANDS, WITHOUT_MATCH, Cases, action_of
from application.event_log import Command, Done
from application.permissions import Action
from domain.case.words import Status
from domain.values import Actor, AgentId, CaseId

CASES = "/api/v1/cases"
PROBLEMS = declared(401, 403, 404, 409, 412, 413, 422, 428, 429, 503)
CaseIdInPath = Annotated[str, Path(description="id of the case", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])]
Check = Annotated[bool, Query(description="only look for forbidden phrases (C-13) and record nothing")]


class Warned(Answer):
    """A forbidden phrase in a text that goes out (C-13)."""

    field: str = Field(description="JSON pointer of the text")
    phrase: str = Field(description="the phrase of the list")
    at: int = Field(description="offset in the text, in characters from 0")


class Checked(Answer):
    """What `?check=true` answers; nothing was recorded."""

    warnings: list[Warned] = Field(description="the forbidden phrases found")


class CaseAnswered(Answer):
    """What a command on a case answers."""

    id: str = Field(description="id of the case")
    number: str = Field(description="the number the customer is told", examples=["2026-000123"])
    version: int = Field(description="number of events in the case, as in the ETag")
    position: int = Field(description="position of the log that holds this, for `min_position`")
    status: Status = Field(description="how far the case has come")
    warnings: list[Warned] = Field(description="forbidden phrases sent all the same (C-13)")


COMMAND_ROUTES: dict[str, tuple[type[Body], str]] = {
    "acknowledgement": (b.AcknowledgementBody, "Acknowledge the complaint to the customer (C-1a)"),
    "clarification": (b.ClarificationBody, "Clarify the facts (C-3)"),
    "investigation": (b.InvestigationBody, "Record the investigation (C-4)"),
    "analysis": (b.AnalysisBody, "Analyse: attribution, severity, risks, faults (C-5)"),
    "escalations": (b.EscalationBody, "Escalate to a department or a superior (C-6)"),
    "proposals": (b.ProposalBody, "Propose solutions (C-7)"),
    "answer-reviews": (b.AnswerReviewBody, "Pass or return the answer as a second person (C-16)"),
    "resolution": (b.ResolutionBody, "Resolve: answer every demand (C-7)"),
    "fulfilments": (b.FulfilmentBody, "Mark a grant as carried out (C-7)"),
    "callbacks": (b.CallbackBody, "Record the call after the resolution (C-8)"),
    "summary": (b.SummaryBody, "Sum the case up (C-10)"),
    "closing": (NoBody, "Close the case (C-10)"),
    "reopening": (b.ReasonBody, "Take the work up again (C-11)"),
    "withdrawal": (b.ReasonBody, "End the work on the customer's wish (C-11)"),
    "pause": (b.PauseBody, "Wait for somebody outside (C-11)"),
    "resumption": (NoBody, "End the waiting (C-11)"),
    "unmerge": (NoBody, "Undo a merge (C-11)"),
    "extension": (b.ExtensionBody, "Put a term off (C-11)"),
    "promises": (b.PromiseBody, "Promise something for a time (C-11)"),
    "contacts": (b.ContactBody, "Record words to or from the customer (C-11)"),
    "notes": (b.NoteBody, "Add an internal note (C-11, C-14)"),
    "evidence": (b.EvidenceBody, "Attach evidence (C-11)"),
    "interim-replies": (b.InterimReplyBody, "Tell the customer how things stand (D-1)"),
    "assignment": (b.AssignmentBody, "Pass the work on (C-2)"),
    "merge": (b.MergeBody, "Go on in another case (C-11)"),
    "links": (b.LinkBody, "Link another case (C-11)"),
}
"""Body and summary of every command that answers with the case itself."""

router = APIRouter(prefix=CASES, route_class=Door, tags=["cases: commands"])


def _cases(request: Request) -> Cases:
    cases: Cases = request.app.state.parts.cases
    return cases


async def _command(request: Request, name: str, key: str | None, if_match: str | None) -> Command:
    return await command(request, match_needed=name not in WITHOUT_MATCH, idempotency_key=key, if_match=if_match)


@router.post(
    "",
    status_code=201,
    responses=declared(401, 403, 409, 413, 422, 429, 503),
    response_model=CaseAnswered,
    summary="Receive a complaint (C-1, C-2, C-17)",
    openapi_extra={"x-action": Action.OPEN_CASE},
)
async def receive(request: Request, body: b.ReceiptBody, idempotency_key: IdempotencyKey = None) -> Response:
    """Put a complaint on record; the caller becomes owner and handler. Exactly one event."""
    given = await command(request, match_needed=False, idempotency_key=idempotency_key, if_match=None)
    case_id = CaseId(str(uuid4()))
    done = await _cases(request).receive(case_id, body.model_dump(), caller_of(request).actor, given)
    return answer(done, status=201, location=f"{CASES}/")


Run = Callable[[Cases, CaseId, dict[str, Any], Actor, Command], Awaitable[Done]]
_RUN: dict[str, Run] = {
    "analysis": lambda cases, case, facts, actor, given: cases.analyse(case, facts, actor, given),
    "pause": lambda cases, case, facts, actor, given: cases.pause(case, facts, actor, given),
    "evidence": lambda cases, case, facts, actor, given: cases.give(
        "evidence", case, {"evidence": facts}, actor, given
    ),
    "assignment": lambda cases, case, facts, actor, given: cases.assign(
        case, AgentId(facts["agent"]), facts["reason"], actor, given
    ),
    "merge": lambda cases, case, facts, actor, given: cases.merge(case, CaseId(str(facts["into"])), actor, given),
    "links": lambda cases, case, facts, actor, given: cases.link(
        case, CaseId(str(facts["case"])), facts["kind"], actor, given
    ),
}
"""What a command does that needs more than its row."""


async def _run(request: Request, name: str, facts: dict[str, Any], given: Command) -> Done:
    cases, case_id, actor = _cases(request), case_id_of(request), caller_of(request).actor
    if run := _RUN.get(name):
        return await run(cases, case_id, facts, actor, given)
    return await cases.give(name, case_id, facts, actor, given)


def _plain(name: str, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        case_id: CaseIdInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        del case_id  # read and checked by the door
        given = await _command(request, name, idempotency_key, if_match)
        return answer(await _run(request, name, body.model_dump(), given))

    return endpoint


def _outgoing(name: str, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        case_id: CaseIdInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
        *,
        check: Check = False,
    ) -> Response:
        del case_id  # read and checked by the door
        facts = body.model_dump()
        if check:
            await request.app.state.parts.reads.reachable(case_id_of(request), caller_of(request).actor)
            return json({"warnings": _cases(request).check(name, facts)})
        given = await _command(request, name, idempotency_key, if_match)
        return answer(await _run(request, name, facts, given))

    return endpoint


def _add(name: str, kind: type[Body], summary: str) -> None:
    row = COMMANDS.get(name)
    outgoing = row is not None and bool(row.outgoing)
    event = row.event if row else ACROSS[name]
    router.add_api_route(
        f"/{{case_id}}/{name}",
        (_outgoing if outgoing else _plain)(name, kind),
        methods=["POST"],
        name=name,
        summary=summary,
        description=f"Records `{event.topic}`." + ("" if name in WITHOUT_MATCH else " Needs If-Match."),
        responses=PROBLEMS,
        response_model=CaseAnswered | Checked if outgoing else CaseAnswered,
        openapi_extra={"x-action": action_of(name)},
    )


for _name, (_kind, _summary) in COMMAND_ROUTES.items():
    _add(_name, _kind, _summary)


@router.post(
    "/{case_id}/escalations/{number}/answer",
    responses=PROBLEMS,
    response_model=CaseAnswered,
    summary="Answer an escalation (C-6)",
    openapi_extra={"x-action": Action.ANSWER_ESCALATION},
)
async def answer_escalation(
    request: Request,
    case_id: CaseIdInPath,
    number: Annotated[NumberInPath, Path(description="number of the escalation, from 1", ge=1, le=10_000)],
    body: b.EscalationAnswerBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Records `case.escalation_answered`. Needs If-Match."""
    del case_id  # read and checked by the door
    given = await _command(request, "escalation-answers", idempotency_key, if_match)
    return answer(await _run(request, "escalation-answers", body.model_dump() | {"number": number}, given))


@router.post(
    "/{case_id}/review-requests",
    status_code=201,
    responses=PROBLEMS,
    response_model=CaseAnswered,
    summary="Request the review of the final answer (C-15)",
    openapi_extra={"x-action": Action.WORK_ON_CASE},
)
async def request_review(
    request: Request,
    case_id: CaseIdInPath,
    body: b.ReasonBody,
    idempotency_key: IdempotencyKey = None,
    if_match: IfMatch = None,
) -> Response:
    """Opens the second stage as a case of its own, for a different person; answers with it. Needs If-Match."""
    del case_id  # read and checked by the door
    given = await _command(request, "review-requests", idempotency_key, if_match)
    review = CaseId(str(uuid4()))
    done = await _cases(request).request_review(
        case_id_of(request), review, body.reason, caller_of(request).actor, given
    )
    return answer(done, status=201, location=f"{CASES}/")
