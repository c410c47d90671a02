"""The commands on business calendars; none of them needs a database."""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from adapters.cli.answers import AsJson, moment
from application import calendars
from domain.time.calendar import Period, Work, WorkingDays, working_intervals
from domain.time.calendar import due as due_on

app = typer.Typer(no_args_is_help=True)
_NUMBER = r"(\d{1,9}(?:[.,]\d{1,9})?)"
_DAYS = re.compile(rf"P{_NUMBER}D")
_TIME = re.compile(rf"PT(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?")


@app.command("due")
def due(
    calendar: Annotated[Path, typer.Option(help="a calendar, YAML; `redress calendar show` prints one")],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="RFC 3339, as 2026-03-06T16:30:00+08:00")],
    work: Annotated[str, typer.Option(metavar="PT1H|P3D", help="working time, or working days; P0.5D is half a day")],
    pause: Annotated[list[str] | None, typer.Option(metavar="FROM/TO", help="a wait; may be given again")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say when work begun at a time is due, and its sum: the openings that counted until then.

    PT… is working time: due is the first moment at which it has passed. P…D is working days (D-3): the same local time
    so many working days later, the day of --from not counted, moved to that day's next opening or cut to its closing
    time; a part of a day is that part of its opening hours. A pause moves due by the working time within it.

    `sum` lists, for both, the openings between --from and due without the pauses: from, to, and their seconds.
    """
    terms = calendars.calendar_file(calendar)
    begun, waits = moment(start, "--from"), [_pause(text) for text in pause or ()]
    try:
        ends = due_on(terms, begun, _work(work), waits)
        counted = working_intervals(terms, begun, ends, waits)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        typer.echo(json.dumps({"due": ends.isoformat(), "sum": _sum(counted)}))
    else:
        _print(ends, _sum(counted))


@app.command("show")
def show(version: Annotated[str, typer.Argument(help="which of those that ship with it")] = "default-1") -> None:
    """Print a calendar that ships with it, to begin another one from."""
    known = calendars.shipped_versions()
    if version not in known:
        raise typer.BadParameter(f"there is no calendar {version}; there are {', '.join(known)}")
    typer.echo(calendars.shipped_text(version), nl=False)


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="a calendar, YAML")]) -> None:
    """Say whether a calendar can be used; where not, the line, the path and the reason."""
    calendar = calendars.calendar_file(file)
    typer.echo(f"{calendar.version} can be used, in {calendar.time_zone}, with {len(calendar.special)} special days")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a calendar."""
    typer.echo(json.dumps(calendars.schema(), ensure_ascii=False, indent=1))


def _sum(counted: Iterable[Period]) -> list[dict[str, Any]]:
    return [{"from": part.start.isoformat(), "to": part.end.isoformat(), "seconds": _seconds(part)} for part in counted]


def _seconds(part: Period) -> int | float:
    seconds = part.length.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _print(ends: datetime, counted: list[dict[str, Any]]) -> None:
    table = Table("from", "to", "seconds", title=f"due {ends.isoformat()}")
    for part in counted:
        table.add_row(*map(str, part.values()))
    Console().print(table)


# ---- what stands on the command line --------------------------------------------------------------------------------
def _pause(text: str) -> Period:
    begins, slash, ends = text.partition("/")
    if not slash:
        raise typer.BadParameter(f"--pause: {text!r} is not FROM/TO")
    try:
        return Period(moment(begins, "--pause"), moment(ends, "--pause"))
    except ValueError as error:
        raise typer.BadParameter(f"--pause: {error}") from error


def _work(text: str) -> Work:
    if days := _DAYS.fullmatch(text):
        return WorkingDays(_number(days[1]))
    if parts := _TIME.fullmatch(text):
        hours, minutes, seconds = (_number(part) for part in parts.groups())
        return timedelta(microseconds=int((hours * 3600 + minutes * 60 + seconds) * 1_000_000))
    raise typer.BadParameter(f"--work: {text!r} is neither working time as PT1H30M nor working days as P3D or P0.5D")


def _number(text: str | None) -> Decimal:
    return Decimal((text or "0").replace(",", "."))
