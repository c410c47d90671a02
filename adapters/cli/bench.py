"""`redress bench`: how fast the service is, beside what bounds it on the same machine in the same minute."""

import asyncio
import signal
import sys
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from adapters.bench.stage import FULL, LARGE, QUICK
from adapters.bench.table import NAMES, measured
from adapters.cli.answers import AsJson, say

Part = StrEnum("Part", NAMES)  # type: ignore[misc]  # one for each part of the table


def add_to(app: typer.Typer) -> None:
    """Add `bench`."""
    app.command()(bench)


def bench(
    *,
    quick: Annotated[bool, typer.Option(help="in under two minutes, on a few hundred cases")] = False,
    large: Annotated[bool, typer.Option(help="on a log of a million events")] = False,
    only: Annotated[list[Part] | None, typer.Option(help="these parts of the table alone; may be repeated")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure every row of docs/performance.md on a fresh embedded database of its own; the ratios count."""
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    console = Console(stderr=True, soft_wrap=True)
    scale = QUICK if quick else LARGE if large else FULL
    table = asyncio.run(measured(scale, console.print, only or NAMES))
    say(table.words(), table.document(), as_json=as_json)
