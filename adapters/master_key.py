"""The master key: from the environment, or in a file made on first use."""

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes, token_hex

VARIABLE = "REDRESS_MASTER_KEY"
KEY_BYTES = 32


class MasterKeyUnusable(Exception):
    """The master key is not 32 bytes in base64."""


class WrongMasterKey(Exception):
    """The database was set up with another master key."""

    def __init__(self) -> None:
        super().__init__(
            f"this database belongs to another master key: put that one back, as {VARIABLE} or as master.key in "
            "REDRESS_HOME; with any other no personal data opens"
        )


def master_key(home: Path, env: Mapping[str, str], *, make: bool = True) -> bytes:
    """Return the 32 bytes: REDRESS_MASTER_KEY (base64), else `home`/master.key, made where there is none (mode 0600).

    `make=False` for a database that has its key already: a new one could only be wrong. Several processes may come at
    once and get the same. Raises MasterKeyUnusable, WrongMasterKey and OSError.
    """
    if text := env.get(VARIABLE):
        return _decoded(text, VARIABLE)
    file = home / "master.key"
    if not file.exists():
        if not make:
            raise WrongMasterKey
        home.mkdir(parents=True, exist_ok=True)
        _make(file)
    return _decoded(file.read_text(), str(file))


def _decoded(text: str, source: str) -> bytes:
    with suppress(ValueError):
        key = b64decode(text.strip(), validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise MasterKeyUnusable(f"{source} is not a key: give 32 random bytes in base64 (openssl rand -base64 32)")


def _make(file: Path) -> None:
    """Write the key beside its place and move it there unless somebody was faster: it is never seen half-written."""
    draft = file.with_name(f"{file.name}.{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(b64encode(token_bytes(KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """Make the new name in the folder last: what is sealed with a key that vanishes is lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
