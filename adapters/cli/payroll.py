"""The commands of payroll: check everything, read months and statements, export.

Freezing and closing are left to the API: they take two people (L-4), and the command line acts for one, whoever runs
the service.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from hashlib import file_digest
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.bootstrap import Services, open_services
from adapters.cli.answers import AsJson, say
from adapters.cli.progress import staged
from adapters.ledger_check import Checked
from adapters.payroll_export.export import Format
from adapters.payroll_export.manifest import Manifest
from adapters.payroll_months import MonthReads
from adapters.rejudged import Rejudge
from adapters.settings import settings
from application.checking import Difference
from domain.values import AgentId, Month

T = TypeVar("T")
FAILED = 1
MOST_SHOWN = 50
"""Differences shown in the table; --json has all."""
MANIFEST = ".manifest.json"
app = typer.Typer(no_args_is_help=True)


def month_of(text: str) -> Month:
    """A month as it is written on the command line. Raises BadParameter."""
    try:
        return Month.parse(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no month: write it as 2026-03") from None


MonthAsked = Annotated[str, typer.Argument(metavar="MONTH", help="such as 2026-03")]


def run(work: Callable[[Services], Awaitable[T]]) -> T:
    """Do something with the service's parts."""

    async def inside() -> T:
        async with open_services(settings(os.environ)) as services:
            return await work(services)

    return asyncio.run(inside())


# ---- check ----------------------------------------------------------------------------------------------------------
@app.command("check")
def check(*, as_json: AsJson = False) -> None:
    """Judge everything again from the log, and compare: every line, statement and offset, every closed month's bytes.

    Exit code 0: the record is what the rules say; 1: it is not; 4: what was recorded last is not judged yet.
    """

    async def checked(services: Services) -> Checked:
        with staged() as stage:
            rejudge = Rejudge(services.dsn, services.log, services.ledgers.policy_of, stage)
            return await rejudge.check(await services.tariffs.published())

    outcome = run(checked)
    if as_json:
        say("", {"holds": not outcome.differences, **asdict(outcome)}, as_json=True)
    else:
        _summarise(outcome)
    if outcome.differences:
        raise typer.Exit(FAILED)


def _summarise(outcome: Checked) -> None:
    closed = ", ".join(outcome.closed_months) or "none"
    typer.echo(f"{outcome.matters} matters judged again, {outcome.lines} lines compared, closed months: {closed}")
    if outcome.moving:
        typer.echo(f"{outcome.moving} left out: their facts were recorded while this ran")
    if not outcome.differences:
        typer.echo("the record is what the rules say")
        return
    typer.echo(f"differences: {len(outcome.differences)}")
    left_out = len(outcome.differences) - MOST_SHOWN
    table = Table(
        *("about", "matter", "agent", "code", "expected", "recorded", "positions"),
        caption=f"{left_out} more, see --json" if left_out > 0 else None,
    )
    for difference in outcome.differences[:MOST_SHOWN]:
        table.add_row(*_cells(difference))
    Console().print(table)


def _cells(one: Difference) -> list[str]:
    plain = (one.about, one.matter, one.agent or "", one.code or "", _told(one.expected), _told(one.recorded))
    return [escape(str(cell)) for cell in (*plain, ", ".join(map(str, one.positions)))]


def _told(side: Any) -> str:
    if isinstance(side, dict):
        return "\n".join(f"{name} {value}" for name, value in side.items())
    return "nothing" if side is None else str(side)


# ---- months and statements ------------------------------------------------------------------------------------------
@app.command("months")
def months(
    limit: Annotated[int, typer.Option(min=1, max=500, help="how many")] = 50,
    after: Annotated[str | None, typer.Option(metavar="MONTH", help="`next` of the page before")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List the months that have lines, newest first."""
    before = str(month_of(after)) if after else None
    found, following = run(lambda services: services.ledgers.reads.months(before, limit))
    if as_json:
        say("", {"items": found, "next": following}, as_json=True)
    else:
        tabled(("month", "status", "frozen_by", "closed_by", "cut_position", "digest"), found)


@app.command("statement")
def statement(
    month: MonthAsked, agent: Annotated[str, typer.Argument(help="employee number")], *, as_json: AsJson = False
) -> None:
    """Print an agent's statement; of a month that is not frozen as it stands now."""
    of, whose = month_of(month), AgentId(agent)
    found = run(lambda services: services.ledgers.reads.statement(of, whose))
    if found is None:
        raise typer.BadParameter(f"{agent} has nothing in {of}")
    shown = msgspec.json.decode(msgspec.json.encode(found))
    if as_json:
        say("", shown, as_json=True)
        return
    tabled(("", "value"), [{"": name, "value": value} for name, value in shown.items() if name != "lines"])
    tabled(LINE, shown["lines"])


LINE = ("agent", "code", "amount_fen", "occurred_on", "status", "posted_month", "tariff", "explanation", "entry_id")
"""What is shown of a line in a table."""


def tabled(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Print rows; of an explanation the English sentence, of nothing nothing."""
    table = Table(*columns)
    for row in rows:
        cells = (row.get(column) for column in columns)
        shown = (cell["en"] if isinstance(cell, dict) else "" if cell is None else cell for cell in cells)
        table.add_row(*(escape(str(cell)) for cell in shown))
    Console().print(table)


# ---- exports --------------------------------------------------------------------------------------------------------
@app.command("export")
def export(
    month: MonthAsked,
    form: Annotated[Format, typer.Option("--format", help="what form")],
    out: Annotated[Path, typer.Option(help="an existing folder", exists=True, file_okay=False, writable=True)],
    *,
    draft: Annotated[bool, typer.Option(help="also a month that is not closed: marked a draft, no manifest")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a closed month as a file, with its manifest beside it (L-4)."""
    of, part = month_of(month), out / f".{month}-{form}.part"
    with part.open("w+b") as file:
        try:
            manifest, name = run(lambda services: _exported(services.ledgers.reads, of, form, file, draft=draft))
        except BaseException:
            part.unlink()
            raise
    files = [part.rename(out / name)]
    if manifest:
        files.append(out / f"{name}{MANIFEST}")
        files[-1].write_bytes(manifest.text())
    say("\n".join(map(str, files)), {"files": [*map(str, files)]}, as_json=as_json)


async def _exported(
    reads: MonthReads, month: Month, form: Format, file: BinaryIO, *, draft: bool
) -> tuple[Manifest | None, str]:
    return await reads.exported(month, form, file, draft=await reads.is_draft(month, draft=draft))


@app.command("verify-export")
def verify_export(
    folder: Annotated[Path, typer.Argument(help="exports with their manifests", exists=True, file_okay=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare exported files with their manifests; needs no database. Exit code 1: one is missing or not the same."""
    found = [{"file": file, "same": _same(folder / file, sha256)} for file, sha256 in _manifests(folder)]
    if not found:
        raise typer.BadParameter(f"there is no manifest in {folder}")
    words = [f"{one['file']}: {'the same' if one['same'] else 'NOT the same'}" for one in found]
    say("\n".join(words), {"files": found}, as_json=as_json)
    if not all(one["same"] for one in found):
        raise typer.Exit(FAILED)


def _manifests(folder: Path) -> Iterator[tuple[str, str]]:
    for manifest in sorted(folder.glob(f"*{MANIFEST}")):
        told = json.loads(manifest.read_text("utf-8"))
        # the manifest's own name says which file it goes with: what stands in it may lead anywhere
        yield manifest.name.removesuffix(MANIFEST), told["sha256"]


def _same(file: Path, sha256: str) -> bool:
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest() == sha256
