"""Signed notes and what is written in them: published examples are taken, every other way of writing is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.proof.note import (
    BadNote,
    Checkpoint,
    Signer,
    VerifierKey,
    newest_key,
    opened,
    opened_checkpoint,
    parsed_proof,
    rotation,
    signed,
    tlog_proof,
    unbase64,
)

NEUMANN = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
ENOCH = VerifierKey.parse("EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
SAID = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PUBLISHED = f"""{SAID}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=
"""
ROOT = bytes(range(32))


def signer(number: int, name: str = "redress/log/x") -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


OLD, NEW, NEWEST, STRANGER = (signer(number) for number in range(1, 5))
HEAD = Checkpoint(OLD.name, 7, ROOT)


def test_the_published_note_opens() -> None:
    """From the documentation of golang.org/x/mod/sumdb/note."""
    assert opened(PUBLISHED, NEUMANN) == opened(PUBLISHED, ENOCH) == opened(PUBLISHED, NEUMANN, ENOCH) == SAID


def test_what_we_sign_opens() -> None:
    note = signed("one\n\nthree\n", OLD, NEW)
    assert opened(note, OLD.key) == opened(note, NEW.key, OLD.key) == "one\n\nthree\n"
    with pytest.raises(BadNote, match="not signed by"):
        opened(note, OLD.key, STRANGER.key)


@pytest.mark.parametrize(
    "note",
    [
        "",
        SAID,
        PUBLISHED.replace("cryptography", "Cryptography"),
        PUBLISHED.removesuffix("\n"),
        PUBLISHED.replace("\n\n", "\n"),
        PUBLISHED.replace("x08go/", "x08gp/"),
        PUBLISHED.replace("BwJnAM=", "BwJnAN="),
        PUBLISHED.replace("your problem,", "your\tproblem,"),
        PUBLISHED.replace("— PeterNeumann", "- PeterNeumann"),
    ],
)
def test_what_was_touched_does_not(note: str) -> None:
    with pytest.raises(BadNote):
        opened(note, NEUMANN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peterneumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(text)


def test_a_key_is_written_as_it_was_read() -> None:
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    assert str(VerifierKey.parse(text)) == text


@pytest.mark.parametrize("text", ["AA=", "AAB=", "A A=", "AA==\n", "é"])
def test_base64_has_one_way_of_writing(text: str) -> None:
    with pytest.raises(BadNote):
        unbase64(text)


# ---- checkpoints ----------------------------------------------------------------------------------------------------
def test_a_checkpoint_is_read_back() -> None:
    assert opened_checkpoint(signed(str(HEAD), OLD), OLD.key) == HEAD
    assert str(HEAD) == "redress/log/x\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(BadNote, match="of another log"):
        opened_checkpoint(signed(str(Checkpoint("redress/log/y", 7, ROOT)), OLD), OLD.key)


@pytest.mark.parametrize(
    "text",
    [
        str(HEAD) + "more\n",
        str(HEAD).replace("7", "07"),
        str(HEAD).replace("7", "-7"),
        str(HEAD).replace("7", "٧"),
        str(HEAD).replace("8=", "9="),
        "\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "redress/log/x\n7\nAAEC\n",
        "redress/log/x\n",
    ],
)
def test_what_is_written_otherwise_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        opened_checkpoint(signed(text, OLD), OLD.key)


# ---- keys that take over --------------------------------------------------------------------------------------------
def test_a_key_takes_over_by_two_signatures() -> None:
    chain = [rotation(OLD, NEW), rotation(NEW, NEWEST)]
    assert newest_key(OLD.key, []) == OLD.key
    assert newest_key(OLD.key, chain[:1]) == NEW.key
    assert newest_key(OLD.key, chain) == NEWEST.key


def test_no_other_way_leads_to_a_key() -> None:
    text = opened(rotation(OLD, NEW), OLD.key)
    elsewhere = signer(2, "redress/log/y")
    for chain in (
        [signed(text, NEW)],
        [signed(text, OLD)],
        [signed(text, OLD, STRANGER)],
        [signed(text.replace("/rotation", ""), OLD, NEW)],
        [rotation(NEW, NEWEST)],
        [rotation(OLD, NEW), rotation(OLD, NEWEST)],
        [rotation(OLD, elsewhere)],
        ["nothing"],
    ):
        with pytest.raises(BadNote):
            newest_key(OLD.key, chain)


# ---- proofs as text -------------------------------------------------------------------------------------------------
PROOF = tlog_proof(5, [ROOT, ROOT[::-1]], signed(str(HEAD), OLD))


def test_a_proof_is_read_back() -> None:
    assert PROOF.startswith("c2sp.org/tlog-proof@v1\nindex 5\nAAEC")
    assert parsed_proof(PROOF) == (5, [ROOT, ROOT[::-1]], signed(str(HEAD), OLD))
    assert parsed_proof(tlog_proof(0, [], "x\n")) == (0, [], "x\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        PROOF.replace("@v1", "@v2"),
        PROOF.replace("index 5", "index 05"),
        PROOF.replace("index 5", "index five"),
        PROOF.replace("index 5", "extra AA==\nindex 5"),
        PROOF.replace("AAEC", "AAE"),
    ],
)
def test_what_is_written_otherwise_is_no_proof(text: str) -> None:
    with pytest.raises(BadNote):
        parsed_proof(text)
