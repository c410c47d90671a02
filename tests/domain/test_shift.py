"""A shift: planned, changed, absences, attendance, swaps; and who is on duty (S-1, S-5, S-6)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from domain.kernel import Event
from domain.shift import events as e
from domain.shift.shift import (
    SHIFT,
    Shift,
    clear_absence,
    plan,
    record_absence,
    record_attendance,
    replan,
    swap_agent,
)
from domain.shift.words import ShiftKind
from domain.team.events import Renamed
from domain.values import Actor, AgentId, Role
from domain.work.facts import Duty, OnDuty, on_duty
from tests.support.cases import HOUR, OTHER_SUPERVISOR, SUPERVISOR, sealed
from tests.support.spec import given_of

A1, A2, A3, S1, S2 = (AgentId(name) for name in ("a1", "a2", "a3", "s1", "s2"))
ADMIN = Actor(AgentId("d1"), Role.ADMIN)
DEPUTY = Actor(A3, Role.AGENT, "t1", deputy=True)
BEGIN = datetime(2024, 5, 6, 8, tzinfo=UTC)
"""16:00 in Shanghai."""
END = BEGIN + 8 * HOUR
BEFORE, DURING = BEGIN - HOUR, BEGIN + HOUR
PLANNED = e.Planned(
    date=date(2024, 5, 6), kind=ShiftKind.LATE, team="t1", start=BEGIN, end=END, agents=(A1, A2), supervisor=S1
)
REPLANNED = e.Replanned(start=BEGIN, end=END, agents=(A1, A3), supervisor=S1)
CORRECTED = replace(REPLANNED, reason=sealed("a2 had swapped by word of mouth"))
ABSENT = e.AbsenceRecorded(agent=A2, absenteeism=False)
CLEARED = e.AbsenceCleared(agent=A2)
CAME = e.AttendanceRecorded(agent=A2, began_at=BEGIN + HOUR / 2)
SWAPPED = e.AgentSwapped(away=A2, to=A3, swap="swap-1")
ANY = (
    (replan, (REPLANNED, SUPERVISOR, BEFORE)),
    (record_absence, (ABSENT, SUPERVISOR, BEFORE)),
    (clear_absence, (A2, SUPERVISOR, BEFORE)),
    (record_attendance, (CAME, SUPERVISOR, DURING)),
    (swap_agent, (A2, A3, "swap-1")),
)


def duty(agents: Iterable[AgentId], supervisor: AgentId | None, start: datetime = BEGIN, end: datetime = END) -> Duty:
    return Duty(start=start, end=end, agents=tuple(agents), supervisor=supervisor)


def after(*history: Event) -> Shift:
    return given_of(SHIFT, PLANNED, *history).state


# ---- planning -------------------------------------------------------------------------------------------------------
def test_a_shift_is_planned_once_s_1() -> None:
    given_of(SHIFT).when(plan, PLANNED).then(PLANNED)
    given_of(SHIFT, PLANNED).when(plan, PLANNED).then_refused("already_planned", "S-1", "change its roster")
    shift = after()
    assert (shift.day, shift.kind, shift.team) == (PLANNED.date, ShiftKind.LATE, "t1")


@pytest.mark.parametrize("night", [timedelta(hours=24), timedelta(minutes=1)])
def test_a_shift_may_last_over_midnight_s_1(night: timedelta) -> None:
    late = replace(PLANNED, end=BEGIN + night)
    given_of(SHIFT).when(plan, late).then(late)


@pytest.mark.parametrize(("end", "saying"), [(BEGIN, "does not lie after start"), (BEGIN + 24.1 * HOUR, "24 hours")])
def test_times_that_cannot_be_meant_are_refused_s_1(end: datetime, saying: str) -> None:
    given_of(SHIFT).when(plan, replace(PLANNED, end=end)).then_refused("invalid", "S-1", saying, "/end")
    replanned = replace(REPLANNED, end=end)
    outcome = given_of(SHIFT, PLANNED).when(replan, replanned, SUPERVISOR, BEFORE)
    outcome.then_refused("invalid", "S-1", saying, "/end")


@pytest.mark.parametrize(("day", "fits"), [(4, False), (5, True), (6, True), (7, True), (8, False)])
def test_a_shift_begins_within_a_day_of_its_date_s_1(day: int, fits: bool) -> None:  # noqa: FBT001
    dated = replace(PLANNED, date=date(2024, 5, day))
    outcome = given_of(SHIFT).when(plan, dated)
    if fits:
        outcome.then(dated)
    else:
        outcome.then_refused("invalid", "S-1", "is on 2024-05-06", "/date")


def test_the_day_of_the_start_is_a_local_one_s_1() -> None:
    just_after = replace(PLANNED, start=datetime(2024, 5, 6, 16, tzinfo=UTC), end=datetime(2024, 5, 6, 20, tzinfo=UTC))
    outcome = given_of(SHIFT).when(plan, replace(just_after, date=date(2024, 5, 5)))
    outcome.then_refused("invalid", "S-1", "is on 2024-05-07", "/date")


def test_nobody_stands_on_the_roster_twice_s_1() -> None:
    twice = (A1, A2, A1)
    refused = ("invalid", "S-1", "a1 stands on the roster twice", "/agents/2")
    given_of(SHIFT).when(plan, replace(PLANNED, agents=twice)).then_refused(*refused)
    outcome = given_of(SHIFT, PLANNED).when(replan, replace(REPLANNED, agents=twice), SUPERVISOR, BEFORE)
    outcome.then_refused(*refused)


@pytest.mark.parametrize(("decide", "inputs"), ANY)
def test_an_unknown_shift_is_not_found(decide: object, inputs: tuple[object, ...]) -> None:
    assert callable(decide)
    given_of(SHIFT).when(decide, *inputs).then_refused("not_found", None, "no such shift")


# ---- changing the roster --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", [SUPERVISOR, ADMIN])
def test_a_roster_is_changed_before_the_shift_begins_s_1(by: Actor) -> None:
    given_of(SHIFT, PLANNED).when(replan, REPLANNED, by, BEFORE).then(REPLANNED)
    assert after(REPLANNED).duty() == (duty((A1, A3), S1),)


def test_the_same_roster_again_is_nothing() -> None:
    same = e.Replanned(start=BEGIN, end=END, agents=(A1, A2), supervisor=S1)
    for at in (BEFORE, DURING):
        given_of(SHIFT, PLANNED).when(replan, same, SUPERVISOR, at).then()


@pytest.mark.parametrize("change", [{"start": BEFORE}, {"end": END + HOUR}, {"agents": (A1,)}, {"supervisor": None}])
def test_any_part_of_it_can_be_changed(change: dict[str, object]) -> None:
    same = e.Replanned(start=BEGIN, end=END, agents=(A1, A2), supervisor=S1)
    changed = replace(same, **change)  # type: ignore[arg-type]
    given_of(SHIFT, PLANNED).when(replan, changed, ADMIN, BEFORE).then(changed)


def test_who_leaves_the_roster_takes_absence_attendance_and_swap_along() -> None:
    came = replace(CAME, agent=A1)
    emptied = replace(REPLANNED, agents=(), supervisor=S1)
    shift = after(SWAPPED, came, replace(ABSENT, agent=A3), emptied, replace(REPLANNED, agents=(A1, A3)))
    assert shift.duty() == (duty((A1, A3), S1),)
    given = given_of(SHIFT, PLANNED, SWAPPED, emptied, replace(REPLANNED, agents=(A1, A3)))
    leave = replace(ABSENT, agent=A3)
    given.when(record_absence, leave, SUPERVISOR, BEFORE).then(leave)


def test_who_stays_on_the_roster_keeps_absence_and_attendance() -> None:
    came = replace(CAME, agent=A1)
    shift = after(came, ABSENT, replace(REPLANNED, agents=(A1, A2, A3)))
    assert shift.duty() == (duty((A3,), S1), duty((A1,), None, CAME.began_at))


@pytest.mark.parametrize("by", [OTHER_SUPERVISOR, DEPUTY])
def test_a_shift_that_has_begun_is_corrected_by_a_supervisor_with_a_reason_s_6(by: Actor) -> None:
    begun = given_of(SHIFT, PLANNED)
    without = replace(CORRECTED, agents=(A1,))
    begun.when(replan, without, by, BEGIN).then(without)
    begun.when(replan, replace(without, reason=None), by, BEGIN).then_refused(
        "reason_needed", "S-6", "give the reason", "/reason"
    )
    begun.when(replan, without, ADMIN, BEGIN).then_refused("not_supervised", "S-6", "a supervisor corrects it")


def test_a_shift_has_begun_with_who_came_early_s_6() -> None:
    early = given_of(SHIFT, PLANNED, replace(CAME, began_at=BEFORE))
    early.when(replan, CORRECTED, ADMIN, BEFORE).then_refused("not_supervised", "S-6", "a supervisor corrects it")


def test_nobody_corrects_their_own_duty_l_0() -> None:
    begun = given_of(SHIFT, PLANNED)
    off = replace(CORRECTED, supervisor=None)
    begun.when(replan, off, SUPERVISOR, DURING).then_refused("own_duty", "L-0", "another supervisor")
    begun.when(replan, off, OTHER_SUPERVISOR, DURING).then(off)
    begun.when(replan, replace(CORRECTED, end=END - HOUR), SUPERVISOR, DURING).then_refused(
        "own_duty", "L-0", "another supervisor"
    )
    begun.when(replan, CORRECTED, SUPERVISOR, DURING).then(CORRECTED)
    begun.when(replan, off, SUPERVISOR, BEFORE).then(off)
    begun.when(replan, CORRECTED, DEPUTY, DURING).then_refused("own_duty", "L-0", "another supervisor")


# ---- absences -------------------------------------------------------------------------------------------------------
def test_an_absence_is_recorded_and_taken_back_s_6() -> None:
    rostered = given_of(SHIFT, PLANNED)
    rostered.when(record_absence, ABSENT, SUPERVISOR, DURING).then(ABSENT)
    assert after(ABSENT).duty() == (duty((A1,), S1),)
    given_of(SHIFT, PLANNED, ABSENT).when(clear_absence, A2, SUPERVISOR, DURING).then(CLEARED)
    assert after(ABSENT, CLEARED).duty() == (duty((A1, A2), S1),)
    rostered.when(clear_absence, A2, SUPERVISOR, DURING).then()


def test_an_absence_recorded_again_is_nothing_unless_it_says_more() -> None:
    absent = given_of(SHIFT, PLANNED, ABSENT)
    absent.when(record_absence, ABSENT, SUPERVISOR, DURING).then()
    with_reason, without_leave = replace(ABSENT, reason=sealed("ill")), replace(ABSENT, absenteeism=True)
    absent.when(record_absence, with_reason, SUPERVISOR, DURING).then(with_reason)
    absent.when(record_absence, without_leave, SUPERVISOR, DURING).then(without_leave)
    given_of(SHIFT, PLANNED, ABSENT, without_leave).when(record_absence, ABSENT, SUPERVISOR, DURING).then(ABSENT)


def test_absence_from_a_swapped_shift_counts_as_absenteeism_s_5() -> None:
    leave = replace(ABSENT, agent=A3)
    swapped = given_of(SHIFT, PLANNED, SWAPPED)
    swapped.when(record_absence, leave, SUPERVISOR, BEFORE).then(replace(leave, absenteeism=True))
    given_of(SHIFT, PLANNED, SWAPPED, replace(leave, absenteeism=True)).when(
        record_absence, leave, SUPERVISOR, BEFORE
    ).then()


def test_a_supervisor_can_be_absent_too_s_6() -> None:
    absent = replace(ABSENT, agent=S1)
    given_of(SHIFT, PLANNED).when(record_absence, absent, OTHER_SUPERVISOR, DURING).then(absent)
    assert after(absent).duty() == (duty((A1, A2), None),)


def test_where_everybody_is_absent_nobody_is_on_duty_s_6() -> None:
    absences = (replace(ABSENT, agent=agent) for agent in (A1, A2, S1))
    assert after(*absences).duty() == ()


def test_who_is_absent_has_not_attended_s_6() -> None:
    assert after(CAME, ABSENT, CLEARED).duty() == (duty((A1, A2), S1),)


# ---- attendance -----------------------------------------------------------------------------------------------------
def test_actual_times_hold_in_place_of_the_planned_s_6() -> None:
    given_of(SHIFT, PLANNED).when(record_attendance, CAME, SUPERVISOR, DURING).then(CAME)
    assert after(CAME).duty() == (duty((A1,), S1), duty((A2,), None, CAME.began_at))
    whole = replace(CAME, began_at=BEFORE, ended_at=END + HOUR)
    assert after(whole).duty() == (duty((A2,), None, BEFORE, END + HOUR), duty((A1,), S1))
    later = replace(CAME, agent=S1)
    assert after(CAME, later).duty() == (duty((A1,), None), duty((A2,), S1, CAME.began_at))


def test_a_later_record_replaces_the_former() -> None:
    other = replace(CAME, ended_at=BEGIN + 2 * HOUR)
    came = given_of(SHIFT, PLANNED, CAME)
    came.when(record_attendance, CAME, SUPERVISOR, END).then()
    came.when(record_attendance, other, SUPERVISOR, END).then(other)
    assert after(CAME, other).duty() == (duty((A1,), S1), duty((A2,), None, CAME.began_at, BEGIN + 2 * HOUR))


@pytest.mark.parametrize(
    ("change", "at", "pointer", "saying"),
    [
        ({"began_at": DURING + HOUR}, DURING, "/began_at", "lies in the future"),
        ({"ended_at": DURING + HOUR}, DURING, "/ended_at", "lies in the future"),
        ({"ended_at": CAME.began_at}, END, "/ended_at", "does not lie after began_at"),
        ({"began_at": END}, END + HOUR, "/ended_at", "does not lie after began_at"),
    ],
)
def test_times_that_cannot_have_been_are_refused_s_6(
    change: dict[str, datetime], at: datetime, pointer: str, saying: str
) -> None:
    came = replace(CAME, **change)  # type: ignore[arg-type]
    outcome = given_of(SHIFT, PLANNED).when(record_attendance, came, SUPERVISOR, at)
    outcome.then_refused("invalid", "S-6", saying, pointer)


def test_a_clock_may_be_a_little_fast_s_6() -> None:
    came = replace(CAME, began_at=BEGIN)
    given_of(SHIFT, PLANNED).when(record_attendance, came, SUPERVISOR, BEGIN - timedelta(minutes=5)).then(came)


def test_who_is_recorded_absent_has_no_hours_s_6() -> None:
    outcome = given_of(SHIFT, PLANNED, ABSENT).when(record_attendance, CAME, SUPERVISOR, DURING)
    outcome.then_refused("marked_absent", "S-6", "take the absence back first", "/agent")


# ---- both -----------------------------------------------------------------------------------------------------------
def test_absence_and_attendance_are_of_people_on_the_roster_s_6() -> None:
    rostered = given_of(SHIFT, PLANNED)
    refused = ("not_on_roster", "S-6", "change its roster first", "/agent")
    rostered.when(record_absence, replace(ABSENT, agent=A3), SUPERVISOR, DURING).then_refused(*refused)
    rostered.when(clear_absence, A3, SUPERVISOR, DURING).then_refused(*refused)
    for other in (A3, OTHER_SUPERVISOR.id):
        came = replace(CAME, agent=other)
        rostered.when(record_attendance, came, OTHER_SUPERVISOR, DURING).then_refused(*refused)


def test_nobody_records_their_own_absence_or_attendance_once_the_shift_has_begun_l_0() -> None:
    rostered, absent = given_of(SHIFT, PLANNED), replace(ABSENT, agent=S1)
    refused = ("own_duty", "L-0", "let another supervisor or an admin record it")
    rostered.when(record_absence, absent, SUPERVISOR, BEFORE).then(absent)
    rostered.when(record_absence, absent, SUPERVISOR, BEGIN).then_refused(*refused)
    rostered.when(record_attendance, replace(CAME, agent=S1), SUPERVISOR, DURING).then_refused(*refused)
    ahead = replace(CAME, agent=S1, began_at=END)
    rostered.when(record_attendance, ahead, SUPERVISOR, DURING).then_refused(*refused)
    given_of(SHIFT, PLANNED, absent).when(clear_absence, S1, SUPERVISOR, DURING).then_refused(*refused)


# ---- swaps ----------------------------------------------------------------------------------------------------------
def test_who_took_the_shift_works_it_s_6() -> None:
    given_of(SHIFT, PLANNED).when(swap_agent, A2, A3, "swap-1").then(SWAPPED)
    assert after(SWAPPED).duty() == (duty((A1, A3), S1),)


def test_a_swap_leaves_nothing_known_of_who_is_away_s_5() -> None:
    back = e.AgentSwapped(away=A3, to=A2, swap="swap-2")
    assert after(CAME, SWAPPED, back).duty() == (duty((A1, A2), S1),)


@pytest.mark.parametrize("away", [A3, S1])
def test_only_agents_of_the_shift_give_it_away_s_5(away: AgentId) -> None:
    outcome = given_of(SHIFT, PLANNED).when(swap_agent, away, AgentId("a4"), "swap-1")
    outcome.then_refused("not_on_roster", "S-5", f"{away} is not among the agents")


@pytest.mark.parametrize("to", [A1, A2, S1])
def test_nobody_takes_a_shift_they_work_already_s_5(to: AgentId) -> None:
    given_of(SHIFT, PLANNED).when(swap_agent, A2, to, "x").then_refused("on_roster", "S-5", f"{to} works this shift")


# ---- on duty --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "agents", "supervisors"),
    [
        (BEGIN - timedelta(microseconds=1), (), ()),
        (BEGIN, (A1,), (S1,)),
        (CAME.began_at, (A1, A2), (S1,)),
        (END - timedelta(microseconds=1), (A1, A2), (S1,)),
        (END, (), ()),
    ],
)
def test_on_duty_from_the_start_until_before_the_end_s_6(
    at: datetime, agents: tuple[AgentId, ...], supervisors: tuple[AgentId, ...]
) -> None:
    assert on_duty(after(CAME).duty(), at) == OnDuty(agents, supervisors)


def test_who_supervises_and_works_is_named_once_s_6() -> None:
    both = given_of(SHIFT, replace(PLANNED, agents=(A1, S1))).state
    assert on_duty(both.duty(), BEGIN) == OnDuty((A1,), (S1,))


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert after(Renamed(name="x")) == after()
    assert given_of(SHIFT, CAME).state == Shift()


# ---- laws -----------------------------------------------------------------------------------------------------------
MOMENTS = st.integers(-120, 720).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
PEOPLE = st.sampled_from([A1, A2, A3, S1, S2])
CHANGES = st.one_of(
    st.builds(
        e.Replanned,
        start=st.just(BEGIN),
        end=st.integers(1, 24).map(lambda hours: BEGIN + hours * HOUR),
        agents=st.lists(PEOPLE, unique=True, max_size=4).map(tuple),
        supervisor=st.none() | PEOPLE,
        reason=st.just(sealed("so")),
    ).map(lambda event: (replan, (event, OTHER_SUPERVISOR, BEFORE - HOUR))),
    st.builds(e.AbsenceRecorded, agent=PEOPLE, absenteeism=st.booleans()).map(
        lambda event: (record_absence, (event, ADMIN, END))
    ),
    PEOPLE.map(lambda agent: (clear_absence, (agent, ADMIN, END))),
    st.builds(e.AttendanceRecorded, agent=PEOPLE, began_at=MOMENTS, ended_at=st.none() | MOMENTS).map(
        lambda event: (record_attendance, (event, ADMIN, END + 24 * HOUR))
    ),
    st.tuples(PEOPLE, PEOPLE).map(lambda pair: (swap_agent, (*pair, "swap-1"))),
)


def walked(steps: Iterable[tuple[object, tuple[object, ...]]]) -> Shift:
    """The shift after those of the commands that are taken."""
    history: list[Event] = [PLANNED]
    for decide, inputs in steps:
        assert callable(decide)
        outcome = given_of(SHIFT, *history).when(decide, *inputs)
        assert isinstance(outcome.decided, list)
        history += outcome.decided
    return SHIFT.fold(history)


@settings(max_examples=300, deadline=None, derandomize=True)
@for_all(steps=st.lists(CHANGES, max_size=8), at=MOMENTS)
def test_who_is_on_duty_is_on_the_roster_once_and_there_s_6(
    steps: list[tuple[object, tuple[object, ...]]], at: datetime
) -> None:
    shift = walked(steps)
    assert shift.roster is not None
    there = on_duty(shift.duty(), at)
    people = [*there.agents, *there.supervisors]
    assert len(set(people)) == len(people)
    assert set(people) <= set(shift.roster.people)
    assert set(there.supervisors) <= {shift.roster.supervisor}
    assert not set(people) & {absence.agent for absence in shift.roster.absences}
    start, end = shift.roster.span
    assert not people or start <= at < end


@settings(max_examples=300, deadline=None, derandomize=True)
@for_all(steps=st.lists(CHANGES, max_size=8))
def test_everybody_who_is_not_absent_has_duty_once_s_6(steps: list[tuple[object, tuple[object, ...]]]) -> None:
    shift = walked(steps)
    assert shift.roster is not None
    absent = {absence.agent for absence in shift.roster.absences}
    named = [person for duty in shift.duty() for person in {*duty.agents, *filter(None, [duty.supervisor])}]
    assert sorted(named) == sorted(set(shift.roster.people) - absent)
