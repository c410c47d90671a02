"""Making a database cluster, whole or not at all, and writing its configuration."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.embedded_postgres.account import Account
from adapters.embedded_postgres.errors import ClusterNotCreatedError
from adapters.embedded_postgres.home import DATABASE, PORT, USER, Home

DRAFT = "draft-"

SETTINGS = """\
# Written anew at every start.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '256MB'
wal_level = replica
# short statements only: compiling them costs more than it saves
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
"""

# For tests: a crash of the machine may lose everything.
NOT_DURABLE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def create_cluster(home: Home, binaries: Path, account: Account) -> None:
    """Make the cluster and in it the empty database; does nothing when there is one.

    Raises ClusterNotCreatedError; whatever stops it, also kill -9, leaves no half-made cluster behind.
    """
    if home.data.exists():
        return
    password = secrets.token_urlsafe(24)
    with _draft(home, account) as draft:
        _write_private(draft / "password", password)
        account.own(draft / "password")
        _initdb(draft, binaries, account)
        _create_database(draft / "data", binaries, account)
        # before the cluster appears: one without its password could never be opened
        _write_private(home.password, password)
        (draft / "data").rename(home.data)


def write_configuration(home: Home, *, durable: bool) -> None:
    """Write the settings with which the server starts next."""
    text = SETTINGS.format(port=PORT, sockets=home.sockets) + ("" if durable else NOT_DURABLE)
    home.configuration.write_text(text)
    # the server's account must be able to read it, whatever our umask
    home.configuration.chmod(0o644)


@contextmanager
def _draft(home: Home, account: Account) -> Iterator[Path]:
    for leftover in home.folder.glob(f"{DRAFT}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # a name of its own each time: after a kill -9 an orphaned initdb may still be writing to the last one
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=home.folder))
    try:
        account.own(draft)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _initdb(draft: Path, binaries: Path, account: Account) -> None:
    options = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums", f"--username={USER}")
    files = (f"--pgdata={draft / 'data'}", f"--pwfile={draft / 'password'}")
    _accept("initdb", account.run(binaries / "initdb", *options, *files))
    with (draft / "data" / "postgresql.conf").open("a") as file:
        file.write("\ninclude_if_exists = '../redress.conf'\n")


def _create_database(data: Path, binaries: Path, account: Account) -> None:
    # single-user mode: at no time does anything listen; by itself it exits with 0 also after a failed statement
    options = ("--single", "-c", "exit_on_error=on", "-D", data, "postgres")
    _accept("CREATE DATABASE", account.run(binaries / "postgres", *options, stdin=f"CREATE DATABASE {DATABASE}\n"))


def _accept(what: str, outcome: subprocess.CompletedProcess[str]) -> None:
    if outcome.returncode != 0:
        raise ClusterNotCreatedError(f"{what} failed ({outcome.returncode}): {outcome.stderr.strip()[-2_000:]}")


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(f"{text}\n")
        stream.flush()
        os.fsync(stream.fileno())
