"""A case replayed: what was known of it then, who did what on what grounds, what changed between two moments (A-2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from application.case_reads import ReadAudit
from application.envelope import AsOf
from domain.values import Actor, CaseId, SubjectId

Items = Sequence[Mapping[str, Any]]


class Reads(Protocol):
    """What application.case_reads.CaseReads gives of one case."""

    async def document(
        self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf, reason: str | None
    ) -> Mapping[str, Any]:
        """See CaseReads.document."""
        ...

    async def history(self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf, reason: str | None) -> Items:
        """See CaseReads.history."""
        ...

    async def clocks(self, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf) -> Mapping[str, Any]:
        """See CaseReads.clocks."""
        ...


class OnceAudited:
    """A ReadAudit for one replay: it reads the case more than once, and opens it once."""

    def __init__(self, audit: ReadAudit) -> None:
        self._audit, self._noted = audit, False

    async def opened(
        self, actor: Actor, resource: UUID, reason: str | None, at: datetime, of: SubjectId | None
    ) -> None:
        """See ReadAudit.opened."""
        if not self._noted:
            await self._audit.opened(actor, resource, reason, at, of)
            self._noted = True


@dataclass(frozen=True, slots=True)
class Replay:
    """A case as of a moment: its document, its clocks, and every event up to then, oldest first."""

    case: Mapping[str, Any]
    clocks: Mapping[str, Any]
    history: Items


@dataclass(frozen=True, slots=True)
class Change:
    """A field (a JSON pointer into the document) whose value differs; None: nothing stood, or stands, there."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in a case's document between two moments, and what was recorded in between, oldest first."""

    changes: Sequence[Change]
    history: Items


async def replayed(
    reads: Reads, case_id: CaseId, actor: Actor, now: datetime, as_of: AsOf, reason: str | None
) -> Replay:
    """The case as it was recorded then. Raises NoSuchCase, NotYourTeam."""
    return Replay(
        case=await reads.document(case_id, actor, now, as_of, reason),
        clocks=await reads.clocks(case_id, actor, now, as_of),
        history=await reads.history(case_id, actor, now, as_of, reason),
    )


def difference(one: Replay, other: Replay) -> Difference:
    """From the earlier to the later one, whichever is named first: of one case the shorter history is the earlier."""
    earlier, later = sorted((one, other), key=lambda replay: len(replay.history))
    before, after = dict(leaves(earlier.case)), dict(leaves(later.case))
    fields = [*after, *(field for field in before if field not in after)]
    changes = [
        Change(field, before.get(field), after.get(field)) for field in fields if before.get(field) != after.get(field)
    ]
    return Difference(changes, later.history[len(earlier.history) :])


def leaves(value: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    """What stands in a document, by JSON pointers; what is None or empty does not stand there."""
    match value:
        case None:
            return
        case Mapping():
            for name, item in value.items():
                yield from leaves(item, f"{pointer}/{name}")
        case list() | tuple():
            for number, item in enumerate(value):
                yield from leaves(item, f"{pointer}/{number}")
        case _:
            yield pointer, value
