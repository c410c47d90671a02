"""Reading single facts of the work: straight from the log, opened or masked by who asks (A-4)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from application.case_reads import Histories, ReadAudit
from application.envelope import Recorded
from application.permissions import Action, allowed, permit_own
from application.sealing import Keyring, Show, legible, masked, opened, subjects, told
from domain.kernel import Decider, Event
from domain.values import Actor, AgentId, Role, SubjectId
from domain.work import events as e
from domain.work.conduct import CONDUCT
from domain.work.order import ORDER, ServiceOrder
from domain.work.recorded import WORK_FACT
from domain.work.refusals import NoSuchFact
from domain.work.review import REVIEW

KINDS: dict[type[Event], str] = {
    e.OrderEntered: "orders",
    e.CallbackMade: "member-callbacks",
    e.CallbacksTallied: "member-callbacks",
    e.SummaryHandedIn: "callback-summaries",
    e.ExamTaken: "exams",
    e.PhoneTested: "phone-tests",
    e.PhoneFaultReported: "phone-faults",
    e.MissedCallLogged: "missed-calls",
    e.PointsShortageFound: "points-shortages",
    e.CallRecorded: "calls",
    e.ConductReported: "conduct-reports",
    e.ReviewScored: "quality-reviews",
}
"""The word of each kind of fact in the path of the API, by the event that records it."""
STATUSES: dict[type[Event], str] = {
    e.ConductReported: "reported",
    e.ConductConfirmed: "confirmed",
    e.ConductDismissed: "dismissed",
    e.ReviewScored: "scored",
    e.ReviewDisputed: "disputed",
    e.ReviewAnswered: "answered",
}
"""How far a conduct report or a quality review has come, by its last event."""
_DECIDERS: dict[str, Decider[Any]] = {"orders": ORDER, "conduct-reports": CONDUCT, "quality-reviews": REVIEW}
_REPLACED: dict[type[Event], frozenset[str]] = {
    e.OrderCorrected: frozenset(field.name for field in fields(e.OrderEntered)),
    e.AmountCollected: frozenset({"amount_fen"}),
    e.ReviewAnswered: frozenset({"scores", "failed", "total"}),
}
"""Which fields of an event take the place of those first recorded."""


class _Fact(Protocol):
    """What the state of every fact knows."""

    @property
    def agents(self) -> Collection[AgentId]:
        """Whose fact it is; nobody's in particular where there is none."""
        ...


class FactReads:
    """Every read of single facts. All raise NoSuchFact and NotYourFact."""

    def __init__(self, histories: Histories, keyring: Keyring, audit: ReadAudit) -> None:
        self._histories, self._keyring, self._audit = histories, keyring, audit

    async def reachable(self, kind: str, fact: str, actor: Actor) -> UUID:
        """The id of a fact that exists, is of this kind, and that the actor may reach."""
        recorded, _ = await self._reached(kind, fact, actor)
        return recorded[0].stream

    async def document(
        self, kind: str, fact: str, actor: Actor, now: datetime, reason: str | None
    ) -> Mapping[str, Any]:
        """A fact as it stands, with its history; personal data is opened as the role or the reason admits."""
        recorded, state = await self._reached(kind, fact, actor)
        show = await self._show(recorded, actor, now, reason)
        last = recorded[-1]
        return {
            "id": fact,
            "kind": kind,
            "version": last.version,
            "position": last.position,
            "status": _status(recorded),
            "withdrawn": getattr(state, "withdrawn", False),
            "data": _as_it_stands(recorded, state, show),
            "history": [told(one, show) for one in recorded],
        }

    async def _reached(self, kind: str, fact: str, actor: Actor) -> tuple[Sequence[Recorded], _Fact]:
        recorded = await self._histories.history(_id_of(fact))
        if not recorded or KINDS.get(type(recorded[0].event)) != kind:
            raise NoSuchFact("there is no such fact")
        state: _Fact = _DECIDERS.get(kind, WORK_FACT).fold(one.event for one in recorded)
        if not decides_conduct(actor, kind):
            permit_own(actor, state.agents)
        return recorded, state

    async def _show(self, recorded: Sequence[Recorded], actor: Actor, now: datetime, reason: str | None) -> Show:
        """Opened for those who work with the people, and for an auditor's reason, which is recorded; else masked."""
        if not allowed(actor, Action.OPEN_PERSONAL_DATA) and (reason is None or actor.role is not Role.AUDITOR):
            return masked
        people = {subject for one in recorded for subject in subjects(one.event)}
        await self._audit.opened(actor, recorded[0].stream, reason, now, _concerned(recorded, people))
        return opened(await self._keyring.opener(sorted(people)))


def decides_conduct(actor: Actor, kind: str) -> bool:
    """Whether a deputy looks at what deputies decide: the conduct of others (L-0)."""
    return actor.deputy and kind == "conduct-reports"


def _concerned(recorded: Sequence[Recorded], people: Collection[SubjectId]) -> SubjectId | None:
    """Whom a fact concerns: the member it is about by now, else whoever has something sealed in it."""
    members = (getattr(one.event, "subject", None) for one in reversed(recorded))
    return next((member for member in members if member), min(people, default=None))


def _id_of(fact: str) -> UUID:
    try:
        return UUID(fact)
    except ValueError:
        raise NoSuchFact("there is no such fact") from None


def _status(recorded: Sequence[Recorded]) -> str | None:
    return next((STATUSES[type(one.event)] for one in reversed(recorded) if type(one.event) in STATUSES), None)


def _as_it_stands(recorded: Sequence[Recorded], state: _Fact, show: Show) -> dict[str, Any]:
    """The fields last recorded, with what took their place since."""
    stands: dict[str, Any] = {}
    for one in recorded:
        data = legible(one.event, show)
        if type(one.event) in KINDS:
            stands = data
        replaced = _REPLACED.get(type(one.event), frozenset())
        stands |= {name: value for name, value in data.items() if name in replaced and value is not None}
    return stands | (_outcome(state) if isinstance(state, ServiceOrder) else {})


def _outcome(order: ServiceOrder) -> dict[str, Any]:
    """How an order has come out; valid is None until its course has ended."""
    fact = order.fact()
    return {
        "seated": order.seated,
        "cancelled": order.cancelled,
        "reported_back": order.reported_back,
        "done": order.done,
        "missing": list(order.missing),
        "wrong": list(order.wrong),
        "valid": fact.valid if fact else None,
    }
