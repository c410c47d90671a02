"""Imports cases from a CSV: the good rows go in under the policy `imported`, the others are reported with their line.

A row's case has its id from the source's name and its own key, so a second run adds nothing. A row that has changed
since it was imported is reported and not taken: what is recorded stays as it is.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec
from eventsourcing.persistence import StoredEvent

from adapters.ciphers import SubjectSealer
from adapters.intake.mapping import CaseMapping, Outcome, RowReader, RowRefused, SourceCase
from adapters.intake.records import UNREADABLE, Broken, CsvFile, Record
from adapters.keyring import PostgresKeyring
from adapters.postgres.event_log import PostgresLog
from application import wire
from application.cases import Numbers, answer_of
from application.envelope import Meta
from application.event_log import Command, CommandReused, Done, States, Write, write_of
from application.sealing import seal
from application.streams import case_stream, imported_case
from domain.case import events as e
from domain.case import way
from domain.case.case import CASE, Case
from domain.case.policy import CasePolicy, Setting
from domain.kernel import Event, Refusal
from domain.values import Actor, AgentId, CaseId, Role

CHUNK = 250
"""Rows stored in one transaction."""
IMPORTER = Actor(AgentId("import"), Role.ADMIN)

CHANGED = "the row has changed since it was imported and was not taken: record in the case what is new"
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


@dataclass(frozen=True, slots=True)
class IntakeParts:
    """What an import works with.

    policy: that of imported cases. fingerprint: keyed hash over bytes, 32 bytes. clock: the time of recording, UTC.
    """

    log: PostgresLog
    keyring: PostgresKeyring
    numbers: Numbers
    policy: CasePolicy
    fingerprint: Callable[..., bytes]
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Good:
    """A row that can be taken."""

    line: int
    row: Mapping[str, str]
    case: SourceCase
    id: CaseId


async def import_cases(
    path: Path, mapping: CaseMapping, parts: IntakeParts, progress: Progress = lambda _: None
) -> Imported:
    """Import every row of a file that can be taken.

    Raises Unreadable and OSError before anything is stored; Busy and Unavailable, after which a second run goes on.
    """
    file = CsvFile(path, mapping)
    try:
        run = _Run(mapping, parts, Imported(file.encoding))
        began = perf_counter()
        rows = iter(file)
        while chunk := list(islice(rows, CHUNK)):
            await run.take(file.columns, chunk)
            progress(file.bytes_read)
        run.outcome.seconds = perf_counter() - began
    finally:
        file.close()
    return run.outcome


class _Run:
    """One run over one file."""

    def __init__(self, mapping: CaseMapping, parts: IntakeParts, outcome: Imported) -> None:
        self._parts, self.outcome = parts, outcome
        self._reader = RowReader(mapping)
        self._mapping_bytes = msgspec.json.encode(mapping, order="sorted")
        self._lines: dict[str, int] = {}
        self._correlation = uuid4()

    async def take(self, columns: Sequence[str], chunk: Sequence[Record | Broken]) -> None:
        """Take the good rows of a chunk, in one transaction, and note what is wrong with the others."""
        now = self._parts.clock()
        good = list(self._good(columns, chunk, now))
        stored = await self._parts.log.load([UUID(row.id) for row in good])
        await self._compare([row for row in good if stored[UUID(row.id)]], stored)
        await self._store([row for row in good if not stored[UUID(row.id)]], now)

    # ---- rows -------------------------------------------------------------------------------------------------------
    def _good(self, columns: Sequence[str], chunk: Sequence[Record | Broken], now: datetime) -> Iterator[_Good]:
        for record in chunk:
            try:
                yield self._read(columns, record, now)
            except RowRefused as refused:
                self._refuse(record.line, refused.field, str(refused))

    def _read(self, columns: Sequence[str], record: Record | Broken, now: datetime) -> _Good:
        if isinstance(record, Broken):
            raise RowRefused(None, record.reason)
        row = dict(zip(columns, record.cells, strict=True))
        self._refuse_damaged(row)
        case = self._reader.read(row, now)
        first = self._lines.setdefault(case.external_ref, record.line)
        if first != record.line:
            raise RowRefused("key", f"{case.external_ref} stands in line {first} already: keep one of the two")
        return _Good(record.line, row, case, imported_case(case.source, case.external_ref))

    def _refuse_damaged(self, row: Mapping[str, str]) -> None:
        for column, cell in row.items():
            if UNREADABLE.search(cell):
                raise RowRefused(column, f"has bytes that are not {self.outcome.encoding}: save the file anew")
            if found := _CONTROL.search(cell):
                raise RowRefused(column, f"has the control character U+{ord(found.group()):04X}: remove it")

    def _refuse(self, line: int, name: str | None, reason: str) -> None:
        self.outcome.refused.append(RefusedRow(line, name, reason))

    # ---- rows that are there already --------------------------------------------------------------------------------
    async def _compare(self, rows: Sequence[_Good], stored: Mapping[UUID, Sequence[StoredEvent]]) -> None:
        """Tell rows that have changed at the source; those of erased persons cannot be compared any more."""
        received = [_received(stored[UUID(row.id)][0]) for row in rows]
        opener = await self._parts.keyring.opener([event.customer.subject for event in received])
        for row, event in zip(rows, received, strict=True):
            record = event.source_record and opener.open("case.received.source_record", event.source_record)
            self._there(row, changed=bool(record) and msgspec.json.decode(record or "") != row.row)

    def _there(self, row: _Good, *, changed: bool) -> None:
        if changed:
            self.outcome.changed.append(RefusedRow(row.line, None, CHANGED))
        else:
            self.outcome.already_there += 1

    # ---- new rows ---------------------------------------------------------------------------------------------------
    async def _store(self, rows: Sequence[_Good], now: datetime) -> None:
        if not rows:
            return
        sealers = await self._parts.keyring.new_subjects(len(rows))
        written = []
        for row, sealer in zip(rows, sealers, strict=True):
            try:
                written.append((row, await self._write(row, sealer, now)))
            except Refusal as refusal:
                self._refuse(row.line, refusal.pointer and refusal.pointer[1:], str(refusal))
        outcomes = await self._parts.log.append_many([write for _, write in written])
        for (row, _), outcome in zip(written, outcomes, strict=True):
            self._note(row, outcome)

    def _note(self, row: _Good, outcome: object) -> None:
        """Count a row; an import of the same file at the same time may have been faster."""
        if isinstance(outcome, Done) and not outcome.repeated:
            self.outcome.taken += 1
        else:
            self._there(row, changed=isinstance(outcome, CommandReused))

    async def _write(self, row: _Good, sealer: SubjectSealer, now: datetime) -> Write:
        setting = Setting(self._parts.policy, IMPORTER, now)
        number = await self._parts.numbers.next(setting.local_day(now).year)
        command_id, stream = uuid5(UUID(row.id), "import"), case_stream(row.id)
        command = Command(
            Meta(IMPORTER.id, now, self._correlation, command_id, command_id),
            self._parts.fingerprint(msgspec.json.encode(row.row, order="sorted"), self._mapping_bytes),
        )
        nothing = States({stream.id: (0, CASE.initial)})
        return write_of(nothing, {stream: _decided(row, number, sealer, setting)}, command, answer_of(stream))


def _received(stored: StoredEvent) -> e.Received:
    event = wire.decode_event(stored.topic, stored.state)
    if not isinstance(event, e.Received):
        raise TypeError(f"the stream {stored.originator_id} begins with {stored.topic}")
    return event


def _decided(row: _Good, number: str, sealer: SubjectSealer, setting: Setting) -> list[Event]:
    """The case's events: Received, and Resolved and Closed as far as the source had come. Raises Refusal."""
    case, decided = CASE.initial, list[Event]()
    for decide, kind, facts in _steps(row, number, sealer, setting):
        events = decide(case, seal(kind, facts, sealer), setting)
        case = CASE.evolve(case, events[0])
        decided += events
    return decided


_Step = tuple[Callable[[Case, Any, Setting], list[Event]], type[Event], Mapping[str, Any]]


def _steps(row: _Good, number: str, sealer: SubjectSealer, setting: Setting) -> Iterator[_Step]:
    yield way.receive, e.Received, _receipt(row, number, sealer, setting)
    if row.case.outcome is not Outcome.OPEN:
        yield way.resolve, e.Resolved, row.case.resolved
    if row.case.outcome is Outcome.CLOSED:
        yield way.close, e.Closed, {"courtesies_missing": None, **row.case.closed}


def _receipt(row: _Good, number: str, sealer: SubjectSealer, setting: Setting) -> dict[str, Any]:
    received = row.case.received
    return {
        **received,
        "customer": {**received["customer"], "subject": sealer.subject},
        "number": number,
        "policy": setting.policy.version,
        "external_ref": row.case.external_ref,
        "source": row.case.source,
        "source_record": msgspec.json.encode(row.row).decode(),
    }
