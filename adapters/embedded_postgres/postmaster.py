"""The server's main process: is it alive, has it left something behind, make it stop."""

import signal
import time
from contextlib import suppress

import psutil

from adapters.embedded_postgres.account import Account
from adapters.embedded_postgres.errors import ServerNotStartedError, ServerNotStoppedError
from adapters.embedded_postgres.home import PORT, Home

POLL_S = 0.02
STOP_TIMEOUT_S = 60.0
AGAIN_S = 1.0
"""How often it is told to stop: started in the background of a shell it ignores interrupts until it has begun."""
WORKERS_TIMEOUT_S = 10.0


def find_postmaster(home: Home) -> psutil.Process | None:
    """Return the live postmaster of this home's cluster.

    A zombie has no command line and a reused process id another one, so neither is taken for it.
    """
    try:
        process = psutil.Process(int(_pid_file_line(home)))
        return process if str(home.data) in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):
        return None


def clear_remains(home: Home, account: Account) -> None:
    """Remove the pid files of a server that was killed.

    PostgreSQL does so itself, but not where the dead server stays a zombie (a container whose process 1 reaps nobody)
    or its id has gone to another process. Raises ServerNotStartedError when workers of the dead server live on:
    a second server beside them would destroy the data.
    """
    pid_file = home.data / "postmaster.pid"
    if not pid_file.exists():
        return
    deadline = time.monotonic() + WORKERS_TIMEOUT_S
    while workers := _workers(home, account):
        if time.monotonic() > deadline:
            raise ServerNotStartedError(f"a killed server has left processes behind: end {workers}, then start again")
        time.sleep(POLL_S)
    pid_file.unlink()
    (home.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def stop_postmaster(process: psutil.Process, home: Home) -> None:
    """Shut the server down, ending its sessions, and wait until it is gone.

    Raises ServerNotStoppedError when it is still there after a minute.
    """
    deadline, told = time.monotonic() + STOP_TIMEOUT_S, 0.0
    while _lives(process):
        now = time.monotonic()
        if now > deadline:
            raise ServerNotStoppedError(f"PostgreSQL (process {process.pid}) does not stop: see {home.log}")
        if now > told + AGAIN_S:
            # SIGTERM would wait for the clients to leave; one that has hardly begun may not listen yet
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT)
            told = now
        time.sleep(POLL_S)


def _pid_file_line(home: Home) -> str:
    return (home.data / "postmaster.pid").read_text().partition("\n")[0]


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _workers(home: Home, account: Account) -> list[int]:
    return [process.pid for process in psutil.process_iter() if _may_work_on(process, home, account)]


def _may_work_on(process: psutil.Process, home: Home, account: Account) -> bool:
    """Tell whether a process may be a worker of this cluster: it runs PostgreSQL as `account` in the data folder."""
    try:
        if process.uids().real != account.uid or "postgres" not in process.name() or not _lives(process):
            return False
        return process.cwd() == str(home.data)
    except psutil.AccessDenied:
        return True  # root without ptrace (a plain container) cannot see: better to wait in vain than to go ahead
    except psutil.Error:
        return False
