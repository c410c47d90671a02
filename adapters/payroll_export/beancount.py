"""Double-entry text that `bean-check` adds up again (https://beancount.github.io).

Every line that counts is a transaction between its kind's account and what is payable to the agent, dated by the last
day of the month to whose statement it belongs: that is when it moves money; the day it happened stands beside it.
What is carried in, taken from the wage, carried forward or waived follows as one more transaction. Balances on the
first day of the next month hold the sums of the lines to the statements, per agent and in all, to the fen: without
the stated tolerance `~ 0` beancount would let a fen pass.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from adapters.payroll_export.columns import DRAFT
from adapters.payroll_export.lines import ExportLine, ExportStatement, MonthExport, by_agent, yuan
from adapters.payroll_export.text import as_text
from domain.ledger.lines import Kind
from domain.values import AgentId

PAYABLE, OPENING = "Liabilities:Payable", "Equity:CarriedIn"
WAGE, CARRIED, WAIVED = "Assets:FromWage", "Assets:CarriedForward", "Expenses:Waived"
KINDS = {Kind.BONUS: "Expenses:Bonus", Kind.PENALTY: "Income:Penalty"}
TOTALLED = (PAYABLE, *KINDS.values())
"""The accounts that have a control total: they are opened above the agents' own."""
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def write(month: MonthExport, lines: Iterator[ExportLine], file: BinaryIO) -> None:
    """The month as a ledger of its own."""
    with as_text(file) as text:
        text.writelines(_head(month))
        for statement, own in by_agent(month, lines):
            text.writelines(_opened(month, statement))
            text.writelines(_transaction(month, line) for line in own if month.counts(line))
            text.writelines(_settled(month, statement))
        text.writelines(_control(month))


def account(root: str, agent: AgentId) -> str:
    """An agent's account: `E-` and the employee number; what is no letter or digit of ASCII is written -<hex>-."""
    return f"{root}:E-" + re.sub("[^A-Za-z0-9]", lambda match: f"-{ord(match.group()):x}-", agent)


def _head(month: MonthExport) -> Iterator[str]:
    first = month.month.first_day
    yield f'option "title" {_quoted(f"{DRAFT} {month.month}" if month.draft else str(month.month))}\n'
    yield 'option "operating_currency" "CNY"\n\n'
    yield f'{first} custom "payroll-export" "{month.month}"\n'
    yield f"  cut_position: {month.position}\n  draft: {'TRUE' if month.draft else 'FALSE'}\n"
    yield f"  head: {_quoted(month.head)}\n" if month.head else ""
    yield f"{first} commodity CNY\n"
    yield from (f"{first} open {root} CNY\n" for root in TOTALLED)


def _opened(month: MonthExport, statement: ExportStatement) -> Iterator[str]:
    yield "\n"
    for root in (*TOTALLED, *(root for root, _ in _rest(statement))):
        name = account(root, statement.agent)
        yield f"{month.month.first_day} open {name} CNY\n  agent: {_quoted(statement.agent)}\n"


def _transaction(month: MonthExport, line: ExportLine) -> str:
    reverses = f"  reverses: {_quoted(line.reverses)}\n" if line.reverses else ""
    return (
        f"{month.month.last_day} * {_quoted(line.code)} {_quoted(line.explanation.en)}\n"
        f"  entry: {_quoted(line.entry_id)}\n"
        f"  occurred_on: {line.occurred_on}\n"
        f"  tariff: {_quoted(line.tariff)}\n"
        f"{reverses}"
        f"  explanation_zh: {_quoted(line.explanation.zh)}\n"
        f"{_posting(KINDS[line.kind], line.agent, line.amount_fen)}"
        f"{_posting(PAYABLE, line.agent, -line.amount_fen)}"
    )


def _settled(month: MonthExport, statement: ExportStatement) -> Iterator[str]:
    """Where the rest goes, and what every account of the agent must then hold."""
    agent, rest = statement.agent, _rest(statement)
    yield f"{month.month.last_day} * {_quoted(statement.mode)} {_quoted(statement.basis)}\n"
    yield f"  policy: {_quoted(statement.policy)}\n"
    yield from (_posting(root, agent, fen) for root, fen in rest)
    yield _posting(PAYABLE, agent, -sum(fen for _, fen in rest))
    kinds = ((KINDS[Kind.BONUS], statement.bonus_fen), (KINDS[Kind.PENALTY], statement.penalty_fen))
    for root, fen in (*kinds, *rest, (PAYABLE, -statement.net_fen)):
        yield _balance(month.month.after.first_day, account(root, agent), fen)


def _rest(statement: ExportStatement) -> list[tuple[str, int]]:
    parts = (
        (OPENING, statement.opening_fen),
        (WAGE, statement.deducted_fen),
        (CARRIED, statement.carried_fen),
        (WAIVED, statement.waived_fen),
    )
    return [(root, fen) for root, fen in parts if fen]


def _control(month: MonthExport) -> Iterator[str]:
    """The totals: a balance of an account includes those below it."""
    day, statements = month.month.after.first_day, month.statements
    yield "\n"
    yield _balance(day, KINDS[Kind.BONUS], sum(one.bonus_fen for one in statements))
    yield _balance(day, KINDS[Kind.PENALTY], sum(one.penalty_fen for one in statements))
    yield _balance(day, PAYABLE, -sum(one.net_fen for one in statements))


def _posting(root: str, agent: AgentId, fen: int) -> str:
    return f"  {account(root, agent)}  {yuan(fen)} CNY\n"


def _balance(day: date, name: str, fen: int) -> str:
    return f"{day} balance {name}  {yuan(fen)} ~ 0 CNY\n"


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'
