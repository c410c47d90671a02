"""The commands that prepare the service."""

import asyncio
import os
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from adapters.bootstrap import open_services
from adapters.cli.answers import AsJson, say
from adapters.settings import settings
from projections.rebuild import rebuild as rebuild_views
from projections.registry import PROJECTIONS


def add_to(app: typer.Typer) -> None:
    """Add `migrate` and `rebuild`."""
    for command in (migrate, rebuild):
        app.command()(command)


def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database's schema up to date."""

    async def run() -> None:
        async with open_services(settings(os.environ)):
            pass

    asyncio.run(run())
    say("the schema is up to date", {"schema": "up to date"}, as_json=as_json)


def rebuild(
    names: Annotated[list[str] | None, typer.Argument(help="projections; all when none is named")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Empty projections and replay the log into them."""
    known = {view.name: view for view in PROJECTIONS}
    if unknown := set(names or ()) - known.keys():
        raise typer.BadParameter(f"no projection {', '.join(sorted(unknown))}: there are {', '.join(sorted(known))}")

    async def run() -> None:
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("replaying", total=None)
            async with open_services(settings(os.environ)) as services:
                views = [known[name] for name in names or known]
                await rebuild_views(
                    services.dsn,
                    services.keyring,
                    views,
                    lambda done, total: progress.update(task, completed=done, total=total),
                )

    asyncio.run(run())
    rebuilt = names or list(known)
    say(f"rebuilt: {', '.join(rebuilt)}", {"rebuilt": rebuilt}, as_json=as_json)
