"""Brings a database to the schema this code knows: numbered SQL files, each applied once and never edited afterwards.

MigrationError ─┬─ OldServerError         PostgreSQL is older than 15
                ├─ ChangedMigrationError  a file was edited after it had been applied
                ├─ NewerDatabaseError     the database was written by newer code
                └─ OlderDatabaseError     migrations are missing, and this service may not apply them
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import Connection, sql

from adapters.postgres import key_check
from adapters.postgres.pool import APP_ROLE

OLDEST_SERVER = 15
ROLE_TRIES = 10

# One migration at a time in a database; the number is only ours: "redress" in ASCII.
LOCK = 0x72656472657373

BOOKKEEPING = """
CREATE SCHEMA IF NOT EXISTS migrations;
CREATE TABLE IF NOT EXISTS migrations.applied (
    number int PRIMARY KEY,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE migrations.applied IS 'Each file with the SHA-256 it had when it was applied';
"""


class MigrationError(Exception):
    """The schema of the database is not, or cannot become, what this code knows."""


class OldServerError(MigrationError):
    """PostgreSQL is too old."""


class ChangedMigrationError(MigrationError):
    """A file was edited after it had been applied."""


class NewerDatabaseError(MigrationError):
    """The database was written by newer code."""


class OlderDatabaseError(MigrationError):
    """Migrations are missing."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> bytes:
        """What tells whether the file was edited."""
        return hashlib.sha256(self.text.encode()).digest()


Known = Callable[[], tuple[Migration, ...]]
"""The migrations of one kind of database."""


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations of a log's database that this code knows, in order."""
    return _files("migrations")


@cache
def key_migrations() -> tuple[Migration, ...]:
    """All migrations of a database for keys alone."""
    return _files("key_migrations")


def _files(folder: str) -> tuple[Migration, ...]:
    found = sorted(files("adapters.postgres").joinpath(folder).iterdir(), key=lambda file: file.name)
    return tuple(
        Migration(int(file.name[:4]), file.name.removesuffix(".sql"), file.read_text("utf-8"))
        for file in found
        if file.name.endswith(".sql")
    )


def migrate(admin_dsn: str, app_password: str, check: bytes | None = None, known: Known | None = None) -> list[str]:
    """Apply what is missing, give the service's role its password, and return the names of what was applied.

    `known`: which migrations; without it those of the log. `check` is the master key's (adapters.ciphers.check_value);
    without it the first service to open the database leaves its own. Several may call it at once. Raises
    MigrationError, WrongMasterKey (then nothing has been changed) and psycopg.Error; a file that fails leaves nothing
    behind.
    """
    with psycopg.connect(admin_dsn, autocommit=True, connect_timeout=10) as connection:
        _check_server(connection)
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if check is not None:
            key_check.compare(connection, check)
        connection.execute(BOOKKEEPING)
        applied, ours = _applied(connection), (known or migrations)()
        _check_known(applied, ours)
        missing = [migration for migration in ours if migration.number not in applied]
        for migration in missing:
            _apply(connection, migration)
        if check is not None:
            key_check.keep(connection, check)
        _set_password(connection, app_password)
        return [migration.name for migration in missing]


def check_schema(connection: Connection[Any], known: Known | None = None) -> None:
    """Refuse a database that is not at this code's schema. Raises MigrationError."""
    _check_server(connection)
    begun = connection.execute("SELECT to_regclass('migrations.applied') IS NOT NULL").fetchone() == (True,)
    applied, ours = _applied(connection) if begun else {}, (known or migrations)()
    _check_known(applied, ours)
    missing = [migration.name for migration in ours if migration.number not in applied]
    if missing:
        raise OlderDatabaseError(f"the database lacks {', '.join(missing)}: run `redress migrate` as its administrator")


def _check_server(connection: Connection[Any]) -> None:
    version = connection.info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise OldServerError(f"this is PostgreSQL {version}: redress needs {OLDEST_SERVER} or later")


def _applied(connection: Connection[Any]) -> dict[int, bytes]:
    return dict(connection.execute("SELECT number, sha256 FROM migrations.applied").fetchall())


def _check_known(applied: Mapping[int, bytes], ours: Sequence[Migration]) -> None:
    newest, last = max(applied, default=0), ours[-1].number
    if newest > last:
        raise NewerDatabaseError(
            f"the database was written by newer code: it is at migration {newest}, this code knows {last}; "
            "install the newer version"
        )
    for migration in ours:
        if applied.get(migration.number, migration.sha256) != migration.sha256:
            raise ChangedMigrationError(
                f"{migration.name}.sql was edited after this database had applied it: put it back, add a new file"
            )


def _apply(connection: Connection[Any], migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.text.encode())
        connection.execute(
            "INSERT INTO migrations.applied (number, name, sha256) VALUES (%s, %s, %s)",
            [migration.number, migration.name, migration.sha256],
        )


def _set_password(connection: Connection[Any], password: str) -> None:
    """Set it as a SCRAM verifier, so that it shows in no server log."""
    verifier = connection.pgconn.encrypt_password(password.encode(), APP_ROLE.encode(), b"scram-sha-256").decode()
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(APP_ROLE), sql.Literal(verifier))
    for _ in range(ROLE_TRIES - 1):
        try:
            connection.execute(statement)
        except psycopg.errors.InternalError_:
            # "tuple concurrently updated": another database of the cluster is being migrated at this moment
            time.sleep(0.05)
        else:
            return
    connection.execute(statement)
