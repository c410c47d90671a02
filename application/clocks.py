"""The clocks of cases: from which events they are folded, and which deadlines a command sets anew (D-3).

What persons do stands in the case's stream; what is recorded of its clocks in a stream of its own. Both together, in
the order of the log, and what was done for it in the cases it was merged into (C-11), are its timeline.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from application import wire
from application.deadline_policies import in_force
from application.envelope import AsOf, Recorded
from application.event_log import Changes, Log, States
from application.streams import case_stream, clock_stream, deadline_policy_register_stream
from domain.case import events as e
from domain.kernel import Event
from domain.time.deadlines import DeadlinePolicy
from domain.time.falling_due import deadlines_set
from domain.time.merged import with_targets
from domain.time.owed import check_extendable
from domain.time.published import DEADLINE_POLICY_REGISTER
from domain.time.timing import HEEDED, Fact, Timing, advance, timing
from domain.values import CaseId

_NEVER = datetime.min.replace(tzinfo=UTC)
Histories = Mapping[UUID, Sequence[Recorded]]
"""The events of streams, oldest first."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the clocks of a case follow from.

    recorded: its own events and what is recorded of its clocks, by position. facts: these, with what was done for it
    elsewhere. versions: of every stream that was read for them. position, last_at: of the last event among all these
    that clocks heed.
    """

    recorded: Sequence[Recorded]
    facts: Sequence[Fact]
    versions: Mapping[UUID, int]
    position: int
    last_at: datetime


class Timelines(Protocol):
    """Reads timelines."""

    async def timelines(self, cases: Collection[UUID], upto: AsOf = None) -> Mapping[UUID, Timeline]:
        """The timeline of each case, up to a position or moment of recording; empty for an unknown one."""
        ...


# ---- timelines ------------------------------------------------------------------------------------------------------
def streams_of(case: UUID) -> tuple[UUID, UUID]:
    """The case's own stream, and that of its clocks."""
    return case, clock_stream(CaseId(str(case))).id


def merged_into(history: Iterable[Recorded]) -> set[UUID]:
    """The cases into which a case was ever merged."""
    return {UUID(one.event.into) for one in history if isinstance(one.event, e.Merged)}


def timeline(case: UUID, histories: Histories) -> Timeline:
    """The timeline of a case from the histories of its streams, and of all the cases into which it was merged."""
    streams = streams_of(case)
    recorded = sorted((one for stream in streams for one in histories.get(stream, ())), key=attrgetter("position"))
    read = {stream: histories.get(stream, ()) for stream in (*streams, *_targets(case, histories))}
    heeded = [one for history in read.values() for one in history if one.event.topic in HEEDED]
    return Timeline(
        recorded=recorded,
        facts=_with_merged(recorded, histories, frozenset({case})),
        versions={stream: history[-1].version if history else 0 for stream, history in read.items()},
        position=max((one.position for one in heeded), default=0),
        last_at=max((one.meta.at for one in heeded), default=_NEVER),
    )


def _targets(case: UUID, histories: Histories) -> set[UUID]:
    found, waiting = set[UUID](), {case}
    while waiting:
        waiting = {into for one in waiting for into in merged_into(histories.get(one, ()))} - found - {case}
        found |= waiting
    return found


def _with_merged(recorded: Sequence[Recorded], histories: Histories, path: frozenset[UUID]) -> list[Fact]:
    """Cases merged into each other in turn, back and forth, each see only what was done in the other one itself."""
    facts = [Fact(one.meta.at, one.event) for one in recorded]
    targets = {into: histories.get(into, ()) for into in merged_into(recorded)}
    done = {
        CaseId(str(into)): _with_merged([] if into in path else history, histories, path | {into})
        for into, history in targets.items()
    }
    return with_targets(facts, done) if done else facts


# ---- policies -------------------------------------------------------------------------------------------------------
POLICY_REGISTER = deadline_policy_register_stream().id


@lru_cache(maxsize=8)
def published(stored: tuple[tuple[str, bytes], ...]) -> tuple[DeadlinePolicy, ...]:
    """The policies in force or to come after the stored events of their register, each a topic and a body.

    The same objects for the same events: what calendars have laid out once is found again.
    """
    register = DEADLINE_POLICY_REGISTER.fold(wire.decode_event(topic, state) for topic, state in stored)
    return register.published(in_force())


def published_by(events: Iterable[StoredEvent]) -> tuple[DeadlinePolicy, ...]:
    """The same of events as the log gives them."""
    return published(tuple((event.topic, event.state) for event in events))


# ---- with a command -------------------------------------------------------------------------------------------------
_MOVING_OF_THEMSELVES = frozenset({e.Resumed.topic, e.DeadlineExtended.topic})
"""Waiting that ends and extensions move due times whatever the policies name."""


class Clocks:
    """What commands on cases record of clocks."""

    def __init__(self, log: Log, timelines: Timelines) -> None:
        self._log, self._timelines = log, timelines

    async def policies(self) -> tuple[DeadlinePolicy, ...]:
        """Every deadline policy in force or to come."""
        return published_by((await self._log.load([POLICY_REGISTER]))[POLICY_REGISTER])

    def check(self, received: e.Received, states: States, at: datetime) -> None:
        """D-3b: whether there is a deadline policy for a new case. Raises NoDeadlinePolicy.

        states: POLICY_REGISTER has been read with them.
        """
        advance(Timing(policies=published_by(states.stored[POLICY_REGISTER])), Fact(at, received))

    async def with_deadlines(self, case: CaseId, changes: Changes, states: States, at: datetime) -> Changes:
        """D-3: the changes of a command, with the clocks of the case that have another due time by them.

        states: POLICY_REGISTER has been read with them.
        """
        policies, own = published_by(states.stored[POLICY_REGISTER]), case_stream(case)
        events = changes.get(own, ())
        if not any(event.topic in _setting(policies) for event in events):
            return changes
        known, clocks = (await self._timelines.timelines([own.id]))[own.id], clock_stream(case)
        so_far = [one.event for one in known.recorded if one.stream == clocks.id]
        states.include(States({clocks.id: (len(so_far), clocks.decider.fold(so_far))}))
        for extended in (event for event in events if isinstance(event, e.DeadlineExtended)):
            check_extendable(timing(known.facts, policies), extended)
        return {**changes, clocks: _set(known.facts, events, policies, at)}


def _setting(policies: Iterable[DeadlinePolicy]) -> frozenset[str]:
    return _MOVING_OF_THEMSELVES.union(*(policy.recomputed_by for policy in policies))


def _set(
    facts: Sequence[Fact], events: Iterable[Event], policies: Sequence[DeadlinePolicy], at: datetime
) -> list[Event]:
    history, found = list(facts), list[Event]()
    for event in events:
        found += deadlines_set(history, Fact(at, event), policies)
        history.append(Fact(at, event))
    return found
