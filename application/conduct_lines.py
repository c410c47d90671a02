"""Confirming a conduct report confirms its line, in the same command (W-6)."""

from datetime import date
from uuid import UUID

from application.event_log import Busy, Changes, Log, States, Stream
from application.judging import Tariffs
from application.matters import Matter, MatterKind
from application.posting import PAYROLL, PolicyOf, with_offsets
from domain.ledger import decisions
from domain.ledger.lines import Code
from domain.ledger.rules import Judged, NoTariff, judge_cause
from domain.ledger.voucher import Entry, Status, Voucher
from domain.values import DEFAULT_ZONE, AgentId
from domain.work.conduct import CONDUCT
from domain.work.events import ConductReported


class ConductLines:
    """The lines of conduct reports, as far as they are confirmed with their reports."""

    def __init__(self, log: Log, tariffs: Tariffs, policy_of: PolicyOf) -> None:
        self._log, self._tariffs, self._policy_of = log, tariffs, policy_of

    async def confirmed(self, states: States, report: tuple[UUID, ConductReported], by: AgentId, day: date) -> Changes:
        """What confirms the proposed line of a report; nothing where it has none, or one that is decided already.

        `states` has the payroll months; the voucher is loaded into it. Raises Busy while the report is not judged yet.
        """
        report_id, reported = report
        if reported.code.code is None:
            return {}
        voucher = _matter(report_id, reported).voucher
        states.include(await self._log.states([voucher]))
        entry = _line(states, voucher, reported)
        if entry is None and await self._has_amount(reported):
            raise Busy("the report is being judged: try again in a moment")
        if entry is None or entry.status is not Status.PROPOSED:
            return {}
        events = decisions.confirm(states[voucher], entry.number, by, day, states[PAYROLL])
        return await with_offsets(self._log, states, [(voucher, events)], self._policy_of)

    async def _has_amount(self, reported: ConductReported) -> bool:
        """Whether a line is to come: not of an amount of zero, nor of a day of which no tariff speaks."""
        fact, tariffs = CONDUCT.fold([reported]).fact(), await self._tariffs()
        try:
            return bool(fact and judge_cause(Judged(facts=[fact], shifts=(), tariffs=tariffs, time_zone=DEFAULT_ZONE)))
        except NoTariff:
            return False


def _matter(report_id: UUID, reported: ConductReported) -> Matter:
    """A report that names its case stands in the case's voucher: the same agent, code and case give one line."""
    return Matter(MatterKind.CASE, reported.case) if reported.case else Matter.of(MatterKind.CONDUCT, report_id)


def _line(states: States, voucher: Stream[Voucher], reported: ConductReported) -> Entry | None:
    lines = states[voucher].entries.values()
    code = Code(reported.code.value)
    own = [line for line in lines if (line.agent, line.code) == (reported.agent, code) and line.reverses is None]
    waiting = [line for line in own if line.status is Status.PROPOSED]
    return next(iter([*waiting, *reversed(own)]), None)
