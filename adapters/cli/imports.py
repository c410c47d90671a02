"""`redress import`: records of other systems."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as ProgressBar
from rich.table import Table

from adapters.bootstrap import Services, now, open_services
from adapters.ciphers import fingerprint
from adapters.cli.answers import AsJson
from adapters.intake.fact_kinds import KINDS, Recorders
from adapters.intake.fact_mapping import load as load_facts
from adapters.intake.import_cases import IntakeParts, import_cases
from adapters.intake.import_facts import FactParts, import_facts
from adapters.intake.importing import Imported, Progress, RefusedRow
from adapters.intake.mapping import load
from adapters.intake.mapping_file import MappingError
from adapters.intake.records import CsvFile, Unreadable
from adapters.settings import settings

MOST_SHOWN = 50
"""Rows shown in the summary; --json has all."""
SOME_REFUSED = 1

app = typer.Typer(no_args_is_help=True)


@app.callback()
def records() -> None:
    """Bring records of other systems in."""


File = Annotated[Path, typer.Argument(help="CSV, UTF-8 or GB18030", exists=True, dir_okay=False, readable=True)]
CaseMappingName = Annotated[str, typer.Option(help="mapping file (YAML), or the name of a shipped one such as cfpb")]
MappingName = Annotated[str, typer.Option(help="mapping file (YAML), or the name of a shipped one: that of the kind")]
Import = Callable[[Services, Progress], Awaitable[Imported]]
"""Imports with the parts of the service, telling how far in the file it has come."""


@app.command("cases")
def cases(file: File, mapping: CaseMappingName, *, as_json: AsJson = False) -> None:
    """Import complaint cases; rows that cannot be taken are reported with line and reason, the rest goes in.

    Exit code 0: every row was taken or is there already; 1: some rows were not taken.
    """

    def prepared() -> Import:
        found = load(mapping)
        CsvFile(file, found).close()  # before a server is started for nothing
        return lambda services, progress: import_cases(file, found, _case_parts(services), progress)

    _run(file, prepared, as_json=as_json)


def _of_kind(kind: str) -> Callable[..., None]:
    def command(file: File, mapping: MappingName, *, as_json: AsJson = False) -> None:
        def prepared() -> Import:
            found = load_facts(mapping, KINDS[kind].body, KINDS[kind].needed)
            CsvFile(file, found).close()  # before a server is started for nothing
            return lambda services, progress: import_facts(kind, file, found, _fact_parts(services), progress)

        _run(file, prepared, as_json=as_json)

    return command


for _kind in KINDS:
    app.command(_kind, help=f"Import {_kind.replace('-', ' ')}, as `cases` does.")(_of_kind(_kind))


def _run(file: Path, prepared: Callable[[], Import], *, as_json: bool) -> None:
    try:
        outcome = asyncio.run(_import(prepared(), file.stat().st_size))
    except (MappingError, Unreadable) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        sys.stdout.buffer.write(_document(outcome) + b"\n")
    else:
        _summarise(outcome)
    if outcome.refused or outcome.changed:
        raise typer.Exit(SOME_REFUSED)


async def _import(run: Import, size: int) -> Imported:
    async with open_services(settings(os.environ)) as services:
        with ProgressBar(console=Console(stderr=True)) as bar:
            task = bar.add_task("importing", total=size)
            return await run(services, lambda read: bar.update(task, completed=read))


def _case_parts(services: Services) -> IntakeParts:
    return IntakeParts(
        log=services.log,
        keyring=services.keyring,
        numbers=services.numbers,
        policy=services.cases.policy_on("imported", now()),
        fingerprint=partial(fingerprint, services.fingerprint_key),
        clock=now,
    )


def _fact_parts(services: Services) -> FactParts:
    by = Recorders(services.facts, services.shifts, services.wages, services.masters)
    return FactParts(services.log, by, partial(fingerprint, services.fingerprint_key), now)


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
