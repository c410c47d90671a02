"""What is asked of the log at every command and every read is found by an index, however long the log is."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from adapters.postgres import histories
from adapters.postgres.event_log import APPEND, LOAD, _parameters
from adapters.postgres.pool import LOG_SETTINGS
from application.event_log import Row, Write
from projections import stretch, timelines
from projections.arrays import blobs, texts, uuids
from tests.support.database import Database

EVENTS = 60_000
STREAM = UUID(int=7)
FILL = """
    INSERT INTO log.events (originator_id, originator_version, topic, state, notification_id)
    SELECT lpad(to_hex(i / 9), 32, '0')::uuid, mod(i, 9) + 1, 'case.noted', repeat('x', 300)::bytea, i + 1
    FROM generate_series(0, %s - 1) AS i"""
FILL_COMMANDS = """
    INSERT INTO log.commands (command_id, fingerprint, answer, position)
    SELECT gen_random_uuid(), 'f', '{}', i FROM generate_series(1, %s) AS i"""
READ = """
    SELECT sum(seq_tup_read + idx_tup_fetch)::int FROM pg_stat_xact_all_tables
    WHERE schemaname = 'log' AND relname IN ('events', 'commands')"""
QUERIES: dict[str, tuple[str, Sequence[object]]] = {
    "load of a command": (LOAD, [uuids([STREAM, uuid4()]), texts(["case.noted"]), uuids([uuid4()]), blobs([b"f"])]),
    "one history": (histories._HISTORY, [STREAM, 2**63 - 1]),  # noqa: SLF001
    "many timelines": (timelines._EVENTS, [[STREAM, uuid4()], 2**63 - 1]),  # noqa: SLF001
    "one timeline": (timelines._OF_TWO, [STREAM, uuid4(), 2**63 - 1]),  # noqa: SLF001
    "head of the log": (histories._HEAD, []),  # noqa: SLF001
    "next stretch": (stretch._PULL, [EVENTS - 500, 2**63 - 1, 2_000]),  # noqa: SLF001
}


@pytest.fixture(scope="module")
def filled(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.admin, autocommit=True) as connection:
        connection.execute(FILL, [EVENTS])
        connection.execute(FILL_COMMANDS, [EVENTS])
        connection.execute("VACUUM ANALYZE log.events, log.commands")
        yield connection


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def explained(connection: psycopg.Connection[Any], query: str, parameters: Sequence[object]) -> list[dict[str, Any]]:
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode()
    [[[told]]] = connection.cursor(binary=False).execute(explain, parameters).fetchall()
    return list(nodes(told["Plan"]))


@pytest.mark.parametrize("asked", QUERIES)
def test_no_query_reads_the_whole_log(asked: str, filled: psycopg.Connection[Any]) -> None:
    plan = explained(filled, *QUERIES[asked])
    assert [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"] == []
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in plan if "Index" in node["Node Type"]) < 1_000


def test_a_plan_that_would_read_the_whole_log_is_seen(filled: psycopg.Connection[Any]) -> None:
    plan = explained(filled, "SELECT count(*) FROM log.events WHERE state = 'x'", [])
    assert [node["Relation Name"] for node in plan if "Seq Scan" in node["Node Type"]] == ["events"]


@pytest.mark.usefixtures("filled")
def test_a_batch_with_a_late_command_is_stored_without_reading_the_whole_log(database: Database) -> None:
    late, timely = (Write(uuid4(), b"f", b"{}", [Row(stream, 1, "t", b"{}")]) for stream in (STREAM, uuid4()))
    with psycopg.connect(database.admin) as connection:
        outcomes = connection.execute(APPEND, _parameters([late, timely])).fetchall()
        [(read,)] = connection.execute(READ).fetchall()
        connection.rollback()
    assert [outcome for outcome, _, _ in outcomes] == ["conflict", "stored"]
    assert 0 < read < 1_000


def test_the_log_pins_its_plans() -> None:
    assert {name: LOG_SETTINGS[name] for name in ("plan_cache_mode", "enable_seqscan")} == {
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
    }
