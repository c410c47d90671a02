"""The log behind the library's own recorder: proof that it can read ours; the service follows the log by itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg.conninfo import conninfo_to_dict

from adapters.postgres.event_log import APPEND, CHANNEL
from projections.arrays import blobs, ints, longs, texts, uuids


def log_datastore(dsn: str) -> PostgresDatastore:
    """Make the library's datastore for the log's database; close it when done."""
    parts: dict[str, Any] = {"host": "", "port": "", "password": "", **conninfo_to_dict(dsn)}
    names = ("dbname", "host", "port", "user", "password")
    datastore = PostgresDatastore(*(parts[name] for name in names), pool_size=1, max_overflow=4, schema="log")
    # the library takes these five only: sslmode and the like come with the whole string
    datastore.pool.conninfo = dsn
    return datastore


class LogRecorder(PostgresApplicationRecorder):
    """Reads log.events and is woken by its notifications; makes no tables; inserts as a command of its own."""

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore, events_table_name="events")
        self.channel_name = CHANNEL
        self.sql_create_statements.clear()

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Store events, all or none, and return their positions.

        Raises IntegrityError when they do not continue their streams, NotSupportedError for tracking.
        """
        if kwargs:
            raise NotSupportedError(f"the log stores events alone, without {', '.join(kwargs)}")
        position = self._append(uuid4(), stored_events)
        return range(position - len(stored_events) + 1, position + 1)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def _append(self, command_id: UUID, events: Sequence[StoredEvent]) -> int:
        """Append under one command id, however often it must be sent."""
        with self.datastore.get_connection() as connection:
            row = connection.execute(APPEND, _parameters(command_id, events), prepare=True).fetchone()
        if row is None or row["outcome"] == "conflict":
            raise IntegrityError("the events do not continue their streams")
        return int(row["position"])


def _parameters(command_id: UUID, events: Sequence[StoredEvent]) -> list[bytes]:
    return [
        uuids([command_id]),
        blobs([b""]),
        blobs([b"{}"]),
        ints([len(events)]),
        uuids(UUID(str(event.originator_id)) for event in events),
        longs(event.originator_version for event in events),
        texts(event.topic for event in events),
        blobs(event.state for event in events),
        ints([0]),
        uuids([]),
        longs([]),
    ]
