"""Where the keys of persons lie: in the log's own database or in that of REDRESS_KEYS_DATABASE_URL, never in both."""

from typing import Any

from psycopg import Connection

_PERSONS = "SELECT EXISTS (SELECT FROM private.subjects)"
_SAID = "SELECT EXISTS (SELECT FROM log.events WHERE topic IN ('agent.registered', 'case.received'))"


class KeysMisplaced(Exception):
    """The keys of persons do not lie where the settings say: what was said of them could not be read."""


def check_place(log: Connection[Any], keys: Connection[Any] | None) -> None:
    """Refuse to start where the keys lie elsewhere than is set; `keys` is None where they lie with the log.

    Raises KeysMisplaced.
    """
    beside_log = _true(log, _PERSONS)
    if keys is not None and beside_log:
        raise KeysMisplaced(
            "the log's own database holds keys of persons: move them to that of REDRESS_KEYS_DATABASE_URL "
            "(docs/operators.md), or leave the setting away"
        )
    if keys is None and not beside_log and _true(log, _SAID):
        raise KeysMisplaced("the keys of persons are not here: set REDRESS_KEYS_DATABASE_URL to where they are")


def _true(connection: Connection[Any], query: str) -> bool:
    return connection.execute(query.encode()).fetchone() == (True,)
