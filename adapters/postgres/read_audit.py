"""Who read personal data, exported, downloaded and logged in: written down once, read by auditors (A-4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from adapters.postgres.pool import Pool
from adapters.postgres.single_flight import SingleFlight
from application.sealing import Erased, Keyring, Show, opened
from domain.values import Actor, Private, SubjectId


class ReadKind(StrEnum):
    """What somebody did that is written down."""

    OPENED = "opened"
    LISTED = "listed"
    FOLLOWED = "followed"
    EXPORTED = "exported"
    DOWNLOADED = "downloaded"
    LOGGED_IN = "logged_in"


AGAIN_WITHIN = timedelta(minutes=1)
"""How long the same list, read again by the same person in the same process, is the same reading."""
_REMEMBERED = 10_000
_PLACE = "access.reads.reason"


@dataclass(frozen=True, slots=True)
class Read:
    """One line; `resource` is an id or the name of a file or list, never a person's.

    reason: None where the role suffices. asked: how a list was narrowed; shown: how many of its rows were shown.
    """

    id: int
    at: datetime
    actor: str
    kind: ReadKind
    resource: str
    reason: str | None
    asked: str | None = None
    shown: int | None = None


@dataclass(frozen=True, slots=True)
class _Kept(Read):
    """A line as it is stored: the reason is sealed to the person whose data were read."""

    subject: UUID | None = None
    sealed: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFilters:
    """What a list of reads asks for; None asks for everything. A period ends before its end."""

    actor: str | None = None
    kind: ReadKind | None = None
    resource: str | None = None
    from_: datetime | None = None
    to: datetime | None = None


NOTE = """
    SELECT access.note_reads(array_agg(at), array_agg(actor), array_agg(kind), array_agg(resource), array_agg(reason),
        array_agg(asked), array_agg(shown), array_agg(subject), array_agg(decode(sealed, 'base64')))
    FROM json_to_recordset(%s::json) AS read (at timestamptz, actor text, kind text, resource text, reason text,
        asked text, shown int, subject uuid, sealed text)"""
"""Writes down the reads of a JSON document: one parameter, at a fraction of the cost of an array for each column."""
_PAGE = """
    SELECT id, at, actor, kind, resource, reason, asked, shown, subject, sealed FROM access.reads
    WHERE (%(actor)s::text IS NULL OR actor = %(actor)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
        AND (%(resource)s::text IS NULL OR resource = %(resource)s)
        AND (%(from_)s::timestamptz IS NULL OR at >= %(from_)s) AND (%(to)s::timestamptz IS NULL OR at < %(to)s)
        AND (%(after)s::bigint IS NULL OR id < %(after)s)
    ORDER BY id DESC LIMIT %(limit)s"""


class PostgresReadAudit:
    """Implements application.case_reads.ReadAudit over `access.reads`, which nobody can change.

    All that is read at the same moment is written down by one statement. Reasons are sealed to the persons whose data
    were opened, and go with them (A-3).
    """

    def __init__(self, pool: Pool, keyring: Keyring) -> None:
        self._pool, self._keyring = pool, keyring
        self._notes: SingleFlight[_Kept, None] = SingleFlight(self._write)
        self._last: dict[tuple[object, ...], datetime] = {}

    async def opened(
        self, actor: Actor, resource: UUID, reason: str | None, at: datetime, of: SubjectId | None
    ) -> None:
        """See ReadAudit.opened."""
        await self.note(actor, ReadKind.OPENED, str(resource), reason, at, of)

    async def note(
        self,
        actor: Actor,
        kind: ReadKind,
        resource: str,
        reason: str | None,
        at: datetime,
        of: SubjectId | None = None,
    ) -> None:
        """Write down what the actor has read, or that they have come in; before it is shown. of: whose it is."""
        read = _Kept(0, at, actor.id, kind, resource, reason)
        if reason is not None and of is not None:
            read = replace(read, reason=None, subject=UUID(of), sealed=await self._sealed(reason, of))
        await self._notes.submit(read)

    async def _sealed(self, reason: str, of: SubjectId) -> bytes:
        """The reason in its box; an empty one for who has been erased."""
        try:
            return (await self._keyring.sealer(of)).seal(_PLACE, reason).box
        except Erased:
            return b""

    async def listed(self, actor: Actor, resource: str, asked: str, shown: int | None, at: datetime) -> None:
        """Write down that the actor has read a list, how it was narrowed, and how many rows were shown.

        shown: None for what goes on: somebody follows it. The same list within AGAIN_WITHIN is not written down again:
        pages ask for theirs anew whenever something happens.
        """
        kind = ReadKind.FOLLOWED if shown is None else ReadKind.LISTED
        if kind is ReadKind.FOLLOWED or self._is_news((actor.id, resource, asked, shown), at):
            await self._notes.submit(_Kept(0, at, actor.id, kind, resource, None, asked or None, shown))

    def _is_news(self, what: tuple[object, ...], at: datetime) -> bool:
        if len(self._last) >= _REMEMBERED:
            self._last = {one: then for one, then in self._last.items() if at - then < AGAIN_WITHIN}
        then = self._last.get(what)
        if then is not None and at - then < AGAIN_WITHIN:
            return False
        self._last[what] = at
        return True

    async def page(self, filters: ReadFilters, after: int | None, limit: int) -> tuple[Sequence[Read], str | None]:
        """A page of what was written down, the latest first, and the `after` of the next one."""
        asked = {name: getattr(filters, name) for name in ReadFilters.__slots__}
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(_Kept)) as cursor:
            rows = await (await cursor.execute(_PAGE, {**asked, "after": after, "limit": limit + 1})).fetchall()
        return await self._legible(rows[:limit]), str(rows[limit - 1].id) if len(rows) > limit else None

    async def _legible(self, kept: Sequence[_Kept]) -> Sequence[Read]:
        """The reads with their reasons; ERASED where the person has been erased, RESTRICTED while nobody may read."""
        people = {SubjectId(str(one.subject)) for one in kept if one.subject}
        show = opened(await self._keyring.opener(sorted(people)))
        return [
            Read(one.id, one.at, one.actor, one.kind, one.resource, _reason(one, show), one.asked, one.shown)
            for one in kept
        ]

    async def _write(self, notes: Sequence[_Kept]) -> Sequence[None]:
        async with self._pool.connection() as connection:
            await connection.execute(NOTE, [msgspec.json.encode(notes).decode()], prepare=True)
        return [None] * len(notes)


def _reason(kept: _Kept, show: Show) -> str | None:
    if kept.subject is None or kept.sealed is None:
        return kept.reason
    return str(show(_PLACE, Private(SubjectId(str(kept.subject)), kept.sealed)))
