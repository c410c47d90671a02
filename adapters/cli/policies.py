"""The commands on deadline policies; `try` alone needs the database."""

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from adapters.bootstrap import now, open_services
from adapters.cli.answers import AsJson, moment, say
from adapters.policy_trial import try_policy
from adapters.settings import settings
from application import deadline_policies
from application.policy_trial import Outcome
from domain.time.deadlines import DeadlinePolicy

app = typer.Typer(no_args_is_help=True)
PolicyFile = Annotated[Path, typer.Option("--policy", help="a deadline policy, YAML; `redress policy show` prints one")]


@app.command("try")
def try_on_history(
    policy: PolicyFile,
    begin: Annotated[str | None, typer.Option("--from", metavar="TIME", help="cases received then or later")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="cases received before then")] = None,
    *,
    history: Annotated[bool, typer.Option("--history", help="on the cases in the log")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge the past by another policy: who would have breached, beside what was recorded. Nothing is recorded (D-3c).

    The policy is tried as if it had always been in force, for the teams and channels it names, on a shipped calendar.
    """
    if not history:
        raise typer.BadParameter("say --history: a policy is tried on the cases in the log")
    tried = deadline_policies.policy_file(policy)
    since = moment(begin, "--from") if begin is not None else None
    until = moment(end, "--to") if end is not None else None
    outcome = asyncio.run(_try(tried, (since, until)))
    if as_json:
        say("", _document(tried, outcome), as_json=True)
    else:
        _print(tried, outcome)


@app.command("show")
def show(version: Annotated[str, typer.Argument(help="which of those that ship with it")] = "default-1") -> None:
    """Print a policy that ships with it, to begin another one from; packs of regulators are not legal advice."""
    known = deadline_policies.shipped_versions()
    if version not in known:
        raise typer.BadParameter(f"there is no policy {version}; there are {', '.join(known)}")
    typer.echo(deadline_policies.shipped_text(version), nl=False)


@app.command("check")
def check(file: Annotated[Path, typer.Argument(help="a deadline policy, YAML")]) -> None:
    """Say whether a policy can be used; where not, the line, the path and the reason."""
    policy = deadline_policies.policy_file(file)
    typer.echo(f"{policy.version} can be used from {policy.valid_from}, with {len(policy.clocks)} clocks")


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a deadline policy."""
    typer.echo(json.dumps(deadline_policies.schema(), ensure_ascii=False, indent=1))


async def _try(policy: DeadlinePolicy, period: tuple[datetime | None, datetime | None]) -> Outcome:
    async with open_services(settings(os.environ)) as services:
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("judging")
            return await try_policy(
                services.pool,
                policy,
                now(),
                period,
                lambda done, total: progress.update(task, completed=done, total=total),
            )


def _document(policy: DeadlinePolicy, outcome: Outcome) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(outcome, str_keys=True)
    return {"policy": policy.version, **plain}


def _print(policy: DeadlinePolicy, outcome: Outcome) -> None:
    words = f"{outcome.cases} cases judged by {policy.version}, {outcome.left_out} left out"
    table = Table("case", "clock", "tried", "due", "recorded", "due", title=words)
    for one in outcome.shown:
        recorded = (one.recorded.state, one.recorded.due_at.isoformat()) if one.recorded else ("", "")
        table.add_row(one.number, f"{one.clock} {one.of}", one.tried.state, one.tried.due_at.isoformat(), *recorded)
    console = Console()
    console.print(table)
    for name, counted in (("tried", outcome.tried), ("recorded", outcome.recorded)):
        console.print(f"{name}: " + ", ".join(f"{count} {state}" for state, count in sorted(counted.items())))
