"""One PostgreSQL server under a folder, shared by all processes that use the folder."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil
from psycopg import pq
from psycopg.conninfo import make_conninfo

from adapters.embedded_postgres.account import Account, server_account
from adapters.embedded_postgres.binaries import runnable_binaries
from adapters.embedded_postgres.cluster import create_cluster, write_configuration
from adapters.embedded_postgres.errors import ServerNotStartedError
from adapters.embedded_postgres.home import Home
from adapters.embedded_postgres.launch import Launch
from adapters.embedded_postgres.postmaster import POLL_S, clear_remains, find_postmaster, stop_postmaster

# Recovery after a crash reads all that was written since the last checkpoint.
START_TIMEOUT_S = 300.0
PING_TIMEOUT_S = 2


class EmbeddedPostgres:
    """A PostgreSQL server of our own, on a unix socket only; a context manager.

    Several processes may use one home: the first starts the server, the last one out stops it. Who is in is counted by
    a file lock, so that a process killed with -9 is not counted for ever; the server it leaves behind is taken over
    by the next that starts, and stopped by the last that leaves. A killed server is started again by the next
    `start`, also by that of a process which is in already.

    Python ends at once on SIGTERM and SIGHUP, without leaving any `with` block, and the server would be left running.
    The caller therefore installs, before `start`, a handler that raises:

        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    Whatever `start` raises, SystemExit included, no server stays that only this process wanted.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        """Name the folder; `durable=False` gives up safety in a crash of the machine for speed: for tests only."""
        self._home = Home(home.expanduser().resolve())
        self._durable = durable
        self._use: IO[str] | None = None
        self._launch: Launch | None = None

    def start(self) -> str:
        """Start the server unless it runs; return a superuser's connection string for the database `redress`.

        Raises EmbeddedPostgresError: the subclass and its message say what to do.
        """
        account = server_account()
        self._home.prepare(account)
        self._home.prepare_sockets(account)
        with self._alone():
            try:
                self._enter()
                self._bring_up(account)
                return self._home.dsn()
            except BaseException:
                self._leave()
                raise

    def stop(self) -> None:
        """Leave, and stop the server if nobody else uses it; does nothing when not started.

        Raises ServerNotStoppedError when the server is still there after a minute.
        """
        if self._use is not None:
            with self._alone():
                self._leave()

    def __enter__(self) -> str:
        """Start the server as `start` does and return its connection string."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave as `stop` does."""
        self.stop()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._home.gate.open("w") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield

    def _enter(self) -> None:
        if self._use is None:
            self._use = self._home.users.open("w")
        fcntl.flock(self._use, fcntl.LOCK_SH)

    def _leave(self) -> None:
        use, self._use = self._use, None
        if use is None:
            return
        with use:
            server = self._server()
            if server is not None and _is_last(use):
                stop_postmaster(server, self._home)

    def _bring_up(self, account: Account) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        launch = None
        while not self._answers():
            # one that is found may still be on its way out: then it is our turn
            if launch is None and find_postmaster(self._home) is None:
                launch = self._begin_launch(account)
            elif launch is not None and launch.process() is None:
                raise ServerNotStartedError(f"PostgreSQL exited at once: {self._what_the_log_says()}")
            if time.monotonic() > deadline:
                raise ServerNotStartedError(f"PostgreSQL does not answer: {self._what_the_log_says()}")
            time.sleep(POLL_S)

    def _begin_launch(self, account: Account) -> Launch:
        binaries = runnable_binaries(self._home.folder, account)
        create_cluster(self._home, binaries, account)
        clear_remains(self._home, account)
        write_configuration(self._home, durable=self._durable)
        command = (binaries / "postgres", "-D", self._home.data)
        self._launch = Launch(account, command, self._home.log.open("ab"))
        self._launch.start()
        return self._launch

    def _server(self) -> psutil.Process | None:
        found = find_postmaster(self._home)
        if found is not None or self._launch is None:
            return found
        return self._launch.process()  # in its first moments it has not yet written its pid file

    def _answers(self) -> bool:
        address = make_conninfo(self._home.address, connect_timeout=PING_TIMEOUT_S)
        return pq.PGconn.ping(os.fsencode(address)) == pq.Ping.OK

    def _what_the_log_says(self) -> str:
        return f"{self._home.log_tail()} (from {self._home.log})"


def _is_last(use: IO[str]) -> bool:
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
