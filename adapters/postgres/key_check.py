"""Which master key a database belongs to: one row tells that key from all others (adapters.ciphers.check_value)."""

from typing import Any

from psycopg import Connection

from adapters.master_key import WrongMasterKey


def known(connection: Connection[Any]) -> bytes | None:
    """The check value of the database's master key; None while it has none, or is not set up at all."""
    there = connection.execute("SELECT to_regclass('private.master_key_check') IS NOT NULL").fetchone() == (True,)
    row = connection.execute("SELECT value FROM private.master_key_check").fetchone() if there else None
    return bytes(row[0]) if row else None


def compare(connection: Connection[Any], value: bytes) -> None:
    """Refuse another key than the database's, where that is known. Raises WrongMasterKey."""
    if known(connection) not in {None, value}:
        raise WrongMasterKey


def keep(connection: Connection[Any], value: bytes) -> None:
    """Make this the key of the database unless it has one; of several at once the first wins. Raises WrongMasterKey."""
    connection.execute("INSERT INTO private.master_key_check (value) VALUES (%s) ON CONFLICT DO NOTHING", [value])
    compare(connection, value)
