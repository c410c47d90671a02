"""What is recorded of the ledgers compared with what is expected: lines, what came late, statements, closed months."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from adapters.month_check import MonthCheck, Statement
from application import checking
from application.checking import Difference, Due
from application.envelope import Recorded
from application.matters import MatterKind
from application.posting import PolicyOf
from domain.payroll import events as p
from domain.values import AgentId, Month
from projections.ledger import LineRow, folded, offset_line
from projections.log_scan import AT_ONCE, Beside, LogScan

_ACCOUNTS = ("payroll.stated", "ledger.offset", "payroll.opening_changed")
Stage = Callable[[str, int], Callable[[int], None]]
"""Told what is begun and how much it is; gives what is told how much more of it is done."""


@dataclass(slots=True)
class Checked:
    """What a check has found. moving: differences left out because their facts were recorded while it ran."""

    matters: int = 0
    lines: int = 0
    closed_months: list[str] = field(default_factory=list)
    moving: int = 0
    differences: list[Difference] = field(default_factory=list)


class LedgerCheck:
    """One check over a scan in which everything expected is laid down."""

    def __init__(self, scan: LogScan, policy_of: PolicyOf, checked: Checked) -> None:
        self._scan, self._policy_of, self._checked = scan, policy_of, checked
        self._posted: list[LineRow] = []
        self._due, self._made = Counter[Due](), Counter[Due]()
        self._made_at: dict[Due, int] = {}
        self._openings = Counter[tuple[Month, AgentId]]()
        self._statements: dict[Month, dict[AgentId, Statement]] = {}

    async def run(self, stage: Stage) -> None:
        """Compare everything; what differs is added to the outcome."""
        await self._vouchers(stage("comparing", await self._scan.count_of_vouchers()))
        await self._accounts()
        months = MonthCheck(self._scan, self._policy_of, self._statements, self._openings)
        await months.prepare()
        self._checked.closed_months += map(str, months.closed)
        advance = stage("months", months.count)
        async for differences in months.differences():
            self._add(differences)
            advance(1)

    def _add(self, differences: Iterable[Difference]) -> None:
        self._checked.differences.extend(differences)

    # ---- lines ------------------------------------------------------------------------------------------------------
    async def _vouchers(self, advance: Callable[[int], None]) -> None:
        async with aclosing(self._scan.beside(advance)) as vouchers:
            async for beside in vouchers:
                await self._voucher(beside)
        await self._spool()

    async def _voucher(self, beside: Beside) -> None:
        voucher = checking.voucher_of(beside.history)
        if voucher is None:
            self._add([checking.broken(beside.matter, beside.history)])
            return
        for one in checking.of_voucher(beside.matter, beside.lines, voucher, beside.history):
            self._add([one if one.positions else await self._placed(one, beside)])
        if beside.history:
            self._need(checking.late(voucher, beside.history[0].stream))
            self._checked.lines += len(voucher.entries)
            await self._post([line for line in folded(beside.history) if line.posted_month])

    def _need(self, offsets: Iterable[tuple[Due, int]]) -> None:
        for due, change_fen in offsets:
            self._due[due] += change_fen

    async def _placed(self, difference: Difference, beside: Beside) -> Difference:
        """What has no line is placed where its facts stand."""
        if beside.matter is None or beside.matter.kind is MatterKind.MONTH:
            return difference
        return replace(difference, positions=await self._scan.positions(beside.matter.id))

    async def _post(self, lines: Sequence[LineRow]) -> None:
        self._posted.extend(lines)
        if len(self._posted) >= AT_ONCE:
            await self._spool()

    async def _spool(self) -> None:
        await self._scan.post(self._posted)
        self._posted = []

    # ---- accounts: statements, and what came late -------------------------------------------------------------------
    async def _accounts(self) -> None:
        async with aclosing(self._scan.histories(_ACCOUNTS)) as accounts:
            async for history in accounts:
                await self._account(history)
        await self._spool()
        self._add(checking.of_offsets(self._due, self._made, self._made_at))

    async def _account(self, history: Sequence[Recorded]) -> None:
        homes = {one.event.home for one in history if isinstance(one.event, p.Moved)}
        policies = {home: await self._policy_of(home) for home in homes}
        self._add(checking.of_account(history, policies))
        self._need(checking.passed_on(history, policies))
        for recorded in history:
            match recorded.event:
                case p.Stated() as event:
                    of_month = self._statements.setdefault(event.month, {})
                    of_month[event.agent] = Statement(event, recorded.position)
                case p.Moved() as event:
                    await self._moved(recorded, event)

    async def _moved(self, recorded: Recorded, event: p.Moved) -> None:
        due = checking.due_of(event)
        self._made[due] += event.change_fen
        self._made_at[due] = recorded.position
        if isinstance(event, p.OpeningChanged) and event.home == event.posted_month:
            self._openings[event.home, event.agent] += event.change_fen
        if event.amount_fen:
            line = None if event.causes else await self._scan.line(event.line)
            await self._post([offset_line(recorded, event, line.causes if line else event.causes)])
