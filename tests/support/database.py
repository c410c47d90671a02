"""Databases made for one purpose on a running server, migrated, and dropped afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.postgres.migrate import migrate
from adapters.postgres.pool import service_dsn

# The role belongs to the whole server: every database of the tests gives it the same.
APP_PASSWORD = "for tests alone"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Database:
    """How a superuser and how the service connect to it."""

    admin: str
    app: str


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """A database without anything in it, by a superuser's connection string."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )
        try:
            yield make_conninfo(server, dbname=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def fresh_database(server: str) -> Iterator[Database]:
    """A migrated database with an empty log."""
    with empty_database(server) as admin:
        migrate(admin, APP_PASSWORD)
        yield Database(admin, service_dsn(admin, APP_PASSWORD))


@contextmanager
def running_server(dsn: str | None) -> Iterator[str]:
    """The server of `dsn`, or where that is None one of our own, which forgets everything."""
    if dsn is not None:
        yield dsn
        return
    with tempfile.TemporaryDirectory(prefix="redress-test-", ignore_cleanup_errors=True) as folder:
        # as root the server runs as somebody else, whom mkdtemp's 0700 would keep out
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "home", durable=False) as server:
            yield server
