"""A worker dies by kill -9 in the middle of group commits, again and again: nothing acknowledged is lost or doubled.

The worker notes every command before it sends it and every answer as soon as it has it, in files that outlive it. Who
comes after it sends what has no answer again, with the same command id. At the end the log holds every noted command
exactly once, whole, at the position that was answered.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from adapters.postgres.event_log import PostgresLog
from adapters.postgres.pool import log_pool
from application.envelope import Meta
from application.event_log import Changes, Command, Match, States, Stream
from domain.customer.events import TextingChanged
from domain.kernel import Decider, Refusal
from domain.values import AgentId
from tests.support.campaigns import report
from tests.support.database import Database, fresh_database, running_server

ROOT = Path(__file__).parents[2]
TASKS = 64
"""Commands at once in the worker."""
STREAM_LENGTH = 10
SIZES = (1, 1, 2, 5)
MIDST = 200
"""How many commands a worker must have been answered before it is killed."""
KILL_WITHIN_S = 0.05
SELDOM = 50
"""Among so many kills one at least falls between the commit and its answer."""
PATIENCE_S = 60.0
NOW = datetime(2024, 5, 6, 2, tzinfo=UTC)
COUNTER: Decider[int] = Decider("counter", 0, lambda count, _: count + 1)


@dataclass(frozen=True)
class Sent:
    """A command: that many events after the version of a stream."""

    id: UUID
    stream: UUID
    version: int
    size: int

    def __str__(self) -> str:
        return f"{self.id} {self.stream} {self.version} {self.size}"


@dataclass
class Notes:
    """What is noted of all workers, one after the other: what they sent, and at which position it was answered."""

    sent: dict[UUID, Sent] = field(default_factory=dict)
    answered: dict[UUID, int] = field(default_factory=dict)

    @property
    def open(self) -> list[Sent]:
        """What has no answer yet."""
        return [one for id_, one in self.sent.items() if id_ not in self.answered]


def noted(folder: Path) -> Notes:
    """Read the notes; a last line that was not written to its end does not count."""
    notes = Notes()
    for id_, stream, version, size in _lines(folder / "sent"):
        notes.sent[UUID(id_)] = Sent(UUID(id_), UUID(stream), int(version), int(size))
    for id_, position in _lines(folder / "answered"):
        notes.answered[UUID(id_)] = int(position)
    return notes


def answers(folder: Path) -> int:
    """How many answers are noted; asked again and again, so that they are counted, not read."""
    file = folder / "answered"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def _lines(file: Path) -> Iterator[list[str]]:
    if file.exists():
        yield from (line.split() for line in file.read_text().splitlines(keepends=True) if line.endswith("\n"))


class Worker:
    """One process: first what has no answer, then one command after the other on streams of its own."""

    def __init__(self, log: PostgresLog, folder: Path) -> None:
        self.log = log
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self.sent, self.answered = (os.open(folder / name, flags) for name in ("sent", "answered"))

    async def send(self, one: Sent) -> None:
        """Send a command, and note its answer."""
        stream = Stream(one.stream, COUNTER)
        meta = Meta(AgentId("a1"), NOW, one.id, one.id, one.id)

        async def decide(states: States) -> Changes:
            if states[stream] != one.version:
                raise Refusal(f"{states[stream]} events where {one.version} should be")
            return {stream: [TextingChanged(allowed=True)] * one.size}

        command = Command(meta, b"f", keyed=True, match=Match(one.version))
        done = await self.log.transact([stream], decide, command)
        # one write: killed or not, a line is there or is not
        os.write(self.answered, f"{one.id} {done.position}\n".encode())

    async def go_on(self, chance: random.Random) -> None:
        """Send command after command until killed."""
        while True:
            stream, version = uuid4(), 0
            while version < STREAM_LENGTH:
                one = Sent(uuid4(), stream, version, chance.choice(SIZES))
                os.write(self.sent, f"{one}\n".encode())
                await self.send(one)
                version += one.size


async def be_worker(dsn: str, folder: Path, seed: int, *, only_finish: bool) -> None:
    """Finish what others left; then, unless that was all, go on until killed."""
    async with log_pool(dsn) as pool:
        worker = Worker(PostgresLog(pool), folder)
        await asyncio.gather(*(worker.send(one) for one in noted(folder).open))
        if not only_finish:
            chance = random.Random(seed)  # noqa: S311  a repeatable seed is the point
            await asyncio.gather(*(worker.go_on(chance) for _ in range(TASKS)))


def start(database: Database, folder: Path, seed: int, *more: str) -> "subprocess.Popen[bytes]":
    """Start a worker."""
    command = [sys.executable, __file__, "--server", database.app, "--worker", str(folder), "--seed", str(seed), *more]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})


def kill_in_the_midst(database: Database, folder: Path, seed: int) -> bool:
    """Start a worker and kill it while it stores; whether it was in the midst of it."""
    before, end = answers(folder), time.monotonic() + PATIENCE_S
    with start(database, folder, seed) as worker:
        while answers(folder) < before + MIDST and time.monotonic() < end and worker.poll() is None:
            time.sleep(0.02)
        time.sleep(random.Random(seed).uniform(0, KILL_WITHIN_S))  # noqa: S311
        worker.kill()
    return worker.returncode == -signal.SIGKILL and bool(noted(folder).open)


def verify(database: Database, notes: Notes) -> bool:
    """Compare what was noted with what is stored; whether nothing is lost, doubled or torn."""
    with psycopg.connect(database.app) as connection:
        stored = {
            UUID(id_): (count, position)
            for id_, count, position in connection.execute(
                "SELECT meta ->> 'command_id', count(*), max(position) FROM log.readable GROUP BY 1"
            ).fetchall()
        }
        commands: dict[UUID, int] = dict(connection.execute("SELECT command_id, position FROM log.commands").fetchall())
        [torn] = connection.execute(
            """SELECT count(*) FROM (SELECT FROM log.events GROUP BY originator_id
               HAVING max(originator_version) <> count(*)) AS stream"""
        ).fetchone() or [-1]
    lost = len(notes.answered.keys() - stored.keys())
    doubled = sum(1 for id_, (count, _) in stored.items() if count > notes.sent[id_].size)
    report(f"{len(notes.answered)} acknowledged: {lost} lost, {doubled} doubled, {torn} torn, {len(notes.open)} open")
    agreed = stored == {id_: (notes.sent[id_].size, at) for id_, at in notes.answered.items()}
    return agreed and commands == notes.answered and not (lost or doubled or torn or notes.open)


def run(database: Database, kills: int, seed: int) -> bool:
    """Kill that many workers, let a last one finish, and look at what is there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        amid, found = 0, 0
        for at in range(kills):
            amid += kill_in_the_midst(database, folder, seed + at)
            left = [one.id for one in noted(folder).open]
            with psycopg.connect(database.app) as connection:
                rows = connection.execute("SELECT FROM log.commands WHERE command_id = ANY (%s)", [left])
                found += len(rows.fetchall())
        with start(database, folder, seed, "--finish") as last:
            finished = last.wait(PATIENCE_S) == 0
        report(f"{amid} of {kills} killed in the midst; {found} commands were stored whose answer died with a worker")
        enough = amid == kills and (found > 0 or kills < SELDOM)
        return verify(database, noted(folder)) and finished and enough


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when nothing was lost, doubled or torn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--finish", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.worker:
        asyncio.run(be_worker(options.server, options.worker, options.seed, only_finish=options.finish))
        return 0
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report(f"seed {options.seed}")
    with running_server(options.server) as server, fresh_database(server) as database:
        return 0 if run(database, options.kills, options.seed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
