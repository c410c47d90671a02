"""A real PostgreSQL for every test here: one fresh, migrated database a module."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from adapters.postgres.event_log import PostgresLog
from adapters.postgres.pool import log_pool
from tests.support.database import Database


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def database(database_factory: Callable[[], AbstractContextManager[Database]]) -> Iterator[Database]:
    with database_factory() as made:
        yield made


@pytest.fixture
async def postgres_log(database: Database) -> AsyncIterator[PostgresLog]:
    async with log_pool(database.app) as pool:
        yield PostgresLog(pool)
