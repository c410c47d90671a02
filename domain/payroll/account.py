"""The account of an agent's month once it is frozen: its statement, and what came late (L-4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from domain.kernel import Decider, Event
from domain.ledger.events import Cause
from domain.ledger.lines import Explanation, Kind, yuan
from domain.payroll import events as e
from domain.payroll.settlement import Mode, Settlement, Sums, Terms, settle
from domain.values import AgentId, Month

M = TypeVar("M", bound=e.Moved)


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
    """The month's sums with all that came late, and what could be taken from the wage.

    offsets: how many changes came late. moved: what has moved on for it, by the month into which it moved.
    """

    sums: Sums = Sums()  # noqa: RUF009  frozen
    wage_cap_fen: int = 0
    offsets: int = 0
    moved: Mapping[Month, Part] = field(default_factory=dict)


def evolve(account: Account, event: Event) -> Account:
    """Fold one event into the state."""
    match event:
        case e.Stated():
            return replace(account, sums=_stated(event), wage_cap_fen=event.wage_cap_fen)
        case e.Moved():
            return _moved(account, event)
        case _:
            return account


def _stated(event: e.Stated) -> Sums:
    return Sums(
        opening_fen=event.opening_fen,
        bonus_fen=event.bonus_fen,
        penalty_fen=event.penalty_fen,
        late_fen=event.late_fen,
    )


def _moved(account: Account, event: e.Moved) -> Account:
    taken = taking(account, event)
    rest = _moves_fen(event) - sum(taken.values())
    moved = {
        month: replace(part, left_fen=part.left_fen + taken.get(month, 0)) for month, part in account.moved.items()
    }
    posted = moved.get(event.posted_month, Part())
    moved[event.posted_month] = Part(posted.placed_fen + rest, posted.left_fen + rest)
    return replace(account, sums=_sums_after(account.sums, event), offsets=account.offsets + 1, moved=moved)


def _moves_fen(event: e.Moved) -> int:
    """What an offset leaves of its line; what a changed opening posts itself."""
    return event.amount_fen + (event.change_fen if isinstance(event, e.Offset) else 0)


def _sums_after(sums: Sums, event: e.Moved) -> Sums:
    if isinstance(event, e.OpeningChanged):
        return _opened(sums, event.change_fen)
    return _changed(sums, event, event.change_fen)


def taking(account: Account, event: e.Moved) -> dict[Month, int]:
    """L-4: the months closed since, for which what a late line moves changes what moved into them, and by how much.

    Those months are changed in turn, the last one first: so nothing is paid back that was never collected there, nor
    taken back that was never paid. The rest moves into the month that is open.
    """
    left, taken = _moves_fen(event), {}
    for month in sorted(account.moved.keys() - {event.posted_month}, reverse=True):
        if amount_fen := account.moved[month].taking(left):
            taken[month] = amount_fen
            left -= amount_fen
    return taken


def passing_on(account: Account, event: e.Moved, mode: Mode, *, carry_forward: bool) -> int:
    """L-4: by how much what the month after opens with changes, whole fen; nothing by a month that is still open.

    mode, carry_forward: of the policy of the month that changes. What is carried is owed, not taken: each month that
    was settled with it is changed in turn, by its own policy, up to the one that is open.
    """
    if event.home == event.posted_month:
        return 0
    terms = Terms(mode=mode, carry_forward=carry_forward, wage_cap_fen=account.wage_cap_fen)
    return settle(terms, account.sums).carried_fen - settle(terms, _sums_after(account.sums, event)).carried_fen


ACCOUNT = Decider("account", Account(), evolve)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A line that changes a month that is no longer open: which month, by how much, and where it posts."""

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
        late_fen=sums.late_fen,
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
    moved = _gained(terms, account.sums, _changed(account.sums, late, late.amount_fen))
    return _made(e.Offset, account, late, moved - late.amount_fen, _said(late.home, late.amount_fen, moved))


def change_opening(account: Account, late: Late, mode: Mode, *, carry_forward: bool) -> e.OpeningChanged:
    """L-4: the month `late.home` opens with `late.amount_fen` more or less, and what moves by that.

    Nothing moves for the month that is open: its statement opens with it.
    """
    terms = Terms(mode=mode, carry_forward=carry_forward, wage_cap_fen=account.wage_cap_fen)
    gained = _gained(terms, account.sums, _opened(account.sums, late.amount_fen))
    moved = 0 if late.home == late.posted_month else gained
    return _made(e.OpeningChanged, account, late, moved, _said_of_opening(late.home, late.amount_fen, moved))


def _gained(terms: Terms, before: Sums, after: Sums) -> int:
    return settle(terms, after).money_fen - settle(terms, before).money_fen


def _made(make: type[M], account: Account, late: Late, amount_fen: int, explanation: Explanation) -> M:
    return make(
        number=account.offsets + 1,
        line=late.line,
        agent=late.agent,
        home=late.home,
        kind=late.kind,
        change_fen=late.amount_fen,
        amount_fen=amount_fen,
        occurred_on=late.occurred_on,
        tariff=late.tariff,
        explanation=explanation,
        causes=late.causes,
        posted_month=late.posted_month,
    )


def _changed(sums: Sums, by: Late | e.Moved, amount_fen: int) -> Sums:
    if by.kind is Kind.BONUS:
        return replace(sums, bonus_fen=sums.bonus_fen + amount_fen)
    # the line may be of a month before the one that changes: what moved into this one is changed in turn
    late_fen = 0 if Month.of(by.occurred_on) == by.home else amount_fen
    return replace(sums, penalty_fen=sums.penalty_fen + amount_fen, late_fen=sums.late_fen + late_fen)


def _opened(sums: Sums, change_fen: int) -> Sums:
    return replace(sums, opening_fen=sums.opening_fen + change_fen)


def _said(home: Month, change_fen: int, moved_fen: int) -> Explanation:
    change, moved = yuan(change_fen), yuan(moved_fen)
    return Explanation(
        zh=f"{home}月已结:变动{change}元,实际应补(扣){moved}元,差额在此抵销",
        en=f"{home} is settled: of a change of {change} CNY only {moved} CNY moves; the rest is offset here",
    )


def _said_of_opening(home: Month, change_fen: int, moved_fen: int) -> Explanation:
    change, moved = yuan(change_fen), yuan(moved_fen)
    return Explanation(
        zh=f"转入{home}月的金额变动{change}元,因此应补(扣){moved}元",
        en=f"what is carried into {home} changes by {change} CNY; by that {moved} CNY moves",
    )
