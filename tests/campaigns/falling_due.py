"""Many clocks run out in one minute: all are recorded within it, none twice, though one of two schedulers is killed.

The first cases are those of `redress generate`, of which one in five is open; what fell due of them long ago is caught
up with first, and timed. Then complaints come in until so many cases are open, and in some of them something is
promised that falls due, one after the other, while two schedulers run.
"""

import argparse
import asyncio
import multiprocessing
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import quantiles
from typing import Any, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg import AsyncConnection

from adapters.bootstrap import OPERATOR, Services, open_services, scheduling
from adapters.intake.generate import GeneratorParts, Plan, generate
from adapters.settings import Settings
from application import wire
from application.envelope import Meta
from application.event_log import Row, Write
from domain.case import events as e
from domain.case.words import Channel
from domain.kernel import Event
from domain.values import Private, SubjectId
from projections import tracking
from projections.case_inbox import CaseInbox
from projections.clocks import ClocksView
from projections.directory import Directory
from projections.rebuild import rebuild
from projections.runner import Runner
from projections.scheduler import Scheduler
from tests.support.campaigns import report
from tests.support.database import Database, fresh_database, running_server

T = TypeVar("T")
VIEWS = (CaseInbox(), ClocksView(), Directory())
GRACE_S = 2.0
"""A scheduler looks once a second, and who stands by takes over within another one."""
PATIENCE_S = 3_600.0
CHUNK = 1_000
_OPEN = "SELECT id, version FROM read.case_inbox_2 WHERE status NOT IN ('closed', 'withdrawn', 'merged') LIMIT %s"
_DUE = "SELECT count(*) FROM read.case_clocks_2 WHERE next_moment <= %s"
_RECORDED = """
    SELECT originator_id, body->'data'->>'clock', (body->'data'->>'breached_at')::timestamptz,
        (body->'meta'->>'at')::timestamptz
    FROM (SELECT originator_id, convert_from(state, 'UTF8')::jsonb AS body FROM log.events
          WHERE topic = 'case.deadline_breached' AND notification_id > %s) events
    WHERE body->'data'->>'clock' = 'promise' AND (body->'data'->>'due_at')::timestamptz BETWEEN %s AND %s"""
_LED = """
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND objid = (hashtext('redress.scheduler')::bigint & 4294967295)::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_TWICE = """
    SELECT count(*) FROM (
        SELECT FROM log.events WHERE topic LIKE 'case.deadline\\_%%' OR topic = 'case.alerted'
        GROUP BY originator_id, topic, convert_from(state, 'UTF8')::jsonb->'data'->>'clock',
            convert_from(state, 'UTF8')::jsonb->'data'->>'number', convert_from(state, 'UTF8')::jsonb->'data'->>'level',
            convert_from(state, 'UTF8')::jsonb->'data'->>'due_at'
        HAVING count(*) > 1) twice"""


def timed(what: str, doing: Callable[[], T]) -> T:
    """Do it, and say how long it took."""
    start = time.perf_counter()
    done = doing()
    report(f"{what}: {time.perf_counter() - start:.1f} s")
    return done


# ---- the work, each in a process of its own -------------------------------------------------------------------------
async def projecting(database: Database, home: Path) -> None:
    """Keep the views up to date until killed."""
    async with open_services(Settings(home=home, database_url=database.app)) as services:
        await Runner(services.dsn, services.keyring, VIEWS).run(asyncio.Event())


async def scheduled(database: Database, home: Path) -> None:
    """Record what falls due until killed."""
    async with open_services(Settings(home=home, database_url=database.app)) as services:
        await Scheduler(services.dsn, scheduling(services), now).run(asyncio.Event())


def now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)


def run_for_ever(work: Callable[[Database, Path], Any], database: Database, home: Path) -> None:
    """The main function of such a process."""
    asyncio.run(work(database, home))


def started(work: Callable[[Database, Path], Any], database: Database, home: Path) -> BaseProcess:
    """A process that does the work."""
    process = multiprocessing.get_context("spawn").Process(
        target=run_for_ever, args=(work, database, home), daemon=True
    )
    process.start()
    return process


# ---- what is prepared -----------------------------------------------------------------------------------------------
async def filled(services: Services, options: argparse.Namespace) -> None:
    """The cases of a plan that ends now."""
    plan = Plan(cases=options.cases, agents=options.agents, seed=options.seed, end=now().replace(microsecond=0))
    policy = services.cases.policy_on("default", plan.end)
    parts = GeneratorParts(services.log, services.keyring, services.numbers, services.masters, policy)
    await generate(plan, parts)


async def opened(services: Services, number: int) -> None:
    """So many complaints come in now."""
    nobody = SubjectId(str(UUID(int=0)))
    text = Private(nobody, b"sealed")
    for begin in range(0, number, CHUNK):
        received = (
            e.Received(
                number=f"open-{n}",
                policy="default-1",
                channel=Channel.HOTLINE,
                received_at=now(),
                customer=e.Customer(subject=nobody, name=text),
                demands=(text,),
            )
            for n in range(begin, min(begin + CHUNK, number))
        )
        await services.log.append_many([write(event, uuid4(), 1, now()) for event in received])


def write(event: Event, stream: UUID, version: int, at: datetime) -> Write:
    """A command of its own that stores an event."""
    command_id = uuid4()
    meta = wire.encode_meta(Meta(OPERATOR.id, at, command_id, command_id, command_id))
    return Write(command_id, b"", b"{}", [Row(stream, version, event.topic, wire.encode(event, meta))])


async def caught_up(services: Services) -> None:
    """Record what fell due in all the time in which nobody looked."""
    stop = asyncio.Event()
    workers = (Runner(services.dsn, services.keyring, VIEWS), Scheduler(services.dsn, scheduling(services), now))
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    async with await AsyncConnection.connect(services.dsn, autocommit=True) as connection:
        while await left(connection):  # noqa: ASYNC110  what is waited for lies in the database
            await asyncio.sleep(0.2)
    stop.set()
    await asyncio.gather(*tasks)


async def left(connection: AsyncConnection[Any]) -> bool:
    """Whether anything is due, or not yet known to be."""
    positions, head = await tracking.positions(connection), await tracking.head(connection)
    behind = any(positions[view.name] < head for view in VIEWS)
    [due] = await (await connection.execute(_DUE, [now()])).fetchone() or [0]
    return behind or due > 0


async def promised(services: Services, cases: Sequence[tuple[UUID, int]], begins: datetime, within_s: float) -> None:
    """Something is promised in each case, for a moment of the time that begins then."""
    text = Private(SubjectId(str(UUID(int=0))), b"sealed")
    for begin in range(0, len(cases), CHUNK):
        writes = []
        for at, (case, version) in enumerate(cases[begin : begin + CHUNK], begin):
            due_at = begins + timedelta(seconds=within_s * at / len(cases))
            event = e.PromiseMade(number=99, due_at=due_at, text=text)
            # long ago, so that the warning lies behind
            writes.append(write(event, case, version + 1, now() - timedelta(hours=1)))
        await services.log.append_many(writes)


# ---- the campaign ---------------------------------------------------------------------------------------------------
async def prepared(database: Database, home: Path, options: argparse.Namespace) -> tuple[int, datetime]:
    """Everything up to the minute: the position of the log then, and when the minute begins."""
    async with open_services(Settings(home=home, database_url=database.app)) as services:
        start = time.perf_counter()
        await filled(services, options)
        await opened(services, options.open)
        report(f"storing {options.cases + options.open} cases: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        await rebuild(services.dsn, services.keyring, VIEWS)
        report(f"rebuilding the inbox, the clocks and the directory: {time.perf_counter() - start:.1f} s")
        start, before = time.perf_counter(), await services_head(services)
        await caught_up(services)
        after = await services_head(services)
        report(
            f"catching up with what fell due meanwhile: {after - before} events, {time.perf_counter() - start:.1f} s"
        )
        async with services.pool.connection() as connection:
            cases = await (await connection.execute(_OPEN, [10**7])).fetchall()
        report(f"{len(cases)} open cases")
        if len(cases) < options.due:
            raise SystemExit(f"{options.due} are to fall due, but only {len(cases)} cases are open: more --open")
        begins = now() + timedelta(seconds=options.lead_s)
        await promised(services, cases[: options.due], begins, options.within_s)
        await caught_up(services)
        return await services_head(services), begins


async def services_head(services: Services) -> int:
    """The last position of the log."""
    async with services.pool.connection() as connection:
        return await tracking.head(connection)


def run(database: Database, home: Path, options: argparse.Namespace) -> int:
    """Prepare, run the minute, kill one scheduler in it, and count."""
    position, begins = asyncio.run(prepared(database, home, options))
    if now() >= begins:
        raise SystemExit("the minute began before all was prepared: more --lead-s")
    runner = started(projecting, database, home)
    first = started(scheduled, database, home)
    while not led(database):
        time.sleep(0.1)
    second = started(scheduled, database, home)
    time.sleep(max(0.0, (begins - now()).total_seconds()) + options.within_s / 3)
    first.kill()
    time.sleep(options.within_s * 2 / 3 + GRACE_S)
    ends = begins + timedelta(seconds=options.within_s)
    in_time = recorded(database, position, begins, ends)
    deadline = time.monotonic() + PATIENCE_S
    while len(recorded(database, position, begins, ends)) < options.due and time.monotonic() < deadline:
        time.sleep(0.5)
    for process in (runner, first, second):
        process.kill()
        process.join()
    return told(database, in_time, recorded(database, position, begins, ends), options)


def led(database: Database) -> bool:
    """Whether a scheduler has been elected."""
    with psycopg.connect(database.admin) as connection:
        return bool(connection.execute(_LED.encode()).fetchall())


def recorded(database: Database, position: int, begins: datetime, ends: datetime) -> list[tuple[Any, ...]]:
    """The breaches of the promises of that time: clock stream, clock, when it ran out, when that was recorded."""
    with psycopg.connect(database.admin) as connection:
        return connection.execute(_RECORDED.encode(), [position, begins, ends]).fetchall()


def told(
    database: Database, in_time: Sequence[Any], rows: Sequence[tuple[Any, ...]], options: argparse.Namespace
) -> int:
    """Say the figures; whether all is as promised."""
    late_s = [(at - breached_at).total_seconds() for _, _, breached_at, at in rows]
    cuts = quantiles(late_s, n=100) if len(late_s) > 1 else [0.0] * 99
    with psycopg.connect(database.admin) as connection:
        [(twice,)] = connection.execute(_TWICE.encode()).fetchall()
    report(
        f"{options.due} fell due in {options.within_s:g} s; recorded {GRACE_S:g} s after it {len(in_time)},"
        f" in the end {len(rows)}"
    )
    report(f"recorded after: median {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, most {max(late_s, default=0):.2f} s")
    report(f"recorded twice: {twice}")
    return 0 if len(in_time) == len(rows) == options.due and not twice else 1


def main(argv: Sequence[str]) -> int:
    """Run the campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--cases", type=int, default=2_000, help="as `redress generate` makes them")
    parser.add_argument("--open", type=int, default=100_000, help="beside them, received just now")
    parser.add_argument("--due", type=int, default=5_000)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--within-s", type=float, default=60.0, help="in which time they fall due")
    parser.add_argument("--lead-s", type=float, default=60.0, help="how long before the minute begins")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    options = parser.parse_args(argv)
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report(f"seed {options.seed}")
    with (
        running_server(options.server) as server,
        fresh_database(server) as database,
        tempfile.TemporaryDirectory() as home,
    ):
        Path(home).chmod(0o755)
        return run(database, Path(home), options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
