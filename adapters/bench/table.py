"""The table of docs/performance.md: every row measured in one run on one fresh database."""

import platform
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from os import cpu_count
from typing import Any, Protocol, TypeVar

from adapters.bench.append import append
from adapters.bench.catch_up import catch_up
from adapters.bench.each_part import each_part
from adapters.bench.http import http
from adapters.bench.lag import lag
from adapters.bench.lifecycle import lifecycle
from adapters.bench.measuring import Ratio, ratio_of
from adapters.bench.reads import reads
from adapters.bench.replay import replay
from adapters.bench.served import served
from adapters.bench.stage import LARGE, SMALL, Scale, Stage, set_up
from adapters.bench.verify import verify

BEFORE_SERVING = (append, replay, catch_up, lag, verify)
"""The rows measured in this process, while no service follows the log."""
WHILE_SERVING = (reads, http, lifecycle)
GROWING = (reads, lifecycle)
"""Measured on ten thousand events too, before a large log is filled: how much longer they take on it."""
NAMES = tuple(part.__name__ for part in (*BEFORE_SERVING, *WHILE_SERVING))
"""The parts of the table; each measures a row or a few that belong together."""
LIBRARIES = ("eventsourcing", "psycopg", "fastapi", "uvicorn", "pydantic", "msgspec", "cryptography")
SERVER = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")
ON = (
    "idempotency, sealing of personal data, authentication, permissions, log lines, projections, sealed tree, scheduler"
)


class _Named(Protocol):
    __name__: str


R = TypeVar("R", bound=_Named)
Told = Callable[[str], None]
"""Hears what is done next, and each row as soon as it is measured."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows by name, and what they were measured with."""

    ratios: dict[str, Ratio]
    settings: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """As `redress bench --json` prints it."""
        return {"ratios": {name: asdict(row) for name, row in self.ratios.items()}, "settings": self.settings}

    def words(self) -> str:
        """For people."""
        return _words(self.ratios)


async def measured(scale: Scale, told: Told, wanted: Collection[str] = NAMES) -> Table:
    """Measure the rows of these parts; all of them where nothing else is said."""
    rows: dict[str, Ratio] = {}

    async def take(name: str, part: Awaitable[dict[str, Ratio]]) -> None:
        told(f"measuring: {name}")
        found = await part
        told(_words(found))
        rows.update(found)

    small = await _small(told, wanted) if scale is LARGE else {}
    told("a fresh database")
    async with set_up(scale) as stage:
        parts = await each_part(stage)
        for row in _of(BEFORE_SERVING, wanted):
            await take(row.__name__, row(stage))
        if over_http := _of(WHILE_SERVING, wanted):
            told("the service comes to rest")
            async with served(stage) as both:
                for asked in over_http:
                    await take(asked.__name__, asked(stage, both))
        growth = {f"growth_{name}": _growth(rows[name], before) for name, before in small.items()}
        return Table(rows | growth, await _settings(stage) | {"parts_us": parts})


def _words(rows: Mapping[str, Ratio]) -> str:
    return "\n".join(
        f"{name:16}{row.ratio:10.3f}  {row.ours:12,.1f} beside {row.yardstick:12,.1f} {row.unit} (spread {row.spread})"
        for name, row in rows.items()
    )


def _of(parts: Sequence[R], wanted: Collection[str]) -> list[R]:
    return [part for part in parts if part.__name__ in wanted]


async def _small(told: Told, wanted: Collection[str]) -> dict[str, Ratio]:
    """The rows that a large log shall not slow, on ten thousand events."""
    if not (parts := _of(GROWING, wanted)):
        return {}
    told("ten thousand events")
    async with set_up(SMALL) as stage, served(stage) as both:
        return {name: row for part in parts for name, row in (await part(stage, both)).items()}


def _growth(large: Ratio, small: Ratio) -> Ratio:
    """How much longer something takes on the large log; no pair was measured in the same minute."""
    times = (large.ours, small.ours) if large.unit == "ms" else (1000 / large.ours, 1000 / small.ours)
    return ratio_of([times], "ms")


async def _settings(stage: Stage) -> dict[str, Any]:
    [(events,)] = await stage.rows("SELECT count(*) FROM log.events")
    server = {name: (await stage.rows("SELECT current_setting(%s)", name))[0][0] for name in SERVER}
    return {
        "events_at_the_end": events,
        "scale": asdict(stage.scale),
        "switched_on": ON,
        "spread": "highest less lowest of the paired ratios, as a share of their median",
        "python": sys.version.split()[0],
        "machine": f"{cpu_count()} processors, {platform.machine()}",
        "libraries": {name: version(name) for name in LIBRARIES},
        "postgresql": server,
    }
