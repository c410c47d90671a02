"""The course of a shift: started, on and off duty, handed over, released, ended (S-2, S-3, S-6)."""

from dataclasses import replace

import pytest

from domain.kernel import Event
from domain.shift import course
from domain.shift import events as e
from domain.shift.course import Marks, accept, come_on_duty, end, go_off_duty, prepare, release, start
from domain.shift.shift import SHIFT, Course, Shift, Signed
from domain.values import Actor, AgentId, Role
from tests.support.cases import HOUR, PAYROLL, sealed
from tests.support.shifts import (
    A1,
    A2,
    A3,
    A4,
    ACCEPTED,
    BEGIN,
    END,
    FINISHED,
    HANDOVER,
    ITEMS,
    NEXT,
    PLANNED,
    PREPARED,
    RELEASED,
    S1,
    S2,
    STARTED,
)
from tests.support.spec import Given, given_of

AGENT, SECOND, THIRD, FOURTH = (Actor(agent, Role.AGENT, "t1") for agent in (A1, A2, A3, A4))
ON_DUTY, OTHER = Actor(S1, Role.SUPERVISOR, "t1"), Actor(S2, Role.SUPERVISOR, "t2")
DEPUTY = Actor(A4, Role.AGENT, "t1", deputy=True)
STRANGER = Actor(AgentId("a9"), Role.AGENT, "t1")
FOLLOWING = SHIFT.fold([NEXT])
LATER = SHIFT.fold([replace(NEXT, start=END + HOUR, end=END + 9 * HOUR)])
ALL = Marks()


def given(*history: Event) -> Given[Shift]:
    return given_of(SHIFT, PLANNED, *history)


def asked(*items: str) -> e.HandoverAccepted:
    """An acceptance that questions items."""
    return replace(ACCEPTED, questions=tuple(e.Question(item=item, words=sealed("why")) for item in items))


# ---- starting -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", [AGENT, ON_DUTY, OTHER, DEPUTY])
def test_a_shift_is_started_by_somebody_on_it_or_a_supervisor_s_2(by: Actor) -> None:
    started = replace(STARTED, by=by.id)
    given().when(start, started, (), by).then(started)


@pytest.mark.parametrize("by", [STRANGER, PAYROLL])
def test_nobody_else_starts_or_prepares_or_ends_a_shift_s_2(by: Actor) -> None:
    refused = ("not_your_shift", "S-2", "not on this shift")
    given().when(start, STARTED, (), by).then_refused(*refused)
    given(STARTED).when(prepare, PREPARED, by).then_refused(*refused)
    given(STARTED, PREPARED).when(end, FINISHED, None, by).then_refused(*refused)


def test_a_supervisor_says_who_is_there_as_the_shift_starts_s_6() -> None:
    at = BEGIN + HOUR
    started = replace(STARTED, by=S1, at=at)
    came = [e.AttendanceRecorded(agent=agent, began_at=at) for agent in (A1, A2)]
    given().when(start, started, (A1, A2), ON_DUTY).then(started, *came)
    given(started).when(start, started, (A2,), ON_DUTY).then(came[1])


def test_an_agent_does_not_say_who_is_there_s_6() -> None:
    outcome = given().when(start, STARTED, (A2,), AGENT)
    outcome.then_refused("not_supervised", "S-6", "recorded by a supervisor")


def test_a_shift_starts_once_s_2() -> None:
    given(STARTED).when(start, STARTED, (), AGENT).then()
    ended = given(STARTED, PREPARED, FINISHED).when(start, STARTED, (), AGENT)
    ended.then_refused("shift_ended", "S-2", "plan another one")


# ---- on and off duty ------------------------------------------------------------------------------------------------
def test_a_supervisor_records_who_comes_and_goes_s_6() -> None:
    came = e.AttendanceRecorded(agent=A2, began_at=BEGIN + HOUR)
    given(STARTED).when(come_on_duty, A2, ON_DUTY, BEGIN + HOUR).then(came)
    left = replace(came, ended_at=END - HOUR)
    given(STARTED, came).when(go_off_duty, A2, ON_DUTY, END - HOUR).then(left)


def test_another_agent_records_nobody_s_6() -> None:
    refused = ("not_supervised", "S-6", "recorded by a supervisor")
    given(STARTED).when(come_on_duty, A2, AGENT, BEGIN).then_refused(*refused)
    given(STARTED).when(go_off_duty, A2, AGENT, END).then_refused(*refused)


def test_of_oneself_only_longer_duty_is_taken_l_0() -> None:
    early = e.AttendanceRecorded(agent=A1, began_at=BEGIN - HOUR)
    given().when(come_on_duty, A1, AGENT, BEGIN - HOUR).then(early)
    given(early).when(come_on_duty, A1, AGENT, BEGIN - HOUR).then()
    longer = replace(early, ended_at=END + HOUR)
    given(early).when(go_off_duty, A1, AGENT, END + HOUR).then(longer)


@pytest.mark.parametrize("at", [BEGIN + HOUR, BEGIN + 2 * HOUR])
def test_own_duty_is_not_made_shorter_by_oneself_l_0(at: object) -> None:
    refused = ("own_duty", "L-0", "let a supervisor record it")
    given().when(come_on_duty, A1, AGENT, at).then_refused(*refused)
    given().when(go_off_duty, A1, AGENT, at).then_refused(*refused)


def test_who_is_absent_or_not_rostered_comes_on_no_duty_s_6() -> None:
    absent = e.AbsenceRecorded(agent=A1, absenteeism=True)
    refused = given(absent).when(come_on_duty, A1, AGENT, BEGIN)
    refused.then_refused("marked_absent", "S-6", "take the absence back", "/agent")
    given().when(go_off_duty, A3, THIRD, END).then_refused("not_on_roster", "S-6", "change its roster", "/agent")


# ---- preparing ------------------------------------------------------------------------------------------------------
def test_a_handover_is_prepared_until_it_is_frozen_s_3() -> None:
    given(STARTED).when(prepare, PREPARED, AGENT).then(PREPARED)
    again = replace(PREPARED, by=A2, notes=None)
    given(STARTED, PREPARED).when(prepare, again, SECOND).then(again)
    given().when(prepare, PREPARED, AGENT).then_refused("shift_not_started", "S-2", "start it first")
    for frozen in (ACCEPTED, RELEASED):
        refused = given(STARTED, PREPARED, frozen).when(prepare, PREPARED, AGENT)
        refused.then_refused("already_handed_over", "S-3", "stays as it was")


# ---- accepting ------------------------------------------------------------------------------------------------------
def test_somebody_of_the_next_shift_accepts_s_2() -> None:
    given(STARTED, PREPARED).when(accept, ACCEPTED, ALL, FOLLOWING, THIRD).then(ACCEPTED)


@pytest.mark.parametrize("by", [AGENT, ON_DUTY, OTHER])
def test_nobody_else_accepts_s_2(by: Actor) -> None:
    outcome = given(STARTED, PREPARED).when(accept, ACCEPTED, ALL, FOLLOWING, by)
    outcome.then_refused("not_next_shift", "S-2", "not on the next shift")


def test_who_is_absent_from_the_next_shift_does_not_accept_s_2() -> None:
    away = SHIFT.fold([NEXT, e.AbsenceRecorded(agent=A3, absenteeism=False)])
    outcome = given(STARTED, PREPARED).when(accept, ACCEPTED, ALL, away, THIRD)
    outcome.then_refused("not_next_shift", "S-2", "not on the next shift")


def test_without_a_next_shift_nobody_accepts_s_2() -> None:
    outcome = given(STARTED, PREPARED).when(accept, ACCEPTED, ALL, None, THIRD)
    outcome.then_refused("handover_not_accepted", "S-2", "plan it")


def test_two_persons_hand_over_s_3() -> None:
    prepared = replace(PREPARED, by=A2)
    outcome = given(STARTED, prepared).when(accept, ACCEPTED, ALL, FOLLOWING, SECOND)
    outcome.then_refused("own_handover", "S-3", "somebody else of the next shift")


def test_what_is_not_prepared_is_not_accepted_unless_it_was_released_s_2() -> None:
    outcome = given(STARTED).when(accept, ACCEPTED, ALL, FOLLOWING, THIRD)
    outcome.then_refused("handover_not_prepared", "S-2", "prepares it first")
    given(STARTED, RELEASED).when(accept, ACCEPTED, ALL, FOLLOWING, THIRD).then(ACCEPTED)
    given(STARTED, RELEASED, FINISHED).when(accept, ACCEPTED, ALL, FOLLOWING, THIRD).then(ACCEPTED)
    given(STARTED, PREPARED, FINISHED).when(accept, ACCEPTED, ALL, LATER, THIRD).then(ACCEPTED)


def test_a_handover_is_accepted_once_s_2() -> None:
    outcome = given(STARTED, PREPARED, ACCEPTED).when(accept, ACCEPTED, ALL, FOLLOWING, FOURTH)
    outcome.then_refused("already_handed_over", "S-2", "a3 has accepted")


def test_each_item_is_ticked_or_questioned_s_3() -> None:
    questioned = asked(ITEMS[0])
    given(STARTED, PREPARED).when(accept, questioned, Marks(ITEMS[1:]), FOLLOWING, THIRD).then(questioned)
    given(STARTED, PREPARED).when(accept, questioned, ALL, FOLLOWING, THIRD).then(questioned)
    outcome = given(STARTED, PREPARED).when(accept, questioned, Marks(ITEMS[3:]), FOLLOWING, THIRD)
    outcome.then_refused("items_unmarked", "S-3", "now: case:2024-000001, phone-test:early", "/ticked")


def test_what_an_agent_does_not_see_needs_no_tick_of_theirs_s_3() -> None:
    """W-6: a report about a colleague's conduct; whoever sees it ticks it."""
    unseen = "conduct:f-3"
    seen = tuple(item for item in ITEMS if item != unseen)
    given(STARTED, PREPARED).when(accept, ACCEPTED, Marks(seen), FOLLOWING, THIRD).then(ACCEPTED)
    supervising = replace(THIRD, role=Role.SUPERVISOR)
    outcome = given(STARTED, PREPARED).when(accept, ACCEPTED, Marks(seen), FOLLOWING, supervising)
    outcome.then_refused("items_unmarked", "S-3", unseen, "/ticked")
    about_them = replace(HANDOVER, conduct=(replace(HANDOVER.conduct[0], agent=THIRD.id),))
    accepted = replace(ACCEPTED, handover=about_them)
    outcome = given(STARTED, PREPARED).when(accept, accepted, Marks(seen), FOLLOWING, THIRD)
    outcome.then_refused("items_unmarked", "S-3", unseen, "/ticked")


def test_a_refusal_does_not_name_a_thousand_items_s_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(course, "NAMED", 2)
    outcome = given(STARTED, PREPARED).when(accept, ACCEPTED, Marks(()), FOLLOWING, THIRD)
    outcome.then_refused("items_unmarked", "S-3", "now: case:2024-000001, case:2024-000002, …", "/ticked")


@pytest.mark.parametrize(("seen", "changed"), [(20, ""), (18, ""), (17, "notice:18"), (14, "case:2024-000002")])
def test_what_has_changed_since_it_was_seen_is_not_ticked_unseen_s_3(seen: int, changed: str) -> None:
    outcome = given(STARTED, PREPARED).when(accept, ACCEPTED, Marks(seen=seen), FOLLOWING, THIRD)
    if changed:
        outcome.then_refused("items_unmarked", "S-3", changed, "/ticked")
    else:
        outcome.then(ACCEPTED)


def test_an_item_is_marked_once_and_is_there_s_3() -> None:
    twice = given(STARTED, PREPARED).when(accept, asked(ITEMS[0]), Marks(ITEMS), FOLLOWING, THIRD)
    twice.then_refused("invalid", "S-3", f"{ITEMS[0]} is marked twice", "/questioned")
    for marks, questioned, pointer in (
        (Marks((*ITEMS, "case:x")), asked(), "/ticked"),
        (Marks(), asked("case:x"), "/questioned"),
    ):
        outcome = given(STARTED, PREPARED).when(accept, questioned, marks, FOLLOWING, THIRD)
        outcome.then_refused("no_such_item", "S-3", "no item case:x", pointer)


def test_who_may_not_say_it_of_others_is_told_so_first_s_6() -> None:
    """403 before 409, also of somebody who is on no roster (contract 3)."""
    for decide in (come_on_duty, go_off_duty):
        given(STARTED).when(decide, AgentId("a9"), AGENT, BEGIN).then_refused(
            "not_supervised", "S-6", "by a supervisor"
        )
        given(STARTED).when(decide, AgentId("a9"), ON_DUTY, BEGIN).then_refused("not_on_roster", "S-6", "a9", "/agent")


# ---- releasing ------------------------------------------------------------------------------------------------------
def test_a_supervisor_releases_a_shift_that_is_not_their_own_s_2() -> None:
    given(STARTED).when(release, RELEASED, OTHER).then(RELEASED)
    given(STARTED).when(release, RELEASED, ON_DUTY).then_refused("own_shift", "L-0", "another supervisor")
    given().when(release, RELEASED, OTHER).then_refused("shift_not_started", "S-2", "start it first")


def test_what_is_over_or_handed_over_is_not_released_s_2() -> None:
    ended = given(STARTED, PREPARED, FINISHED).when(release, RELEASED, OTHER)
    ended.then_refused("shift_ended", "S-2", "nothing left to release")
    accepted = given(STARTED, PREPARED, ACCEPTED).when(release, RELEASED, OTHER)
    accepted.then_refused("already_handed_over", "S-3", "stays as it was")


# ---- ending ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("following", [FOLLOWING, SHIFT.fold([replace(NEXT, start=END - HOUR)])])
def test_a_shift_ends_once_the_next_has_accepted_or_it_is_released_s_2(following: Shift) -> None:
    outcome = given(STARTED, PREPARED).when(end, FINISHED, following, AGENT)
    outcome.then_refused("handover_not_accepted", "S-2", "have it accepted")
    given(STARTED, PREPARED, ACCEPTED).when(end, FINISHED, following, AGENT).then(FINISHED)
    given(STARTED, RELEASED).when(end, FINISHED, following, AGENT).then(FINISHED)


@pytest.mark.parametrize("following", [None, LATER])
def test_the_last_of_a_day_ends_with_its_handover_prepared_s_2(following: Shift | None) -> None:
    outcome = given(STARTED).when(end, FINISHED, following, AGENT)
    outcome.then_refused("handover_not_prepared", "S-2", "prepare the handover")
    given(STARTED, PREPARED).when(end, FINISHED, following, AGENT).then(FINISHED)


def test_a_shift_ends_once_s_2() -> None:
    given(STARTED, PREPARED, FINISHED).when(end, FINISHED, FOLLOWING, AGENT).then()
    given().when(end, FINISHED, None, AGENT).then_refused("shift_not_started", "S-2", "start it first")


# ---- all of it ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("decide", "inputs"),
    [
        (start, (STARTED, (), AGENT)),
        (come_on_duty, (A1, AGENT, BEGIN)),
        (go_off_duty, (A1, AGENT, BEGIN)),
        (prepare, (PREPARED, AGENT)),
        (accept, (ACCEPTED, ALL, FOLLOWING, THIRD)),
        (release, (RELEASED, OTHER)),
        (end, (FINISHED, None, AGENT)),
    ],
)
def test_an_unknown_shift_is_not_found(decide: object, inputs: tuple[object, ...]) -> None:
    assert callable(decide)
    given_of(SHIFT).when(decide, *inputs).then_refused("not_found", None, "no such shift")


def test_the_course_is_folded_s_2() -> None:
    def course_of(*history: Event) -> Course:
        return given(*history).state.course

    assert course_of() == Course()
    assert not course_of(STARTED).awaits
    assert course_of(STARTED, PREPARED).awaits
    assert course_of(STARTED, RELEASED).awaits
    assert given(STARTED, PREPARED, ACCEPTED).state.handover == HANDOVER
    whole = course_of(STARTED, PREPARED, RELEASED, FINISHED, ACCEPTED)
    assert not whole.awaits
    assert whole == Course(
        started=Signed(A1, BEGIN),
        prepared=Signed(A1, END - HOUR),
        accepted=Signed(A3, END),
        released=Signed(S2, END),
        ended=Signed(A1, END),
        after=10,
        upto=20,
    )
