"""The data keys of persons in PostgreSQL (schema `private`), and their twin in memory for tests."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection

from adapters.ciphers import (
    KEY_BYTES,
    KeyWrapper,
    LocalKeyWrapper,
    SubjectOpener,
    SubjectSealer,
    derive,
    fingerprint,
)
from adapters.postgres.pool import Pool
from adapters.postgres.single_flight import SingleFlight
from application.sealing import Erased
from domain.values import SubjectId
from projections.arrays import blobs, uuids
from projections.listening import hear

CACHE_MOST = 1_000
"""Ciphers kept, one a person."""
CACHE_S = 60.0
"""How long one is kept at most; it is dropped at once when the person is erased or restricted, in any process."""
CHANGED = "person_keys"
"""The channel on which the database tells whose key was destroyed, restricted or released."""
FIND = "SELECT subject FROM private.identities WHERE digest = %b"
FIND_MANY = """
    SELECT digest, subject, wrapped FROM private.identities JOIN private.subjects USING (subject)
    WHERE digest = ANY (%b)"""
# The reference is checked at the end of the statement, when both rows are there. Whoever claims several does so in the
# same order, or two who claim the same ones would wait for each other.
CLAIM = """
    WITH claims AS (SELECT * FROM unnest(%b, %b, %b) AS claim (digest, subject, wrapped)),
    mine AS (
        INSERT INTO private.identities (digest, subject) SELECT digest, subject FROM claims ORDER BY digest
        ON CONFLICT (digest) DO NOTHING RETURNING subject)
    INSERT INTO private.subjects (subject, wrapped) SELECT subject, wrapped FROM claims JOIN mine USING (subject)
    RETURNING subject"""
ADD = "INSERT INTO private.subjects (subject, wrapped) SELECT * FROM unnest(%b, %b)"
WRAPPED = "SELECT subject, wrapped, restricted_at IS NOT NULL FROM private.subjects WHERE subject = ANY (%b)"
KNOWN = "SELECT subject FROM private.subjects WHERE subject = %b"
PART = "DELETE FROM private.identities WHERE subject = %b RETURNING digest"
REJOIN = "INSERT INTO private.identities (digest, subject) SELECT unnest(%b), %b ON CONFLICT (digest) DO NOTHING"
ERASE = "DELETE FROM private.subjects WHERE subject = %b"
RESTRICT = "UPDATE private.subjects SET restricted_at = coalesce(restricted_at, now()) WHERE subject = %b"
RELEASE = "UPDATE private.subjects SET restricted_at = NULL WHERE subject = %b AND restricted_at IS NOT NULL"


def _digest(key: bytes, identity: Sequence[str]) -> bytes:
    return fingerprint(key, *(text.encode() for text in identity))


class _Cache:
    """The ciphers of the last CACHE_S seconds, CACHE_MOST at most, the oldest first; none unless `trusted`."""

    def __init__(self) -> None:
        self._kept: OrderedDict[SubjectId, tuple[float, AESGCM]] = OrderedDict()
        self._trusted = False

    def trust(self, *, trusted: bool) -> None:
        """Whether every change elsewhere is heard of: if not, nothing is kept."""
        self._trusted = trusted
        self._kept.clear()

    def get(self, subject: SubjectId) -> AESGCM | None:
        """The cipher, unless it is too old."""
        self._drop_old()
        kept = self._kept.get(subject)
        return kept[1] if kept else None

    def put(self, subject: SubjectId, cipher: AESGCM) -> None:
        """Keep a cipher that was read or made just now."""
        if self._trusted:
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
    """Implements application.subjects.Keys over an open pool (adapters.postgres.pool.service_pool).

    A person's key is committed before the sealer is handed out. Openers ask the database each time, so that whoever has
    been erased opens no more anywhere. Sealers may use a cipher again while `hearing` runs, which drops it as soon as
    the person is erased anywhere; otherwise they ask each time. All methods raise psycopg.Error and WrongMasterKey.
    """

    def __init__(self, pool: Pool, master_key: bytes, wrapper: KeyWrapper | None = None) -> None:
        self._pool = pool
        self._wrapper = wrapper or LocalKeyWrapper(master_key)
        self._identities = derive(master_key, "identities")
        self._cache = _Cache()
        self._wrapped: SingleFlight[Sequence[UUID], Sequence[tuple[Any, ...]]] = SingleFlight(self._find)

    async def hear(self, dsn: str, stop: asyncio.Event) -> None:
        """Hear, over a connection of its own, of whose key has changed elsewhere, until `stop` is set."""
        await hear(dsn, CHANGED, stop, self._heard, self._begun, self._lost)

    async def _begun(self, _: AsyncConnection[Any]) -> None:
        self._cache.trust(trusted=True)

    def _lost(self) -> None:
        self._cache.trust(trusted=False)

    def _heard(self, subject: str) -> None:
        self._cache.drop(SubjectId(subject))

    async def subject(self, identity: Sequence[str]) -> SubjectId:
        """See Keyring.subject. Without identifying texts it is always a new person."""
        if not identity:
            return (await self.new_subjects(1))[0].subject
        digest = _digest(self._identities, identity)
        while True:
            if found := await self._rows(FIND, [digest]):
                return SubjectId(str(found[0][0]))
            for sealer in (await self._claimed([digest])).values():
                self._cache.put(sealer.subject, sealer.cipher)
                return sealer.subject

    async def sealers(self, identities: Sequence[Sequence[str]]) -> list[SubjectSealer]:
        """The persons of many identities, as `subject` finds or makes each; without identifying texts always a new one.

        One query where all are known, three where there are new ones of both kinds, however many they are.
        """
        digests = [_digest(self._identities, identity) if identity else None for identity in identities]
        sought, known = list(dict.fromkeys(filter(None, digests))), dict[bytes, SubjectSealer]()
        while sought := [digest for digest in sought if digest not in known]:
            known |= await self._found(sought)
            if lacking := [digest for digest in sought if digest not in known]:
                # those with whom another process is faster are found in the next round
                known |= await self._claimed(lacking)
        nobody = digests.count(None)
        new = iter(await self.new_subjects(nobody) if nobody else ())
        return [next(new) if digest is None else known[digest] for digest in digests]

    async def _found(self, digests: Sequence[bytes]) -> dict[bytes, SubjectSealer]:
        """Who is known by these digests already."""
        rows = await self._rows(FIND_MANY, [blobs(digests)])
        keys = await self._wrapper.unwrap({subject: wrapped for _, subject, wrapped in rows})
        return {digest: _sealer(subject, keys[subject]) for digest, subject, _ in rows}

    async def _claimed(self, digests: Sequence[bytes]) -> dict[bytes, SubjectSealer]:
        """New persons for these digests, without those whom another process has made meanwhile."""
        keys = {uuid4(): AESGCM.generate_key(8 * KEY_BYTES) for _ in digests}
        wrapped = await self._wrapper.wrap(keys)
        claims = [blobs(digests), uuids(keys), blobs(wrapped[subject] for subject in keys)]
        mine = {subject for (subject,) in await self._rows(CLAIM, claims)}
        made = zip(digests, keys.items(), strict=True)
        return {digest: _sealer(subject, key) for digest, (subject, key) in made if subject in mine}

    async def new_subjects(self, number: int) -> list[SubjectSealer]:
        """Make that many persons without an identity in one statement, with durable keys."""
        keys = {uuid4(): AESGCM.generate_key(8 * KEY_BYTES) for _ in range(number)}
        wrapped = await self._wrapper.wrap(keys)
        async with self._pool.connection() as connection:
            await connection.execute(ADD, [uuids(keys), blobs(wrapped[subject] for subject in keys)])
        return [_sealer(subject, key) for subject, key in keys.items()]

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
        """See Keyring.opener. One query, shared with who asks at the same time."""
        rows = await self._wrapped.submit([UUID(subject) for subject in subjects])
        keys = await self._wrapper.unwrap({subject: wrapped for subject, wrapped, _ in rows})
        return SubjectOpener(
            {SubjectId(str(subject)): AESGCM(key) for subject, key in keys.items()},
            frozenset(SubjectId(str(subject)) for subject, _, restricted in rows if restricted),
        )

    async def _find(self, asked: Sequence[Sequence[UUID]]) -> Sequence[Sequence[tuple[Any, ...]]]:
        """The rows of WRAPPED for each who asks."""
        rows = await self._rows(WRAPPED, [uuids({subject for one in asked for subject in one})])
        found = {row[0]: row for row in rows}
        return [[found[subject] for subject in one if subject in found] for one in asked]

    async def known(self, subject: SubjectId) -> bool:
        """See Keys.known."""
        return bool(await self._rows(KNOWN, [UUID(subject)]))

    async def part(self, subject: SubjectId) -> list[bytes]:
        """See Keys.part."""
        return [digest for (digest,) in await self._rows(PART, [UUID(subject)])]

    async def rejoin(self, subject: SubjectId, known_by: Sequence[bytes]) -> None:
        """See Keys.rejoin."""
        async with self._pool.connection() as connection:
            await connection.execute(REJOIN, [blobs(known_by), UUID(subject)])

    async def erase(self, subject: SubjectId) -> None:
        """See Keys.erase."""
        await self._change(ERASE, subject)

    async def restrict(self, subject: SubjectId) -> None:
        """See Keys.restrict."""
        await self._change(RESTRICT, subject)

    async def release(self, subject: SubjectId) -> None:
        """See Keys.release."""
        await self._change(RELEASE, subject)

    async def _change(self, statement: LiteralString, subject: SubjectId) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement, [UUID(subject)])
        self._cache.drop(subject)

    async def _rows(self, statement: LiteralString, parameters: Iterable[object]) -> list[tuple[Any, ...]]:
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            await cursor.execute(statement, list(parameters), prepare=True)
            return await cursor.fetchall()


class MemoryKeyring:
    """The keyring in memory: the same promises, nothing kept."""

    def __init__(self) -> None:
        self._ciphers: dict[SubjectId, AESGCM] = {}
        self._restricted: set[SubjectId] = set()
        self._identities: dict[bytes, SubjectId] = {}

    async def subject(self, identity: Sequence[str]) -> SubjectId:
        """See Keyring.subject."""
        known = self._identities.get(_digest(b"", identity)) if identity else None
        if known in self._ciphers:
            return known
        [sealer] = await self.new_subjects(1)
        self._identities[_digest(b"", identity)] = sealer.subject
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
        ciphers = {subject: self._ciphers[subject] for subject in subjects if subject in self._ciphers}
        return SubjectOpener(ciphers, frozenset(self._restricted))

    async def known(self, subject: SubjectId) -> bool:
        """See Keys.known."""
        return subject in self._ciphers

    async def part(self, subject: SubjectId) -> list[bytes]:
        """See Keys.part."""
        known_by = [digest for digest, known in self._identities.items() if known == subject]
        return [digest for digest in known_by if self._identities.pop(digest)]

    async def rejoin(self, subject: SubjectId, known_by: Sequence[bytes]) -> None:
        """See Keys.rejoin."""
        self._identities = dict.fromkeys(known_by, subject) | self._identities

    async def erase(self, subject: SubjectId) -> None:
        """See Keys.erase."""
        self._ciphers.pop(subject, None)
        self._restricted.discard(subject)

    async def restrict(self, subject: SubjectId) -> None:
        """See Keys.restrict."""
        if subject in self._ciphers:
            self._restricted.add(subject)

    async def release(self, subject: SubjectId) -> None:
        """See Keys.release."""
        self._restricted.discard(subject)


def _sealer(subject: UUID, key: bytes) -> SubjectSealer:
    return SubjectSealer(SubjectId(str(subject)), AESGCM(key))


def _erased() -> Erased:
    return Erased("this person has been erased: nothing more can be recorded about them")
