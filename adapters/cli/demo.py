"""`redress demo`: believable people, cases and a day of shifts, for who wants to look around."""

import asyncio
import os

import typer

from adapters.bootstrap import open_services
from adapters.demo import prepare_demo
from adapters.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add `demo`."""
    app.command()(demo)


def demo() -> None:
    """Load demo people and data where they are not yet, and print a key for each role."""

    async def run() -> None:
        async with open_services(settings(os.environ)) as services:
            await prepare_demo(services)

    asyncio.run(run())
