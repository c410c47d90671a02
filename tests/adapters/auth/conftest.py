"""A running service with its console, over a database of its own, for every module of tests."""

from collections.abc import Iterator

import pytest

from adapters.web.app import add_console
from tests.adapters.http.serving import Factory, Service, running_service


@pytest.fixture(scope="module")
def service(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service in process, with its pages."""
    with database_factory() as database, running_service(database, tmp_path_factory.mktemp("home")) as running:
        add_console(running.app)
        yield running
