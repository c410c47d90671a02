"""`redress clock`: the clocks of a case with the sums behind them (D-3c)."""

import asyncio
import os
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from adapters.bootstrap import OPERATOR, Services, case_reads, now, open_services
from adapters.cli.answers import AsJson, say
from adapters.settings import settings
from domain.case.case import NoSuchCase
from domain.values import CaseId

_BY_NUMBER = "SELECT id FROM read.case_inbox_2 WHERE lower(number) = lower(%s)"


def add_to(app: typer.Typer) -> None:
    """Add `clock`."""
    app.command()(clock)


def clock(
    case: Annotated[str, typer.Argument(help="a case, by its number or its id")], *, as_json: AsJson = False
) -> None:
    """Show the clocks of a case: how each stands, when it is due, and its sum: what counted and what was waited."""

    async def run() -> Mapping[str, Any]:
        async with open_services(settings(os.environ)) as services:
            return await case_reads(services).clocks(await _case(services, case), OPERATOR, now(), None)

    shown = asyncio.run(run())
    if as_json:
        say("", shown, as_json=True)
    else:
        _print(shown)


async def _case(services: Services, named: str) -> CaseId:
    """The case meant. Raises NoSuchCase."""
    try:
        return CaseId(str(UUID(named)))
    except ValueError:
        async with services.pool.connection() as connection:
            found = await (await connection.execute(_BY_NUMBER, [named])).fetchone()
    if found is None:
        raise NoSuchCase(f"there is no case {named}")
    return CaseId(str(found[0]))


def _print(shown: Mapping[str, Any]) -> None:
    console = Console()
    for one in shown["items"]:
        behind = one["sum"]
        title = f"{one['clock']} {one['number']} ({one['policy']}): {one['state']}, due {one['due_at']}"
        table = Table("", "from", "to", "seconds", title=title, caption=f"calendar {behind['calendar']}")
        for name in ("counted", "paused"):
            for part in behind[name]:
                table.add_row(name, part["from"], part["to"], f"{part['seconds']:g}")
        console.print(table)
    console.print(f"as of {shown['as_of']}")
