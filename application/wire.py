"""The stored form of an event: `{"v", "data", "meta"}` in JSON under a hand-chosen topic. Only this file knows it.

Sealed fields are `{"subject", "box"}` with the box in base64; times are RFC 3339 in UTC; money is whole fen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

import domain.agent.events
import domain.case.events
import domain.customer.events
import domain.department.events
import domain.key.events
import domain.ledger.events
import domain.merchant.events
import domain.notice.events
import domain.payroll.events
import domain.payroll.policy_events
import domain.payroll.wage_events
import domain.report.events
import domain.shift.events
import domain.subject.events
import domain.swap.events
import domain.tariff.events
import domain.team.events
import domain.time.events
import domain.webhook.events
import domain.work.events  # noqa: F401  importing the modules fills EVENTS
from application.envelope import Meta
from domain.kernel import EVENTS, Event


class Unreadable(Exception):
    """A stored event that this code cannot read: unknown topic, newer version, or a shape it does not have."""


class _Body(msgspec.Struct, frozen=True, gc=False):
    v: int
    data: msgspec.Raw
    meta: Meta


@dataclass(frozen=True, slots=True)
class _Reader:
    """How events of a topic are read; `whole` reads `v` and `data` of today's shape in one go, without `meta`."""

    version: int
    decode: Callable[[bytes | msgspec.Raw], Event]
    whole: Callable[[bytes], Any]
    event: type[Event]


UNFOLDED = frozenset(topic for topic, kind in EVENTS.items() if not kind.folded)
"""The topics of all events from which no state follows."""
_encode = msgspec.json.Encoder().encode
_body = msgspec.json.Decoder(_Body)


@cache
def _reader(topic: str) -> _Reader:
    kind = EVENTS.get(topic)
    if kind is None:
        raise Unreadable(f"no event is stored as {topic}: the log was written by newer code")
    whole = msgspec.defstruct("Whole", [("v", int), ("data", kind)], frozen=True, gc=False)
    return _Reader(kind.version, msgspec.json.Decoder(kind).decode, msgspec.json.Decoder(whole).decode, kind)


def encode_meta(meta: Meta) -> bytes:
    """The bytes of `meta`, to be shared by all events of one command."""
    return _encode(meta)


def encode(event: Event, meta: bytes) -> bytes:
    """The stored bytes of an event, with the bytes that `encode_meta` gave."""
    return b'{"v":%d,"data":%b,"meta":%b}' % (event.version, _encode(event), meta)


def decode(topic: str, state: bytes) -> tuple[Event, Meta]:
    """Read a stored event, rewritten to today's shape. Raises Unreadable, never half-reads."""
    reader = _reader(topic)
    try:
        body = _body.decode(state)
        if body.v == reader.version:
            return reader.decode(body.data), body.meta
        return _upcast(reader, topic, body), body.meta
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"{topic}: {error}") from error


def decode_event(topic: str, state: bytes) -> Event:
    """Read a stored event without its circumstances; twice as fast, since it is folding that reads the most."""
    reader = _reader(topic)
    try:
        body = reader.whole(state)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # of an older shape, or not readable at all
        return decode(topic, state)[0]
    event: Event = body.data if body.v == reader.version else decode(topic, state)[0]
    return event


def _upcast(reader: _Reader, topic: str, body: _Body) -> Event:
    if body.v > reader.version:
        raise Unreadable(f"{topic} version {body.v} is newer than this code, which knows version {reader.version}")
    data: dict[str, Any] = msgspec.json.decode(body.data)
    for version in range(body.v, reader.version):
        data = reader.event.upcast(data, version)
    return reader.decode(_encode(data))
