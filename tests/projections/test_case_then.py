"""The list of cases as they stood, by position and by moment, whatever changes meanwhile."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from application.envelope import Recorded
from domain.case.words import Status
from projections import case_list, case_then
from projections.case_inbox import CaseInbox
from projections.case_list import CaseFilters, CaseItem, list_cases
from projections.case_then import Then
from projections.clocks import ClocksView
from tests.projections.projecting import World
from tests.support import cases as c

INBOX = (CaseInbox(), ClocksView())


async def asked(world: World, then: Then) -> dict[UUID, CaseItem]:
    async with await AsyncConnection.connect(world.dsn, autocommit=True) as connection:
        page = await list_cases(connection, CaseFilters(), c.NOW, then=then)
        assert connection.info.transaction_status.name == "IDLE"
    assert page.next is None
    return {item.row.id: item for item in page.items}


def stood(world: World, then: Then) -> dict[UUID, tuple[Status, int]]:
    return {case: (item.row.status, item.row.version) for case, item in asyncio.run(asked(world, then)).items()}


def test_at_every_position_the_cases_stand_as_they_then_stood(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories are read in parts: what is held at once does not grow with the number of cases."""
    monkeypatch.setattr(case_then, "CHUNK", 2)
    parts = noted(monkeypatch)
    cases = [world.receive() for _ in range(5)]
    received = dict.fromkeys(cases, (Status.RECEIVED, 1))
    for case in cases:
        world.record(case, c.ACKNOWLEDGED, c.CLARIFIED)
    world.project(INBOX)
    assert stood(world, 0) == {}
    assert parts == [2, 2, 1]
    assert stood(world, 3) == dict.fromkeys(cases[:3], (Status.RECEIVED, 1))
    assert stood(world, 5) == received
    assert stood(world, 8) == {**received, cases[0]: (Status.CLARIFIED, 3), cases[1]: (Status.RECEIVED, 2)}
    assert stood(world, world.head()) == dict.fromkeys(cases, (Status.CLARIFIED, 3))


def noted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cases each reading of histories is about."""
    parts: list[int] = []
    histories = case_then._histories  # noqa: SLF001

    async def noting(connection: AsyncConnection[Any], cases: Sequence[UUID], then: Then) -> list[Recorded]:
        parts.append(len(cases))
        return await histories(connection, cases, then)

    monkeypatch.setattr(case_then, "_histories", noting)
    return parts


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (c.NOW - c.HOUR, None),
        (c.NOW, (Status.RECEIVED, 1)),
        (c.NOW + c.HOUR, (Status.RECEIVED, 1)),
        (c.NOW + 1.5 * c.HOUR, (Status.RECEIVED, 1)),
        (c.NOW + 2 * c.HOUR, (Status.CLARIFIED, 3)),
    ],
)
def test_of_a_moment_counts_what_came_before_anything_later(
    late_world: tuple[World, UUID], moment: datetime, expected: tuple[Status, int] | None
) -> None:
    world, case = late_world
    assert stood(world, moment).get(case) == expected


@pytest.fixture(scope="module")
def late_world(shared_world: World) -> tuple[World, UUID]:
    """A request that began earlier was recorded later: the moments are not in the order of the versions."""
    case = uuid4()
    shared_world.record(shared_world.receive(), c.ACKNOWLEDGED)
    for event, at in ((c.RECEIVED, c.NOW), (c.ACKNOWLEDGED, c.NOW + 2 * c.HOUR), (c.CLARIFIED, c.NOW + c.HOUR)):
        shared_world.record(case, event, at=at)
    shared_world.project(INBOX)
    return shared_world, case


def test_what_no_clock_heeds_leaves_the_clocks_as_they_stood_d_3b(world: World) -> None:
    """A note changes no clock's row; nor does when it was recorded change which due time a moment has."""
    case = uuid4()
    world.record(case, c.RECEIVED, at=c.NOW)
    world.record(case, c.NOTED, at=c.NOW + 3 * c.HOUR)
    world.record(case, c.ACKNOWLEDGED, at=c.NOW + c.HOUR)
    world.record(case, c.NOTED, at=c.NOW + 2 * c.HOUR)
    world.project(INBOX)
    assert world.rows("SELECT position, last_at FROM read.case_clocks_2") == [(3, c.NOW + c.HOUR)]
    moments = [c.NOW, c.NOW + c.HOUR, c.NOW + 2 * c.HOUR]
    stood_then = [due(world, case, moment) for moment in moments]
    world.record(case, c.CLARIFIED, at=c.NOW + 4 * c.HOUR)
    world.project(INBOX)
    assert [due(world, case, moment) for moment in moments] == stood_then
    assert stood_then[0] != stood_then[1] == stood_then[2]


def due(world: World, case: UUID, then: Then) -> datetime | None:
    return asyncio.run(asked(world, then))[case].due_at


def test_a_case_that_changes_meanwhile_stands_as_it_stood(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = world.receive()
    world.project(INBOX)
    moment_of = case_then.moment_of

    async def meanwhile(connection: AsyncConnection[Any], then: Then) -> datetime | None:
        world.record(case, c.ACKNOWLEDGED, c.CLARIFIED)
        await world.project_now(INBOX)
        return await moment_of(connection, then)

    monkeypatch.setattr(case_list, "moment_of", meanwhile)
    assert stood(world, 1) == {case: (Status.RECEIVED, 1)}
