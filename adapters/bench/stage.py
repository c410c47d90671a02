"""What is measured on: a fresh embedded database of its own, durable, with believable cases in it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Literal

from adapters.bootstrap import Services, open_services
from adapters.embedded_postgres import EmbeddedPostgres
from adapters.heap import freeze_heap
from adapters.intake.generate import GeneratorParts, Plan, generate
from adapters.settings import Settings
from application.envelope import Meta
from application.event_log import Command
from application.streams import agent_stream
from domain.values import Actor, AgentId, CaseId

CASES = """
    SELECT originator_id FROM log.events WHERE topic LIKE 'case.%'
    GROUP BY originator_id HAVING count(*) >= 5
    AND bool_or(topic = 'case.received') AND NOT bool_or(topic = 'case.merged')
    ORDER BY count(*), originator_id LIMIT 20000"""
"""The shortest: those to which the rows before have appended least."""
RECEIPT = {"channel": "hotline", "narrative": "账单没有打折，服务员说不清楚。", "demands": ["退还差价"]}
NOTE, NOTES = {"text": "已经问过门店，等店长回话。"}, 4
AT_ONCE = 64
"""As many short cases are made at once."""
SUPERVISOR = AgentId("g9001")
"""A generated supervisor: may work on every case."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: rounds of how many seconds, or of how many reads, on how many cases and orders.

    short: cases of five events beside them, for the commands that are measured. agents: who has the orders; their
    statements stay as long as people's are when there are more of them.
    """

    rounds: int
    seconds: float
    reads: int
    cases: int
    orders: int
    short: int
    agents: int = 24


QUICK = Scale(rounds=3, seconds=0.4, reads=30, cases=200, orders=200, short=2_000)
FULL = Scale(rounds=7, seconds=2.0, reads=500, cases=3_000, orders=3_000, short=20_000)
SMALL = Scale(rounds=7, seconds=2.0, reads=500, cases=750, orders=750, short=0)
"""Ten thousand events: what the reads of LARGE are compared with."""
LARGE = Scale(rounds=7, seconds=2.0, reads=500, cases=90_000, orders=10_000, short=20_000, agents=320)
"""A million events; the statements are as long as those of SMALL."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The service over its database; `admin` is a superuser's connection string, `home` the service's folder."""

    services: Services
    admin: str
    home: Path
    scale: Scale

    async def rows(self, statement: LiteralString | Composed, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask the database as a superuser."""
        async with await psycopg.AsyncConnection.connect(self.admin, autocommit=True) as connection:
            cursor = await connection.execute(statement, parameters or None)
            return await cursor.fetchall() if cursor.description else []

    async def cases(self) -> "cycle[CaseId]":
        """Cases of five events or more on which work can go on, one after the other for ever."""
        return cycle([CaseId(str(stream)) for (stream,) in await self.rows(CASES)])

    async def supervisor(self) -> Actor:
        """Who gives the commands."""
        stream = agent_stream(SUPERVISOR)
        agent = (await self.services.log.states([stream]))[stream]
        assert agent.role is not None, "the cases are generated with their people"
        return Actor(SUPERVISOR, agent.role, agent.team)

    async def raw_table(self, name: str) -> None:
        """A table laid out and filled like the log, with a sequence of its own for positions."""
        table, sequence = Identifier(name), Identifier(f"{name}_seq")
        for statement in (
            "DROP TABLE IF EXISTS {table}",
            "DROP SEQUENCE IF EXISTS {sequence}",
            "CREATE TABLE {table} (LIKE log.events INCLUDING ALL)",
            "INSERT INTO {table} SELECT * FROM log.events",
            "CREATE SEQUENCE {sequence}",
            "SELECT setval({name}, (SELECT max(notification_id) FROM log.events))",
            "ALTER TABLE {table} ALTER notification_id SET DEFAULT nextval({name})",
            "VACUUM ANALYZE {table}",
        ):
            await self.rows(SQL(statement).format(table=table, sequence=sequence, name=Literal(f"{name}_seq")))


@asynccontextmanager
async def set_up(scale: Scale) -> AsyncIterator[Stage]:
    """Start a server in a folder that is thrown away afterwards, and generate the cases."""
    with _home() as home, EmbeddedPostgres(home) as admin:
        async with open_services(Settings(home=home, database_url=admin)) as services:
            stage = Stage(services, admin, home, scale)
            await fill(stage)
            freeze_heap()
            yield stage


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="redress-bench-", ignore_cleanup_errors=True) as folder:
        # as root the server runs as somebody else, whom mkdtemp's 0700 would keep out
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


async def fill(stage: Stage) -> None:
    """Generate cases and orders, as far as they are not there yet."""
    services, scale = stage.services, stage.scale
    policy = services.cases.policy_on("default", datetime.now(UTC))
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    parts = GeneratorParts(services.log, services.keyring, services.numbers, services.masters, policy)
    await generate(Plan(cases=scale.cases, agents=scale.agents, seed=1, end=today, orders=scale.orders), parts)
    await _short_cases(stage)
    await stage.rows("VACUUM ANALYZE log.events, log.commands")


async def _short_cases(stage: Stage) -> None:
    """Cases of five events, received just now, so that nothing of them falls due while it is measured."""
    cases, actor, left = stage.services.cases, await stage.supervisor(), iter(range(stage.scale.short))

    async def work() -> None:
        for number in left:
            case_id, customer = CaseId(str(uuid4())), {"name": "王小明", "phone": f"139{number:08d}"}
            received = RECEIPT | {"received_at": datetime.now(UTC), "customer": customer}
            await cases.receive(case_id, received, actor, command(actor))
            for _ in range(NOTES):
                await cases.give("notes", case_id, NOTE, actor, command(actor))

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def command(actor: Actor) -> Command:
    """The circumstances of a command that came with an idempotency key of its own."""
    command_id: UUID = uuid4()
    return Command(
        Meta(actor.id, datetime.now(UTC), command_id, command_id, command_id), command_id.bytes * 2, keyed=True
    )
