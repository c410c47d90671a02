"""The library reads our log and is woken by it; what it writes goes through the one door."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError, NotSupportedError, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder

from adapters.postgres.db_functions import DbFunctionsForbidden, refuse_db_functions
from adapters.postgres.event_log import PostgresLog
from application.event_log import Row, Write
from tests.support.database import Database
from tests.support.recorder import LogRecorder, log_datastore


@pytest.fixture
def recorder(database: Database) -> Iterator[LogRecorder]:
    with log_datastore(database.app) as datastore:
        yield LogRecorder(datastore)


def test_it_stores_and_reads_events(recorder: LogRecorder, database: Database) -> None:
    recorder.create_table()
    stream = uuid4()
    events = [StoredEvent(stream, version, "t", b"{}") for version in (1, 2, 3)]
    positions = recorder.insert_events(events)
    assert recorder.select_events(stream) == events
    assert [notification.id for notification in recorder.select_notifications(positions[0], 10)] == list(positions)
    assert recorder.max_notification_id() == positions[-1]
    with psycopg.connect(database.app) as app:
        assert app.execute("SELECT count(*) FROM log.commands WHERE position = %s", [positions[-1]]).fetchone() == (1,)


def test_events_that_do_not_continue_their_stream_are_an_integrity_error(recorder: LogRecorder) -> None:
    with pytest.raises(IntegrityError):
        recorder.insert_events([StoredEvent(uuid4(), 2, "t", b"{}")])


def test_it_does_not_track(recorder: LogRecorder) -> None:
    with pytest.raises(NotSupportedError, match="tracking"):
        recorder.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")], tracking=Tracking("x", 1))


@pytest.mark.anyio
async def test_a_subscription_sees_what_our_own_log_appends(recorder: LogRecorder, postgres_log: PostgresLog) -> None:
    stream = uuid4()
    with recorder.subscribe(gt=recorder.max_notification_id()) as subscription:
        done = await postgres_log.append(Write(uuid4(), b"f", b"{}", [Row(stream, 1, "t", b"{}")]))
        seen = next(subscription)
    assert (seen.id, seen.originator_id) == (done.position, stream)


def test_the_tracking_table_is_the_librarys(database: Database) -> None:
    with log_datastore(database.app) as datastore:
        datastore.schema = "read"
        tracking = PostgresTrackingRecorder(datastore, tracking_table_name="tracking")
        tracking.insert_tracking(Tracking("inbox", 7))
        with pytest.raises(IntegrityError):
            tracking.insert_tracking(Tracking("inbox", 7))
        assert tracking.max_tracking_id("inbox") == 7


@pytest.mark.parametrize("name", ["POSTGRES_ENABLE_DB_FUNCTIONS", "REDRESS_POSTGRES_ENABLE_DB_FUNCTIONS"])
@pytest.mark.parametrize("value", ["y", "Yes", "t", "TRUE", "on", "1", "what"])
def test_the_librarys_own_function_is_refused(name: str, value: str) -> None:
    with pytest.raises(DbFunctionsForbidden, match=name):
        refuse_db_functions({name: value})


@pytest.mark.parametrize("value", ["", "n", "No", "f", "FALSE", "off", "0"])
def test_an_environment_that_switches_it_off_is_fine(value: str) -> None:
    refuse_db_functions({"POSTGRES_ENABLE_DB_FUNCTIONS": value, "HOME": "/root"})
