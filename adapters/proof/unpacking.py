"""A bundle as it was handed out, a folder or a ZIP, as a folder that can be checked."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile, ZipInfo

_NAME = re.compile(r"(schemas/)?[A-Za-z0-9_][A-Za-z0-9_.]*")
_FILE, _KIND, _ENCRYPTED = 0o100000, 0o170000, 1


class BadBundle(Exception):
    """This is no bundle, or one that was packed by somebody else."""


@contextmanager
def unpacked(bundle: Path) -> Iterator[Path]:
    """The folder itself, or a ZIP unpacked for as long as the context lasts. Raises BadBundle, OSError."""
    if bundle.is_dir():
        yield bundle
        return
    with TemporaryDirectory(prefix="redress-verify-") as folder:
        try:
            with ZipFile(bundle) as archive:
                _check(archive.infolist())
                archive.extractall(folder)
        except (BadZipFile, EOFError, NotImplementedError, zlib.error, LZMAError) as error:
            raise BadBundle(f"{bundle} is no ZIP that can be read: fetch it again") from error
        yield Path(folder)


def _check(entries: list[ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len({*names}) != len(names):
        raise BadBundle("a file stands in the ZIP twice: which of them counts?")
    for entry in entries:
        kind = entry.external_attr >> 16 & _KIND
        if not _NAME.fullmatch(entry.filename) or kind not in {0, _FILE} or entry.flag_bits & _ENCRYPTED:
            raise BadBundle(f"the ZIP holds {entry.filename!r}, which is no file of a bundle")
