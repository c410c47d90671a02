"""What every import of a CSV does: rows are taken in chunks, and told with line and reason where they cannot be.

A second run adds nothing: every kind of import knows a row by what its source calls it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Generic, TypeVar
from uuid import UUID, uuid4

import msgspec

from adapters.intake.mapping_file import RowRefused, SourceMapping
from adapters.intake.records import UNREADABLE, Broken, CsvFile, Record
from domain.kernel import Refusal
from domain.values import Actor, AgentId, Role

G = TypeVar("G")

CHUNK = 250
"""Rows taken together."""
IMPORTER = Actor(AgentId("import"), Role.ADMIN)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Progress = Callable[[int], None]
"""Hears how many bytes of the file have been read."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its first line (from 1), the field or column at fault if it is one, and why."""

    line: int
    field: str | None
    reason: str


@dataclass(slots=True)
class Imported:
    """The outcome of a run; `seconds` is its whole duration."""

    encoding: str
    taken: int = 0
    already_there: int = 0
    changed: list[RefusedRow] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """The rows of the file, good and bad."""
        return self.taken + self.already_there + len(self.changed) + len(self.refused)

    @property
    def rows_a_minute(self) -> int:
        """How fast it went."""
        return round(60 * self.rows / self.seconds) if self.seconds else 0


class Importing(ABC, Generic[G]):
    """One run over one file; G is what a good row is read as. changed: what is told of a row that has changed since."""

    changed: str

    def __init__(self, path: Path, mapping: SourceMapping) -> None:
        self._file = CsvFile(path, mapping)
        self.outcome = Imported(self._file.encoding)
        self.mapping_bytes = msgspec.json.encode(mapping, order="sorted")
        self.correlation = uuid4()
        self._lines: dict[UUID, int] = {}

    async def run(self, progress: Progress) -> Imported:
        """Import every row that can be taken, and close the file. Raises Busy and Unavailable."""
        try:
            began, rows = perf_counter(), iter(self._file)
            while chunk := list(islice(rows, CHUNK)):
                await self._take(chunk)
                progress(self._file.bytes_read)
            self.outcome.seconds = perf_counter() - began
        finally:
            self._file.close()
        return self.outcome

    # ---- what each kind of import does ------------------------------------------------------------------------------
    @abstractmethod
    def now(self) -> datetime:
        """The time of recording, UTC."""

    @abstractmethod
    def read(self, line: int, row: Mapping[str, str], now: datetime) -> G:
        """What a row says. Raises RowRefused."""

    @abstractmethod
    async def take(self, rows: Sequence[G], now: datetime) -> None:
        """Take good rows in, and note what became of each."""

    # ---- rows -------------------------------------------------------------------------------------------------------
    async def _take(self, chunk: Sequence[Record | Broken]) -> None:
        now = self.now()
        await self.take(list(self._good(chunk, now)), now)

    def _good(self, chunk: Sequence[Record | Broken], now: datetime) -> Iterator[G]:
        for record in chunk:
            try:
                yield self._read(record, now)
            except RowRefused as refused:
                self.refuse(record.line, refused.field, str(refused))

    def _read(self, record: Record | Broken, now: datetime) -> G:
        if isinstance(record, Broken):
            raise RowRefused(None, record.reason)
        row = dict(zip(self._file.columns, record.cells, strict=True))
        self._refuse_damaged(row)
        return self.read(record.line, row, now)

    def _refuse_damaged(self, row: Mapping[str, str]) -> None:
        for column, cell in row.items():
            if UNREADABLE.search(cell):
                raise RowRefused(column, f"has bytes that are not {self.outcome.encoding}: save the file anew")
            if found := _CONTROL.search(cell):
                raise RowRefused(column, f"has the control character U+{ord(found.group()):04X}: remove it")

    # ---- what became of them ----------------------------------------------------------------------------------------
    def once(self, record: UUID, line: int, name: str, field: str | None) -> None:
        """Refuse a second row of the same record; `name` is what the source calls it. Raises RowRefused."""
        first = self._lines.setdefault(record, line)
        if first != line:
            raise RowRefused(field, f"{name} stands in line {first} already: keep one of the two")

    def there(self, line: int, *, changed: bool) -> None:
        """Note a row that is on record, as it stands in the file or otherwise."""
        if changed:
            self.outcome.changed.append(RefusedRow(line, None, self.changed))
        else:
            self.outcome.already_there += 1

    def refuse(self, line: int, name: str | None, reason: str) -> None:
        """Note a row that cannot be taken."""
        self.outcome.refused.append(RefusedRow(line, name, reason))

    def refuse_by(self, line: int, refusal: Refusal) -> None:
        """Note a row that a rule refuses, in its own words."""
        self.refuse(line, refusal.pointer and refusal.pointer[1:].replace("/", "."), str(refusal))
