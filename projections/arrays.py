"""Arrays in PostgreSQL's binary form, packed by hand: psycopg's own dumpers take 2 to 7 times as long.

The form: dimensions, whether there are nulls, element type, length, lower bound; then each item after its size.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import cast
from uuid import UUID

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_head = struct.Struct("!5I").pack
_size = struct.Struct("!I").pack
_int = struct.Struct("!Ii").pack
_long = struct.Struct("!Iq").pack

UUID_OID, UUIDS_OID = 2950, 2951
BYTEA_OID, BYTEAS_OID = 17, 1001
TEXT_OID, TEXTS_OID = 25, 1009
INT_OID, INTS_OID = 23, 1007
LONG_OID, LONGS_OID = 20, 1016


class _Packed(bytes):
    """An array as it goes over the line."""

    __slots__ = ()


class _Uuids(_Packed):
    __slots__ = ()


class _Blobs(_Packed):
    __slots__ = ()


class _Texts(_Packed):
    __slots__ = ()


class _Ints(_Packed):
    __slots__ = ()


class _Longs(_Packed):
    __slots__ = ()


def uuids(items: Iterable[UUID]) -> bytes:
    """Pack a uuid[]."""
    return _pack(_Uuids, UUID_OID, [b"\0\0\0\x10" + item.bytes for item in items])


def ids(items: Sequence[UUID | str]) -> bytes:
    """Pack the keys of rows of one table, one at least: a uuid[], or a text[]."""
    if isinstance(items[0], UUID):
        return uuids(cast("Sequence[UUID]", items))
    return texts(cast("Sequence[str]", items))


def blobs(items: Iterable[bytes]) -> bytes:
    """Pack a bytea[]."""
    return _pack(_Blobs, BYTEA_OID, [_size(len(item)) + item for item in items])


def texts(items: Iterable[str]) -> bytes:
    """Pack a text[]."""
    return _pack(_Texts, TEXT_OID, [_size(len(raw)) + raw for raw in map(str.encode, items)])


def ints(items: Iterable[int]) -> bytes:
    """Pack an int[]."""
    return _pack(_Ints, INT_OID, [_int(4, item) for item in items])


def longs(items: Iterable[int]) -> bytes:
    """Pack a bigint[]."""
    return _pack(_Longs, LONG_OID, [_long(8, item) for item in items])


def _pack(kind: type[_Packed], oid: int, items: list[bytes]) -> _Packed:
    return kind(_head(1, 0, oid, len(items), 1) + b"".join(items))


class _AsItIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Packed) -> Buffer:
        return obj


# For these types alone, which nobody else has.
for _kind, _oid in (
    (_Uuids, UUIDS_OID),
    (_Blobs, BYTEAS_OID),
    (_Texts, TEXTS_OID),
    (_Ints, INTS_OID),
    (_Longs, LONGS_OID),
):
    psycopg.adapters.register_dumper(_kind, type(f"{_kind.__name__}Dumper", (_AsItIs,), {"oid": _oid}))
