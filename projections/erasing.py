"""Ends erasures that were confirmed while the process that would have ended them died; one worker per database."""

import asyncio
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection

from application.event_log import Command
from application.subjects import Person, Subjects
from projections import tracking
from projections.electing import Leader
from projections.listening import BackOff
from projections.subjects import unfinished


class Finisher(Leader):
    """Looks for erasures that were confirmed and not done, while `run` runs.

    commands: the circumstances of a command of its own.
    """

    def __init__(self, dsn: str, subjects: Subjects, commands: Callable[[], Command]) -> None:
        super().__init__(dsn, "redress.erasing", tracking.ADVANCED)
        self._subjects, self._commands = subjects, commands

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        while not stop.is_set():
            self._wake.clear()
            for subject, agent in await unfinished(connection):
                await self._subjects.finish(Person(subject, agent), self._commands())
            back_off.succeeded()
            await self.rest(stop)
