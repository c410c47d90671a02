"""The account of an agent's month once it is frozen: its statement, and what came late (L-4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from domain.kernel import Decider, Event
from domain.ledger.events import Cause
from domain.ledger.lines import Explanation, Kind, yuan
from domain.payroll import events as e
from domain.payroll.settlement import Mode, Settlement, Sums, Terms, settle
from domain.values import AgentId, Month


@dataclass(frozen=True, slots=True)
class Part:
    """What late changes have moved into a later month, whole fen: while it was open, and what is left of that now."""

    placed_fen: int = 0
    left_fen: int = 0

    def taking(self, amount_fen: int) -> int:
        """How much of another change it takes: down to nothing, or back to what was placed."""
        low, high = sorted((0, self.placed_fen))
        return min(max(amount_fen, low - self.left_fen), high - self.left_fen)


@dataclass(frozen=True, slots=True)
class Account:
    """The month's sums with all that came late, and what could be taken from the wage; offsets: how many there are.

    moved: what has moved on for it, by the month into which it moved.
    """

    sums: Sums = Sums()  # noqa: RUF009  frozen
    wage_cap_fen: int = 0
    offsets: int = 0
    moved: Mapping[Month, Part] = field(default_factory=dict)


def evolve(account: Account, event: Event) -> Account:
    """Fold one event into the state."""
    match event:
        case e.Stated():
            sums = Sums(opening_fen=event.opening_fen, bonus_fen=event.bonus_fen, penalty_fen=event.penalty_fen)
            return replace(account, sums=sums, wage_cap_fen=event.wage_cap_fen)
        case e.Offset():
            return _offset(account, event)
        case _:
            return account


def _offset(account: Account, event: e.Offset) -> Account:
    taken = taking(account, event)
    rest = event.change_fen + event.amount_fen - sum(taken.values())
    moved = {
        month: replace(part, left_fen=part.left_fen + taken.get(month, 0)) for month, part in account.moved.items()
    }
    posted = moved.get(event.posted_month, Part())
    moved[event.posted_month] = Part(posted.placed_fen + rest, posted.left_fen + rest)
    changed = _changed(account.sums, event.kind, event.change_fen)
    return replace(account, sums=changed, offsets=account.offsets + 1, moved=moved)


def taking(account: Account, event: e.Offset) -> dict[Month, int]:
    """L-4: the months closed since, for which what a late line moves changes what moved into them, and by how much.

    Those months are changed in turn, the last one first: so nothing is paid back that was never collected there, nor
    taken back that was never paid. The rest moves into the month that is open.
    """
    left, taken = event.change_fen + event.amount_fen, {}
    for month in sorted(account.moved.keys() - {event.posted_month}, reverse=True):
        if amount_fen := account.moved[month].taking(left):
            taken[month] = amount_fen
            left -= amount_fen
    return taken


ACCOUNT = Decider("account", Account(), evolve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A line that changes a month that is no longer open: which month, and where it posts."""

    line: str
    agent: AgentId
    home: Month
    kind: Kind
    amount_fen: int
    occurred_on: date
    tariff: str
    causes: tuple[Cause, ...]
    posted_month: Month


def state(agent: AgentId, month: Month, terms: Terms, sums: Sums, *, basis: str, policy: str) -> e.Stated:
    """L-5: an agent's statement."""
    settled: Settlement = settle(terms, sums)
    return e.Stated(
        agent=agent,
        month=month,
        opening_fen=sums.opening_fen,
        bonus_fen=sums.bonus_fen,
        penalty_fen=sums.penalty_fen,
        net_fen=settled.net_fen,
        uncovered_fen=settled.uncovered_fen,
        requested_fen=settled.requested_fen,
        applied_fen=settled.applied_fen,
        carried_fen=settled.carried_fen,
        waived_fen=settled.waived_fen,
        deducted_fen=settled.deducted_fen,
        wage_cap_fen=terms.wage_cap_fen,
        mode=terms.mode,
        basis=basis,
        policy=policy,
    )


def offset(account: Account, late: Late, mode: Mode, *, carry_forward: bool) -> e.Offset:
    """L-4: the difference between what the line carries and what it moves; zero where it moves all it carries."""
    terms = Terms(mode=mode, carry_forward=carry_forward, wage_cap_fen=account.wage_cap_fen)
    changed = _changed(account.sums, late.kind, late.amount_fen)
    moved = settle(terms, changed).money_fen - settle(terms, account.sums).money_fen
    return e.Offset(
        number=account.offsets + 1,
        line=late.line,
        agent=late.agent,
        home=late.home,
        kind=late.kind,
        change_fen=late.amount_fen,
        amount_fen=moved - late.amount_fen,
        occurred_on=late.occurred_on,
        tariff=late.tariff,
        explanation=_said(late.home, late.amount_fen, moved),
        causes=late.causes,
        posted_month=late.posted_month,
    )


def _changed(sums: Sums, kind: Kind, amount_fen: int) -> Sums:
    if kind is Kind.BONUS:
        return replace(sums, bonus_fen=sums.bonus_fen + amount_fen)
    return replace(sums, penalty_fen=sums.penalty_fen + amount_fen)


def _said(home: Month, change_fen: int, moved_fen: int) -> Explanation:
    change, moved = yuan(change_fen), yuan(moved_fen)
    return Explanation(
        zh=f"{home}月已结:变动{change}元,实际应补(扣){moved}元,差额在此抵销",
        en=f"{home} is settled: of a change of {change} CNY only {moved} CNY moves; the rest is offset here",
    )
