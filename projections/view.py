"""What a view is: tables that can be dropped and made again from the log, and how events get into them.

A view is one file: its tables, a `match` on the event, its queries; and one line in `registry.PROJECTIONS`. Its name
ends in a version: a changed shape is a new view beside the old one, filled from the log. What must be searched or
listed of personal data stands opened in tables of the schema `private`; everything else in the schema `read`.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

import msgspec
from psycopg import AsyncCursor
from psycopg.sql import SQL, Identifier

from application.envelope import Recorded
from application.sealing import ERASED, Opener
from domain.kernel import Event
from domain.values import Private, SubjectId
from projections.arrays import ids

R = TypeVar("R")
K = TypeVar("K", UUID, str)

Cursor = AsyncCursor[tuple[Any, ...]]


class View(ABC):
    """One question the business asks, answered by tables.

    topics: beginnings of the topics it reads; other events only advance its position.
    opening: of these, the beginnings of the topics of which it opens something sealed.
    tables: all it owns, in the order in which they may be emptied.
    create: statements that make them where they are missing.
    """

    name: ClassVar[str]
    topics: ClassVar[tuple[str, ...]]
    opening: ClassVar[tuple[str, ...]] = ()
    tables: ClassVar[tuple[str, ...]]
    create: ClassVar[str]

    def opens(self, event: Event) -> SubjectId | None:  # noqa: ARG002
        """The person of whom it opens what is sealed in an event; None where it opens nothing."""
        return None

    @abstractmethod
    async def write(self, cursor: Cursor, events: Sequence[Recorded], opener: Opener) -> None:
        """Take in events, oldest first, inside the caller's transaction; all of them or an exception."""


def table(name: str) -> Identifier:
    """The quoted name of `schema.table`."""
    return Identifier(*name.split("."))


def legible(opener: Opener, place: str, private: Private | None) -> str | None:
    """The text under a place: ERASED where the person is gone, None where nothing stands."""
    if private is None:
        return None
    text = opener.open(place, private)
    return ERASED if text is None else text


class Rows(Generic[R]):
    """The rows of a table as objects of a dataclass whose fields are the columns, the first one the key.

    Rows travel as one JSON document each way: PostgreSQL and msgspec convert every type between them, at a third of
    the cost of one parameter per column and with no list of types to keep.
    """

    def __init__(self, name: str, kind: type[R]) -> None:
        columns = [field.name for field in fields(kind)]  # type: ignore[arg-type]
        names = SQL(", ").join(map(Identifier, columns))
        new = SQL(", ").join(Identifier("excluded", column) for column in columns)
        key = Identifier(columns[0])
        self.name = name
        self._key = columns[0]
        self._encode = msgspec.json.Encoder().encode
        self.decode = msgspec.json.Decoder(kind).decode
        # as bytes: what is composed would be put together anew for every batch
        load = SQL("SELECT to_json(t)::text FROM {} t WHERE {} = ANY (%s)").format(table(name), key)
        self._load = load.as_bytes()
        upsert = SQL(
            "INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_recordset(NULL::{0}, %s::json)"
            " ON CONFLICT ({2}) DO UPDATE SET ({1}) = ROW ({3})"
        ).format(table(name), names, key, new)
        self._upsert = upsert.as_bytes()

    async def load(self, cursor: Cursor, keys: Iterable[K]) -> dict[K, R]:
        """The rows with these keys, as far as there are any."""
        wanted = list(keys)
        if not wanted:
            return {}
        await cursor.execute(self._load, [ids(wanted)], prepare=True)
        rows = [self.decode(row) for (row,) in await cursor.fetchall()]
        return {getattr(row, self._key): row for row in rows}

    async def upsert(self, cursor: Cursor, rows: Collection[R]) -> None:
        """Store rows, each in place of the one with its key; one statement, whatever their number."""
        if rows:
            await cursor.execute(self._upsert, [self.encode(rows)], prepare=True)

    def encode(self, rows: Collection[R]) -> str:
        """Rows as the JSON document that PostgreSQL makes rows of again."""
        return self._encode(list(rows)).decode()


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some items of a list; `next` is the `after` of the following page, None at the end."""

    items: list[R]
    next: str | None
