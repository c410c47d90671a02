"""The published examples: the tree of eight leaves known since the reference implementation of RFC 6962."""

import pytest

from application.proof import proofs
from application.proof.tiles import TileTree, needed
from application.proof.tree import EMPTY_ROOT, Edge, leaf_hash, root_of

LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
B = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
CD = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
EFGH = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
E = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
GH = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
EF = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def tree(size: int) -> TileTree:
    return TileTree(size, Edge().append(HASHES[:size]))


def hashes(size: int, ranges: list[tuple[int, int]]) -> list[str]:
    return [tree(size).hash(leaves).hex() for leaves in ranges]


def test_the_empty_tree() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Edge().root() == root_of(b"") == EMPTY_ROOT


@pytest.mark.parametrize("size", range(1, 9))
def test_roots(size: int) -> None:
    edge = Edge()
    edge.append(HASHES[:size])
    assert edge.root().hex() == ROOTS[size - 1]
    assert root_of(b"".join(HASHES[:size])).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (0, 8, [B, CD, EFGH]),
        (5, 8, [E, GH, ROOTS[3]]),
        (2, 3, [ROOTS[1]]),
        (1, 5, [ROOTS[0], CD, E]),
    ],
)
def test_inclusion(index: int, size: int, path: list[str]) -> None:
    assert hashes(size, proofs.inclusion(index, size)) == path
    proof = [bytes.fromhex(one) for one in path]
    assert proofs.follows_inclusion(index, size, HASHES[index], proof, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [(1, 1, []), (1, 8, [B, CD, EFGH]), (6, 8, [EF, GH, ROOTS[3]]), (2, 5, [CD, E])],
)
def test_consistency(old: int, new: int, path: list[str]) -> None:
    assert hashes(new, proofs.consistency(old, new)) == path
    roots = bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1])
    assert proofs.follows_consistency(old, new, [bytes.fromhex(one) for one in path], *roots)


def test_the_example_of_the_text() -> None:
    """RFC 6962, 2.1.3: seven leaves d0 … d6, whose tree has the nodes a … l."""
    leaf = {name: (index, index + 1) for index, name in enumerate("abcdefj")}
    g, h, i, l = (0, 2), (2, 4), (4, 6), (4, 7)  # noqa: E741  as the text names it
    k = (0, 4)
    assert proofs.inclusion(0, 7) == [leaf["b"], h, l]
    assert proofs.inclusion(3, 7) == [leaf["c"], g, l]
    assert proofs.inclusion(4, 7) == [leaf["f"], leaf["j"], k]
    assert proofs.inclusion(6, 7) == [i, k]
    assert proofs.consistency(3, 7) == [leaf["c"], leaf["d"], g, l]
    assert proofs.consistency(4, 7) == [l]
    assert proofs.consistency(6, 7) == [i, leaf["j"], k]


def test_the_tiles_of_the_example_of_tlog_tiles() -> None:
    """A tree of 70,000: 273 full tiles and one of 112; then one full and one of 17; then one of 1."""
    changed = Edge().append(HASHES[at % 8] for at in range(70_000))
    wide = {level: [len(changed[tile]) // 32 for tile in sorted(changed) if tile[0] == level] for level in range(3)}
    assert wide == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert max(level for level, _ in changed) == 2
    assert needed([(0, 65_536), (65_536, 69_888), (69_888, 70_000)]) == {(2, 0), (1, 1), (0, 273)}
