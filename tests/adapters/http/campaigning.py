"""What campaigns over HTTP have in common: their options, and a service of their own."""

import random
import signal
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.adapters.http.serving import Service, running_service
from tests.support.campaigns import report
from tests.support.database import fresh_database, running_server


def options_of(about: str | None) -> ArgumentParser:
    """The options that each of them has."""
    parser = ArgumentParser(description=about)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    return parser


@contextmanager
def service_of_its_own(asked: Namespace) -> Iterator[Service]:
    """A service over a database that is thrown away; the seed is said first."""
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    report(f"seed {asked.seed}")
    with (
        running_server(asked.server) as server,
        fresh_database(server) as database,
        tempfile.TemporaryDirectory() as home,
        running_service(database, Path(home)) as service,
    ):
        yield service
