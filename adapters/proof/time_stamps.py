"""Time stamps (RFC 3161) of signed heads: an authority elsewhere says that a head was there at a time.

    TimeStampReq   what is sent: the SHA-256 of a checkpoint, and a nonce
    TimeStampResp  what comes back, kept as it came; `openssl ts -verify` reads it

Here is only looked whether the answer is one to what was sent. Who signed it, the auditor's openssl tells.
"""

import asyncio
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.error import URLError
from urllib.request import Request, urlopen

import structlog
from psycopg import AsyncConnection

from adapters.proof import tree_rows
from projections.electing import Leader, set_within
from projections.listening import BackOff
from projections.runner import APPENDED

_log = structlog.get_logger()
EVERY_S = 3_600.0
"""How often the newest head is stamped, where it has grown; and how often a failed try is made again."""
TIMEOUT_S = 30
MOST_BYTES = 1 << 20
"""An answer has a few thousand bytes."""
INTEGER, OCTETS, SEQUENCE = 0x02, 0x04, 0x30
_TRUE = b"\x01\x01\xff"
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_GRANTED = (b"\x00", b"\x01")
_LEAST_NONCE = 1 << 62
"""All are as long: none stands in an answer by chance."""
_NEWEST = "SELECT note, answer FROM proof.time_stamps WHERE size <= %s ORDER BY size DESC LIMIT 1"
_IS_STAMPED = "SELECT EXISTS (SELECT FROM proof.time_stamps WHERE size >= %s)"
_KEEP = "INSERT INTO proof.time_stamps (size, note, answer) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


class NotStamped(Exception):
    """The authority did not answer, or its answer is no stamp of what was sent."""


class TimeStamp(NamedTuple):
    """A checkpoint, and the authority's answer to its SHA-256."""

    note: str
    answer: bytes


class Stamper(Leader):
    """Has the newest head stamped every EVERY_S, one per database, for as long as the service runs."""

    def __init__(self, dsn: str, authority: str) -> None:
        super().__init__(dsn, "redress.stamper", APPENDED)
        self._authority = authority

    async def lead(self, connection: AsyncConnection[Any], stop: asyncio.Event, back_off: BackOff) -> None:
        """See Leader.lead."""
        while not stop.is_set():
            try:
                await stamp(connection, self._authority)
            except NotStamped as error:
                _log.warning("not_stamped", error=type(error).__name__)
            back_off.succeeded()
            await set_within(stop, EVERY_S)


async def stamp(connection: AsyncConnection[Any], authority: str) -> TimeStamp | None:
    """Have the newest head stamped and keep the stamp; None where there is none yet, or it is stamped already.

    authority: its http(s) address. Raises NotStamped.
    """
    head = await tree_rows.head(connection)
    if head is None or await _is_stamped(connection, head.size):
        return None
    digest, nonce = sha256(head.note.encode()).digest(), _LEAST_NONCE + secrets.randbelow(_LEAST_NONCE)
    answer = await asyncio.to_thread(_asked, authority, request(digest, nonce))
    check(answer, digest, nonce)
    await connection.execute(_KEEP, (head.size, head.note, answer))
    return TimeStamp(head.note, answer)


async def newest(connection: AsyncConnection[Any], size: int) -> TimeStamp | None:
    """The newest stamp of a head of at most so many events."""
    row = await (await connection.execute(_NEWEST, [size])).fetchone()
    return TimeStamp._make(row) if row else None


async def _is_stamped(connection: AsyncConnection[Any], size: int) -> bool:
    return await (await connection.execute(_IS_STAMPED, [size])).fetchone() == (True,)


def _asked(authority: str, query: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    try:
        with urlopen(Request(authority, query, headers), timeout=TIMEOUT_S) as answer:  # noqa: S310  settings checked it
            return bytes(answer.read(MOST_BYTES))
    except (URLError, OSError) as error:
        raise NotStamped(f"{authority} did not answer: {error}") from error


# ---- DER ------------------------------------------------------------------------------------------------------------
def request(digest: bytes, nonce: int) -> bytes:
    """A TimeStampReq over a SHA-256, that asks for the authority's certificate."""
    return _der(SEQUENCE, _der(INTEGER, b"\x01") + _imprint(digest) + _number(nonce) + _TRUE)


def check(answer: bytes, digest: bytes, nonce: int) -> None:
    """Nothing, where an answer grants a stamp of this digest to who sent this nonce. Raises NotStamped."""
    try:
        [(kind, whole)] = _elements(answer)
        (_, status), *token = _elements(whole)
        state = next(_elements(status))
    except (ValueError, IndexError, StopIteration):
        raise NotStamped("the authority's answer is no TimeStampResp") from None
    if kind != SEQUENCE or state[0] != INTEGER or state[1] not in _GRANTED or not token:
        raise NotStamped("the authority refuses to stamp: ask who runs it")
    if _imprint(digest) not in token[0][1] or _number(nonce) not in token[0][1]:
        raise NotStamped("the authority's answer is a stamp of something else")


def _imprint(digest: bytes) -> bytes:
    return _der(SEQUENCE, _SHA256 + _der(OCTETS, digest))


def _number(number: int) -> bytes:
    return _der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """An element of at most 127 bytes: all that is sent is as short."""
    return bytes([tag, len(content)]) + content


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements that stand one behind the other. Raises ValueError, IndexError."""
    at = 0
    while at < len(data):
        tag, length, begin = data[at], data[at + 1], at + 2
        if length & 0x80:
            begin += length & 0x7F
            length = int.from_bytes(data[at + 2 : begin], "big")
        at = begin + length
        if at > len(data):
            raise ValueError("an element is cut off")
        yield tag, data[begin:at]
