"""Confirming a conduct report confirms its line, in the same command; dismissing it takes that back (W-6, L-3)."""

from datetime import date
from uuid import UUID

from application.event_log import Busy, Changes, Log, States, Stream
from application.judging import FactBook, Tariffs
from application.matters import Matter, MatterKind
from application.posting import PAYROLL, PolicyOf, with_offsets
from application.streams import conduct_stream
from domain.ledger import decisions
from domain.ledger.lines import Code
from domain.ledger.rules import Judged, NoTariff, judge_cause
from domain.ledger.voucher import Entry, Status, Voucher
from domain.values import DEFAULT_ZONE, AgentId, CaseId
from domain.work.conduct import CONDUCT, ConductReport
from domain.work.events import ConductReported


class ConductLines:
    """The lines of conduct reports, as far as they are confirmed with their reports."""

    def __init__(self, log: Log, tariffs: Tariffs, policy_of: PolicyOf, book: FactBook) -> None:
        self._log, self._tariffs, self._policy_of, self._book = log, tariffs, policy_of, book

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

    async def dismissed(self, states: States, stream: Stream[ConductReport]) -> Changes:
        """What takes back the line that was confirmed with a report; nothing while another confirmed one puts it too.

        `states` has the report and the payroll months; the voucher is loaded into it. What else puts the same to the
        agent, an analysis or a report that is not decided yet, is judged anew and waits for a supervisor (L-0).
        """
        fact, reported = states[stream].fact(), states[stream].reported
        if fact is None or reported is None or not fact.confirmed_by or await self._also_by(stream, reported):
            return {}
        voucher = _matter(stream.id, reported).voucher
        states.include(await self._log.states([voucher]))
        confirmed = [line for line in _own(states, voucher, reported) if line.counts]
        line = next((line for line in confirmed if line.confirmed_by == fact.confirmed_by), None)
        if line is None:
            return {}
        events = decisions.unconfirm_reported(states[voucher], line.number, states[PAYROLL])
        return await with_offsets(self._log, states, [(voucher, events)], self._policy_of)

    async def _also_by(self, stream: Stream[ConductReport], reported: ConductReported) -> bool:
        """Whether another report of the case is confirmed that puts the same to the agent."""
        if reported.case is None:
            return False
        found = await self._book.conduct_of_case(CaseId(reported.case))
        others = [conduct_stream(report) for report in found if report != stream.id]
        known = await self._log.states(others)
        facts = [fact for other in others if (fact := known[other].fact()) and fact.confirmed_by]
        return any((fact.agent, fact.code) == (reported.agent, reported.code.code) for fact in facts)

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
    own = _own(states, voucher, reported)
    waiting = [line for line in own if line.status is Status.PROPOSED]
    return next(iter([*waiting, *reversed(own)]), None)


def _own(states: States, voucher: Stream[Voucher], reported: ConductReported) -> list[Entry]:
    lines = states[voucher].entries.values()
    code = Code(reported.code.value)
    return [line for line in lines if (line.agent, line.code) == (reported.agent, code) and line.reverses is None]
