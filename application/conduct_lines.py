"""Confirming a conduct report confirms its line, in the same command (W-6)."""

from datetime import date
from uuid import UUID

from application.event_log import Busy, Changes, Log, States, Stream
from application.matters import Matter, MatterKind
from application.posting import PAYROLL, PolicyOf, with_offsets
from domain.ledger import decisions
from domain.ledger.lines import Code
from domain.ledger.voucher import Entry, Status, Voucher
from domain.values import AgentId
from domain.work.events import ConductReported


async def with_line_confirmed(
    log: Log, policy_of: PolicyOf, states: States, report: tuple[UUID, ConductReported], by: AgentId, day: date
) -> Changes:
    """What confirms the proposed line of a report; nothing for a kind without an amount, or a line decided already.

    `states` has the payroll months; the voucher is loaded into it. Raises Busy while the report is not judged yet.
    """
    report_id, reported = report
    if reported.code.code is None:
        return {}
    voucher = _matter(report_id, reported).voucher
    states.include(await log.states([voucher]))
    entry = _line(states, voucher, reported)
    if entry.status is not Status.PROPOSED:
        return {}
    events = decisions.confirm(states[voucher], entry.number, by, day, states[PAYROLL])
    return await with_offsets(log, states, [(voucher, events)], policy_of)


def _matter(report_id: UUID, reported: ConductReported) -> Matter:
    """A report that names its case stands in the case's voucher: the same agent, code and case give one line."""
    return Matter(MatterKind.CASE, reported.case) if reported.case else Matter.of(MatterKind.CONDUCT, report_id)


def _line(states: States, voucher: Stream[Voucher], reported: ConductReported) -> Entry:
    lines = states[voucher].entries.values()
    code = Code(reported.code.value)
    own = [line for line in lines if (line.agent, line.code) == (reported.agent, code) and line.reverses is None]
    if not own:
        raise Busy("the report is being judged: try again in a moment")
    return own[-1]
