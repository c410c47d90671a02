"""The keys that sign heads: Ed25519, in the database, the private one wrapped by the master key."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection

from adapters.ciphers import NONCE_BYTES, derive
from adapters.master_key import WrongMasterKey
from application.proof.note import Checkpoint, Signer, VerifierKey, newest_key, opened_checkpoint, rotation, signed
from application.proof.tree import EMPTY_ROOT

Connection = AsyncConnection[Any]

_KEYS = "SELECT verifier, wrapped, rotation FROM proof.keys ORDER BY number"
_ADD = "INSERT INTO proof.keys (number, verifier, wrapped, rotation) VALUES (%s, %s, %s, %s)"
_FORGET = "UPDATE proof.keys SET wrapped = NULL WHERE number < %s"
_FIRST_HEAD = "INSERT INTO proof.head (size, position, note) VALUES (0, 0, %s)"
_HOLD = "SELECT note FROM proof.head FOR UPDATE"
_SIGNED_ANEW = "UPDATE proof.head SET note = %s, sealed_at = now()"


class NotSealedYet(Exception):
    """No sealer has worked on this database yet, so there is no key and no head."""

    def __init__(self) -> None:
        super().__init__("this log has not been sealed yet: start the service, it seals while it runs")


@dataclass(frozen=True, slots=True)
class KeyChain:
    """The public keys of a log: the first, and the notes by which others took over. Raises BadNote where it breaks."""

    first: VerifierKey
    rotations: Sequence[str]

    @property
    def newest(self) -> VerifierKey:
        """The key in force."""
        return newest_key(self.first, self.rotations)

    def every(self) -> list[VerifierKey]:
        """All keys, oldest first."""
        return [newest_key(self.first, self.rotations[:count]) for count in range(len(self.rotations) + 1)]


class SigningKeys:
    """Makes, finds and replaces signing keys; wrapped under the master key of the service."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(derive(master_key, "signing keys"))

    async def prepare(self, connection: Connection) -> None:
        """Make the first key and sign the head of the empty tree, where there is none yet."""
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('proof.prepare'))")
            if not await (await connection.execute(_KEYS)).fetchall():
                signer = Signer(f"redress/log/{uuid4()}", Ed25519PrivateKey.generate())
                await connection.execute(_ADD, (1, str(signer.key), self._wrapped(signer), None))
                empty = Checkpoint(signer.name, 0, EMPTY_ROOT)
                await connection.execute(_FIRST_HEAD, [signed(str(empty), signer)])

    async def chain(self, connection: Connection) -> KeyChain:
        """The public keys. Raises NotSealedYet, BadNote."""
        return (await self._rows(connection))[0]

    async def signer(self, connection: Connection) -> Signer:
        """The key in force. Raises NotSealedYet, BadNote, WrongMasterKey."""
        chain, wrapped = await self._rows(connection)
        return self._unwrapped(chain.newest, wrapped)

    async def rotate(self, connection: Connection) -> VerifierKey:
        """Replace the key in force: both sign the change, the new one signs the head, the old one is destroyed.

        Raises NotSealedYet, BadNote, WrongMasterKey.
        """
        async with connection.transaction():
            note = await (await connection.execute(_HOLD)).fetchone()
            chain, wrapped = await self._rows(connection)
            assert note is not None
            old, new = self._unwrapped(chain.newest, wrapped), Signer(chain.first.name, Ed25519PrivateKey.generate())
            head = opened_checkpoint(note[0], old.key)
            number = len(chain.rotations) + 2
            await connection.execute(_ADD, (number, str(new.key), self._wrapped(new), rotation(old, new)))
            await connection.execute(_FORGET, [number])
            await connection.execute(_SIGNED_ANEW, [signed(str(head), new)])
        return new.key

    async def _rows(self, connection: Connection) -> tuple[KeyChain, bytes | None]:
        rows = await (await connection.execute(_KEYS)).fetchall()
        if not rows:
            raise NotSealedYet
        return KeyChain(VerifierKey.parse(rows[0][0]), [row[2] for row in rows[1:]]), rows[-1][1]

    def _wrapped(self, signer: Signer) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, signer.private.private_bytes_raw(), str(signer.key).encode())

    def _unwrapped(self, key: VerifierKey, wrapped: bytes | None) -> Signer:
        box = wrapped or b""
        try:
            raw = self._cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], str(key).encode())
        except (InvalidTag, ValueError) as error:
            raise WrongMasterKey from error
        return Signer(key.name, Ed25519PrivateKey.from_private_bytes(raw))
