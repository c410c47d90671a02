"""Who opened personal data, exported, downloaded and logged in: written down once, read by auditors (A-4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from psycopg.rows import class_row

from adapters.postgres.pool import Pool
from domain.values import Actor


class ReadKind(StrEnum):
    """What somebody did that is written down."""

    OPENED = "opened"
    EXPORTED = "exported"
    DOWNLOADED = "downloaded"
    LOGGED_IN = "logged_in"


@dataclass(frozen=True, slots=True)
class Read:
    """One line; `resource` is an id or the name of a file, never a person's. reason: None where the role suffices."""

    id: int
    at: datetime
    actor: str
    kind: ReadKind
    resource: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFilters:
    """What a list of reads asks for; None asks for everything. A period ends before its end."""

    actor: str | None = None
    kind: ReadKind | None = None
    resource: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


_NOTE = "SELECT access.note_read(%s, %s, %s, %s, %s)"
_PAGE = """
    SELECT id, at, actor, kind, resource, reason FROM access.reads
    WHERE (%(actor)s::text IS NULL OR actor = %(actor)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
        AND (%(resource)s::text IS NULL OR resource = %(resource)s)
        AND (%(from_)s::timestamptz IS NULL OR at >= %(from_)s) AND (%(to)s::timestamptz IS NULL OR at < %(to)s)
        AND (%(after)s::bigint IS NULL OR id < %(after)s)
    ORDER BY id DESC LIMIT %(limit)s"""


class PostgresReadAudit:
    """Implements application.case_reads.ReadAudit over `access.reads`, which nobody can change."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def opened(self, actor: Actor, resource: UUID, reason: str | None, at: datetime) -> None:
        """See ReadAudit.opened."""
        await self.note(actor, ReadKind.OPENED, str(resource), reason, at)

    async def note(self, actor: Actor, kind: ReadKind, resource: str, reason: str | None, at: datetime) -> None:
        """Write down what the actor has read, or that they have come in; before it is shown."""
        async with self._pool.connection() as connection:
            await connection.execute(_NOTE, (at, actor.id, kind, resource, reason))

    async def page(self, filters: ReadFilters, after: int | None, limit: int) -> tuple[Sequence[Read], str | None]:
        """A page of what was written down, the latest first, and the `after` of the next one."""
        asked = {name: getattr(filters, name) for name in ReadFilters.__slots__}
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Read)) as cursor:
            rows = await (await cursor.execute(_PAGE, {**asked, "after": after, "limit": limit + 1})).fetchall()
        return rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None
