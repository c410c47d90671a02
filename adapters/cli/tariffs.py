"""The commands on tariffs; none of them needs a database."""

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from adapters.cli.answers import AsJson, say
from adapters.intake import tariffs
from adapters.intake.documents import read_file
from adapters.intake.scenarios import scenario, tried

app = typer.Typer(no_args_is_help=True)
TariffFile = Annotated[Path | None, typer.Option("--tariff", help="a tariff; the default one without it")]


@app.command("try")
def try_tariff(
    file: Annotated[Path, typer.Argument(help="a scenario: established facts, YAML")],
    tariff: TariffFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Judge the facts of a scenario: its ledger lines, and each agent's month."""
    terms = tariffs.tariff_file(tariff) if tariff else tariffs.shipped()
    outcome = tried(scenario(read_file(file), terms))
    if as_json:
        say("", outcome, as_json=True)
    else:
        _print(outcome)


@app.command("show")
def show(
    version: Annotated[str, typer.Argument(help="a version that ships with the service")] = tariffs.DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a shipped tariff, to begin another one from."""
    say(tariffs.shipped_text(version).rstrip(), msgspec.to_builtins(tariffs.shipped(version)), as_json=as_json)


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of tariffs, for editors and for `POST /api/v1/tariffs`."""
    typer.echo(json.dumps(tariffs.schema(), ensure_ascii=False, indent=1))


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="a tariff, YAML")], *, as_json: AsJson = False) -> None:
    """Say whether a tariff can be used; where not, the line, the path and the reason."""
    tariff = tariffs.tariff_file(file)
    found = {"version": tariff.version, "valid_from": tariff.valid_from.isoformat()}
    say(f"{tariff.version} can be used from {tariff.valid_from}", found, as_json=as_json)


def _print(outcome: dict[str, Any]) -> None:
    console = Console()
    for name in ("lines", "statements"):
        rows = [{key: value for key, value in row.items() if key != "explanation"} for row in outcome[name]]
        table = Table(*(rows[0] if rows else ()), title=name)
        for row in rows:
            table.add_row(*map(str, row.values()))
        console.print(table)
