"""The data keys of persons in PostgreSQL (schema `private`), and their twin in memory for tests."""

import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import LiteralString
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.ciphers import SubjectOpener, SubjectSealer, Wrapping, derive, fingerprint
from adapters.postgres.arrays import blobs, uuids
from adapters.postgres.pool import Pool
from application.sealing import Erased
from domain.values import SubjectId

CACHE_MOST = 10_000
"""Ciphers kept, one a person."""
CACHE_S = 60.0
"""How long one is kept: as long another process may go on sealing for a person who has been erased here."""

FIND = "SELECT subject FROM private.identities WHERE digest = %b"
# The reference is checked at the end of the statement, when both rows are there.
CLAIM = """
    WITH mine AS (
        INSERT INTO private.identities (digest, subject) VALUES (%b, %b)
        ON CONFLICT (digest) DO NOTHING RETURNING subject)
    INSERT INTO private.subjects (subject, wrapped) SELECT subject, %b FROM mine RETURNING subject"""
ADD = "INSERT INTO private.subjects (subject, wrapped) SELECT * FROM unnest(%b, %b)"
WRAPPED = "SELECT subject, wrapped FROM private.subjects WHERE subject = ANY (%b)"
ERASE = "DELETE FROM private.subjects WHERE subject = %b"


def _digest(key: bytes, identity: Sequence[str]) -> bytes:
    return fingerprint(key, *(text.encode() for text in identity))


class _Cache:
    """The ciphers of the last CACHE_S seconds, CACHE_MOST at most, the oldest first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[SubjectId, tuple[float, AESGCM]] = OrderedDict()

    def get(self, subject: SubjectId) -> AESGCM | None:
        """The cipher, unless it is too old."""
        self._drop_old()
        kept = self._kept.get(subject)
        return kept[1] if kept else None

    def put(self, subject: SubjectId, cipher: AESGCM) -> None:
        """Keep a cipher that was read or made just now."""
        self._kept[subject] = (time.monotonic(), cipher)
        self._kept.move_to_end(subject)
        self._drop_old()

    def drop(self, subject: SubjectId) -> None:
        """Forget a person."""
        self._kept.pop(subject, None)

    def _drop_old(self) -> None:
        oldest = time.monotonic() - CACHE_S
        while self._kept and (len(self._kept) > CACHE_MOST or next(iter(self._kept.values()))[0] < oldest):
            self._kept.popitem(last=False)


class PostgresKeyring:
    """Implements application.sealing.Keyring over an open pool (adapters.postgres.pool.service_pool).

    A person's key is committed before the sealer is handed out. Openers ask the database each time, so that whoever has
    been erased opens no more anywhere; sealers may use a cipher for CACHE_S seconds after the erasure in another
    process: what they seal then can be opened by nobody. All methods raise psycopg.Error and WrongMasterKey.
    """

    def __init__(self, pool: Pool, master_key: bytes) -> None:
        self._pool = pool
        self._wrapping = Wrapping(master_key)
        self._identities = derive(master_key, "identities")
        self._cache = _Cache()

    async def subject(self, identity: Sequence[str]) -> SubjectId:
        """See Keyring.subject. Without identifying texts it is always a new person."""
        if not identity:
            return (await self.new_subjects(1))[0].subject
        digest = _digest(self._identities, identity)
        while True:
            if found := await self._rows(FIND, [digest]):
                return SubjectId(str(found[0][0]))
            subject = uuid4()
            wrapped, cipher = self._wrapping.new(subject)
            # empty when another process was faster with this identity: then it is found
            if await self._rows(CLAIM, [digest, subject, wrapped]):
                self._cache.put(SubjectId(str(subject)), cipher)

    async def new_subjects(self, number: int) -> list[SubjectSealer]:
        """Make that many persons without an identity in one statement, with durable keys."""
        subjects = [uuid4() for _ in range(number)]
        made = [self._wrapping.new(subject) for subject in subjects]
        async with self._pool.connection() as connection:
            await connection.execute(ADD, [uuids(subjects), blobs(wrapped for wrapped, _ in made)])
        return [
            SubjectSealer(SubjectId(str(subject)), cipher) for subject, (_, cipher) in zip(subjects, made, strict=True)
        ]

    async def sealer(self, subject: SubjectId) -> SubjectSealer:
        """See Keyring.sealer. Raises Erased."""
        cipher = self._cache.get(subject)
        if cipher is None:
            cipher = (await self.opener([subject])).ciphers.get(subject)
            if cipher is None:
                raise _erased()
            self._cache.put(subject, cipher)
        return SubjectSealer(subject, cipher)

    async def opener(self, subjects: Sequence[SubjectId]) -> SubjectOpener:
        """See Keyring.opener. One query."""
        rows = await self._rows(WRAPPED, [uuids(map(UUID, subjects))])
        return SubjectOpener(
            {SubjectId(str(subject)): self._wrapping.cipher(subject, wrapped) for subject, wrapped in rows}
        )

    async def erase(self, subject: SubjectId) -> None:
        """Destroy a person's key, and with it who they were."""
        async with self._pool.connection() as connection:
            await connection.execute(ERASE, [UUID(subject)])
        self._cache.drop(subject)

    async def _rows(self, statement: LiteralString, parameters: Iterable[object]) -> list[tuple[UUID, bytes]]:
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(statement, list(parameters), prepare=True)
            return await cursor.fetchall()


class MemoryKeyring:
    """The keyring in memory: the same promises, nothing kept."""

    def __init__(self) -> None:
        self._ciphers: dict[SubjectId, AESGCM] = {}
        self._identities: dict[tuple[str, ...], SubjectId] = {}

    async def subject(self, identity: Sequence[str]) -> SubjectId:
        """See Keyring.subject."""
        known = self._identities.get(tuple(identity)) if identity else None
        if known in self._ciphers:
            return known
        [sealer] = await self.new_subjects(1)
        self._identities[tuple(identity)] = sealer.subject
        return sealer.subject

    async def new_subjects(self, number: int) -> list[SubjectSealer]:
        """See PostgresKeyring.new_subjects."""
        sealers = [SubjectSealer(SubjectId(str(uuid4())), AESGCM(AESGCM.generate_key(256))) for _ in range(number)]
        self._ciphers |= {sealer.subject: sealer.cipher for sealer in sealers}
        return sealers

    async def sealer(self, subject: SubjectId) -> SubjectSealer:
        """See Keyring.sealer. Raises Erased."""
        if subject not in self._ciphers:
            raise _erased()
        return SubjectSealer(subject, self._ciphers[subject])

    async def opener(self, subjects: Sequence[SubjectId]) -> SubjectOpener:
        """See Keyring.opener."""
        return SubjectOpener({subject: self._ciphers[subject] for subject in subjects if subject in self._ciphers})

    async def erase(self, subject: SubjectId) -> None:
        """See PostgresKeyring.erase."""
        self._ciphers.pop(subject, None)


def _erased() -> Erased:
    return Erased("this person has been erased: nothing more can be recorded about them")
