"""One LISTEN connection that outlives lost connections."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from psycopg import AsyncConnection, Error
from psycopg.sql import SQL, Identifier

_log = structlog.get_logger()

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0


class BackOff:
    """Ever longer pauses between attempts, until one succeeds."""

    def __init__(self) -> None:
        self._pause_s = FIRST_PAUSE_S

    def succeeded(self) -> None:
        """Begin again with the shortest pause."""
        self._pause_s = FIRST_PAUSE_S

    async def sleep(self) -> None:
        """Pause, and double the next pause."""
        await asyncio.sleep(self._pause_s)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)


async def hear(
    dsn: str,
    channel: str,
    stop: asyncio.Event,
    heard: Callable[[str], None],
    begun: Callable[[AsyncConnection[Any]], Awaitable[None]],
    lost: Callable[[], None],
) -> None:
    """Listen until `stop` is set; then it is lost as well."""
    ear = asyncio.create_task(listen(dsn, channel, heard, begun, lost))
    try:
        await stop.wait()
    finally:
        ear.cancel()
        await asyncio.gather(ear, return_exceptions=True)
        lost()


async def listen(
    dsn: str,
    channel: str,
    heard: Callable[[str], None],
    begun: Callable[[AsyncConnection[Any]], Awaitable[None]],
    lost: Callable[[], None] = lambda: None,
) -> None:
    """Call `heard` with every notification, until cancelled.

    begun: called once the ear is open, each time anew: what was said before must be looked up there.
    lost: called when it is open no more.
    """
    back_off = BackOff()
    while True:
        try:
            async with await AsyncConnection.connect(dsn, autocommit=True) as connection:
                await connection.execute(SQL("LISTEN {}").format(Identifier(channel)))
                await begun(connection)
                back_off.succeeded()
                async for notice in connection.notifies():
                    heard(notice.payload)
        except (Error, OSError) as error:
            _log.warning("listening_interrupted", error=type(error).__name__)
        lost()
        await back_off.sleep()
