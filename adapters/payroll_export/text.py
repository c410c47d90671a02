"""Text into a binary file, without closing the file behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import BinaryIO, TextIO


@contextmanager
def as_text(file: BinaryIO, encoding: str = "utf-8") -> Iterator[TextIO]:
    """The file for text; line ends are written as they are given, on every system."""
    wrapper = TextIOWrapper(file, encoding, newline="")
    try:
        yield wrapper
    finally:
        wrapper.detach()
