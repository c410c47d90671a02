"""The parts of the ledgers put together: who judges, who records, who reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from adapters.payroll_months import MonthReads
from adapters.postgres.pool import Pool
from application.conduct_lines import ConductLines
from application.event_log import Log
from application.judging import Judging
from application.ledgers import Ledgers
from application.payroll import Judged, PayrollMonths
from application.posting import PolicyOf
from application.published import PayrollPolicies, Publishing, acknowledged
from application.reaction import Reaction
from application.sealing import Keyring
from application.statements import Statements
from domain.payroll.policy import PayrollPolicy
from domain.tariff.tariff import Tariff
from domain.values import AgentId, Month
from projections import tracking
from projections.ledger import Ledger
from projections.ledger_book import FactBook, LedgerBook
from projections.reactor import NAME as JUDGING
from projections.waiting import Positions

WAIT_S = 5.0
"""How long one waits until what is recorded so far is judged."""


@dataclass(frozen=True, slots=True)
class LedgerParts:
    """What works on the ledgers."""

    policy_of: PolicyOf
    ledgers: Ledgers
    conduct_lines: ConductLines
    judging: Judging
    reaction: Reaction
    reads: MonthReads
    log: Log
    pool: Pool

    def months(self, positions: Positions) -> PayrollMonths:
        """Freezing and closing, which wait for what is judged and can be read."""
        return PayrollMonths(self.log, self.reads, judged(self.pool, positions))


def ledger_parts(
    log: Log,
    keyring: Keyring,
    pool: Pool,
    tariffs: Publishing[Tariff],
    policies: PayrollPolicies,
    clock: Callable[[], datetime],
) -> LedgerParts:
    """The parts over the log and the views."""

    async def agreed(version: str) -> frozenset[AgentId]:
        return await acknowledged(log, version)

    policy_of, facts = _policy_of(policies), FactBook(pool.connection)
    statements = Statements(log, LedgerBook(pool.connection), policy_of, agreed)
    judging = Judging(log, facts, tariffs.published)
    return LedgerParts(
        policy_of=policy_of,
        ledgers=Ledgers(log, keyring, policy_of),
        conduct_lines=ConductLines(log, tariffs.published, policy_of, facts),
        judging=judging,
        reaction=Reaction(log, facts, judging, statements, policy_of, clock),
        reads=MonthReads(pool, policy_of, agreed),
        log=log,
        pool=pool,
    )


def _policy_of(policies: PayrollPolicies) -> PolicyOf:
    async def policy_of(month: Month) -> PayrollPolicy:
        published = await policies.published()
        begun = [policy for policy in published if policy.valid_from <= month.first_day]
        return begun[-1] if begun else published[0]

    return policy_of


def judged(pool: Pool, positions: Positions) -> Judged:
    """Whether all up to a position is judged and what came of it can be read, within WAIT_S; None: all there is."""

    async def head() -> int:
        async with pool.connection() as connection:
            return await tracking.head(connection)

    async def reached(position: int | None) -> bool:
        upto = await head() if position is None else position
        return await positions.wait_for(upto, WAIT_S, JUDGING) and await positions.wait_for(
            await head(), WAIT_S, Ledger.name
        )

    return reached
