"""The process that follows the log, and who keeps it running.

Answering and following have a process each, so that the followers' work, which comes after every command, is done on
another processor than the next command. Nothing is lost where either is killed: every follower is elected by a lock
that ends with its connection, and goes on from its own position.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from adapters import logging
from adapters.bootstrap import Services, following_alone, open_services
from adapters.heap import freeze_heap
from adapters.settings import Settings, settings
from projections import tracking
from projections.electing import set_within
from projections.runner import NAME

COMMAND = (sys.executable, "-m", "adapters.follow")
AGAIN_S = 1.0
"""How long after its end the process is started again."""
GRACE_S = 10.0
"""How long the followers may take to end what they are at."""
START_S, LOOK_S = 20.0, 0.1
"""For how long they are waited for at the start, and how often is looked."""
_log = structlog.get_logger()


async def follow(given: Settings) -> None:
    """Follow the log until standard input ends, as it does with whoever holds its other end, or until SIGTERM.

    Raises what open_services raises.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await loop.connect_read_pipe(lambda: _UntilEnd(stop), sys.stdin)
    async with open_services(given) as services, following_alone(services, given.post, given.time_stamps):
        freeze_heap()
        await stop.wait()


class _UntilEnd(asyncio.Protocol):
    """Sets an event when what is read ends."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.BaseProtocol."""
        del exc  # however it ended
        self._stop.set()


@asynccontextmanager
async def followed() -> AsyncIterator[None]:
    """Run a process that follows the log for as long as the context lasts, and another one whenever it ends before.

    It has the environment of this one, and a session of its own: Ctrl-C in a terminal is for who answers, who ends it.
    """
    stop = asyncio.Event()
    keeper = asyncio.create_task(_keep_following(stop))
    try:
        yield
    finally:
        stop.set()
        await keeper


async def begun(services: Services) -> None:
    """Return once somebody follows the log, or when that takes too long: what is asked meanwhile is only behind."""
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S):
            while True:
                async with services.pool.connection() as connection:
                    if await tracking.led(connection, NAME):
                        return
                await asyncio.sleep(LOOK_S)


async def _keep_following(stop: asyncio.Event) -> None:
    while not stop.is_set():
        process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=DEVNULL, start_new_session=True)
        ended, stopped = asyncio.create_task(process.wait()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()
            await _ended(process)
        if not stop.is_set():
            _log.error("followers_ended", status=process.returncode)
            await set_within(stop, AGAIN_S)


async def _ended(process: Process) -> None:
    """End the process in order; with force where that takes too long."""
    assert process.stdin is not None, "it was started with a pipe"
    process.stdin.close()
    try:
        async with asyncio.timeout(GRACE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    logging.configure(sys.stderr)
    # until there is a loop that listens to signals, whatever was started must still be stopped
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    asyncio.run(follow(settings(os.environ)))
