"""The one file that knows all real parts: settings in, a running service out."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapters.auth.api_keys import ApiKeys
from adapters.auth.limiter import Limiter
from adapters.ciphers import derive, fingerprint
from adapters.embedded_postgres import EmbeddedPostgres
from adapters.http.parts import Parts
from adapters.keyring import PostgresKeyring
from adapters.lists import ProjectedLists
from adapters.master_key import master_key
from adapters.postgres.event_log import PostgresLog
from adapters.postgres.histories import PostgresHistories, PostgresNumbers, PostgresReadAudit
from adapters.postgres.migrate import check_schema, migrate
from adapters.postgres.pool import APP_ROLE, Pool, log_pool, service_dsn, service_pool
from adapters.postgres.recorder import refuse_db_functions
from adapters.settings import Settings
from application.case_reads import CaseReads
from application.cases import Cases
from application.envelope import Meta
from application.event_log import Command
from application.masters import Masters
from application.phrases import shipped as shipped_phrases
from application.policies import shipped as shipped_policies
from domain.case.policy import CasePolicy
from domain.values import Actor, AgentId, Role
from projections import tracking
from projections.case_inbox import due_at
from projections.registry import PROJECTIONS
from projections.runner import Runner
from projections.waiting import Positions

OPERATOR = Actor(AgentId("operator"), Role.ADMIN)
"""Who gives the commands of the command line: whoever may start the service."""


def now() -> datetime:
    """The clock of the service."""
    return datetime.now(UTC)


def operators_command() -> Command:
    """The circumstances of a command from the command line."""
    command_id = uuid4()
    return Command(Meta(OPERATOR.id, now(), command_id, command_id, command_id), fingerprint=b"")


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a program over the log works with; `dsn` is the service's own connection string."""

    dsn: str
    pool: Pool
    log: PostgresLog
    keyring: PostgresKeyring
    policies: Mapping[str, CasePolicy]
    numbers: PostgresNumbers
    cases: Cases
    masters: Masters
    keys: ApiKeys
    fingerprint_key: bytes


@contextmanager
def _server(settings: Settings) -> Any:
    """The connection string of the database: the operator's, or an embedded server's for as long as it is used."""
    if settings.database_url:
        yield settings.database_url
        return
    with EmbeddedPostgres(settings.home) as dsn:
        yield dsn


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Start or find the database, bring its schema up to date, open the service's parts, and close them again.

    Raises DbFunctionsForbidden, EmbeddedPostgresError, MigrationError, MasterKeyUnusable, psycopg.Error.
    """
    refuse_db_functions(os.environ)
    async with AsyncExitStack() as stack:
        admin_dsn = stack.enter_context(_server(settings))
        master = master_key(settings.home, os.environ)
        dsn = await asyncio.to_thread(_migrated, admin_dsn, derive(master, "database role").hex())
        pool = await stack.enter_async_context(service_pool(dsn, "service"))
        async with pool.connection() as connection:
            await tracking.prepare(connection, PROJECTIONS)
        log = PostgresLog(await stack.enter_async_context(log_pool(dsn)))
        yield _services(dsn, pool, log, master)


def _migrated(admin_dsn: str, app_password: str) -> str:
    """The service's connection string, once the schema is current; as the service's own role it is only checked."""
    if conninfo_to_dict(admin_dsn).get("user") == APP_ROLE:
        with psycopg.connect(admin_dsn) as connection:
            check_schema(connection)
        return admin_dsn
    migrate(admin_dsn, app_password)
    return service_dsn(admin_dsn, app_password)


def _services(dsn: str, pool: Pool, log: PostgresLog, master: bytes) -> Services:
    keyring, numbers, policies = PostgresKeyring(pool, master), PostgresNumbers(pool), shipped_policies()
    return Services(
        dsn=dsn,
        pool=pool,
        log=log,
        keyring=keyring,
        policies=policies,
        numbers=numbers,
        cases=Cases(log, keyring, shipped_phrases(), policies, numbers),
        masters=Masters(log, keyring),
        keys=ApiKeys(pool, log),
        fingerprint_key=derive(master, "fingerprints"),
    )


@asynccontextmanager
async def following(services: Services) -> AsyncIterator[Positions]:
    """The projector and what waits for it, for as long as the context lasts."""
    stop = asyncio.Event()
    positions = Positions(services.dsn, PROJECTIONS)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Runner(services.dsn, services.keyring).run(stop))
        tasks.create_task(positions.run(stop))
        try:
            yield positions
        finally:
            stop.set()


def http_parts(services: Services, positions: Positions, settings: Settings) -> Parts:
    """What the HTTP door needs."""
    histories, audit = PostgresHistories(services.pool), PostgresReadAudit(services.pool)
    return Parts(
        authenticate=services.keys.actor,
        limiter=Limiter(settings.requests_per_minute),
        cases=services.cases,
        masters=services.masters,
        reads=CaseReads(histories, services.keyring, audit, services.cases, due_at),
        lists=ProjectedLists(services.pool),
        positions=positions,
        fingerprint=partial(fingerprint, services.fingerprint_key),
        clock=now,
        ready=partial(_ready, services.pool),
    )


async def _ready(pool: Pool) -> dict[str, Any]:
    async with pool.connection() as connection:
        views = await tracking.status(connection, PROJECTIONS)
    states = [
        {
            "view": view.view,
            "position": view.position,
            "lag_events": view.lag_events,
            "failed": view.failed.error if view.failed else None,
        }
        for view in views
    ]
    failing = any(view.failed for view in views)
    return {"status": "failing" if failing else "ready", "position": views[0].head, "views": states}
