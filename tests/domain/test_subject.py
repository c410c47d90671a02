"""What is kept on a person: erased by two people where nothing stands against it, restricted, held (A-3, A-4)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.case.words import Channel, ComplaintType
from domain.kernel import Event
from domain.subject import events as e
from domain.subject.retention import Matter, Schedule, Term, faults
from domain.subject.subject import (
    SUBJECT,
    Subject,
    approve,
    complete,
    confirm,
    hold,
    lift_hold,
    reject,
    release,
    request,
    restrict,
)
from domain.subject.words import Grounds, RestrictedFor, SubjectKind
from domain.values import AgentId
from tests.support.cases import NOTED, TODAY, sealed
from tests.support.cases import SUBJECT as PERSON
from tests.support.spec import Given, given_of

ASKING, AUDITOR, ADMIN, STAFF = AgentId("s1"), AgentId("u1"), AgentId("d1"), AgentId("a1")
REQUESTED = e.ErasureRequested(subject=PERSON, grounds=Grounds.ASKED_FOR, reason=sealed("a letter"), by=ASKING)
OF_STAFF = replace(REQUESTED, agent=STAFF)
APPROVED = e.ErasureApproved(by=AUDITOR)
REJECTED = e.ErasureRejected(reason=sealed("not who they say"), by=AUDITOR)
CONFIRMED = e.ErasureConfirmed(by=ADMIN)
ERASED = e.Erased(
    subject=PERSON,
    grounds=Grounds.ASKED_FOR,
    requested_by=ASKING,
    approved_by=AUDITOR,
    confirmed_by=ADMIN,
    events=7,
)
RESTRICTED = e.Restricted(subject=PERSON, grounds=RestrictedFor.ERASURE_REFUSED, reason=sealed("a lawsuit"), by=AUDITOR)
RELEASED = e.Released(subject=PERSON, reason=sealed("it is over"), by=AUDITOR)
HELD = e.Held(subject=PERSON, reason=sealed("a court order"), by=AUDITOR)
LIFTED = e.HoldLifted(reason=sealed("the court has decided"), by=AUDITOR)


def term(kind: str = "complaint", at_least: int = 0, at_most: int = 10, **of: object) -> Term:
    told = {"kind": kind, "of": SubjectKind.CUSTOMER, "source": "a law", "read_on": TODAY}
    return Term(**{**told, "at_least_days": at_least, "at_most_days": at_most, **of})  # type: ignore[arg-type]


WORK = term("work", 5, 20, of=SubjectKind.STAFF)
SCHEDULE = Schedule(version="one", terms=(term("regulated", 3, channels=(Channel.REGULATOR,)), term(), WORK))
ENDED = Matter(ref="case 2024-000001", of=SubjectKind.CUSTOMER, last_day=TODAY)
FREE = ([ENDED], SCHEDULE, TODAY)
OPEN = ([ENDED, replace(ENDED, ref="case 2", last_day=None, waits_for="close it")], SCHEDULE, TODAY)
KEPT = ([replace(ENDED, channel=Channel.REGULATOR)], SCHEDULE, TODAY + timedelta(days=2))
AGAINST = [
    (OPEN, "still_open", "case 2 goes on: close it first"),
    (KEPT, "still_kept", "case 2024-000001 is kept until 2024-05-08 (a law)"),
]


def given(*history: Event) -> Given[Subject]:
    return given_of(SUBJECT, *history)


# ---- asking ---------------------------------------------------------------------------------------------------------
def test_an_erasure_is_asked_for_a_3() -> None:
    given().when(request, REQUESTED, *FREE).then(REQUESTED)
    given().when(request, REQUESTED, [], SCHEDULE, TODAY).then(REQUESTED)
    given(REQUESTED, REJECTED).when(request, REQUESTED, *FREE).then(REQUESTED)


@pytest.mark.parametrize("history", [[], [APPROVED], [APPROVED, CONFIRMED], [APPROVED, CONFIRMED, ERASED]])
def test_what_is_under_way_or_done_is_not_asked_for_again(history: list[Event]) -> None:
    given(REQUESTED, *history).when(request, REQUESTED, *OPEN).then()


@pytest.mark.parametrize(("found", "code", "saying"), AGAINST)
def test_what_stands_against_it_is_named_with_what_it_waits_for_a_3(
    found: tuple[object, ...], code: str, saying: str
) -> None:
    given().when(request, REQUESTED, *found).then_refused(code, "A-3", saying)
    given(REQUESTED).when(approve, AUDITOR, *found).then_refused(code, "A-3", saying)
    given(REQUESTED, APPROVED).when(confirm, ADMIN, *found).then_refused(code, "A-3", saying)


def test_under_a_legal_hold_nothing_is_erased_a_3() -> None:
    given(HELD).when(request, REQUESTED, *FREE).then_refused("on_hold", "A-3", "lift the hold first")
    given(REQUESTED, HELD).when(approve, AUDITOR, *FREE).then_refused("on_hold", "A-3", "restrict instead")
    given(REQUESTED, APPROVED, HELD).when(confirm, ADMIN, *FREE).then_refused("on_hold", "A-3", "hold")
    given(HELD, LIFTED).when(request, REQUESTED, *FREE).then(REQUESTED)


# ---- deciding -------------------------------------------------------------------------------------------------------
def test_an_auditor_decides_a_4() -> None:
    given(REQUESTED).when(approve, AUDITOR, *FREE).then(APPROVED)
    given(REQUESTED, APPROVED).when(approve, AUDITOR, *FREE).then()
    given(REQUESTED).when(reject, REJECTED).then(REJECTED)


@pytest.mark.parametrize("history", [[], [REQUESTED, REJECTED], [REQUESTED, APPROVED, CONFIRMED]])
def test_only_what_was_asked_for_is_decided(history: list[Event]) -> None:
    given(*history).when(approve, AUDITOR, *FREE).then_refused("erasure_not_requested", "A-3", "ask for one")
    given(*history).when(reject, REJECTED).then_refused("erasure_not_requested", "A-3", "ask for one")


def test_another_auditor_does_not_approve_again() -> None:
    outcome = given(REQUESTED, APPROVED).when(approve, AgentId("u2"), *FREE)
    outcome.then_refused("erasure_not_requested", "A-3", "ask for one")


def test_nobody_decides_on_their_own_erasure_a_4() -> None:
    free: tuple[list[Matter], Schedule, date] = ([], SCHEDULE, TODAY)
    given(OF_STAFF).when(approve, STAFF, *free).then_refused("other_person", "A-4", "another person")
    given(OF_STAFF).when(reject, replace(REJECTED, by=STAFF)).then_refused("other_person", "A-4", "another")
    given(OF_STAFF, APPROVED).when(confirm, STAFF, *free).then_refused("other_person", "A-4", "another")
    given(OF_STAFF, APPROVED).when(confirm, ADMIN, *free).then(CONFIRMED)


def test_a_second_person_confirms_a_4() -> None:
    given(REQUESTED, APPROVED).when(confirm, ADMIN, *FREE).then(CONFIRMED)
    given(REQUESTED, APPROVED).when(confirm, AUDITOR, *FREE).then_refused("other_person", "A-4", "you approved it")
    given(REQUESTED, APPROVED, CONFIRMED).when(confirm, ADMIN, *OPEN).then()
    given(REQUESTED, APPROVED, CONFIRMED, ERASED).when(confirm, ADMIN, *OPEN).then()


@pytest.mark.parametrize("history", [[], [REQUESTED], [REQUESTED, APPROVED, REJECTED]])
def test_only_what_is_approved_is_confirmed_a_4(history: list[Event]) -> None:
    given(*history).when(confirm, ADMIN, *FREE).then_refused("erasure_not_approved", "A-4", "an auditor approves")


# ---- done -----------------------------------------------------------------------------------------------------------
def test_the_end_names_everybody_who_had_it_done_a_3() -> None:
    given(REQUESTED, APPROVED, CONFIRMED).when(complete, 7, []).then(ERASED)
    given(OF_STAFF, APPROVED, CONFIRMED).when(complete, 7, []).then(replace(ERASED, agent=STAFF))


@pytest.mark.parametrize("history", [[], [REQUESTED, APPROVED], [REQUESTED, APPROVED, CONFIRMED, ERASED]])
def test_it_is_said_once_and_never_before_it_is_confirmed(history: list[Event]) -> None:
    given(*history).when(complete, 7, []).then()


def test_what_came_in_at_the_very_time_of_the_confirmation_keeps_the_key_a_3() -> None:
    matters, *_ = OPEN
    given(REQUESTED, APPROVED, CONFIRMED).when(complete, 7, matters).then()


# ---- restricting and holding ----------------------------------------------------------------------------------------
def test_a_restriction_is_put_on_and_lifted_a_3() -> None:
    given().when(restrict, RESTRICTED).then(RESTRICTED)
    given(RESTRICTED).when(restrict, RESTRICTED).then()
    given(RESTRICTED).when(release, RELEASED).then(RELEASED)
    given().when(release, RELEASED).then()
    given(RESTRICTED, RELEASED).when(restrict, RESTRICTED).then(RESTRICTED)


def test_a_legal_hold_is_put_on_and_lifted_a_3() -> None:
    given().when(hold, HELD).then(HELD)
    given(HELD).when(hold, HELD).then()
    given(HELD).when(lift_hold, LIFTED).then(LIFTED)
    given().when(lift_hold, LIFTED).then()


@pytest.mark.parametrize("history", [[CONFIRMED], [CONFIRMED, ERASED]])
def test_of_who_is_erased_nothing_is_left_to_restrict_or_hold_a_3(history: list[Event]) -> None:
    erased = given(REQUESTED, APPROVED, *history)
    for decide, event in ((restrict, RESTRICTED), (release, RELEASED), (hold, HELD), (lift_hold, LIFTED)):
        erased.when(decide, event).then_refused("already_erased", "A-3", "nothing left")


def test_what_belongs_to_nothing_changes_nothing() -> None:
    assert SUBJECT.fold([NOTED, APPROVED]) == Subject()


# ---- the schedule ---------------------------------------------------------------------------------------------------
def test_a_matter_is_kept_for_the_days_of_its_term_and_not_a_day_longer_a_3() -> None:
    regulated = replace(ENDED, channel=Channel.REGULATOR)
    kept = SCHEDULE.kept([ENDED, regulated], TODAY + timedelta(days=2))
    assert kept
    assert (kept.matter, kept.until) == (regulated, TODAY + timedelta(days=2))
    assert SCHEDULE.kept([ENDED, regulated], TODAY + timedelta(days=3)) is None
    assert SCHEDULE.kept([ENDED], TODAY) is None


def test_the_first_term_that_covers_a_matter_counts() -> None:
    prices = term("price", types=(ComplaintType.PRICE,))
    schedule = replace(SCHEDULE, terms=(prices, *SCHEDULE.terms))
    assert schedule.term_of(replace(ENDED, type=ComplaintType.PRICE)) is prices
    assert schedule.term_of(replace(ENDED, type=ComplaintType.SERVICE)).kind == "complaint"
    assert schedule.term_of(replace(ENDED, of=SubjectKind.STAFF)) is WORK


def test_what_has_stayed_as_long_as_it_may_is_due() -> None:
    older = replace(ENDED, last_day=TODAY - timedelta(days=5))
    assert SCHEDULE.due([older, ENDED], TODAY + timedelta(days=10))
    assert not SCHEDULE.due([older, ENDED], TODAY + timedelta(days=9))
    assert not SCHEDULE.due([older, replace(ENDED, last_day=None)], TODAY + timedelta(days=99))
    assert not SCHEDULE.due([], TODAY)


def test_a_schedule_that_cannot_hold_says_why() -> None:
    assert faults(SCHEDULE) == []
    assert faults(replace(SCHEDULE, terms=(term(at_least=-1), WORK))) == [
        "complaint: it takes 0 <= at_least_days <= at_most_days"
    ]
    assert faults(replace(SCHEDULE, terms=(term(at_least=11), WORK))) == [
        "complaint: it takes 0 <= at_least_days <= at_most_days"
    ]
    assert len(faults(replace(SCHEDULE, terms=(term(channels=(Channel.APP,)),)))) == len(SubjectKind)
    assert len(faults(replace(SCHEDULE, terms=(term(types=(ComplaintType.PRICE,)), WORK)))) == 1
