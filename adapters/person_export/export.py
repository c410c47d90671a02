"""Everything that is kept on a person, out of the log and the files (A-3)."""

import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import IO, Any

import msgspec
from psycopg import AsyncConnection

from adapters.files import FileKept, Files
from adapters.people import sealed_for
from adapters.person_streams import streams_of
from application.envelope import Recorded, written
from application.sealing import Keyring, Show, masked, opened, told
from application.subjects import Person
from domain.kernel import Unknown
from domain.values import CaseId, Private
from projections.stretch import COLUMNS, Stored, recorded

_EVENTS = f"""
    SELECT {COLUMNS} FROM log.events
    WHERE originator_id = ANY (%(streams)s)
        AND (position(%(sealed)s::bytea in state) > 0 OR position(%(named)s::bytea in state) > 0)
    ORDER BY notification_id"""  # noqa: S608  a constant
_AT_ONCE = 2_000


class PersonExport:
    """Reads what is kept on a person. `dsn`: it has a connection of its own, and its own time."""

    def __init__(self, dsn: str, keyring: Keyring, files: Files) -> None:
        self._dsn, self._keyring, self._files = dsn, keyring, files

    async def document(self, person: Person, at: datetime, *, to_be_opened: bool) -> dict[str, Any]:
        """Every event that holds something sealed for the person, or names them as staff, oldest first.

        What is sealed for others is masked, and what is the person's own too unless it is to be opened. Files are
        named, with their SHA-256 where they are opened; their bytes are in the archive.
        """
        files = [named async for named, _ in self._opened(person, to_be_opened=to_be_opened)]
        return await self._document(person, at, files, to_be_opened=to_be_opened)

    async def archive(self, person: Person, at: datetime, file: IO[bytes], *, to_be_opened: bool) -> None:
        """A ZIP with the document as `person.json`, and every file beside it under the name it has there."""
        files = []
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            async for named, content in self._opened(person, to_be_opened=to_be_opened):
                files.append(named)
                if content is not None:
                    archive.writestr(f"files/{named['name']}", content)
            document = await self._document(person, at, files, to_be_opened=to_be_opened)
            archive.writestr("person.json", msgspec.json.format(msgspec.json.encode(document), indent=2))

    async def _document(
        self, person: Person, at: datetime, files: Sequence[Mapping[str, Any]], *, to_be_opened: bool
    ) -> dict[str, Any]:
        show = await self._show(person) if to_be_opened else masked
        events = [told(one, show) | {"stream": str(one.stream)} async for one in self._events(person)]
        named = {"id": person.subject, "agent": person.agent, "made_at": written(at)}
        return {**named, "events": events, "files": list(files)}

    async def _opened(
        self, person: Person, *, to_be_opened: bool
    ) -> AsyncIterator[tuple[Mapping[str, Any], bytes | None]]:
        """Each file as the document names it, and its bytes, one at a time; None where it is not opened."""
        for kept in await self._files.of_person(person.subject):
            content = await self._content(kept) if to_be_opened else None
            yield _named(kept, content), content

    async def _content(self, kept: FileKept) -> bytes | None:
        try:
            return (await self._files.read(kept.id, CaseId(str(kept.case_id)))).content
        except Unknown:
            return None  # restricted, or erased in this moment

    async def _show(self, person: Person) -> Show:
        own = opened(await self._keyring.opener([person.subject]))

        def show(place: str, private: Private) -> object:
            return (own if private.subject == person.subject else masked)(place, private)

        return show

    async def _events(self, person: Person) -> AsyncIterator[Recorded]:
        sealed = sealed_for(person.subject)
        named = msgspec.json.encode(person.agent) if person.agent else sealed
        asked = {"streams": await streams_of(self._dsn, person), "sealed": sealed, "named": named}
        async with (
            await AsyncConnection.connect(self._dsn) as connection,
            connection.cursor("person", binary=True) as cursor,
        ):
            await cursor.execute(_EVENTS, asked)
            while rows := await cursor.fetchmany(_AT_ONCE):
                for row in rows:
                    yield recorded(Stored._make(row))


def _named(kept: FileKept, content: bytes | None) -> Mapping[str, Any]:
    return {
        "id": str(kept.id),
        "name": kept.name,
        "case_id": str(kept.case_id),
        "media_type": kept.media_type,
        "size": len(content) if content is not None else None,
        "sha256": sha256(content).hexdigest() if content is not None else None,
        "stored_by": kept.stored_by,
        "stored_at": written(kept.stored_at),
    }
