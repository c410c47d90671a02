"""Lines of the ledgers as the specs tell them: people, months, a bonus, a penalty, and the events they come with."""

from dataclasses import replace
from datetime import date
from typing import Any

from domain.ledger import events as e
from domain.ledger.lines import Code, Explanation, Line
from domain.payroll.months import Payroll, PayrollMonth
from domain.values import AgentId, Month
from tests.support.cases import sealed

A1, A2, S1, S2, S3 = (AgentId(name) for name in ("a1", "a2", "s1", "s2", "s3"))
P1, P2 = AgentId("p1"), AgentId("p2")
FEBRUARY, MARCH, APRIL, MAY, JUNE = (Month(2026, number) for number in range(2, 7))
DAY = date(2026, 3, 5)
CAUSES = (e.Cause(position=7, type="order.done"),)
LATER = (e.Cause(position=9, type="order.corrected"),)
REASON = sealed("the recording says otherwise")

BONUS = Line(
    agent=A1,
    code=Code.ORDER,
    amount_fen=20,
    occurred_on=DAY,
    tariff="default-1",
    explanation=Explanation(zh="订单", en="an order"),
)
PENALTY = Line(
    agent=A1,
    code=Code.OPERATION,
    amount_fen=-1000,
    occurred_on=DAY,
    tariff="default-1",
    explanation=Explanation(zh="失误", en="an error"),
    ref="order 7",
)


def paid(*closed: Month, frozen: Month | None = None) -> Payroll:
    """The months of payroll: these are closed, and one may be frozen; all others are open."""
    months = {month: PayrollMonth(frozen_by=P1, cut=5, closed_by=P2) for month in closed}
    return Payroll(months | ({frozen: PayrollMonth(frozen_by=P1)} if frozen else {}))


ALL_OPEN = paid()


# ---- events ---------------------------------------------------------------------------------------------------------
def earned(
    number: int = 1, line: Line = BONUS, posted: Month = MARCH, causes: tuple[e.Cause, ...] = CAUSES
) -> e.Earned:
    return e.Earned(number=number, **_named(line), causes=causes, posted_month=posted)


def proposed(number: int = 1, line: Line = PENALTY, **rest: Any) -> e.Proposed:
    return e.Proposed(number=number, **_named(line), grave=line.grave, **{"causes": CAUSES, **rest})


def confirmed(
    number: int = 1, posted: Month = MARCH, by: AgentId = S1, day: date = DAY, reverses: int | None = None
) -> e.Confirmed:
    return e.Confirmed(number=number, reverses=reverses, by=by, day=day, posted_month=posted)


def _named(line: Line) -> dict[str, Any]:
    """The fields that a line and its event share."""
    return {
        "agent": line.agent,
        "code": line.code,
        "amount_fen": line.amount_fen,
        "occurred_on": line.occurred_on,
        "tariff": line.tariff,
        "explanation": line.explanation,
        "ref": line.ref,
    }


def taken_back(
    number: int = 2, reverses: int = 1, posted: Month | None = MARCH, line: Line = BONUS, instead: Line | None = None
) -> e.Reversed:
    """A reversal by itself, with its sentence."""
    zh, en = "重新判定后不再成立", "judged again, it no longer stands"
    if instead:
        amount = f"{instead.amount_fen / 100:.2f}"
        zh = f"重新判定后改为{instead.occurred_on}的{amount}元"
        en = f"judged again: {amount} CNY of {instead.occurred_on} instead"
    return e.Reversed(
        number=number,
        reverses=reverses,
        explanation=Explanation(
            zh=f"冲回第{reverses}行({line.code},{line.occurred_on}):{zh}",
            en=f"takes back line {reverses} ({line.code} of {line.occurred_on}): {en}",
        ),
        causes=LATER,
        posted_month=posted,
    )


def upheld_reversal(number: int = 2, reverses: int = 1, posted: Month = MARCH, by: AgentId = S2) -> e.Reversed:
    """A reversal by an appeal."""
    return replace(
        taken_back(number, reverses, posted),
        by=by,
        causes=(),
        explanation=Explanation(
            zh=f"冲回第{reverses}行({PENALTY.code},{DAY}):申诉成立",
            en=f"takes back line {reverses} ({PENALTY.code} of {DAY}): the appeal was upheld",
        ),
    )


def dismissed(number: int = 1, by: AgentId | None = None) -> e.Dismissed:
    """By a supervisor with a reason, or by itself with its causes."""
    return e.Dismissed(number=number, by=by, reason=REASON) if by else e.Dismissed(number=number, causes=LATER)


def appealed(number: int = 1, appeal: int = 1) -> e.Appealed:
    return e.Appealed(number=number, appeal=appeal, reason=REASON)


def decided(
    number: int = 1,
    appeal: int = 1,
    verdict: e.Verdict = e.Verdict.UPHELD,
    reduced_to_fen: int | None = None,
    by: AgentId = S2,
) -> e.AppealDecided:
    return e.AppealDecided(
        number=number, appeal=appeal, by=by, verdict=verdict, reduced_to_fen=reduced_to_fen, reason=REASON
    )
