"""A running service over a database of its own, and the command line beside it on the same database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.adapters.http.serving import Factory, Service, running_service
from tests.support.command_line import CommandLine


@dataclass(frozen=True, slots=True)
class Beside:
    """A service, and how to run the command line on its database."""

    service: Service
    redress: CommandLine


@pytest.fixture(scope="module")
def beside(
    database_factory: Factory, command_line: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Beside]:
    home = Path(tmp_path_factory.mktemp("home"))
    with database_factory() as database, running_service(database, home) as service:
        redress = command_line.set(REDRESS_HOME=str(home), REDRESS_DATABASE_URL=database.app, COLUMNS="250")
        yield Beside(service, redress)
