"""Connections die near the commit while clients go on: every command is in the log exactly once, and is told so.

Backends are terminated from outside, most of them while they append; and the clients' own sockets are cut, so that the
server goes on and commits what nobody hears of. Each client owns its streams and sends If-Match, so that every Stale,
Conflict or refusal it gets is a false one. Whatever stays without an answer is sent again with the same command id.
"""

import argparse
import asyncio
import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import psycopg

from adapters.postgres.event_log import PostgresLog, Rows
from adapters.postgres.pool import Pool, log_pool
from application.envelope import Meta
from application.event_log import Changes, Command, Done, LogError, Match, States, Stream, Unavailable
from domain.customer.events import TextingChanged
from domain.kernel import Decider, Refusal
from domain.values import AgentId
from tests.support.campaigns import report
from tests.support.database import Database, fresh_database, running_server

ROOT = Path(__file__).parents[2]
Connection = psycopg.AsyncConnection[tuple[Any, ...]]

CLIENTS = 4
TASKS = 8
"""Commands at once in each client."""
STREAM_LENGTH = 10
CUT_SHARE = 0.08
"""Of how many statements the line is cut."""
CUT_WITHIN_S = 0.01
KILL_PAUSE_S = 0.02
TURNS = 4
NOW = datetime(2024, 5, 6, 2, tzinfo=UTC)
COUNTER: Decider[int] = Decider("counter", 0, lambda count, _: count + 1)

VICTIM = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'redress-log' AND datname = current_database()
    ORDER BY state = 'active' AND query LIKE '%log.append%' DESC, random() LIMIT 1"""


@dataclass
class Told:
    """What one client knows at the end. acknowledged: command id, number of events, position."""

    acknowledged: list[tuple[str, int, int]] = field(default_factory=list)
    false_refusals: list[str] = field(default_factory=list)
    unavailable: int = 0
    lost_answers: int = 0
    found_stored: int = 0
    cuts: int = 0


class WatchedLog(PostgresLog):
    """Counts how often an answer was lost, and how often its command was stored all the same."""

    told: Told

    async def _rows(self, *arguments: Any) -> tuple[Rows, bool]:
        rows, lost = await super()._rows(*arguments)
        self.told.lost_answers += lost
        self.told.found_stored += lost and bool(rows) and rows[0][0] == "repeated"
        return rows, lost


class CuttingPool:
    """Lends the connections of a pool and cuts some of the lines at any moment of the statement, or just after it."""

    def __init__(self, pool: Pool, told: Told, chance: random.Random) -> None:
        self.pool, self.told, self.chance = pool, told, chance
        self.cutting: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection as the pool does."""
        async with self.pool.connection() as connection:
            if self.chance.random() < CUT_SHARE:
                task = asyncio.create_task(self.cut(connection))
                self.cutting.add(task)
                task.add_done_callback(self.cutting.discard)
            yield connection

    async def cut(self, connection: Connection) -> None:
        """Shut the line down under whatever is under way on it: the server goes on, its answer is lost."""
        await asyncio.sleep(self.chance.uniform(0, CUT_WITHIN_S))
        with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
            self.told.cuts += 1


class Client:
    """One process: several commands at once, one after the other on each stream, until the file `stop` is there."""

    def __init__(self, pool: Pool, seed: int, stop: Path) -> None:
        self.stop, self.told = stop, Told()
        self.chance = random.Random(seed)  # noqa: S311  a repeatable seed is the point
        self.log = WatchedLog(cast("Pool", CuttingPool(pool, self.told, self.chance)))
        self.log.told = self.told

    async def go_on(self) -> None:
        """Send one command after the other, on a stream of our own and then on the next."""
        stream, version = Stream(uuid4(), COUNTER), 0
        while not self.stop.exists():
            if version > STREAM_LENGTH:
                stream, version = Stream(uuid4(), COUNTER), 0
            size = self.chance.choice((1, 1, 2, 5))
            command_id = uuid4()
            done = await self.until_answered(stream, version, size, command_id)
            if done is None:
                return
            version += size
            self.told.acknowledged.append((str(command_id), size, done.position))

    async def until_answered(self, stream: Stream[int], version: int, size: int, command_id: UUID) -> Done | None:
        """Send a command again with its id until something is known of it; None when it was refused."""
        command = Command(
            Meta(AgentId("a1"), NOW, command_id, command_id, command_id), b"f", keyed=True, match=Match(version)
        )

        async def decide(states: States) -> Changes:
            if states[stream] != version:
                raise Refusal(f"{states[stream]} events where {version} should be")
            return {stream: [TextingChanged(allowed=True)] * size}

        while True:
            try:
                return await self.log.transact([stream], decide, command)
            except Unavailable:
                self.told.unavailable += 1
                await asyncio.sleep(0.05)
            except (LogError, Refusal) as refusal:
                self.told.false_refusals.append(f"{command_id}: {refusal!r}")
                return None


async def be_client(dsn: str, seed: int, folder: Path) -> None:
    """Run one client and leave what it was told in the folder."""
    logging.disable()  # the pool tells of every connection it loses
    async with log_pool(dsn, size=TASKS) as pool:
        client = Client(pool, seed, folder / "stop")
        await asyncio.gather(*(client.go_on() for _ in range(TASKS)))
    (folder / f"{seed}.json").write_text(json.dumps(asdict(client.told)))


def kill_backends(database: Database, kills: int, pause_s: float) -> int:
    """Terminate that many backends of the clients, those that append first."""
    killed = 0
    end = time.monotonic() + 10 + 20 * kills * pause_s
    with psycopg.connect(database.admin, autocommit=True) as admin:
        while killed < kills and time.monotonic() < end:
            time.sleep(pause_s)
            killed += len(admin.execute(VICTIM).fetchall())
    return killed


def run_clients(database: Database, options: argparse.Namespace, first: int, folder: Path) -> tuple[int, list[Told]]:
    """Let the clients run until enough backends are dead; returns how many died and what each client was told.

    first: the seed of the first client.
    """
    command = [sys.executable, __file__, "--server", database.app, "--client", str(folder), "--seed"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    seeds = range(first, first + CLIENTS)
    with ExitStack() as stack:
        processes = []
        for seed in seeds:
            process = subprocess.Popen([*command, str(seed)], env=environment)
            stack.callback(process.kill)
            processes.append(stack.enter_context(process))
        killed = kill_backends(database, options.kills, KILL_PAUSE_S)
        (folder / "stop").touch()
        for process in processes:
            process.wait(60)
    return killed, [Told(**json.loads((folder / f"{seed}.json").read_text())) for seed in seeds]


def verify(database: Database, clients: list[Told]) -> bool:
    """Compare what the clients were told with what is stored; whether nothing is lost, doubled or refused."""
    acknowledged = {id_: (size, position) for told in clients for id_, size, position in told.acknowledged}
    with psycopg.connect(database.app) as connection:
        events = connection.execute(
            "SELECT meta ->> 'command_id', count(*), max(position) FROM log.readable GROUP BY 1"
        ).fetchall()
        commands: dict[str, int] = dict(
            connection.execute("SELECT command_id::text, position FROM log.commands").fetchall()
        )
        [torn] = connection.execute(
            """SELECT count(*) FROM (SELECT FROM log.events GROUP BY originator_id
               HAVING max(originator_version) <> count(*)) AS stream"""
        ).fetchone() or [-1]
    stored = {id_: (size, position) for id_, size, position in events}
    lost = len(acknowledged.keys() - stored.keys())
    doubled = sum(1 for id_, (size, _) in acknowledged.items() if stored.get(id_, (size, 0))[0] > size)
    refused = [line for told in clients for line in told.false_refusals]
    report(
        f"{len(acknowledged)} acknowledged: {lost} lost, {doubled} doubled, {len(refused)} falsely refused, {torn} torn"
    )
    report("\n".join(refused[:5]))
    agreed = stored == acknowledged and commands == {id_: position for id_, (_, position) in acknowledged.items()}
    report(f"log and clients {'agree' if agreed else 'DISAGREE'} on every command, its events and its position")
    return agreed and not (lost or doubled or refused or torn)


def run(database: Database, options: argparse.Namespace) -> bool:
    """Run the clients and the killer; whether all came out right, and enough went wrong on the way.

    Where by chance no command was stored whose answer was lost, as on a busy machine, they run again.
    """
    clients = list[Told]()
    for turn in range(TURNS):
        with tempfile.TemporaryDirectory() as folder:
            killed, told = run_clients(database, options, options.seed + turn * CLIENTS, Path(folder))
        clients += told
        totals = {
            name: sum(getattr(one, name) for one in clients)
            for name in ("cuts", "lost_answers", "found_stored", "unavailable")
        }
        report(f"{killed} backends terminated, {totals}")
        if not verify(database, clients) or killed < options.kills:
            return False
        if min(totals["cuts"], totals["found_stored"]) > 0:
            return True
    return False


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when nothing was lost, doubled or falsely refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    parser.add_argument("--client", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.client:
        asyncio.run(be_client(options.server, options.seed, options.client))
        return 0
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report(f"seed {options.seed}")
    with running_server(options.server) as server, fresh_database(server) as database:
        return 0 if run(database, options) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
