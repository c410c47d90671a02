"""`redress import`: records of other systems."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from adapters.bootstrap import open_services
from adapters.ciphers import fingerprint
from adapters.cli.answers import AsJson
from adapters.intake.import_cases import Imported, IntakeParts, RefusedRow, import_cases
from adapters.intake.mapping import CaseMapping, MappingError, load
from adapters.intake.records import CsvFile, Unreadable
from adapters.settings import settings

MOST_SHOWN = 50
"""Rows shown in the summary; --json has all."""
SOME_REFUSED = 1

app = typer.Typer(no_args_is_help=True)


@app.callback()
def records() -> None:
    """Bring records of other systems in."""


@app.command("cases")
def cases(
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8 or GB18030", exists=True, dir_okay=False, readable=True)],
    mapping: Annotated[str, typer.Option(help="mapping file (YAML), or the name of a shipped one such as cfpb")],
    *,
    as_json: AsJson = False,
) -> None:
    """Import complaint cases; rows that cannot be taken are reported with line and reason, the rest goes in.

    Exit code 0: every row was taken or is there already; 1: some rows were not taken.
    """
    try:
        found = load(mapping)
        CsvFile(file, found).close()  # before a server is started for nothing
        outcome = asyncio.run(_import(file, file.stat().st_size, found))
    except (MappingError, Unreadable) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        sys.stdout.buffer.write(_document(outcome) + b"\n")
    else:
        _summarise(outcome)
    if outcome.refused or outcome.changed:
        raise typer.Exit(SOME_REFUSED)


async def _import(file: Path, size: int, mapping: CaseMapping) -> Imported:
    async with open_services(settings(os.environ)) as services:
        parts = IntakeParts(
            log=services.log,
            keyring=services.keyring,
            numbers=services.numbers,
            policy=services.cases.policy_on("imported", datetime.now(UTC)),
            fingerprint=partial(fingerprint, services.fingerprint_key),
            clock=lambda: datetime.now(UTC),
        )
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("importing", total=size)
            return await import_cases(file, mapping, parts, lambda read: progress.update(task, completed=read))


def _document(outcome: Imported) -> bytes:
    figures = {"rows": outcome.rows, "rows_a_minute": outcome.rows_a_minute}
    return msgspec.json.encode({**msgspec.to_builtins(outcome), **figures})


def _summarise(outcome: Imported) -> None:
    typer.echo(f"{outcome.rows} rows ({outcome.encoding}) in {outcome.seconds:.1f} s, {outcome.rows_a_minute} a minute")
    typer.echo(f"{outcome.taken} taken, {outcome.already_there} already there")
    typer.echo(f"{len(outcome.changed)} changed since and not taken, {len(outcome.refused)} refused")
    if rows := sorted([*outcome.changed, *outcome.refused], key=lambda row: row.line):
        Console().print(_table(rows))


def _table(rows: list[RefusedRow]) -> Table:
    left_out = len(rows) - MOST_SHOWN
    table = Table("line", "field", "reason", caption=f"{left_out} more, see --json" if left_out > 0 else None)
    for row in rows[:MOST_SHOWN]:
        table.add_row(str(row.line), escape(row.field or ""), escape(row.reason))
    return table
