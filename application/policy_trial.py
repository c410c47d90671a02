"""A deadline policy tried on history: who would have breached, beside what was recorded (D-3c)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from application.clocks import Timeline
from domain.case import events as e
from domain.case.words import ClockKind
from domain.time.calendar import NeverDue
from domain.time.clock import Clock, State
from domain.time.deadlines import DeadlinePolicy, NoDeadlinePolicy
from domain.time.timing import Fact, clocks, unjudged

Name = tuple[str, int]
"""A clock by its name in the policy, and its number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a clock ended or stands, and when it was or is due."""

    state: State
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A clock of a case by the policy that is tried, beside what was recorded of one of its name; None: nothing."""

    case: UUID
    number: str
    clock: str
    of: int
    tried: Verdict
    recorded: Verdict | None


@dataclass(slots=True)
class Outcome:
    """What a trial comes to: cases judged and left out, clocks by how they stand, and those that breach or differ."""

    cases: int = 0
    left_out: int = 0
    tried: Counter[State] = field(default_factory=Counter)
    recorded: Counter[State] = field(default_factory=Counter)
    shown: list[Tried] = field(default_factory=list)

    def add(self, found: Sequence[Tried] | None) -> None:
        """Take a case in; None for one the policy is not for."""
        self.cases += found is not None
        self.left_out += found is None
        for one in found or ():
            self.tried[one.tried.state] += 1
            if one.recorded:
                self.recorded[one.recorded.state] += 1
            if one.tried.state is State.BREACHED or (one.recorded and one.recorded.state is not one.tried.state):
                self.shown.append(one)


def tried_on(
    case: UUID, timeline: Timeline, policy: DeadlinePolicy, in_force: Iterable[DeadlinePolicy], now: datetime
) -> list[Tried] | None:
    """The clocks of a case by a policy as if it had always been in force; None where it is not for the case."""
    always = replace(policy, valid_from=date.min)
    others = [] if policy.kind is ClockKind.INTERNAL else [one for one in in_force if one.name != policy.name]
    received = next(one.event for one in timeline.recorded if isinstance(one.event, e.Received))
    if not policy.is_for(received.team, received.channel):
        return None
    try:
        found = clocks(unjudged(timeline.facts), [always, *others], now)
    except (NoDeadlinePolicy, NeverDue):
        return None
    known = dict(_recorded(timeline.facts, policy.kind))
    return [_tried(case, received.number, clock, known) for clock in found if clock.policy.name == policy.name]


def _tried(case: UUID, number: str, clock: Clock, known: dict[Name, Verdict]) -> Tried:
    name, of = clock.rule.name, clock.number
    tried = Verdict(clock.state, clock.due_at)
    return Tried(case=case, number=number, clock=name, of=of, tried=tried, recorded=known.get((name, of)))


def _recorded(facts: Iterable[Fact], kind: ClockKind) -> Iterator[tuple[Name, Verdict]]:
    for fact in facts:
        match fact.event:
            case e.DeadlineBreached() if fact.event.kind is kind:
                yield (fact.event.clock, fact.event.number), Verdict(State.BREACHED, fact.event.due_at)
            case e.DeadlineMet() if fact.event.kind is kind:
                yield (fact.event.clock, fact.event.number), Verdict(State.MET, fact.event.due_at)
            case _:
                pass
