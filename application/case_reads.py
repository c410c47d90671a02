"""Reading cases: straight from the log, as they stand or as they stood, opened or masked by who asks (A-2, A-4).

A case's history is its stream, so it is never behind; only lists need a projection.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from application.case_document import document
from application.cases import Cases, NextStep
from application.envelope import Recorded, written
from application.permissions import Action, allowed, permit_case
from application.sealing import Keyring, Show, masked, opened, reveal, subjects
from domain.case.case import CASE, Case, NoSuchCase
from domain.values import Actor, CaseId, SubjectId

AsOf = int | datetime | None
"""A position of the log, a moment of recording, or None for now."""


class Histories(Protocol):
    """Reads streams with their positions."""

    async def history(self, stream: UUID, upto: AsOf = None) -> Sequence[Recorded]:
        """The events of a stream, oldest first, up to a position or moment of recording; none for an unknown one."""
        ...


class ReadAudit(Protocol):
    """Keeps who opened whose personal data, and why (A-4)."""

    async def opened(self, actor: Actor, resource: UUID, reason: str, at: datetime) -> None:
        """Record that the actor opened the personal data of a case or a customer."""
        ...


DueAt = Callable[[Sequence[Recorded]], datetime | None]
"""The earliest term open after a history."""


class CaseReads:
    """Every read of single cases. All raise NoSuchCase and NotYourTeam."""

    def __init__(self, histories: Histories, keyring: Keyring, audit: ReadAudit, cases: Cases, due_at: DueAt) -> None:
        self._histories, self._keyring, self._audit = histories, keyring, audit
        self._cases, self._due_at = cases, due_at

    async def reachable(self, case_id: CaseId, actor: Actor) -> None:
        """Nothing, where the case exists and the actor may reach it."""
        await self._reached(case_id, actor, None)

    async def escalations(self, case_id: CaseId, actor: Actor) -> int:
        """How many escalations a case has; they count from 1."""
        _, case = await self._reached(case_id, actor, None)
        return len(case.escalations)

    async def document(
        self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf, reason: str | None
    ) -> Mapping[str, Any]:
        """The whole case, see `case_document`; overdue is measured against the moment it is shown as of."""
        recorded, case = await self._reached(case_id, actor, as_of)
        shown = document(case, recorded, await self._show(recorded, case_id, actor, now, reason))
        due_at, then = self._due_at(recorded), _moment(as_of, recorded) or now
        return {"id": case_id, **shown, "due_at": due_at, "overdue": due_at is not None and due_at < then}

    async def history(
        self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf, reason: str | None
    ) -> Sequence[Mapping[str, Any]]:
        """Each event: position, version, type (its topic), at, actor, data."""
        recorded, _ = await self._reached(case_id, actor, as_of)
        show = await self._show(recorded, case_id, actor, now, reason)
        return [_item(one, show) for one in recorded]

    async def evaluations(
        self, subject: SubjectId, actor: Actor, now: datetime, reason: str | None
    ) -> Sequence[Mapping[str, Any]]:
        """C-9: each event of a customer, as in `history`; the reasons are opened as those of a case are."""
        recorded = await self._histories.history(UUID(subject), None)
        show = await self._show(recorded, subject, actor, now, reason)
        return [_item(one, show) for one in recorded]

    async def next_steps(self, case_id: CaseId, actor: Actor, now: datetime) -> Sequence[NextStep]:
        """Every command, with whether the actor may give it now."""
        _, case = await self._reached(case_id, actor, None)
        return self._cases.next_steps(case, actor, now)

    async def _reached(self, case_id: CaseId, actor: Actor, as_of: AsOf) -> tuple[Sequence[Recorded], Case]:
        """The events of a case the actor may reach, and the state they fold to."""
        recorded = await self._histories.history(UUID(case_id), as_of)
        case = CASE.fold(one.event for one in recorded)
        if case.status is None:
            raise NoSuchCase("there is no such case" if as_of is None else "there was no such case then")
        permit_case(actor, case)
        return recorded, case

    async def _show(
        self, recorded: Sequence[Recorded], resource: str, actor: Actor, now: datetime, reason: str | None
    ) -> Show:
        """Opened for those who work with the person, and for who gives a reason, which is recorded; else masked."""
        if not allowed(actor, Action.OPEN_PERSONAL_DATA):
            if reason is None:
                return masked
            await self._audit.opened(actor, UUID(resource), reason, now)
        people = {subject for one in recorded for subject in subjects(one.event)}
        return opened(await self._keyring.opener(sorted(people)))


def _moment(as_of: AsOf, recorded: Sequence[Recorded]) -> datetime | None:
    return recorded[-1].meta.at if isinstance(as_of, int) else as_of


def _item(one: Recorded, show: Show) -> Mapping[str, Any]:
    return {
        "position": one.position,
        "version": one.version,
        "type": one.event.topic,
        "at": written(one.meta.at),
        "actor": one.meta.actor,
        "data": reveal(one.event, show),
    }
