"""Imports facts of the work, shifts and wages from a CSV, each row by the command that the API gives for it.

A row is known by its source's name and its own key, or by the whole of it; so a second run adds nothing. The row itself
stands behind its events as a keyed hash, their cause: a row that has changed since is reported and not taken, unless
the kind has corrections (an exam or a wage with a reason).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent

from adapters.http.fields import Body
from adapters.intake.fact_kinds import KINDS, Recorders, stream_of
from adapters.intake.fact_mapping import FactMapping, FactReader
from adapters.intake.importing import IMPORTER, Imported, Importing, Progress
from adapters.postgres.event_log import PostgresLog
from application import wire
from application.envelope import Meta
from application.event_log import Command, CommandReused, Conflict, Done
from application.streams import import_command
from domain.kernel import Refusal

AT_ONCE = 16
"""Commands given at the same time: twice the connections of the log, so that none of them waits for the next."""
CHANGED = "this is on record otherwise and was not taken: correct or withdraw there what is recorded"
NAMELESS = "the same record"


@dataclass(frozen=True, slots=True)
class FactParts:
    """What an import works with. fingerprint: keyed hash over bytes, 32 bytes. clock: the time of recording, UTC."""

    log: PostgresLog
    by: Recorders
    fingerprint: Callable[..., bytes]
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Good:
    """A row that can be taken; cause: the row itself, as a keyed hash. own: the record has a key of its own."""

    line: int
    body: Body
    row: bytes
    cause: UUID
    command_id: UUID
    stream: UUID
    own: bool


async def import_facts(
    kind: str, path: Path, mapping: FactMapping, parts: FactParts, progress: Progress = lambda _: None
) -> Imported:
    """Import every row of a file that can be taken, as records of a kind of KINDS.

    Raises Unreadable and OSError before anything is stored; Busy and Unavailable, after which a second run goes on.
    """
    return await _Run(kind, path, mapping, parts).run(progress)


class _Run(Importing[_Good]):
    """One run over one file."""

    changed = CHANGED

    def __init__(self, kind: str, path: Path, mapping: FactMapping, parts: FactParts) -> None:
        super().__init__(path, mapping)
        self._name, self._kind, self._parts = kind, KINDS[kind], parts
        self._reader, self._source = FactReader(mapping, self._kind.body), mapping.source

    def now(self) -> datetime:
        """See Importing.now."""
        return self._parts.clock()

    def read(self, line: int, row: Mapping[str, str], now: datetime) -> _Good:
        """See Importing.read."""
        del now  # the domain knows what lies ahead
        body, key = self._reader.read(row), self._reader.key(row)
        plain = msgspec.json.encode(row, order="sorted")
        cause = self._parts.fingerprint(self._name.encode(), plain)
        own = self._kind.own(body)
        command_id = import_command(self._name, self._source, cause.hex() if own or key is None else key)
        stream = stream_of(self._name, body, command_id)
        self.once(stream, line, key or NAMELESS, None)
        return _Good(line, body, plain, UUID(bytes=cause[:16]), command_id, stream, own is not None)

    async def take(self, rows: Sequence[_Good], now: datetime) -> None:
        """See Importing.take; the commands are given some at a time, each row touches a stream of its own."""
        stored = await self._parts.log.load([row.stream for row in rows])
        places = asyncio.Semaphore(AT_ONCE)
        new = []
        for row in rows:
            there = stored[row.stream]
            if any(_cause(event) == row.cause for event in there):
                self.there(row.line, changed=False)
            elif there and not row.own:
                self.there(row.line, changed=True)
            else:
                new.append(self._record(row, len(there), now, places))
        for outcome in await asyncio.gather(*new, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _record(self, row: _Good, version: int, now: datetime, places: asyncio.Semaphore) -> None:
        meta = Meta(IMPORTER.id, now, self.correlation, row.cause, row.command_id)
        command = Command(meta, self._parts.fingerprint(row.row, self.mapping_bytes))
        try:
            async with places:
                done = await self._kind.record(self._parts.by, row.body, row.stream, command)
        except Refusal as refusal:
            self.refuse_by(row.line, refusal)
        except Conflict as conflict:
            self.refuse(row.line, None, str(conflict))
        except CommandReused:
            self.there(row.line, changed=True)
        else:
            self._note(row, done, version)

    def _note(self, row: _Good, done: Done, version: int) -> None:
        """Count a row; what was recorded as it stands, by whomever, adds nothing."""
        if done.repeated or msgspec.json.decode(done.answer)["version"] == version:
            self.there(row.line, changed=False)
        else:
            self.outcome.taken += 1


def _cause(stored: StoredEvent) -> UUID:
    return wire.decode(stored.topic, stored.state)[1].causation_id
