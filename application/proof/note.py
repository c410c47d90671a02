"""Signed notes, checkpoints and proofs as text (c2sp.org/signed-note, tlog-checkpoint, tlog-proof), with Ed25519.

A key that takes over is named in a note of its own, signed by the key before it and by itself.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from application.proof.tree import HASH

ED25519 = b"\1"
DASH = "— "
PROOF = "c2sp.org/tlog-proof@v1"
_ID = 4
"""Bytes of a key's id."""


class BadNote(Exception):
    """A text that is not signed by the key it must be signed by, or not written as it must be."""


def base64(data: bytes) -> str:
    """Standard base64."""
    return b64encode(data).decode()


def unbase64(text: str) -> bytes:
    """The bytes; only one way of writing them counts. Raises BadNote."""
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError) as error:
        raise BadNote("this is not base64") from error
    if base64(data) != text:
        raise BadNote("this base64 can be written shorter")
    return data


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key and its name, which for a log is the log's origin."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:_ID]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read what `str` writes. Raises BadNote."""
        name, _, rest = text.partition("+")
        coded = unbase64(rest.partition("+")[2])
        key = cls(name, coded[1:])
        if not name or len(coded) != 1 + HASH or str(key) != text:
            raise BadNote("this is not the public key of a log")
        return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under its name."""

    name: str
    private: Ed25519PrivateKey

    @property
    def key(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    def line(self, text: str) -> str:
        """The line that goes below a text."""
        return f"{DASH}{self.name} {base64(self.key.id + self.private.sign(text.encode()))}\n"


def signed(text: str, *signers: Signer) -> str:
    """The note: the text, which ends its last line, and a line by each signer."""
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def opened(note: str, *keys: VerifierKey) -> str:
    """The text of a note that all these keys have signed; lines of other keys are ignored. Raises BadNote."""
    text, between, lines = note.rpartition("\n\n")
    if not between or not lines.endswith("\n") or any(char < " " and char != "\n" for char in note):
        raise BadNote("this is not a signed note")
    text += "\n"
    signatures = [line.removeprefix(DASH).rpartition(" ") for line in lines.splitlines() if line.startswith(DASH)]
    for key in keys:
        mine = [unbase64(coded) for name, _, coded in signatures if name == key.name]
        if not any(_signed_by(key, text, one[_ID:]) for one in mine if one[:_ID] == key.id):
            raise BadNote(f"this is not signed by {key}")
    return text


def _signed_by(key: VerifierKey, text: str, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a tree: whose it is, how many leaves it has, its root."""

    origin: str
    size: int
    root: bytes

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read what `str` writes. Raises BadNote."""
        origin, size, root, *_ = [*text.split("\n"), "", ""]
        if size.isascii() and size.isdigit():
            head = cls(origin, int(size), unbase64(root))
            if str(head) == text and origin and len(head.root) == HASH:
                return head
        raise BadNote("this is not a checkpoint")


def opened_checkpoint(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a note that this key has signed. Raises BadNote."""
    head = Checkpoint.parse(opened(note, key))
    if head.origin != key.name:
        raise BadNote(f"this is a checkpoint of another log, {head.origin}")
    return head


def rotation(old: Signer, new: Signer) -> str:
    """The note by which a key takes over, signed by both."""
    return signed(_rotation(old.key, new.key), old, new)


def _rotation(old: VerifierKey, new: VerifierKey) -> str:
    return f"{old.name}/rotation\n{old}\n{new}\n"


def newest_key(first: VerifierKey, rotations: Sequence[str]) -> VerifierKey:
    """The key in force after all rotations, each signed by the key before and by the next. Raises BadNote."""
    for note in rotations:
        lines = note.split("\n")
        following = VerifierKey.parse(lines[2] if len(lines) > 2 else "")  # noqa: PLR2004  the line that names it
        if opened(note, first, following) != _rotation(first, following) or following.name != first.name:
            raise BadNote("this is not how a key takes over")
        first = following
    return first


def tlog_proof(index: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    """The proof that a leaf is in the log, on its own (`.tlog-proof`)."""
    return "".join(f"{line}\n" for line in (PROOF, f"index {index}", *map(base64, hashes), "")) + checkpoint


def parsed_proof(text: str) -> tuple[int, list[bytes], str]:
    """Index, hashes and checkpoint of such a proof; it has no extra data. Raises BadNote."""
    head, _, checkpoint = text.partition("\n\n")
    kind, index, *lines = [*head.split("\n"), ""][:-1] if "\n" in head else ["", ""]
    number = index.removeprefix("index ")
    if number.isascii() and number.isdigit():
        read = int(number), [unbase64(line) for line in lines], checkpoint
        if kind == PROOF and tlog_proof(*read) == text:
            return read
    raise BadNote("this is not a proof of inclusion")
