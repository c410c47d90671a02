"""Whatever has happened to the ledgers, the check of them finds no difference (L-4, L-6)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from uuid import UUID, uuid5

import pytest

from application import checking
from application.envelope import Recorded
from application.matters import LineRef, Matter
from domain.kernel import Event
from domain.payroll.events import Moved
from domain.payroll.policy import PayrollPolicy
from domain.payroll.settlement import Terms
from tests.application.reacting import POLICY
from tests.projections.projecting import META
from tests.support.ledger_books import MATTERS, Books, walk

SPACE = UUID("00000000-0000-4000-8000-00000000000e")


def histories(books: Books) -> dict[str, list[Recorded]]:
    """The recorded events by stream, as they would stand in a log."""
    found: dict[str, list[Recorded]] = defaultdict(list)
    for position, (name, event) in enumerate(books.recorded, 1):
        history = found[name]
        history.append(Recorded(position, uuid5(SPACE, name), len(history) + 1, _placed(event), META))
    return found


def _placed(event: Event) -> Event:
    if not isinstance(event, Moved):
        return event
    matter, _, number = event.line.rpartition(".")
    return replace(event, line=str(LineRef(uuid5(SPACE, matter), int(number))))


@pytest.mark.parametrize("seed", range(150))
def test_what_was_judged_and_offset_rightly_is_no_difference(seed: int) -> None:
    books = walk(Random(seed), steps=80)  # noqa: S311  no secret
    found = histories(books)
    due: Counter[checking.Due] = Counter()
    for matter in MATTERS:
        voucher, history = checking.voucher_of(found[matter]), found[matter]
        assert voucher == books.voucher(matter)
        assert checking.of_voucher(Matter.parse(matter), books.said.get(matter, []), voucher, history) == []
        _need(due, checking.late(voucher, uuid5(SPACE, matter)))
    made: Counter[checking.Due] = Counter()
    positions: dict[checking.Due, int] = {}
    for name in {f"{month}:{agent}" for agent, month in books.accounts}:
        moved = [(one.event, one.position) for one in found[name] if isinstance(one.event, Moved)]
        _need(made, ((checking.due_of(event), event.change_fen) for event, _ in moved))
        positions |= {checking.due_of(event): position for event, position in moved}
        policies = {event.home: _policy(books.terms(event.home)) for event, _ in moved}
        assert list(checking.of_account(found[name], policies)) == []
        _need(due, checking.passed_on(found[name], policies))
    assert list(checking.of_offsets(due, made, positions)) == []


def _policy(terms: Terms) -> PayrollPolicy:
    return replace(POLICY, mode=terms.mode, carry_forward=terms.carry_forward)


def _need(needed: Counter[checking.Due], changes: Iterable[tuple[checking.Due, int]]) -> None:
    for of, change_fen in changes:
        needed[of] += change_fen
