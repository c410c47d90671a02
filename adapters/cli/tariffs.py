"""The commands on tariffs; none of them needs a database."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from adapters.intake import tariffs
from adapters.intake.documents import read_file
from adapters.intake.scenarios import scenario, tried

app = typer.Typer(no_args_is_help=True)
TariffFile = Annotated[Path | None, typer.Option("--tariff", help="a tariff; the default one without it")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on stdout")]


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
        typer.echo(json.dumps(outcome, ensure_ascii=False))
    else:
        _print(outcome)


@app.command("show")
def show() -> None:
    """Print the default tariff, to begin another one from."""
    typer.echo(tariffs.shipped_text(), nl=False)


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="a tariff, YAML")]) -> None:
    """Say whether a tariff can be used; where not, the line, the path and the reason."""
    tariff = tariffs.tariff_file(file)
    typer.echo(f"{tariff.version} can be used from {tariff.valid_from}")


def _print(outcome: dict[str, Any]) -> None:
    console = Console()
    for name in ("lines", "statements"):
        rows = [{key: value for key, value in row.items() if key != "explanation"} for row in outcome[name]]
        table = Table(*(rows[0] if rows else ()), title=name)
        for row in rows:
            table.add_row(*map(str, row.values()))
        console.print(table)
