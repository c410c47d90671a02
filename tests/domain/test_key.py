"""Keys for programs and for other people: one proposes, another approves, whom it is for collects it once (A-4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.key import events as e
from domain.key import key as k
from domain.key.key import KEYS, Entry
from domain.key.words import Status
from domain.team.events import Renamed
from domain.values import AgentId, Private, SubjectId
from tests.support.cases import NOW
from tests.support.spec import given_of

ONE, OTHER, OWNER = AgentId("d1"), AgentId("d2"), AgentId("p1")
LABEL = Private(SubjectId("0b52c0de-9a51-4f0c-8d0b-6f3f3f6b8a10"), b"box")
PROPOSED = e.Proposed(
    prefix="5f0c2a91",
    agent=AgentId("svc-export"),
    label=LABEL,
    scopes=("read",),
    expires_at=NOW + timedelta(days=30),
    by=ONE,
)
PERSONS = replace(PROPOSED, agent=OWNER, scopes=None, expires_at=None)
APPROVED = e.Approved(prefix=PROPOSED.prefix, proposed_by=ONE, by=OTHER)
WITHDRAWN = e.Withdrawn(prefix=PROPOSED.prefix, by=OTHER)
COLLECTED = e.Collected(prefix=PROPOSED.prefix, by=ONE)
LATER = NOW + timedelta(days=30)


def test_a_key_is_proposed_once() -> None:
    given_of(KEYS).when(k.propose, PROPOSED, NOW).then(PROPOSED)
    given_of(KEYS, PROPOSED).when(k.propose, PROPOSED, NOW).then_refused("prefix_given", "A-4", "once more")


def test_a_key_that_has_ended_is_not_proposed() -> None:
    outcome = given_of(KEYS).when(k.propose, PROPOSED, LATER)
    outcome.then_refused("invalid", None, "a time to come", "/expires_at")


def test_another_person_approves_it_a_4() -> None:
    given_of(KEYS, PROPOSED).when(k.approve, PROPOSED.prefix, OTHER, NOW).then(APPROVED)
    outcome = given_of(KEYS, PROPOSED).when(k.approve, PROPOSED.prefix, ONE, NOW)
    outcome.then_refused("second_person", "A-4", "another admin")


def test_nothing_is_approved_after_its_end() -> None:
    given_of(KEYS, PROPOSED).when(k.approve, PROPOSED.prefix, OTHER, LATER).then_refused("key_expired", "A-4", "later")


@pytest.mark.parametrize("ended", [[APPROVED], [WITHDRAWN], [APPROVED, COLLECTED]])
def test_an_open_proposal_alone_is_approved(ended: list[e.Approved | e.Withdrawn | e.Collected]) -> None:
    outcome = given_of(KEYS, PROPOSED, *ended).when(k.approve, PROPOSED.prefix, OTHER, NOW)
    outcome.then_refused("not_proposed", "A-4", "propose another")


def test_it_is_withdrawn_until_it_is_collected() -> None:
    given_of(KEYS, PROPOSED).when(k.withdraw, PROPOSED.prefix, OTHER).then(WITHDRAWN)
    given_of(KEYS, PROPOSED, APPROVED).when(k.withdraw, PROPOSED.prefix, OTHER).then(WITHDRAWN)
    outcome = given_of(KEYS, PROPOSED, APPROVED, COLLECTED).when(k.withdraw, PROPOSED.prefix, OTHER)
    outcome.then_refused("not_proposed", "A-4", "collected")
    given_of(KEYS).when(k.withdraw, PROPOSED.prefix, OTHER).then_refused("not_found", None, "no such key")


def test_who_proposed_a_programs_key_collects_it_once_a_4() -> None:
    given_of(KEYS, PROPOSED, APPROVED).when(k.collect, PROPOSED.prefix, ONE, NOW).then(COLLECTED)
    outcome = given_of(KEYS, PROPOSED, APPROVED).when(k.collect, PROPOSED.prefix, OTHER, NOW)
    outcome.then_refused("not_for_you", "A-4", "d1 collects")
    outcome = given_of(KEYS, PROPOSED, APPROVED, COLLECTED).when(k.collect, PROPOSED.prefix, ONE, NOW)
    outcome.then_refused("not_approved", "A-4", "once")


def test_a_persons_key_is_collected_by_the_person_alone_a_4() -> None:
    given_of(KEYS, PERSONS, APPROVED).when(k.collect, PROPOSED.prefix, OWNER, LATER).then(replace(COLLECTED, by=OWNER))
    outcome = given_of(KEYS, PERSONS, APPROVED).when(k.collect, PROPOSED.prefix, ONE, NOW)
    outcome.then_refused("not_for_you", "A-4", "p1 collects")


def test_nothing_is_collected_before_it_is_approved_or_after_its_end() -> None:
    outcome = given_of(KEYS, PROPOSED).when(k.collect, PROPOSED.prefix, ONE, NOW)
    outcome.then_refused("not_approved", "A-4", "approves it first")
    outcome = given_of(KEYS, PROPOSED, APPROVED).when(k.collect, PROPOSED.prefix, ONE, LATER)
    outcome.then_refused("key_expired", "A-4", "ends later")


def test_it_is_known_who_did_what() -> None:
    state = given_of(KEYS, PROPOSED, APPROVED, COLLECTED, Renamed(name="other")).state
    assert state.known == {PROPOSED.prefix: Entry(PROPOSED, Status.COLLECTED, approved_by=OTHER)}
    assert given_of(KEYS, PROPOSED, WITHDRAWN).state.known[PROPOSED.prefix].withdrawn_by == OTHER
