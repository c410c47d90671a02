"""What goes with an exported file: by what to tell that it is whole, and what it must add up to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Over all statements of the month, whole fen; penalties negative."""

    bonus_fen: int
    penalty_fen: int
    net_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """sha256: of the file's bytes, in hexadecimal. rows: its lines, or its statements. tariffs: versions, sorted.

    cut_position: up to where the log was read. head: a checkpoint of the log, where there is one.
    """

    format: str
    file: str
    month: str
    sha256: str
    rows: int
    totals: Totals
    cut_position: int
    tariffs: Sequence[str]
    head: str | None

    def text(self) -> bytes:
        """As JSON; the same manifest has the same bytes."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()
