"""Teams and departments: registered once, renamed; a department's matters are data (rulebook part 1)."""

from domain.agent.events import WentAbsent
from domain.department import department
from domain.department import events as d
from domain.department.department import DEPARTMENT
from domain.team import events as t
from domain.team import team
from domain.team.team import TEAM
from tests.support.spec import given_of

NORTH = t.Registered(id="t1", name="North")
SOUTH = t.Renamed(name="South")
MARKETING = (d.Registered(id="d1", name="Marketing"), d.MattersSet(matters=("discounts",)))


# ---- teams ----------------------------------------------------------------------------------------------------------
def test_a_team_is_founded_once() -> None:
    given_of(TEAM).when(team.register, "t1", "North").then(NORTH)
    outcome = given_of(TEAM, NORTH).when(team.register, "t1", "North")
    outcome.then_refused("already_registered", None, "choose another id, or rename it", "/id")


def test_a_team_is_renamed() -> None:
    given_of(TEAM, NORTH).when(team.rename, "South").then(SOUTH)
    given_of(TEAM, NORTH, SOUTH).when(team.rename, "South").then()
    given_of(TEAM).when(team.rename, "South").then_refused("not_found", None, "no such team")


# ---- departments ----------------------------------------------------------------------------------------------------
def test_a_department_is_founded_once_with_its_matters() -> None:
    given_of(DEPARTMENT).when(department.register, "d1", "Marketing", ("discounts",)).then(*MARKETING)
    outcome = given_of(DEPARTMENT, *MARKETING).when(department.register, "d1", "Marketing", ())
    outcome.then_refused("already_registered", None, "choose another id, or rename it", "/id")


def test_a_department_is_renamed_and_keeps_its_matters() -> None:
    given_of(DEPARTMENT, *MARKETING).when(department.rename, "Sales").then(d.Renamed(name="Sales"))
    given_of(DEPARTMENT, *MARKETING).when(department.rename, "Marketing").then()
    assert given_of(DEPARTMENT, *MARKETING, d.Renamed(name="Sales")).state.matters == ("discounts",)


def test_other_matters_go_to_a_department() -> None:
    given_of(DEPARTMENT, *MARKETING).when(department.set_matters, ("menus",)).then(d.MattersSet(matters=("menus",)))
    given_of(DEPARTMENT, *MARKETING).when(department.set_matters, ("discounts",)).then()


def test_an_unknown_department_is_not_found() -> None:
    given_of(DEPARTMENT).when(department.rename, "Sales").then_refused("not_found", None, "no such department")
    given_of(DEPARTMENT).when(department.set_matters, ()).then_refused("not_found", None, "no such department")


def test_an_event_of_another_kind_changes_nothing() -> None:
    assert given_of(TEAM, NORTH, WentAbsent()).state == given_of(TEAM, NORTH).state
    assert given_of(DEPARTMENT, *MARKETING, WentAbsent()).state == given_of(DEPARTMENT, *MARKETING).state
