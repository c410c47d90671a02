"""What every log promises, held to by the one in memory and the one in PostgreSQL alike."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent

from adapters.postgres.event_log import PostgresLog
from application import wire
from application.envelope import Meta
from application.event_log import (
    Changes,
    Command,
    CommandReused,
    Conflict,
    Log,
    Match,
    MatchRequired,
    MemoryLog,
    Moved,
    Row,
    Stale,
    States,
    Stream,
    Write,
)
from domain.case.case import CASE
from domain.customer.events import TextingChanged
from domain.kernel import Decider, Event, Refusal
from domain.values import AgentId
from tests.support import cases
from tests.support.cases import NOTED
from tests.support.database import Database

pytestmark = pytest.mark.anyio

NOW = datetime(2024, 5, 6, 2, tzinfo=UTC)
COUNTER: Decider[int] = Decider("counter", 0, lambda count, _: count + 1)


def rows(stream: UUID, *versions: int) -> list[Row]:
    return [Row(stream, version, "test.happened", b'{"n": %d}' % version) for version in versions]


def write(*happened: Row, command_id: UUID | None = None, print_: bytes = b"f", answer: bytes = b"{}") -> Write:
    return Write(command_id or uuid4(), print_, answer, happened)


def command(*, match: Match | None = None, command_id: UUID | None = None, keyed: bool = False) -> Command:
    id_ = command_id or uuid4()
    return Command(Meta(AgentId("a1"), NOW, id_, id_, id_), b"f", keyed=keyed, match=match)


def counter() -> Stream[int]:
    return Stream(uuid4(), COUNTER)


async def versions(log: Log, stream: UUID) -> Sequence[int]:
    return [stored.originator_version for stored in (await log.load([stream]))[stream]]


@pytest.fixture(params=["memory", "postgres"])
def log(request: pytest.FixtureRequest) -> Log:
    return MemoryLog() if request.param == "memory" else cast("Log", request.getfixturevalue("postgres_log"))


async def test_what_is_appended_is_loaded_oldest_first(log: Log) -> None:
    one, other = uuid4(), uuid4()
    done = await log.append(write(*rows(one, 1, 2), *rows(other, 1), answer=b"yes"))
    assert (done.answer, done.repeated) == (b"yes", False)
    assert await log.load([other, one, other]) == {
        one: [StoredEvent(one, version, "test.happened", b'{"n": %d}' % version) for version in (1, 2)],
        other: [StoredEvent(other, 1, "test.happened", b'{"n": 1}')],
    }


async def test_an_unknown_stream_has_no_events(log: Log) -> None:
    stream = uuid4()
    assert list((await log.load([stream]))[stream]) == []


async def test_a_state_and_its_version_need_nothing_of_what_no_state_follows_from(log: Log) -> None:
    case, meta = Stream(uuid4(), CASE), wire.encode_meta(command().meta)
    happened = [cases.RECEIVED, NOTED, cases.ACKNOWLEDGED, NOTED, NOTED]
    for upto in range(1, len(happened) + 1):
        event = happened[upto - 1]
        await log.append(write(Row(case.id, upto, event.topic, wire.encode(event, meta))))
        states = await log.states([case])
        assert (states.version(case), states[case]) == (upto, CASE.fold(happened[:upto]))


async def test_of_what_no_state_follows_from_the_newest_alone_is_read(postgres_log: PostgresLog) -> None:
    stream, topics = uuid4(), ["case.received", "case.noted", "case.acknowledged", "case.noted", "case.noted"]
    await postgres_log.append(write(*(Row(stream, at, topic, b"{}") for at, topic in enumerate(topics, 1))))
    assert await versions(postgres_log, stream) == [1, 3, 5]


async def test_positions_rise_and_are_those_of_the_last_event(log: Log) -> None:
    stream = uuid4()
    first = await log.append(write(*rows(stream, 1)))
    second = await log.append(write(*rows(stream, 2, 3, 4)))
    assert second.position == first.position + 3


@pytest.mark.parametrize("wrong", [(1,), (2,), (4,), (3, 5)])
async def test_events_that_do_not_continue_their_stream_are_not_stored(log: Log, wrong: tuple[int, ...]) -> None:
    stream = uuid4()
    await log.append(write(*rows(stream, 1, 2)))
    with pytest.raises(Moved):
        await log.append(write(*rows(stream, *wrong)))
    assert await versions(log, stream) == [1, 2]


async def test_all_streams_of_a_command_or_none(log: Log) -> None:
    moved, other = uuid4(), uuid4()
    await log.append(write(*rows(moved, 1)))
    with pytest.raises(Moved):
        await log.append(write(*rows(other, 1), *rows(moved, 1)))
    assert await versions(log, other) == []


async def test_a_repeated_command_gets_its_first_answer_and_position(log: Log) -> None:
    stream, id_ = uuid4(), uuid4()
    first = await log.append(write(*rows(stream, 1), command_id=id_, answer=b"first"))
    again = await log.append(write(*rows(stream, 2), command_id=id_, answer=b"again"))
    assert (again.answer, again.position, again.repeated) == (b"first", first.position, True)
    assert await log.recall(id_, b"f") == again
    assert await versions(log, stream) == [1]


async def test_a_reused_id_is_told(log: Log) -> None:
    id_ = uuid4()
    await log.append(write(*rows(uuid4(), 1), command_id=id_))
    with pytest.raises(CommandReused):
        await log.append(write(*rows(uuid4(), 1), command_id=id_, print_=b"other"))
    with pytest.raises(CommandReused):
        await log.recall(id_, b"other")


async def test_an_unknown_command_is_not_recalled(log: Log) -> None:
    assert await log.recall(uuid4(), b"f") is None


async def test_a_conflict_leaves_no_trace_of_its_command(log: Log) -> None:
    id_ = uuid4()
    with pytest.raises(Moved):
        await log.append(write(*rows(uuid4(), 2), command_id=id_))
    assert await log.recall(id_, b"f") is None


async def test_a_command_without_events_has_the_position_the_log_had(log: Log) -> None:
    id_ = uuid4()
    before = await log.append(write(*rows(uuid4(), 1)))
    done = await log.append(write(command_id=id_, answer=b"nothing to do"))
    assert done.position == before.position
    recalled = await log.recall(id_, b"f")
    assert recalled is not None
    assert (recalled.answer, recalled.position) == (b"nothing to do", before.position)


async def happens(_: States, stream: Stream[int]) -> Changes:
    return {stream: [TextingChanged(allowed=True)]}


async def test_transact_decides_on_the_folded_state_and_stores_the_answer(log: Log) -> None:
    stream, seen = counter(), []

    async def decide(states: States) -> Changes:
        seen.append(states[stream])
        return await happens(states, stream)

    done = [await log.transact([stream], decide, command(), lambda states: b"%d" % states[stream]) for _ in range(3)]
    assert seen == [0, 1, 2]
    assert [one.answer for one in done] == [b"1", b"2", b"3"]


async def test_if_match_must_be_there_and_hold(log: Log) -> None:
    stream = counter()

    async def decide(states: States) -> Changes:
        return await happens(states, stream)

    await log.transact([stream], decide, command())
    with pytest.raises(MatchRequired):
        await log.transact([stream], decide, command(match=Match(None)))
    with pytest.raises(Stale) as stale:
        await log.transact([stream], decide, command(match=Match(0)))
    assert stale.value.version == 1
    await log.transact([stream], decide, command(match=Match(1)))


async def raced(log: Log, stream: Stream[int], match: Match | None, losses: int) -> int:
    """A command that loses that many races while it is decided; returns how often it was."""
    decided = 0

    async def decide(states: States) -> Changes:
        nonlocal decided
        decided += 1
        if decided <= losses:
            await log.append(write(*(await another(log, stream))))
        return await happens(states, stream)

    await log.transact([stream], decide, command(match=match))
    return decided


async def another(log: Log, stream: Stream[int]) -> Sequence[Row]:
    version = len((await log.load([stream.id]))[stream.id]) + 1
    return [Row(stream.id, version, TextingChanged.topic, _STATE)]


_STATE = (
    b'{"v":1,"data":{"allowed":true},"meta":{"actor":"a1","at":"2024-05-06T02:00:00Z","correlation_id":"%(id)b",'
    b'"causation_id":"%(id)b","command_id":"%(id)b"}}' % {b"id": b"5f0c8f2e-0000-4000-8000-000000000001"}
)


async def test_a_lost_race_with_if_match_is_stale_and_never_decided_again(log: Log) -> None:
    with pytest.raises(Stale) as stale:
        await raced(log, counter(), Match(0), losses=1)
    assert stale.value.version == 1


async def test_with_if_match_a_race_on_another_stream_is_decided_again(log: Log) -> None:
    """What the scheduler records of a case's clocks does not move the case (D-3)."""
    own, beside = counter(), counter()
    decided = 0

    async def decide(states: States) -> Changes:
        nonlocal decided
        decided += 1
        if decided == 1:
            await log.append(write(*(await another(log, beside))))
        return {**await happens(states, own), **await happens(states, beside)}

    await log.transact([own, beside], decide, command(match=Match(0)))
    assert (decided, len(await versions(log, own.id)), len(await versions(log, beside.id))) == (2, 1, 2)


async def test_a_lost_race_without_if_match_is_decided_again(log: Log) -> None:
    assert await raced(log, counter(), None, losses=2) == 3


async def test_after_three_lost_races_it_is_a_conflict(log: Log) -> None:
    with pytest.raises(Conflict) as conflict:
        await raced(log, counter(), None, losses=3)
    assert conflict.value.version == 3


async def test_a_keyed_repeat_is_answered_before_anything_is_decided(log: Log) -> None:
    stream, id_ = counter(), uuid4()

    async def once(states: States) -> Changes:
        if states[stream]:
            raise Refusal("it has been done")
        return await happens(states, stream)

    first = await log.transact([stream], once, command(command_id=id_, keyed=True))
    again = await log.transact([stream], once, command(command_id=id_, keyed=True, match=Match(0)))
    assert (again.position, again.repeated) == (first.position, True)


async def test_events_come_back_as_they_went_in(log: Log) -> None:
    everything: Decider[tuple[Event, ...]] = Decider("all", (), lambda seen, event: (*seen, event))
    stream = Stream(uuid4(), everything)
    facts = [TextingChanged(allowed=allowed) for allowed in (True, False, True)]

    async def decide(_: States) -> Changes:
        return {stream: facts}

    await log.transact([stream], decide, command())
    states = await log.states([stream])
    state = states[stream]
    assert list(state) == facts


async def test_a_chunk_is_one_transaction_with_an_outcome_for_each(postgres_log: PostgresLog) -> None:
    one, other, id_ = uuid4(), uuid4(), uuid4()
    outcomes = await postgres_log.append_many(
        [
            write(*rows(one, 1, 2), command_id=id_, answer=b"first"),
            write(*rows(one, 3), *rows(other, 1)),
            write(*rows(one, 3)),
            write(*rows(other, 2), command_id=id_),
            write(*rows(other, 2), command_id=id_, print_=b"other"),
            write(),
        ]
    )
    assert [type(outcome).__name__ for outcome in outcomes] == [
        "Done",
        "Done",
        "Moved",
        "Done",
        "CommandReused",
        "Done",
    ]
    assert (await versions(postgres_log, one), await versions(postgres_log, other)) == ([1, 2, 3], [1])
    assert await postgres_log.append_many([]) == []


async def test_commands_are_forgotten_after_30_days(postgres_log: PostgresLog, database: Database) -> None:
    kept, old, gone = uuid4(), uuid4(), uuid4()
    for id_ in (kept, old, gone):
        await postgres_log.append(write(*rows(uuid4(), 1), command_id=id_, answer=b"first"))
    with psycopg.connect(database.admin) as admin:
        age = "UPDATE log.commands SET recorded_at = now() - %s::interval WHERE command_id = %s"
        admin.execute(age, ["29 days 23 hours", kept])
        admin.execute(age, ["30 days 1 second", old])
        admin.execute(age, ["30 days 1 second", gone])
    assert await postgres_log.recall(kept, b"f") is not None
    assert await postgres_log.recall(old, b"f") is None
    anew = await postgres_log.append(write(*rows(uuid4(), 1), command_id=old, print_=b"other", answer=b"anew"))
    assert not anew.repeated
    recalled = await postgres_log.recall(old, b"other")
    assert recalled is not None
    assert recalled.answer == b"anew"
    with psycopg.connect(database.app) as app:
        assert app.execute("SELECT log.forget_commands()").fetchone() == (1,)
    assert await postgres_log.recall(kept, b"f") is not None


def test_forgetting_reads_only_what_is_forgotten(database: Database) -> None:
    with psycopg.connect(database.admin) as admin, admin.transaction(force_rollback=True):
        admin.execute(
            "INSERT INTO log.commands SELECT gen_random_uuid(), 'f', '{}', 1, now() - n * interval '2 minutes'"
            " FROM generate_series(1, 21610) AS n"
        )
        admin.execute("ANALYZE log.commands")
        scans = "SELECT seq_scan, idx_scan FROM pg_stat_xact_user_tables WHERE relid = 'log.commands'::regclass"
        before = admin.execute(scans).fetchone()
        forgotten = admin.execute("SELECT log.forget_commands()").fetchone()
        after = admin.execute(scans).fetchone()
    assert forgotten is not None
    assert 11 <= forgotten[0] <= 12
    assert before is not None
    assert after is not None
    assert (after[0], after[1] > before[1]) == (before[0], True)


async def moved_meanwhile(log: Log, stream: Stream[int]) -> None:
    async def decide(_: States) -> Changes:
        return {stream: [TextingChanged(allowed=True)]}

    await log.transact([stream], decide, command())


async def test_a_held_stream_that_moves_makes_the_command_decide_again(log: Log) -> None:
    own, held = counter(), counter()
    seen: list[int] = []

    async def decide(states: States) -> Changes:
        seen.append(states[held])
        if len(seen) == 1:
            await moved_meanwhile(log, held)
        return {own: [TextingChanged(allowed=True)]}

    await log.transact([own], decide, command(), held=[held])
    assert (seen, await versions(log, own.id), await versions(log, held.id)) == ([0, 1], [1], [1])


async def test_a_held_stream_that_is_written_too_is_no_hindrance(log: Log) -> None:
    own = counter()

    async def decide(_: States) -> Changes:
        return {own: [TextingChanged(allowed=True)]}

    await log.transact([own], decide, command(), held=[own])
    assert await versions(log, own.id) == [1]
