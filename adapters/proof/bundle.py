"""Bundles: a part of the log, or all of it, with what proves it, as a ZIP that whoever holds it can check alone.

    events.jsonl    one event a line: its place, its topic, the stored body byte for byte
    leaves.bin      the hash of each of them as it was sealed, 32 bytes each
    proof.bin       the hashes of the largest subtrees without any of them, from left to right
    checkpoint      the signed head they lead to
    keys.json       the log's public keys: the first, and the notes by which others took over
    schemas/        the JSON Schemas of the events in it
    statement       signed: what was selected, which leaves those are (`first+count …`), the SHA-256 of the other files
    stamped_checkpoint, time_stamp.tsr
                    where an authority stamps heads: the last one it did, and its answer (RFC 3161)
    README.md, verify.py, and manifest.json with the SHA-256 of all other files

What is in the database is written as it is there: whether it is what was sealed, verify.py tells.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec
from psycopg import AsyncConnection, IsolationLevel

from adapters.export import schemas
from adapters.proof import time_stamps, tree_rows
from adapters.proof.selection import Kind, Selection
from adapters.proof.signing_keys import KeyChain, NotSealedYet, SigningKeys
from adapters.proof.time_stamps import TimeStamp
from adapters.proof.tree_rows import Head
from application.proof.note import Signer, signed
from application.proof.proofs import beside
from application.proof.tiles import Range, TileTree, needed
from application.proof.tree import WIDTH

Connection = AsyncConnection[Any]
_ROWS = """
    SELECT notification_id, originator_id, originator_version, topic, state FROM log.events
    WHERE notification_id <= %(last)s AND {condition} ORDER BY notification_id"""
_RECORD = "INSERT INTO proof.exports (actor, selection, size, events) VALUES (%s, %s, %s, %s)"
_CHUNK = 5_000
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""What the ZIP says of every file's time: the same bundle has the same bytes."""


class BundleRefused(Exception):
    """The tree does not have what a bundle needs: the log was altered. A bundle of all of it shows where."""


class NothingThere(Exception):
    """No sealed event is selected."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: how many events, proven against a tree of how many leaves."""

    selection: str
    events: int
    size: int


class BundleWriter:
    """Writes bundles of the log of a database."""

    def __init__(self, dsn: str, keys: SigningKeys) -> None:
        self._dsn = dsn
        self._keys = keys

    async def write(self, selection: Selection, file: Path | IO[bytes], actor: str) -> Exported:
        """Write a bundle as of one moment, and record who took it.

        Raises NotSealedYet, NothingThere, BundleRefused, MissingTile, BadNote, WrongMasterKey, OSError, psycopg.Error.
        """
        async with await AsyncConnection.connect(self._dsn) as connection:
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            head = await tree_rows.head(connection)
            if head is None:
                raise NotSealedYet
            chain, signer = await self._keys.chain(connection), await self._keys.signer(connection)
            with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=6) as archive:
                pages = _Pages(archive)
                positions = await pages.events(_rows(connection, selection, head))
                ranges = await _ranges(connection, selection, head, positions)
                await _proof(connection, pages, ranges, head.size)
                _the_rest(pages, head, chain)
                _stamp(pages, await time_stamps.newest(connection, head.size))
                pages.add("statement", _statement(selection, ranges, pages.digests, signer).encode())
                pages.manifest()
            await connection.execute(_RECORD, (actor, str(selection), head.size, len(positions)))
        return Exported(str(selection), len(positions), head.size)


class _Pages:
    """The files of an archive as they are added, and their digests."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.digests: dict[str, str] = {}
        self.topics: set[str] = set()

    def add(self, name: str, data: bytes) -> None:
        """Add a file."""
        self._archive.writestr(_entry(name), data)
        self.digests[name] = sha256(data).hexdigest()

    async def events(self, rows: AsyncIterator[Sequence[tuple[Any, ...]]]) -> list[int]:
        """Add the events; their positions."""
        positions, digest = list[int](), sha256()
        with self._archive.open(_entry("events.jsonl"), "w", force_zip64=True) as file:
            async for chunk in rows:
                lines = b"".join([line(row) for row in chunk])
                digest.update(lines)
                # compressing takes long, and lets others work meanwhile
                await asyncio.to_thread(file.write, lines)
                positions += [row[0] for row in chunk]
                self.topics |= {row[3] for row in chunk}
        self.digests["events.jsonl"] = digest.hexdigest()
        return positions

    def manifest(self) -> None:
        """Add the manifest, which names all others."""
        self._archive.writestr(_entry("manifest.json"), canonical(self.digests))


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _LONG_AGO)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o100644 << 16
    return entry


def canonical(value: object) -> bytes:
    """JSON as verify.py wants it: the one way it may be written."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def line(row: tuple[Any, ...]) -> bytes:
    """One event as a line: its place, its topic, and the stored body as it is."""
    position, stream, version, topic, state = row
    place = msgspec.json.encode({"position": position, "stream": stream, "version": version, "topic": topic})
    return place[:-1] + b',"body":' + (b"null" if state is None else state) + b"}\n"


async def _rows(connection: Connection, selection: Selection, head: Head) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
    async with connection.cursor("bundle", binary=True) as cursor:
        query = _ROWS.format(condition=selection.condition)
        await cursor.execute(query.encode(), {"last": head.position, "sought": selection.sought})
        while rows := await cursor.fetchmany(_CHUNK):
            yield [row for row in rows if selection.holds(row[4])]


async def _ranges(connection: Connection, selection: Selection, head: Head, positions: Iterable[int]) -> list[Range]:
    """The leaves of what was selected; of all, every leaf of the tree, whatever is there."""
    if selection.kind is Kind.ALL:
        return [(0, head.size)] if head.size else []
    leaves = await tree_rows.leaves(connection, head.size)
    ranges = list[Range]()
    for position in positions:
        index = leaves.index(position)
        if index is None:
            raise BundleRefused(f"the event at position {position} was never sealed: take a bundle of all events")
        if ranges and ranges[-1][1] == index:
            ranges[-1] = (ranges[-1][0], index + 1)
        else:
            ranges.append((index, index + 1))
    if not ranges:
        raise NothingThere(f"there are no sealed events of {selection}")
    return ranges


async def _proof(connection: Connection, pages: _Pages, ranges: Sequence[Range], size: int) -> None:
    rest = list(beside(ranges, size))
    level_0 = {(0, index) for low, high in ranges for index in range(low // WIDTH, -(-high // WIDTH))}
    tree = TileTree(size, await tree_rows.tiles(connection, needed(rest) | level_0))
    pages.add("leaves.bin", b"".join(tree.leaves(leaves) for leaves in ranges))
    pages.add("proof.bin", b"".join(tree.hash(leaves) for leaves in rest))


def _the_rest(pages: _Pages, head: Head, chain: KeyChain) -> None:
    pages.add("checkpoint", head.note.encode())
    pages.add("keys.json", canonical({"first": str(chain.first), "rotations": list(chain.rotations)}))
    for topic, schema in _schemas().items():
        if topic in pages.topics:
            pages.add(f"schemas/{topic}.json", schema)
    pages.add("README.md", files("adapters.proof").joinpath("bundle_readme.md").read_bytes())
    pages.add("verify.py", files("adapters.proof").joinpath("verify.py").read_bytes())


def _stamp(pages: _Pages, stamp: TimeStamp | None) -> None:
    if stamp is not None:
        pages.add("stamped_checkpoint", stamp.note.encode())
        pages.add("time_stamp.tsr", stamp.answer)


@cache
def _schemas() -> dict[str, bytes]:
    return {
        topic: (json.dumps(schema, ensure_ascii=False, indent=1) + "\n").encode() for topic, schema in schemas().items()
    }


def _statement(selection: Selection, ranges: Sequence[Range], digests: dict[str, str], signer: Signer) -> str:
    leaves = " ".join(f"{low}+{high - low}" for low, high in ranges) or "-"
    named = [f"{digest} {name}" for name, digest in sorted(digests.items())]
    return signed("".join(f"{one}\n" for one in (f"{signer.name}/bundle", selection, leaves, *named)), signer)
