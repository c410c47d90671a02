"""The tree in PostgreSQL (schema proof): its head, its tiles, and which leaf is which position."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from application.proof.tiles import Range, TileTree, needed
from application.proof.tree import Tile
from projections.arrays import blobs, longs

Connection = AsyncConnection[Any]

_HEAD = "SELECT size, position, note FROM proof.head"
_TILES = """
    SELECT level, index, hashes FROM unnest(%b::bigint[], %b::bigint[]) AS wanted (l, i)
    JOIN proof.tiles ON level = l::smallint AND index = i"""
_PUT = """
    INSERT INTO proof.tiles (level, index, hashes) SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::bytea[])
    ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes"""
_ADVANCE = "UPDATE proof.head SET size = %s, position = %s, note = %s, sealed_at = now()"
_RUNS = "SELECT index, position FROM proof.runs ORDER BY index"
_ADD_RUNS = "INSERT INTO proof.runs (index, position) SELECT * FROM unnest(%b::bigint[], %b::bigint[])"


class Head(NamedTuple):
    """The newest head: how many events are sealed, the position of the last, the signed checkpoint."""

    size: int
    position: int
    note: str


async def head(connection: Connection, *, hold: bool = False) -> Head | None:
    """The newest head, held until the transaction ends where that is wanted; None before the first sealer."""
    row = await (await connection.execute(_HEAD + (" FOR UPDATE" if hold else ""))).fetchone()
    return Head._make(row) if row else None


async def head_over(connection: Connection, position: int) -> str | None:
    """The newest signed head (a note), where the tree has come to a position (A-1); it rides on what leaves here."""
    sealed = await head(connection)
    return sealed.note if sealed and sealed.position >= position else None


async def tiles(connection: Connection, wanted: Collection[Tile]) -> dict[Tile, bytes]:
    """These tiles, as far as they are there."""
    cursor = connection.cursor(binary=True)
    levels, indexes = longs(level for level, _ in wanted), longs(index for _, index in wanted)
    await cursor.execute(_TILES, (levels, indexes), prepare=True)
    return {(level, index): hashes for level, index, hashes in await cursor.fetchall()}


async def tree_of(connection: Connection, size: int, ranges: Iterable[Range]) -> TileTree:
    """A tree of `size` leaves from which the hashes of these ranges can be made."""
    return TileTree(size, await tiles(connection, needed(ranges)))


async def put_tiles(connection: Connection, changed: Mapping[Tile, bytes]) -> None:
    """Write tiles."""
    levels, indexes = longs(level for level, _ in changed), longs(index for _, index in changed)
    cursor = connection.cursor(binary=True)
    await cursor.execute(_PUT, (levels, indexes, blobs(changed.values())), prepare=True)


async def advance(connection: Connection, to: Head) -> None:
    """Put the head forward."""
    await connection.execute(_ADVANCE, to)


# ---- which leaf is which position -----------------------------------------------------------------------------------
Run = tuple[int, int]
"""The leaf at which a run without gaps begins, and its position."""


async def add_runs(connection: Connection, runs: Sequence[Run]) -> None:
    """Note where runs begin."""
    await connection.execute(_ADD_RUNS, (longs(index for index, _ in runs), longs(at for _, at in runs)))


@dataclass(frozen=True, slots=True)
class Leaves:
    """Which leaf is which position, in a tree of `size` leaves."""

    runs: Sequence[Run]
    size: int

    def index(self, position: int) -> int | None:
        """The leaf of a position; None where none was sealed."""
        at = bisect_right(self.runs, position, key=lambda run: run[1]) - 1
        if at < 0:
            return None
        begin, first = self.runs[at]
        end = self.runs[at + 1][0] if at + 1 < len(self.runs) else self.size
        index = begin + position - first
        return index if index < min(end, self.size) else None


async def leaves(connection: Connection, size: int) -> Leaves:
    """Which leaf is which position."""
    return Leaves(await (await connection.execute(_RUNS)).fetchall(), size)
