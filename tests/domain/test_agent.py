"""An agent: registered, in a team, with dated limits (C-7), present, absent or gone."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.agent import events as e
from domain.agent.agent import (
    AGENT,
    Agent,
    change_team,
    check_works_on,
    come_back,
    go_absent,
    leave,
    name_deputy,
    register,
    set_limit,
)
from domain.agent.words import Presence, Rank
from domain.kernel import Event
from domain.team.events import Renamed
from domain.values import AgentId, Role
from tests.support.cases import sealed
from tests.support.spec import given_of

MAY = date(2024, 5, 1)
JUNE = date(2024, 6, 1)
REGISTERED = e.Registered(id=AgentId("a1"), name=sealed("name"), role=Role.AGENT, team="t1", joined_on=MAY)
LIMIT = e.LimitSet(from_day=MAY, limit_fen=60_000)
ABSENT = e.WentAbsent()
LEFT = e.Left(last_day=JUNE)
DEPUTY = e.NamedDeputy(from_day=MAY, to_day=JUNE, reason=sealed("the other supervisor is ill"))
MANY = [
    (change_team, ("t2", MAY)),
    (set_limit, (MAY, 1, MAY)),
    (go_absent, (MAY,)),
    (come_back, (MAY,)),
    (leave, (JUNE,)),
    (name_deputy, (DEPUTY, MAY)),
]
AFTER = LEFT.last_day + timedelta(days=1)
BY_DAY = [
    (change_team, ("t2",), e.TeamChanged(team="t2")),
    (set_limit, (MAY, 60_000), LIMIT),
    (go_absent, (), ABSENT),
    (name_deputy, (replace(DEPUTY, to_day=AFTER),), replace(DEPUTY, to_day=AFTER)),
]
"""What depends on the day on which it is decided, and what comes of it."""


# ---- before registration --------------------------------------------------------------------------------------------
def test_somebody_is_taken_on() -> None:
    given_of(AGENT).when(register, REGISTERED).then(REGISTERED)
    agent = given_of(AGENT, REGISTERED).state
    assert (agent.presence, agent.role, agent.team, agent.rank) == (Presence.PRESENT, Role.AGENT, "t1", None)


def test_supervisors_have_a_rank() -> None:
    head = replace(REGISTERED, role=Role.SUPERVISOR, rank=Rank.HEAD)
    given_of(AGENT).when(register, head).then(head)
    assert given_of(AGENT, head).state.rank is Rank.HEAD


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_nobody_else_has_a_rank(role: Role) -> None:
    ranked = replace(REGISTERED, role=role, rank=Rank.MANAGER)
    given_of(AGENT).when(register, ranked).then_refused("invalid", None, "only supervisors have a rank", "/rank")


def test_what_the_request_alone_shows_is_said_before_that_the_number_was_given() -> None:
    ranked = replace(REGISTERED, rank=Rank.HEAD)
    refused = ("invalid", None, "only supervisors have a rank", "/rank")
    given_of(AGENT, REGISTERED).when(register, ranked).then_refused(*refused)


@pytest.mark.parametrize(("decide", "inputs"), MANY)
def test_who_is_not_registered_is_not_found(decide: object, inputs: tuple[object, ...]) -> None:
    assert callable(decide)
    given_of(AGENT).when(decide, *inputs).then_refused("not_found", None, "no such agent")


# ---- when registered ------------------------------------------------------------------------------------------------
def test_an_employee_number_is_given_once() -> None:
    refused = ("already_registered", None, "choose another one", "/id")
    given_of(AGENT, REGISTERED).when(register, REGISTERED).then_refused(*refused)
    given_of(AGENT, REGISTERED, LEFT).when(register, REGISTERED).then_refused(*refused)


def test_an_agent_changes_team() -> None:
    given_of(AGENT, REGISTERED).when(change_team, "t2", MAY).then(e.TeamChanged(team="t2"))
    assert given_of(AGENT, REGISTERED, e.TeamChanged(team="t2")).state.team == "t2"
    given_of(AGENT, REGISTERED).when(change_team, "t1", MAY).then()


def test_an_agent_goes_and_comes_back() -> None:
    given_of(AGENT, REGISTERED).when(go_absent, MAY).then(ABSENT)
    given_of(AGENT, REGISTERED, ABSENT).when(go_absent, MAY).then()
    given_of(AGENT, REGISTERED, ABSENT).when(come_back, MAY).then(e.CameBack())
    given_of(AGENT, REGISTERED, ABSENT, e.CameBack()).when(come_back, MAY).then()


# ---- limits ---------------------------------------------------------------------------------------------------------
def test_a_limit_is_set_from_a_day_on() -> None:
    given_of(AGENT, REGISTERED).when(set_limit, MAY, 60_000, MAY).then(LIMIT)
    given_of(AGENT, REGISTERED, LIMIT).when(set_limit, MAY, None, MAY).then(replace(LIMIT, limit_fen=None))


@pytest.mark.parametrize(
    ("day", "fen"),
    [(date(2024, 4, 30), None), (MAY, 60_000), (date(2024, 5, 31), 60_000), (JUNE, 70_000), (date(2030, 1, 1), 70_000)],
)
def test_the_last_limit_that_has_begun_holds(day: date, fen: int | None) -> None:
    later_first = (REGISTERED, e.LimitSet(from_day=JUNE, limit_fen=70_000), LIMIT)
    assert given_of(AGENT, *later_first).state.limit_fen_on(day) == fen


def test_a_later_setting_for_the_same_day_replaces_the_former() -> None:
    agent = given_of(AGENT, REGISTERED, LIMIT, replace(LIMIT, limit_fen=1)).state
    assert agent.limit_fen_on(MAY) == 1
    back = given_of(AGENT, REGISTERED, LIMIT, e.LimitSet(from_day=JUNE, limit_fen=None)).state
    assert back.limit_fen_on(JUNE) is None


# ---- deputies -------------------------------------------------------------------------------------------------------
def test_an_agent_stands_in_for_a_supervisor_on_some_days_l_0() -> None:
    given_of(AGENT, REGISTERED).when(name_deputy, DEPUTY, MAY).then(DEPUTY)
    given_of(AGENT, REGISTERED, DEPUTY).when(name_deputy, DEPUTY, MAY).then()
    longer = replace(DEPUTY, to_day=date(2024, 7, 1))
    given_of(AGENT, REGISTERED, DEPUTY).when(name_deputy, longer, MAY).then(longer)


@pytest.mark.parametrize(
    ("day", "stands_in"),
    [(date(2024, 4, 30), False), (MAY, True), (JUNE, True), (date(2024, 6, 2), False), (date(2025, 1, 1), True)],
)
def test_a_deputy_is_one_on_these_days_alone_l_0(day: date, stands_in: bool) -> None:  # noqa: FBT001
    again = replace(DEPUTY, from_day=date(2025, 1, 1), to_day=date(2025, 1, 1))
    assert given_of(AGENT, REGISTERED, DEPUTY, again).state.deputy_on(day) is stands_in
    assert not given_of(AGENT, REGISTERED).state.deputy_on(day)


def test_nobody_is_made_deputy_afterwards_l_0() -> None:
    agent = given_of(AGENT, REGISTERED)
    agent.when(name_deputy, DEPUTY, JUNE).then(DEPUTY)
    agent.when(name_deputy, DEPUTY, date(2024, 6, 2)).then_refused("invalid", "L-0", "to has passed", "/to")
    turned = replace(DEPUTY, from_day=JUNE, to_day=MAY)
    agent.when(name_deputy, turned, MAY).then_refused("invalid", "L-0", "to lies before from", "/to")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENT])
def test_only_agents_are_made_deputies_l_0(role: Role) -> None:
    other = given_of(AGENT, replace(REGISTERED, role=role))
    other.when(name_deputy, DEPUTY, MAY).then_refused("not_eligible", "L-0", "only an agent is named deputy")


# ---- when gone ------------------------------------------------------------------------------------------------------
def test_an_agent_leaves_for_good() -> None:
    given_of(AGENT, REGISTERED, ABSENT).when(leave, JUNE).then(LEFT)
    gone = given_of(AGENT, REGISTERED, LEFT).state
    assert gone.presence_on(LEFT.last_day) is Presence.PRESENT
    assert gone.presence_on(LEFT.last_day + timedelta(days=1)) is Presence.LEFT


def test_a_last_day_is_corrected_by_another_one() -> None:
    leaving = given_of(AGENT, REGISTERED, LEFT)
    leaving.when(leave, LEFT.last_day).then()
    leaving.when(leave, MAY).then(e.Left(last_day=MAY))
    given_of(AGENT).when(leave, MAY).then_refused("not_found", None, "no such agent")


@pytest.mark.parametrize(
    ("day", "code"),
    [(MAY - timedelta(days=1), "agent_not_here_yet"), (MAY, None), (JUNE, None), (AFTER, "agent_has_left")],
)
def test_who_joins_and_leaves_works_from_the_first_day_to_the_last_s_1(day: date, code: str | None) -> None:
    def working(agent: Agent, on: date) -> list[Event]:
        check_works_on(agent, AgentId("a1"), on, "name somebody else", today=before, pointer="/agents/0")
        return []

    before = MAY - timedelta(days=2)

    outcome = given_of(AGENT, REGISTERED, LEFT).when(working, day)
    if code is None:
        outcome.then()
    else:
        outcome.then_refused(code, "S-1", f"on {day}: name somebody else", "/agents/0")


def test_old_rosters_may_name_who_works_here_by_now_s_1() -> None:
    """The first day on record may be that of the registration."""
    agent = given_of(AGENT, REGISTERED).state
    check_works_on(agent, AgentId("a1"), MAY - timedelta(days=30), "name somebody else", today=MAY)


@pytest.mark.parametrize(("decide", "inputs", "event"), BY_DAY)
def test_who_leaves_is_changed_until_the_end_of_the_last_day(
    decide: object, inputs: tuple[object, ...], event: Event
) -> None:
    assert callable(decide)
    leaving = given_of(AGENT, REGISTERED, LEFT)
    leaving.when(decide, *inputs, LEFT.last_day).then(event)
    gone = leaving.when(decide, *inputs, AFTER)
    gone.then_refused("agent_has_left", None, "register the person under a new number")


def test_who_leaves_comes_back_until_the_end_of_the_last_day() -> None:
    leaving = given_of(AGENT, REGISTERED, ABSENT, LEFT)
    leaving.when(come_back, LEFT.last_day).then(e.CameBack())
    leaving.when(come_back, AFTER).then_refused("agent_has_left", None, "correct the last day")


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert given_of(AGENT, REGISTERED, Renamed(name="x")).state == given_of(AGENT, REGISTERED).state


@pytest.mark.parametrize("reserved", ["operator", "import"])
def test_actors_of_the_service_are_nobodys_employee_number(reserved: str) -> None:
    taken = replace(REGISTERED, id=AgentId(reserved))
    given_of(AGENT).when(register, taken).then_refused("invalid", None, "an actor of the service", "/id")
