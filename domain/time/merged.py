"""The clocks of a merged case run on; what is done in the case it went into is done for it too (C-11)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from domain.case import events as e
from domain.case.words import ReopenCause, Status
from domain.kernel import Event
from domain.time.timing import Fact
from domain.values import CaseId

_FOR_BOTH = (
    *(e.Acknowledged, e.InterimReplySent, e.SolutionProposed, e.Resolved, e.CallbackDone),
    *(e.Reopened, e.Paused, e.Resumed, e.Closed, e.Withdrawn),
)
_ENDS = (e.Resolved, e.Closed, e.Withdrawn)
_UNRESOLVED = {Status.RECEIVED, Status.CLARIFIED, Status.INVESTIGATED, Status.ANALYSED, Status.PROPOSED}
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


def with_targets(own: Sequence[Fact], targets: Mapping[CaseId, Sequence[Fact]]) -> list[Fact]:
    """A case's history with what was done for it in the cases it was merged into, as long as it was.

    Promises, escalations and grants stay where they were made. What the other case's end has ended is owed anew once
    the merge is undone, as after a reopening. `targets` has the whole history of each of these cases.
    """
    facts = list(own)
    for into, begins, undone in _stretches(own):
        done = list(_done(targets[into], begins, undone.at if undone else _FOR_EVER))
        facts += [*done, *_owed_anew(done, undone)]
    return sorted(facts, key=lambda fact: fact.at)


def _stretches(own: Sequence[Fact]) -> Iterator[tuple[CaseId, datetime, Fact | None]]:
    """Into which case it was merged, from when on, and what undid the merge."""
    merges = [fact for fact in own if isinstance(fact.event, e.Merged | e.Unmerged)]
    for at, fact in enumerate(merges):
        if isinstance(fact.event, e.Merged):
            yield fact.event.into, fact.at, merges[at + 1] if at + 1 < len(merges) else None


def _owed_anew(done: Sequence[Fact], undone: Fact | None) -> Iterator[Fact]:
    """A case that is not resolved itself has been answered by nobody; it may not lie without a clock (D-3b)."""
    turns = [fact.event for fact in done if isinstance(fact.event, (*_ENDS, e.Reopened))]
    ended = bool(turns) and not isinstance(turns[-1], e.Reopened)
    match undone:
        case Fact(at, e.Unmerged(to_status=status)) if ended and status in _UNRESOLVED:
            yield Fact(at, e.Reopened(cause=ReopenCause.REQUESTED, from_status=Status.MERGED, to_status=status))


def _done(target: Sequence[Fact], begins: datetime, ends: datetime) -> Iterator[Fact]:
    """What was done meanwhile; who had been told before that the complaint is on record is not told again."""
    for fact in target:
        if isinstance(fact.event, e.Acknowledged) and fact.at <= begins:
            yield Fact(begins, fact.event)
        elif isinstance(fact.event, _FOR_BOTH) and begins < fact.at < ends:
            yield replace(fact, event=_ungranted(fact.event))


def _ungranted(event: Event) -> Event:
    """What the resolution of the other case grants is owed there."""
    return replace(event, answers=()) if isinstance(event, e.Resolved) else event
