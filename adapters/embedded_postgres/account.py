"""The account that PostgreSQL runs as: ours, or an unprivileged one when we are root."""

import os
import pwd
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from adapters.embedded_postgres.errors import NoServerAccountError

CANDIDATES = ("redress", "postgres", "nobody")

# Nothing of the caller's environment (PGDATA, PGPORT, LD_PRELOAD …) may reach the server. macOS needs a locale.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server; `user` and `group` are None when it is simply us."""

    name: str
    user: int | None = None
    group: int | None = None

    @property
    def uid(self) -> int:
        """The numeric id under which the server's processes and files are found."""
        return os.geteuid() if self.user is None else self.user

    @property
    def drops_root(self) -> bool:
        """Whether the server runs as somebody else than we do."""
        return self.user is not None

    def run(self, *command: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command as this account and return its outcome; raises OSError when it cannot be executed."""
        return subprocess.run(
            command,
            user=self.user,
            group=self.group,
            extra_groups=self._extra_groups,
            env=ENVIRONMENT,
            cwd="/",
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def spawn(self, *command: str | Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a command as this account, in a session of its own: Ctrl-C in our terminal is not for it."""
        return subprocess.Popen(
            command,
            user=self.user,
            group=self.group,
            extra_groups=self._extra_groups,
            env=ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)

    @property
    def _extra_groups(self) -> tuple[int, ...] | None:
        return () if self.drops_root else None


def server_account() -> Account:
    """Choose the account: ourselves, or as root the first of `CANDIDATES` that exists.

    Raises NoServerAccountError when we are root and none exists.
    """
    if os.geteuid() != 0:
        return Account(f"user {os.geteuid()}")
    for name in CANDIDATES:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(f"user {name}", entry.pw_uid, entry.pw_gid)
    raise NoServerAccountError(
        f"PostgreSQL does not run as root and none of the users {', '.join(CANDIDATES)} exists: "
        "make one (useradd --system redress) or start as an ordinary user"
    )
