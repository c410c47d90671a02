"""The projector: exactly once, never skipping, stopping only what is broken, alone on its database."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection
from structlog.testing import capture_logs

from application.sealing import Opener
from domain.values import SubjectId
from projections import electing, tracking
from projections import runner as running
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.tracking import ViewStatus
from projections.view import View
from projections.waiting import Positions
from tests.projections.projecting import World, eventually
from tests.projections.seen import Killed, Seen
from tests.support import cases as c


def seen(world: World, name: str = "seen_1") -> list[int]:
    return [position for (position,) in world.rows(f"SELECT position FROM read.{name} ORDER BY position")]  # noqa: S608


def by_name(states: list[ViewStatus]) -> dict[str, ViewStatus]:
    return {state.view: state for state in states}


def while_running(world: World, views: Sequence[View], act: Callable[[], Awaitable[None]], runners: int = 1) -> None:
    """Do something while projectors run."""
    asyncio.run(running_beside(world, views, act, runners))


async def running_beside(
    world: World, views: Sequence[View], act: Callable[[], Awaitable[None]], runners: int = 1
) -> None:
    """The same inside a running loop."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(Runner(world.dsn, world.keyring, views).run(stop)) for _ in range(runners)]
    try:
        await act()
    finally:
        stop.set()
        # woken: whoever only polled would see it in an hour where a test makes POLL_S that long
        async with asyncio.timeout(5):
            await asyncio.gather(*tasks)


def test_it_follows_a_log_that_grows(world: World) -> None:
    async def write() -> None:
        for _ in range(200):
            world.record(uuid4(), c.RECEIVED)
            await asyncio.sleep(0)
        await eventually(lambda: seen_all(world))

    while_running(world, [Seen()], write)
    assert seen(world) == list(range(1, 201))


def seen_all(world: World) -> bool:
    try:
        return len(seen(world)) == world.head()
    except psycopg.errors.UndefinedTable:
        return False


def test_it_goes_on_where_it_stopped(world: World) -> None:
    for _ in range(3):
        world.record(uuid4(), *[c.RECEIVED] * 5)
        [state] = world.project([Seen()], batch=2)
        assert (state.position, state.head, state.lag_events, state.failed) == (world.head(), world.head(), 0, None)
    assert seen(world) == list(range(1, 16))


def test_events_nobody_reads_advance_the_position(world: World) -> None:
    world.put(uuid4(), "shift.started", b"of newer code")
    [state] = world.project([Seen()])
    assert (state.position, seen(world)) == (1, [])


def test_a_new_view_begins_at_the_beginning_and_joins_the_others(world: World) -> None:
    world.record(uuid4(), *[c.RECEIVED] * 5)
    world.project([Seen()])
    world.record(uuid4(), *[c.RECEIVED] * 5)
    states = world.project([Seen(), Seen("seen_2")], batch=3)
    assert [state.position for state in states] == [10, 10]
    assert seen(world) == seen(world, "seen_2") == list(range(1, 11))


def test_a_batch_is_written_whole_or_not_at_all(world: World) -> None:
    def outside() -> object:
        return seen(world), world.rows("SELECT max(notification_id) FROM read.tracking")[0][0]

    world.record(uuid4(), *[c.RECEIVED] * 5)
    killed = Killed(outside)
    states = world.project([Seen("seen_1"), killed])
    # killed after both views had written: the second attempt finds nothing of the first
    assert killed.looks == [([], 0), ([], 0)]
    assert [state.position for state in states] == [5, 5]
    assert seen(world) == seen(world, "killed_1") == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("batch", [2_000, 3])
@pytest.mark.parametrize("poisoned", [1, 6, 10])
def test_an_event_that_cannot_be_taken_in_stops_that_view_there(world: World, poisoned: int, batch: int) -> None:
    world.record(uuid4(), *[c.RECEIVED] * 10)
    broken = Seen("broken_1", {poisoned: ValueError("no such thing")})
    with capture_logs() as lines:
        states = by_name(world.project([Seen(), broken], batch))
    assert seen(world) == list(range(1, 11))
    assert seen(world, "broken_1") == list(range(1, poisoned))
    state = states["broken_1"]
    assert (state.position, state.lag_events) == (poisoned - 1, 11 - poisoned)
    assert state.failed is not None
    assert (state.failed.position, state.failed.error) == (poisoned, state.failed.error)
    assert re.fullmatch(r"ValueError at projections/stretch\.py:\d+", state.failed.error)
    assert states["seen_1"].failed is None
    [line] = [line for line in lines if line["event"] == "projection_failed"]
    assert line == {
        "event": "projection_failed",
        "log_level": "error",
        "view": "broken_1",
        "position": poisoned,
        "error": "ValueError",
    }


def test_a_failed_view_tries_again_at_the_next_start(world: World) -> None:
    world.record(uuid4(), *[c.RECEIVED] * 10)
    world.project([Seen(at={4: ValueError("a bug")})])
    world.record(uuid4(), c.RECEIVED)
    assert seen(world) == [1, 2, 3]
    [state] = world.project([Seen()])
    assert state.failed is None
    assert seen(world) == list(range(1, 12))


def test_a_failed_view_goes_on_after_a_rebuild_while_the_projector_runs(world: World) -> None:
    view = Seen(at={4: ValueError("a bug")})
    world.record(uuid4(), *[c.RECEIVED] * 10)

    async def mend() -> None:
        [state] = await world.settled([view])
        assert state.failed
        view.at.clear()
        await rebuild(world.dsn, world.keyring, [view])
        world.record(uuid4(), c.RECEIVED)
        await eventually(lambda: seen(world) == list(range(1, 12)))

    while_running(world, [view], mend)


def test_an_unreadable_event_stops_only_who_reads_it(world: World) -> None:
    world.record(uuid4(), c.RECEIVED)
    world.put(uuid4(), "case.from_the_future", b"{}")
    states = by_name(world.project())
    assert states["case_inbox_2"].position == 1
    assert states["case_inbox_2"].failed is not None
    assert states["case_inbox_2"].failed.error.startswith("Unreadable: no event is stored as case.from_the_future")
    assert states["directory_1"].failed is None
    assert states["directory_1"].position == 2


def test_one_works_and_the_other_takes_over(world: World) -> None:
    view = Seen()
    world.record(uuid4(), c.RECEIVED)

    async def kill_the_first() -> None:
        await eventually(lambda: seen_all(world))
        [(leader,)] = world.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")
        world.record(uuid4(), c.RECEIVED)
        await eventually(lambda: seen_all(world))
        world.rows("SELECT pg_terminate_backend(%s)", leader)
        world.record(uuid4(), c.RECEIVED)
        await eventually(lambda: seen_all(world))
        [(successor,)] = world.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted")
        assert successor != leader

    while_running(world, [view], kill_the_first, runners=2)
    assert seen(world) == [1, 2, 3]
    assert world.rows("SELECT * FROM read.failures") == []


def test_two_that_were_both_elected_count_nothing_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tracking row is the fence, not the election."""

    async def elected(*_: object) -> bool:
        return True

    monkeypatch.setattr(Runner, "_elected", elected)

    async def write() -> None:
        for _ in range(150):
            world.record(uuid4(), c.RECEIVED)
            await asyncio.sleep(0.001)
        await eventually(lambda: seen_all(world))

    while_running(world, [Seen(), Seen("seen_2")], write, runners=3)
    assert seen(world) == seen(world, "seen_2") == list(range(1, 151))
    assert world.rows("SELECT * FROM read.failures") == []


def elections(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """How every election ended, as they are held."""
    held: list[bool] = []
    elect = Runner._elect  # noqa: SLF001

    async def noting(runner: Runner, connection: AsyncConnection[Any]) -> bool:
        held.append(await elect(runner, connection))
        return held[-1]

    monkeypatch.setattr(Runner, "_elect", noting)
    return held


def test_who_stands_by_asks_now_and_then_however_fast_the_log_grows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(electing, "POLL_S", 3600)
    held = elections(monkeypatch)

    async def write() -> None:
        await eventually(lambda: sorted(held) == [False, True])
        for _ in range(50):
            world.record(uuid4(), c.RECEIVED)
            await asyncio.sleep(0.001)
        await eventually(lambda: seen_all(world))

    while_running(world, [Seen()], write, runners=2)
    assert sorted(held) == [False, True]


def test_who_only_stood_by_leaves_the_leaders_failures_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held = elections(monkeypatch)
    view = Seen(at={1: ValueError("a bug")})
    world.record(uuid4(), c.RECEIVED)

    async def come_and_go() -> None:
        await world.settled([view])

        async def asked() -> None:
            await eventually(lambda: False in held)

        await running_beside(world, [view], asked)
        [state] = await world.status([view])
        assert state.failed

    while_running(world, [view], come_and_go)


def test_it_survives_the_loss_of_every_connection(world: World) -> None:
    async def cut() -> None:
        for _ in range(5):
            world.record(uuid4(), c.RECEIVED)
            world.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'redress_app'")
            await asyncio.sleep(0.05)
        await eventually(lambda: seen_all(world))

    while_running(world, [Seen()], cut)
    assert seen(world) == [1, 2, 3, 4, 5]


class Unreachable:
    """A keyring that answers only at the third attempt."""

    def __init__(self, world: World) -> None:
        self.keyring, self.attempts = world.keyring, 0

    async def opener(self, subjects: Sequence[SubjectId]) -> Opener:
        self.attempts += 1
        if self.attempts < 3:
            raise psycopg.OperationalError("the key database is away")
        return await self.keyring.opener(subjects)


def test_a_lost_keyring_stops_nothing_for_good(world: World) -> None:
    world.record(uuid4(), c.RECEIVED)
    keyring: Any = Unreachable(world)
    runner = Runner(world.dsn, keyring, [Seen()])

    async def run() -> list[ViewStatus]:
        stop = asyncio.Event()
        task = asyncio.create_task(runner.run(stop))
        states = await world.settled([Seen()])
        stop.set()
        await task
        return states

    [state] = asyncio.run(run())
    assert (state.failed, state.position, keyring.attempts) == (None, 1, 3)


def test_asking_it_to_stop_wakes_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(electing, "POLL_S", 3600)

    async def wait() -> None:
        await world.settled([Seen()])

    while_running(world, [Seen()], wait)


# ---- housekeeping ---------------------------------------------------------------------------------------------------
OLD_COMMANDS = """
    INSERT INTO log.commands (command_id, fingerprint, answer, position, recorded_at)
    SELECT gen_random_uuid(), '', '', 0, now() - make_interval(days => n) FROM unnest(%s::int[]) n RETURNING 1"""


def forgotten(world: World, upto: int) -> list[Any]:
    """How many commands each forgetting took, while a projector looks so often."""
    with capture_logs() as lines:

        def counts() -> list[Any]:
            return [line["count"] for line in lines if line["event"] == "commands_forgotten"]

        async def wait() -> None:
            await world.settled([Seen()])
            await eventually(lambda: len(counts()) >= upto)

        while_running(world, [Seen()], wait)
        return counts()


def test_a_leader_forgets_old_commands_once_a_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(electing, "POLL_S", 0.001)
    world.rows(OLD_COMMANDS, [1, 29, 31, 400])
    assert forgotten(world, 1) == [2]
    assert world.rows("SELECT count(*) FROM log.commands") == [(2,)]
    monkeypatch.setattr(running, "FORGET_S", 0.0)
    assert set(forgotten(world, 3)) == {0}


def test_no_view_stops_for_commands_that_cannot_be_forgotten(world: World) -> None:
    world.admin.execute("REVOKE EXECUTE ON FUNCTION log.forget_commands FROM redress_app")
    with capture_logs() as lines:
        for _ in range(2):
            world.record(uuid4(), c.RECEIVED)
            world.project([Seen()])
    assert seen(world) == [1, 2]
    assert {line["event"] for line in lines} == {"commands_not_forgotten"}


# ---- read your writes -----------------------------------------------------------------------------------------------
def test_who_waits_is_woken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody polls here: what has not been told is not known in time."""
    monkeypatch.setattr(electing, "POLL_S", 3600)
    views = [Seen(), Seen("seen_2")]
    known = world.record(uuid4(), c.RECEIVED)

    async def wait() -> None:
        await world.settled(views)
        stop = asyncio.Event()
        positions = Positions(world.dsn, tracking.names(views))
        listening = asyncio.create_task(positions.run(stop))
        assert await positions.wait_for(known)
        for _ in range(20):
            position = world.record(uuid4(), c.RECEIVED)
            assert await positions.wait_for(position)
            assert seen(world)[-1] == seen(world, "seen_2")[-1] == position
        stop.set()
        await listening

    while_running(world, views, wait)


def test_who_waits_in_vain_is_told_in_time(world: World) -> None:
    broken = Seen("broken_1", {1: ValueError("a bug")})
    world.record(uuid4(), c.RECEIVED)

    async def wait() -> None:
        stop = asyncio.Event()
        positions = Positions(world.dsn, tracking.names([Seen(), broken]))
        listening = asyncio.create_task(positions.run(stop))
        assert await positions.wait_for(1, view="seen_1")
        async with asyncio.timeout(5):
            assert not await positions.wait_for(1, timeout_s=0.05)
            assert not await positions.wait_for(1, timeout_s=0.0, view="broken_1")
        stop.set()
        await listening

    while_running(world, [Seen(), broken], wait)


def test_waiting_survives_a_lost_connection(world: World) -> None:
    async def wait() -> None:
        stop = asyncio.Event()
        positions = Positions(world.dsn, tracking.names([Seen()]))
        listening = asyncio.create_task(positions.run(stop))
        for _ in range(3):
            world.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'redress_app'")
            assert await positions.wait_for(world.record(uuid4(), c.RECEIVED))
        stop.set()
        await listening

    while_running(world, [Seen()], wait)
