"""Reading a tree from its tiles: which tiles a hash needs, and where a tile stands under a prefix (tlog-tiles)."""

import re
from collections.abc import Iterable, Iterator, Mapping

from application.proof.tree import EMPTY_ROOT, HASH, WIDTH, Tile, node_hash, root_of, width

Range = tuple[int, int]
"""Leaves from the first to before the second."""
_PATH = re.compile(r"((?:x\d{3}/)*)(\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
_GROUP = 1_000


class MissingTile(Exception):
    """A tile that the tree must have is not there, or not as wide as it must be."""


def split(count: int) -> int:
    """The largest power of two smaller than `count`, of two or more: where RFC 6962 parts a tree."""
    return 1 << (count - 1).bit_length() - 1


def parts(leaves: Range) -> Iterator[Range]:
    """The complete subtrees whose roots make the hash of such a range, from left to right."""
    low, high = leaves
    while low < high:
        count = 1 << (high - low).bit_length() - 1
        yield low, low + count
        low += count


def _place(part: Range) -> tuple[Tile, int, int]:
    """The tile of a complete subtree, its first hash in it, and how many hashes it spans."""
    low, high = part
    height = (high - low).bit_length() - 1
    level, in_tile = divmod(height, 8)
    first = low >> 8 * level
    return (level, first // WIDTH), first % WIDTH, 1 << in_tile


def needed(ranges: Iterable[Range]) -> set[Tile]:
    """The tiles from which the hashes of these ranges can be made."""
    return {_place(part)[0] for leaves in ranges for part in parts(leaves)}


def path(index: int, wide: int = WIDTH) -> str:
    """How a tile's index is written: `x001/x234/067`, and behind it `.p/<width>` unless it is full."""
    groups = [f"{index % _GROUP:03d}"]
    while index >= _GROUP:
        index //= _GROUP
        groups.append(f"x{index % _GROUP:03d}")
    return "/".join(reversed(groups)) + (f".p/{wide}" if wide < WIDTH else "")


def parsed(text: str) -> tuple[int, int] | None:
    """The index and width a path names; None when it is not written as `path` writes it."""
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    index = int(match[1].replace("x", "").replace("/", "") + match[2])
    wide = int(match[3] or WIDTH)
    return (index, wide) if path(index, wide) == text else None


class TileTree:
    """A tree of `size` leaves, read from tiles."""

    def __init__(self, size: int, tiles: Mapping[Tile, bytes]) -> None:
        self.size = size
        self._tiles = tiles

    def hash(self, leaves: Range) -> bytes:
        """The hash over a range that is a subtree in RFC 6962's sense. Raises MissingTile."""
        root = b""
        for part in reversed(list(parts(leaves))):
            root = node_hash(self._complete(part), root) if root else self._complete(part)
        return root or EMPTY_ROOT

    def leaves(self, leaves: Range) -> bytes:
        """The leaf hashes of a range, one behind the other. Raises MissingTile."""
        low, high = leaves
        first, last = low // WIDTH, (high - 1) // WIDTH
        joined = b"".join(self._tile((0, index)) for index in range(first, last + 1))
        return joined[(low - WIDTH * first) * HASH : (high - WIDTH * first) * HASH]

    def _complete(self, part: Range) -> bytes:
        if part[1] > self.size:
            raise MissingTile(f"a tree of {self.size} leaves does not reach leaf {part[1] - 1}")
        tile, at, count = _place(part)
        return root_of(self._tile(tile)[at * HASH : (at + count) * HASH])

    def _tile(self, tile: Tile) -> bytes:
        """As much of a tile as this tree has of it: it may have grown since."""
        wide = HASH * width(*tile, self.size)
        hashes = self._tiles.get(tile, b"")[:wide]
        if not wide or len(hashes) != wide:
            raise MissingTile(f"tile {tile[1]} of level {tile[0]} is not what a tree of {self.size} leaves has there")
        return hashes
