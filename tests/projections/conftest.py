"""A world of its own for every test of the views."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest

from tests.projections.projecting import World
from tests.support.database import Database

Factory = Callable[[], AbstractContextManager[Database]]


@contextmanager
def new_world(database_factory: Factory) -> Iterator[World]:
    with database_factory() as database, psycopg.connect(database.admin, autocommit=True) as admin:
        yield World(admin, database.admin, database.app)


@pytest.fixture
def world(database_factory: Factory) -> Iterator[World]:
    with new_world(database_factory) as world:
        yield world


@pytest.fixture(scope="module")
def shared_world(database_factory: Factory) -> Iterator[World]:
    """One for all tests of a module that only read."""
    with new_world(database_factory) as world:
        yield world
