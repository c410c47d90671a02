"""Deadline policies and calendars as documents of two people: what takes whose place, and from when (A-4, D-3b)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from application import calendars
from domain.kernel import Event, Malformed, Refusal
from domain.published import FirstDayTaken, ReachesBack, Register, propose, publish
from domain.time import events as e
from domain.time.calendar import Calendar, Opening
from domain.time.deadlines import DeadlinePolicy
from domain.time.published import CALENDAR_REGISTER, CALENDARS, DEADLINE_POLICIES, DEADLINE_POLICY_REGISTER
from domain.time.timing import CLOCKS
from domain.values import AgentId
from tests.support.clocks import breach, policy

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
ONE, OTHER = AgentId("d1"), AgentId("d2")
NEXT = replace(policy(), version="default-2", valid_from=date(2026, 4, 1))
OFFICE = Calendar(
    version="office-1",
    time_zone="Europe/London",
    week=((Opening(540, 1020),), (), (), (), (), (), ()),
    valid_from=date(2026, 4, 1),
)


def put_in_force(document: DeadlinePolicy, *before: Event) -> list[Event]:
    """The events by which one proposes it and another publishes it."""
    register = DEADLINE_POLICY_REGISTER.fold(before)
    proposed = propose(register, DEADLINE_POLICIES, [policy()], document, ONE, NOW)
    register = DEADLINE_POLICY_REGISTER.fold([*before, *proposed])
    return [*before, *proposed, *publish(register, DEADLINE_POLICIES, [policy()], document.version, OTHER, NOW)]


def test_a_policy_is_in_force_once_another_has_published_it_a_4() -> None:
    events = put_in_force(NEXT)
    assert events == [
        e.PolicyProposed(document=NEXT, by=ONE),
        e.PolicyPublished(of_version="default-2", proposed_by=ONE, by=OTHER),
    ]
    assert DEADLINE_POLICY_REGISTER.fold(events).published([policy()]) == (policy(), NEXT)


def test_versions_of_one_name_do_not_begin_on_one_day_those_of_two_names_do_a_4() -> None:
    events = put_in_force(NEXT)
    with pytest.raises(FirstDayTaken):
        put_in_force(replace(NEXT, version="default-3"), *events)
    assert put_in_force(replace(NEXT, version="uk-1", name="uk"), *events)


def refused(document: DeadlinePolicy, at: datetime) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        propose(Register(), DEADLINE_POLICIES, [], document, ONE, at)
    return refusal.value


def test_a_policy_does_not_begin_where_its_first_day_has_come_d_3c() -> None:
    """Neither in Shanghai nor where its calendar is: there it is the first of April eleven hours later, or earlier."""
    auckland = replace(NEXT, calendar=replace(NEXT.calendar, time_zone="Pacific/Auckland"))
    evening = datetime(2026, 3, 31, 12, tzinfo=UTC)
    assert refused(auckland, evening).pointer == "/valid_from"
    assert propose(Register(), DEADLINE_POLICIES, [], NEXT, ONE, evening)
    assert refused(NEXT, datetime(2026, 3, 31, 16, tzinfo=UTC)).rule == "L-6"


def test_a_proposal_whose_first_day_has_come_is_not_published() -> None:
    register = DEADLINE_POLICY_REGISTER.fold([e.PolicyProposed(document=NEXT, by=ONE)])
    with pytest.raises(ReachesBack):
        publish(register, DEADLINE_POLICIES, [], "default-2", OTHER, datetime(2026, 4, 2, tzinfo=UTC))


def test_a_policy_that_cannot_hold_is_refused_d_3b() -> None:
    assert refused(replace(NEXT, clocks=()), NOW).pointer == "/clocks"


def test_calendars_stand_beside_each_other_a_4() -> None:
    first = e.BusinessCalendar(calendar=OFFICE)
    second = e.BusinessCalendar(calendar=replace(OFFICE, version="office-2"))
    events = propose(Register(), CALENDARS, [], first, ONE, NOW)
    register = CALENDAR_REGISTER.fold(events)
    events += publish(register, CALENDARS, [], "office-1", OTHER, NOW)
    assert propose(CALENDAR_REGISTER.fold(events), CALENDARS, [], second, ONE, NOW)
    assert CALENDAR_REGISTER.fold(events).published([]) == (first,)


@pytest.mark.parametrize(
    ("calendar", "pointer"),
    [(replace(OFFICE, valid_from=None), "/valid_from"), (replace(OFFICE, week=((), (), (), (), (), (), ())), "/week")],
)
def test_a_calendar_has_a_first_day_and_opens(calendar: Calendar, pointer: str) -> None:
    with pytest.raises(Malformed) as refusal:
        propose(Register(), CALENDARS, [], e.BusinessCalendar(calendar=calendar), ONE, NOW)
    assert refusal.value.pointer == pointer


def test_a_shipped_calendar_may_be_used_from_its_own_day_on() -> None:
    assert e.BusinessCalendar(calendar=calendars.shipped()).valid_from == date(2000, 1, 1)


def test_what_is_recorded_of_clocks_is_kept_in_its_order() -> None:
    breached = breach("resolve", "2026-03-06T16:30")
    assert CLOCKS.fold([breached, breached]) == (breached, breached)
