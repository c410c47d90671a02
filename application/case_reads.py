"""Reading cases: straight from the log, as they stand or as they stood, opened or masked by who asks (A-2, A-4).

A case's history is its stream, so it is never behind; only lists need a projection.
"""

from asyncio import gather
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice
from typing import Any, Protocol
from uuid import UUID

from application.case_document import document
from application.cases import Cases, NextStep
from application.clock_document import shown_clock
from application.clocks import Clocks, Timeline, Timelines
from application.envelope import AsOf, Recorded, written
from application.permissions import Action, allowed, permit_case
from application.sealing import Keyring, Show, masked, opened, subjects, told
from domain.case.case import CASE, Case, NoSuchCase
from domain.case.events import CustomerContacted, InterimReplySent, Noted
from domain.time.calendar import NeverDue
from domain.time.deadlines import NoDeadlinePolicy
from domain.time.owed import due_at
from domain.time.timing import clocks, timing
from domain.values import Actor, CaseId, SubjectId


class Histories(Timelines, Protocol):
    """Reads streams with their positions."""

    async def history(self, stream: UUID, upto: AsOf = None) -> Sequence[Recorded]:
        """The events of a stream, oldest first, up to a position or moment of recording; none for an unknown one."""
        ...

    async def moment(self, position: int) -> datetime | None:
        """When the log had come to a position; None for one before the first event."""
        ...


class ReadAudit(Protocol):
    """Keeps who opened whose personal data, and why (A-4)."""

    async def opened(
        self, actor: Actor, resource: UUID, reason: str | None, at: datetime, of: SubjectId | None
    ) -> None:
        """Record that the actor opened the personal data of a case, a fact or a customer; reason None: by their role.

        of: whose they are, to whom the reason is sealed; None where nobody is concerned.
        """
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """Which events of a history are asked for.

    after: only those behind this position, in the order asked for; topics: only of these, or of all; limit: at most so
    many; newest: the latest first.
    """

    after: int | None = None
    topics: frozenset[str] = frozenset()
    limit: int | None = None
    newest: bool = False

    def of(self, events: Sequence[tuple[Recorded, int]]) -> Sequence[tuple[Recorded, int]]:
        """These of a case's events, which come with their versions, oldest first."""
        ordered = reversed(events) if self.newest else events
        return list(islice((event for event in ordered if self._has(event[0])), self.limit))

    def _has(self, one: Recorded) -> bool:
        if self.topics and one.event.topic not in self.topics:
            return False
        return self.after is None or (one.position < self.after if self.newest else one.position > self.after)


WHOLE = Part()
_OFTEN = (Noted, CustomerContacted, InterimReplySent)


@dataclass(frozen=True, slots=True)
class _Reached:
    """A case that the actor may reach: its timeline, its own events among these, and the state they fold to."""

    timeline: Timeline
    own: Sequence[Recorded]
    case: Case


class CaseReads:
    """Every read of single cases. All raise NoSuchCase and NotYourTeam."""

    def __init__(self, histories: Histories, keyring: Keyring, audit: ReadAudit, cases: Cases, clocks: Clocks) -> None:
        self._histories, self._keyring, self._audit = histories, keyring, audit
        self._cases, self._clocks = cases, clocks

    async def reachable(self, case_id: CaseId, actor: Actor) -> SubjectId:
        """The customer of a case that exists and that the actor may reach."""
        return (await self._reached(case_id, actor, None)).case.subject

    async def escalations(self, case_id: CaseId, actor: Actor) -> int:
        """How many escalations a case has; they count from 1."""
        return len((await self._reached(case_id, actor, None)).case.escalations)

    async def document(
        self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf, reason: str | None
    ) -> Mapping[str, Any]:
        """The whole case, see `case_document`; overdue is measured against the moment it is shown as of."""
        reached = await self._reached(case_id, actor, as_of)
        own, then = reached.own, await self._moment(as_of, now)
        shown = document(reached.case, own, await self._show(own, reached.case.subject, case_id, actor, now, reason))
        due = await self._due_at(reached)
        overdue = due is not None and due < then
        return {"id": case_id, **shown, "due_at": written(due) if due else None, "overdue": overdue}

    async def history(
        self,
        case_id: CaseId,
        actor: Actor,
        now: datetime,
        as_of: AsOf,
        reason: str | None,
        part: Part = WHOLE,
    ) -> Sequence[Mapping[str, Any]]:
        """Each event: position, version, type (its topic), at, actor, data. Of a part only its events are opened.

        What is recorded of the case's clocks stands among its own events, at the version the case had then.
        """
        reached = await self._reached(case_id, actor, as_of)
        show = await self._show(reached.own, reached.case.subject, case_id, actor, now, reason)
        return [told(one, show) | {"version": version} for one, version in part.of(_versioned(reached, case_id))]

    async def overview(
        self, case_id: CaseId, actor: Actor, now: datetime, reason: str | None, part: Part
    ) -> Mapping[str, Any]:
        """What a case's page shows, from one look: `case`, what comes next, `clocks`, and a part of the `history`.

        `next_steps` are the actor's, `next_action` is whoever's it may be.

        What may be said often stands in the history alone: notes, contacts, interim replies.
        """
        reached = await self._reached(case_id, actor, None)
        wanted = part.of(_versioned(reached, case_id))
        own = [one for one in reached.own if not isinstance(one.event, _OFTEN) or one is reached.own[-1]]
        told_of = [*own, *(one for one, _ in wanted)]
        show = await self._show(told_of, reached.case.subject, case_id, actor, now, reason)
        due, found = await self._due_at(reached), clocks(reached.timeline.facts, await self._clocks.policies(), now)
        shown = document(reached.case, own, show) | {name: [] for name in ("notes", "contacts", "interim_replies")}
        late = {"due_at": written(due) if due else None, "overdue": due is not None and due < now}
        return {
            "case": {"id": case_id, **shown, **late},
            "next_steps": self._cases.next_steps(reached.case, actor, now),
            "next_action": self._cases.next_action(reached.case, actor, now),
            "clocks": [shown_clock(clock) for clock in found],
            "history": [told(one, show) | {"version": version} for one, version in wanted],
        }

    async def clocks(self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf) -> Mapping[str, Any]:
        """D-3c: each clock with how it stands, its verdict and its sum; `as_of` is the moment that is shown."""
        reached, then = await self._reached(case_id, actor, as_of), await self._moment(as_of, now)
        found = clocks(reached.timeline.facts, await self._clocks.policies(), then)
        return {"as_of": written(then), "items": [shown_clock(clock) for clock in found]}

    async def evaluations(
        self, subject: SubjectId, actor: Actor, now: datetime, reason: str | None
    ) -> Sequence[Mapping[str, Any]]:
        """C-9: each event of a customer, as in `history`; the reasons are opened as those of a case are."""
        recorded = await self._histories.history(UUID(subject), None)
        show = await self._show(recorded, subject, subject, actor, now, reason)
        return [told(one, show) for one in recorded]

    async def next_steps(self, case_id: CaseId, actor: Actor, now: datetime) -> Sequence[NextStep]:
        """Every command, with whether the actor may give it now."""
        return self._cases.next_steps((await self._reached(case_id, actor, None)).case, actor, now)

    async def _reached(self, case_id: CaseId, actor: Actor, as_of: AsOf) -> _Reached:
        stream = UUID(case_id)
        timeline = (await self._histories.timelines([stream], as_of))[stream]
        own = [one for one in timeline.recorded if one.stream == stream]
        case = CASE.fold(one.event for one in own)
        if case.status is None:
            raise NoSuchCase("there is no such case" if as_of is None else "there was no such case then")
        permit_case(actor, case)
        return _Reached(timeline, own, case)

    async def _due_at(self, reached: _Reached) -> datetime | None:
        """D-3b: a missing target never means "never late": without one it is overdue since its receipt."""
        try:
            return due_at(timing(reached.timeline.facts, await self._clocks.policies()))
        except (NoDeadlinePolicy, NeverDue):
            return reached.own[0].meta.at

    async def _moment(self, as_of: AsOf, now: datetime) -> datetime:
        """Against which moment terms have passed: that of the position, that which was asked for, or now."""
        if isinstance(as_of, int):
            return await self._histories.moment(as_of) or now
        return as_of or now

    async def _show(
        self,
        recorded: Sequence[Recorded],
        of: SubjectId,
        resource: str,
        actor: Actor,
        now: datetime,
        reason: str | None,
    ) -> Show:
        """Opened for those who work with the person, and for who gives a reason, which is recorded; else masked."""
        if reason is None and not allowed(actor, Action.OPEN_PERSONAL_DATA):
            return masked
        people = {subject for one in recorded for subject in subjects(one.event)}
        _, opener = await gather(
            self._audit.opened(actor, UUID(resource), reason, now, of), self._keyring.opener(sorted(people))
        )
        return opened(opener)


def _versioned(reached: _Reached, case_id: CaseId) -> Sequence[tuple[Recorded, int]]:
    """Each event of a case with the version that the case had then."""
    versions = accumulate(int(one.stream == UUID(case_id)) for one in reached.timeline.recorded)
    return list(zip(reached.timeline.recorded, versions, strict=True))
