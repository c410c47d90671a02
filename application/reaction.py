"""When this is recorded, record that: facts are judged once, into lines; frozen months get their statements (L-6).

Exactly once by state, not by memory: what is judged again is compared with the voucher that stands, and where it is
the same nothing is recorded. So the reaction may stop anywhere, and begin again before where it stood.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

from application.envelope import Meta, Recorded
from application.event_log import Changes, Command, Decide, Log, Moved, States, Write, write_of
from application.judging import CauseBook, Judging
from application.matters import Matter, MatterKind
from application.posting import PAYROLL, PolicyOf, with_offsets
from application.statements import Statements
from application.touching import touched
from domain.kernel import Event
from domain.ledger.decisions import confirm_reported
from domain.ledger.events import Cause, Earned, Proposed
from domain.ledger.lines import Line
from domain.ledger.settling import settle
from domain.payroll.months import end
from domain.values import AgentId, Month, local_day

ACTOR = AgentId("ledger")
"""Who records what the rules say: no person."""
TOGETHER = 500
"""How many matters are settled by one append."""


class Reaction:
    """Judges what newly recorded events touch, and records what comes of it."""

    def __init__(
        self,
        log: Log,
        book: CauseBook,
        judging: Judging,
        statements: Statements,
        policy_of: PolicyOf,
        clock: Callable[[], datetime],
    ) -> None:
        self._log, self._book, self._judging = log, book, judging
        self._statements, self._policy_of, self._clock = statements, policy_of, clock

    async def react(self, events: Sequence[Recorded]) -> None:
        """Take in events, oldest first. Raises LogError; then all of them can be taken in again."""
        matters = await touched(self._log, self._book, events)
        lines = await self._judging.lines(matters)
        waiting = list(matters)
        while waiting:
            await self._statements.draw_up(self._command)
            together, waiting = waiting[:TOGETHER], waiting[TOGETHER:]
            waiting += await self._settle({matter: (lines[matter], matters[matter]) for matter in together})
        await self._statements.draw_up(self._command)

    async def end_months(self) -> None:
        """Record the end of every month that is over and has facts which are judged by the month."""
        current = Month.of(self._today())
        known = (await self._log.states([PAYROLL]))[PAYROLL]
        for month in sorted(await self._book.months_with_monthly_facts()):
            if end(known, month, current):
                await self._log.transact([PAYROLL], _ending(month, current), self._command())

    async def _settle(self, matters: Mapping[Matter, tuple[Sequence[Line], Sequence[Cause]]]) -> list[Matter]:
        """Record what the matters come to; those whose streams others wrote at the same time are left over."""
        states = await self._log.states([PAYROLL, *(matter.voucher for matter in matters)])
        writes: dict[Matter, Write] = {}
        for matter, (lines, causes) in matters.items():
            voucher, posting = states[matter.voucher], states[PAYROLL]
            events = settle(voucher, lines, tuple(causes), posting)
            if events:
                events += confirm_reported(voucher, events, lines, self._today(), posting)
                events = await self._with_facts(matter, events)
                changes = await with_offsets(self._log, states, [(matter.voucher, events)], self._policy_of)
                writes[matter] = write_of(states, changes, self._command(), lambda _: b"{}", [PAYROLL])
                states = states.after(changes)
        outcomes = await self._log.append_many(list(writes.values())) if writes else []
        return [matter for matter, outcome in zip(writes, outcomes, strict=True) if isinstance(outcome, Moved)]

    async def _with_facts(self, matter: Matter, events: list[Event]) -> list[Event]:
        """L-1: a line of a month is caused by the agent's own facts too."""
        agents = {event.agent for event in events if isinstance(event, Earned | Proposed)}
        if matter.kind is not MatterKind.MONTH or not agents:
            return events
        facts = await self._book.causes(*matter.month, agents)
        return [
            replace(event, causes=tuple(dict.fromkeys([*event.causes, *facts.get(event.agent, ())])))
            if isinstance(event, Earned | Proposed)
            else event
            for event in events
        ]

    def _today(self) -> date:
        return local_day(self._clock())

    def _command(self) -> Command:
        command_id = uuid4()
        return Command(Meta(ACTOR, self._clock(), command_id, command_id, command_id), fingerprint=b"")


def _ending(month: Month, current: Month) -> Decide:
    async def decide(states: States) -> Changes:
        return {PAYROLL: end(states[PAYROLL], month, current)}

    return decide
