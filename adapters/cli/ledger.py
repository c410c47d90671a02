"""`redress ledger`: lines of the ledgers as they stand."""

from typing import Annotated, Any

import typer

from adapters.bootstrap import Services
from adapters.cli.answers import AsJson, say
from adapters.cli.payroll import LINE, month_of, run, tabled
from adapters.lists import ProjectedLists, shown_line
from domain.ledger.lines import Kind
from domain.ledger.voucher import Status
from domain.values import AgentId
from projections.ledger_lists import LineFilters

KINDS = {"bonuses": Kind.BONUS, "penalties": Kind.PENALTY}


def add_to(app: typer.Typer) -> None:
    """Add `ledger`."""
    app.command("ledger")(lines)


def lines(
    kind: Annotated[str | None, typer.Argument(metavar="[bonuses|penalties]", help="both when none is named")] = None,
    month: Annotated[str | None, typer.Option(help="the posted month, or the month of the day while proposed")] = None,
    agent: Annotated[str | None, typer.Option(help="employee number")] = None,
    status: Annotated[Status | None, typer.Option(help="how far the line has come")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="how many")] = 50,
    after: Annotated[str | None, typer.Option(help="`next` of the page before")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List lines of the ledgers by month, agent, day and code."""
    if kind is not None and kind not in KINDS:
        raise typer.BadParameter(f"{kind!r} is no ledger: name bonuses or penalties, or neither for both")
    filters = LineFilters(
        kind=KINDS[kind] if kind else None,
        month=month_of(month) if month else None,
        agent=AgentId(agent) if agent else None,
        status=status,
    )

    async def listed(services: Services) -> tuple[list[dict[str, Any]], str | None]:
        page = await ProjectedLists(services.pool).lines(filters, None, after, limit)
        return [shown_line(row) for row in page.items], page.next

    found, following = run(listed)
    if as_json:
        say("", {"items": found, "next": following}, as_json=True)
    else:
        tabled(LINE, found)
        if following:
            typer.echo(f"more with --after {following}")
