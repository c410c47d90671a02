"""Months to export: a small one by hand, and any that a settlement can make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from itertools import groupby
from pathlib import Path

from hypothesis import strategies as st

from adapters.payroll_export.export import Format, write
from adapters.payroll_export.lines import ExportLine, ExportStatement, MonthExport
from domain.ledger.events import Cause
from domain.ledger.lines import Code, Explanation, Kind
from domain.ledger.voucher import Status
from domain.payroll.settlement import Mode, Sums, Terms, settle
from domain.values import AgentId, Month

EXPECTED = Path(__file__).parent / "expected"
MARCH = Month(2007, 3)
WAIVED = Terms(mode=Mode.BONUS_OFFSET)
_SAID = {
    Kind.BONUS: Explanation(zh="有效订单一份", en="a valid order"),
    Kind.PENALTY: Explanation(zh="轻微违纪", en="a minor breach"),
}


@dataclass(frozen=True)
class Given:
    """A month and its lines."""

    month: MonthExport
    lines: Sequence[ExportLine]

    def written(self, form: Format) -> bytes:
        """The file in a format."""
        file = BytesIO()
        write(self.month, self.lines, form, file)
        return file.getvalue()

    def changed(self, **changes: object) -> "Given":
        """The same with another month around the lines."""
        return replace(self, month=replace(self.month, **changes))  # type: ignore[arg-type]


def line(entry_id: str, agent: str, code: Code, amount_fen: int, day: int = 5, **others: object) -> ExportLine:
    made = ExportLine(
        entry_id=entry_id,
        agent=AgentId(agent),
        code=code,
        amount_fen=amount_fen,
        occurred_on=date(2007, 3, day),
        posted_month=MARCH,
        tariff="default-1",
        explanation=_SAID[code.kind],
        status=Status.EARNED if code.kind is Kind.BONUS else Status.CONFIRMED,
        causes=(Cause(position=7, type="order.completed"),),
    )
    return replace(made, **others)  # type: ignore[arg-type]


def statement(
    agent: str, lines: Iterable[ExportLine], terms: Terms = WAIVED, opening_fen: int = 0, basis: str = "员工手册第5章"
) -> ExportStatement:
    """What the lines posted to March come to."""
    sums = {
        kind: sum(one.amount_fen for one in lines if one.kind is kind and one.posted_month == MARCH) for kind in Kind
    }
    settled = settle(terms, Sums(opening_fen=opening_fen, bonus_fen=sums[Kind.BONUS], penalty_fen=sums[Kind.PENALTY]))
    return ExportStatement(
        agent=AgentId(agent),
        opening_fen=opening_fen,
        bonus_fen=sums[Kind.BONUS],
        penalty_fen=sums[Kind.PENALTY],
        net_fen=settled.net_fen,
        uncovered_fen=settled.uncovered_fen,
        requested_fen=settled.requested_fen,
        applied_fen=settled.applied_fen,
        deducted_fen=settled.deducted_fen,
        carried_fen=settled.carried_fen,
        waived_fen=settled.waived_fen,
        mode=terms.mode,
        basis=basis,
        policy="default-1",
    )


def _small() -> Given:
    first = [
        line("e1", "a1001", Code.ORDER, 25),
        line("e2", "a1001", Code.ORDER, 15, explanation=Explanation(zh="=1+1", en='say "no" \\ <b>&</b>\n+2')),
        line("e3", "a1001", Code.BEST_EXAM, 5000, 31, tariff="default-2"),
        line("e4", "a1001", Code.MINOR, -1000, 31, causes=()),
    ]
    late = date(2007, 2, 27)
    second = [
        line("f1", "b-2_x", Code.ORDER, -20, occurred_on=late, reverses="d9", explanation=Explanation(zh="-", en="@x")),
        line("f2", "b-2_x", Code.BONUS_OFFSET, 5, occurred_on=late),
        line("f3", "b-2_x", Code.OPERATION, -1000, causes=(Cause(position=8, type="case.analysed"),) * 2),
    ]
    second.sort(key=lambda one: one.place)
    deducting = Terms(mode=Mode.WAGE_DEDUCTION, carry_forward=True, wage_cap_fen=300)
    statements = (
        statement("a1001", first),
        statement("b-2_x", second, deducting, -40, '+8 "handbook" \\ <i>5</i>'),
        statement("c3", ()),
    )
    return Given(MonthExport(month=MARCH, position=1234, statements=statements), [*first, *second])


SMALL = _small()
DRAFT = Given(
    replace(SMALL.month, draft=True),
    [*SMALL.lines, line("g1", "c3", Code.IDLE, -2000, posted_month=None, status=Status.PROPOSED)],
)

_AGENTS = st.from_regex(r"[a-z0-9][a-z0-9_\-]{0,12}", fullmatch=True)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=30)
_TERMS = st.builds(Terms, mode=st.sampled_from(Mode), carry_forward=st.booleans(), wage_cap_fen=st.integers(0, 100_000))


@st.composite
def months(draw: st.DrawFn) -> Given:
    """Any month that adds up: odd numbers and texts, reversals, every mode."""
    agents = sorted(draw(st.sets(_AGENTS, min_size=1, max_size=4)))
    lines = [
        line(
            f"e{number}",
            draw(st.sampled_from(agents)),
            draw(st.sampled_from(Code)),
            draw(st.integers(-100_000, 100_000)),
            draw(st.integers(1, 31)),
            explanation=Explanation(zh=draw(_TEXTS), en=draw(_TEXTS)),
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    lines.sort(key=lambda one: one.place)
    own = {agent: list(group) for agent, group in groupby(lines, key=lambda one: one.agent)}
    statements = tuple(
        statement(agent, own.get(AgentId(agent), ()), draw(_TERMS), draw(st.integers(-100_000, 0)), draw(_TEXTS))
        for agent in agents
    )
    return Given(MonthExport(month=MARCH, position=draw(st.integers(1, 10**12)), statements=statements), lines)
