"""The commands that run or prepare the service."""

import asyncio
import json
import os
import signal
import sys
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
    """Add `serve`, `migrate`, `rebuild` and `openapi`."""
    for command in (serve, migrate, rebuild, openapi):
        app.command()(command)


def serve(
    *, demo: Annotated[bool, typer.Option(help="with demo people and data, and a key for each role")] = False
) -> None:
    """Start the service on 127.0.0.1:PORT, with an embedded PostgreSQL unless REDRESS_DATABASE_URL is set."""
    # until the server listens, whatever was started must still be stopped
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(128 + signal.SIGTERM))
    from adapters.serve import serve as serve_until_stopped  # noqa: PLC0415  30 MB that no other command needs

    asyncio.run(serve_until_stopped(settings(os.environ), demo=demo))


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


def openapi() -> None:
    """Print the OpenAPI document of the API."""
    from adapters.http.app import create_app, document  # noqa: PLC0415  the document needs no parts

    typer.echo(json.dumps(document(create_app(None)), ensure_ascii=False, indent=1))  # type: ignore[arg-type]
