"""The commands on the facts of the work: one row each of the table ROUTES."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from adapters.http import fact_bodies as b
from adapters.http.case_bodies import ReasonBody
from adapters.http.conventions import IdempotencyKey, IfMatch, answer, command
from adapters.http.door import Door, caller_of
from adapters.http.existence import fact_of
from adapters.http.fact_answers import FactAnswered
from adapters.http.fields import Body
from adapters.http.master_commands import CHANGED, NEW
from application.event_log import Command, Done
from application.facts import Facts
from application.permissions import Action
from domain.values import Actor

FACTS = "/api/v1/facts"
router = APIRouter(prefix=FACTS, route_class=Door, tags=["facts: commands"])
FactInPath = Annotated[str, Path(description="id of the fact", examples=["0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"])]
NOBODY = UUID(int=0)
"""In place of an id where the path has none."""

Run = Callable[[Facts, UUID, Any, Actor, Command], Awaitable[Done]]
"""The command of the application for the fact in the path and the body."""


@dataclass(frozen=True, slots=True)
class Route:
    """One command: its path, its body, whose it is, and what it does.

    judged: it waits until what is recorded so far is judged.
    """

    path: str
    summary: str
    description: str
    body: type[Body]
    run: Run
    action: Action = Action.RECORD_FACTS
    judged: bool = False

    @property
    def makes(self) -> bool:
        """Whether it records a new fact."""
        return "{" not in self.path


def _record(kind: str) -> Run:
    return lambda facts, _, body, who, c: facts.record(kind, body.stated(), who, c)


def _callback(facts: Facts, _: UUID, body: b.CallbackBody, who: Actor, given: Command) -> Awaitable[Done]:
    return facts.record("callback-tallies" if body.tallied else "member-callbacks", body.stated(), who, given)


def _step(name: str) -> Run:
    return lambda facts, item, body, who, c: facts.take_step(name, item, body.stated(), who, c)


def _withdrawal(path: str, run: Run) -> Route:
    return Route(
        f"{path}/{{fact_id}}/withdrawal",
        f"Withdraw one of the {path[1:].replace('-', ' ')}",
        "It should never have been recorded; what followed from it is taken back. Nobody withdraws their own.",
        ReasonBody,
        run,
        Action.WITHDRAW_FACTS,
    )


_ORDERS = (
    Route(
        "/orders",
        "Enter a service order (W-1)",
        "With `seated` it was finished elsewhere: it is entered and ended in one, with the items stated.",
        b.OrderBody,
        lambda facts, _, body, who, c: facts.enter_order(body.stated(), who, c),
    ),
    Route(
        "/orders/{fact_id}/merchant-call",
        "Have the merchant confirm discount and minimum spend (W-1)",
        "May be repeated; the last answer holds.",
        b.MerchantCallBody,
        _step("merchant-call"),
    ),
    Route(
        "/orders/{fact_id}/guest-told",
        "Tell the guest table, exceptions and minimum spend (W-1)",
        "After the merchant was called.",
        b.GuestToldBody,
        _step("guest-told"),
    ),
    Route(
        "/orders/{fact_id}/inquiry",
        "Ask whether the guest was seated (W-1)",
        "About ten minutes after dining time: the merchant, then the guest.",
        b.InquiryBody,
        _step("inquiry"),
    ),
    Route("/orders/{fact_id}/seating", "Note that the guest was seated (W-1)", "Once.", b.MomentBody, _step("seating")),
    Route(
        "/orders/{fact_id}/cancellation",
        "Cancel an order (W-1)",
        "The guest will not come, or did not.",
        b.CancellationBody,
        _step("cancellation"),
    ),
    Route("/orders/{fact_id}/late", "Note that the guest is late (W-1)", "Any time.", b.LateBody, _step("late")),
    Route(
        "/orders/{fact_id}/amount",
        "Note the amount spent (W-1)",
        "Needed of gold-card members; the last amount holds.",
        b.AmountBody,
        _step("amount"),
    ),
    Route(
        "/orders/{fact_id}/reported-back",
        "Note that the guest heard how the order stands (W-1)",
        "Also after its end.",
        b.MomentBody,
        _step("reported-back"),
    ),
    Route(
        "/orders/{fact_id}/completion",
        "End the course of an order (W-1)",
        "What is missing follows from the order; whether the guest was seated must be known.",
        b.CompletionBody,
        lambda facts, item, body, who, c: facts.end_order(item, body.wrong, who, c),
    ),
    Route(
        "/orders/{fact_id}/correction",
        "Correct an order (W-1, L-3)",
        "After its course has ended this is a supervisor's, and nobody's of their own.",
        b.OrderCorrectionBody,
        lambda facts, item, body, who, c: facts.correct_order(item, body.stated(), who, c),
    ),
    _withdrawal("/orders", lambda facts, item, body, who, c: facts.withdraw_order(item, body.reason, who, c)),
)
_RECORDED = (
    Route(
        "/member-callbacks",
        "Record a call to a member, or a month's number of them (W-2)",
        "Another number for the same month is a correction with a reason.",
        b.CallbackBody,
        _callback,
    ),
    Route(
        "/callback-summaries",
        "Hand in the summary of a week's callbacks (W-2)",
        "By agents of their own week.",
        b.CallbackSummaryBody,
        _record("callback-summaries"),
    ),
    Route(
        "/exams",
        "Record an exam (W-3)",
        "Other results for the same agent and month are a correction with a reason.",
        b.ExamBody,
        _record("exams"),
    ),
    Route(
        "/missed-calls",
        "Log a missed call (W-5)",
        "Who was on duty follows from the roster.",
        b.MissedCallBody,
        _record("missed-calls"),
    ),
    Route(
        "/phone-tests",
        "Log a test of the telephone line (W-4)",
        "Twice a day: early and middle shift.",
        b.PhoneTestBody,
        _record("phone-tests"),
    ),
    Route(
        "/phone-faults",
        "Report a fault of the telephone line (W-4)",
        "At once.",
        b.PhoneFaultBody,
        _record("phone-faults"),
    ),
    Route(
        "/points-shortages",
        "Record a shortage of gold-card points (W-7)",
        "From an amount that was not collected.",
        b.PointsShortageBody,
        _record("points-shortages"),
    ),
    Route(
        "/calls",
        "Record a call of the telephone system (W-9)",
        "The same `external_ref` is the same call.",
        b.CallBody,
        _record("calls"),
    ),
)
_JUDGED = (
    Route(
        "/conduct-reports",
        "Report conduct (W-6)",
        "A supervisor decides on it.",
        b.ConductReportBody,
        lambda facts, _, body, who, c: facts.report_conduct(body.stated(), who, c),
    ),
    Route(
        "/conduct-reports/{fact_id}/decision",
        "Confirm or dismiss a conduct report (W-6)",
        "By a supervisor it is not about; a confirmed one may be dismissed later, not the other way round.",
        b.ConductDecisionBody,
        lambda facts, item, body, who, c: facts.decide_conduct(item, body.decision, body.reason, who, c),
        Action.DECIDE_CONDUCT,
        judged=True,
    ),
    Route(
        "/quality-reviews",
        "Review the quality of a contact or a case (W-8)",
        "Scored on a form, which gives the total.",
        b.QualityReviewBody,
        lambda facts, _, body, who, c: facts.score_review(body.stated(), who, c),
        Action.REVIEW_QUALITY,
    ),
    Route(
        "/quality-reviews/{fact_id}/dispute",
        "Dispute a quality review (W-8)",
        "Once, by the agent whose work was reviewed.",
        ReasonBody,
        lambda facts, item, body, who, c: facts.dispute_review(item, body.reason, who, c),
    ),
    Route(
        "/quality-reviews/{fact_id}/answer",
        "Answer the dispute of a quality review (W-8)",
        "With other scores, where they were wrong.",
        b.ReviewAnswerBody,
        lambda facts, item, body, who, c: facts.answer_dispute(item, body.stated(), who, c),
        Action.REVIEW_QUALITY,
    ),
)
ROUTES = (
    *_ORDERS,
    *_RECORDED,
    *(
        _withdrawal(route.path, lambda facts, item, body, who, c: facts.withdraw(item, body.reason, who, c))
        for route in _RECORDED
    ),
    *_JUDGED,
)


async def _give(request: Request, route: Route, body: Body, key: str | None, if_match: str | None = None) -> Response:
    actor, facts = caller_of(request).actor, request.app.state.parts.facts
    fact = NOBODY if route.makes else await fact_of(request, actor)
    given = await command(request, match_needed=False, idempotency_key=key, if_match=if_match)
    if route.judged:
        await request.app.state.parts.judged(None)
    done = await route.run(facts, fact, body, actor, given)
    if route.makes:
        return answer(done, status=201, location=f"{FACTS}{route.path}/")
    return answer(done)


def _new(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(request: Request, body: kind, idempotency_key: IdempotencyKey = None) -> Response:
        return await _give(request, route, body, idempotency_key)

    return endpoint


def _changed(route: Route, kind: Any) -> Callable[..., Any]:
    async def endpoint(
        request: Request,
        fact_id: FactInPath,
        body: kind,
        idempotency_key: IdempotencyKey = None,
        if_match: IfMatch = None,
    ) -> Response:
        del fact_id  # read and checked by the door
        return await _give(request, route, body, idempotency_key, if_match)

    return endpoint


for _route in ROUTES:
    router.add_api_route(
        _route.path,
        (_new if _route.makes else _changed)(_route, _route.body),
        methods=["POST"],
        name="fact_" + _route.path.strip("/").replace("/{fact_id}", "").replace("/", "_").replace("-", "_"),
        summary=_route.summary,
        description=_route.description,
        status_code=201 if _route.makes else 200,
        responses=NEW if _route.makes else CHANGED,
        response_model=FactAnswered,
        openapi_extra={"x-action": _route.action},
    )
