"""The commands that run the service and describe it; they import nothing but what it needs, as that stays in memory."""

import asyncio
import json
import os
import signal
import sys
from typing import Annotated

import typer

from adapters.settings import settings


def serve(
    *, demo: Annotated[bool, typer.Option(help="with demo people and data, and a key for each role")] = False
) -> None:
    """Start the service on 127.0.0.1:PORT, with an embedded PostgreSQL unless REDRESS_DATABASE_URL is set."""
    # until the server listens, whatever was started must still be stopped
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(128 + signal.SIGTERM))
    from adapters.serve import serve as serve_until_stopped  # noqa: PLC0415  30 MB that no other command needs

    asyncio.run(serve_until_stopped(settings(os.environ), demo=demo))


def openapi() -> None:
    """Print the OpenAPI document of the API."""
    from adapters.http.app import create_app, document  # noqa: PLC0415  the document needs no parts

    typer.echo(json.dumps(document(create_app(None)), ensure_ascii=False, indent=1))  # type: ignore[arg-type]


COMMANDS = (serve, openapi)
NAMES = frozenset(command.__name__ for command in COMMANDS)


def add_to(app: typer.Typer) -> None:
    """Add `serve` and `openapi`."""
    for command in COMMANDS:
        app.command()(command)


app = typer.Typer(add_completion=False)
"""These alone."""
add_to(app)
