"""Evidence as it was handed in: sealed to the customer of its case, in schema `private`, erased with them (A-3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import class_row

from adapters.customers import customer_of
from adapters.keyring import PostgresKeyring
from adapters.postgres.histories import PostgresHistories
from adapters.postgres.pool import Pool
from application.sealing import RESTRICTED, opened, reveal
from domain.case.events import EvidenceAttached, Investigated
from domain.kernel import Unknown
from domain.values import AgentId, CaseId, Private, SubjectId

FILE_MOST = 10 << 20
"""Bytes of one file."""
_PLACE = "file"
_STORE = """
    INSERT INTO private.files (id, case_id, subject, media_type, box, stored_by) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO NOTHING"""
_READ = "SELECT subject, media_type, box FROM private.files WHERE id = %s AND case_id = %s"
UNNAMED_FOR = timedelta(days=1)
"""How long a file may wait for the evidence that names it."""
_LOOKED_AT_ONCE = 500
_OF_PERSON = """
    SELECT id, case_id, media_type, stored_by, stored_at FROM private.files WHERE subject = %s ORDER BY stored_at, id"""
_UNNAMED = """
    SELECT id, case_id, subject FROM private.files WHERE NOT named AND stored_at < now() - %s
    ORDER BY stored_at LIMIT %s"""
_NAMED = "UPDATE private.files SET named = true WHERE id = %s"
_DROP = "DELETE FROM private.files WHERE id = %s"
_SAMPLES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
)
"""What the first bytes of a file are, where, and of which kind it is then, whatever somebody calls it."""
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file and what it is."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileKept:
    """What is known of a file without opening it."""

    id: UUID
    case_id: UUID
    media_type: str
    stored_by: str
    stored_at: datetime

    @property
    def name(self) -> str:
        """As it is called when it is handed out."""
        return f"{self.id}.{ENDINGS[self.media_type]}"


def sniffed(content: bytes) -> str | None:
    """The media type that the first bytes of a file tell; None for what is not kept as evidence."""
    for at, begin, kind in _SAMPLES:
        if content[at : at + len(begin)] == begin and (kind != "audio/wav" or content[:4] == b"RIFF"):
            return kind
    return None


class Files:
    """Keeps the files of cases."""

    def __init__(self, pool: Pool, keyring: PostgresKeyring) -> None:
        self._pool, self._keyring = pool, keyring

    async def store(self, file: UUID, case: CaseId, kept: File, agent: AgentId) -> None:
        """Keep a file under an id that the caller made. The first that came under an id stays.

        Raises NoSuchCase, Erased.
        """
        subject = await customer_of(self._pool, case)
        box = (await self._keyring.sealer(subject)).seal_bytes(_PLACE, kept.content)
        async with self._pool.connection() as connection:
            await connection.execute(_STORE, (file, UUID(case), UUID(subject), kept.media_type, box, agent))

    async def read(self, file: UUID, case: CaseId) -> File:
        """A file of a case. Raises Unknown where there is none, or where nobody may read it any more."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(_READ, (file, UUID(case)))).fetchone()
        if row is not None:
            subject = SubjectId(str(row[0]))
            content = (await self._keyring.opener([subject])).open_bytes(_PLACE, Private(subject, row[2]))
            if content is not None:
                return File(row[1], content)
        raise Unknown("the case has no such file, or its customer has been erased or restricted")

    async def of_person(self, subject: SubjectId) -> Sequence[FileKept]:
        """The files that are sealed to a person, oldest first."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(FileKept)) as cursor:
            return await (await cursor.execute(_OF_PERSON, (UUID(subject),))).fetchall()

    async def forget_unnamed(self) -> int:
        """Delete the files that the history of their case does not name a day after they came; how many."""
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(_UNNAMED, (UNNAMED_FOR, _LOOKED_AT_ONCE))).fetchall()
        forgotten = 0
        for file, case, subject in rows:
            said = await self._said(case, SubjectId(str(subject)))
            if f"file:{file}" not in said and RESTRICTED in said:
                continue  # nobody can tell while nobody may read it
            named = f"file:{file}" in said
            async with self._pool.connection() as connection:
                await connection.execute(_NAMED if named else _DROP, (file,))
            forgotten += not named
        return forgotten

    async def _said(self, case: UUID, subject: SubjectId) -> str:
        """All that was said of evidence of a case."""
        history = await PostgresHistories(self._pool).history(case)
        show = opened(await self._keyring.opener([subject]))
        events = (one.event for one in history if isinstance(one.event, Investigated | EvidenceAttached))
        return "\n".join(str(reveal(event, show)) for event in events)
