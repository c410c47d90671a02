"""Sealing: what was recorded becomes leaves, the head over them is signed, all of it in one transaction.

SealRefused   what is stored, and what this machine signed before, do not fit together

Each step looks at the last sealed event again, so that a log whose end was altered or cut off is not sealed on.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from adapters.proof import tree_rows
from adapters.proof.kept_head import KeptHead
from adapters.proof.signing_keys import SigningKeys
from adapters.proof.tree_rows import Head, Run
from application.proof.leaf import leaf
from application.proof.note import BadNote, Checkpoint, Signer, VerifierKey, opened_checkpoint, signed
from application.proof.tiles import MissingTile, TileTree, needed
from application.proof.tree import BadTree, Edge, edge_tiles, leaf_hash

Connection = AsyncConnection[Any]
BATCH = 1_000
# The last sealed event comes along and is compared. Bytes as they are stored: nothing is decoded on the way.
_PULL = """
    SELECT notification_id, uuid_send(originator_id), originator_version, convert_to(topic, 'UTF8'), state
    FROM log.events WHERE notification_id >= %s ORDER BY notification_id LIMIT %s"""


class SealRefused(Exception):
    """What is stored, or what was signed before, cannot be continued honestly."""


@dataclass
class _Tree:
    """What is known of the tree between two steps."""

    head: Head
    signer: Signer
    edge: Edge
    last_leaf: bytes


class Sealing:
    """Seals batch after batch; one at a time in a database (adapters.proof.sealer elects who)."""

    def __init__(self, keys: SigningKeys, kept: KeptHead, batch: int = BATCH) -> None:
        self._keys = keys
        self._kept = kept
        self._batch = batch
        self._tree: _Tree | None = None

    async def prepare(self, connection: Connection) -> None:
        """Make the first key and head, where there are none."""
        await self._keys.prepare(connection)

    async def step(self, connection: Connection) -> int:
        """Seal what follows, a batch at most; how many events. Raises SealRefused and psycopg.Error."""
        known, self._tree = self._tree, None  # what did not commit does not count
        async with connection.transaction():
            head = await tree_rows.head(connection, hold=True)
            if head is None:
                raise SealRefused("the head of the tree is gone")
            tree = known if known and known.head == head else await self._loaded(connection, head)
            sealed = await self._grow(connection, tree)
        if sealed or tree is not known:
            await asyncio.to_thread(self._kept.keep, tree.head.note)
        self._tree = tree
        return sealed

    # ---- going on ---------------------------------------------------------------------------------------------------
    async def _grow(self, connection: Connection, tree: _Tree) -> int:
        cursor = connection.cursor(binary=True)
        await cursor.execute(_PULL, (tree.head.position, self._batch + 1), prepare=True)
        rows = await cursor.fetchall()
        if tree.head.size:
            if not rows or _leaves(rows[:1]) != [tree.last_leaf]:
                raise SealRefused(f"the last sealed event, at position {tree.head.position}, is no longer what it was")
            rows = rows[1:]
        if not rows:
            return 0
        begin, hashes = tree.head, _leaves(rows)
        await tree_rows.put_tiles(connection, tree.edge.append(hashes))
        if runs := list(_runs(begin, [row[0] for row in rows])):
            await tree_rows.add_runs(connection, runs)
        note = signed(str(Checkpoint(tree.signer.name, tree.edge.size, tree.edge.root())), tree.signer)
        tree.head, tree.last_leaf = Head(tree.edge.size, rows[-1][0], note), hashes[-1]
        await tree_rows.advance(connection, tree.head)
        return len(rows)

    # ---- what was signed before -------------------------------------------------------------------------------------
    async def _loaded(self, connection: Connection, head: Head) -> _Tree:
        """The tree as it is stored, once it is what was signed."""
        try:
            chain = await self._keys.chain(connection)
            checkpoint = opened_checkpoint(head.note, chain.newest)
            edge, last_leaf = await self._edge(connection, checkpoint)
            leaves = await tree_rows.leaves(connection, head.size)
            if head.size != checkpoint.size or (head.size and leaves.index(head.position) != head.size - 1):
                raise SealRefused("the head names another size or position than the one that was signed")
            await self._check_kept(connection, checkpoint, chain.every())
        except (BadNote, BadTree, MissingTile) as error:
            raise SealRefused(str(error)) from error
        return _Tree(head, await self._keys.signer(connection), edge, last_leaf)

    async def _edge(self, connection: Connection, checkpoint: Checkpoint) -> tuple[Edge, bytes]:
        size = checkpoint.size
        at_edge = edge_tiles(size)
        found = await tree_rows.tiles(connection, {*at_edge, *needed([(size - 1, size)] if size else [])})
        edge = Edge(size, [found.get(tile, b"") for tile in at_edge])
        if edge.root() != checkpoint.root:
            raise SealRefused("the tiles of the tree do not lead to the head that was signed")
        return edge, TileTree(size, found).leaves((size - 1, size)) if size else b""

    async def _check_kept(self, connection: Connection, now: Checkpoint, keys: list[VerifierKey]) -> None:
        """Refuse a tree that is not the one this machine has signed, grown on."""
        note = await asyncio.to_thread(self._kept.read)
        if note is None:
            return
        kept = _by_any(note, keys)
        if kept is None:
            raise SealRefused(f"{self._kept.file} is the head of another log: this machine has sealed another database")
        if kept.size > now.size:
            raise SealRefused(
                f"{kept.size} events were sealed here and the database knows {now.size}: it was put back to an older "
                f"state. Put the newer one back. If that is lost, tell the auditors, then remove {self._kept.file}"
            )
        beginning = [(0, kept.size)]
        if (await tree_rows.tree_of(connection, now.size, beginning)).hash(beginning[0]) != kept.root:
            raise SealRefused("the tree is not the one this machine has signed: history was altered")


def _leaves(rows: Iterable[tuple[Any, ...]]) -> list[bytes]:
    hashes = []
    for position, stream, version, topic, state in rows:
        if topic is None or state is None:
            raise SealRefused(f"the event at position {position} has no topic or no body")
        hashes.append(leaf_hash(leaf(position, stream, version, topic, state)))
    return hashes


def _runs(before: Head, positions: list[int]) -> Iterable[Run]:
    """Where a position does not follow the one before it."""
    expected = before.position + 1 if before.size else None
    for index, position in enumerate(positions, before.size):
        if position != expected:
            yield index, position
        expected = position + 1


def _by_any(note: str, keys: Iterable[VerifierKey]) -> Checkpoint | None:
    for key in keys:
        try:
            return opened_checkpoint(note, key)
        except BadNote:
            continue
    return None
