"""The rows of a CSV file, one after the other, with the line on which each begins; a broken one harms no other.

A quote that is opened and not closed would swallow the rows after it. So a record that turns out broken gives back all
lines but its first, and reading goes on there.
"""

import codecs
import csv
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from adapters.intake.mapping_file import Encoding, SourceMapping

RECORD_MOST = 131_072
"""Characters in one record; more is a quote that was never closed."""

BYTE_ORDER_MARK = "\ufeff"
UNREADABLE = re.compile("[\ud800-\udfff]")
"""What stands for bytes that could not be read."""

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Unreadable(Exception):
    """A file that cannot be read at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of a row; bytes that could not be read stand in them as lone surrogates."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """Lines that make no row."""

    line: int
    reason: str


class CsvFile:
    """An open file: its encoding, its columns, and its rows in order.

    Raises Unreadable when there is no header, it is not text, or a column the mapping speaks of is missing.
    """

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        self.encoding = mapping.encoding or detect(path)
        self._bytes = path.open("rb")
        text = TextIOWrapper(self._bytes, self.encoding, "surrogateescape", newline="")
        # before the CSV is read, which would take a quote after it for one inside a cell
        if text.read(1) != BYTE_ORDER_MARK:
            text.seek(0)
        self._records = _records(_Lines(iter(text)), mapping.delimiter)
        try:
            self.columns = self._header(mapping)
        except Unreadable:
            self.close()
            raise

    def __iter__(self) -> Iterator[Record | Broken]:
        """Every row after the header; empty lines are passed over."""
        return self._records(lambda cells: _wrong_width(cells, len(self.columns)))

    def close(self) -> None:
        """Close the file."""
        self._bytes.close()

    @property
    def bytes_read(self) -> int:
        """How far in the file reading has come."""
        return self._bytes.tell()

    def _header(self, mapping: SourceMapping) -> list[str]:
        first = next(self._records(lambda _: None), None)
        if not isinstance(first, Record):
            raise Unreadable(f"there is no header: {first.reason if first else 'the file is empty'}")
        columns = first.cells
        if any(UNREADABLE.search(column) for column in columns):
            raise Unreadable(f"the header has bytes that are not {self.encoding}: name the encoding in the mapping")
        if twice := [column for column, times in Counter(columns).items() if times > 1]:
            raise Unreadable(f"the column {twice[0]!r} stands twice in the header: rename one")
        if missing := sorted(set(mapping.columns()) - set(columns)):
            raise Unreadable(f"there is no column {missing[0]!r}: the file has {', '.join(columns)}")
        return columns


def detect(path: Path) -> Encoding:
    """UTF-8, unless more lines can only be GB18030: one broken byte does not turn the whole file. Raises Unreadable."""
    with path.open("rb") as file:
        if file.read(2) in _UTF_16:
            raise Unreadable("the file is UTF-16: save it as UTF-8 or GB18030")
        file.seek(0)
        votes = Counter(_vote(line) for line in file if not line.isascii())
    return Encoding.GB18030 if votes[Encoding.GB18030] > votes[Encoding.UTF_8] else Encoding.UTF_8


def _vote(line: bytes) -> Encoding | None:
    for encoding in Encoding:
        with suppress(UnicodeDecodeError):
            line.decode(encoding)
            return encoding
    return None


class _Lines:
    """Physical lines with a way back; `number` counts those before the current record."""

    def __init__(self, source: Iterator[str]) -> None:
        self._source = source
        self._back: deque[str] = deque()
        self._taken: list[str] = []
        self._size = 0
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else next(self._source)
        self._taken.append(line)
        self._size += len(line)
        if self._size > RECORD_MOST:
            raise csv.Error(f"it is longer than {RECORD_MOST} characters")
        return line

    def begin(self) -> int:
        """Begin a record and return the number of its first line."""
        self.number += len(self._taken)
        self._taken, self._size = [], 0
        return self.number + 1

    def give_back(self) -> None:
        """Give back all lines of the record but its first."""
        self._back.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]


Check = Callable[[list[str]], str | None]
"""Says what is wrong with the cells of a row."""


def _records(lines: _Lines, delimiter: str) -> Callable[[Check], Iterator[Record | Broken]]:
    def read(check: Check) -> Iterator[Record | Broken]:
        while (record := _record(lines, delimiter, check)) is not None:
            if isinstance(record, Broken) or record.cells:
                yield record

    return read


def _record(lines: _Lines, delimiter: str, check: Check) -> Record | Broken | None:
    """The next record, None at the end."""
    line, cells = lines.begin(), list[str]()
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True))
        fault = check(cells) if cells else None
    except StopIteration:
        return None
    except csv.Error as error:
        fault = f"a quote is not closed, or stands where none may ({error}): correct the row"
    if fault is None:
        return Record(line, cells)
    lines.give_back()
    return Broken(line, fault)


def _wrong_width(cells: list[str], width: int) -> str | None:
    if len(cells) == width:
        return None
    return f"the row has {len(cells)} columns, the header {width}: look for a missing or superfluous delimiter or quote"
