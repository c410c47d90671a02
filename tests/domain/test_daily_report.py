"""The report of a day: made by the late shift, passed on and ticked off by the early one (S-4)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from domain.kernel import Event
from domain.report import events as e
from domain.report.report import DAILY_REPORT, Course, DailyReport, begun, make, pass_on, send, tick_off
from domain.report.words import ItemKind
from domain.shift.words import StepKind
from domain.values import Actor, AgentId, Role
from tests.support.cases import SUPERVISOR, sealed
from tests.support.shifts import A1, A2, A3, PLANNED
from tests.support.spec import Given, given_of

DAY = date(2024, 5, 6)
NIGHT = datetime(2024, 5, 6, 15, tzinfo=UTC)
LATE = frozenset({A1, A2})
AGENT, STRANGER = Actor(A1, Role.AGENT, "t1"), Actor(A3, Role.AGENT, "t1")
FIGURES = e.OrderFigures(orders=9, tables=11, reported_back=8, cancelled=1, seated=7, new_members=2, existing_members=6)
MADE = e.Made(
    date=DAY,
    by=A1,
    at=NIGHT,
    upto=99,
    orders=FIGURES,
    cases=(e.CaseFigure(kind=StepKind.RECEIVED, count=3),),
    open_cases=4,
    items=(
        e.Item(number=1, kind=ItemKind.OVERDUE, ref="2024-000001"),
        e.Item(number=2, kind=ItemKind.WORDS, words=sealed("the printer")),
    ),
)
PASSED = e.ItemPassedOn(number=1, to=A3, by=A2, at=NIGHT)
TICKED = e.ItemTickedOff(number=1, by=A3, at=NIGHT)
SENT = e.Sent(recipients=2)


def given(*history: Event) -> Given[DailyReport]:
    return given_of(DAILY_REPORT, *history)


@pytest.mark.parametrize("by", [AGENT, SUPERVISOR])
def test_the_late_shift_makes_the_report_s_4(by: Actor) -> None:
    made = replace(MADE, by=by.id)
    given().when(make, made, LATE, by).then(made)


def test_nobody_else_makes_it_and_nobody_twice_s_4() -> None:
    given().when(make, MADE, LATE, STRANGER).then_refused("not_late_shift", "S-4", "not on the late shift")
    refused = ("already_made", "S-4", "into the notes of the next handover", "/date")
    given(MADE).when(make, MADE, LATE, SUPERVISOR).then_refused(*refused)


def test_a_day_that_has_not_begun_has_no_report_s_4() -> None:
    tomorrow = replace(MADE, date=date(2024, 5, 7))
    given().when(make, tomorrow, LATE, AGENT).then_refused("invalid", "S-4", "has not begun", "/date")
    given().when(make, tomorrow, LATE, STRANGER).then_refused("not_late_shift", "S-4", "not on the late shift")
    at_midnight = replace(tomorrow, at=datetime(2024, 5, 6, 16, tzinfo=UTC))
    given().when(make, at_midnight, LATE, AGENT).then(at_midnight)
    assert not begun(date(2024, 5, 7), NIGHT)


def test_the_digest_has_six_figures_s_4() -> None:
    assert FIGURES.digest == {
        "orders": 9,
        "tables": 11,
        "dined": 7,
        "cancelled": 1,
        "new_members": 2,
        "existing_members": 6,
    }


def test_an_item_is_passed_on_and_ticked_off_s_4() -> None:
    given(MADE).when(pass_on, PASSED).then(PASSED)
    given(MADE, PASSED).when(pass_on, replace(PASSED, by=A1)).then()
    given(MADE, PASSED).when(pass_on, replace(PASSED, to=AgentId("a9"))).then(replace(PASSED, to=AgentId("a9")))
    given(MADE, PASSED).when(tick_off, TICKED).then(TICKED)
    given(MADE, TICKED).when(tick_off, TICKED).then()
    given(MADE, TICKED).when(pass_on, PASSED).then_refused("ticked_off", "S-4", "nothing left to pass on")
    assert given(MADE, PASSED, TICKED).state.courses == {1: Course(A3, done=True), 2: Course()}


def test_the_digest_goes_out_once_s_4() -> None:
    given(MADE).when(send, SENT).then(SENT)
    given(MADE, SENT).when(send, SENT).then()


def test_what_is_not_there_is_not_found_s_4() -> None:
    given(MADE).when(tick_off, replace(TICKED, number=3)).then_refused("not_found", None, "no such item")
    given(MADE).when(pass_on, replace(PASSED, number=0)).then_refused("not_found", None, "no such item")
    for decide, event in ((tick_off, TICKED), (pass_on, PASSED), (send, SENT)):
        given().when(decide, event).then_refused("not_found", None, "no report")
    assert DAILY_REPORT.evolve(DailyReport(), PLANNED) == DailyReport()
