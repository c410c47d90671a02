"""Lines are added up again as they pass, and must come to the statements: what does not add up is not exported."""

from collections import Counter
from collections.abc import Iterable, Iterator

from adapters.payroll_export.lines import ExportLine, ExportStatement, MonthExport, Place
from domain.ledger.lines import Kind
from domain.values import AgentId


class DoesNotAddUp(ValueError):
    """Lines and statements contradict each other, or are out of order: nothing may be paid by such an export."""


class Tally:
    """The sums of the lines that have passed; their number is kept per agent, never the lines."""

    def __init__(self, month: MonthExport) -> None:
        self.rows = 0
        self.tariffs: set[str] = set()
        self._month = month
        self._sums: Counter[tuple[AgentId, Kind]] = Counter()
        self._last: Place | None = None

    def passing(self, lines: Iterable[ExportLine]) -> Iterator[ExportLine]:
        """The lines themselves; the sums are compared behind the last. Raises DoesNotAddUp."""
        stated = _settled(self._month)
        for line in lines:
            self._take(line, stated)
            yield line
        for statement in self._month.statements:
            self._compare(statement)

    def _take(self, line: ExportLine, stated: set[AgentId]) -> None:
        counts = self._month.counts(line)
        if self._last is not None and line.place <= self._last:
            raise DoesNotAddUp(f"entry {line.entry_id} is out of order, or there twice")
        if line.agent not in stated:
            raise DoesNotAddUp(f"entry {line.entry_id} belongs to {line.agent}, who has no statement")
        if not (counts or self._month.draft):
            raise DoesNotAddUp(f"entry {line.entry_id} is not posted to {self._month.month}")
        self._last = line.place
        self.rows += 1
        self.tariffs.add(line.tariff)
        if counts:
            self._sums[line.agent, line.kind] += line.amount_fen

    def _compare(self, statement: ExportStatement) -> None:
        for kind, fen in ((Kind.BONUS, statement.bonus_fen), (Kind.PENALTY, statement.penalty_fen)):
            summed = self._sums[statement.agent, kind]
            if summed != fen:
                raise DoesNotAddUp(f"{statement.agent}: lines of {kind} come to {summed} fen, the statement says {fen}")


def _settled(month: MonthExport) -> set[AgentId]:
    """Who has a statement; each comes to its net, once, in order."""
    agents = [statement.agent for statement in month.statements]
    if agents != sorted(set(agents)):
        raise DoesNotAddUp("statements are out of order, or there twice")
    for one in month.statements:
        if one.opening_fen + one.bonus_fen + one.penalty_fen + moved_fen(one) != one.net_fen:
            raise DoesNotAddUp(f"{one.agent}: the statement does not come to its net of {one.net_fen} fen")
        if one.applied_fen + one.carried_fen + one.waived_fen != one.requested_fen:
            raise DoesNotAddUp(f"{one.agent}: what is applied, carried and waived is not what is requested")
    return set(agents)


def moved_fen(statement: ExportStatement) -> int:
    """What of the penalties is taken elsewhere than from this month's bonus: wage, a later month, nowhere."""
    return statement.deducted_fen + statement.carried_fen + statement.waived_fen
