"""Reading a shift's handover: frozen from the log, or as it stands now; opened or masked by who asks (S-3, A-4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.case_reads import Histories
from application.envelope import Recorded
from application.handover import Beside, Handovers
from application.permissions import Action, NotYourTeam, allowed
from application.sealing import Keyring, Show, masked, opened, subjects
from application.shifts import ShiftId
from domain.shift import events as e
from domain.shift.handover import Handover
from domain.shift.shift import SHIFT, Shift, roster_of
from domain.values import Actor, AgentId, Private, Role


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """An item that the next shift has questioned, and why."""

    item: str
    words: str


@dataclass(frozen=True, slots=True)
class HandoverShown:
    """A handover with the shift it belongs to; frozen: it stays as it is. Texts are opened or masked."""

    id: str
    version: int
    shift: Shift
    next_shift: Shift | None
    handover: Handover
    frozen: bool
    notes: str | None
    reason: str | None
    questions: Sequence[QuestionShown]


@dataclass(frozen=True, slots=True)
class Reminder:
    """S-2: the handover of the shift before awaits its acceptance."""

    shift: str
    prepared_at: datetime | None


class HandoverReads:
    """Every read of handovers."""

    def __init__(self, handovers: Handovers, histories: Histories, keyring: Keyring) -> None:
        self._handovers, self._histories, self._keyring = handovers, histories, keyring

    async def shown(self, shift: ShiftId, actor: Actor) -> HandoverShown:
        """A shift's handover. Raises NoSuchShift, NotYourTeam, Unavailable."""
        history = await self._histories.history(UUID(shift), None)
        known = SHIFT.fold(one.event for one in history)
        roster_of(known)
        beside = Beside(known, *await self._handovers.neighbours(shift))
        _check_within_reach(actor, beside)
        handover = await self._handovers.content(beside)
        show = await self._show(history, actor)
        return HandoverShown(
            id=shift,
            version=history[-1].version,
            shift=beside.shift,
            next_shift=beside.after,
            handover=handover.for_eyes_of(actor),
            frozen=beside.shift.handover is not None,
            notes=_notes(history, show),
            reason=_reason(history, show),
            questions=_questions(history, show),
        )

    async def reminder(self, shift: ShiftId, before: ShiftId | None) -> Reminder | None:
        """What the shift is reminded of, where the one before it hands over and nobody has accepted yet."""
        known, _ = await self._handovers.neighbours(shift)
        if before is None or known is None or not known.course.awaits:
            return None
        prepared = known.course.prepared
        return Reminder(before, prepared.at if prepared else None)

    async def _show(self, history: Sequence[Recorded], actor: Actor) -> Show:
        if not allowed(actor, Action.OPEN_PERSONAL_DATA):
            return masked
        people = {subject for one in history for subject in subjects(one.event)}
        return opened(await self._keyring.opener(sorted(people)))


def _check_within_reach(actor: Actor, beside: Beside) -> None:
    """An agent reads the handovers of the own team, of no team, and of shifts they are on, before or after."""
    if actor.role is not Role.AGENT or beside.shift.team in {None, actor.team}:
        return
    if not any(shift and actor.id in roster_of(shift).people for shift in (beside.shift, beside.after)):
        raise NotYourTeam("this is the handover of another team: ask a supervisor", rule="A-4")


def _text(place: str, private: Private | None, show: Show) -> str | None:
    return None if private is None else str(show(place, private))


def _notes(history: Sequence[Recorded], show: Show) -> str | None:
    prepared = [one.event for one in history if isinstance(one.event, e.HandoverPrepared)]
    return _text("shift.handover_prepared.notes", prepared[-1].notes, show) if prepared else None


def _reason(history: Sequence[Recorded], show: Show) -> str | None:
    released = [one.event for one in history if isinstance(one.event, e.Released)]
    return _text("shift.released.reason", released[-1].reason, show) if released else None


def _questions(history: Sequence[Recorded], show: Show) -> list[QuestionShown]:
    place = "shift.handover_accepted.questions.words"
    accepted = [one.event for one in history if isinstance(one.event, e.HandoverAccepted)]
    asked = accepted[-1].questions if accepted else ()
    return [QuestionShown(question.item, str(show(place, question.words))) for question in asked]


def people_of(shown: HandoverShown) -> list[AgentId]:
    """Everybody whom a handover names."""
    course, roster = shown.shift.course, roster_of(shown.shift)
    signed = (course.prepared, course.accepted, course.released)
    named = [*roster.people, *(one.by for one in signed if one)]
    named += [line.handler for line in shown.handover.cases if line.handler]
    named += [one.agent for one in shown.handover.conduct]
    return list(dict.fromkeys(named))
