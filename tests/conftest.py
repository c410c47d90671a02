"""What more than one folder of tests needs."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from adapters.embedded_postgres import EmbeddedPostgres
from tests.support.database import Database, fresh_database


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A superuser's connection string: `REDRESS_TEST_DATABASE_URL`, or a server of this session's own."""
    if url := os.environ.get("REDRESS_TEST_DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory(prefix="redress-test-", ignore_cleanup_errors=True) as folder:
        # as root the server runs as somebody else, whom mkdtemp's 0700 would keep out
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "home", durable=False) as dsn:
            yield dsn


@pytest.fixture(scope="session")
def database_factory(postgres_server: str) -> Callable[[], AbstractContextManager[Database]]:
    """Make migrated databases: `with database_factory() as database`."""
    return partial(fresh_database, postgres_server)
