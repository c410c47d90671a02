"""log.append against a model of it in Python: whatever comes in whatever batch, both say and hold the same."""

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.postgres.event_log import PostgresLog
from application.event_log import CommandReused, Done, Moved, Row, Write
from tests.support.database import Database

pytestmark = pytest.mark.anyio

BATCHES = 400
STREAMS = [uuid4() for _ in range(30)]


@dataclass
class Model:
    """The rules in their plainest form."""

    streams: dict[UUID, list[int]] = field(default_factory=dict)
    commands: dict[UUID, tuple[bytes, bytes, int]] = field(default_factory=dict)
    latest: int = 0

    def append(self, write: Write) -> tuple[str, bytes | None, int | None]:
        """The outcome, answer and position that the log must give."""
        if known := self.commands.get(write.command_id):
            print_, answer, position = known
            return ("repeated" if print_ == write.fingerprint else "reused", answer, position)
        if any(len(self.streams.get(stream, ())) != version for stream, version in write.held):
            return ("conflict", None, None)
        streams = {stream: list(versions) for stream, versions in self.streams.items()}
        for row in write.rows:
            stream = streams.setdefault(row.stream, [])
            if row.version != len(stream) + 1:
                return ("conflict", None, None)
            stream.append(row.version)
        self.streams = streams
        self.latest += len(write.rows)
        self.commands[write.command_id] = (write.fingerprint, write.answer, self.latest)
        return ("stored", write.answer, self.latest)


def some_rows(chance: random.Random, model: Model, ahead: dict[UUID, int]) -> list[Row]:
    """Events for a few streams, nearly always those that come next, now and then one too early, too late or twice."""
    found = []
    for stream in chance.choices(STREAMS, k=chance.choice((0, 1, 1, 1, 2, 3))):
        for _ in range(chance.choice((1, 1, 2, 5))):
            version = ahead.get(stream, len(model.streams.get(stream, ()))) + 1
            ahead[stream] = version
            found.append(Row(stream, version + chance.choice((0,) * 60 + (-1, 1)), "t", b"{}"))
    return found


def some_held(chance: random.Random, model: Model, rows: Sequence[Row]) -> list[tuple[UUID, int]]:
    """Streams that must not have moved: mostly none, mostly as they stood before the batch."""
    others = sorted(set(STREAMS) - {row.stream for row in rows})
    held = chance.sample(others, k=chance.choice((0, 0, 0, 1, 2)))
    return [(stream, len(model.streams.get(stream, ())) + chance.choice((0,) * 20 + (1,))) for stream in held]


def some_batch(chance: random.Random, model: Model) -> list[Write]:
    batch: list[Write] = []
    ahead: dict[UUID, int] = {}
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        known = [*list(model.commands)[-20:], *(write.command_id for write in batch)]
        repeats = known and chance.random() < 0.03
        id_ = chance.choice(known) if repeats else UUID(int=chance.getrandbits(128))
        answer = b"%d" % chance.getrandbits(30)
        rows = some_rows(chance, model, ahead)
        held = some_held(chance, model, rows)
        batch.append(Write(id_, chance.choice((b"f", b"f", b"g")), answer, rows, held))
    return batch


def told(outcome: Done | Moved | CommandReused) -> tuple[str, bytes | None, int | None]:
    match outcome:
        case Done(answer, position, repeated):
            return ("repeated" if repeated else "stored", answer, position)
        case Moved():
            return ("conflict", None, None)
        case _:
            return ("reused", None, None)


def expected(model: Model, batch: Sequence[Write]) -> list[tuple[str, bytes | None, int | None]]:
    outcomes = [model.append(write) for write in batch]
    return [(kind, None, None) if kind == "reused" else (kind, answer, position) for kind, answer, position in outcomes]


async def test_the_log_does_what_the_model_says(postgres_log: PostgresLog, database: Database) -> None:
    seed = random.SystemRandom().getrandbits(32)
    sys.stdout.write(f"seed {seed}\n")
    chance, model = random.Random(seed), Model()  # noqa: S311  a repeatable seed is the point
    seen = set()
    for _ in range(BATCHES):
        batch = some_batch(chance, model)
        outcomes = [told(outcome) for outcome in await postgres_log.append_many(batch)]
        assert outcomes == expected(model, batch)
        seen |= {kind for kind, _, _ in outcomes}
    assert seen == {"stored", "repeated", "reused", "conflict"}
    with psycopg.connect(database.app) as connection:
        stored = connection.execute(
            "SELECT originator_id, array_agg(originator_version ORDER BY notification_id) FROM log.events GROUP BY 1"
        ).fetchall()
        assert dict(stored) == {stream: versions for stream, versions in model.streams.items() if versions}
        commands = connection.execute("SELECT command_id, fingerprint, answer, position FROM log.commands").fetchall()
        assert {id_: tuple(rest) for id_, *rest in commands} == model.commands


async def test_a_batch_whose_counts_do_not_add_up_is_refused(database: Database) -> None:
    with (
        psycopg.connect(database.app) as connection,
        pytest.raises(psycopg.errors.InvalidParameterValue, match="other events"),
    ):
        connection.execute(
            "SELECT * FROM log.append(ARRAY[gen_random_uuid()], ARRAY['f'::bytea], ARRAY['{}'::bytea], ARRAY[2],"
            " ARRAY[gen_random_uuid()], ARRAY[1::bigint], ARRAY['t'], ARRAY['{}'::bytea],"
            " ARRAY[0], '{}'::uuid[], '{}'::bigint[])"
        )
