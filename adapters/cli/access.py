"""The commands on people and their keys, for whoever sets the service up."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, TypeVar

import msgspec
import typer

from adapters.auth.api_keys import After, Limits
from adapters.auth.passwords import WeakPassword, generated
from adapters.auth.service_accounts import NotForPrograms, check_limits
from adapters.bootstrap import OPERATOR, Services, open_services, operators_command
from adapters.cli.answers import AsJson, checked, say
from adapters.http.fields import Day, Id, Line
from adapters.settings import settings
from application.event_log import Done
from application.permissions import SCOPES
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
    joined_on: Annotated[str | None, typer.Option(help="their first day, such as 2026-03-01; default today")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Register somebody who works here, from today or from their first day."""
    number = AgentId(checked(Id, agent, "employee number"))
    first = (
        date.fromisoformat(checked(Day, joined_on, "--joined-on"))
        if joined_on is not None
        else datetime.now(UTC).date()
    )
    facts = {"name": checked(Line, name, "--name"), "role": role, "team": team, "joined_on": first}
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


async def _check_known(services: Services, agent: AgentId) -> None:
    stream = agent_stream(agent)
    if (await services.log.states([stream]))[stream].presence is None:
        raise NoSuchAgent(f"there is no agent {agent}: add the person with `redress user add` first")


@users.command("password")
def set_password(
    agent: Annotated[str, typer.Argument(help="employee number of whose password it is")],
    *,
    generate: Annotated[bool, typer.Option("--generate", help="make one up and print it, once")] = False,
    as_json: AsJson = False,
) -> None:
    """Set somebody's password; it is good for seven days, in which they set their own. Their sessions end."""
    password = (
        generated() if generate else typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True)
    )

    async def give(services: Services) -> None:
        await _check_known(services, AgentId(agent))
        await services.passwords.give(AgentId(agent), password, temporary=True)

    try:
        _run(give)
    except (WeakPassword, NotForPrograms) as refused:
        raise typer.BadParameter(str(refused)) from refused
    shown = {"agent": agent, **({"password": password} if generate else {})}
    say(password if generate else f"{agent} has a new password", shown, as_json=as_json)


Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", help="read, write, or an action such as read_case; several times for several"),
]
Days = Annotated[int | None, typer.Option(help="for how many days it lets in; default for ever", min=1, max=3660)]


def _limits(agent: AgentId, scopes: list[str] | None, days: int | None, label: str | None) -> Limits:
    if unknown := {*(scopes or ())} - SCOPES:
        raise typer.BadParameter(f"no scope {', '.join(sorted(unknown))}: take read, write, or an action")
    now = datetime.now(UTC)
    ends = now + timedelta(days=days) if days else None
    limits = Limits(frozenset(scopes) if scopes else None, ends, label)
    try:
        check_limits(agent, limits, now)
    except NotForPrograms as refused:
        raise typer.BadParameter(str(refused)) from refused
    return limits


@keys.command("create")
def create_key(
    agent: Annotated[str, typer.Argument(help="employee number of whose key it is; svc-… for a program")],
    scope: Scopes = None,
    days: Days = None,
    label: Annotated[str | None, typer.Option(help="what it is for")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a new key; it cannot be shown again."""
    number = AgentId(agent)
    limits = _limits(number, scope, days, label)

    async def create(services: Services) -> str:
        await _check_known(services, number)
        return await services.keys.create(number, limits)

    key = _run(create)
    say(key, {"agent": agent, "key": key}, as_json=as_json)


@keys.command("rotate")
def rotate_key(
    prefix: Annotated[str, typer.Argument(help="the part between the underscores")],
    hours: Annotated[int, typer.Option(help="for how long the old one still lets in", min=0, max=168)] = 24,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a new key like an old one, in whose place it comes."""

    async def rotate(services: Services) -> str | None:
        old = await services.keys.one(prefix)
        if old is None:
            return None
        return await services.keys.create(old.agent, old.limits, after=After(prefix, timedelta(hours=hours)))

    key = _run(rotate)
    if key is None:
        raise typer.BadParameter(f"there is no key {prefix} in force")
    say(key, {"replaces": prefix, "key": key}, as_json=as_json)


@keys.command("list")
def list_keys(
    agent: Annotated[str | None, typer.Argument(help="whose; default everybody's")] = None, *, as_json: AsJson = False
) -> None:
    """List the keys in force, without their secrets."""
    found = _run(lambda services: services.keys.listed(AgentId(agent) if agent else None))
    lines = [f"{key.prefix}  {key.agent}  {', '.join(key.scopes or ['all'])}  {key.label or ''}" for key in found]
    shown = [{name: _plain(value) for name, value in asdict(key).items()} for key in found]
    say("\n".join(lines) or "there are none", {"items": shown}, as_json=as_json)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


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
