"""The decisions beside the way of a case: passing on, waiting, promises, merging, coming back (C-2, C-11, C-15)."""

from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import events as e
from domain.case.case import Case, admit
from domain.case.policy import Setting
from domain.case.words import Clock, LinkKind, Status
from domain.kernel import Event, Malformed, Refusal
from domain.values import AgentId, CaseId, Private, Role, in_future, not_in_future


class NotAvailable(Refusal):
    """Work passes only to an agent who is there."""

    code = "agent_not_available"


class Barred(Refusal):
    """The review of an answer goes to a different person."""

    code = "barred"


class UnknownCase(Refusal):
    """The other case named in the request does not exist."""

    code = "case_unknown"


class NoTarget(Refusal):
    """A case is merged into another one that is open."""

    code = "no_target"


class TooManyExtensions(Refusal):
    """A term is put off a limited number of times."""

    code = "too_many_extensions"


class TooEarly(Refusal):
    """A waiting begins neither before the receipt nor before the last resumption."""

    code = "too_early"


class NeverShorter(Refusal):
    """An extension never shortens."""

    code = "never_shorter"


# ---- C-2 ------------------------------------------------------------------------------------------------------------
def reassign(case: Case, agent_id: AgentId, agent: Agent, reason: Private, setting: Setting) -> list[Event]:
    """C-2: pass the work on; ownership stays, and an imported case without an owner gets one now.

    With somebody of no team the case stays its team's.
    """
    admit(case, "assignment", setting)
    _check_there(agent_id, agent, setting.local_day(setting.now))
    if agent.role not in {Role.AGENT, Role.SUPERVISOR}:
        raise NotAvailable(f"role {agent.role} does not work on cases: name an agent", rule="C-2", pointer="/agent")
    if agent_id in case.barred:
        raise Barred(f"agent {agent_id} worked on the first stage: name another one", rule="C-15", pointer="/agent")
    if agent_id == case.handler:
        return []
    return [e.Reassigned(handler=agent_id, team=agent.team or case.team, owner=case.owner or agent_id, reason=reason)]


def _check_there(agent_id: AgentId, agent: Agent, day: date) -> None:
    if agent.joins_after(day):
        detail = f"agent {agent_id} works here from {agent.joined_on} on: name an agent who is present"
        raise NotAvailable(detail, rule="C-2", pointer="/agent")
    presence = agent.presence_on(day)
    if presence is not Presence.PRESENT:
        detail = f"agent {agent_id} is {presence or 'unknown'}: name an agent who is present"
        raise NotAvailable(detail, rule="C-2", pointer="/agent")


# ---- C-11: waiting, terms, words ------------------------------------------------------------------------------------
def pause(case: Case, paused: e.Paused, setting: Setting) -> list[Event]:
    """C-11: the case waits since then; not before receipt or the last resumption."""
    not_in_future(paused.since, setting.now, "/since")
    admit(case, "pause", setting)
    earliest = case.not_waiting_before
    if earliest and paused.since < earliest:
        detail = f"the waiting began at the earliest at {earliest.isoformat()}"
        raise TooEarly(detail, rule="C-11", pointer="/since")
    return [replace(paused, since=min(paused.since, setting.now))]


def waiting_since(case: Case, day: date, setting: Setting) -> datetime:
    """When a waiting began of which only the day is known: its first moment, or receipt or resumption on that day."""
    earliest = case.not_waiting_before
    if earliest and setting.local_day(earliest) == day:
        return earliest
    return datetime.combine(day, time(), ZoneInfo(setting.policy.time_zone))


def resume(case: Case, resumed: e.Resumed, setting: Setting) -> list[Event]:
    """C-11: the waiting is over."""
    admit(case, "resumption", setting)
    return [resumed]


def extend(case: Case, extended: e.DeadlineExtended, setting: Setting) -> list[Event]:
    """C-11: put a term off, with a reason, never to an earlier time, a limited number of times."""
    in_future(extended.until, setting.now, "/until", "C-11")
    admit(case, "extension", setting)
    granted = [term for clock, term in case.extensions if clock is extended.clock]
    told = [case.answer_by] if extended.clock is Clock.ANSWER and case.answer_by else []
    standing = max([*granted, *told], default=None)
    if len(granted) >= setting.policy.extensions_per_clock:
        detail = f"the {extended.clock} term has been put off {len(granted)} times: answer, or make a new promise"
        raise TooManyExtensions(detail, rule="C-11", pointer="/clock")
    if standing and extended.until <= standing:
        detail = f"the term stands at {standing.isoformat()}: name a later time"
        raise NeverShorter(detail, rule="C-11", pointer="/until")
    return [extended]


def promise(case: Case, promised: e.PromiseMade, setting: Setting) -> list[Event]:
    """C-11: a promise has a time."""
    in_future(promised.due_at, setting.now, "/due_at", "C-11")
    admit(case, "promises", setting)
    return [replace(promised, number=case.promises + 1)]


def reply_interim(case: Case, reply: e.InterimReplySent, setting: Setting) -> list[Event]:
    """D-1: tell the customer how things stand and when the answer comes."""
    in_future(reply.answer_by, setting.now, "/answer_by", "D-1")
    admit(case, "interim-replies", setting)
    return [reply]


def contact(case: Case, contacted: e.CustomerContacted, setting: Setting) -> list[Event]:
    """C-11: words to or from the customer."""
    admit(case, "contacts", setting)
    return [contacted]


def note(case: Case, noted: e.Noted, setting: Setting) -> list[Event]:
    """C-11, C-14: an internal note."""
    admit(case, "notes", setting)
    return [noted]


def attach(case: Case, attached: e.EvidenceAttached, setting: Setting) -> list[Event]:
    """C-11: a piece of evidence joins the case."""
    admit(case, "evidence", setting)
    return [attached]


# ---- C-11: between cases --------------------------------------------------------------------------------------------
def link(case: Case, own: CaseId, other: CaseId, target: Case, kind: LinkKind, setting: Setting) -> list[Event]:
    """C-11: note that another case belongs to this one; nothing to do when it is noted already."""
    _another(own, other, target, "/case")
    admit(case, "links", setting)
    return [] if (other, kind) in case.links else [e.Linked(case=other, kind=kind)]


def merge(case: Case, own: CaseId, into: CaseId, target: Case, setting: Setting) -> tuple[list[Event], list[Event]]:
    """C-11: go on in another open case. The events of this case, and those of the target."""
    _another(own, into, target, "/into")
    admit(case, "merge", setting)
    if case.received and case.received.second_stage and case.received.second_stage.of == into:
        raise NoTarget("a review does not go back into its first stage: decide it", rule="C-15", pointer="/into")
    if target.status in {Status.MERGED, Status.CLOSED, Status.WITHDRAWN}:
        raise NoTarget(f"case {into} is {target.status}: merge into an open case", rule="C-11", pointer="/into")
    return [e.Merged(into=into)], [e.Linked(case=own, kind=LinkKind.MERGED_FROM)]


def _another(own: CaseId, other: CaseId, target: Case, pointer: str) -> None:
    if own == other:
        raise Malformed("name another case than this one", rule="C-11", pointer=pointer)
    if target.status is None:
        raise UnknownCase(f"there is no case {other}", rule="C-11", pointer=pointer)


def unmerge(case: Case, unmerged: e.Unmerged, setting: Setting) -> list[Event]:
    """C-11: undo a merge; the case has its former status again."""
    admit(case, "unmerge", setting)
    return [replace(unmerged, out_of=CaseId(case.merged_into or ""), to_status=case.status_before)]


# ---- C-11: ending and coming back -----------------------------------------------------------------------------------
def withdraw(case: Case, withdrawn: e.Withdrawn, setting: Setting) -> list[Event]:
    """C-11: the customer wishes no further work; no summary is needed."""
    admit(case, "withdrawal", setting)
    return [withdrawn]


def reopen(case: Case, reopened: e.Reopened, setting: Setting) -> list[Event]:
    """C-11: take the work up again; an ended case within the policy's days, later as a new linked case."""
    status = admit(case, "reopening", setting)
    return [replace(reopened, from_status=status, to_status=_back_to(case, setting))]


def _back_to(case: Case, setting: Setting) -> Status:
    """Where the work begins again: a case withdrawn before its analysis goes back to where it stood."""
    if case.status is Status.WITHDRAWN and case.analysis is None:
        return case.status_before
    return setting.policy.reopen_to


# ---- C-15 -----------------------------------------------------------------------------------------------------------
def request_review(
    case: Case, requested: e.ReviewRequested, own: CaseId, second: e.Received, setting: Setting
) -> tuple[list[Event], list[Event]]:
    """C-15: one review by a different person. The events of this case, and those of the review's own case.

    `second` is the receipt of that case; it takes over who complains of what, and bars who decided the first stage.
    """
    admit(case, "review-requests", setting)
    decided = case.resolvers | ({case.handler} if case.handler else set())
    stage = e.SecondStage(of=own, barred=tuple(sorted(decided)))
    handler = None if setting.actor.id in decided else setting.actor.id
    linked = e.Linked(case=requested.review, kind=LinkKind.STAGE_TWO)
    new = replace(second, owner=handler, handler=handler, second_stage=stage, on_site=False, apology_given=False)
    return [requested, linked], [new]
