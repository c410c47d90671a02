"""XLSX for people: sheets `lines` and `statements`, headings in both languages, texts that never calculate.

Rows go to disk as they come. Dates of the file and of its parts are fixed, so that the same month gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any, BinaryIO

from adapters.payroll_export.columns import DRAFT, Cell, Column, R, Shape, line_columns, statement_columns
from adapters.payroll_export.lines import ExportLine, MonthExport

ROWS_OF_A_SHEET = 1_048_576
"""What Excel takes; a longer table goes on in another sheet."""
LONGEST_TEXT = 32_767
"""What Excel takes in a cell, in UTF-16 units; more is cut, and ends in an ellipsis."""
_WIDTHS = {Shape.TEXT: 18, Shape.INTEGER: 13, Shape.YUAN: 12, Shape.DAY: 11}


def write(month: MonthExport, lines: Iterator[ExportLine], file: BinaryIO) -> None:
    """Both tables in one workbook."""
    # it ships no types; 2 MB that a service does without until somebody asks for such a file
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415

    with Workbook(file, {"constant_memory": True}) as workbook:
        workbook.set_properties(_properties(month))
        sheets = _Sheets(workbook, f"{DRAFT} " if month.draft else "")
        sheets.add("lines", line_columns(draft=month.draft), lines)
        sheets.add("statements", statement_columns(draft=month.draft), month.statements)


def _properties(month: MonthExport) -> dict[str, Any]:
    return {
        "title": f"{'DRAFT ' if month.draft else ''}{month.month}",
        "comments": f"cut position {month.position}",
        "created": datetime.combine(month.month.last_day, time()),
    }


class _Sheets:
    def __init__(self, workbook: Any, mark: str) -> None:
        self._workbook, self._mark = workbook, mark
        self._heading = workbook.add_format({"bold": True, "bottom": 1})
        self._formats = {
            Shape.YUAN: workbook.add_format({"num_format": "0.00"}),
            Shape.DAY: workbook.add_format({"num_format": "yyyy-mm-dd"}),
        }

    def add(self, name: str, columns: Sequence[Column[R]], records: Iterable[R]) -> None:
        """One table, in as many sheets as it needs."""
        sheet, row, number = self._sheet(name, columns), 1, 1
        for record in records:
            if row == ROWS_OF_A_SHEET:
                number += 1
                sheet, row = self._sheet(f"{name} {number}", columns), 1
            for at, column in enumerate(columns):
                self._cell(sheet, row, at, column.shape, column.value(record))
            row += 1

    def _sheet(self, name: str, columns: Sequence[Column[R]]) -> Any:
        sheet = self._workbook.add_worksheet(self._mark + name)
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, _WIDTHS[column.shape])
            sheet.write_string(0, at, f"{column.zh} {column.en}", self._heading)
        return sheet

    def _cell(self, sheet: Any, row: int, at: int, shape: Shape, value: Cell) -> None:
        match value:
            case None:
                pass
            case int():
                number = value / 100 if shape is Shape.YUAN else value
                sheet.write_number(row, at, number, self._formats.get(shape))
            case date():
                sheet.write_datetime(row, at, value, self._formats[shape])
            case _:
                sheet.write_string(row, at, _fitting(value))


def _fitting(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", errors="ignore") + "…"
