"""The commands on tariffs; only a trial on history needs a database."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.bootstrap import Services
from adapters.cli.answers import AsJson, say
from adapters.cli.payroll import run
from adapters.cli.progress import staged
from adapters.intake import tariffs
from adapters.intake.scenarios import scenario, tried
from adapters.rejudged import Rejudge
from application.documents import read_file
from application.trying import Comparison, Sides
from domain.tariff.tariff import Tariff

app = typer.Typer(no_args_is_help=True)
TariffFile = Annotated[Path | None, typer.Option("--tariff", help="a tariff; the default one without it")]


@app.command("try")
def try_tariff(
    file: Annotated[Path | None, typer.Argument(help="a scenario: established facts, YAML")] = None,
    tariff: TariffFile = None,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="first day of the history")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="last day of the history")] = None,
    *,
    history: Annotated[bool, typer.Option("--history", help="the facts on record, not a scenario")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge the facts of a scenario: its ledger lines, and each agent's month. Needs no database.

    With --history, the facts on record from --from to --to by --tariff, as if it had always held (L-7): who would have
    got what, beside what stands in the ledgers. What happened on these days counts, and what is judged by the month
    where its last day is one of them. Proposed penalties count on both sides; what a person has dismissed on neither.
    """
    terms = tariffs.tariff_file(tariff) if tariff else tariffs.shipped()
    if history:
        if file or not (tariff and first and last):
            raise typer.BadParameter("--history goes with --tariff, --from and --to, and without a scenario")
        _tell(terms, compared(terms, _day(first, "--from"), _day(last, "--to")), as_json=as_json)
        return
    if file is None or first or last:
        raise typer.BadParameter("name a scenario; --from and --to go with --history")
    outcome = tried(scenario(read_file(file), terms))
    if as_json:
        say("", outcome, as_json=True)
    else:
        _print(outcome)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option}: {text!r} is no day; write it as 2026-03-31") from None


def compared(terms: Tariff, first: date, last: date) -> Comparison:
    """What stands in the ledgers beside what a tariff makes of the same facts."""
    if last < first:
        raise typer.BadParameter(f"--to: {last} comes before {first}")
    comparison = Comparison(first, last)

    async def compare(services: Services) -> None:
        with staged() as stage:
            rejudge = Rejudge(services.dsn, services.log, services.ledgers.policy_of, stage)
            await rejudge.try_tariff(terms, comparison)

    run(compare)
    return comparison


def _tell(terms: Tariff, comparison: Comparison, *, as_json: bool) -> None:
    rows = [
        {"agent": agent, "code": code, **_sides(sides)} for (agent, code), sides in sorted(comparison.sides.items())
    ]
    if as_json:
        days = {"from": comparison.first.isoformat(), "to": comparison.last.isoformat()}
        say("", {"tariff": terms.version, **days, "rows": rows, "total": _sides(comparison.total())}, as_json=True)
        return
    table = Table("agent", "code", "recorded", "fen", f"by {terms.version}", "fen", "difference", show_footer=True)
    total = {"agent": "all", "code": "", **_sides(comparison.total())}
    for row in rows:
        table.add_row(*_flat(row))
    for column, cell in zip(table.columns, _flat(total), strict=True):
        column.footer = cell
    Console().print(table)


def _sides(sides: Sides) -> dict[str, Any]:
    both = {name: asdict(side) for name, side in (("recorded", sides.recorded), ("tried", sides.tried))}
    return {**both, "difference_fen": sides.difference_fen}


def _flat(row: dict[str, Any]) -> list[str]:
    sides = [row[side][name] for side in ("recorded", "tried") for name in ("lines", "amount_fen")]
    return [escape(str(cell)) for cell in (row["agent"], row["code"], *sides, row["difference_fen"])]


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
