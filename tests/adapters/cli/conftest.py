"""A running service over a database of its own, and the command line beside it on the same database."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.http.serving import Factory, Service, running_service

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command has printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


Redress = Callable[..., Said]


@dataclass(frozen=True, slots=True)
class Beside:
    """A service, and how to run the command line on its database."""

    service: Service
    redress: Redress


@pytest.fixture(scope="module")
def beside(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Beside]:
    home = Path(tmp_path_factory.mktemp("home"))
    with database_factory() as database, running_service(database, home) as service:
        env = {**os.environ, "REDRESS_HOME": str(home), "REDRESS_DATABASE_URL": database.app, "COLUMNS": "250"}

        def redress(*words: str) -> Said:
            command = [sys.executable, "-m", "adapters.cli.main", *words]
            done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            return Said(done.returncode, done.stdout, done.stderr)

        yield Beside(service, redress)
