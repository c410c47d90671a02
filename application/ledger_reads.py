"""Reading what became of a line of the ledgers: straight from the log, opened or masked by who asks (L-1, A-2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from application.case_reads import Histories, ReadAudit
from application.envelope import Recorded
from application.matters import LineRef
from application.permissions import Action, allowed
from application.sealing import Keyring, Show, masked, opened, subjects, told
from domain.values import Actor

_NAMING = ("number", "reverses", "in_place_of")
"""The fields by which an event of a voucher names its lines."""


class LineReads:
    """Every read of single lines that the view does not hold."""

    def __init__(self, histories: Histories, keyring: Keyring, audit: ReadAudit) -> None:
        self._histories, self._keyring, self._audit = histories, keyring, audit

    async def history(self, line: LineRef, actor: Actor, now: datetime) -> Sequence[Mapping[str, Any]]:
        """What was recorded of a line, oldest first; reasons are opened for those who work with the people."""
        recorded = await self._histories.history(line.voucher)
        named = [one for one in recorded if _names(one, line.number)]
        show = await self._show(named, line, actor, now)
        return [told(one, show) for one in named]

    async def _show(self, named: Sequence[Recorded], line: LineRef, actor: Actor, now: datetime) -> Show:
        people = {subject for one in named for subject in subjects(one.event)}
        if not people or not allowed(actor, Action.OPEN_PERSONAL_DATA):
            return masked
        await self._audit.opened(actor, line.voucher, None, now, None)
        return opened(await self._keyring.opener(sorted(people)))


def _names(one: Recorded, number: int) -> bool:
    return any(getattr(one.event, field, None) == number for field in _NAMING)
