"""Commands on the facts of the work (W-1 … W-9): what comes in is sealed, decided by the domain, and recorded.

A fact that is recorded in one go is a row of RECORDINGS, a step of an order a row of STEPS; the rest are methods.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from application.cases import UnknownAgent, identity_of
from application.conduct_lines import ConductLines
from application.event_log import Changes, Command, Done, Log, States, Stream
from application.matters import Matter, MatterKind
from application.permissions import Action, permit, permit_own
from application.posting import PAYROLL
from application.sealing import Keyring, Sealer, seal
from application.streams import (
    agent_stream,
    call_id,
    case_stream,
    conduct_stream,
    exam_id,
    fact_stream,
    merchant_stream,
    new_fact_id,
    order_stream,
    review_stream,
    tally_id,
)
from domain.case.beside import UnknownCase
from domain.kernel import Event, Malformed, Refusal
from domain.values import Actor, AgentId, CaseId, Month, local_day
from domain.work import conduct, order, recorded, review
from domain.work import events as e
from domain.work.conduct import ConductReport
from domain.work.facts import OrderField
from domain.work.order import ServiceOrder
from domain.work.recorded import WorkFact
from domain.work.refusals import NoSuchFact

Stated = Mapping[str, Any]
"""The fields of an event in plain form, named as in the event; what nobody has said is left out."""
FINISHED = ("seated", "missing", "wrong")
"""What is stated of an order that was finished elsewhere."""


class UnknownMerchant(Refusal):
    """The merchant named in the request is not known."""

    code = "merchant_unknown"


@dataclass(frozen=True, slots=True)
class FactAnswer:
    """What a command on a fact answers."""

    id: UUID
    version: int


# ---- facts recorded in one go ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Recording:
    """One kind of fact: its event, its decision, the fields that name agents, and its own key, if it has one.

    agents: an agent may record only what names them in the first of these fields. member: it is about a member, whose
    the texts are, not the agent's. recorder: where no agent is named it is who records it.
    """

    event: type[Event]
    decide: Callable[[WorkFact, Any, datetime], list[Event]]
    agents: tuple[str, ...] = ()
    key: Callable[[Stated], UUID | None] = lambda _: None
    member: bool = False
    recorder: bool = False


def _month(stated: Stated) -> Month:
    return Month.parse(stated["month"])


def _call(stated: Stated) -> UUID | None:
    return call_id(stated["external_ref"]) if "external_ref" in stated else None


RECORDINGS: dict[str, Recording] = {
    "member-callbacks": Recording(e.CallbackMade, recorded.make_callback, ("agent",), member=True),
    "callback-tallies": Recording(
        e.CallbacksTallied, recorded.tally_callbacks, ("agent",), lambda s: tally_id(s["agent"], _month(s))
    ),
    "callback-summaries": Recording(e.SummaryHandedIn, recorded.hand_in_summary, ("agent",)),
    "exams": Recording(e.ExamTaken, recorded.take_exam, ("agent",), lambda s: exam_id(s["agent"], _month(s))),
    "missed-calls": Recording(e.MissedCallLogged, recorded.log_missed_call),
    "phone-tests": Recording(e.PhoneTested, recorded.record_phone_test, ("agent",), recorder=True),
    "phone-faults": Recording(e.PhoneFaultReported, recorded.report_fault),
    "points-shortages": Recording(e.PointsShortageFound, recorded.find_shortage, ("order_agent", "duty_agent")),
    "calls": Recording(e.CallRecorded, recorded.record_call, ("agent",), _call),
}


# ---- steps of an order ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order's course: its event and its decision."""

    event: type[Event]
    decide: Callable[[ServiceOrder, Any, datetime], list[Event]]


STEPS: dict[str, Step] = {
    "merchant-call": Step(e.MerchantCalled, order.call_merchant),
    "guest-told": Step(e.GuestTold, order.tell_guest),
    "inquiry": Step(e.Asked, order.ask),
    "seating": Step(e.Seated, order.seat),
    "cancellation": Step(e.Cancelled, order.cancel),
    "late": Step(e.CameLate, order.come_late),
    "amount": Step(e.AmountCollected, order.collect_amount),
    "reported-back": Step(e.ReportedBack, order.report_back),
}


class Facts:
    """Every command on the facts of the work. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, keyring: Keyring, forms: Mapping[str, review.Form], lines: ConductLines) -> None:
        self._log, self._keyring, self._forms, self._lines = log, keyring, forms, lines

    # ---- W-2 to W-5, W-7, W-9 ---------------------------------------------------------------------------------------
    async def record(self, kind: str, stated: Stated, actor: Actor, command: Command) -> Done:
        """Record a fact of a row of RECORDINGS; `month` is written `2026-03`."""
        permit(actor, Action.RECORD_FACTS)
        row, now = RECORDINGS[kind], command.meta.at
        stated = {"agent": actor.id, **stated} if row.recorder else stated
        permit_own(actor, _named(stated, row.agents[:1]))
        stream = fact_stream(row.key(stated) or new_fact_id(kind, command.meta.command_id))
        facts = {**stated, "month": asdict(_month(stated))} if "month" in stated else stated

        async def decide(states: States) -> Changes:
            sealer = await (self._member(stated) if row.member else self._agent(stated.get("agent", actor.id)))
            event = seal(row.event, {**facts, "subject": sealer.subject} if row.member else facts, sealer)
            recorded.permit_account(states[stream], event, actor)
            events = row.decide(states[stream], event, now)
            _check_agents(states, stated, row.agents)
            return {stream: events}

        return await self._transact([stream, *_agent_streams(stated, row.agents)], decide, command)

    async def withdraw(self, fact: UUID, reason: str, actor: Actor, command: Command) -> Done:
        """Take back a fact of W-2 to W-5, W-7 or W-9."""
        permit(actor, Action.WITHDRAW_FACTS)
        stream, voucher = fact_stream(fact), Matter.of(MatterKind.FACT, fact).voucher

        async def decide(states: States) -> Changes:
            concerned = min(states[stream].agents, default=actor.id)
            withdrawn = seal(e.FactWithdrawn, {"reason": reason}, await self._agent(concerned))
            bearing = tuple(line.agent for line in states[voucher].entries.values())
            return {stream: recorded.withdraw(states[stream], withdrawn, actor, bearing)}

        return await self._transact([stream], decide, command, [voucher])

    # ---- W-1 --------------------------------------------------------------------------------------------------------
    async def enter_order(self, stated: Stated, actor: Actor, command: Command) -> Done:
        """W-1: take an order; where `seated` is stated it was finished elsewhere, and ends in the same command."""
        permit(actor, Action.RECORD_FACTS)
        permit_own(actor, _named(stated, ("agent",)))
        stream = order_stream(new_fact_id("orders", command.meta.command_id))
        agents = ("agent", "follow_up")
        merchants = [merchant_stream(stated["merchant"])] if "merchant" in stated else []

        async def decide(states: States) -> Changes:
            sealer = await self._member(stated)
            facts = {**_standing(states, stated), **stated, "subject": sealer.subject}
            entered = seal(e.OrderEntered, _without(facts, FINISHED), sealer)
            events = _entered(states[stream], entered, stated, command.meta.at)
            _check_agents(states, stated, agents)
            _check_merchant(states, stated)
            return {stream: events}

        return await self._transact([stream, *_agent_streams(stated, agents), *merchants], decide, command)

    async def take_step(self, name: str, order_id: UUID, stated: Stated, actor: Actor, command: Command) -> Done:
        """W-1: take a step of a row of STEPS; without `at`, now."""
        permit(actor, Action.RECORD_FACTS)
        row, now, stream = STEPS[name], command.meta.at, order_stream(order_id)

        async def decide(states: States) -> Changes:
            sealer = await self._keyring.sealer(_reached(states[stream], actor).subject)
            return {stream: row.decide(states[stream], seal(row.event, {"at": now, **stated}, sealer), now)}

        return await self._transact([stream], decide, command)

    async def end_order(self, order_id: UUID, wrong: Sequence[OrderField], actor: Actor, command: Command) -> Done:
        """W-1: end the course of an order; what is wrong is stated, what is missing follows from the order.

        No text is sealed by it: an order that was cancelled can end after the member was erased.
        """
        permit(actor, Action.RECORD_FACTS)
        stream = order_stream(order_id)

        async def decide(states: States) -> Changes:
            _reached(states[stream], actor)
            return {stream: order.end(states[stream], tuple(wrong))}

        return await self._transact([stream], decide, command)

    async def correct_order(self, order_id: UUID, stated: Stated, actor: Actor, command: Command) -> Done:
        """W-1: set right what was recorded wrongly; another merchant or day is looked up anew."""
        permit(actor, Action.RECORD_FACTS)
        permit_own(actor, _named(stated, ("agent",)))
        agents = ("agent", "follow_up")
        stream = order_stream(order_id)

        async def decide(states: States) -> Changes:
            known = _reached(states[stream], actor)
            sealer = await (self._member(stated) if "card_no" in stated else self._keyring.sealer(known.subject))
            read = await self._log.states([merchant_stream(stated.get("merchant", known.merchant or ""))])
            facts = {**_standing_anew(read, stated, known), **stated, "subject": sealer.subject}
            events = order.correct(states[stream], seal(e.OrderCorrected, facts, sealer), actor, command.meta.at)
            _check_agents(states, stated, agents)
            _check_merchant(read, stated)
            return {stream: events}

        return await self._transact([stream, *_agent_streams(stated, agents)], decide, command)

    async def withdraw_order(self, order_id: UUID, reason: str, actor: Actor, command: Command) -> Done:
        """Take back an order; the reason is the agent's, so that it can be given after the member was erased."""
        permit(actor, Action.WITHDRAW_FACTS)
        stream = order_stream(order_id)

        async def decide(states: States) -> Changes:
            sealer = await self._agent(_reached(states[stream], actor).agent)
            withdrawn = seal(e.OrderWithdrawn, {"reason": reason}, sealer)
            return {stream: order.withdraw(states[stream], withdrawn, actor)}

        return await self._transact([stream], decide, command)

    # ---- W-6 --------------------------------------------------------------------------------------------------------
    async def report_conduct(self, stated: Stated, actor: Actor, command: Command) -> Done:
        """W-6: report what an agent has done; the agent, and the case where one is named, must be known."""
        permit(actor, Action.RECORD_FACTS)
        permit_own(actor, _named(stated, ("agent",)))
        stream = conduct_stream(new_fact_id("conduct-reports", command.meta.command_id))

        async def decide(states: States) -> Changes:
            reported = seal(e.ConductReported, stated, await self._agent(stated["agent"]))
            events = conduct.report(states[stream], reported, command.meta.at)
            _check_agents(states, stated, ("agent",))
            _check_case(states, stated, conduct.RULE)
            return {stream: events}

        return await self._transact([stream, *_concerned(stated)], decide, command)

    async def decide_conduct(
        self, report: UUID, decision: str, reason: str | None, actor: Actor, command: Command
    ) -> Done:
        """W-6: confirm a report and its line, or dismiss both with a reason. Raises Busy while it is not judged yet."""
        permit(actor, Action.DECIDE_CONDUCT)
        stream = conduct_stream(report)

        async def decide(states: States) -> Changes:
            known = states[stream]
            if decision == conduct.ConductStatus.CONFIRMED:
                return await self._confirmed(states, stream, actor, command)
            sealer = await self._agent(min(known.agents, default=actor.id))
            sealed = None if reason is None else sealer.seal("conduct.dismissed.reason", reason)
            return {stream: conduct.dismiss(known, sealed, actor), **await self._lines.dismissed(states, stream)}

        return await self._transact([stream], decide, command, held=[PAYROLL])

    async def _confirmed(
        self, states: States, stream: Stream[ConductReport], actor: Actor, command: Command
    ) -> Changes:
        events = conduct.confirm(states[stream], actor)
        reported = states[stream].reported
        assert reported is not None, "what is not on record cannot be confirmed"
        day, report = local_day(command.meta.at), (stream.id, reported)
        lines = await self._lines.confirmed(states, report, actor.id, day)
        return {stream: events, **lines}

    # ---- W-8 --------------------------------------------------------------------------------------------------------
    async def score_review(self, stated: Stated, actor: Actor, command: Command) -> Done:
        """W-8: review a contact or a case on a form; the total follows from the scores."""
        permit(actor, Action.REVIEW_QUALITY)
        form = self._forms.get(stated["form"])
        if form is None:
            raise Malformed(f"the forms are {', '.join(self._forms)}", rule="W-8", pointer="/form")
        stream = review_stream(new_fact_id("quality-reviews", command.meta.command_id))

        async def decide(states: States) -> Changes:
            sealer = await self._agent(stated["agent"])
            scored = seal(e.ReviewScored, {**stated, "total": 0}, sealer)
            events = review.score(states[stream], scored, form, actor, command.meta.at)
            _check_agents(states, stated, ("agent",))
            _check_case(states, stated, review.RULE)
            return {stream: events}

        return await self._transact([stream, *_concerned(stated)], decide, command)

    async def dispute_review(self, review_id: UUID, reason: str, actor: Actor, command: Command) -> Done:
        """W-8: not accept a review of one's own work."""
        permit(actor, Action.RECORD_FACTS)
        stream = review_stream(review_id)

        async def decide(states: States) -> Changes:
            disputed = seal(e.ReviewDisputed, {"reason": reason}, await self._agent(actor.id))
            return {stream: review.dispute(states[stream], disputed, actor)}

        return await self._transact([stream], decide, command)

    async def answer_dispute(self, review_id: UUID, stated: Stated, actor: Actor, command: Command) -> Done:
        """W-8: answer a dispute; scores and failed items that are not stated stay as they were."""
        permit(actor, Action.REVIEW_QUALITY)
        stream = review_stream(review_id)

        async def decide(states: States) -> Changes:
            scored = states[stream].scored
            if scored is None:
                raise NoSuchFact("there is no such review")
            as_it_was = {"scores": [asdict(one) for one in scored.scores], "failed": scored.failed, "total": 0}
            answered = seal(e.ReviewAnswered, {**as_it_was, **stated}, await self._agent(scored.agent))
            return {stream: review.answer(states[stream], answered, self._forms[scored.form], actor)}

        return await self._transact([stream], decide, command)

    # ---- what all share ---------------------------------------------------------------------------------------------
    async def _transact(
        self,
        streams: Sequence[Stream[Any]],
        decide: Callable[[States], Any],
        command: Command,
        held: Sequence[Stream[Any]] = (),
    ) -> Done:
        def answer(states: States) -> bytes:
            return msgspec.json.encode(FactAnswer(streams[0].id, states.version(streams[0])))

        return await self._log.transact([*dict.fromkeys(streams)], decide, command, answer, held)

    async def _agent(self, agent: str) -> Sealer:
        return await self._keyring.sealer(await self._keyring.subject(("agent", agent)))

    async def _member(self, stated: Stated) -> Sealer:
        """A member is a person as the customer of a case is: by card, else by telephone and name, else somebody new."""
        member = {"name": stated.get("member_name"), "card_no": stated.get("card_no"), "phone": stated.get("phone")}
        return await self._keyring.sealer(await self._keyring.subject(identity_of(member)))


def _entered(known: ServiceOrder, entered: e.OrderEntered, stated: Stated, now: datetime) -> list[Event]:
    if "seated" not in stated:
        _check_unfinished(stated)
        return order.enter(known, entered, now)
    wrong, seated = tuple(stated.get("wrong", ())), stated["seated"]
    done = e.OrderDone(missing=tuple(stated.get("missing", ())), wrong=wrong, seated=seated, judged=False)
    if "missing" not in stated and order.ITEMS & stated.keys():
        done = order.ended(entered, wrong, seated=seated)
    return order.enter_finished(known, entered, done, now)


def _check_unfinished(stated: Stated) -> None:
    for field in FINISHED:
        if field in stated:
            detail = f"{field} is stated of an order that was finished elsewhere: state seated as well"
            raise Malformed(detail, rule="W-1", pointer=f"/{field}")


def _reached(known: ServiceOrder, actor: Actor) -> e.OrderEntered:
    """The order, where there is one and the actor may work on it. Raises NoSuchFact, NotYourFact."""
    if known.entered is None:
        raise NoSuchFact("there is no such order")
    permit_own(actor, known.agents)
    return known.entered


def _standing(states: States, stated: Stated) -> dict[str, bool]:
    """What the merchant was on the local day of entry."""
    if "merchant" not in stated:
        return {"signed": False, "recommended": False}
    merchant, day = states[merchant_stream(stated["merchant"])], local_day(stated["at"])
    return {"signed": merchant.signed_on(day), "recommended": merchant.recommended_on(day)}


def _standing_anew(states: States, stated: Stated, known: e.OrderEntered) -> dict[str, bool]:
    """What the merchant was, where a correction names another one or another day."""
    if not {"merchant", "at"} & {*stated}:
        return {}
    merchant = {"merchant": known.merchant} if known.merchant else {}
    return _standing(states, {"at": known.at, **merchant, **stated})


def _without(facts: Stated, names: Iterable[str]) -> Stated:
    return {name: value for name, value in facts.items() if name not in names}


# ---- what a request names -------------------------------------------------------------------------------------------
def _named(stated: Stated, fields: Iterable[str]) -> list[AgentId]:
    return [AgentId(stated[field]) for field in fields if field in stated]


def _agent_streams(stated: Stated, fields: Iterable[str]) -> list[Stream[Any]]:
    return [agent_stream(agent) for agent in _named(stated, fields)]


def _concerned(stated: Stated) -> list[Stream[Any]]:
    """The agent, and the case where one is named."""
    cases = [case_stream(CaseId(stated["case"]))] if "case" in stated else []
    return [*_agent_streams(stated, ("agent",)), *cases]


def _check_agents(states: States, stated: Stated, fields: Iterable[str]) -> None:
    for field in fields:
        if field in stated and states[agent_stream(AgentId(stated[field]))].presence is None:
            raise UnknownAgent(f"there is no agent {stated[field]}: register them first", pointer=f"/{field}")


def _check_merchant(states: States, stated: Stated) -> None:
    if "merchant" in stated and states[merchant_stream(stated["merchant"])].name is None:
        detail = f"there is no merchant {stated['merchant']}: register it first"
        raise UnknownMerchant(detail, rule="W-1", pointer="/merchant")


def _check_case(states: States, stated: Stated, rule: str) -> None:
    if "case" in stated and states[case_stream(CaseId(stated["case"]))].status is None:
        raise UnknownCase(f"there is no case {stated['case']}", rule=rule, pointer="/case")
