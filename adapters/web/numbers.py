"""Numbers that people and browsers write: read where they are plain, and left alone where they are not."""

import re
from decimal import Decimal

_DIGITS_MOST = 18
"""Digits of a number that the database holds in any case."""
_YUAN = re.compile(r"-?(\d{1,12}|\d{1,3}(,\d{3}){1,3})(\.\d{1,2})?")


def whole(text: str) -> int | None:
    """A whole number from 0, such as a position or a version; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MOST else None


def fen(yuan: str) -> int | None:
    """An amount typed in yuan, in fen: with ¥ or 元 or without, thousands by comma or not; None where unclear.

    A comma that parts no thousands is unclear: 12,50 may be meant as 12.50.
    """
    plain = yuan.strip().removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    return int(Decimal(plain.replace(",", "")) * 100) if _YUAN.fullmatch(plain) else None
