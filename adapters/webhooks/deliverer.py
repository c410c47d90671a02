"""Sends messages to webhooks, and again until they are taken; one worker per database.

Sent at least once: where a worker dies between the answer and its note, the same message, under the same id, is sent
again. What nobody takes in seven attempts is given up, and its address with it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from adapters.webhooks import deliveries
from adapters.webhooks.deliveries import Due
from adapters.webhooks.guard import Guard
from adapters.webhooks.sending import Message, Outcome, send
from application.event_log import Command
from application.webhooks import Secrets, Webhooks, body
from projections import tracking
from projections.electing import Leader
from projections.listening import BackOff

PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=2), timedelta(hours=5), timedelta(hours=10)),
)
"""How long after each attempt that fails the next one is made; after the last there is none."""

_REMOVED = Outcome(fault="the webhook has been removed")
"""A moment ago; soon the projection will know."""


class Deliverer(Leader):
    """Sends messages while `run` runs; a second one stands by."""

    def __init__(
        self,
        dsn: str,
        webhooks: Webhooks,
        secrets: Secrets,
        guard: Guard,
        command: Callable[[], Command],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(dsn, "redress.webhooks", tracking.ADVANCED)
        self._webhooks, self._secrets, self._guard = webhooks, secrets, guard
        self._command, self._clock = command, clock

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        while not stop.is_set():
            self._wake.clear()
            await deliveries.take_over(connection, self._clock())
            found = await deliveries.due(connection, self._clock())
            async with asyncio.TaskGroup() as tasks:
                for one in found:
                    tasks.create_task(self._deliver(connection, one))
            back_off.succeeded()
            if not found:
                await self.rest(stop)

    async def _deliver(self, connection: AsyncConnection[Any], one: Due) -> None:
        secret, at = await self._secrets.secret(str(one.webhook)), self._clock()
        outcome = await send(_message(one), secret, at, self._guard) if secret else _REMOVED
        next_at = _next(one, outcome, at)
        if next_at is None and not outcome.delivered:
            await self._webhooks.disable(str(one.webhook), one.message, self._command())
        await deliveries.attempted(connection, one, at, outcome, next_at)


def _message(one: Due) -> Message:
    data = one.data | ({"case_id": str(one.case_id)} if one.case_id else {})
    return Message(f"msg_{one.webhook.hex}_{one.message}", one.url, body(one.kind, one.at, data))


def _next(one: Due, outcome: Outcome, at: datetime) -> datetime | None:
    """When it is tried again; None where it is delivered, or given up."""
    if outcome.delivered or outcome.unwanted or one.tries >= len(PAUSES):
        return None
    return at + PAUSES[one.tries]
