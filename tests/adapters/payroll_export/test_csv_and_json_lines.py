"""CSV and JSON Lines, read back as programs read them."""

import csv
import json
from dataclasses import replace
from io import StringIO

import pytest
from hypothesis import given, settings

from adapters.payroll_export.export import Format
from domain.ledger.lines import Code, Explanation
from tests.adapters.payroll_export.months import DRAFT, SMALL, Given, line, months, statement

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1")


def table(month: Given, form: Format) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(month.written(form).decode("utf-8-sig"), newline="")))


def records(month: Given, form: Format) -> list[dict[str, object]]:
    return [json.loads(row) for row in month.written(form).decode().split("\n")[:-1]]


def saying(text: str) -> Given:
    lines = [line("=e", "a", Code.ORDER, -20, explanation=Explanation(zh=text, en=text), tariff=text, reverses=text)]
    return Given(replace(SMALL.month, statements=(statement("a", lines, basis=text),)), lines)


# ---- CSV ------------------------------------------------------------------------------------------------------------
def test_csv_is_utf_8_with_a_mark_and_windows_line_ends() -> None:
    content = DRAFT.written(Format.CSV)
    assert content.startswith(b"\xef\xbb\xbfdraft,entry_id,")
    assert content.endswith(b"\r\n")
    assert content.count(b"\r\n") == 1 + len(DRAFT.lines)


@pytest.mark.parametrize("text", FORMULAS)
def test_texts_never_calculate_and_numbers_stay_numbers(text: str) -> None:
    [row] = table(saying(text), Format.CSV)
    quoted = f"'{text}"
    assert (row["entry_id"], row["tariff"], row["reverses"]) == ("'=e", quoted, quoted)
    assert (row["explanation_zh"], row["explanation_en"]) == (quoted, quoted)
    assert (row["amount_fen"], row["amount_yuan"]) == ("-20", "-0.20")
    [stated] = table(saying(text), Format.CSV_STATEMENTS)
    assert (stated["basis"], stated["bonus_fen"]) == (quoted, "-20")


@settings(max_examples=50, deadline=None)
@given(month=months())
def test_no_cell_of_text_begins_like_a_formula(month: Given) -> None:
    numbers = {"amount_fen", "amount_yuan"}
    texts = [value for row in table(month, Format.CSV) for name, value in row.items() if name not in numbers]
    assert [text for text in texts if text.startswith(tuple("=+-@\t\r\n＝＋－＠"))] == []


@settings(max_examples=50, deadline=None)
@given(month=months())
def test_every_amount_is_in_the_table(month: Given) -> None:
    rows = table(month, Format.CSV)
    assert [(row["entry_id"], int(row["amount_fen"])) for row in rows] == [
        (one.entry_id, one.amount_fen) for one in month.lines
    ]
    assert all(round(float(row["amount_yuan"]) * 100) == int(row["amount_fen"]) for row in rows)
    stated = table(month, Format.CSV_STATEMENTS)
    assert [(row["agent"], int(row["net_fen"])) for row in stated] == [
        (one.agent, one.net_fen) for one in month.month.statements
    ]


# ---- JSON Lines -----------------------------------------------------------------------------------------------------
@settings(max_examples=50, deadline=None)
@given(month=months())
def test_every_line_is_a_record_with_the_names_of_the_api(month: Given) -> None:
    rows = records(month, Format.JSONL)
    assert [(row["entry_id"], row["agent"], row["amount_fen"], row["explanation"]) for row in rows] == [
        (one.entry_id, one.agent, one.amount_fen, {"zh": one.explanation.zh, "en": one.explanation.en})
        for one in month.lines
    ]
    stated = records(month, Format.JSONL_STATEMENTS)
    assert [(row["agent"], row["net_fen"], row["basis"]) for row in stated] == [
        (one.agent, one.net_fen, one.basis) for one in month.month.statements
    ]


# ---- drafts ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", [Format.CSV, Format.CSV_STATEMENTS])
def test_the_table_of_a_draft_has_a_column_before_all_others(form: Format) -> None:
    assert {row["draft"] for row in table(DRAFT, form)} == {"DRAFT"}
    assert next(iter(table(DRAFT, form)[0])) == "draft"
    assert "draft" not in table(SMALL, form)[0]


@pytest.mark.parametrize("form", [Format.JSONL, Format.JSONL_STATEMENTS])
def test_every_record_of_a_draft_says_so(form: Format) -> None:
    assert {row["draft"] for row in records(DRAFT, form)} == {True}
    assert not any("draft" in row for row in records(SMALL, form))
