"""A running service for every module of tests, over a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.http.serving import Factory, Service, running_service


@pytest.fixture(scope="module")
def service(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service in process; what it is asked goes through the whole application."""
    with database_factory() as database, running_service(database, Path(tmp_path_factory.mktemp("home"))) as service:
        yield service
