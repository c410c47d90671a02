"""What can go wrong with the embedded server; every message names the way out.

EmbeddedPostgresError
├── BinariesNotFoundError   no PostgreSQL here, or none that the server's account can run
├── NoServerAccountError    we are root, and nobody is there to drop to
├── HomeNotUsableError      the folder cannot be made, reached or trusted
├── ClusterNotCreatedError  initdb or CREATE DATABASE failed
├── ServerNotStartedError   the server exited, or did not answer in time
└── ServerNotStoppedError   the server outlived its shutdown
"""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL server cannot do what was asked."""


class BinariesNotFoundError(EmbeddedPostgresError):
    """There are no PostgreSQL binaries that the server's account can run."""


class NoServerAccountError(EmbeddedPostgresError):
    """PostgreSQL refuses to run as root, and there is no other account to run it as."""


class HomeNotUsableError(EmbeddedPostgresError):
    """The server's folder cannot be made, reached or trusted."""


class ClusterNotCreatedError(EmbeddedPostgresError):
    """A new database cluster could not be made; nothing of it is kept."""


class ServerNotStartedError(EmbeddedPostgresError):
    """The server exited or did not answer in time."""


class ServerNotStoppedError(EmbeddedPostgresError):
    """The server outlived its shutdown; it may still be writing."""
