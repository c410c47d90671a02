"""Many processes write at once while readers follow the log: no reader may miss an event, for ever or for a moment.

A reader that goes by positions loses events as soon as a lower position is committed after a higher one. Here a
subscription of the library and a reader of our own kind (LISTEN, then pull by position) follow 8 writing processes.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import psycopg

from adapters.postgres.event_log import CHANNEL, PostgresLog
from adapters.postgres.pool import log_pool
from application.event_log import Moved, Row, Write
from tests.support.campaigns import report
from tests.support.database import Database, fresh_database, running_server
from tests.support.recorder import LogRecorder, log_datastore

ROOT = Path(__file__).parents[2]
STREAMS = 3_000
TASKS = 6
"""Commands at once in each writing process."""
PATIENCE_S = 30.0
"""How long readers may take once nobody writes any more."""


async def write(dsn: str, events: int, seed: int) -> None:
    """Append that many events: short and long commands, chunks of commands, on streams that others write as well."""
    chance = random.Random(seed)  # noqa: S311  a repeatable seed is the point
    streams = [UUID(int=number + 1) for number in range(STREAMS)]
    left = events

    async def one(log: PostgresLog) -> None:
        nonlocal left
        while left > 0:
            wanted = chance.sample(streams, chance.choice((1, 1, 1, 1, 12)))
            sizes = [chance.choice((1, 3, 5, 9, 20)) for _ in wanted]
            heads = {stream: len(stored) for stream, stored in (await log.load(wanted)).items()}
            writes = [_write(stream, heads[stream], size) for stream, size in zip(wanted, sizes, strict=True)]
            outcomes = await log.append_many(writes)
            left -= sum(size for size, done in zip(sizes, outcomes, strict=True) if not isinstance(done, Moved))

    async with log_pool(dsn, size=TASKS) as pool:
        await asyncio.gather(*(one(PostgresLog(pool)) for _ in range(TASKS)))


def _write(stream: UUID, head: int, size: int) -> Write:
    rows = [
        Row(stream, head + number, "test.happened", b'{"v":1,"data":{},"meta":{}}') for number in range(1, size + 1)
    ]
    return Write(uuid4(), b"f", b"{}", rows)


class Reader(Thread):
    """Follows the log from its beginning in a thread of its own and notes every position it sees."""

    def __init__(self, dsn: str) -> None:
        super().__init__(daemon=True)
        self.dsn, self.seen, self.stopped = dsn, set[int](), Event()
        self.stop: Callable[[], None] = self.stopped.set
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.follow()
        except BaseException as error:  # noqa: BLE001  told by `check`
            self.error = error

    def follow(self) -> None:
        """Note positions until stopped."""
        raise NotImplementedError

    def check(self, stored: set[int]) -> bool:
        """Wait until all that is stored was seen, say what was not."""
        end = time.monotonic() + PATIENCE_S
        while self.seen != stored and self.is_alive() and time.monotonic() < end:
            time.sleep(0.05)
        missed, invented = len(stored - self.seen), len(self.seen - stored)
        report(
            f"{type(self).__name__}: saw {len(self.seen)}, missed {missed}, invented {invented}, {self.error or 'well'}"
        )
        return not (missed or invented or self.error)


class Subscriber(Reader):
    """Through the library."""

    def follow(self) -> None:
        with log_datastore(self.dsn) as datastore, LogRecorder(datastore).subscribe(gt=0) as subscription:
            self.stop = subscription.stop
            last = 0
            for notification in subscription:
                if notification.id <= last:
                    raise AssertionError(f"{notification.id} came after {last}")
                last = notification.id
                self.seen.add(last)


class Puller(Reader):
    """As the projections do: LISTEN first, then pull by position."""

    def follow(self) -> None:
        last = 0
        pull = "SELECT notification_id FROM log.events WHERE notification_id > %s ORDER BY notification_id LIMIT 2000"
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            while not self.stopped.is_set():
                if rows := connection.execute(pull, [last], prepare=True).fetchall():
                    last = rows[-1][0]
                    self.seen.update(position for (position,) in rows)
                else:
                    list(connection.notifies(timeout=0.2, stop_after=1))


def run_writers(dsn: str, options: argparse.Namespace) -> bool:
    """Start the writing processes and wait for them; whether all went well."""
    events = -(-options.events // options.writers)
    command = [sys.executable, __file__, "--server", dsn, "--events", str(events), "--seed"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        processes = []
        for number in range(options.writers):
            process = subprocess.Popen([*command, str(options.seed + number), "--write"], env=environment)
            stack.callback(process.kill)
            processes.append(stack.enter_context(process))
        return [process.wait() for process in processes] == [0] * options.writers


def stored_positions(database: Database) -> set[int]:
    """Every position there is."""
    with psycopg.connect(database.app) as connection:
        return {position for (position,) in connection.execute("SELECT notification_id FROM log.events")}


def run(database: Database, options: argparse.Namespace) -> bool:
    """Write and read; whether nothing was missed."""
    readers = [Subscriber(database.app), Puller(database.app)]
    start = time.monotonic()
    written = run_writers(database.app, options)
    seconds = time.monotonic() - start
    stored = stored_positions(database)
    report(f"{options.writers} writers, {len(stored)} events in {seconds:.1f} s")
    seen = [reader.check(stored) for reader in readers]
    for reader in readers:
        reader.stop()
    for reader in readers:
        reader.join(PATIENCE_S)
    return written and len(stored) >= options.events and all(seen)


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when no event was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.write:
        asyncio.run(write(options.server, options.events, options.seed))
        return 0
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report(f"seed {options.seed}")
    with running_server(options.server) as server, fresh_database(server) as database:
        return 0 if run(database, options) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
