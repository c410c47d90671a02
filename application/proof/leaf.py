"""The leaf: the bytes of one stored event as they go into the tree, for ever (docs/decisions/0010).

The tag keeps leaves apart from whatever else is hashed; every part of variable length comes after its length, so that
no two different rows have the same bytes.
"""

from struct import Struct

TAG = b"redress event 1\n"
_header = Struct(">Q16sQII").pack


def leaf(position: int, stream: bytes, version: int, topic: bytes, state: bytes) -> bytes:
    """The leaf of a stored event: `stream` is the UUID's 16 bytes, topic and state are the stored bytes."""
    return TAG + _header(position, stream, version, len(topic), len(state)) + topic + state
