"""The statements of frozen months: one per agent, drawn up once, with the money they come to (L-5)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from application.event_log import Changes, Command, Log, States, Stream
from application.posting import PAYROLL, PolicyOf
from application.streams import account_stream
from domain.payroll import months
from domain.payroll.account import state
from domain.payroll.events import Stated
from domain.payroll.months import Stage
from domain.payroll.policy import PayrollPolicy
from domain.payroll.settlement import Sums
from domain.values import AgentId, Month


@dataclass(frozen=True, slots=True)
class Wages:
    """An agent's wage of a month, in whole fen; None: not recorded."""

    gross_fen: int | None = None
    minimum_wage_fen: int | None = None


class LedgerBook(Protocol):
    """What is asked of many lines at once."""

    async def cut_of(self, month: Month) -> int | None:
        """The position at which a month was frozen, once the lines up to there can be read."""
        ...

    async def sums(self, month: Month) -> Mapping[AgentId, Sums]:
        """What the lines posted into a month come to, by agent; without anything carried in."""
        ...

    async def carried(self, month: Month) -> Mapping[AgentId, int]:
        """What a month carries into the next one with all that came late for it, whole fen, positive (L-4)."""
        ...

    async def wages(self, month: Month) -> Mapping[AgentId, Wages]:
        """The wages recorded for a month."""
        ...


Acknowledged = Callable[[str], Awaitable[frozenset[AgentId]]]
"""Who has acknowledged a payroll policy, by its version."""


class Statements:
    """Draws up the statements of months that are frozen."""

    def __init__(self, log: Log, book: LedgerBook, policy_of: PolicyOf, acknowledged: Acknowledged) -> None:
        self._log, self._book, self._policy_of, self._acknowledged = log, book, policy_of, acknowledged

    async def draw_up(self, command: Callable[[], Command]) -> None:
        """Every frozen month whose lines can be read and that has no statements yet, oldest first."""
        payroll = (await self._log.states([PAYROLL]))[PAYROLL]
        frozen = [month for month, known in payroll.months.items() if known.stage is Stage.FROZEN and not known.cut]
        for month in sorted(frozen):
            cut = await self._book.cut_of(month)
            if cut is not None:
                await self._draw(month, cut, command())

    async def open_sums(self, month: Month) -> Mapping[AgentId, Sums]:
        """What stands in a month now, with what was carried into it."""
        return opened(await self._book.sums(month), await self._book.carried(month.before))

    async def _draw(self, month: Month, cut: int, command: Command) -> None:
        policy, sums, wages = await self._policy_of(month), await self.open_sums(month), await self._book.wages(month)
        acknowledged = await self._acknowledged(policy.version)
        accounts = {agent: account_stream(agent, month) for agent in sums}

        async def decide(states: States) -> Changes:
            drawn = months.draw(states[PAYROLL], month, cut, len(sums))
            if not drawn:
                return {}
            changes: dict[Stream[Any], list[Any]] = {PAYROLL: drawn}
            for agent, account in accounts.items():
                wage = wages.get(agent, Wages())
                changes[account] = [stated(agent, month, policy, sums[agent], wage, agreed=agent in acknowledged)]
            return changes

        await self._log.transact([PAYROLL, *accounts.values()], decide, command)


def opened(lines: Mapping[AgentId, Sums], carried: Mapping[AgentId, int]) -> Mapping[AgentId, Sums]:
    """The sums of a month's lines with what is carried into it, whole fen, positive; for whoever has one of them."""
    agents = sorted({*carried, *lines})
    return {agent: replace(lines.get(agent, Sums()), opening_fen=-carried.get(agent, 0)) for agent in agents}


def stated(agent: AgentId, month: Month, policy: PayrollPolicy, sums: Sums, wage: Wages, *, agreed: bool) -> Stated:
    """An agent's statement by the policy of the month."""
    terms = policy.terms(wage.gross_fen, wage.minimum_wage_fen, acknowledged=agreed)
    return state(agent, month, terms, sums, basis=policy.basis, policy=policy.version)
