"""What an auditor asks of the tree: its head, its keys, its tiles, proofs, and the events in their order."""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, NamedTuple

import msgspec

from adapters.postgres.pool import Pool
from adapters.proof import tree_rows
from adapters.proof.bundle import line
from adapters.proof.signing_keys import KeyChain, NotSealedYet, SigningKeys
from adapters.proof.tree_rows import Connection, Head
from application.proof import proofs
from application.proof.note import base64, tlog_proof
from application.proof.tiles import Range
from application.proof.tree import HASH

_LOOK_AGAIN_S = 0.1
_EVENTS = """
    SELECT notification_id, originator_id, originator_version, topic, state FROM log.events
    WHERE notification_id > %s ORDER BY notification_id LIMIT %s"""


class Line(NamedTuple):
    """An event with its stored body as one line of JSON, and its position."""

    position: int
    text: bytes


class NotSealed(Exception):
    """There is no such leaf or size in the tree."""


class ProofReads:
    """Reads the tree of a database."""

    def __init__(self, pool: Pool, keys: SigningKeys) -> None:
        self._pool = pool
        self._keys = keys

    async def checkpoint(self) -> str:
        """The newest signed head. Raises NotSealedYet."""
        async with self._pool.connection() as connection:
            return (await _head(connection)).note

    async def keys(self) -> KeyChain:
        """The public keys. Raises NotSealedYet, BadNote."""
        async with self._pool.connection() as connection:
            return await self._keys.chain(connection)

    async def tile(self, level: int, index: int, wide: int) -> bytes | None:
        """The first `wide` hashes of a tile; None where the tree does not have that many there."""
        async with self._pool.connection() as connection:
            found = (await tree_rows.tiles(connection, [(level, index)])).get((level, index), b"")
        return found[: wide * HASH] if len(found) >= wide * HASH else None

    async def events(self, after: int, limit: int) -> tuple[Sequence[msgspec.Raw], int | None]:
        """Events behind a position with their stored bodies, and the position to go on behind, if there are more."""
        lines = await self.lines(after, limit + 1)
        page = lines[:limit]
        return [msgspec.Raw(one.text) for one in page], page[-1].position if len(lines) > limit else None

    async def lines(self, after: int, limit: int) -> Sequence[Line]:
        """Events behind a position, in their order."""
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            rows = await (await cursor.execute(_EVENTS, (after, limit), prepare=True)).fetchall()
        return [Line(row[0], line(row)[:-1]) for row in rows]

    async def inclusion(self, position: int) -> Mapping[str, Any]:
        """The proof that the event at a position is in the newest tree. Raises NotSealed, MissingTile."""
        async with self._pool.connection() as connection, connection.transaction():
            head = await _head(connection)
            index = (await tree_rows.leaves(connection, head.size)).index(position)
            if index is None:
                raise NotSealed(f"no event at position {position} has been sealed")
            leaf, *hashes = await _hashes(
                connection, head.size, [(index, index + 1), *proofs.inclusion(index, head.size)]
            )
        return {
            "position": position,
            "index": index,
            "size": head.size,
            "leaf": base64(leaf),
            "hashes": [base64(one) for one in hashes],
            "checkpoint": head.note,
            "tlog_proof": tlog_proof(index, hashes, head.note),
        }

    async def consistency(self, old: int, new: int) -> Mapping[str, Any]:
        """The proof that the tree of `new` leaves grew out of that of `old`. Raises NotSealed, MissingTile."""
        async with self._pool.connection() as connection, connection.transaction():
            head = await _head(connection)
            if not old <= new <= head.size:
                raise NotSealed(f"the tree has {head.size} leaves: ask for from <= to <= {head.size}")
            ends = [(0, old), (0, new)]
            old_root, new_root, *hashes = await _hashes(connection, new, [*ends, *proofs.consistency(old, new)])
        roots = {"from_root": base64(old_root), "to_root": base64(new_root)}
        return {"from": old, "to": new, **roots, "hashes": [base64(one) for one in hashes]}

    async def head_over(self, position: int) -> str | None:
        """See tree_rows.head_over."""
        async with self._pool.connection() as connection:
            return await tree_rows.head_over(connection, position)

    async def reached(self, position: int, timeout_s: float = 5.0) -> bool:
        """Whether the tree has come to a position, or comes to it in time."""
        deadline = monotonic() + timeout_s
        while not (sealed := await self._sealed(position)) and monotonic() < deadline:  # noqa: ASYNC110  it is elsewhere
            await asyncio.sleep(_LOOK_AGAIN_S)
        return sealed

    async def _sealed(self, position: int) -> bool:
        async with self._pool.connection() as connection:
            head = await tree_rows.head(connection)
        return head is not None and head.position >= position


async def _head(connection: Connection) -> Head:
    head = await tree_rows.head(connection)
    if head is None:
        raise NotSealedYet
    return head


async def _hashes(connection: Connection, size: int, ranges: Sequence[Range]) -> list[bytes]:
    tree = await tree_rows.tree_of(connection, size, ranges)
    return [tree.hash(leaves) for leaves in ranges]
