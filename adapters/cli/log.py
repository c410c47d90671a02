"""The commands on the log itself."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap import open_services
from adapters.cli.answers import AsJson, say
from adapters.export import export_log
from adapters.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add `export`."""
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Argument(help="a folder to make")],
    after: Annotated[int, typer.Option(help="only events after this position", min=0)] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the log as JSON Lines with the schemas of its events, so that it outlives every program."""

    async def run() -> int:
        async with open_services(settings(os.environ)) as services:
            return await export_log(services.dsn, folder, after)

    if folder.exists():
        raise typer.BadParameter(f"{folder} is there already: name a new folder")
    count = asyncio.run(run())
    say(f"{count} events in {folder}", {"events": count, "folder": str(folder)}, as_json=as_json)
