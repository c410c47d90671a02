"""The workbook, read back from its XML: what Excel is told."""

import re
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from hypothesis import given, settings

from adapters.payroll_export import xlsx
from adapters.payroll_export.export import Format
from domain.ledger.lines import Code, Explanation
from tests.adapters.payroll_export.months import DRAFT, SMALL, Given, line, months, statement

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Row = list[str | float]


def part(month: Given, name: str) -> ET.Element:
    with ZipFile(BytesIO(month.written(Format.XLSX))) as workbook:
        return ET.fromstring(workbook.read(name))  # noqa: S314  it was made here


def sheet_names(month: Given) -> list[str]:
    return [sheet.attrib["name"] for sheet in part(month, "xl/workbook.xml").iter(f"{MAIN}sheet")]


def rows(month: Given, number: int) -> list[Row]:
    """The cells of a sheet that hold something, by row."""
    sheet = part(month, f"xl/worksheets/sheet{number}.xml")
    return [[cell_value(cell) for cell in row.iter(f"{MAIN}c")] for row in sheet.iter(f"{MAIN}row")]


def cell_value(cell: ET.Element) -> str | float:
    if cell.attrib.get("t") == "inlineStr":
        return unescaped("".join(text.text or "" for text in cell.iter(f"{MAIN}t")))
    value = cell.find(f"{MAIN}v")
    assert value is not None
    return float(value.text or "")


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written _x0009_."""
    return re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)


def test_the_sheets_have_headings_in_both_languages() -> None:
    assert sheet_names(SMALL) == ["lines", "statements"]
    assert rows(SMALL, 1)[0][:3] == ["分录号 Entry", "工号 Agent", "代码 Code"]
    assert rows(SMALL, 2)[0][:2] == ["工号 Agent", "上月结转(分) Opening (fen)"]


def test_a_draft_says_so_on_every_sheet() -> None:
    assert sheet_names(DRAFT) == ["DRAFT lines", "DRAFT statements"]
    assert {row[0] for row in rows(DRAFT, 1)[1:]} == {"DRAFT"}
    assert {row[0] for row in rows(DRAFT, 2)[1:]} == {"DRAFT"}


def test_amounts_and_days_are_numbers() -> None:
    first = rows(SMALL, 1)[1]
    assert first[4:7] == [25, 0.25, 39146]  # days since 1899-12-30


@settings(max_examples=20, deadline=None)
@given(month=months())
def test_every_line_is_a_row_and_no_cell_is_a_formula(month: Given) -> None:
    sheet = part(month, "xl/worksheets/sheet1.xml")
    assert list(sheet.iter(f"{MAIN}f")) == []
    assert list(sheet.iter(f"{MAIN}hyperlink")) == []
    read = rows(month, 1)[1:]
    assert [(row[0], row[1], row[4]) for row in read] == [
        (one.entry_id, one.agent, one.amount_fen) for one in month.lines
    ]
    assert [(row[0], row[4]) for row in rows(month, 2)[1:]] == [
        (one.agent, one.net_fen) for one in month.month.statements
    ]


@pytest.mark.parametrize("text", ["=1+1", "{=1}", "https://example.org/", "007", "-1", "<b>&", " 空 "])
def test_texts_stay_what_they_are(text: str) -> None:
    lines = [line("e", "a", Code.ORDER, 20, explanation=Explanation(zh=text, en=text))]
    month = Given(replace(SMALL.month, statements=(statement("a", lines, basis=text),)), lines)
    assert rows(month, 1)[1][10:12] == [text, text]
    assert rows(month, 2)[1][13] == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("字" * 32_767, "字" * 32_767),
        ("字" * 32_768, "字" * 32_766 + "…"),
        ("😀" * 16_384, "😀" * 16_383 + "…"),
        ("a" + "😀" * 16_384, "a" + "😀" * 16_382 + "…"),
    ],
)
def test_a_text_too_long_for_a_cell_is_visibly_cut(text: str, kept: str) -> None:
    lines = [line("e", "a", Code.ORDER, 20, explanation=Explanation(zh=text, en="x"))]
    month = Given(replace(SMALL.month, statements=(statement("a", lines),)), lines)
    assert rows(month, 1)[1][10] == kept


def test_a_table_too_long_for_a_sheet_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROWS_OF_A_SHEET", 4)
    assert sheet_names(SMALL) == ["lines", "lines 2", "lines 3", "statements"]
    heading = rows(SMALL, 1)[0]
    assert [rows(SMALL, number)[0] for number in (2, 3)] == [heading, heading]
    read = [row[0] for number in (1, 2, 3) for row in rows(SMALL, number)[1:]]
    assert read == [one.entry_id for one in SMALL.lines]
    assert len(rows(SMALL, 4)) == 4
