"""The folder in which the embedded server lives: what lies where, and who may enter."""

import hashlib
import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psycopg.conninfo import make_conninfo

from adapters.embedded_postgres.account import Account
from adapters.embedded_postgres.errors import HomeNotUsableError

PORT = 5432  # only names the socket: the server does not listen on TCP
USER = DATABASE = "redress"

# A socket's path ends at 104 bytes on macOS and 108 on Linux.
SOCKET_PATH_BYTES_MAX = 103
# libpq and the server's configuration give these a meaning of their own inside a folder's name.
SPECIAL = frozenset(",'\"\\\n")


def default_home() -> Path:
    """Return where the server lives when nobody says otherwise: the user's data folder.

    Root's own folders are closed to the account to which PostgreSQL drops, so root's is /var/lib/redress.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/redress")
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/redress").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "redress"


@dataclass(frozen=True)
class Home:
    """The files of one embedded server; `folder` is absolute and without symbolic links."""

    folder: Path

    @property
    def data(self) -> Path:
        """The database cluster."""
        return self.folder / "data"

    @property
    def password(self) -> Path:
        """The superuser's password, for us alone."""
        return self.folder / "password"

    @property
    def configuration(self) -> Path:
        """Our settings, included by the cluster's own."""
        return self.folder / "redress.conf"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.folder / "postgres.log"

    @property
    def gate(self) -> Path:
        """Locked by one process while it starts or stops the server."""
        return self.folder / ".gate"

    @property
    def users(self) -> Path:
        """Locked, shared, by every process that uses the server."""
        return self.folder / ".users"

    @cached_property
    def sockets(self) -> Path:
        """The folder of the server's socket: in the home, or where its path would not do, in /tmp."""
        folder = self.folder / "run"
        too_long = len(os.fsencode(folder / f".s.PGSQL.{PORT}")) > SOCKET_PATH_BYTES_MAX
        if not too_long and SPECIAL.isdisjoint(str(folder)):
            return folder
        # not gettempdir(): a process with another TMPDIR must find the same socket
        return Path("/tmp") / f"redress-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"  # noqa: S108

    def prepare(self, account: Account) -> None:
        """Make the folder if need be; raises HomeNotUsableError when it cannot be used by us or by `account`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # a folder that holds somebody's files already keeps the mode it has
            if not any(self.folder.iterdir()):
                self.folder.chmod(0o711 if account.drops_root else 0o700)
            # as root the home is open to everybody: nobody else may hold our locks or read statements in the log
            for file in (self.gate, self.users, self.log):
                file.touch(mode=0o600)
        except OSError as error:
            raise HomeNotUsableError(f"{self.folder} cannot be used: {error}; set REDRESS_HOME to another") from error
        if account.run("/bin/sh", "-c", 'test -x "$0"', self.folder).returncode != 0:
            raise HomeNotUsableError(
                f"{account.name}, as whom PostgreSQL runs, cannot enter {self.folder}: "
                "chmod o+x it and the folders above, or set REDRESS_HOME to another"
            )

    def prepare_sockets(self, account: Account) -> None:
        """Make the private folder of the socket; raises HomeNotUsableError when it is somebody else's."""
        with suppress(FileExistsError):
            self.sockets.mkdir(mode=0o700)
        status = self.sockets.lstat()
        # in /tmp anybody could have made it before us
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {os.geteuid(), account.uid}:
            raise HomeNotUsableError(f"{self.sockets} is not ours: remove it, or set REDRESS_HOME to another")
        account.own(self.sockets)
        self.sockets.chmod(0o700)

    @property
    def address(self) -> str:
        """Where the server answers, without the password."""
        return make_conninfo(host=str(self.sockets), port=PORT, dbname=DATABASE, user=USER)

    def dsn(self) -> str:
        """Return how a superuser connects, as a libpq connection string.

        Raises HomeNotUsableError when the password cannot be read.
        """
        try:
            password = self.password.read_text().strip()
        except OSError as error:
            raise HomeNotUsableError(
                f"the password of {self.data} cannot be read: {error}; put {self.password} back from your backup"
            ) from error
        return make_conninfo(self.address, password=password)

    def log_tail(self) -> str:
        """Return the last 2,000 characters of the server's log."""
        with suppress(OSError):
            return self.log.read_text(errors="replace")[-2_000:].strip()
        return ""
