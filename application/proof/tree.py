"""The Merkle tree of RFC 6962 over SHA-256, and its right edge: all that is needed to go on and to know the root.

Hashes are 32 bytes and stand one behind the other in tiles, 256 to a tile (c2sp.org/tlog-tiles): the hashes of level 0
are those of leaves, each hash of a higher level is the root of a full tile of the level below.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH = 32
WIDTH = 256
"""Hashes in a full tile."""
TILE = WIDTH * HASH
EMPTY_ROOT = sha256(b"").digest()

Tile = tuple[int, int]
"""A tile's level and its index in the level."""


class BadTree(Exception):
    """Tiles that do not belong to a tree of that size."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two neighbours."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: bytes) -> bytes:
    """The root over hashes of complete, equally high subtrees; of none it is EMPTY_ROOT.

    Neighbours are joined level by level and an odd last one moves up, which is the same tree as RFC 6962's.
    """
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > HASH:
        odd = hashes[len(hashes) // (2 * HASH) * 2 * HASH :]
        pairs = range(0, len(hashes) - HASH, 2 * HASH)
        hashes = b"".join([sha256(b"\1" + hashes[at : at + 2 * HASH]).digest() for at in pairs]) + odd
    return hashes


def width(level: int, index: int, size: int) -> int:
    """How many hashes a tile has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> 8 * level) - WIDTH * index))


def edge_tiles(size: int) -> list[Tile]:
    """The tile at the right edge of each level, from level 0; those that have nothing in them yet too."""
    levels = range((max(size, 1).bit_length() + 7) // 8)
    return [(level, size >> 8 * (level + 1)) for level in levels]


class Edge:
    """The right edge of a tree: the tile that is not full yet, of each level."""

    def __init__(self, size: int = 0, tiles: Sequence[bytes] = ()) -> None:
        """Go on from the tiles of `edge_tiles(size)`. Raises BadTree when they are not as wide as they must be."""
        widths = [width(level, index, size) for level, index in edge_tiles(size)]
        if size and [len(tile) for tile in tiles] != [HASH * wide for wide in widths]:
            raise BadTree(f"the tiles at the edge are not those of {size} leaves")
        self.size = size
        self._tiles = list(tiles) if size else []

    def append(self, hashes: Iterable[bytes]) -> dict[Tile, bytes]:
        """Append leaf hashes; the tiles that have changed."""
        new, changed = b"".join(hashes), dict[Tile, bytes]()
        begin, level = self.size, 0
        self.size += len(new) // HASH
        while new:
            if level == len(self._tiles):
                self._tiles.append(b"")
            new = self._grow(level, (begin >> 8 * level) // WIDTH, new, changed)
            level += 1
        return changed

    def _grow(self, level: int, index: int, new: bytes, changed: dict[Tile, bytes]) -> bytes:
        """Append to one level; the roots of the tiles that have become full."""
        hashes, full = self._tiles[level] + new, []
        while len(hashes) >= TILE:
            changed[level, index] = tile = hashes[:TILE]
            full.append(root_of(tile))
            hashes, index = hashes[TILE:], index + 1
        self._tiles[level] = hashes
        if hashes:
            changed[level, index] = hashes
        return b"".join(full)

    def root(self) -> bytes:
        """The root of the tree."""
        root = b""
        for tile in self._tiles:
            for peak in reversed(_peaks(tile)):
                root = node_hash(peak, root) if root else peak
        return root or EMPTY_ROOT


def _peaks(tile: bytes) -> list[bytes]:
    """The roots of the complete subtrees a tile falls into, the largest first."""
    peaks, at, wide = [], 0, len(tile) // HASH
    for bit in range(7, -1, -1):
        if wide & 1 << bit:
            peaks.append(root_of(tile[at : at + (HASH << bit)]))
            at += HASH << bit
    return peaks
