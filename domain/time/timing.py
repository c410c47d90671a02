"""The clocks of a case, folded from its history: started, moved, stopped by the events their policies name (D-3).

Events are taken in the order in which they were recorded. A clock that ran out before an event stays breached, however
late that is noticed, and a recorded verdict stays whatever the policies say by now: judging again changes nothing
(D-3c). A note, a comment, an edit moves nothing (D-3b).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from typing import get_args
from zoneinfo import ZoneInfo

from domain.case import events as e
from domain.case.words import CustomerClass, Decision
from domain.kernel import Decider, Event, changed
from domain.time.calendar import LAST_NAMED
from domain.time.clock import Clock, State, expired, extended, reckoned, resumed
from domain.time.deadlines import MOVING, About, ClockRule, DeadlinePolicy, Only, chosen
from domain.time.terms import Term
from domain.values import AgentId

Record = e.DeadlineSet | e.DeadlineWarned | e.DeadlineBreached | e.DeadlineMet | e.Alerted
"""What is recorded of a clock."""
Records = tuple[Event, ...]


def _recorded(records: Records, event: Event) -> Records:
    return (*records, event)


CLOCKS: Decider[Records] = Decider("clocks of a case", (), _recorded)
"""What is recorded of a case's clocks stands in a stream of its own: the case moves only by what persons do."""
_RECORDING = frozenset(kind.topic for kind in get_args(Record))
_WAITING = {"case.paused", "case.resumed", "case.merged", "case.unmerged"}
HEEDED = MOVING | _RECORDING | _WAITING | {"case.deadline_extended"}
"""The topics of all events from which clocks follow."""


@dataclass(frozen=True, slots=True)
class Fact:
    """An event of a case, and when it was recorded."""

    at: datetime
    event: Event


@dataclass(frozen=True, kw_only=True)
class Timing:
    """What is known of a case where clocks are concerned.

    kinds: of which clocks it is, none before its receipt. imported: whether it came from elsewhere, where nobody here
    could act; its way here has no callback (rulebook part 2). waited: whether it waited itself when it was merged, and
    so waits on when it is unmerged, whatever the case it went into waited for (C-11).
    """

    policies: tuple[DeadlinePolicy, ...]
    kinds: frozenset[Only] = frozenset()
    imported: bool = False
    about: About = field(default_factory=About)
    handler: AgentId | None = None
    paused: bool = False
    waited: bool = False
    clocks: tuple[Clock, ...] = ()


def timing(facts: Sequence[Fact], policies: Iterable[DeadlinePolicy]) -> Timing:
    """The clocks of a case after its whole history, oldest fact first. Raises NoDeadlinePolicy (D-3b).

    A case keeps the versions of the policies by which something has been recorded of it.
    """
    return reduce(advance, facts, unbegun(facts, policies))


def unbegun(facts: Sequence[Fact], policies: Iterable[DeadlinePolicy]) -> Timing:
    """What is known of a case before the first of its facts: by which policies it may go."""
    return Timing(policies=tuple(_kept(facts, tuple(policies))))


def clocks(facts: Sequence[Fact], policies: Iterable[DeadlinePolicy], now: datetime) -> tuple[Clock, ...]:
    """Every clock of a case as it stands at a moment, in the order in which they began. Raises NoDeadlinePolicy."""
    return tuple(expired(clock, now) for clock in timing(facts, policies).clocks)


def unjudged(facts: Iterable[Fact]) -> list[Fact]:
    """A history without what is recorded of clocks, to be judged by another policy (D-3c)."""
    return [fact for fact in facts if not isinstance(fact.event, Record)]


def _kept(facts: Iterable[Fact], policies: Sequence[DeadlinePolicy]) -> Iterator[DeadlinePolicy]:
    versions = {fact.event.policy for fact in facts if isinstance(fact.event, Record)}
    names = {policy.name for policy in policies if policy.version in versions}
    return (policy for policy in policies if policy.version in versions or policy.name not in names)


def advance(known: Timing, fact: Fact) -> Timing:
    """Take one fact in. Raises NoDeadlinePolicy where no target fits what the case has become (D-3b)."""
    if fact.event.topic not in HEEDED:
        return known
    if fact.event.topic in _RECORDING:
        assert isinstance(fact.event, Record)
        return changed(known, clocks=tuple([_noted(clock, fact.event) for clock in known.clocks]))
    learned = _learned(known, fact)
    moved = [_after(clock, fact, learned) for clock in known.clocks]
    begun = [_begun(learned, rule, fact) for rule in _beginning(learned, moved, fact.event)]
    return changed(learned, clocks=(*moved, *begun))


# ---- what an event says of the case ---------------------------------------------------------------------------------
def _learned(known: Timing, fact: Fact) -> Timing:
    """What is known of the case after an event; which clocks heed it is the policies' business."""
    event = fact.event
    match event:
        case e.Received():
            return _received(known, event, fact.at)
        case e.Analysed():
            return changed(known, about=replace(known.about, severity=event.severity))
        case e.Clarified():
            return changed(known, about=replace(known.about, type=event.type))
        case e.Reassigned():
            return changed(known, about=replace(known.about, team=event.team), handler=event.handler)
        case e.Paused():
            return changed(known, paused=True)
        case e.Resumed() | e.Closed() | e.Withdrawn():
            return changed(known, paused=False)
        case e.Merged():
            return changed(known, paused=False, waited=known.paused)
        case e.Unmerged():
            return changed(known, paused=known.waited, waited=False)
        case _:
            return known


def _received(known: Timing, event: e.Received, recorded_at: datetime) -> Timing:
    """An imported case goes by the policies of the day on which it came here."""
    day = event.received_at if event.source is None else recorded_at
    return changed(
        known,
        policies=chosen(known.policies, event.team, event.channel, day),
        kinds=_kinds(event),
        imported=event.source is not None,
        about=About(customer_class=event.customer.customer_class or CustomerClass.ORDINARY, team=event.team),
        handler=event.handler,
    )


def _kinds(event: e.Received) -> frozenset[Only]:
    stage = Only.SECOND_STAGE if event.second_stage else Only.FIRST_STAGE
    return frozenset({Only.ALL, stage, *([Only.ON_SITE] if event.on_site else [])})


# ---- what an event does to a clock ----------------------------------------------------------------------------------
def _after(clock: Clock, fact: Fact, learned: Timing) -> Clock:
    event = fact.event
    if clock.stopped_at is not None:
        return clock
    clock = expired(clock, fact.at)
    voided = event.topic in clock.rule.voids
    if voided or (event.topic in clock.rule.stops and _concerns(clock, event)):
        return changed(resumed(clock, fact.at), stopped_at=fact.at, voided=voided)
    return clock if clock.state is State.BREACHED else _moved(clock, fact, learned)


def _concerns(clock: Clock, event: Event) -> bool:
    """Whether it is meant: an answer stops its own escalation's clock, a fulfilment that of the demand it names.

    A call stops one only if it was answered, or is the last one owed.
    """
    match event:
        case e.EscalationAnswered():
            return event.number == clock.number
        case e.Fulfilled():
            return clock.demand in {None, event.demand}
        case e.CallbackDone():
            return event.reached or event.ends_step
        case _:
            return True


def _moved(clock: Clock, fact: Fact, learned: Timing) -> Clock:
    event = fact.event
    match event:
        case e.Paused() if clock.rule.pausable:
            return changed(clock, paused_since=event.since)
        case e.Resumed():
            return resumed(clock, event.resumed_at)
        case e.Closed() | e.Withdrawn() | e.Merged():
            return resumed(clock, fact.at)
        case e.Unmerged():
            clock = resumed(clock, fact.at)
            return changed(clock, paused_since=fact.at) if learned.paused and clock.rule.pausable else clock
        case e.DeadlineExtended() if event.clock == clock.rule.extended_as:
            return extended(clock, fact.at, min(event.until, LAST_NAMED))
        case _ if clock.term and event.topic in clock.policy.recomputed_by:
            term = clock.rule.within(learned.about, clock.policy.version)
            # counted anew it would come to the same
            return changed(clock, changed_at=fact.at) if term == clock.term else _within(clock, term, fact.at)
        case _:
            return clock


def _within(clock: Clock, term: Term, at: datetime) -> Clock:
    return reckoned(changed(clock, term=term), at)


def _noted(clock: Clock, event: Record) -> Clock:
    """A clock with what is recorded of it."""
    if (event.policy, event.clock, event.number) != clock.key:
        return clock
    match event:
        case e.DeadlineWarned():
            return changed(clock, warned_at=event.warn_at)
        case e.DeadlineBreached():
            return changed(clock, due_at=event.due_at, breached_at=event.breached_at, recorded=True)
        case e.DeadlineMet():
            met = changed(clock, due_at=event.due_at, stopped_at=event.stopped_at, recorded=True)
            return changed(met, breached_at=None, voided=False)
        case e.Alerted():
            return changed(clock, levels=clock.levels | {event.level})
        case _:
            return clock


# ---- clocks that begin ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Begin:
    """What an event says of a clock that begins: its number, by when, where it names that, and of which demand."""

    number: int
    named_at: datetime | None = None
    demand: int | None = None


Place = tuple[DeadlinePolicy, ClockRule, Begin]
"""Of which policy and rule a clock is, and what its event says of it."""


def _beginning(known: Timing, moved: Sequence[Clock], event: Event) -> Iterator[Place]:
    """The clocks an event starts: those whose rules name it, and those that a reopening takes up again."""
    reopened = isinstance(event, e.Reopened)
    for policy in known.policies:
        for rule in policy.clocks:
            if (event.topic in rule.starts or reopened) and rule.only in known.kinds:
                named = event.topic in rule.starts and _starts(rule, event, known)
                former = [clock for clock in moved if clock.key[:2] == (policy.version, rule.name)]
                if named or (reopened and _broken_off(rule, known, former)):
                    yield from ((policy, rule, begin) for begin in _begins(policy, rule, former, event))


def _begins(policy: DeadlinePolicy, rule: ClockRule, former: Sequence[Clock], event: Event) -> list[Begin]:
    """The clocks of a rule that begin; none where it is there already, or where one of its kind still runs."""
    if isinstance(event, e.Resolved) and not rule.targets:
        return _grants(policy, len(former), event)
    if isinstance(event, e.PromiseMade | e.Escalated):
        known = any(clock.number == event.number for clock in former)
        return [] if known else [Begin(event.number, _time_named(event))]
    return [Begin(len(former) + 1, _time_named(event))] if all(clock.stopped_at for clock in former) else []


def _grants(policy: DeadlinePolicy, before: int, event: e.Resolved) -> list[Begin]:
    """One for each demand that is granted: carried out by the end of its day, where the policy's calendar is (C-7)."""
    granted = ((one.demand, one.due) for one in event.answers if one.decision is not Decision.REFUSED and one.due)
    zone = ZoneInfo(policy.calendar.time_zone)
    return [Begin(before + n, _end_of(due, zone), demand) for n, (demand, due) in enumerate(granted, 1)]


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(min(day, LAST_NAMED.date()) + timedelta(days=1), time(), zone)


def _starts(rule: ClockRule, event: Event, known: Timing) -> bool:
    """Not without a time; and what an imported case owes by its receipt and its resolution is what it granted alone."""
    if known.imported and isinstance(event, e.Received | e.Resolved) and rule.targets:
        return False
    return bool(rule.targets) or isinstance(event, e.Resolved) or _time_named(event) is not None


def _broken_off(rule: ClockRule, known: Timing, former: Sequence[Clock]) -> bool:
    """Whether the last of its kind had been given up without a verdict; no guest waits at the table that long.

    What a reopening gives up waits for its own beginning: a callback for the next resolution (C-8).
    """
    takes_up = bool(rule.targets) and rule.only is not Only.ON_SITE and e.Reopened.topic not in rule.voids
    return takes_up and any(clock.voided and clock in known.clocks for clock in former[-1:])


def _begun(known: Timing, place: Place, fact: Fact) -> Clock:
    policy, rule, begin = place
    started_at = fact.event.received_at if isinstance(fact.event, e.Received) else fact.at
    clock = Clock(
        policy=policy,
        rule=rule,
        number=begin.number,
        started_at=started_at,
        changed_at=fact.at,
        due_at=started_at,
        warn_at=started_at,
        term=rule.within(known.about, policy.version) if rule.targets else None,
        named_at=begin.named_at,
        demand=begin.demand,
        paused_since=started_at if known.paused and rule.pausable else None,
    )
    return reckoned(clock, fact.at)


def _time_named(event: Event) -> datetime | None:
    """Nothing is named for later than is counted."""
    named = _named(event)
    return min(named, LAST_NAMED) if named else None


def _named(event: Event) -> datetime | None:
    match event:
        case e.PromiseMade():
            return event.due_at
        case e.Escalated():
            return event.hear_back_by
        case e.Acknowledged() | e.InterimReplySent():
            return event.answer_by
        case _:
            return None
