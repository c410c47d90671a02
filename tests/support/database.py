"""Databases made for one purpose on a running server, migrated, and dropped afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.postgres.migrate import migrate, migrations
from adapters.postgres.pool import service_dsn

# The role belongs to the whole server: every database of the tests gives it the same.
APP_PASSWORD = "for tests alone"  # noqa: S105
ROOM = 8 << 30


@dataclass(frozen=True, slots=True)
class Database:
    """How a superuser and how the service connect to it."""

    admin: str
    app: str


def empty_database(server: str) -> AbstractContextManager[str]:
    """A database without anything in it, by a superuser's connection string."""
    return _copied(server, "template0")


@contextmanager
def _copied(server: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        _create(connection, name, template)
        try:
            yield make_conninfo(server, dbname=name)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def fresh_database(server: str) -> Iterator[Database]:
    """A migrated database with an empty log."""
    with _copied(server, _migrated(server)) as admin:
        yield Database(admin, service_dsn(admin, APP_PASSWORD))


@cache
def _migrated(server: str) -> str:
    """The name of a migrated database to copy, made where there is none yet.

    It stays on the server for the next tests; its name says of which migrations it is.
    """
    name = f"redress_template_{sha256(b''.join(one.sha256 for one in migrations())).hexdigest()[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        # several processes may share the server
        connection.execute("SELECT pg_advisory_lock(hashtext('redress.template'))")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchall():
            _make(connection, server, name)
    with _copied(server, name) as admin:
        # the role's password is the server's, not the template's
        migrate(admin, APP_PASSWORD)
    return name


def _make(connection: psycopg.Connection[Any], server: str, name: str) -> None:
    """Under another name until it is whole: whoever made it may have been killed halfway."""
    new, final = sql.Identifier(f"{name}_new"), sql.Identifier(name)
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
    _create(connection, f"{name}_new", "template0")
    migrate(make_conninfo(server, dbname=f"{name}_new"), APP_PASSWORD)
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, final))
    # nobody may be connected to what is copied
    connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(final))


def _create(connection: psycopg.Connection[Any], name: str, template: str) -> None:
    names = sql.Identifier(name), sql.Identifier(template)
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(*names))


@contextmanager
def running_server(dsn: str | None) -> Iterator[str]:
    """The server of `dsn`, or where that is None one of our own, which forgets everything."""
    if dsn is not None:
        yield dsn
        return
    with tempfile.TemporaryDirectory(prefix="redress-test-", ignore_cleanup_errors=True, dir=_memory()) as folder:
        # as root the server runs as somebody else, whom mkdtemp's 0700 would keep out
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "home", durable=False) as server:
            yield server


def _memory() -> str | None:
    """A folder in memory where there is one with room: a database is 300 small files, made ten times as fast there.

    None: the usual folder. In a container the one in memory is often too small.
    """
    in_memory = Path("/dev/shm")  # noqa: S108  mkdtemp makes the folder itself
    return str(in_memory) if in_memory.is_dir() and shutil.disk_usage(in_memory).free >= ROOM else None
