"""The commands on people and their keys, for whoever sets the service up."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.settings import settings
from application.streams import agent_stream
from domain.agent.agent import NoSuchAgent
from domain.values import AgentId, Role

users = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True)


def _run(work: Callable[[Services], Awaitable[Any]]) -> None:
    async def run() -> None:
        async with open_services(settings(os.environ)) as services:
            await work(services)

    asyncio.run(run())


@users.command("add")
def add_user(
    agent: Annotated[str, typer.Argument(help="employee number")],
    name: Annotated[str, typer.Option(help="name")],
    role: Annotated[Role, typer.Option(help="what they may do")],
    team: Annotated[str | None, typer.Option(help="id of their team")] = None,
) -> None:
    """Register somebody who works here, from today."""
    today = datetime.now(UTC).date()
    facts = {"name": name, "role": role, "team": team, "joined_on": today}
    _run(lambda s: s.masters.register_agent(AgentId(agent), facts, OPERATOR, operators_command()))


@users.command("team")
def add_team(
    team: Annotated[str, typer.Argument(help="id of the team")], name: Annotated[str, typer.Option(help="its name")]
) -> None:
    """Found a team."""
    _run(lambda s: s.masters.register_team(team, name, OPERATOR, operators_command()))


@keys.command("create")
def create_key(agent: Annotated[str, typer.Argument(help="employee number of whose key it is")]) -> None:
    """Print a new key; it cannot be shown again."""

    async def create(services: Services) -> None:
        stream = agent_stream(AgentId(agent))
        if (await services.log.states([stream]))[stream].presence is None:
            raise NoSuchAgent(f"there is no agent {agent}: add the person with `redress user add` first")
        typer.echo(await services.keys.create(AgentId(agent)))

    _run(create)


@keys.command("revoke")
def revoke_key(prefix: Annotated[str, typer.Argument(help="the part of the key between the underscores")]) -> None:
    """Revoke a key at once."""

    async def revoke(services: Services) -> None:
        if not await services.keys.revoke(prefix):
            raise typer.BadParameter(f"there is no key {prefix} in force")

    _run(revoke)
