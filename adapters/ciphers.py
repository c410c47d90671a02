"""AES-256-GCM for one person's data, and the keys that come of the master key."""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.master_key import WrongMasterKey
from application.sealing import Tampered
from domain.values import Private, SubjectId

KEY_BYTES = 32
NONCE_BYTES = 12


def derive(master_key: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from the master key (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"redress {purpose}".encode()).derive(master_key)


def fingerprint(key: bytes, *parts: bytes) -> bytes:
    """Return the HMAC-SHA256 over the parts, each after its length: 32 bytes that say nothing without the key."""
    return hmac.digest(key, _joined(parts), "sha256")


def check_value(master_key: bytes) -> bytes:
    """Return 32 bytes that tell this master key from any other and give nothing of it away."""
    return fingerprint(derive(master_key, "check"), b"redress")


def _joined(parts: tuple[bytes, ...]) -> bytes:
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _sealed(cipher: AESGCM, data: bytes, place: bytes) -> bytes:
    """Nonce, ciphertext and tag. The nonce is random: one key seals far fewer than 2^32 texts."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, place)


def _opened(cipher: AESGCM, box: bytes, place: bytes) -> bytes:
    return cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place)


def _bound(place: str, subject: SubjectId) -> bytes:
    return _joined((place.encode(), subject.encode()))


class Wrapping:
    """Makes data keys, wrapped by the master key for their subject."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(derive(master_key, "data keys"))

    def new(self, subject: UUID) -> tuple[bytes, AESGCM]:
        """Return a new data key, wrapped, and its cipher."""
        key = AESGCM.generate_key(8 * KEY_BYTES)
        return _sealed(self._cipher, key, subject.bytes), AESGCM(key)

    def cipher(self, subject: UUID, wrapped: bytes) -> AESGCM:
        """Unwrap a data key. Raises WrongMasterKey."""
        try:
            return AESGCM(_opened(self._cipher, wrapped, subject.bytes))
        except (InvalidTag, ValueError) as error:
            raise WrongMasterKey from error


@dataclass(frozen=True, slots=True)
class SubjectSealer:
    """Seals for one person (application.sealing.Sealer)."""

    subject: SubjectId
    cipher: AESGCM

    def seal(self, place: str, text: str) -> Private:
        """Seal a text under its place."""
        return Private(self.subject, _sealed(self.cipher, text.encode(), _bound(place, self.subject)))


@dataclass(frozen=True, slots=True)
class SubjectOpener:
    """Opens what was sealed for the persons whose ciphers it holds (application.sealing.Opener)."""

    ciphers: Mapping[SubjectId, AESGCM]

    def open(self, place: str, private: Private) -> str | None:
        """Return the text, or None when there is no key. Raises Tampered."""
        cipher = self.ciphers.get(private.subject)
        if cipher is None:
            return None
        try:
            return _opened(cipher, private.box, _bound(place, private.subject)).decode()
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"{place}: this box was not sealed for {private.subject} in this place") from error
