"""Exports of a month of payroll: each format in its own module, the table of them here (L-4).

The same input gives the same bytes. What does not add up raises DoesNotAddUp instead of giving a manifest.
"""

import asyncio
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from adapters.payroll_export import beancount, csv_file, json_lines, print_page, xlsx
from adapters.payroll_export.lines import ExportLine, MonthExport
from adapters.payroll_export.manifest import Manifest, Totals
from adapters.payroll_export.tally import Tally
from adapters.printing import Language

_BATCH = 1_000
"""How many lines are fetched for the writing thread at a time."""
_PIECE = 1 << 20


class Format(StrEnum):
    """In what form a month is exported."""

    CSV = "csv"
    CSV_STATEMENTS = "csv_statements"
    JSONL = "jsonl"
    JSONL_STATEMENTS = "jsonl_statements"
    XLSX = "xlsx"
    BEANCOUNT = "beancount"
    PRINT_ZH = "print_zh"
    PRINT_EN = "print_en"


@dataclass(frozen=True, slots=True)
class Form:
    """How a format is written, how its files end, their media type; statements: its rows are those, not lines."""

    write: Callable[[MonthExport, Iterator[ExportLine], BinaryIO], None]
    ending: str
    media_type: str
    statements: bool = False


FORMS: Mapping[Format, Form] = {
    Format.CSV: Form(csv_file.write_lines, ".csv", "text/csv; charset=utf-8"),
    Format.CSV_STATEMENTS: Form(
        csv_file.write_statements, "-statements.csv", "text/csv; charset=utf-8", statements=True
    ),
    Format.JSONL: Form(json_lines.write_lines, ".jsonl", "application/jsonl"),
    Format.JSONL_STATEMENTS: Form(
        json_lines.write_statements, "-statements.jsonl", "application/jsonl", statements=True
    ),
    Format.XLSX: Form(xlsx.write, ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Format.BEANCOUNT: Form(beancount.write, ".beancount", "text/plain; charset=utf-8"),
    Format.PRINT_ZH: Form(partial(print_page.write, Language.ZH), "-zh.html", "text/html; charset=utf-8"),
    Format.PRINT_EN: Form(partial(print_page.write, Language.EN), "-en.html", "text/html; charset=utf-8"),
}


def file_name(month: MonthExport, form: Format) -> str:
    """The file's name, such as `payroll-2026-03.csv` or `payroll-2026-03-draft.csv`."""
    return f"payroll-{month.month}{'-draft' if month.draft else ''}{FORMS[form].ending}"


async def export(month: MonthExport, lines: AsyncIterable[ExportLine], form: Format, file: BinaryIO) -> Manifest | None:
    """Write in a thread of its own, fetching lines from here: nothing else waits for it. Otherwise as `write`."""
    fetched = _fetched(aiter(lines), asyncio.get_running_loop())
    return await asyncio.to_thread(write, month, fetched, form, file)


def write(month: MonthExport, lines: Iterable[ExportLine], form: Format, file: BinaryIO) -> Manifest | None:
    """Write the month into an empty file open for writing and reading; its manifest, None for a draft.

    Lines are ordered by agent, day, code and entry; those of a month that is not a draft are posted to it.
    Raises DoesNotAddUp; what is in the file then is worthless.
    """
    tally = Tally(month)
    passing = tally.passing(lines)
    FORMS[form].write(month, passing, file)
    deque(passing, maxlen=0)  # a file of statements takes no lines: they are added up all the same
    return None if month.draft else _manifest(month, form, file, tally)


def _manifest(month: MonthExport, form: Format, file: BinaryIO, tally: Tally) -> Manifest:
    return Manifest(
        format=form,
        file=file_name(month, form),
        month=str(month.month),
        sha256=_digest(file),
        rows=len(month.statements) if FORMS[form].statements else tally.rows,
        totals=_totals(month),
        cut_position=month.position,
        tariffs=sorted(tally.tariffs),
        head=month.head,
    )


def _digest(file: BinaryIO) -> str:
    """SHA-256 of the whole file, read piece by piece."""
    file.seek(0)
    digest = sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _totals(month: MonthExport) -> Totals:
    return Totals(
        bonus_fen=sum(one.bonus_fen for one in month.statements),
        penalty_fen=sum(one.penalty_fen for one in month.statements),
        net_fen=sum(one.net_fen for one in month.statements),
    )


def _fetched(lines: AsyncIterator[ExportLine], loop: AbstractEventLoop) -> Iterator[ExportLine]:
    """For the writing thread: lines of the event loop's iterator."""
    while batch := asyncio.run_coroutine_threadsafe(_next_batch(lines), loop).result():
        yield from batch


async def _next_batch(lines: AsyncIterator[ExportLine]) -> list[ExportLine]:
    batch: list[ExportLine] = []
    async for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            break
    return batch
