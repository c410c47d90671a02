"""Starting the server's process so that nothing can come between its birth and our knowing of it."""

import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from adapters.embedded_postgres.account import Account

FORK_TIMEOUT_S = 5.0


class Launch(threading.Thread):
    """Starts a process and sees it end, so that it does not stay a zombie while we live.

    In a thread of its own, because no signal handler can raise there: thrown out between the fork and its return, as
    the main thread may be at any time, we would leave behind a server that we know nothing of.
    """

    def __init__(self, account: Account, command: Sequence[str | Path], output: IO[bytes]) -> None:
        """Prepare to run `command` as `account`; `output` is taken over and closed."""
        super().__init__(name="embedded postgres", daemon=True)
        self._account = account
        self._command = command
        self._output = output
        self._forked = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Start the process and wait for its end."""
        try:
            with self._output:
                self._child = self._account.spawn(*self._command, output=self._output)
        finally:
            self._forked.set()
        self._child.wait()

    def process(self) -> psutil.Process | None:
        """Return the process while it lives."""
        # a thread that was interrupted before it began never forks
        self._forked.wait(FORK_TIMEOUT_S)
        if self._child is None or self._child.returncode is not None:
            return None
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self._child.pid)
        return None
