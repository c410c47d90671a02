"""The commands on people and their keys, for whoever sets the service up."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec
import typer

from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.cli.answers import AsJson, checked, say
from adapters.http.fields import Id, Line
from adapters.settings import settings
from application.event_log import Done
from application.streams import agent_stream
from domain.agent.agent import NoSuchAgent
from domain.values import AgentId, Role

T = TypeVar("T")
users = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True)


def _run(work: Callable[[Services], Awaitable[T]]) -> T:
    async def run() -> T:
        async with open_services(settings(os.environ)) as services:
            return await work(services)

    return asyncio.run(run())


def _done(done: Done, *, as_json: bool) -> None:
    answer = msgspec.json.decode(done.answer) | {"position": done.position}
    say(f"{answer['id']} is registered", answer, as_json=as_json)


@users.command("add")
def add_user(
    agent: Annotated[str, typer.Argument(help="employee number")],
    name: Annotated[str, typer.Option(help="name")],
    role: Annotated[Role, typer.Option(help="what they may do")],
    team: Annotated[str | None, typer.Option(help="id of their team")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Register somebody who works here, from today."""
    number, today = AgentId(checked(Id, agent, "employee number")), datetime.now(UTC).date()
    facts = {"name": checked(Line, name, "--name"), "role": role, "team": team, "joined_on": today}
    _done(_run(lambda s: s.masters.register_agent(number, facts, OPERATOR, operators_command())), as_json=as_json)


@users.command("team")
def add_team(
    team: Annotated[str, typer.Argument(help="id of the team")],
    name: Annotated[str, typer.Option(help="its name")],
    *,
    as_json: AsJson = False,
) -> None:
    """Found a team."""
    key, words = checked(Id, team, "id of the team"), checked(Line, name, "--name")
    _done(_run(lambda s: s.masters.register_team(key, words, OPERATOR, operators_command())), as_json=as_json)


@keys.command("create")
def create_key(
    agent: Annotated[str, typer.Argument(help="employee number of whose key it is")], *, as_json: AsJson = False
) -> None:
    """Print a new key; it cannot be shown again."""

    async def create(services: Services) -> str:
        stream = agent_stream(AgentId(agent))
        if (await services.log.states([stream]))[stream].presence is None:
            raise NoSuchAgent(f"there is no agent {agent}: add the person with `redress user add` first")
        return await services.keys.create(AgentId(agent))

    key = _run(create)
    say(key, {"agent": agent, "key": key}, as_json=as_json)


@keys.command("revoke")
def revoke_key(
    prefix: Annotated[str, typer.Argument(help="the part between the underscores")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke a key at once."""
    if not _run(lambda services: services.keys.revoke(prefix)):
        raise typer.BadParameter(f"there is no key {prefix} in force")
    say(f"key {prefix} is revoked", {"revoked": prefix}, as_json=as_json)
