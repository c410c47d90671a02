"""`redress generate`: a database full of believable cases."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from adapters.bootstrap import open_services
from adapters.cli.answers import AsJson
from adapters.intake.generate import AGENTS_MOST, Generated, GeneratorParts, Plan
from adapters.intake.generate import generate as fill
from adapters.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add `generate`."""
    app.command()(generate)


def generate(
    cases: Annotated[int, typer.Option(min=0, help="how many complaint cases")] = 1_000,
    orders: Annotated[int, typer.Option(min=0, help="how many service orders")] = 0,
    agents: Annotated[int, typer.Option(min=1, max=AGENTS_MOST, help="how many agents")] = 20,
    seed: Annotated[int, typer.Option(help="the same seed gives the same cases, and adds none twice")] = 1,
    *,
    as_json: AsJson = False,
) -> None:
    """Fill the database with believable cases and orders of the past months, through the same append as all others."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    outcome = asyncio.run(_generate(Plan(cases=cases, agents=agents, seed=seed, end=today, orders=orders)))
    if as_json:
        figures = {**msgspec.to_builtins(outcome), "events_a_second": outcome.events_a_second}
        sys.stdout.buffer.write(msgspec.json.encode(figures) + b"\n")
        return
    typer.echo(f"seed {outcome.seed}: {outcome.cases} cases, {outcome.already_there} were there already")
    typer.echo(f"{outcome.orders} orders")
    typer.echo(f"{outcome.events} events in {outcome.seconds:.1f} s, {outcome.events_a_second} a second")


async def _generate(plan: Plan) -> Generated:
    async with open_services(settings(os.environ)) as services:
        policy = services.cases.policy_on("default", plan.end)
        parts = GeneratorParts(services.log, services.keyring, services.numbers, services.masters, policy)
        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("generating", total=plan.cases + plan.orders)
            return await fill(plan, parts, lambda begun: progress.update(task, completed=begun))
