"""Another tariff tried on history (L-7): who would have got what, beside what stands in the ledgers.

Both sides hold what counts, and what would once it is confirmed. What a person has decided stays decided: a line
dismissed or taken back counts on neither side, one reduced on appeal comes to no more than that by the other tariff.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from application.checking import counted
from domain.ledger.lines import Code, Line
from domain.ledger.voucher import Key, Voucher
from domain.tariff.tariff import Tariff
from domain.values import AgentId

Place = tuple[AgentId, Code]


def always(tariff: Tariff) -> Tariff:
    """The tariff as if it had held for ever: its first period reaches back."""
    first = replace(tariff.order[0], first=date.min)
    return replace(tariff, valid_from=date.min, order=(first, *tariff.order[1:]))


@dataclass(slots=True)
class Sum:
    """A number of lines, and what they come to in whole fen."""

    lines: int = 0
    amount_fen: int = 0

    def add(self, amount_fen: int) -> None:
        """Count a line."""
        self.lines, self.amount_fen = self.lines + 1, self.amount_fen + amount_fen


@dataclass(slots=True)
class Sides:
    """What stands in the ledgers, and what the other tariff makes of the same facts."""

    recorded: Sum = field(default_factory=Sum)
    tried: Sum = field(default_factory=Sum)

    @property
    def difference_fen(self) -> int:
        """How much more the other tariff gives; negative: how much less."""
        return self.tried.amount_fen - self.recorded.amount_fen


@dataclass(slots=True)
class Comparison:
    """Both sides by agent and code, for the facts of some days; first, last: local days, both included."""

    first: date
    last: date
    sides: dict[Place, Sides] = field(default_factory=dict)

    def take(self, voucher: Voucher, wanted: Sequence[Line]) -> None:
        """Add a cause: its lines as recorded, and what the other tariff says. Offsets are no lines of a cause."""
        by_key = {line.key: line for line in reversed(wanted)}
        for key in dict.fromkeys([*by_key, *(entry.key for entry in voucher.entries.values())]):
            for entry in counted(voucher, key):
                self._add(entry.occurred_on, key, recorded=entry.amount_fen)
            for line in _tried(voucher, key, by_key):
                self._add(line.occurred_on, key, tried=line.amount_fen)

    def total(self) -> Sides:
        """Over all agents and codes."""
        total = Sides()
        for sides in self.sides.values():
            for sum_, one in ((total.recorded, sides.recorded), (total.tried, sides.tried)):
                sum_.lines, sum_.amount_fen = sum_.lines + one.lines, sum_.amount_fen + one.amount_fen
        return total

    def _add(self, day: date, key: Key, *, recorded: int | None = None, tried: int | None = None) -> None:
        if not self.first <= day <= self.last:
            return
        sides = self.sides.setdefault(key[:2], Sides())
        if recorded is not None:
            sides.recorded.add(recorded)
        if tried is not None:
            sides.tried.add(tried)


def _tried(voucher: Voucher, key: Key, wanted: Mapping[Key, Line]) -> Iterator[Line]:
    if key not in wanted:
        return
    line, standing = wanted[key], counted(voucher, key)
    if not standing and key in voucher.standing:
        return  # the rules said so before, and a person has let it go
    reduced = [entry.amount_fen for entry in standing if entry.in_place_of]
    yield replace(line, amount_fen=max([line.amount_fen, *reduced]))
