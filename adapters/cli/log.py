"""The commands on the log itself."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap import open_services
from adapters.export import export_log
from adapters.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add `export`."""
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Argument(help="a folder to make")],
    after: Annotated[int, typer.Option(help="only events after this position", min=0)] = 0,
) -> None:
    """Write the log as JSON Lines with the schemas of its events, so that it outlives every program."""

    async def run() -> int:
        async with open_services(settings(os.environ)) as services:
            return await export_log(services.dsn, folder, after)

    if folder.exists():
        raise typer.BadParameter(f"{folder} is there already: name a new folder")
    print(f"{asyncio.run(run())} events in {folder}", file=sys.stderr)  # noqa: T201
