"""What the database itself refuses, whoever asks; and that people can read what it holds."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection, sql

from adapters.postgres.event_log import PostgresLog
from application import wire
from application.envelope import Meta
from application.event_log import Row, Write
from domain.customer.events import TextingChanged
from domain.values import AgentId
from tests.support.database import Database

STREAM = UUID("5f0c8f2e-0000-4000-8000-00000000000a")
NOW = datetime(2024, 5, 6, 2, tzinfo=UTC)
META = Meta(AgentId("a1"), NOW, STREAM, STREAM, STREAM)

CHANGES = (
    "UPDATE log.events SET topic = 'x'",
    "DELETE FROM log.events WHERE false",
    "TRUNCATE log.events",
)
FORBIDDEN = (
    *CHANGES,
    "INSERT INTO log.events VALUES (gen_random_uuid(), 1, 't', '{}')",
    "COPY log.events FROM STDIN",
    "MERGE INTO log.events USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE",
    "LOCK TABLE log.events IN EXCLUSIVE MODE",
    "LOCK TABLE log.turn IN EXCLUSIVE MODE",
    "SELECT nextval('log.events_notification_id_seq')",
    "SELECT setval('log.events_notification_id_seq', 1)",
    "INSERT INTO log.commands VALUES (gen_random_uuid(), 'f', '{}', 1)",
    "UPDATE log.commands SET answer = 'x'",
    "DELETE FROM log.commands",
    "TRUNCATE log.commands",
    "ALTER TABLE log.events ADD COLUMN x int",
    "ALTER TABLE log.events DISABLE TRIGGER append_only",
    "CREATE TRIGGER x BEFORE INSERT ON log.events EXECUTE FUNCTION log.refuse_change()",
    "CREATE INDEX ON log.events (topic)",
    "CREATE TABLE log.x (x int)",
    "DROP TABLE log.events",
    "DROP FUNCTION log.append",
    "DROP SCHEMA log CASCADE",
    "CREATE OR REPLACE FUNCTION log.command_life() RETURNS interval LANGUAGE sql IMMUTABLE AS 'SELECT interval ''1s'''",
    "SELECT log.fits('{}', '{}', '{}', '{}', '{}')",
    "SET ROLE redress_owner",
    "SET session_replication_role = 'replica'",
    "UPDATE migrations.applied SET number = 99",
)


@pytest.fixture(scope="module")
def admin(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.admin, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def app(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.app, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_service_may_not(app: Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
        app.execute(statement.encode())


@pytest.mark.parametrize("role", ["redress_owner", None])
@pytest.mark.parametrize("replication", ["origin", "replica"])
@pytest.mark.parametrize("statement", CHANGES)
def test_neither_the_owner_nor_a_superuser_may_change_what_is_recorded(
    admin: Connection, statement: str, replication: str, role: str | None
) -> None:
    with admin.transaction(force_rollback=True):
        admin.execute(sql.SQL("SET LOCAL session_replication_role = {}").format(replication))
        if role:
            admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the log is append-only"), admin.transaction():
            admin.execute(statement.encode())


def test_the_owner_cannot_log_in(admin: Connection) -> None:
    row = admin.execute("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'redress_owner'").fetchone()
    assert row == (False, False)


def test_everything_in_the_log_belongs_to_the_owner_and_says_what_it_is(admin: Connection) -> None:
    described = admin.execute(
        """SELECT relname, pg_get_userbyid(relowner), obj_description(oid, 'pg_class') FROM pg_class
           WHERE relnamespace::regnamespace::text IN ('log', 'private', 'access', 'registry')
             AND relkind IN ('r', 'v', 'S')
           UNION ALL
           SELECT proname, pg_get_userbyid(proowner), obj_description(oid, 'pg_proc') FROM pg_proc
           WHERE pronamespace = 'log'::regnamespace"""
    ).fetchall()
    assert len(described) > 10
    assert [name for name, owner, comment in described if owner != "redress_owner" or not comment] == []


@pytest.mark.parametrize("schema", ["private", "access", "read", "registry"])
def test_the_service_may_write_elsewhere(admin: Connection, app: Connection, schema: str) -> None:
    table = sql.Identifier(schema, f"t{uuid4().hex}")
    maker = app if schema == "read" else admin
    with maker.transaction():
        if maker is admin:
            admin.execute("SET LOCAL ROLE redress_owner")
        maker.execute(sql.SQL("CREATE TABLE {} (n int)").format(table))
    app.execute(sql.SQL("INSERT INTO {} VALUES (1), (2)").format(table))
    app.execute(sql.SQL("UPDATE {} SET n = 3").format(table))
    app.execute(sql.SQL("DELETE FROM {}").format(table))
    app.execute(sql.SQL("TRUNCATE {}").format(table))
    assert app.execute("SELECT nextval('registry.case_number') > 0").fetchone() == (True,)


@pytest.mark.anyio
async def test_the_log_can_be_read_in_psql(postgres_log: PostgresLog, app: Connection) -> None:
    state = wire.encode(TextingChanged(allowed=True), wire.encode_meta(META))
    done = await postgres_log.append(Write(uuid4(), b"f", b"{}", [Row(STREAM, 1, TextingChanged.topic, state)]))
    row = app.execute("SELECT * FROM log.readable").fetchone()
    assert row is not None
    meta = row[-1]
    assert row[:-1] == (done.position, STREAM, 1, NOW, "a1", "customer.texting_changed", {"allowed": True})
    assert meta["command_id"] == str(STREAM)
