"""One key a person: it opens where it sealed, nowhere else, and never again once it is destroyed."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import patch
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import AsyncConnection

from adapters import keyring as module
from adapters.ciphers import LocalKeyWrapper
from adapters.keyring import MemoryKeyring, PostgresKeyring
from adapters.master_key import WrongMasterKey
from adapters.postgres.event_log import PostgresLog
from adapters.postgres.pool import Pool, service_pool
from application import wire
from application.envelope import Meta
from application.event_log import Row, Write
from application.sealing import RESTRICTED, Erased, Keyring, Tampered, seal
from domain.case.words import CustomerClass
from domain.customer.events import ClassChanged
from domain.values import AgentId, Private, SubjectId
from tests.support.database import Database

pytestmark = pytest.mark.anyio

MASTER_KEY = bytes(range(32))
PLACE = "case.received.narrative"
CANARY = "canary 138-0013-8000 金丝雀"

AnyKeyring = PostgresKeyring | MemoryKeyring


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database.app, "keys") as pool:
        yield pool


@pytest.fixture
async def postgres_keyring(pool: Pool) -> PostgresKeyring:
    return PostgresKeyring(pool, MASTER_KEY)


@pytest.fixture(params=["memory", "postgres"])
def keyring(request: pytest.FixtureRequest) -> AnyKeyring:
    if request.param == "memory":
        return MemoryKeyring()
    return cast("PostgresKeyring", request.getfixturevalue("postgres_keyring"))


async def sealed(keyring: Keyring, text: str = CANARY) -> Private:
    return (await keyring.sealer(await keyring.subject([]))).seal(PLACE, text)


async def opened(keyring: Keyring, private: Private, place: str = PLACE) -> str | None:
    return (await keyring.opener([private.subject])).open(place, private)


@pytest.mark.parametrize("text", [CANARY, "", "x" * 100_000])
async def test_what_is_sealed_opens(keyring: AnyKeyring, text: str) -> None:
    assert await opened(keyring, await sealed(keyring, text)) == text


async def test_the_same_text_never_looks_the_same(keyring: AnyKeyring) -> None:
    sealer = await keyring.sealer(await keyring.subject([]))
    assert sealer.seal(PLACE, CANARY).box != sealer.seal(PLACE, CANARY).box


async def test_a_box_moved_to_another_place_does_not_open(keyring: AnyKeyring) -> None:
    private = await sealed(keyring)
    with pytest.raises(Tampered):
        await opened(keyring, private, "case.received.place")


async def test_a_box_given_to_another_person_does_not_open(keyring: AnyKeyring) -> None:
    private, other = await sealed(keyring), await keyring.subject([])
    with pytest.raises(Tampered):
        await opened(keyring, Private(other, private.box))


@pytest.mark.parametrize(
    "spoil", [lambda box: box[:-1], lambda box: box[:5], lambda _: b"", lambda box: box[:20] + b"x" + box[21:]]
)
async def test_a_spoilt_box_does_not_open(keyring: AnyKeyring, spoil: object) -> None:
    private = await sealed(keyring)
    box = spoil(private.box)  # type: ignore[operator]
    with pytest.raises(Tampered):
        await opened(keyring, Private(private.subject, box))


async def test_without_a_key_it_opens_as_none(keyring: AnyKeyring) -> None:
    private = await sealed(keyring)
    await keyring.erase(private.subject)
    assert await opened(keyring, private) is None
    with pytest.raises(Erased):
        await keyring.sealer(private.subject)
    with pytest.raises(Erased):
        await keyring.sealer(SubjectId(str(uuid4())))


async def test_who_is_parted_is_known_no_more_until_rejoined(keyring: AnyKeyring) -> None:
    """Unless somebody else has come meanwhile who is known so; what was sealed opens all the while."""
    card, phone = [f"K{uuid4()}"], [f"138{uuid4()}"]
    person, other = await keyring.subject(card), await keyring.subject(phone)
    private = (await keyring.sealer(person)).seal(PLACE, CANARY)
    known_by = await keyring.part(person)
    assert (len(known_by), await keyring.part(person)) == (1, [])
    assert await opened(keyring, private) == CANARY
    await keyring.rejoin(person, known_by)
    assert (await keyring.subject(card), await keyring.subject(phone)) == (person, other)
    parted = await keyring.part(person)
    somebody_new = await keyring.subject(card)
    await keyring.rejoin(person, parted)
    assert await keyring.subject(card) == somebody_new != person


async def test_the_same_identity_is_the_same_person(keyring: AnyKeyring) -> None:
    phone, card = f"138{uuid4()}", f"K{uuid4()}"
    known = await keyring.subject([phone, card])
    assert await keyring.subject([phone, card]) == known
    assert await keyring.subject([phone]) != known
    assert await keyring.subject([phone + card]) != known
    assert await keyring.subject([card, phone]) != known


async def test_nobody_is_the_same_as_nobody(keyring: AnyKeyring) -> None:
    assert await keyring.subject([]) != await keyring.subject([])


async def test_an_erased_person_who_comes_again_is_a_new_one(keyring: AnyKeyring) -> None:
    identity = [f"138{uuid4()}"]
    known = await keyring.subject(identity)
    await keyring.erase(known)
    again = await keyring.subject(identity)
    assert again != known
    assert await keyring.subject(identity) == again


async def test_many_persons_at_once(keyring: AnyKeyring) -> None:
    sealers = await keyring.new_subjects(500)
    opener = await keyring.opener([sealer.subject for sealer in sealers])
    assert {opener.open(PLACE, sealer.seal(PLACE, CANARY)) for sealer in sealers} == {CANARY}
    assert len({sealer.subject for sealer in sealers}) == 500
    assert await keyring.new_subjects(0) == []


async def test_one_identity_in_many_requests_at_once_is_one_person(postgres_keyring: PostgresKeyring) -> None:
    for _ in range(20):
        identity = [f"138{uuid4()}"]
        assert len(set(await asyncio.gather(*(postgres_keyring.subject(identity) for _ in range(8))))) == 1


async def test_many_identities_at_once_are_the_persons_they_are_one_by_one(postgres_keyring: PostgresKeyring) -> None:
    known, parted, erased, new = ([f"K{uuid4()}"] for _ in range(4))
    before = [await postgres_keyring.subject(identity) for identity in (known, parted, erased)]
    await postgres_keyring.part(before[1])
    await postgres_keyring.erase(before[2])
    sealers = await postgres_keyring.sealers([known, [], new, parted, new, [], erased, known])
    found = [sealer.subject for sealer in sealers]
    assert (found[0], found[2]) == (found[7], found[4])
    assert [found[0], *before] == [before[0], before[0], *before[1:]]
    assert len({*found, *before}) == 6 + 2
    assert [found[at] for at in (2, 3, 6)] == [await postgres_keyring.subject(one) for one in (new, parted, erased)]
    opener = await postgres_keyring.opener(found)
    assert {opener.open(PLACE, sealer.seal(PLACE, CANARY)) for sealer in sealers} == {CANARY}
    assert [one.subject for one in await postgres_keyring.sealers([new, known])] == [found[2], found[0]]
    assert await postgres_keyring.sealers([]) == []


async def test_many_identities_cost_as_many_queries_as_one(pool: Pool, postgres_keyring: PostgresKeyring) -> None:
    identities = [*([f"K{uuid4()}"] for _ in range(300)), [], []]
    with patch.object(pool, "connection", side_effect=pool.connection) as taken:
        await postgres_keyring.sealers(identities)
        assert taken.call_count == 3
        await postgres_keyring.sealers(identities[:300])
        assert taken.call_count == 4


async def test_many_identities_in_many_processes_at_once_are_one_person_each(pool: Pool) -> None:
    """In whatever order they are named: nobody waits for somebody who waits for them."""
    chance = random.Random(20_070_301)  # noqa: S311  no secret
    for _ in range(5):
        identities = [(f"K{uuid4()}",) for _ in range(400)]
        asked = [chance.sample(identities, 300) for _ in range(4)]
        found = await asyncio.gather(*(PostgresKeyring(pool, MASTER_KEY).sealers(one) for one in asked))
        persons = {
            (identity, sealer.subject)
            for identities, sealers in zip(asked, found, strict=True)
            for identity, sealer in zip(identities, sealers, strict=True)
        }
        assert len(persons) == len({identity for identity, _ in persons})


async def test_keys_are_durable_and_only_the_master_key_opens_them(
    pool: Pool, postgres_keyring: PostgresKeyring
) -> None:
    private = await sealed(postgres_keyring)
    assert await opened(PostgresKeyring(pool, MASTER_KEY), private) == CANARY
    with pytest.raises(WrongMasterKey):
        await opened(PostgresKeyring(pool, bytes(32)), private)


async def test_an_erasure_elsewhere_is_seen_at_once_by_who_does_not_listen(
    pool: Pool, postgres_keyring: PostgresKeyring
) -> None:
    private = await sealed(postgres_keyring)
    await PostgresKeyring(pool, MASTER_KEY).erase(private.subject)
    assert await opened(postgres_keyring, private) is None
    with pytest.raises(Erased):
        await postgres_keyring.sealer(private.subject)


@asynccontextmanager
async def hearing(keyring: PostgresKeyring, database: Database) -> AsyncIterator[None]:
    """The keyring while it hears of changes elsewhere."""
    stop = asyncio.Event()
    ear = asyncio.create_task(keyring.hear(database.app, stop))
    try:
        yield
    finally:
        stop.set()
        await ear


async def kept(keyring: PostgresKeyring, pool: Pool) -> SubjectId:
    """A person whose cipher is kept: it seals though the row is gone, unseen by triggers, from the database."""
    subject = await keyring.subject([])
    async with asyncio.timeout(20):
        while True:
            await keyring.sealer(subject)
            async with pool.connection() as connection, connection.transaction(force_rollback=True):
                await connection.execute("DELETE FROM private.subjects WHERE subject = %s", [subject])
                with patch.object(keyring, "_pool", _Only(connection)), suppress(Erased):
                    await keyring.sealer(subject)
                    return subject
            await asyncio.sleep(0.01)


class _Only:
    """A pool of one connection."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        yield self._connection


@pytest.mark.parametrize("change", ["erase", "restrict"])
async def test_what_is_kept_of_a_key_is_dropped_when_it_changes_elsewhere(
    pool: Pool, postgres_keyring: PostgresKeyring, database: Database, change: str
) -> None:
    async with hearing(postgres_keyring, database):
        subject = await kept(postgres_keyring, pool)
        await getattr(PostgresKeyring(pool, MASTER_KEY), change)(subject)
        async with asyncio.timeout(20):
            while postgres_keyring._cache.get(subject):  # noqa: ASYNC110, SLF001  what is kept shows nowhere else
                await asyncio.sleep(0.01)
        if change == "erase":
            with pytest.raises(Erased):
                await postgres_keyring.sealer(subject)


async def test_who_hears_no_more_keeps_nothing(
    pool: Pool, postgres_keyring: PostgresKeyring, database: Database
) -> None:
    async with hearing(postgres_keyring, database):
        subject = await kept(postgres_keyring, pool)
        with psycopg.connect(database.admin, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN \"person%'")
        async with asyncio.timeout(20):
            while postgres_keyring._cache.get(subject):  # noqa: ASYNC110, SLF001  what is kept shows nowhere else
                await asyncio.sleep(0.01)
        assert (await postgres_keyring.sealer(subject)).subject == subject


async def test_the_cache_keeps_no_more_than_it_may(
    postgres_keyring: PostgresKeyring, pool: Pool, database: Database
) -> None:
    with patch.object(module, "CACHE_MOST", 2):
        async with hearing(postgres_keyring, database):
            await kept(postgres_keyring, pool)
            subjects = [await postgres_keyring.subject([]) for _ in range(4)]
            for subject in subjects * 2:
                assert (await postgres_keyring.sealer(subject)).subject == subject


async def test_what_is_restricted_is_kept_and_nobody_reads_it_a_3(keyring: AnyKeyring) -> None:
    private = await sealed(keyring)
    await keyring.restrict(private.subject)
    assert await opened(keyring, private) == RESTRICTED
    more = (await keyring.sealer(private.subject)).seal(PLACE, CANARY)
    assert await opened(keyring, more) == RESTRICTED
    await keyring.release(private.subject)
    assert [await opened(keyring, one) for one in (private, more)] == [CANARY, CANARY]


async def test_who_is_not_there_is_not_restricted(keyring: AnyKeyring) -> None:
    private = await sealed(keyring)
    await keyring.erase(private.subject)
    await keyring.restrict(private.subject)
    assert await opened(keyring, private) is None
    assert not await keyring.known(private.subject)


async def test_whose_key_is_there_is_known(keyring: AnyKeyring) -> None:
    assert await keyring.known(await keyring.subject([]))
    assert not await keyring.known(SubjectId(str(uuid4())))


class _Elsewhere:
    """A key management service: it holds the key that wraps, and is asked once for many."""

    def __init__(self) -> None:
        self.wrapper = LocalKeyWrapper(b"k" * 32)
        self.asked = 0

    async def wrap(self, keys: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        self.asked += 1
        return await self.wrapper.wrap(keys)

    async def unwrap(self, wrapped: Mapping[UUID, bytes]) -> Mapping[UUID, bytes]:
        self.asked += 1
        return await self.wrapper.unwrap(wrapped)


async def test_the_keys_of_persons_may_be_wrapped_elsewhere(pool: Pool) -> None:
    service = _Elsewhere()
    keyring = PostgresKeyring(pool, MASTER_KEY, service)
    sealers = await keyring.new_subjects(100)
    boxes = [sealer.seal(PLACE, CANARY) for sealer in sealers]
    opener = await keyring.opener([sealer.subject for sealer in sealers])
    assert {opener.open(PLACE, box) for box in boxes} == {CANARY}
    assert service.asked == 2
    with pytest.raises(WrongMasterKey):
        await PostgresKeyring(pool, MASTER_KEY).opener([sealers[0].subject])


def raw(database: Database, *tables: str) -> bytes:
    """All rows of the tables as they are stored."""
    with psycopg.connect(database.admin) as admin:
        found = []
        for table in tables:
            with admin.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)".encode()) as copy:
                found += [bytes(row) for row in copy]
        return b"".join(found)


@pytest.mark.parametrize("table", ["private.subjects", "private.identities"])
async def test_the_service_cannot_destroy_all_keys_at_one_stroke(pool: Pool, table: str) -> None:
    async with pool.connection() as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(f"TRUNCATE {table} CASCADE".encode())


async def test_nothing_that_names_a_person_stands_in_the_tables(
    postgres_keyring: PostgresKeyring, postgres_log: PostgresLog, database: Database
) -> None:
    sealer = await postgres_keyring.sealer(await postgres_keyring.subject([CANARY]))
    words = dict.fromkeys(("collected", "planned", "evaluated", "decided"), CANARY)
    event = seal(ClassChanged, {"customer_class": CustomerClass.ORDINARY, **words}, sealer)
    id_ = uuid4()
    meta = wire.encode_meta(Meta(AgentId("a1"), datetime(2024, 5, 6, tzinfo=UTC), id_, id_, id_))
    await postgres_log.append(Write(id_, b"f", b"{}", [Row(uuid4(), 1, event.topic, wire.encode(event, meta))]))
    stored = raw(database, "private.subjects", "private.identities", "log.events", "log.commands")
    assert event.topic.encode() in stored
    assert sealer.subject.encode() in stored
    for secret in (CANARY.encode(), CANARY[:8].encode(), MASTER_KEY):
        assert secret not in stored
