"""AES-256-GCM for one person's data, and the keys that come of the master key."""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.master_key import WrongMasterKey
from application.sealing import RESTRICTED, Tampered
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
    """Wraps keys for their owners by a key of its own for each purpose, which comes of the master key."""

    def __init__(self, master_key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derive(master_key, purpose))

    def wrap(self, owner: UUID, key: bytes) -> bytes:
        """Return the key as it may be stored: it unwraps for this owner alone."""
        return _sealed(self._cipher, key, owner.bytes)

    def unwrap(self, owner: UUID, wrapped: bytes) -> bytes:
        """Return the key. Raises WrongMasterKey."""
        try:
            return _opened(self._cipher, wrapped, owner.bytes)
        except (InvalidTag, ValueError) as error:
            raise WrongMasterKey from error


class KeyWrapper(Protocol):
    """Wraps the data keys of persons: the local master key, or a key management service elsewhere.

    What it wraps is stored beside the person's id; it keeps nothing itself. Many at once, so that a service far away
    is asked once. An implementation raises OSError when it cannot be reached: nothing is sealed or opened then.
    """

    async def wrap(self, keys: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        """Return each person's key (KEY_BYTES) as it may be stored."""
        ...

    async def unwrap(self, wrapped: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        """Return each person's key. Raises WrongMasterKey for one that was wrapped by another key or for another."""
        ...


class LocalKeyWrapper:
    """Implements KeyWrapper by the master key."""

    def __init__(self, master_key: bytes) -> None:
        self._wrapping = Wrapping(master_key, "data keys")

    async def wrap(self, keys: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        """See KeyWrapper.wrap."""
        return {subject: self._wrapping.wrap(subject, key) for subject, key in keys.items()}

    async def unwrap(self, wrapped: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        """See KeyWrapper.unwrap."""
        return {subject: self._wrapping.unwrap(subject, key) for subject, key in wrapped.items()}


@dataclass(frozen=True, slots=True)
class SubjectSealer:
    """Seals for one person (application.sealing.Sealer)."""

    subject: SubjectId
    cipher: AESGCM

    def seal(self, place: str, text: str) -> Private:
        """Seal a text under its place."""
        return Private(self.subject, self.seal_bytes(place, text.encode()))

    def seal_bytes(self, place: str, data: bytes) -> bytes:
        """Seal what is no text under its place."""
        return _sealed(self.cipher, data, _bound(place, self.subject))


@dataclass(frozen=True, slots=True)
class SubjectOpener:
    """Opens what was sealed for the persons whose ciphers it holds (application.sealing.Opener).

    restricted: of whom nobody may read anything, whoever asks (A-3).
    """

    ciphers: Mapping[SubjectId, AESGCM]
    restricted: frozenset[SubjectId] = frozenset()

    def open(self, place: str, private: Private) -> str | None:
        """Return the text, None when there is no key, RESTRICTED where nobody may read it. Raises Tampered."""
        if private.subject in self.restricted:
            return RESTRICTED
        data = self.open_bytes(place, private)
        return None if data is None else data.decode()

    def open_bytes(self, place: str, private: Private) -> bytes | None:
        """Return what is no text; None when there is no key, or nobody may read it. Raises Tampered."""
        cipher = self.ciphers.get(private.subject)
        if cipher is None or private.subject in self.restricted:
            return None
        try:
            return _opened(cipher, private.box, _bound(place, private.subject))
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"{place}: this box was not sealed for {private.subject} in this place") from error
