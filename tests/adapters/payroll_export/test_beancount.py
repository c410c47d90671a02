"""The beancount export, added up again by beancount itself."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Balance, Custom, Directive, Open, Transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.payroll_export.beancount import CARRIED, KINDS, OPENING, PAYABLE, WAGE, WAIVED, account
from adapters.payroll_export.export import Format
from adapters.payroll_export.lines import ExportStatement
from domain.ledger.lines import Kind
from domain.values import AgentId
from tests.adapters.payroll_export.months import DRAFT, SMALL, Given, months

TEXT = SMALL.written(Format.BEANCOUNT).decode()
AMOUNT = re.compile(r"-?\d+\.\d\d(?= CNY| ~)")


def loaded(text: str) -> tuple[list[Directive], list[str]]:
    entries, errors, _ = loader.load_string(text, dedent=False)
    return entries, [error.message for error in errors]


def bean_check(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    file = folder / "month.beancount"
    file.write_text(text, "utf-8")
    command = (str(Path(sys.executable).with_name("bean-check")), "--no-cache", str(file))
    return subprocess.run(command, capture_output=True, text=True, check=False)


def sums(text: str) -> Counter[str]:
    """What beancount finds in each account, in whole fen; nothing is left out."""
    found: Counter[str] = Counter()
    for entry in loaded(text)[0]:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                assert posting.units is not None
                assert posting.units.number is not None
                assert posting.units.currency == "CNY"
                found[posting.account] += int(posting.units.number * 100)
    return Counter({name: fen for name, fen in found.items() if fen})


def stated(statement: ExportStatement) -> Counter[str]:
    roots = {
        KINDS[Kind.BONUS]: statement.bonus_fen,
        KINDS[Kind.PENALTY]: statement.penalty_fen,
        OPENING: statement.opening_fen,
        WAGE: statement.deducted_fen,
        CARRIED: statement.carried_fen,
        WAIVED: statement.waived_fen,
        PAYABLE: -statement.net_fen,
    }
    return Counter({account(root, statement.agent): fen for root, fen in roots.items() if fen})


@pytest.mark.parametrize("month", [SMALL, DRAFT], ids=["closed", "draft"])
def test_bean_check_agrees(month: Given, tmp_path: Path) -> None:
    checked = bean_check(tmp_path, month.written(Format.BEANCOUNT).decode())
    assert (checked.returncode, checked.stderr) == (0, "")


@settings(max_examples=100, deadline=None)
@given(month=months())
def test_beancount_comes_to_the_statements_of_any_month(month: Given) -> None:
    text = month.written(Format.BEANCOUNT).decode()
    entries, errors = loaded(text)
    assert errors == []
    expected: Counter[str] = Counter()
    for statement in month.month.statements:
        expected.update(stated(statement))
    assert sums(text) == expected
    lines = [entry for entry in entries if isinstance(entry, Transaction) and entry.meta.get("entry")]
    assert {(entry.meta["entry"], entry.payee, entry.narration, entry.meta["explanation_zh"]) for entry in lines} == {
        (line.entry_id, line.code, line.explanation.en, line.explanation.zh) for line in month.lines
    }


def test_a_draft_counts_only_what_is_posted_and_says_what_it_is() -> None:
    entries, _ = loaded(DRAFT.written(Format.BEANCOUNT).decode())
    assert "g1" not in {entry.meta.get("entry") for entry in entries}
    [head] = [entry for entry in entries if isinstance(entry, Custom)]
    assert head.meta["draft"] is True
    [final] = [entry for entry in loaded(TEXT)[0] if isinstance(entry, Custom)]
    assert (final.meta["draft"], int(final.meta["cut_position"])) == (False, 1234)


def test_the_head_rides_along() -> None:
    text = SMALL.changed(head='redress\n7\n"root"\n').written(Format.BEANCOUNT).decode()
    [head] = [entry for entry in loaded(text)[0] if isinstance(entry, Custom)]
    assert head.meta["head"] == 'redress\n7\n"root"\n'


# ---- tampering ------------------------------------------------------------------------------------------------------
def one_fen_more(amount: str) -> str:
    return f"{float(amount) + 0.01:.2f}"


def test_one_fen_more_in_any_one_amount_is_found() -> None:
    places = list(AMOUNT.finditer(TEXT))
    assert len(places) == TEXT.count(" CNY\n") - TEXT.count(" open ") - TEXT.count(" commodity ")
    for place in places:
        altered = TEXT[: place.start()] + one_fen_more(place.group()) + TEXT[place.end() :]
        assert loaded(altered)[1] != [], altered[place.start() - 80 : place.end()]


def test_one_fen_more_on_both_sides_of_any_transaction_is_found() -> None:
    pairs = list(re.finditer(r"  (\S+  )(\S+) CNY\n  (\S+  )(\S+) CNY\n", TEXT))
    assert len(pairs) >= len(SMALL.lines)
    for pair in pairs:
        first, second = f"{float(pair[2]) + 0.01:.2f}", f"{float(pair[4]) - 0.01:.2f}"
        swapped = f"  {pair[1]}{first} CNY\n  {pair[3]}{second} CNY\n"
        assert loaded(TEXT[: pair.start()] + swapped + TEXT[pair.end() :])[1] != []


def test_a_transaction_left_out_or_put_in_twice_is_found(tmp_path: Path) -> None:
    transactions = re.findall(r'(?ms)^\S+ \* "(?!bonus_offset).*?CNY\n(?!  )', TEXT)
    assert len(transactions) == len(SMALL.lines) + 1
    for one in transactions:
        assert loaded(TEXT.replace(one, "", 1))[1] != []
        assert loaded(TEXT.replace(one, one + one, 1))[1] != []
    altered = bean_check(tmp_path, TEXT.replace(transactions[0], "", 1))
    assert altered.returncode != 0
    assert "Balance failed for 'Liabilities:Payable:E-a1001'" in altered.stderr


def test_every_balance_is_held_to_the_fen() -> None:
    balances = [entry for entry in loaded(TEXT)[0] if isinstance(entry, Balance)]
    assert len(balances) == 3 * 3 + 3 + 3
    assert {entry.tolerance for entry in balances} == {0}


# ---- names of accounts ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("agent", "name"),
    [("a1001", "E-a1001"), ("0-_9", "E-0-2d--5f-9"), ("员工.A", "E--5458--5de5--2e-A"), ("-", "E--2d-")],
)
def test_an_employee_number_makes_an_account(agent: str, name: str) -> None:
    assert account(PAYABLE, AgentId(agent)) == f"Liabilities:Payable:{name}"
    opened, errors = loaded(f"2007-03-01 open {account(PAYABLE, AgentId(agent))} CNY\n")
    assert (len(opened), errors) == (1, [])
    assert isinstance(opened[0], Open)


@given(agents=st.sets(st.text("aA-_2d5f.", min_size=1, max_size=5), min_size=2, max_size=20))
def test_two_agents_never_share_an_account(agents: set[str]) -> None:
    assert len({account(PAYABLE, AgentId(agent)) for agent in agents}) == len(agents)
