"""Imports cases from a CSV: the good rows go in under the policy `imported`, the others are reported with their line.

A row's case has its id from the source's name and its own key, so a second run adds nothing. A row that has changed
since it was imported is reported and not taken: what is recorded stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec
from eventsourcing.persistence import StoredEvent

from adapters.ciphers import SubjectSealer
from adapters.intake.importing import IMPORTER, Imported, Importing, Progress
from adapters.intake.mapping import CaseMapping, Outcome, RowReader, SourceCase
from adapters.keyring import PostgresKeyring
from adapters.postgres.event_log import PostgresLog
from application import wire
from application.cases import Numbers, answer_of, identity_of
from application.envelope import Meta
from application.event_log import Command, CommandReused, Done, States, Write, write_of
from application.sealing import seal
from application.streams import case_stream, imported_case
from domain.case import events as e
from domain.case import way
from domain.case.case import CASE, Case
from domain.case.policy import CasePolicy, Setting
from domain.kernel import Event, Refusal
from domain.values import CaseId

CHANGED = "the row has changed since it was imported and was not taken: record in the case what is new"


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
    return await _Run(path, mapping, parts).run(progress)


class _Run(Importing[_Good]):
    """One run over one file."""

    changed = CHANGED

    def __init__(self, path: Path, mapping: CaseMapping, parts: IntakeParts) -> None:
        super().__init__(path, mapping)
        self._parts = parts
        self._reader = RowReader(mapping)

    def now(self) -> datetime:
        """See Importing.now."""
        return self._parts.clock()

    def read(self, line: int, row: Mapping[str, str], now: datetime) -> _Good:
        """See Importing.read."""
        case = self._reader.read(row, now)
        good = _Good(line, row, case, imported_case(case.source, case.external_ref))
        self.once(UUID(good.id), line, case.external_ref, "key")
        return good

    async def take(self, rows: Sequence[_Good], now: datetime) -> None:
        """See Importing.take; the new ones in one transaction."""
        stored = await self._parts.log.load([UUID(row.id) for row in rows])
        await self._compare([row for row in rows if stored[UUID(row.id)]], stored)
        await self._store([row for row in rows if not stored[UUID(row.id)]], now)

    # ---- rows that are there already --------------------------------------------------------------------------------
    async def _compare(self, rows: Sequence[_Good], stored: Mapping[UUID, Sequence[StoredEvent]]) -> None:
        """Tell rows that have changed at the source; those of erased persons cannot be compared any more."""
        received = [_received(stored[UUID(row.id)][0]) for row in rows]
        opener = await self._parts.keyring.opener([event.customer.subject for event in received])
        for row, event in zip(rows, received, strict=True):
            record = event.source_record and opener.open("case.received.source_record", event.source_record)
            self.there(row.line, changed=bool(record) and msgspec.json.decode(record or "") != row.row)

    # ---- new rows ---------------------------------------------------------------------------------------------------
    async def _store(self, rows: Sequence[_Good], now: datetime) -> None:
        if not rows:
            return
        sealers = await self._parts.keyring.sealers([identity_of(row.case.received["customer"]) for row in rows])
        written = []
        for row, sealer in zip(rows, sealers, strict=True):
            try:
                written.append((row, await self._write(row, sealer, now)))
            except Refusal as refusal:
                self.refuse_by(row.line, refusal)
        outcomes = await self._parts.log.append_many([write for _, write in written])
        for (row, _), outcome in zip(written, outcomes, strict=True):
            self._note(row, outcome)

    def _note(self, row: _Good, outcome: object) -> None:
        """Count a row; an import of the same file at the same time may have been faster."""
        if isinstance(outcome, Done) and not outcome.repeated:
            self.outcome.taken += 1
        else:
            self.there(row.line, changed=isinstance(outcome, CommandReused))

    async def _write(self, row: _Good, sealer: SubjectSealer, now: datetime) -> Write:
        setting = Setting(self._parts.policy, IMPORTER, now)
        number = await self._parts.numbers.next(setting.local_day(now).year)
        command_id, stream = uuid5(UUID(row.id), "import"), case_stream(row.id)
        command = Command(
            Meta(IMPORTER.id, now, self.correlation, command_id, command_id),
            self._parts.fingerprint(msgspec.json.encode(row.row, order="sorted"), self.mapping_bytes),
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
