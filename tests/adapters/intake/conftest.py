"""A real PostgreSQL with everything an import or the generator works with: one fresh database a module."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack

import pytest

from tests.adapters.intake.service import Service, opened
from tests.support.database import Database


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def database(database_factory: Callable[[], AbstractContextManager[Database]]) -> Iterator[Database]:
    with database_factory() as made:
        yield made


@pytest.fixture
async def service(database: Database) -> AsyncIterator[Service]:
    async with AsyncExitStack() as stack:
        yield await opened(database, stack)


@pytest.fixture
async def other_service(
    database_factory: Callable[[], AbstractContextManager[Database]],
) -> AsyncIterator[Service]:
    """The same over another database."""
    with database_factory() as database:
        async with AsyncExitStack() as stack:
            yield await opened(database, stack)
