"""CSV for payroll programs and spreadsheets: UTF-8 with BOM, CRLF, one table in a file.

Lines and statements are two files, because programs that read CSV take the first row for the names of all others.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from adapters.payroll_export.columns import Cell, Column, R, Shape, line_columns, statement_columns
from adapters.payroll_export.lines import ExportLine, MonthExport, yuan
from adapters.payroll_export.text import as_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With what spreadsheets see a formula begin; East Asian ones take the full-width forms too."""


def write_lines(month: MonthExport, lines: Iterator[ExportLine], file: BinaryIO) -> None:
    """The ledger lines."""
    _write(line_columns(draft=month.draft), lines, file)


def write_statements(month: MonthExport, _: Iterator[ExportLine], file: BinaryIO) -> None:
    """The statements: what is to be paid."""
    _write(statement_columns(draft=month.draft), month.statements, file)


def _write(columns: Sequence[Column[R]], records: Iterable[R], file: BinaryIO) -> None:
    with as_text(file, "utf-8-sig") as text:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        writer.writerows([_field(column.shape, column.value(record)) for column in columns] for record in records)


def _field(shape: Shape, value: Cell) -> str:
    """Numbers stay numbers; a text that a spreadsheet would calculate gets an apostrophe before it."""
    if shape is Shape.YUAN and isinstance(value, int):
        return yuan(value)
    text = "" if value is None else str(value)
    return f"'{text}" if shape is Shape.TEXT and text.startswith(_FORMULA) else text
