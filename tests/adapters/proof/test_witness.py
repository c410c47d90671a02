"""The witness takes what continues what it holds, and nothing else (A-1)."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.proof.selection import Kind, Selection
from adapters.proof.signing_keys import KeyChain
from adapters.proof.unpacking import BadBundle
from adapters.proof.witness import Unanswered, Witness, WitnessRefused
from application.proof import proofs
from application.proof.note import BadNote, Signer, VerifierKey, signed
from application.proof.tiles import TileTree
from tests.adapters.proof.notary import TILES, Notary


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "kept.json")


def grow(notary: Notary, events: int = 7) -> None:
    notary.record(events)
    notary.seal()


class Proof:
    """What a service would answer."""

    def __init__(self, notary: Notary) -> None:
        self._tiles = {(level, index): stored for level, index, stored in notary.rows(TILES)}

    def __call__(self, old: int, new: int) -> Sequence[bytes]:
        return [TileTree(new, self._tiles).hash(leaves) for leaves in proofs.consistency(old, new)]


def test_head_after_head_is_taken(notary: Notary, witness: Witness) -> None:
    before = None
    for events in (0, 1, 0, 300):
        grow(notary, events)
        taken = witness.take(notary.chain(), notary.note(), Proof(notary))
        assert (taken.head, taken.before) == (notary.head(), before)
        before = taken.head.size
        kept = witness.kept()
        assert kept is not None
        assert kept.head == taken.head


def test_a_new_key_is_followed(notary: Notary, witness: Witness) -> None:
    for _ in range(3):
        grow(notary)
        assert witness.take(notary.chain(), notary.note(), Proof(notary)).key == notary.chain().newest
        notary.rotate()
    assert witness.take(notary.chain(), notary.note(), Proof(notary)).before == 21


def test_a_log_put_back_is_refused_and_the_head_kept(notary: Notary, witness: Witness) -> None:
    grow(notary)
    older = notary.note()
    grow(notary)
    witness.take(notary.chain(), notary.note(), Proof(notary))
    with pytest.raises(WitnessRefused, match="the head you hold has 14 events, this has 7"):
        witness.take(notary.chain(), older, Proof(notary))
    kept = witness.kept()
    assert kept is not None
    assert kept.note == notary.note()


def test_rewritten_history_is_refused(notary: Notary, witness: Witness) -> None:
    """Whoever has the keys can sign anything, but cannot make it continue what somebody else holds."""
    grow(notary)
    witness.take(notary.chain(), notary.note(), Proof(notary))
    notary.tamper("UPDATE log.events SET state = '{}' WHERE notification_id = 2")
    notary.sealed_anew()
    grow(notary)
    with pytest.raises(WitnessRefused, match="history was rewritten"):
        witness.take(notary.chain(), notary.note(), Proof(notary))


def test_a_log_of_other_keys_is_refused(notary: Notary, other_notary: Notary, witness: Witness) -> None:
    grow(notary)
    witness.take(notary.chain(), notary.note(), Proof(notary))
    grow(other_notary, 9)
    with pytest.raises(WitnessRefused, match="the head you hold is of"):
        witness.take(other_notary.chain(), other_notary.note(), Proof(other_notary))
    with pytest.raises(BadNote, match="not signed by"):
        witness.take(notary.chain(), other_notary.note(), Proof(other_notary))


def test_a_key_that_nobody_handed_over_is_refused(notary: Notary, witness: Witness) -> None:
    """The same log under the same name, going on rightly, but signed by somebody else from now on."""
    grow(notary)
    witness.take(notary.chain(), notary.note(), Proof(notary))
    grow(notary)
    usurper = Signer(notary.head().origin, Ed25519PrivateKey.generate())
    note = signed(str(notary.head()), usurper)
    with pytest.raises(WitnessRefused, match="that signed the head you hold is none of this log"):
        witness.take(KeyChain(usurper.key, ()), note, Proof(notary))


def test_the_key_one_was_given_must_be_the_logs(notary: Notary, witness: Witness) -> None:
    grow(notary)
    stranger = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    with pytest.raises(WitnessRefused, match="the key you were given"):
        witness.take(notary.chain(), notary.note(), Proof(notary), stranger)
    assert witness.kept() is None
    witness.take(notary.chain(), notary.note(), Proof(notary), notary.chain().first)


def test_a_proof_that_proves_nothing_is_refused(notary: Notary, witness: Witness) -> None:
    grow(notary)
    witness.take(notary.chain(), notary.note(), Proof(notary))
    grow(notary)
    with pytest.raises(WitnessRefused, match="history was rewritten"):
        witness.take(notary.chain(), notary.note(), lambda _old, _new: [])


# ---- from bundles ---------------------------------------------------------------------------------------------------
def test_a_bundle_of_all_will_do(notary: Notary, witness: Witness) -> None:
    grow(notary)
    assert witness.from_bundle(notary.bundle()).before is None
    older = notary.bundle(name="older")
    grow(notary)
    assert witness.from_bundle(notary.home / "bundle.zip").before == 7
    notary.bundle()
    assert witness.from_bundle(notary.home / "bundle.zip").head == notary.head()
    with pytest.raises(WitnessRefused, match="cut off or put back"):
        witness.from_bundle(older)


def test_a_bundle_of_a_part_will_not_do_where_the_log_has_grown(notary: Notary, witness: Witness) -> None:
    stream = notary.record(3)
    notary.seal()
    witness.from_bundle(notary.bundle())
    grow(notary)
    with pytest.raises(WitnessRefused, match="take one of all"):
        witness.from_bundle(notary.bundle(Selection(Kind.CASE, str(stream))))


def test_what_is_no_bundle_is_told(witness: Witness, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    with pytest.raises(BadBundle, match="no ZIP"):
        witness.from_bundle(tmp_path / "x.zip")


def test_a_file_that_is_not_the_witnesss_is_told(notary: Notary, tmp_path: Path) -> None:
    grow(notary)
    for text in ("nothing", "[]", '{"checkpoint": 1}', json.dumps({"checkpoint": "x", "key": "y"})):
        (tmp_path / "kept.json").write_text(text)
        with pytest.raises(BadNote):
            Witness(tmp_path / "kept.json").take(notary.chain(), notary.note(), Proof(notary))


@pytest.mark.parametrize("url", ["ftp://example.org", "http://127.0.0.1:9"])
def test_a_service_that_does_not_answer_is_told(witness: Witness, url: str) -> None:
    with pytest.raises(Unanswered):
        witness.from_service(url, "k")
