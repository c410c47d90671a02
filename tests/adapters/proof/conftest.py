"""A database of its own for every test of proofs: sealing leaves traces that another test must not see."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.adapters.proof.notary import Notary, notary_over
from tests.support.database import Database

Factory = Callable[[], AbstractContextManager[Database]]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def notary(database_factory: Factory, tmp_path: Path) -> Iterator[Notary]:
    with database_factory() as database, notary_over(database, tmp_path / "home") as notary:
        yield notary


@pytest.fixture
def other_notary(database_factory: Factory, tmp_path: Path) -> Iterator[Notary]:
    with database_factory() as database, notary_over(database, tmp_path / "other") as notary:
        yield notary
