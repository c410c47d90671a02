"""Laws that hold on every walk through a case, with right and with wrong commands (C-1 … C-17)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from application import wire
from application.envelope import Meta
from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import beside, way
from domain.case import events as e
from domain.case.case import CASE, Case, obstacle
from domain.case.words import LinkKind, Status
from domain.kernel import Event, Refusal
from domain.values import Actor, AgentId, Role
from tests.support import cases
from tests.support.cases import COLLEAGUE, DAY, HOUR, NOW, OTHER, OTHER_SUPERVISOR, OWNER, SUPERVISOR, THIS, sealed
from tests.support.spec import given, setting
from tests.support.strategies import values_of

META = Meta(AgentId("a1"), datetime(2024, 5, 6, tzinfo=UTC), UUID(int=1), UUID(int=2), UUID(int=3))
PEOPLE = [OWNER, COLLEAGUE, SUPERVISOR, OTHER_SUPERVISOR]
TARGETS = [given(), given(cases.RECEIVED), given(*cases.until(Status.CLOSED))]
ANSWERS = (replace(cases.GRANTED, due=None), cases.REFUSED)
LATER = timedelta(days=60)
"""Longer than a case may be reopened."""


PRESENT = Agent(presence=Presence.PRESENT, role=Role.AGENT, team="t1")


@dataclass(frozen=True)
class Told:
    """A command: its decision, and inputs that are right on the way; others are drawn by the types."""

    decide: Callable[..., Any]
    right: tuple[object, ...]


TOLD: dict[str, Told] = {
    "acknowledgement": Told(way.acknowledge, (cases.ACKNOWLEDGED,)),
    "clarification": Told(way.clarify, (cases.CLARIFIED,)),
    "investigation": Told(way.investigate, (cases.INVESTIGATED_BY_SUPERVISOR,)),
    "analysis": Told(way.analyse, (cases.ANALYSED,)),
    "escalations": Told(way.escalate, (cases.ESCALATED,)),
    "escalation-answers": Told(way.answer_escalation, (cases.ESCALATION_ANSWERED,)),
    "proposals": Told(way.propose, (cases.PROPOSED,)),
    "answer-reviews": Told(way.review_answer, (cases.PASSED,)),
    "resolution": Told(way.resolve, (replace(cases.RESOLVED, option=1, answers=ANSWERS),)),
    "fulfilments": Told(way.fulfil, (cases.FULFILLED,)),
    "callbacks": Told(way.call_back, (cases.CALLED_BACK,)),
    "summary": Told(way.summarise, (cases.SUMMARISED,)),
    "closing": Told(way.close, (cases.CLOSED,)),
    "reopening": Told(beside.reopen, (cases.REOPENED,)),
    "withdrawal": Told(beside.withdraw, (cases.WITHDRAWN,)),
    "pause": Told(beside.pause, (cases.PAUSED,)),
    "resumption": Told(beside.resume, (cases.RESUMED,)),
    "unmerge": Told(beside.unmerge, (cases.UNMERGED,)),
    "extension": Told(beside.extend, (cases.EXTENDED,)),
    "promises": Told(beside.promise, (cases.PROMISED,)),
    "contacts": Told(beside.contact, (cases.CONTACTED,)),
    "notes": Told(beside.note, (cases.NOTED,)),
    "evidence": Told(beside.attach, (cases.ATTACHED,)),
    "interim-replies": Told(beside.reply_interim, (cases.INTERIM_REPLY,)),
    "assignment": Told(
        beside.reassign, (COLLEAGUE.id, Agent(presence=Presence.PRESENT, role=Role.AGENT, team="t1"), sealed("so"))
    ),
    "merge": Told(beside.merge, (THIS, OTHER, TARGETS[1].state)),
    "links": Told(beside.link, (THIS, OTHER, TARGETS[1].state, LinkKind.RELATED)),
    "review-requests": Told(beside.request_review, (cases.REVIEW_REQUESTED, THIS, cases.RECEIVED)),
}
WAY = [
    *("acknowledgement", "clarification", "investigation", "analysis", "proposals", "answer-reviews", "resolution"),
    *("fulfilments", "callbacks", "summary", "closing", "escalation-answers"),
]
ACROSS = {
    "assignment": st.tuples(values_of(AgentId), st.builds(Agent, presence=values_of(Presence)), st.just(sealed("so"))),
    "merge": st.tuples(st.just(THIS), st.sampled_from([THIS, OTHER]), st.sampled_from([t.state for t in TARGETS])),
    "links": st.tuples(
        st.just(THIS),
        st.sampled_from([THIS, OTHER]),
        st.sampled_from([t.state for t in TARGETS]),
        values_of(LinkKind),
    ),
    "review-requests": st.tuples(values_of(e.ReviewRequested), st.just(THIS), values_of(e.Received)),
}
STAYS = {
    *(e.Acknowledged, e.Reassigned, e.Investigated, e.Analysed, e.Escalated, e.EscalationAnswered, e.AnswerReviewed),
    *(e.Fulfilled, e.CallbackDone, e.SolutionProposed, e.Noted, e.CustomerContacted, e.InterimReplySent, e.Linked),
    *(e.EvidenceAttached, e.Paused, e.Resumed, e.PromiseMade, e.DeadlineExtended, e.ReviewRequested),
}
"""What may leave the status as it is."""
MOVES: dict[type[Event], str] = {
    e.Clarified: "received>clarified",
    e.Investigated: "clarified>investigated",
    e.Analysed: "investigated>analysed",
    e.SolutionProposed: "analysed>proposed",
    e.Resolved: "analysed>resolved proposed>resolved received>resolved",
    e.CallbackDone: "resolved>called_back",
    e.Summarised: "called_back>summarised",
    e.Closed: "summarised>closed resolved>closed",
    e.Withdrawn: "any>withdrawn",
    e.Merged: "any>merged",
}


def moves(event: Event, before: Status, after: Status) -> bool:
    """Whether the event may lead from one status to the other; written from the rulebook, not from the policy."""
    if isinstance(event, e.Reopened | e.Unmerged):
        return after is event.to_status
    if after is before:
        return type(event) in STAYS
    return not {f"{before}>{after}", f"any>{after}"}.isdisjoint(MOVES.get(type(event), "").split())


def drawn(command: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Inputs of the right types, mostly wrong otherwise."""
    if command in ACROSS:
        return ACROSS[command]
    hints = list(get_type_hints(TOLD[command].decide).values())
    return st.tuples(values_of(hints[1]))


def possible(case: Case, commands: Iterable[str], now: datetime) -> list[tuple[str, Actor]]:
    """Which of the commands who may give now."""
    pairs = [(name, person) for name in commands for person in PEOPLE]
    return [pair for pair in pairs if obstacle(case, pair[0], setting(case, pair[1], now)) is None]


def shifted(value: object, by: timedelta) -> object:
    """An event with its times moved along."""
    if not isinstance(value, Event):
        return value
    times = {name: at + by for name in get_type_hints(type(value)) if isinstance(at := getattr(value, name), datetime)}
    return replace(value, **times)  # type: ignore[type-var]


class Walk(RuleBasedStateMachine):
    """One case, and whatever commands."""

    @initialize(status=st.sampled_from(list(Status)))
    def begin(self, status: Status) -> None:
        """A case that came to this status by the default way."""
        self.begin_with(cases.until(status))

    def begin_with(self, history: Iterable[Event]) -> None:
        """A case with this history, now."""
        self.events = list(history)
        self.state = CASE.fold(self.events)
        self.now = NOW

    @rule(later=st.sampled_from([HOUR, DAY, LATER]))
    def time_passes(self, later: timedelta) -> None:
        """Time only goes on."""
        self.now += later

    @rule(data=st.data(), commands=st.sampled_from([WAY, WAY, sorted(TOLD)]))
    def give_a_right_command(self, data: st.DataObject, commands: list[str]) -> None:
        """A command the table admits for somebody, with inputs that are right on the way."""
        if pairs := possible(self.state, commands, self.now):
            command, person = data.draw(st.sampled_from(pairs))
            self.give(command, tuple(shifted(part, self.now - NOW) for part in TOLD[command].right), person)

    @rule(data=st.data(), person=st.sampled_from(PEOPLE), command=st.sampled_from(sorted(TOLD)))
    def give_any_command(self, data: st.DataObject, person: Actor, command: str) -> None:
        """Any command with any inputs."""
        self.give(command, data.draw(drawn(command)), person)

    def give(self, command: str, inputs: tuple[object, ...], person: Actor) -> None:
        """Decide and fold; nothing but a Refusal may be raised, and always where something stands in the way."""
        obstructed = obstacle(self.state, command, setting(self.state, person, self.now))
        try:
            decided = TOLD[command].decide(self.state, *inputs, setting(self.state, person, self.now))
        except Refusal:
            return
        assert obstructed is None
        for event in decided[0] if isinstance(decided, tuple) else decided:
            self.append(event)

    def append(self, event: Event) -> None:
        """One event more; the status moves as the rulebook says."""
        before = self.state.status
        self.state = CASE.evolve(self.state, event)
        self.events.append(event)
        assert before is not None
        assert self.state.status is not None
        assert moves(event, before, self.state.status)

    @invariant()
    def what_was_stored_gives_the_same_state(self) -> None:
        """Folding the stored bytes again from nothing."""
        meta = wire.encode_meta(META)
        stored = [(event.topic, wire.encode(event, meta)) for event in self.events]
        assert CASE.fold(wire.decode_event(topic, state) for topic, state in stored) == self.state

    @invariant()
    def what_no_state_follows_from_need_not_be_read(self) -> None:
        """Event.folded."""
        assert CASE.fold(event for event in self.events if event.folded) == self.state

    @invariant()
    def who_received_it_stays_accountable(self) -> None:
        """C-2: the owner never changes."""
        assert self.state.owner == OWNER.id

    @invariant()
    def ended_and_open_exclude_each_other(self) -> None:
        """C-11: what has ended does not wait, and only what has ended has an end (of imports it may be unknown)."""
        ended = self.state.status in {Status.CLOSED, Status.WITHDRAWN}
        assert ended or self.state.ended_at is None
        assert not (ended and self.state.paused)
        assert (self.state.status is Status.MERGED) is (self.state.merged_into is not None)


class ImportedWalk(Walk):
    """The same under the policy `imported`, with a case that somebody has taken."""

    @initialize(status=st.sampled_from([Status.RECEIVED, Status.RESOLVED, Status.CLOSED]))
    def begin(self, status: Status) -> None:
        """A case imported in this status."""
        received, *rest = cases.imported_until(status)
        self.begin_with((received, replace(cases.REASSIGNED, handler=OWNER.id), *rest))


Walk.TestCase.settings = ImportedWalk.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, derandomize=True
)
TestWalk = Walk.TestCase
TestImportedWalk = ImportedWalk.TestCase
