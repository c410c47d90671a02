"""The decisions along the way of a case, C-1 to C-10: state and inputs in, events out, or a refusal."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.case import events as e
from domain.case.case import Case, admit
from domain.case.policy import Setting
from domain.case.words import ComplaintType, Courtesy, Decision, FaultKind, ReopenCause, Status, Verdict
from domain.kernel import Event, Forbidden, Malformed, Refusal, Unknown
from domain.values import in_future, not_in_future

BEST_SCORE = 5
"""The score of a customer who could not be better pleased (C-8)."""


class NamedInCase(Refusal):
    """Nobody analyses a case in which they are named."""

    code = "named_in_case"


class BillMissing(Refusal):
    """A complaint about a price is investigated with the bill, or with the reason why it cannot be had."""

    code = "bill_missing"


class NotSupervised(Refusal):
    """A complaint about an agent's attitude is investigated by a supervisor before it is analysed."""

    code = "not_supervised"


class OwnEscalation(Refusal):
    """Nobody answers the escalation they made."""

    code = "own_escalation"


class AlreadyAnswered(Refusal):
    """The escalation has its answer."""

    code = "already_answered"


class OverLimit(Refusal):
    """The cost exceeds what this person may grant."""

    code = "over_limit"


class NoSuchOption(Refusal):
    """The proposal in force has no option of that number."""

    code = "no_such_option"


class NotThePassedOption(Refusal):
    """The resolution follows the option that the review has passed."""

    code = "not_the_passed_option"


class DemandsUnanswered(Refusal):
    """A resolution answers every demand."""

    code = "demands_unanswered"


class NoSuchDemand(Refusal):
    """The case has no demand of that number."""

    code = "no_such_demand"


class NotGranted(Refusal):
    """What was not granted, or is carried out already, cannot be carried out."""

    code = "not_granted"


# ---- C-1 … C-4 ------------------------------------------------------------------------------------------------------
def receive(case: Case, received: e.Received, setting: Setting) -> list[Event]:
    """C-1: put a complaint on record; nothing to do when it is there already (an import run twice)."""
    _happened(received.received_at, setting, "/received_at")
    _happened(received.happened_at, setting, "/happened_at")
    if setting.policy.kind != "imported":
        _at_least(1, received.demands, "/demands", "C-1")
    return [received] if case.status is None else []


def _happened(at: datetime | None, setting: Setting, pointer: str) -> None:
    if at is not None:
        not_in_future(at, setting.now, pointer)


def _at_least(least: int, items: Sequence[object], pointer: str, rule: str) -> None:
    if len(items) < least:
        raise Malformed(f"{pointer[1:]}: name at least {least}", rule=rule, pointer=pointer)


def _not_negative(fen: int, pointer: str) -> None:
    if fen < 0:
        raise Malformed("a cost is not below zero", rule="C-7", pointer=pointer)


def acknowledge(case: Case, acknowledged: e.Acknowledged, setting: Setting) -> list[Event]:
    """C-1a: the customer is told that the complaint is on record, and when they will hear back."""
    if acknowledged.answer_by:
        in_future(acknowledged.answer_by, setting.now, "/answer_by", "C-1a")
    admit(case, "acknowledgement", setting)
    return [acknowledged]


def clarify(case: Case, clarified: e.Clarified, setting: Setting) -> list[Event]:
    """C-3: the facts as 5W1H, read back to the customer and confirmed."""
    if not clarified.confirmed_by_customer:
        raise Malformed(
            "read the facts back to the customer and have them confirmed before you record them",
            rule="C-3",
            pointer="/confirmed_by_customer",
        )
    admit(case, "clarification", setting)
    return [clarified]


def investigate(case: Case, investigated: e.Investigated, setting: Setting) -> list[Event]:
    """C-4: the findings; a complaint about a price needs the bill or the reason why it cannot be had."""
    admit(case, "investigation", setting)
    if case.type is ComplaintType.PRICE and not (investigated.bill or investigated.bill_unavailable):
        detail = "a complaint about a price needs the bill itemised, or bill_unavailable with the reason"
        raise BillMissing(detail, rule="C-4", pointer="/bill")
    return [investigated]


# ---- C-5 ------------------------------------------------------------------------------------------------------------
BY_A_SUPERVISOR = "an analysis that names an agent, or replaces one that does, is made by a supervisor"


def names_somebody(case: Case) -> bool:
    """Whether the analysis that stands names an agent: only a supervisor replaces it (C-4)."""
    return case.analysis is not None and bool(case.analysis.faults)


def analyse(case: Case, analysed: e.Analysed, setting: Setting) -> list[Event]:
    """C-5: attribution, severity, risks and faults; the last analysis replaces the former whole."""
    if (analysed.faults or names_somebody(case)) and not setting.actor.supervises:
        raise Forbidden(BY_A_SUPERVISOR, rule="C-4", pointer="/faults")
    _check_faults(analysed)
    admit(case, "analysis", setting)
    if setting.actor.id in {fault.agent for fault in analysed.faults}:
        raise NamedInCase("you are named in this case: another supervisor analyses it", rule="C-4", pointer="/faults")
    if not case.supervised and any(fault.fault is FaultKind.BAD_ATTITUDE for fault in analysed.faults):
        detail = "a supervisor investigates a complaint about an attitude: investigate it anew as supervisor first"
        raise NotSupervised(detail, rule="C-4", pointer="/faults")
    return [analysed]


def _check_faults(analysed: e.Analysed) -> None:
    seen = set()
    for at, fault in enumerate(analysed.faults):
        key = (fault.agent, fault.fault, fault.ref)
        if key in seen:
            raise Malformed("the same agent, fault and ref stand twice", rule="C-5", pointer=f"/faults/{at}")
        seen.add(key)
        if fault.fault is not FaultKind.MEDIA_EXPOSURE and analysed.attribution != "company":
            detail = f"{fault.fault} is a fault only where the complaint is attributed to the company"
            raise Malformed(detail, rule="C-5", pointer=f"/faults/{at}/fault")


# ---- C-6 ------------------------------------------------------------------------------------------------------------
def escalate(case: Case, escalated: e.Escalated, setting: Setting) -> list[Event]:
    """C-6: ask a department or a superior, with two or more candidate solutions and the bottom line."""
    _at_least(2, escalated.options, "/options", "C-6")
    _at_least(1, escalated.scenarios, "/scenarios", "C-6")
    in_future(escalated.hear_back_by, setting.now, "/hear_back_by", "C-6")
    admit(case, "escalations", setting)
    return [replace(escalated, number=len(case.escalations) + 1)]


def answer_escalation(case: Case, answered: e.EscalationAnswered, setting: Setting) -> list[Event]:
    """C-6: answer an escalation; the cost approved lies within the answering person's own limit."""
    if case.status is not None and not 1 <= answered.number <= len(case.escalations):
        raise Unknown(f"the case has no escalation {answered.number}")
    admit(case, "escalation-answers", setting)
    asked = case.escalations[answered.number - 1]
    if asked.answered:
        raise AlreadyAnswered(f"escalation {answered.number} has been answered; escalate anew", rule="C-6")
    if asked.by == setting.actor.id:
        raise OwnEscalation("another person answers the escalation you made", rule="C-6")
    _within_limit(answered.approved_cost_fen or 0, setting.limit_fen, "/approved_cost_fen")
    return [answered]


def _within_limit(cost_fen: int, limit_fen: int, pointer: str) -> None:
    if cost_fen > limit_fen:
        detail = f"{cost_fen} fen exceed the {limit_fen} fen you may grant: escalate, and have the cost approved (C-6)"
        raise OverLimit(detail, rule="C-7", pointer=pointer)


# ---- C-7, C-16 ------------------------------------------------------------------------------------------------------
def propose(case: Case, proposed: e.SolutionProposed, setting: Setting) -> list[Event]:
    """C-7: put options forward; they replace those of an earlier proposal."""
    _at_least(1, proposed.options, "/options", "C-7")
    for at, option in enumerate(proposed.options):
        _not_negative(option.cost_fen, f"/options/{at}/cost_fen")
    admit(case, "proposals", setting)
    return [proposed]


def review_answer(case: Case, reviewed: e.AnswerReviewed, setting: Setting) -> list[Event]:
    """C-16: pass an option or return it with a reason, as another person than its author."""
    if reviewed.verdict is Verdict.RETURNED and reviewed.reason is None:
        raise Malformed("an answer is returned with a reason", rule="C-16", pointer="/reason")
    admit(case, "answer-reviews", setting)
    _option_exists(case, reviewed.option)
    return [reviewed]


def _option_exists(case: Case, option: int) -> None:
    options = len(case.proposal.options) if case.proposal else 0
    if not 1 <= option <= options:
        detail = f"there is no option {option}: the proposal in force has {options}, counted from 1"
        raise NoSuchOption(detail, rule="C-7", pointer="/option")


def resolve(case: Case, resolved: e.Resolved, setting: Setting) -> list[Event]:
    """C-7: answer every demand, within the limit, by the passed option where one was reviewed.

    What is granted without a due day falls due after the policy's `grant_due_days`. What a source system did before us,
    by nobody of ours (`by` is None), is recorded as it stands: nothing is asked of it that it may lack.
    """
    if resolved.by is None and setting.policy.kind == "imported":
        admit(case, "resolution", setting)
        _happened(resolved.resolved_at, setting, "/resolved_at")
        return [resolved]
    _not_negative(resolved.cost_fen or 0, "/cost_fen")
    _check_answers(resolved.answers, setting)
    admit(case, "resolution", setting)
    _answers_every_demand(case, resolved.answers)
    _follows_option(case, resolved)
    _within_limit(resolved.cost_fen or 0, max(setting.limit_fen, case.approved_fen), "/cost_fen")
    option = case.proposal.options[resolved.option - 1] if case.proposal and resolved.option else None
    answers = tuple(_with_due_day(answer, setting) for answer in resolved.answers)
    return [replace(resolved, answers=answers, concession=option.concession if option else None)]


def _check_answers(answers: Sequence[e.Answer], setting: Setting) -> None:
    demands = [answer.demand for answer in answers]
    for at, answer in enumerate(answers):
        if answer.demand in demands[:at]:
            raise Malformed("a demand is answered once", rule="C-7", pointer=f"/answers/{at}/demand")
        if answer.decision is not Decision.GRANTED and answer.reason is None:
            detail = f"{answer.decision} needs the reason that the customer is told"
            raise Malformed(detail, rule="C-7", pointer=f"/answers/{at}/reason")
        if answer.due and answer.decision is Decision.REFUSED:
            raise Malformed("what is refused has no due day", rule="C-7", pointer=f"/answers/{at}/due")
        if answer.due and answer.due < setting.local_day(setting.now):
            raise Malformed("the due day has passed", rule="C-7", pointer=f"/answers/{at}/due")


def _answers_every_demand(case: Case, answers: Sequence[e.Answer]) -> None:
    numbers = set(range(1, case.demands + 1))
    answered = {answer.demand for answer in answers}
    if unknown := sorted(answered - numbers):
        detail = f"there is no demand {unknown[0]}: the case has {case.demands}, counted from 1"
        raise NoSuchDemand(detail, rule="C-7", pointer="/answers")
    if missing := sorted(numbers - answered):
        detail = f"answer every demand: {', '.join(map(str, missing))} still unanswered"
        raise DemandsUnanswered(detail, rule="C-7", pointer="/answers")


def _follows_option(case: Case, resolved: e.Resolved) -> None:
    if resolved.option is not None:
        _option_exists(case, resolved.option)
    if case.proposal is None or case.proposal.passed is None:
        return
    passed, cost_fen = case.proposal.passed, case.proposal.options[case.proposal.passed - 1].cost_fen
    if resolved.option != passed or (resolved.cost_fen or 0) > cost_fen:
        detail = f"the review has passed option {passed} at {cost_fen} fen: resolve by it, or have another one passed"
        raise NotThePassedOption(detail, rule="C-16", pointer="/option")


def _with_due_day(answer: e.Answer, setting: Setting) -> e.Answer:
    if answer.decision is Decision.REFUSED:
        return answer
    days = timedelta(days=setting.policy.grant_due_days)
    return replace(answer, due=answer.due or setting.local_day(setting.now) + days)


def fulfil(case: Case, fulfilled: e.Fulfilled, setting: Setting) -> list[Event]:
    """C-7: mark a grant as carried out."""
    admit(case, "fulfilments", setting)
    if case.grants.get(fulfilled.demand) is not False:
        detail = f"demand {fulfilled.demand} has no grant left to be carried out"
        raise NotGranted(detail, rule="C-7", pointer="/demand")
    return [fulfilled]


# ---- C-8 … C-10 -----------------------------------------------------------------------------------------------------
def call_back(case: Case, called: e.CallbackDone, setting: Setting) -> list[Event]:
    """C-8: record the call; who is not satisfied has the case reopened, three unreached days end the step."""
    _check_callback(called)
    admit(case, "callbacks", setting)
    day = setting.local_day(setting.now)
    unreached = len(case.unreached_days | {day}) >= setting.policy.unreached_days_end_callback
    ends_step = bool(called.satisfied) or (not called.reached and unreached)
    return [replace(called, day=day, ends_step=ends_step), *_reopened_by(called, setting)]


def _check_callback(called: e.CallbackDone) -> None:
    if called.reached and called.satisfied is None:
        raise Malformed("say whether the customer is satisfied", rule="C-8", pointer="/satisfied")
    if called.score is not None and not 1 <= called.score <= BEST_SCORE:
        raise Malformed(f"the score lies between 1 and {BEST_SCORE}", rule="C-8", pointer="/score")
    if not called.reached and (called.satisfied is not None or called.score is not None):
        field = "satisfied" if called.satisfied is not None else "score"
        raise Malformed(f"who was not reached has given no {field}", rule="C-8", pointer=f"/{field}")


def _reopened_by(called: e.CallbackDone, setting: Setting) -> list[Event]:
    if called.satisfied is not False:
        return []
    to_status = setting.policy.reopen_to
    return [e.Reopened(cause=ReopenCause.NOT_SATISFIED, from_status=Status.RESOLVED, to_status=to_status)]


def summarise(case: Case, summarised: e.Summarised, setting: Setting) -> list[Event]:
    """C-10: cause, what was learned, prevention, improvement."""
    admit(case, "summary", setting)
    return [summarised]


def close(case: Case, closed: e.Closed, setting: Setting) -> list[Event]:
    """C-10, C-12: end the case; missing courtesies are shown, not forbidden; of imported cases they are unknown."""
    admit(case, "closing", setting)
    _happened(closed.closed_at, setting, "/closed_at")
    missing = tuple(courtesy for courtesy in Courtesy if courtesy not in case.courtesies)
    return [replace(closed, courtesies_missing=None if setting.policy.kind == "imported" else missing)]
