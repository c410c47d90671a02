"""The log judged again: compared with what is recorded (L-6), or by another tariff beside it (L-7)."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from adapters.ledger_check import Checked, LedgerCheck, Stage
from application.checking import voucher_of
from application.event_log import Log, Unavailable
from application.matters import Matter
from application.posting import PolicyOf
from application.rejudging import FACTS, Rejudging
from application.touching import TOPICS, touched
from application.trying import Comparison, always
from domain.ledger.lines import Line
from domain.tariff.tariff import Tariff
from projections.log_scan import AT_ONCE, LogScan, scanning, since, unjudged

PATIENCE_S = 10.0
"""How long one waits until what is recorded so far is judged."""
_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Rejudge:
    """Judges a log again; `stage` shows how far it is."""

    dsn: str
    log: Log
    policy_of: PolicyOf
    stage: Stage

    async def check(self, tariffs: Sequence[Tariff]) -> Checked:
        """Compare everything recorded with what the rules say now. Raises Unavailable, wire.Unreadable."""
        await self._all_judged()
        rejudging, checked = Rejudging(self.log, tariffs), Checked()
        async with scanning(self.dsn) as scan:
            judged_upto = await scan.judged_upto()
            checked.matters = await self._lay(scan, rejudging, lambda _: True)
            await LedgerCheck(scan, self.policy_of, checked).run(self.stage)
        await self._leave_out_moving(rejudging, judged_upto, checked)
        return checked

    async def try_tariff(self, tariff: Tariff, comparison: Comparison) -> None:
        """Fill a comparison of the recorded lines with those by a tariff. Raises Unavailable, wire.Unreadable."""
        await self._all_judged()
        rejudging = Rejudging(self.log, [always(tariff)])
        within = range(comparison.first.toordinal(), comparison.last.toordinal() + 1)
        async with scanning(self.dsn) as scan:
            await self._lay(scan, rejudging, lambda line: line.occurred_on.toordinal() in within)
            advance = self.stage("comparing", await scan.count_of_vouchers())
            async with aclosing(scan.beside(advance)) as vouchers:
                async for beside in vouchers:
                    if voucher := voucher_of(beside.history):
                        comparison.take(voucher, beside.lines)

    async def _lay(self, scan: LogScan, rejudging: Rejudging, wanted: Callable[[Line], bool]) -> int:
        """Judge everything, and lay it down in the database; the number of matters."""
        matters, found = 0, list[tuple[Matter, Sequence[Line]]]()
        advance = self.stage("judging", await scan.count(FACTS))
        async with aclosing(scan.histories(FACTS, advance)) as streams, aclosing(rejudging.lines(streams)) as judged:
            async for matter, lines in judged:
                found.append((matter, [line for line in lines if wanted(line)]))
                matters += 1
                if len(found) == AT_ONCE:
                    await scan.expect(found)
                    found = []
        await scan.expect(found)
        return matters

    async def _all_judged(self) -> None:
        """Wait until the reaction has judged what is recorded by now."""
        upto = await unjudged(self.dsn, TOPICS)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while upto and await unjudged(self.dsn, TOPICS, upto):  # noqa: ASYNC110  it lies in the database
                    await asyncio.sleep(_PAUSE_S)
        except TimeoutError:
            detail = "what was recorded last is not judged yet: start the service (redress serve), then ask again"
            raise Unavailable(detail) from None

    async def _leave_out_moving(self, rejudging: Rejudging, judged_upto: int, checked: Checked) -> None:
        """What was recorded meanwhile is judged by the reaction when it comes to it."""
        if not checked.differences:
            return
        moved = await touched(self.log, rejudging.book, await since(self.dsn, judged_upto, TOPICS))
        moving = {str(matter) for matter in moved}
        standing = [one for one in checked.differences if one.matter not in moving]
        checked.moving, checked.differences = len(checked.differences) - len(standing), standing
