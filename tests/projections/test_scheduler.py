"""What falls due is recorded once, in the order in which it fell due, whoever runs and whatever happens (D-3, D-4)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid4

from psycopg import AsyncConnection

from adapters.postgres.event_log import PostgresLog
from adapters.postgres.histories import PostgresHistories
from adapters.postgres.pool import log_pool, service_pool
from application import wire
from application.clocks import Timeline, streams_of
from application.envelope import AsOf
from application.event_log import Row, Write
from application.scheduling import Scheduling
from domain.case import events as e
from domain.time.ladder import Person
from domain.values import CaseId
from projections import tracking
from projections.clocks import ClocksView
from projections.runner import Runner
from projections.scheduler import Scheduler
from tests.projections.projecting import META, World
from tests.support import cases as c
from tests.support.clocks import PEOPLE, moment

T = TypeVar("T")
CLOCKS = ClocksView()
RECEIVED = replace(c.RECEIVED, received_at=c.NOW)
"""On Monday at ten: acknowledge is due at twelve, answer on Tuesday at ten, resolve on Thursday at ten."""


async def people() -> list[Person]:
    return PEOPLE


@dataclass(frozen=True)
class Office:
    """The log and what records of it, at a moment that stands still."""

    world: World
    log: PostgresLog
    histories: PostgresHistories
    now: datetime

    def scheduling(self) -> Scheduling:
        return Scheduling(self.log, self.histories, people, lambda: self.now)

    def scheduler(self) -> Scheduler:
        return Scheduler(self.world.dsn, self.scheduling(), lambda: self.now)


@asynccontextmanager
async def office(world: World, now: datetime) -> AsyncIterator[Office]:
    async with log_pool(world.dsn) as log, service_pool(world.dsn, "test") as pool:
        async with pool.connection() as connection:
            await tracking.prepare(connection, [CLOCKS])
        yield Office(world, PostgresLog(log), PostgresHistories(pool), now)


def at(world: World, now: datetime, do: Callable[[Office], Awaitable[T]]) -> T:
    async def within() -> T:
        async with office(world, now) as open_office:
            return await do(open_office)

    return asyncio.run(within())


async def catch_up(office: Office, schedulers: int = 1) -> None:
    """Run a projector and schedulers until nothing is due any more."""
    stop = asyncio.Event()
    runner = Runner(office.world.dsn, office.world.keyring, [CLOCKS])
    tasks = [asyncio.create_task(one.run(stop)) for one in (runner, *(office.scheduler() for _ in range(schedulers)))]
    async with asyncio.timeout(60), await AsyncConnection.connect(office.world.dsn, autocommit=True) as connection:
        await office.world.settled([CLOCKS])
        while await due(connection, office.now):  # noqa: ASYNC110  what is waited for lies in the database
            await asyncio.sleep(0.02)
    stop.set()
    await asyncio.gather(*tasks)


async def due(connection: AsyncConnection[object], now: datetime) -> bool:
    found = await connection.execute("SELECT FROM read.case_clocks_2 WHERE next_moment <= %s", [now])
    return found.rowcount > 0


def recorded(world: World, case: UUID) -> list[str]:
    """What is recorded of a case's clocks, in the order of the log: `warned acknowledge`."""
    rows = world.rows(
        "SELECT topic, convert_from(state, 'UTF8')::jsonb->'data'->>'clock' FROM log.events"
        " WHERE originator_id = %s ORDER BY notification_id",
        streams_of(case)[1],
    )
    return [f"{topic.removeprefix('case.').removeprefix('deadline_')} {clock}" for topic, clock in rows]


def everything(world: World) -> list[tuple[str, str]]:
    """What the scheduler recorded of all cases: topic and clock, in the order of the log."""
    rows = world.rows(
        "SELECT topic, convert_from(state, 'UTF8')::jsonb->'data'->>'clock' FROM log.events"
        " WHERE convert_from(state, 'UTF8')::jsonb->'meta'->>'actor' = 'scheduler' ORDER BY notification_id"
    )
    return [(topic.removeprefix("case.deadline_"), clock) for topic, clock in rows]


async def acknowledged(office: Office, case: UUID) -> None:
    """The case is acknowledged behind all that is in the log, whatever the clock says."""
    meta = wire.encode_meta(replace(META, at=office.now))
    row = Row(case, 2, e.Acknowledged.topic, wire.encode(e.Acknowledged(), meta))
    await office.log.append(Write(uuid4(), b"", b"{}", [row]))


# ---- what is recorded -----------------------------------------------------------------------------------------------
def test_nothing_is_due_of_a_new_case(world: World) -> None:
    case = world.receive()
    at(world, c.NOW + c.HOUR, catch_up)
    assert recorded(world, case) == []


def test_a_warning_a_breach_and_the_ladder_in_their_order_d_3d_d_4(world: World) -> None:
    case = world.receive(handler="a1", team="t1")
    at(world, moment("2024-05-06T17:30"), catch_up)
    assert recorded(world, case) == [
        "warned acknowledge", "breached acknowledge", "alerted acknowledge", "alerted acknowledge"
    ]  # fmt: skip
    at(world, moment("2024-05-07T12:30"), catch_up)
    assert recorded(world, case)[4:] == [
        "warned answer", "breached answer", "alerted answer", "alerted acknowledge"
    ]  # fmt: skip


def test_the_case_itself_does_not_move(world: World) -> None:
    case = world.receive()
    at(world, c.NOW + c.DAY, catch_up)
    assert world.rows("SELECT count(*) FROM log.events WHERE originator_id = %s", case) == [(1,)]
    assert recorded(world, case)


def test_what_was_done_in_time_is_met_d_3c(world: World) -> None:
    case = world.receive()
    world.record(case, c.ACKNOWLEDGED, at=c.NOW + c.HOUR)
    at(world, c.NOW + c.HOUR, catch_up)
    assert recorded(world, case) == ["met acknowledge"]


def test_a_note_moves_no_clock_d_3b(world: World) -> None:
    case, other = world.receive(), world.receive()
    world.record(case, c.NOTED, c.CONTACTED, c.ATTACHED)
    world.project([CLOCKS])
    rows = world.rows("SELECT case_id, clock, due_at, warn_at FROM read.clocks_2 ORDER BY clock, due_at")
    assert [row[1:] for row in rows if row[0] == case] == [row[1:] for row in rows if row[0] == other]


def test_what_is_done_in_the_case_it_went_into_is_done_for_it_too_c_11(world: World) -> None:
    case, into = world.receive(), world.receive()
    world.record(case, replace(c.MERGED, into=CaseId(str(into))), at=c.NOW + c.HOUR / 2)
    world.record(into, c.ACKNOWLEDGED, at=c.NOW + c.HOUR)
    at(world, c.NOW + 3 * c.HOUR, catch_up)
    assert recorded(world, case) == recorded(world, into) == ["met acknowledge"]


# ---- once, and in order ---------------------------------------------------------------------------------------------
def test_after_days_in_which_nobody_looked_all_comes_in_the_order_in_which_it_fell_due(world: World) -> None:
    first, second = world.receive(), world.receive(received_at=c.NOW - c.HOUR / 2)
    world.record(first, c.ACKNOWLEDGED, at=c.NOW + c.HOUR)
    at(world, c.NOW + 5 * c.DAY, catch_up)
    late = everything(world)
    assert [one for one in late if one[0] == "breached"] == [
        ("breached", "acknowledge"), ("breached", "answer"), ("breached", "answer"), ("breached", "hear_back"),
        ("breached", "resolve"), ("breached", "resolve"),
    ]  # fmt: skip
    assert late[:3] == [("met", "acknowledge"), ("warned", "acknowledge"), ("breached", "acknowledge")]
    assert recorded(world, second)[0] == "warned acknowledge"


def test_asked_again_nothing_is_recorded_again(world: World) -> None:
    world.receive()
    at(world, c.NOW + 2 * c.DAY, catch_up)
    before = everything(world)
    at(world, c.NOW + 2 * c.DAY, catch_up)
    assert everything(world) == before


def test_a_clock_of_the_house_set_back_records_nothing_and_takes_nothing_back(world: World) -> None:
    case = world.receive()
    at(world, c.NOW + 2 * c.DAY, catch_up)
    before = recorded(world, case)
    at(world, c.NOW + c.HOUR, catch_up)
    at(world, c.NOW + c.HOUR, lambda office: acknowledged(office, case))
    at(world, c.NOW + 2 * c.DAY, catch_up)
    assert recorded(world, case) == before


def test_two_at_once_record_everything_once(world: World) -> None:
    """Without the election: two processes that both believe they lead."""
    cases = [world.receive() for _ in range(20)]

    async def both(office: Office) -> None:
        await asyncio.gather(*(office.scheduling().record(cases, office.now) for _ in range(4)))

    at(world, c.NOW + c.DAY, both)
    assert all(recorded(world, case) == recorded(world, cases[0]) for case in cases)
    assert len(everything(world)) == 20 * len(recorded(world, cases[0])) > 0


def test_one_of_two_schedulers_does_the_work(world: World) -> None:
    case = world.receive()
    at(world, c.NOW + 2 * c.HOUR + c.HOUR / 2, lambda office: catch_up(office, schedulers=2))
    assert recorded(world, case) == ["warned acknowledge", "breached acknowledge"]


def test_no_verdict_is_recorded_on_a_history_that_has_moved_on(world: World) -> None:
    case = world.receive()

    class Late(PostgresHistories):
        """The case is acknowledged after its history was read."""

        async def timelines(self, cases: Collection[UUID], upto: AsOf = None) -> Mapping[UUID, Timeline]:
            found = await super().timelines(cases, upto)
            world.record(case, c.ACKNOWLEDGED, at=c.NOW + c.HOUR)
            return found

    async def judge(office: Office) -> int:
        late = Late(office.histories._pool)  # noqa: SLF001  the same database
        return await Scheduling(office.log, late, people, lambda: office.now).record([case], office.now)

    assert at(world, c.NOW + 3 * c.HOUR, judge) == 0
    at(world, c.NOW + 3 * c.HOUR, catch_up)
    assert recorded(world, case) == ["met acknowledge"]
