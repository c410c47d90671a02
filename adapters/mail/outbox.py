"""Sends the digest of every day's report to the recipients of the settings, once its report is made (S-4).

One worker per database. What a server has not taken is tried again until it has; sent twice at worst, under the same
Message-ID. Reports of long ago are left alone: whoever sets up mail later does not want a year of them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from psycopg import AsyncConnection

from adapters.mail.digest import digest
from adapters.mail.smtp import MailServer
from application.daily_reports import DailyReports
from application.event_log import Command
from domain.values import local_day
from projections import tracking
from projections.daily_reports import unsent
from projections.electing import Leader
from projections.listening import BackOff

KEPT = timedelta(days=7)
"""For how long a digest that could not be sent is tried again."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Post:
    """Through which server the digest goes, from whom, and to whom."""

    server: MailServer
    sender: str
    recipients: tuple[str, ...]


class Outbox(Leader):
    """Sends digests while `run` runs; a second one stands by."""

    def __init__(
        self,
        dsn: str,
        post: Post,
        reports: DailyReports,
        command: Callable[[], Command],
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(dsn, "redress.outbox", tracking.ADVANCED)
        self._post, self._reports, self._command, self._clock = post, reports, command, clock

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        while not stop.is_set():
            self._wake.clear()
            if await self._sent_all(await unsent(connection, self._since())):
                back_off.succeeded()
                await self.rest(stop)
            else:
                await _soonest(stop, back_off.sleep())

    def _since(self) -> date:
        return local_day(self._clock() - KEPT)

    async def _sent_all(self, days: list[date]) -> bool:
        return all([await self._sent(day) for day in days])

    async def _sent(self, day: date) -> bool:
        """Whether the server has taken the digest of a day, and that is on record."""
        post, report = self._post, await self._reports.shown(day, self._clock(), opens=False)
        if report.sent:
            return True
        try:
            await post.server.send(digest(report, post.sender, post.recipients), post.sender, post.recipients)
        except (OSError, SMTPException) as error:
            _log.warning("digest_not_sent", error=type(error).__name__)
            return False
        await self._reports.note_sent(day, len(post.recipients), self._command())
        return True


async def _soonest(stop: asyncio.Event, pause: Awaitable[None]) -> None:
    """Pause, but no longer than until `stop` is set."""
    waiting = [asyncio.ensure_future(pause), asyncio.ensure_future(stop.wait())]
    _, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for one in pending:
        one.cancel()
