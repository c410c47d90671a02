"""A handover (交接班): what happened between two positions of the log, and what is open at the end of them (S-3).

Everything stands in it by its number or id, nothing by a name: so it can be part of an event for ever. Cases stand in
the order of urgency.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.case.words import Status
from domain.shift.words import NoticeKind, StepKind
from domain.values import DEFAULT_ZONE, Actor, AgentId, CaseId, Role
from domain.work.words import ConductKind, PhoneTestShift

ENDED = frozenset({Status.CLOSED, Status.WITHDRAWN, Status.MERGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened to a case; opens: by how much it changes the number of open cases, 1, 0 or -1."""

    position: int
    at: datetime
    kind: StepKind
    case: CaseId
    number: str
    opens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A clock that runs: its name, its number among those of that name, and when it is due (D-3, C-11)."""

    clock: str
    number: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What was granted and is not carried out: the demand, and the last day for it (C-7)."""

    demand: int
    due: date | None

    @property
    def due_at(self) -> datetime | None:
        """The end of that local day."""
        if self.due is None:
            return None
        return datetime.combine(self.due + timedelta(days=1), time(), ZoneInfo(DEFAULT_ZONE))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case that is open, or in which something granted is not carried out yet.

    changed: position of its last event. next_action: the command that leads on. due_at: the earliest time by which
    something is owed and is not waiting. escalations: the numbers of those without an answer. message_at: when the
    customer last left a message to which nobody has called or written back.
    """

    case: CaseId
    number: str
    changed: int
    status: Status
    handler: AgentId | None
    next_action: str | None
    due_at: datetime | None
    on_site: bool
    paused: bool
    terms: tuple[Term, ...]
    escalations: tuple[int, ...]
    grants: tuple[Grant, ...]
    message_at: datetime | None

    @property
    def item(self) -> str:
        """What it is ticked by."""
        return f"case:{self.number}"

    @property
    def open(self) -> bool:
        """Whether the case is open."""
        return self.status not in ENDED

    def due_before(self, moment: datetime) -> bool:
        """Whether anything in it falls due before a moment, or has."""
        if self.due_at is not None and self.due_at < moment:
            return True
        granted = (grant.due_at for grant in self.grants)
        return any(term.due_at < moment for term in self.terms) or any(due and due < moment for due in granted)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneTest:
    """W-4: a test of the line that the day owes; without `at` it is missing."""

    shift: PhoneTestShift
    at: datetime | None
    ok: bool | None

    @property
    def item(self) -> str:
        """What it is ticked by."""
        return f"phone-test:{self.shift}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCall:
    """W-5: a call that nobody took."""

    fact: str
    at: datetime

    @property
    def item(self) -> str:
        """What it is ticked by."""
        return f"missed-call:{self.fact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneFault:
    """W-4: a fault of the line."""

    fact: str
    at: datetime
    found_in_time: bool

    @property
    def item(self) -> str:
        """What it is ticked by."""
        return f"phone-fault:{self.fact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """W-6: a report about an agent's conduct."""

    fact: str
    agent: AgentId
    at: datetime
    code: ConductKind

    @property
    def item(self) -> str:
        """What it is ticked by."""
        return f"conduct:{self.fact}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something new about a merchant, from a local day on."""

    position: int
    merchant: str
    kind: NoticeKind
    from_day: date | None

    @property
    def item(self) -> str:
        """What it is ticked by."""
        return f"notice:{self.position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a shift hands over.

    team: None where the shift is not of one team: then that of all. after, upto: the positions between which everything
    is told, `upto` included. until: the end of the coming shift, or a day later than this one's.
    """

    team: str | None
    after: int
    upto: int
    until: datetime
    steps: tuple[Step, ...]
    cases: tuple[CaseLine, ...]
    phone_tests: tuple[PhoneTest, ...]
    phone_faults: tuple[PhoneFault, ...]
    missed_calls: tuple[MissedCall, ...]
    conduct: tuple[Conduct, ...]
    notices: tuple[Notice, ...]

    @property
    def open_at_end(self) -> int:
        """How many cases are open at the end."""
        return sum(line.open for line in self.cases)

    @property
    def open_at_start(self) -> int:
        """How many were open at the start: those at the end without what has happened in between."""
        return self.open_at_end - sum(step.opens for step in self.steps)

    @property
    def counts(self) -> Mapping[StepKind, int]:
        """How often each kind of step was taken."""
        counted = Counter(step.kind for step in self.steps)
        return {kind: counted[kind] for kind in StepKind}

    @property
    def due(self) -> tuple[CaseLine, ...]:
        """The cases in which something falls due before the coming shift ends, or is overdue."""
        return tuple(line for line in self.cases if line.due_before(self.until))

    @property
    def callbacks(self) -> tuple[CaseLine, ...]:
        """The customers who are to be called back after the resolution (C-8)."""
        return tuple(line for line in self.cases if line.status is Status.RESOLVED)

    @property
    def granted(self) -> tuple[CaseLine, ...]:
        """Where something granted is not carried out (C-7)."""
        return tuple(line for line in self.cases if line.grants)

    @property
    def escalated(self) -> tuple[CaseLine, ...]:
        """Where an escalation has no answer (C-6)."""
        return tuple(line for line in self.cases if line.escalations)

    @property
    def messages(self) -> tuple[CaseLine, ...]:
        """Where the customer has left a message and nobody has called back."""
        return tuple(line for line in self.cases if line.message_at is not None)

    @property
    def items(self) -> tuple[str, ...]:
        """What the next shift ticks or questions, one by one."""
        told = (self.cases, self.phone_tests, self.phone_faults, self.missed_calls, self.conduct, self.notices)
        return tuple(one.item for group in told for one in group)

    def for_eyes_of(self, actor: Actor) -> "Handover":
        """W-6, A-4: what is said of an agent's conduct is seen by supervisors, and by the agent."""
        if actor.role is not Role.AGENT:
            return self
        return replace(self, conduct=tuple(one for one in self.conduct if one.agent == actor.id))

    def changed_since(self, position: int) -> frozenset[str]:
        """The items that stand otherwise, or only since, than at a position, as far as that can be told."""
        cases = {line.item for line in self.cases if line.changed > position}
        return frozenset(cases | {notice.item for notice in self.notices if notice.position > position})


def urgency(line: CaseLine) -> tuple[bool, bool, float, str]:
    """What cases are ordered by: guests at the table first, then what is due, the earliest first (C-17)."""
    at = line.due_at.timestamp() if line.due_at else 0.0
    return not line.on_site, line.due_at is None, at, line.number
