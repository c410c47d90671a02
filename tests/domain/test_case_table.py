"""Which step follows which status: every pair, against a table written by hand from the rulebook (part 2)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.agent.agent import Agent
from domain.agent.words import Presence
from domain.case import beside, way
from domain.case.case import NEED_NAMES, Case, admit, obstacle
from domain.case.words import LinkKind, Status
from domain.kernel import EVENTS
from domain.values import Role
from tests.support.cases import (
    ACKNOWLEDGED,
    ANALYSED,
    ATTACHED,
    CALLED_BACK,
    CLARIFIED,
    CLOSED,
    COLLEAGUE,
    CONTACTED,
    ESCALATED,
    ESCALATION_ANSWERED,
    EXTENDED,
    FULFILLED,
    IMPORTED,
    INTERIM_REPLY,
    INVESTIGATED,
    NOTED,
    OTHER,
    PASSED,
    PAUSED,
    PROMISED,
    PROPOSED,
    RECEIVED,
    REOPENED,
    RESOLVED,
    RESUMED,
    REVIEW_REQUESTED,
    SUMMARISED,
    THIS,
    UNMERGED,
    WITHDRAWN,
    imported_until,
    sealed,
    until,
)
from tests.support.spec import DEFAULT, IMPORTED_POLICY, given, setting

ON_THE_WAY = "received clarified investigated analysed proposed resolved called_back summarised"
DEFAULT_WAY = {
    "acknowledgement": "received clarified investigated analysed proposed",
    "clarification": "received",
    "investigation": "clarified investigated analysed proposed resolved called_back summarised",
    "analysis": "investigated analysed proposed resolved called_back summarised",
    "escalations": "clarified investigated analysed proposed",
    "escalation-answers": "clarified investigated analysed proposed resolved called_back summarised closed withdrawn",
    "proposals": "analysed proposed",
    "answer-reviews": "proposed",
    "resolution": "analysed proposed",
    "fulfilments": "analysed proposed resolved called_back summarised closed",
    "callbacks": "resolved",
    "summary": "called_back",
    "closing": "summarised",
    "reopening": "resolved called_back summarised closed withdrawn",
    "withdrawal": ON_THE_WAY,
    "assignment": ON_THE_WAY,
    "pause": ON_THE_WAY,
    "resumption": ON_THE_WAY,
    "merge": ON_THE_WAY,
    "unmerge": "merged",
    "extension": ON_THE_WAY,
    "review-requests": "resolved called_back summarised closed",
    "promises": ON_THE_WAY,
    "contacts": f"{ON_THE_WAY} closed withdrawn",
    "notes": f"{ON_THE_WAY} closed withdrawn",
    "evidence": f"{ON_THE_WAY} closed withdrawn",
    "links": f"{ON_THE_WAY} closed withdrawn",
    "interim-replies": "received clarified investigated analysed proposed",
}
IMPORTED_WAY = {
    "escalations": "received",
    "escalation-answers": "received resolved closed withdrawn",
    "review-requests": "resolved closed",
    "resolution": "received",
    "closing": "resolved",
    "fulfilments": "resolved closed",
    "reopening": "resolved closed withdrawn",
    "withdrawal": "received resolved",
    "assignment": "received resolved",
    "pause": "received resolved",
    "resumption": "received resolved",
    "merge": "received resolved",
    "unmerge": "merged",
    "extension": "received resolved",
    "promises": "received resolved",
    "contacts": "received resolved closed withdrawn",
    "notes": "received resolved closed withdrawn",
    "evidence": "received resolved closed withdrawn",
    "links": "received resolved closed withdrawn",
    "interim-replies": "received",
}
NEEDS = {
    "acknowledgement": "not_barred not_acknowledged",
    "clarification": "not_barred",
    "investigation": "not_barred first_or_supervised_investigation",
    "analysis": "not_barred not_named",
    "escalations": "not_barred",
    "escalation-answers": "not_barred not_named escalation_open not_own_escalation",
    "proposals": "not_barred",
    "answer-reviews": "not_barred not_named not_author",
    "resolution": "not_barred acknowledged proposed_if_valid escalated_and_answered answer_passed",
    "fulfilments": "not_barred grant_open",
    "unmerge": "not_barred",
    "extension": "not_barred",
    "promises": "not_barred",
    "interim-replies": "not_barred",
    "callbacks": "not_barred owner_or_handler",
    "summary": "not_barred",
    "closing": "not_barred",
    "reopening": "not_barred not_too_late",
    "withdrawal": "not_barred",
    "merge": "not_barred",
    "pause": "not_paused",
    "resumption": "paused",
    "review-requests": "not_reviewed",
}

PRESENT = Agent(presence=Presence.PRESENT, role=Role.AGENT, team="t1")
TARGET = given(RECEIVED).state
COMMANDS: dict[str, tuple[Callable[..., Any], tuple[object, ...]]] = {
    "acknowledgement": (way.acknowledge, (ACKNOWLEDGED,)),
    "clarification": (way.clarify, (CLARIFIED,)),
    "investigation": (way.investigate, (INVESTIGATED,)),
    "analysis": (way.analyse, (ANALYSED,)),
    "escalations": (way.escalate, (ESCALATED,)),
    "escalation-answers": (way.answer_escalation, (ESCALATION_ANSWERED,)),
    "proposals": (way.propose, (PROPOSED,)),
    "answer-reviews": (way.review_answer, (PASSED,)),
    "resolution": (way.resolve, (RESOLVED,)),
    "fulfilments": (way.fulfil, (FULFILLED,)),
    "callbacks": (way.call_back, (CALLED_BACK,)),
    "summary": (way.summarise, (SUMMARISED,)),
    "closing": (way.close, (CLOSED,)),
    "reopening": (beside.reopen, (REOPENED,)),
    "withdrawal": (beside.withdraw, (WITHDRAWN,)),
    "assignment": (beside.reassign, (COLLEAGUE.id, PRESENT, sealed("reason"))),
    "pause": (beside.pause, (PAUSED,)),
    "resumption": (beside.resume, (RESUMED,)),
    "merge": (beside.merge, (THIS, OTHER, TARGET)),
    "unmerge": (beside.unmerge, (UNMERGED,)),
    "extension": (beside.extend, (EXTENDED,)),
    "review-requests": (beside.request_review, (REVIEW_REQUESTED, THIS, RECEIVED)),
    "promises": (beside.promise, (PROMISED,)),
    "contacts": (beside.contact, (CONTACTED,)),
    "notes": (beside.note, (NOTED,)),
    "evidence": (beside.attach, (ATTACHED,)),
    "links": (beside.link, (THIS, OTHER, TARGET, LinkKind.RELATED)),
    "interim-replies": (beside.reply_interim, (INTERIM_REPLY,)),
}


def state_in(status: Status, history: Callable[[Status], Any]) -> Case:
    """A case in this status in which an escalation awaits its answer, so that it may be answered."""
    case = given(*history(status)).state
    return replace(case, escalations=given(RECEIVED, ESCALATED).state.escalations)


def is_off_the_way(case: Case, command: str) -> bool:
    """Whether the decision itself refuses because of the status."""
    decide, inputs = COMMANDS[command]
    refusal = type(given())(case).when(decide, *inputs).refusal
    return refusal is not None and refusal.code in {"not_on_the_way", "merged"}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("command", sorted(DEFAULT_WAY))
def test_a_step_of_the_default_way_follows_these_statuses_alone(command: str, status: Status) -> None:
    allowed = status in DEFAULT_WAY[command].split()
    assert is_off_the_way(state_in(status, until), command) is not allowed


@pytest.mark.parametrize("status", [Status.RECEIVED, Status.RESOLVED, Status.CLOSED, Status.WITHDRAWN, Status.MERGED])
@pytest.mark.parametrize("command", sorted(DEFAULT_WAY))
def test_a_step_of_the_imported_way_follows_these_statuses_alone(command: str, status: Status) -> None:
    allowed = status in IMPORTED_WAY.get(command, "").split()
    assert is_off_the_way(state_in(status, imported_until), command) is not allowed


@pytest.mark.parametrize(("policy", "table"), [(DEFAULT, DEFAULT_WAY), (IMPORTED_POLICY, IMPORTED_WAY)])
def test_the_policy_has_these_steps_and_no_others(policy: Any, table: dict[str, str]) -> None:
    assert {step.command: {str(status) for status in step.after} for step in policy.steps} == {
        command: set(statuses.split()) for command, statuses in table.items()
    }


def test_every_step_needs_this_and_nothing_else() -> None:
    assert {step.command: " ".join(step.needs) for step in DEFAULT.steps if step.needs} == NEEDS
    imported = {step.command: " ".join(step.needs) for step in IMPORTED_POLICY.steps if step.needs}
    assert imported == {
        **{name: NEEDS[name] for name in ("pause", "resumption", "review-requests")},
        "fulfilments": "grant_open",
        "escalation-answers": "escalation_open not_own_escalation",
        "reopening": "not_too_late",
    }


@pytest.mark.parametrize("policy", [DEFAULT, IMPORTED_POLICY], ids=lambda policy: policy.version)
def test_a_policy_speaks_of_events_needs_and_commands_that_exist(policy: Any) -> None:
    assert {step.event for step in policy.steps} <= set(EVENTS)
    assert {step.command for step in policy.steps} <= set(COMMANDS)
    named = {need for step in policy.steps for need in step.needs}
    assert named == {need.name for need in policy.needs}
    assert named <= NEED_NAMES


def test_every_need_is_asked_for_somewhere() -> None:
    assert {need.name for need in DEFAULT.needs} == NEED_NAMES


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("command", sorted(DEFAULT_WAY))
def test_what_stands_in_the_way_is_what_refuses(command: str, status: Status) -> None:
    case = state_in(status, until)
    obstructed = obstacle(case, command, setting(case))
    if obstructed is None:
        assert admit(case, command, setting(case)) is status
        return
    with pytest.raises(type(obstructed)) as refused:
        admit(case, command, setting(case))
    assert (str(refused.value), refused.value.rule) == (str(obstructed), obstructed.rule)


def test_a_refusal_names_the_steps_that_lead_on() -> None:
    outcome = given(IMPORTED).when(way.summarise, SUMMARISED)
    outcome.then_refused(
        "not_on_the_way", "C-1", "policy imported-1 has no step summary: possible now are resolution, escalations"
    )


def test_an_unknown_need_has_no_words() -> None:
    with pytest.raises(StopIteration):
        DEFAULT.need("patience")


def test_an_event_of_another_kind_changes_nothing() -> None:
    topic = "agent.absent"
    other = EVENTS[topic]()
    assert given(RECEIVED, other).state == given(RECEIVED).state
