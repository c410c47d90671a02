"""How lines are recorded: with the months they post into held, and with the offsets of what comes late (L-4)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, Protocol

from application.event_log import Busy, Changes, Log, States, Stream
from application.matters import LineRef
from application.streams import account_stream, payroll_stream
from domain.kernel import Event
from domain.ledger.voucher import Entry, Voucher, posted_by
from domain.payroll.account import ACCOUNT, Account, Late, change_opening, offset, passing_on, taking
from domain.payroll.events import Moved
from domain.payroll.months import Payroll, Stage
from domain.payroll.policy import PayrollPolicy
from domain.payroll.settlement import Mode
from domain.values import Month

PAYROLL = payroll_stream()
PolicyOf = Callable[[Month], Awaitable[PayrollPolicy]]
"""The payroll policy in force in a month."""


async def with_offsets(
    log: Log, states: States, vouchers: Iterable[tuple[Stream[Voucher], Sequence[Event]]], policy_of: PolicyOf
) -> Changes:
    """The events of the vouchers, and what those that change a month no longer open change in it and in later ones.

    `states` has the vouchers and the payroll months; the accounts are loaded into it. Raises Busy while the statements
    of such a month are being drawn up.
    """
    changes: dict[Stream[Any], list[Event]] = {stream: list(events) for stream, events in vouchers}
    late = [
        _late(LineRef(stream.id, entry.number), entry, entry.posted_month)
        for stream, events in changes.items()
        for entry in posted_by(states[stream], events)
        if entry.late and entry.posted_month
    ]
    accounts = _Accounts(log, states, policy_of)
    for line in late:
        await accounts.change(line, offset)
    return changes | accounts.changes


class _Make(Protocol):
    """What a change of an agent's month is recorded as."""

    def __call__(self, account: Account, late: Late, mode: Mode, *, carry_forward: bool) -> Moved: ...


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The accounts of months no longer open as they change; they are loaded into `states`."""

    log: Log
    states: States
    policy_of: PolicyOf
    changes: dict[Stream[Account], list[Event]] = field(default_factory=dict)

    async def change(self, late: Late, make: _Make) -> None:
        """Change a month, and then those months closed since that are changed by it too."""
        _drawn(self.states[PAYROLL], late.home)
        account, policy = await self._account(late), await self.policy_of(late.home)
        event = make(account, late, policy.mode, carry_forward=policy.carry_forward)
        self.changes[account_stream(late.agent, late.home)].append(event)
        if change_fen := passing_on(account, event, policy.mode, carry_forward=policy.carry_forward):
            await self.change(replace(late, home=late.home.after, amount_fen=change_fen), change_opening)
        for month, amount_fen in taking(account, event).items():
            await self.change(replace(late, home=month, amount_fen=amount_fen), offset)

    async def _account(self, late: Late) -> Account:
        stream = account_stream(late.agent, late.home)
        if stream not in self.changes:
            self.states.include(await self.log.states([stream]))
        return reduce(ACCOUNT.evolve, self.changes.setdefault(stream, []), self.states[stream])


def _drawn(payroll: Payroll, month: Month) -> None:
    known = payroll[month]
    if known.stage is Stage.FROZEN and known.cut is None:
        raise Busy(f"the statements of {month} are being drawn up: try again in a moment")


def _late(line: LineRef, entry: Entry, posted_month: Month) -> Late:
    return Late(
        line=str(line),
        agent=entry.agent,
        home=entry.month,
        kind=entry.code.kind,
        amount_fen=entry.amount_fen,
        occurred_on=entry.occurred_on,
        tariff=entry.tariff,
        causes=entry.causes,
        posted_month=posted_month,
    )
