"""The statements of frozen months settled again from their lines, and the bytes of closed months made again (L-4)."""

from collections import Counter
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from adapters.payroll_export.lines import ExportLine, MonthExport
from adapters.payroll_export.tally import DoesNotAddUp
from adapters.payroll_months import export_line, export_statement, sealed
from application.checking import About, Difference, of_fields
from application.envelope import Recorded
from application.posting import PolicyOf
from application.statements import Wages, opened, stated
from domain.payroll import events as p
from domain.payroll.policy_events import Acknowledged
from domain.payroll.settlement import Sums
from domain.payroll.wage_events import Recorded as WageRecorded
from domain.values import AgentId, Month
from projections.log_scan import LogScan

_PAYROLL = ("payroll.month_", "payroll.statements_drawn", "wage.", "payroll_policy.acknowledged")
_SEALED = ("cut", "net_fen", "totals", "tariffs", "digest")


class Statement(NamedTuple):
    """A statement as recorded, and where."""

    stated: p.Stated
    position: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What is settled by beside the lines, each with its position: wages, and who has acknowledged which policy."""

    wages: Sequence[tuple[int, WageRecorded]]
    acknowledged: Sequence[tuple[int, Acknowledged]]

    def wage(self, agent: AgentId, month: Month, upto: int) -> Wages:
        """The wage as recorded up to a position."""
        found = [
            Wages(event.gross_fen, event.minimum_wage_fen)
            for position, event in self.wages
            if position <= upto and (event.agent, event.month) == (agent, month)
        ]
        return found[-1] if found else Wages()

    def agreed(self, agent: AgentId, policy: str, upto: int) -> bool:
        """Whether a policy was acknowledged up to a position."""
        return any(
            position <= upto and (event.agent, event.of_version) == (agent, policy)
            for position, event in self.acknowledged
        )


class MonthCheck:
    """Settles and seals again; the scan has the posted lines.

    statements: those recorded. openings: by how much what was carried into months had changed when they were frozen,
    whole fen.
    """

    def __init__(
        self,
        scan: LogScan,
        policy_of: PolicyOf,
        statements: Mapping[Month, Mapping[AgentId, Statement]],
        openings: Mapping[tuple[Month, AgentId], int],
    ) -> None:
        self._scan, self._policy_of, self._statements, self._openings = scan, policy_of, statements, openings
        self._drawn: list[Month] = []
        self._cuts: dict[Month, int] = {}
        self._closed: list[tuple[int, p.MonthClosed]] = []
        self._known = _Known([], [])

    async def prepare(self) -> None:
        """Read what happened to the months."""
        wages, acknowledged = list[tuple[int, WageRecorded]](), list[tuple[int, Acknowledged]]()
        for recorded in await self._events():
            match recorded.event:
                case p.MonthFrozen(month=month):
                    self._cuts[month] = recorded.position
                case p.StatementsDrawn(month=month):
                    self._drawn.append(month)
                case p.MonthClosed() as closed:
                    self._closed.append((recorded.position, closed))
                case WageRecorded() as wage:
                    wages.append((recorded.position, wage))
                case Acknowledged() as agreed:
                    acknowledged.append((recorded.position, agreed))
        self._known = _Known(wages, acknowledged)

    @property
    def closed(self) -> list[Month]:
        """The closed months."""
        return [closed.month for _, closed in self._closed]

    @property
    def count(self) -> int:
        """How many times `differences` yields."""
        return len(self._drawn) + len(self._closed)

    async def differences(self) -> AsyncGenerator[Collection[Difference], None]:
        """Month by month: first the statements, then what was closed."""
        for month in self._drawn:
            yield await self._of_statements(month)
        for position, closed in self._closed:
            yield await self._of_closing(position, closed)

    async def _events(self) -> list[Recorded]:
        async with aclosing(self._scan.histories(_PAYROLL)) as streams:
            return sorted([one async for history in streams for one in history], key=lambda one: one.position)

    # ---- statements -------------------------------------------------------------------------------------------------
    async def _of_statements(self, month: Month) -> list[Difference]:
        found = self._statements.get(month, {})
        sums = opened(await self._scan.sums(month), self._carried_into(month))
        differing = [await self._of_agent(month, agent, sums.get(agent), found.get(agent)) for agent in {*sums, *found}]
        return [difference for differences in differing for difference in differences]

    def _carried_into(self, month: Month) -> Mapping[AgentId, int]:
        """What the statements of the month before carry, with what late changes had made of it."""
        before = self._statements.get(month.before, {})
        carried = Counter({agent: one.stated.carried_fen for agent, one in before.items()})
        carried.subtract({agent: fen for (at, agent), fen in self._openings.items() if at == month})
        return {agent: fen for agent, fen in carried.items() if fen}

    async def _of_agent(
        self, month: Month, agent: AgentId, sums: Sums | None, recorded: Statement | None
    ) -> list[Difference]:
        """By what was known when the month was frozen, or when its statements were drawn up."""
        cut = self._cuts.get(month, 0)
        uptos = (cut, recorded.position) if recorded else (cut,)
        expected = [await self._settled(month, agent, sums, upto) for upto in uptos] if sums else []
        if recorded and recorded.stated in expected:
            return []
        return of_fields(
            About.STATEMENT,
            f"statement:{month}",
            msgspec.to_builtins(expected[0]) if expected else {},
            msgspec.to_builtins(recorded.stated) if recorded else {},
            positions=(recorded.position,) if recorded else (),
            agent=agent,
        )

    async def _settled(self, month: Month, agent: AgentId, sums: Sums, upto: int) -> p.Stated:
        policy = await self._policy_of(month)
        wage, agreed = self._known.wage(agent, month, upto), self._known.agreed(agent, policy.version, upto)
        return stated(agent, month, policy, sums, wage, agreed=agreed)

    # ---- closed months ----------------------------------------------------------------------------------------------
    async def _of_closing(self, position: int, closed: p.MonthClosed) -> list[Difference]:
        recorded = {name: getattr(closed, name) for name in _SEALED}
        try:
            expected = await self._sealed(closed.month)
        except DoesNotAddUp as error:
            expected = {"digest": f"none: {error}"}
            recorded = {"digest": closed.digest}
        wanted, found = msgspec.to_builtins(expected), msgspec.to_builtins(recorded)
        return of_fields(About.MONTH, f"closed:{closed.month}", wanted, found, positions=(position,))

    async def _sealed(self, month: Month) -> dict[str, Any]:
        cut, statements = self._cuts.get(month, 0), self._statements.get(month, {})
        shown = [export_statement(one.stated) for _, one in sorted(statements.items())]
        made = MonthExport(month=month, position=cut, statements=shown)
        totals = tuple(p.Total(kind=kind, lines=n, amount_fen=fen) for kind, n, fen in await self._scan.totals(month))
        again = await sealed(made, lambda: self._lines(month), totals)
        return {"cut": cut, **{name: getattr(again, name) for name in _SEALED if name != "cut"}}

    async def _lines(self, month: Month) -> AsyncGenerator[ExportLine, None]:
        async with aclosing(self._scan.posted(month)) as lines:
            async for line in lines:
                yield export_line(line)
