"""The command on what has been kept on persons as long as it may be."""

import asyncio
import os
from collections.abc import Sequence

import typer

from adapters.bootstrap import OPERATOR, open_services, operators_command, subjects
from adapters.cli.answers import AsJson, say
from adapters.settings import settings
from application.subjects import Person


def add_to(app: typer.Typer) -> None:
    """Add `retention`."""
    app.command()(retention)


def retention(*, as_json: AsJson = False) -> None:
    """Ask for the erasure of everybody of whom all has stayed as long as it may; auditors and admins decide."""

    async def run() -> Sequence[Person]:
        async with open_services(settings(os.environ)) as services:
            return await subjects(services).propose_due(operators_command, OPERATOR)

    found = asyncio.run(run())
    items = [{"id": person.subject, "agent": person.agent} for person in found]
    say(f"erasures asked for: {len(found)}", {"items": items}, as_json=as_json)
