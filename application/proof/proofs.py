"""Proofs: that a leaf is in a tree, that a tree grew out of an older one (RFC 6962 and 9162), and that many leaves are.

A proof is named by the ranges of leaves whose hashes it holds; TileTree.hash makes the hashes of them.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from application.proof.tiles import Range, split
from application.proof.tree import EMPTY_ROOT, node_hash


def inclusion(index: int, size: int) -> list[Range]:
    """The audit path of a leaf, from its neighbour to below the root. Raises ValueError outside of the tree."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    low, high, path = 0, size, list[Range]()
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """The proof that a tree of `old` leaves is the beginning of one of `new`. Raises ValueError when it is larger."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} leaves does not grow into one of {new}")
    low, high, path = 0, new, list[Range]()
    while old and old != high:
        middle = low + split(high - low)
        if old <= middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return ([(low, high)] if old and low else []) + path[::-1]


def follows_inclusion(index: int, size: int, leaf: bytes, hashes: Sequence[bytes], root: bytes) -> bool:
    """Whether the hashes lead from the leaf's hash at that index to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for one in hashes:
        if not last:
            return False
        if at & 1 or at == last:
            leaf = node_hash(one, leaf)
            at, last = _up_to_odd(at, last)
        else:
            leaf = node_hash(leaf, one)
        at, last = at >> 1, last >> 1
    return not last and leaf == root


def follows_consistency(old: int, new: int, hashes: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the hashes lead to both roots, so that the old tree is the beginning of the new (RFC 9162, 2.1.4.2)."""
    if old in {0, new}:
        return not hashes and old_root == (new_root if old else EMPTY_ROOT)
    if not 0 < old < new or not hashes:
        return False
    path = list(hashes) if old & old - 1 else [old_root, *hashes]
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = path[0]
    for one in path[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(one, older), node_hash(one, newer)
            at, last = _up_to_odd(at, last)
        else:
            newer = node_hash(newer, one)
        at, last = at >> 1, last >> 1
    return not last and (older, newer) == (old_root, new_root)


def _up_to_odd(at: int, last: int) -> tuple[int, int]:
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def beside(chosen: Sequence[Range], size: int) -> Iterator[Range]:
    """The proof for many leaves at once: the largest subtrees without a chosen leaf, from left to right.

    chosen: ranges in order, apart from each other. With all leaves chosen the proof is empty.
    """
    ends = [high for _, high in chosen]
    open_: list[Range] = [(0, size)] if size else []
    while open_:
        low, high = open_.pop()
        at = bisect_right(ends, low)
        begin, end = chosen[at] if at < len(chosen) else (size, size)
        if begin >= high:
            yield low, high
        elif not (begin <= low and high <= end):
            middle = low + split(high - low)
            open_ += [(middle, high), (low, middle)]
