"""Shifts as rows: the same as the domain has them, and who is on duty at a moment by an index (S-1, S-6)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from domain.kernel import Event
from domain.payroll import wage_events as wage
from domain.shift import events as e
from domain.shift.shift import SHIFT
from domain.shift.words import ShiftKind
from domain.values import AgentId, Month
from domain.work.facts import OnDuty, on_duty
from projections.rebuild import rebuild
from projections.roster import RosterRow, RosterView, ShiftFilters, duties_at, shifts
from projections.view import Page
from projections.wages import WagesView, wage_of, wages
from tests.projections.projecting import World, everything
from tests.support.cases import HOUR

T = TypeVar("T")
A1, A2, A3, S1 = (AgentId(name) for name in ("a1", "a2", "a3", "s1"))
BEGIN = datetime(2024, 5, 6, 8, tzinfo=UTC)
END = BEGIN + 8 * HOUR
PLANNED = e.Planned(
    date=date(2024, 5, 6), kind=ShiftKind.LATE, team="t1", start=BEGIN, end=END, agents=(A1, A2), supervisor=S1
)
HISTORY: tuple[Event, ...] = (
    PLANNED,
    e.AttendanceRecorded(agent=A2, began_at=BEGIN - HOUR, ended_at=END + HOUR),
    e.AbsenceRecorded(agent=A1, absenteeism=True),
    e.AgentSwapped(away=A1, to=A3, swap="swap-1"),
)


def asked(world: World, question: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
            return await question(connection)

    return asyncio.run(ask())


def listed(world: World, **filters: Any) -> Page[RosterRow]:
    return asked(world, lambda connection: shifts(connection, ShiftFilters(**filters)))


def there(world: World, at: datetime) -> OnDuty:
    return on_duty(asked(world, lambda connection: duties_at(connection, at)), at)


def plan(world: World, day: int, **facts: Any) -> UUID:
    """Record a shift that is planned so many days later."""
    shift, ahead = uuid4(), timedelta(days=day)
    times = {"date": PLANNED.date + ahead, "start": BEGIN + ahead, "end": END + ahead}
    world.record(shift, replace(PLANNED, **{**times, **facts}))
    return shift


@pytest.mark.parametrize("at_once", [True, False])
def test_a_row_is_what_the_domain_folds(world: World, at_once: bool) -> None:  # noqa: FBT001
    shift = uuid4()
    for event in HISTORY:
        world.record(shift, event)
        if not at_once:
            world.project([RosterView()])
    world.project([RosterView()])
    [row] = listed(world).items
    state = SHIFT.fold(HISTORY)
    assert (row.id, row.version, row.position) == (shift, 4, 4)
    assert (row.date, row.kind, row.team) == (PLANNED.date, ShiftKind.LATE, "t1")
    assert (row.start_at, row.end_at) == (BEGIN - HOUR, END + HOUR)
    assert row.roster == state.roster
    assert row.duties == state.duty()


def test_who_is_on_duty_at_a_moment_s_6(world: World) -> None:
    world.record(uuid4(), *HISTORY)
    plan(world, 1)
    world.project([RosterView()])
    nobody = OnDuty((), ())
    assert there(world, BEGIN - HOUR - timedelta(microseconds=1)) == nobody
    assert there(world, BEGIN - HOUR) == OnDuty((A2,), ())
    assert there(world, BEGIN) == OnDuty((A2, A3), (S1,))
    assert there(world, END) == OnDuty((A2,), ())
    assert there(world, END + HOUR) == nobody
    assert there(world, BEGIN + timedelta(days=1)) == OnDuty((A1, A2), (S1,))


def test_shifts_of_several_teams_are_on_duty_together_each_person_once_s_6(world: World) -> None:
    plan(world, 0)
    plan(world, 0, team="t2", agents=(A2, A3), supervisor=None)
    world.project([RosterView()])
    found = there(world, BEGIN)
    assert (set(found.agents), found.supervisors, len(found.agents)) == ({A1, A2, A3}, (S1,), 3)


def test_who_is_on_duty_is_found_by_an_index(world: World) -> None:
    world.project([RosterView()])
    world.admin.execute("SET enable_seqscan = off")
    plan_ = world.rows("EXPLAIN SELECT FROM read.roster_2 WHERE tstzrange(start_at, end_at) @> now()")
    assert any("roster_2_times" in line for (line,) in plan_)


def test_lists_are_narrowed_and_paged(world: World) -> None:
    third, first = plan(world, 2), plan(world, 0)
    second = plan(world, 1, team="t2")
    world.project([RosterView()])
    days = [PLANNED.date + timedelta(days=number) for number in range(3)]
    assert [row.id for row in listed(world).items] == [first, second, third]
    assert [row.id for row in listed(world, team="t1").items] == [first, third]
    assert [row.id for row in listed(world, day=days[1]).items] == [second]
    assert [row.id for row in listed(world, first=days[1]).items] == [second, third]
    assert [row.id for row in listed(world, last=days[1], team="t1").items] == [first]
    page = asked(world, lambda connection: shifts(connection, ShiftFilters(), limit=2))
    assert ([row.id for row in page.items], page.next) == ([first, second], str(second))
    rest = asked(world, lambda connection: shifts(connection, ShiftFilters(), second, 2))
    assert ([row.id for row in rest.items], rest.next) == ([third], None)


def test_an_event_of_another_kind_moves_the_version_alone(world: World) -> None:
    shift = uuid4()
    world.record(shift, PLANNED)
    world.project([RosterView()])
    [before] = listed(world).items
    world.record(shift, e.AbsenceCleared(agent=A1))
    world.project([RosterView()])
    [after] = listed(world).items
    assert after == replace(before, version=2, position=2)


# ---- wages ----------------------------------------------------------------------------------------------------------
def recorded(agent: str, month: Month, gross_fen: int) -> wage.Recorded:
    return wage.Recorded(agent=AgentId(agent), month=month, gross_fen=gross_fen)


def test_the_last_record_of_a_wage_holds_l_5(world: World) -> None:
    stream, other = uuid4(), uuid4()
    world.record(stream, recorded("a1", Month(2024, 4), 1), recorded("a1", Month(2024, 4), 2))
    world.record(other, recorded("a1", Month(2023, 12), 3))
    world.project([WagesView()])
    world.record(stream, recorded("a1", Month(2024, 4), 4))
    world.project([WagesView()])
    row = asked(world, lambda connection: wage_of(connection, "2024-04-a1"))
    assert row is not None
    assert (row.gross_fen, row.version, row.position, row.month) == (4, 3, 4, "2024-04")
    found = asked(world, lambda connection: wages(connection, None, "a1"))
    assert [(row.id, row.gross_fen) for row in found.items] == [("2023-12-a1", 3), ("2024-04-a1", 4)]
    assert asked(world, lambda connection: wages(connection, Month(2024, 4), "a2")).items == []


def test_rebuilt_they_are_the_same_to_the_last_row(world: World) -> None:
    views = [RosterView(), WagesView()]
    world.record(uuid4(), *HISTORY)
    world.record(uuid4(), recorded("a1", Month(2024, 4), 1), recorded("a1", Month(2024, 4), 2))
    world.project(views, batch=2)
    before = everything(world, views)
    assert [len(rows) for rows in before.values()] == [1, 1]
    asyncio.run(rebuild(world.dsn, world.keyring, views))
    assert everything(world, views) == before
