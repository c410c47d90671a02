"""Lists that show personal data are written down as they are read: who, how narrowed, how many rows (A-4)."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from fastapi import Request

from adapters.http.door import caller_of
from adapters.http.parts import Parts

_OF_PAGES = frozenset({"limit", "min_position"})
_WORDS = "q"
"""What people search for are names and telephone numbers: kept is a keyed hash, the same for the same words."""
_HASH_DIGITS = 16


async def note_list(request: Request, resource: str, asked: Mapping[str, object], shown: int | None) -> None:
    """Write down that the caller reads a list, before it is shown. shown: how many rows; None for one that goes on."""
    parts: Parts = request.app.state.parts
    caller = caller_of(request)
    await parts.audit.listed(caller.actor, resource, _told(parts, asked), shown, caller.now)


def _told(parts: Parts, asked: Mapping[str, object]) -> str:
    said = {name: value for name, value in asked.items() if value not in (None, [], "") and name not in _OF_PAGES}
    if _WORDS in said:
        words = " ".join(str(said[_WORDS]).casefold().split())
        said[_WORDS] = "#" + parts.fingerprint(b"searched", words.encode()).hex()[:_HASH_DIGITS]
    plain = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}
    return urlencode(plain, doseq=True, safe=":,/#")
