"""What more than one folder of tests needs."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from hypothesis import settings

from tests.support.command_line import CommandLine, forked_command_line
from tests.support.database import Database, fresh_database, running_server

# A law says nothing about time: a busy machine must not refute it.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with browsers last: what drives those keeps a loop running in its process, beside which no other starts.

    Those of them with most tests first: a long one begun last would leave one process without work.
    """
    browsers = Counter(item.path for item in items if "page" in getattr(item, "fixturenames", ()))
    items.sort(key=lambda item: (item.path in browsers, -browsers[item.path], item.path))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A superuser's connection string: `REDRESS_TEST_DATABASE_URL`, or a server of this session's own."""
    with running_server(os.environ.get("REDRESS_TEST_DATABASE_URL")) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def database_factory(postgres_server: str) -> Callable[[], AbstractContextManager[Database]]:
    """Make migrated databases: `with database_factory() as database`."""
    return partial(fresh_database, postgres_server)


@pytest.fixture(scope="session")
def command_line() -> Iterator[CommandLine]:
    """`redress`; with `set` on a database of one's own."""
    with forked_command_line() as run:
        yield run
