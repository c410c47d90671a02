"""How lines are recorded: with the months they post into held, and with the offsets of what comes late (L-4)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from application.event_log import Busy, Changes, Log, States, Stream
from application.matters import LineRef
from application.streams import account_stream, payroll_stream
from domain.kernel import Event
from domain.ledger.voucher import Entry, Voucher, posted_by
from domain.payroll.account import ACCOUNT, Account, Late, offset, taking
from domain.payroll.months import Payroll, Stage
from domain.payroll.policy import PayrollPolicy
from domain.values import Month

PAYROLL = payroll_stream()
PolicyOf = Callable[[Month], Awaitable[PayrollPolicy]]
"""The payroll policy in force in a month."""


async def with_offsets(
    log: Log, states: States, vouchers: Iterable[tuple[Stream[Voucher], Sequence[Event]]], policy_of: PolicyOf
) -> Changes:
    """The events of the vouchers, and what offsets those that change a month no longer open.

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
    accounts: dict[Stream[Account], list[Event]] = {}
    for line in late:
        await _offset(log, states, accounts, line, policy_of)
    return changes | accounts


async def _offset(
    log: Log, states: States, accounts: dict[Stream[Account], list[Event]], late: Late, policy_of: PolicyOf
) -> None:
    """Add what offsets a late line in its month, and then in those months closed since that are changed by it too."""
    _drawn(states[PAYROLL], late.home)
    stream = account_stream(late.agent, late.home)
    if stream not in accounts:
        states.include(await log.states([stream]))
    recorded = accounts.setdefault(stream, [])
    account, policy = reduce(ACCOUNT.evolve, recorded, states[stream]), await policy_of(late.home)
    event = offset(account, late, policy.mode, carry_forward=policy.carry_forward)
    recorded.append(event)
    for month, amount_fen in taking(account, event).items():
        await _offset(log, states, accounts, replace(late, home=month, amount_fen=amount_fen), policy_of)


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
