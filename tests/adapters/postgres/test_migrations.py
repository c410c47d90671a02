"""Migrations are applied once, in order, by one at a time; and never to a database they do not fit."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from unittest.mock import PropertyMock, patch

import psycopg
import pytest

from adapters.master_key import WrongMasterKey
from adapters.postgres import migrate as module
from adapters.postgres.migrate import (
    ChangedMigrationError,
    Migration,
    NewerDatabaseError,
    OlderDatabaseError,
    OldServerError,
    check_schema,
    migrate,
    migrations,
)
from adapters.postgres.pool import service_dsn
from tests.support.database import APP_PASSWORD, empty_database

NAMES = [migration.name for migration in migrations()]


@pytest.fixture
def empty(postgres_server: str) -> Iterator[str]:
    with empty_database(postgres_server) as admin:
        yield admin


def applied(admin: str) -> list[str]:
    with psycopg.connect(admin) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM migrations.applied ORDER BY number")]


def test_the_numbers_have_no_gaps() -> None:
    assert [migration.number for migration in migrations()] == list(range(1, len(NAMES) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+", name) for name in NAMES)


def test_all_are_applied_once(empty: str) -> None:
    assert migrate(empty, APP_PASSWORD) == NAMES
    assert migrate(empty, APP_PASSWORD) == []
    assert applied(empty) == NAMES


def test_the_service_comes_in_with_the_password(empty: str) -> None:
    migrate(empty, APP_PASSWORD)
    with psycopg.connect(service_dsn(empty, APP_PASSWORD)) as connection:
        check_schema(connection)


def test_several_at_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: migrate(empty, APP_PASSWORD), range(4)))
    assert sorted(outcomes, key=len) == [[], [], [], NAMES]
    assert applied(empty) == NAMES


def test_several_databases_of_one_server_at_once(postgres_server: str) -> None:
    def one(_: int) -> list[str]:
        with empty_database(postgres_server) as admin:
            return migrate(admin, APP_PASSWORD)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(8))) == [NAMES] * 8


def test_an_edited_file_is_refused(empty: str) -> None:
    migrate(empty, APP_PASSWORD)
    first, *rest = migrations()
    with (
        patch.object(module, "migrations", lambda: (replace(first, text="SELECT 1"), *rest)),
        pytest.raises(ChangedMigrationError, match="0001_roles_and_schemas"),
    ):
        migrate(empty, APP_PASSWORD)


def test_a_newer_database_is_refused(empty: str) -> None:
    migrate(empty, APP_PASSWORD)
    with psycopg.connect(empty) as admin:
        admin.execute("INSERT INTO migrations.applied (number, name, sha256) VALUES (9999, 'x', '')")
    with pytest.raises(NewerDatabaseError, match="the database was written by newer code: it is at migration 9999"):
        migrate(empty, APP_PASSWORD)
    with (
        psycopg.connect(service_dsn(empty, APP_PASSWORD)) as app,
        pytest.raises(NewerDatabaseError),
    ):
        check_schema(app)


def test_a_service_that_may_not_migrate_is_told_what_lacks(empty: str) -> None:
    with psycopg.connect(empty) as connection, pytest.raises(OlderDatabaseError, match=NAMES[0]):
        check_schema(connection)
    migrate(empty, APP_PASSWORD)
    newer = Migration(len(NAMES) + 1, "9999_newer", "SELECT 1")
    with (
        psycopg.connect(service_dsn(empty, APP_PASSWORD)) as connection,
        patch.object(module, "migrations", lambda: (*migrations(), newer)),
        pytest.raises(OlderDatabaseError, match="lacks 9999_newer"),
    ):
        check_schema(connection)


def test_a_file_that_fails_leaves_nothing_behind(empty: str) -> None:
    broken = Migration(len(NAMES) + 1, "9999_broken", "CREATE TABLE public.half (n int); SELECT 1 / 0")
    with (
        patch.object(module, "migrations", lambda: (*migrations(), broken)),
        pytest.raises(psycopg.errors.DivisionByZero),
    ):
        migrate(empty, APP_PASSWORD)
    assert applied(empty) == NAMES
    with psycopg.connect(empty) as connection:
        assert connection.execute("SELECT to_regclass('public.half')").fetchone() == (None,)


def test_an_old_server_is_refused(empty: str) -> None:
    version = PropertyMock(return_value=140_009)
    with (
        patch.object(psycopg.ConnectionInfo, "server_version", version),
        pytest.raises(OldServerError, match="PostgreSQL 14: redress needs 15"),
    ):
        migrate(empty, APP_PASSWORD)


def test_at_once_with_different_keys_one_is_let_in(empty: str) -> None:
    def one(number: int) -> bool:
        try:
            migrate(empty, APP_PASSWORD, bytes([number]) * 32)
        except WrongMasterKey:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]


def test_the_password_is_not_sent_in_clear(empty: str) -> None:
    migrate(empty, APP_PASSWORD)
    with psycopg.connect(empty) as admin:
        row = admin.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'redress_app'").fetchone()
    assert row is not None
    assert row[0].startswith("SCRAM-SHA-256$")
