"""Freezing and closing payroll months, by two people (L-4)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4

import msgspec

from application.event_log import Changes, Command, Done, Log, Match, States, Unavailable
from application.permissions import Action, permit
from application.posting import PAYROLL
from domain.kernel import Refusal
from domain.payroll import months
from domain.payroll.events import MonthClosed, Total
from domain.payroll.months import Payroll, PayrollMonth
from domain.values import Actor, Month, local_day


@dataclass(frozen=True, slots=True)
class SealedMonth:
    """What a closing says of its month; fields as in MonthClosed."""

    net_fen: int
    totals: tuple[Total, ...]
    tariffs: tuple[str, ...]
    digest: str


class Closing(Protocol):
    """What is closed: made from the lines and statements of a frozen month, the same at every time."""

    async def first_month(self) -> Month | None:
        """The earliest month that has a line."""
        ...

    async def sealed(self, month: Month, cut: int) -> SealedMonth:
        """The month's control totals, and the digest of its bytes."""
        ...


Decide = Callable[[Payroll], Awaitable[Changes]]
Judged = Callable[[int | None], Awaitable[bool]]
"""Whether everything up to a position, or all there is, has been judged, and can be read, in time."""


class PayrollMonths:
    """Freezing and closing. All raise Refusal for what a rule forbids, and LogError."""

    def __init__(self, log: Log, closing: Closing, judged: Judged) -> None:
        self._log, self._closing, self._judged = log, closing, judged

    async def month(self, month: Month) -> PayrollMonth:
        """A month as the log has it."""
        return (await self._log.states([PAYROLL]))[PAYROLL][month]

    async def freeze(self, month: Month, actor: Actor, command: Command) -> Done:
        """L-4: nothing posts into the month any more; what is recorded by now is judged before.

        Raises Unavailable while the judging is behind.
        """
        permit(actor, Action.CLOSE_MONTHS)
        current = _current(command.meta.at)

        async def decide(payroll: Payroll) -> Changes:
            return {PAYROLL: months.freeze(payroll, month, actor.id, current, await self._closing.first_month())}

        if not await self._would_be_refused(decide, month, command.match):
            await self._all_judged(month, current, command)
        return await self._transact(month, decide, command)

    async def close(self, month: Month, actor: Actor, command: Command) -> Done:
        """L-4: the month is paid by; by another payroll person than froze it."""
        permit(actor, Action.CLOSE_MONTHS)

        async def decide(payroll: Payroll) -> Changes:
            cut = months.may_close(payroll, month, actor.id)
            return {PAYROLL: [await self._closed(month, cut, actor)]}

        return await self._transact(month, decide, command)

    async def _closed(self, month: Month, cut: int, actor: Actor) -> MonthClosed:
        sealed = await self._closing.sealed(month, cut)
        return MonthClosed(
            month=month,
            by=actor.id,
            cut=cut,
            net_fen=sealed.net_fen,
            totals=sealed.totals,
            tariffs=sealed.tariffs,
            digest=sealed.digest,
        )

    async def _all_judged(self, month: Month, current: Month, command: Command) -> None:
        """L-3: the month's own facts are judged when it has ended; its end is recorded where that was not done yet."""

        async def ending(states: States) -> Changes:
            return {PAYROLL: months.end(states[PAYROLL], month, current)}

        command_id = uuid4()
        own = Command(replace(command.meta, command_id=command_id), fingerprint=b"")
        await self._log.transact([PAYROLL], ending, own)
        if not await self._judged(None):
            raise Unavailable("not everything recorded so far is judged yet: ask again in a moment")

    async def _would_be_refused(self, decide: Decide, month: Month, match: Match | None) -> bool:
        """Whether nothing needs to be waited for: what the command is answered is up to the log."""
        payroll = (await self._log.states([PAYROLL]))[PAYROLL]
        try:
            await decide(payroll)
        except Refusal:
            return True
        return match is not None and match.version != payroll[month].version

    async def _transact(self, month: Month, decide: Decide, command: Command) -> Done:
        async def changes(states: States) -> Changes:
            return await decide(states[PAYROLL])

        def answer(states: States) -> bytes:
            known = states[PAYROLL][month]
            return msgspec.json.encode({"id": str(month), "version": known.version, "status": known.stage})

        of_month = replace(command.match, of=lambda states: states[PAYROLL][month].version) if command.match else None
        return await self._log.transact([PAYROLL], changes, replace(command, match=of_month), answer)


def _current(at: datetime) -> Month:
    return Month.of(local_day(at))
