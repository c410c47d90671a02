"""The tree against an independent implementation, and the laws of proofs: what holds is taken, all else refused."""

import random
from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_inclusion  # type: ignore[import-untyped]
from pymerkle.proof import InclusionProof  # type: ignore[import-untyped]

from application.proof import proofs, tiles
from application.proof.tiles import MissingTile, TileTree
from application.proof.tree import BadTree, Edge, edge_tiles, leaf_hash, node_hash, root_of, width

MOST = 2_000
SMALL = 130
LEAVES = [index.to_bytes(3, "big") for index in range(MOST)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
TILES = Edge().append(HASHES)
CHANCE = random.Random(6962)  # noqa: S311  a repeatable seed is the point
SIZES = [*range(1, SMALL + 1), *CHANCE.sample(range(SMALL + 1, MOST), 1_000)]


@cache
def oracle() -> InmemoryTree:
    return InmemoryTree.init_from_entries(LEAVES, algorithm="sha256")


def tree(size: int) -> TileTree:
    return TileTree(size, TILES)


def hashes(size: int, ranges: Sequence[tiles.Range]) -> list[bytes]:
    return [tree(size).hash(leaves) for leaves in ranges]


# ---- against the oracle ---------------------------------------------------------------------------------------------
def test_every_root_is_the_oracles() -> None:
    for size in SIZES:
        root = oracle().get_root(size)
        assert root_of(b"".join(HASHES[:size])) == root
        assert tree(size).hash((0, size)) == root


def test_an_edge_comes_to_the_oracles_roots_one_by_one() -> None:
    edge = Edge()
    for size, one in enumerate(HASHES[:600], 1):
        edge.append([one])
        assert edge.root() == oracle().get_root(size)


def oracles_inclusion(index: int, size: int) -> list[bytes]:
    return [bytes.fromhex(one) for one in oracle().prove_inclusion(index + 1, size).serialize()["path"]]


def test_every_inclusion_proof_is_the_oracles() -> None:
    for size in SIZES:
        for index in range(size) if size <= 40 else CHANCE.sample(range(size), 3):
            leaf, *path = oracles_inclusion(index, size)
            assert leaf == HASHES[index]
            assert hashes(size, proofs.inclusion(index, size)) == path
            assert proofs.follows_inclusion(index, size, leaf, path, oracle().get_root(size))


def test_the_oracle_takes_our_inclusion_proofs() -> None:
    """Made into its form by its own layout, which we do not share."""
    for index, size in ((0, 1), (3, 7), (99, 130), (1_500, 1_999)):
        proof = oracle().prove_inclusion(index + 1, size).serialize()
        proof["path"] = [one.hex() for one in (HASHES[index], *hashes(size, proofs.inclusion(index, size)))]
        verify_inclusion(HASHES[index], oracle().get_root(size), InclusionProof.deserialize(proof))


@cache
def tree_hash(low: int, high: int) -> bytes:
    """MTH as RFC 6962, 2.1 writes it."""
    if high - low == 1:
        return sha256(b"\0" + LEAVES[low]).digest()
    middle = low + max(1 << bit for bit in range(12) if 1 << bit < high - low)
    return sha256(b"\1" + tree_hash(low, middle) + tree_hash(middle, high)).digest()


def subproof(old: int, low: int, high: int, *, complete: bool) -> list[bytes]:
    """SUBPROOF as RFC 6962, 2.1.2 writes it; `old` leaves from `low`."""
    if old == high - low:
        return [] if complete else [tree_hash(low, high)]
    split = max(1 << bit for bit in range(12) if 1 << bit < high - low)
    if old <= split:
        return [*subproof(old, low, low + split, complete=complete), tree_hash(low + split, high)]
    return [*subproof(old - split, low + split, high, complete=False), tree_hash(low, low + split)]


def test_every_consistency_proof_is_the_texts_and_leads_to_the_oracles_roots() -> None:
    """The oracle's own proofs have another form than the RFC's, so its roots are what counts."""
    for new in SIZES:
        for old in range(1, new + 1) if new <= 40 else CHANCE.sample(range(1, new + 1), 3):
            path = hashes(new, proofs.consistency(old, new))
            assert path == subproof(old, 0, new, complete=True)
            assert proofs.follows_consistency(old, new, path, oracle().get_root(old), oracle().get_root(new))


# ---- growing --------------------------------------------------------------------------------------------------------
@given(st.lists(st.integers(0, 700), max_size=6))
def test_however_it_grows_it_is_the_same_tree(steps: list[int]) -> None:
    edge, kept = Edge(), dict[tuple[int, int], bytes]()
    for step in steps:
        kept |= edge.append(HASHES[(edge.size + at) % MOST] for at in range(step))
        edge = Edge(edge.size, [kept.get(tile, b"") for tile in edge_tiles(edge.size)])
    everything = [HASHES[at % MOST] for at in range(edge.size)]
    at_once = Edge()
    assert kept == at_once.append(everything)
    assert edge.root() == at_once.root() == root_of(b"".join(everything))
    assert {tile: len(hashes) // 32 for tile, hashes in kept.items()} == {
        tile: width(*tile, edge.size) for tile in kept
    }


@pytest.mark.parametrize("wide", [0, 43, 45])
def test_an_edge_of_another_size_is_refused(wide: int) -> None:
    assert Edge(300, [b"".join(HASHES[256:300]), root_of(b"".join(HASHES[:256]))]).root() == oracle().get_root(300)
    with pytest.raises(BadTree):
        Edge(300, [b"".join(HASHES[256 : 256 + wide]), root_of(b"".join(HASHES[:256]))])


# ---- what does not hold is refused ----------------------------------------------------------------------------------
@st.composite
def inclusions(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.integers(1, 400))
    return draw(st.integers(0, size - 1)), size


@given(inclusions(), st.data())
def test_an_inclusion_proof_proves_nothing_else(which: tuple[int, int], data: st.DataObject) -> None:
    index, size = which
    path, root = hashes(size, proofs.inclusion(index, size)), oracle().get_root(size)
    assert proofs.follows_inclusion(index, size, HASHES[index], path, root)
    other = data.draw(st.integers(-1, size).filter(lambda at: at != index))
    assert not proofs.follows_inclusion(other, size, HASHES[index], path, root)
    assert not proofs.follows_inclusion(index, size, HASHES[index + 1], path, root)
    assert not proofs.follows_inclusion(index, size, HASHES[index], [*path, HASHES[0]], root)
    assert not proofs.follows_inclusion(index, size, HASHES[index], path, oracle().get_root(size + 1))
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not proofs.follows_inclusion(index, size, HASHES[index], path[:at] + path[at + 1 :], root)
        changed = [*path[:at], HASHES[1_999], *path[at + 1 :]]
        assert not proofs.follows_inclusion(index, size, HASHES[index], changed, root)


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_a_consistency_proof_proves_nothing_else(one: int, two: int, data: st.DataObject) -> None:
    old, new = sorted((one, two))
    path, roots = hashes(new, proofs.consistency(old, new)), (oracle().get_root(old), oracle().get_root(new))
    assert proofs.follows_consistency(old, new, path, *roots)
    assert not proofs.follows_consistency(old, new, [*path, HASHES[0]], *roots)
    assert not proofs.follows_consistency(old, new, path, HASHES[1_999], roots[1])
    assert not proofs.follows_consistency(old, new, path, roots[0], HASHES[1_999])
    assert not proofs.follows_consistency(new + 1, new, path, *roots)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not proofs.follows_consistency(old, new, path[:at] + path[at + 1 :], *roots)
        changed = [*path[:at], HASHES[1_999], *path[at + 1 :]]
        assert not proofs.follows_consistency(old, new, changed, *roots)


def test_every_tree_grows_out_of_the_empty_one() -> None:
    assert proofs.consistency(0, 7) == []
    assert proofs.follows_consistency(0, 7, [], oracle().get_root(0), oracle().get_root(7))
    assert not proofs.follows_consistency(0, 7, [], oracle().get_root(1), oracle().get_root(7))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_there_is_no_proof_of_a_leaf_outside(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no leaf"):
        proofs.inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_tree_does_not_shrink(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not grow into"):
        proofs.consistency(old, new)


# ---- many leaves at once --------------------------------------------------------------------------------------------
@given(st.sets(st.integers(0, 299)), st.integers(1, 300))
def test_what_stands_beside_many_leaves_makes_the_root_with_them(chosen: set[int], size: int) -> None:
    picked = {index for index in chosen if index < size}
    ranges = [(index, index + 1) for index in sorted(picked)]
    rest = list(proofs.beside(ranges, size))
    covered = [index for low, high in rest for index in range(low, high)]
    assert sorted([*covered, *picked]) == list(range(size))
    given_ = iter(hashes(size, rest))

    def made(low: int, high: int) -> bytes:
        if not picked & {*range(low, high)}:
            return next(given_)
        if high - low == 1:
            return HASHES[low]
        middle = low + tiles.split(high - low)
        left = made(low, middle)
        return node_hash(left, made(middle, high))

    assert made(0, size) == oracle().get_root(size)


def test_beside_all_leaves_stands_nothing() -> None:
    assert list(proofs.beside([(0, 300)], 300)) == []
    assert list(proofs.beside([], 300)) == [(0, 300)]
    assert list(proofs.beside([], 0)) == []


# ---- tiles ----------------------------------------------------------------------------------------------------------
@given(st.integers(0, 10**12), st.integers(1, 256))
def test_the_path_of_a_tile_is_read_back(index: int, wide: int) -> None:
    assert tiles.parsed(tiles.path(index, wide)) == (index, wide)


@pytest.mark.parametrize(
    ("index", "wide", "path"),
    [(0, 256, "000"), (1_234_067, 256, "x001/x234/067"), (1_000, 5, "x001/000.p/5"), (999, 255, "999.p/255")],
)
def test_paths_are_those_of_the_text(index: int, wide: int, path: str) -> None:
    assert tiles.path(index, wide) == path


@pytest.mark.parametrize(
    "path", ["", "1", "0000", "x000/001", "001/002", "001.p/0", "001.p/256", "001.p/05", "x01/002"]
)
def test_other_paths_are_none(path: str) -> None:
    assert tiles.parsed(path) is None


def test_a_tile_that_is_missing_or_too_short_is_told() -> None:
    whole = tree(600)
    assert whole.leaves((250, 520)) == b"".join(HASHES[250:520])
    for broken in ({**TILES, (0, 1): b""}, {**TILES, (0, 1): TILES[0, 1][:-32]}):
        with pytest.raises(MissingTile, match="tile 1 of level 0"):
            TileTree(600, broken).leaves((250, 520))
    with pytest.raises(MissingTile):
        whole.hash((0, 1_024))
