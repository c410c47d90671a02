"""How lines are recorded: with the months they post into held, and with the offsets of what comes late (L-4)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from application.event_log import Busy, Changes, Log, States, Stream
from application.matters import LineRef
from application.streams import account_stream, payroll_stream
from domain.kernel import Event
from domain.ledger import events as e
from domain.ledger.voucher import Entry, Voucher, posted_by
from domain.payroll.account import Account, Late, offset
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
        (stream, entry, _causes(events, entry))
        for stream, events in changes.items()
        for entry in posted_by(states[stream], events)
        if entry.late_for
    ]
    if late:
        await _load_accounts(log, states, [entry for _, entry, _ in late])
        accounts: dict[Stream[Account], list[Event]] = {}
        for stream, entry, causes in late:
            for account, event in await _offsets(states.after(accounts), stream, entry, causes, policy_of):
                accounts.setdefault(account, []).append(event)
        changes |= accounts
    return changes


async def _load_accounts(log: Log, states: States, entries: Sequence[Entry]) -> None:
    for month in {month for entry in entries for month in entry.late_for}:
        _drawn(states[PAYROLL], month)
    wanted = {account_stream(entry.agent, month) for entry in entries for month in entry.late_for}
    states.include(await log.states(sorted(wanted, key=lambda stream: stream.id)))


def _drawn(payroll: Payroll, month: Month) -> None:
    known = payroll[month]
    if known.stage is Stage.FROZEN and known.cut is None:
        raise Busy(f"the statements of {month} are being drawn up: try again in a moment")


def _causes(events: Sequence[Event], entry: Entry) -> tuple[e.Cause, ...]:
    made = (event for event in events if isinstance(event, e.Earned | e.Proposed | e.Reversed))
    return next((event.causes for event in made if event.number == entry.number), ())


async def _offsets(
    states: States, voucher: Stream[Voucher], entry: Entry, causes: tuple[e.Cause, ...], policy_of: PolicyOf
) -> list[tuple[Stream[Account], Event]]:
    """One offset for each month it changes; what the first lets through is what changes the second."""
    found: list[tuple[Stream[Account], Event]] = []
    amount_fen = entry.amount_fen
    for home in entry.late_for:
        account, policy = account_stream(entry.agent, home), await policy_of(home)
        late = _late(LineRef(voucher.id, entry.number), entry, home, amount_fen, causes)
        event = offset(states[account], late, policy.mode, carry_forward=policy.carry_forward)
        amount_fen += event.amount_fen
        found.append((account, event))
    return found


def _late(line: LineRef, entry: Entry, home: Month, amount_fen: int, causes: tuple[e.Cause, ...]) -> Late:
    return Late(
        line=str(line),
        agent=entry.agent,
        home=home,
        kind=entry.code.kind,
        amount_fen=amount_fen,
        occurred_on=entry.occurred_on,
        tariff=entry.tariff,
        causes=causes,
        posted_month=entry.homes[-1],
    )
