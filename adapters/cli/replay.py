"""`redress replay`: a case as it was at any moment, who did what on what grounds, what changed between two (A-2)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.bootstrap import OPERATOR, Services, now
from adapters.cli.answers import AsJson, say
from adapters.cli.payroll import run
from adapters.http.conventions import as_of
from adapters.http.problems import ApiError
from adapters.postgres.histories import PostgresHistories
from adapters.postgres.read_audit import PostgresReadAudit
from application.case_reads import CaseReads
from application.envelope import AsOf
from application.replaying import Difference, OnceAudited, Replay, difference, leaves, replayed
from domain.case.case import NoSuchCase
from domain.values import CaseId
from projections.case_list import CaseFilters, list_cases

SHORTEST_REASON = 3


def add_to(app: typer.Typer) -> None:
    """Add `replay`."""
    app.command()(replay)


def replay(
    case: Annotated[str, typer.Argument(help="id or number of a case")],
    at: Annotated[str | None, typer.Option(metavar="TIME|POSITION", help="as it was recorded then; else now")] = None,
    diff: Annotated[
        tuple[str, str] | None, typer.Option(metavar="A B", help="what changed between two times or positions")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(help="why personal data is opened; recorded. Without it: masked")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a case as it was recorded at a moment: what was known, and who had done what on what grounds.

    With --diff: what changed between two moments, field by field, and what was recorded in between.
    """
    if at is not None and diff is not None:
        raise typer.BadParameter("give --at or --diff, not both")
    if reason is not None and len(reason.strip()) < SHORTEST_REASON:
        raise typer.BadParameter("--reason: say why, in three characters or more")
    moments = [_moment(text) for text in diff] if diff else [None if at is None else _moment(at)]
    found = run(lambda services: _replays(services, case, moments, reason))
    if diff:
        _tell_difference(case, diff, difference(*found), as_json=as_json)
    else:
        _tell(case, at, found[0], as_json=as_json)


def _moment(text: str) -> int | datetime:
    try:
        moment = as_of(text)
    except ApiError:
        moment = None
    if moment is None:
        raise typer.BadParameter(f"{text!r} is no position, and no time with offset as 2026-03-06T16:30:00+08:00")
    return moment


async def _replays(services: Services, case: str, moments: Iterable[AsOf], reason: str | None) -> list[Replay]:
    audit = OnceAudited(PostgresReadAudit(services.pool, services.keyring))
    histories = PostgresHistories(services.pool)
    reads = CaseReads(histories, services.keyring, audit, services.cases, services.clocks)
    named, asked_at = await _case_of(services, case), now()
    return [await replayed(reads, named, OPERATOR, asked_at, moment, reason) for moment in moments]


async def _case_of(services: Services, text: str) -> CaseId:
    """The case with this id or number. Raises NoSuchCase."""
    try:
        return CaseId(str(UUID(text)))
    except ValueError:
        async with services.pool.connection() as connection:
            page = await list_cases(connection, CaseFilters(q=text), now())
    found = [item.row.id for item in page.items if item.row.number == text]
    if not found:
        raise NoSuchCase(f"there is no case {text}: give its id or its number")
    return CaseId(str(found[0]))


# ---- what is told ---------------------------------------------------------------------------------------------------
def _tell(case: str, at: str | None, found: Replay, *, as_json: bool) -> None:
    if as_json:
        say("", {"as_of": at, **_plain(found)}, as_json=True)
        return
    _print(
        f"case {case} as it was recorded {f'at {at}' if at else 'up to now'}", ("field", "value"), leaves(found.case)
    )
    _print("clocks", ("field", "value"), leaves(found.clocks["items"]))
    _print_history("who did what, and on what grounds", found.history)


def _tell_difference(case: str, between: tuple[str, str], found: Difference, *, as_json: bool) -> None:
    if as_json:
        say("", {"between": [*between], **_plain(found)}, as_json=True)
        return
    rows = ((change.field, change.before, change.after) for change in found.changes)
    _print(f"case {case}: what changed between {' and '.join(between)}", ("field", "before", "after"), rows)
    _print_history("who did what in between, and on what grounds", found.history)


def _plain(found: Replay | Difference) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(asdict(found))
    return plain


def _print_history(title: str, history: Iterable[Any]) -> None:
    rows = (
        (
            item["position"],
            item["at"],
            item["actor"],
            item["type"],
            "\n".join(f"{field[1:]}: {value}" for field, value in leaves(item["data"])),
        )
        for item in history
    )
    _print(title, ("position", "at", "who", "what", "grounds"), rows)


def _print(title: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
    table = Table(*columns, title=escape(title), title_justify="left")
    for row in rows:
        table.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    Console().print(table)
