"""Sealing: every event once, in order, whatever happens; and nothing is signed that does not continue what was."""

import asyncio
from itertools import count
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import AsyncConnection, AsyncCursor

from adapters.master_key import WrongMasterKey
from adapters.postgres.event_log import PostgresLog
from adapters.postgres.pool import log_pool
from adapters.proof.sealer import Sealer
from adapters.proof.sealing import Sealing, SealRefused
from adapters.proof.signing_keys import SigningKeys
from application.event_log import Row, Write
from application.proof import proofs
from application.proof.tiles import TileTree
from tests.adapters.proof.notary import MASTER_KEY, TILES, Notary


def test_an_empty_log_has_a_signed_head(notary: Notary) -> None:
    assert notary.seal() == 0
    assert notary.head().size == 0
    notary.check()


def test_every_event_is_sealed_once_in_batches_and_over_starts(notary: Notary) -> None:
    for events, batch in ((1, 1_000), (7, 3), (254, 100), (1, 1_000), (300, 256)):
        notary.record(events)
        assert notary.seal(batch) == events
        notary.check()
    assert notary.seal() == 0
    assert notary.rows("SELECT index, position FROM proof.runs") == [(0, 1)]


def test_leaves_count_on_where_positions_have_gaps(notary: Notary) -> None:
    for position in (5, 6, 9, 20, 21):
        notary.record(position=position)
        notary.seal()
    notary.check()
    assert notary.rows("SELECT index, position FROM proof.runs ORDER BY 1") == [(0, 5), (2, 9), (3, 20)]
    assert notary.rows("SELECT size, position FROM proof.head") == [(5, 21)]


def test_every_head_is_consistent_with_those_before(notary: Notary) -> None:
    heads = []
    for events in (1, 2, 5, 250, 3):
        notary.record(events)
        notary.seal()
        heads.append(notary.head())
    tree = TileTree(heads[-1].size, {(level, index): stored for level, index, stored in notary.rows(TILES)})
    for old in heads:
        path = [tree.hash(leaves) for leaves in proofs.consistency(old.size, heads[-1].size)]
        assert proofs.follows_consistency(old.size, heads[-1].size, path, old.root, heads[-1].root)


# ---- killed at every statement --------------------------------------------------------------------------------------
class Killed(AsyncCursor[Any]):
    """Kills its own connection at one statement, right before it or right after."""

    admin: psycopg.Connection[Any]
    left: int
    before: bool

    async def execute(self, *args: Any, **kwargs: Any) -> "Killed":
        Killed.left -= 1
        if Killed.left == 0 and Killed.before:
            self._kill()
        await super().execute(*args, **kwargs)
        if Killed.left == 0 and not Killed.before:
            self._kill()
        return self

    def _kill(self) -> None:
        pid = self.connection.info.backend_pid
        self.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


async def killed_at(notary: Notary, statement: int, *, before: bool, sealing: Sealing | None = None) -> bool:
    """Seal, from a start unless `sealing` goes on, with a connection that dies; whether it did."""
    Killed.admin, Killed.left, Killed.before = notary.admin, statement, before
    connection = await AsyncConnection.connect(notary.database.app, autocommit=True, cursor_factory=Killed)
    sealing = sealing or notary.sealing(batch=2)
    try:
        await sealing.prepare(connection)
        while await sealing.step(connection):
            pass
    except psycopg.OperationalError:
        return True
    finally:
        await connection.close()
    return False


@pytest.mark.parametrize("before", [True, False])
def test_killed_at_any_statement_the_next_start_goes_on(notary: Notary, before: bool) -> None:  # noqa: FBT001
    notes = []
    for statement in count(1):
        notary.record(position=100 * statement)
        notary.record(4)
        died = asyncio.run(killed_at(notary, statement, before=before))
        notes += [notary.note()] if notary.rows("SELECT FROM proof.head") else []
        notary.seal()
        notary.check()
        if not died:
            break
    assert statement > 20
    assert len({*notes}) > 10


def test_a_sealer_whose_connection_died_at_any_statement_goes_on(notary: Notary) -> None:
    """What it had in memory for the transaction that was lost must not count."""
    sealing = notary.sealing(batch=2)
    for statement in count(1):
        notary.record(5)
        died = asyncio.run(killed_at(notary, statement, before=True, sealing=sealing))
        assert not asyncio.run(killed_at(notary, 0, before=True, sealing=sealing))
        notary.check()
        if not died:
            break
    assert statement > 10


def test_the_first_start_killed_leaves_nothing_half_made(notary: Notary) -> None:
    notary.record(5)
    for statement in count(1):
        died = asyncio.run(killed_at(notary, statement, before=True))
        keys, heads = notary.rows("SELECT count(*) FROM proof.keys UNION ALL SELECT count(*) FROM proof.head")
        assert keys == heads
        if not died:
            break
    notary.check()


def test_a_head_that_was_not_kept_any_more_is_caught_up_with(notary: Notary) -> None:
    """Killed between the commit and the file: the database is ahead, which is no harm."""
    notary.record(3)
    notary.seal()
    before = (notary.home / "sealed-head").read_text("utf-8")
    notary.record(3)
    notary.seal()
    (notary.home / "sealed-head").write_text(before, "utf-8")
    notary.record(1)
    assert notary.seal() == 1
    notary.check()


# ---- what is refused ------------------------------------------------------------------------------------------------
def sealed(notary: Notary, events: int = 300) -> None:
    notary.record(events)
    notary.seal()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE log.events SET state = state || ' ' WHERE notification_id = 300", "position 300, is no longer"),
        ("UPDATE log.events SET topic = 'test.other' WHERE notification_id = 300", "position 300, is no longer"),
        ("DELETE FROM log.events WHERE notification_id >= 290", "position 300, is no longer"),
        ("DELETE FROM log.events", "position 300, is no longer"),
        ("UPDATE proof.tiles SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0)) WHERE index = 1", "tiles"),
        ("UPDATE proof.tiles SET hashes = set_byte(hashes, 0, 255 - get_byte(hashes, 0)) WHERE level = 1", "tiles"),
        ("DELETE FROM proof.tiles WHERE index = 1", "edge"),
        ("DELETE FROM proof.tiles", "edge"),
        ("UPDATE proof.head SET note = replace(note, E'\\n300\\n', E'\\n299\\n')", "not signed by"),
        ("UPDATE proof.head SET size = 299", "another size or position"),
        ("UPDATE proof.head SET position = 299", "another size or position"),
        ("UPDATE proof.runs SET position = 2", "another size or position"),
        ("DELETE FROM proof.head", "the head of the tree is gone"),
        ("UPDATE proof.keys SET verifier = 'nobody'", "base64|public key"),
    ],
)
def test_a_changed_end_is_not_sealed_on(notary: Notary, change: str, why: str) -> None:
    sealed(notary)
    assert notary.tamper(change) > 0
    notary.record()
    with pytest.raises(SealRefused, match=why):
        notary.seal()


def test_an_altered_end_is_seen_while_sealing_goes_on(notary: Notary) -> None:
    async def go_on() -> None:
        sealing = notary.sealing()
        async with await AsyncConnection.connect(notary.database.app, autocommit=True) as connection:
            await sealing.prepare(connection)
            assert await sealing.step(connection) == 5
            notary.tamper("UPDATE log.events SET state = '{}' WHERE notification_id = 5")
            await sealing.step(connection)

    notary.record(5)
    with pytest.raises(SealRefused, match="the last sealed event, at position 5"):
        asyncio.run(go_on())


@pytest.mark.parametrize("column", ["topic", "state"])
def test_an_event_without_topic_or_body_is_not_sealed(notary: Notary, column: str) -> None:
    sealed(notary, 2)
    notary.record(3)
    notary.tamper(f"UPDATE log.events SET {column} = NULL WHERE notification_id = 4")  # noqa: S608  a column of ours
    with pytest.raises(SealRefused, match="position 4 has no topic or no body"):
        notary.seal()


def put_back(notary: Notary, size: int) -> None:
    """Put the database back to how it was with that many events, as a backup would."""
    note = notary.note()
    sealed(notary, 10)
    notary.tamper("DELETE FROM log.events WHERE notification_id > %s", size)
    notary.tamper("UPDATE proof.head SET size = %s, position = %s, note = %s", size, size, note)
    notary.tamper("UPDATE proof.tiles SET hashes = substr(hashes, 1, %s) WHERE level = 0 AND index = 0", 32 * size)


def test_a_database_put_back_to_a_backup_is_not_sealed_on(notary: Notary) -> None:
    sealed(notary, 20)
    put_back(notary, 20)
    with pytest.raises(SealRefused, match="30 events were sealed here and the database knows 20"):
        notary.seal()


def test_once_the_auditors_know_sealing_goes_on_from_the_backup(notary: Notary) -> None:
    sealed(notary, 20)
    put_back(notary, 20)
    (notary.home / "sealed-head").unlink()
    notary.record(2)
    assert notary.seal() == 2
    notary.check()


def test_history_rewritten_and_signed_anew_is_not_sealed_on(notary: Notary) -> None:
    """By somebody who has the master key, too, but did not think of the file."""
    sealed(notary, 20)
    notary.tamper("UPDATE log.events SET state = '{}' WHERE notification_id = 3")
    kept = (notary.home / "sealed-head").read_text("utf-8")
    notary.sealed_anew()
    (notary.home / "sealed-head").write_text(kept, "utf-8")
    notary.record()
    with pytest.raises(SealRefused, match="not the one this machine has signed"):
        notary.seal()


def test_a_machine_that_has_sealed_another_log_refuses(notary: Notary, other_notary: Notary) -> None:
    sealed(notary, 2)
    other_notary.home = notary.home
    with pytest.raises(SealRefused, match="another log"):
        sealed(other_notary, 2)


def test_another_master_key_signs_nothing(notary: Notary) -> None:
    sealed(notary, 2)
    notary.keys = SigningKeys(bytes(32))
    with pytest.raises(WrongMasterKey):
        notary.seal()


# ---- keys that take over --------------------------------------------------------------------------------------------
def test_a_new_key_is_brought_in_by_the_old_one_and_goes_on(notary: Notary) -> None:
    sealed(notary, 5)
    first = notary.chain()
    for events in (0, 3, 0):
        notary.rotate()
        notary.record(events)
        notary.seal()
        notary.check()
    assert notary.chain().first == first.first
    assert len(notary.chain().every()) == 4
    assert [row[0] is None for row in notary.rows("SELECT wrapped FROM proof.keys ORDER BY number")] == [
        *(True, True, True, False),
    ]


def test_a_sealer_at_work_takes_the_new_key(notary: Notary) -> None:
    async def go_on() -> None:
        sealing = notary.sealing()
        async with await AsyncConnection.connect(notary.database.app, autocommit=True) as connection:
            await sealing.prepare(connection)
            await sealing.step(connection)
            await notary.keys.rotate(connection)
            notary.record(2)
            assert await sealing.step(connection) == 2

    notary.record(2)
    asyncio.run(go_on())
    notary.check()


# ---- the sealer at work ---------------------------------------------------------------------------------------------
async def until(holds: Any) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110  it is in the database
            await asyncio.sleep(0.01)


async def write(dsn: str, commands: int) -> None:
    """Several at once, through the one door."""
    async with log_pool(dsn, 4) as pool:
        log = PostgresLog(pool)

        async def one() -> None:
            for _ in range(commands):
                rows = [Row(uuid4(), 1, "test.happened", b"{}") for _ in range(3)]
                await log.append(Write(uuid4(), b"f", b"{}", rows))

        await asyncio.gather(*(one() for _ in range(6)))


def size(notary: Notary) -> int:
    rows = notary.rows("SELECT size FROM proof.head")
    return int(rows[0][0]) if rows else 0


async def sealers_over_writers(notary: Notary) -> None:
    """Two sealers, of which one stands by; the one at work is cut off once, and ended."""
    stop, stop_second = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(Sealer(notary.database.app, MASTER_KEY, notary.home, batch=50).run(stop))
    await until(lambda: notary.rows("SELECT FROM proof.head"))
    second = asyncio.create_task(Sealer(notary.database.app, MASTER_KEY, notary.home, batch=50).run(stop_second))
    await write(notary.database.app, 40)
    notary.rows("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    await write(notary.database.app, 10)
    await until(lambda: size(notary) == 900)
    stop.set()
    await first
    await write(notary.database.app, 1)
    await until(lambda: size(notary) == 918)
    stop_second.set()
    await second


def test_no_event_is_skipped_while_many_write(notary: Notary) -> None:
    asyncio.run(sealers_over_writers(notary))
    notary.check()


async def refusing(notary: Notary) -> str | None:
    sealer, stop = Sealer(notary.database.app, MASTER_KEY, notary.home), asyncio.Event()
    running = asyncio.create_task(sealer.run(stop))
    await until(lambda: sealer.refused)
    stop.set()
    await running
    return sealer.refused


async def sealing_to(notary: Notary, wanted: int) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(Sealer(notary.database.app, MASTER_KEY, notary.home).run(stop))
    await until(lambda: size(notary) == wanted)
    stop.set()
    await running


def test_a_sealer_that_refuses_says_so_and_signs_nothing(notary: Notary) -> None:
    sealed(notary, 3)
    note = notary.note()
    notary.tamper("UPDATE log.events SET state = '{}' WHERE notification_id = 3")
    notary.record()
    assert "position 3, is no longer what it was" in (asyncio.run(refusing(notary)) or "")
    assert notary.note() == note
    # for every process to see, whichever of them seals
    [(said,)] = notary.rows("SELECT error FROM read.failures WHERE view = 'sealing'")
    assert "position 3, is no longer what it was" in said


def test_a_refusal_is_forgotten_once_it_seals_again(notary: Notary) -> None:
    sealed(notary, 3)
    [(state,)] = notary.rows("SELECT state FROM log.events WHERE notification_id = 3")
    notary.tamper("UPDATE log.events SET state = '{}' WHERE notification_id = 3")
    notary.record()
    asyncio.run(refusing(notary))
    notary.tamper(f"UPDATE log.events SET state = '\\x{state.hex()}' WHERE notification_id = 3")  # noqa: S608  bytes of our own
    asyncio.run(sealing_to(notary, 4))
    assert notary.rows("SELECT FROM read.failures WHERE view = 'sealing'") == []


def test_the_service_cannot_take_back_what_it_sealed(notary: Notary) -> None:
    sealed(notary, 3)
    with psycopg.connect(notary.database.app, autocommit=True) as service:
        for statement in (
            "DELETE FROM proof.tiles",
            "TRUNCATE proof.tiles",
            "DELETE FROM proof.head",
            "DELETE FROM proof.keys",
            "UPDATE proof.runs SET position = 1",
            "DELETE FROM proof.exports",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(statement.encode())
