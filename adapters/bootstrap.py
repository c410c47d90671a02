"""The one file that knows all real parts: settings in, a running service out."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import structlog

from adapters.auth.actors import Actors
from adapters.auth.admitted import Admitted
from adapters.auth.api_keys import ApiKeys
from adapters.auth.limiter import Limiter
from adapters.auth.passwords import Passwords
from adapters.auth.provider import Provider
from adapters.auth.sessions import Sessions
from adapters.ciphers import check_value, derive, fingerprint
from adapters.complaint_links import ComplaintLinks
from adapters.desk import Desk
from adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from adapters.files import Files
from adapters.handover_parts import HandoverParts, handover_parts, public_holiday
from adapters.housekeeping import Housekeeper
from adapters.intake.tariffs import shipped as shipped_tariff
from adapters.keyring import PostgresKeyring
from adapters.ledger_parts import LedgerParts, judged, ledger_parts
from adapters.lists import ProjectedLists
from adapters.mail.outbox import Outbox, Post
from adapters.master_key import master_key
from adapters.people import PostgresPeople
from adapters.person_export.export import PersonExport
from adapters.postgres import key_check
from adapters.postgres.db_functions import refuse_db_functions
from adapters.postgres.event_log import PostgresLog
from adapters.postgres.histories import PostgresHistories, PostgresNumbers
from adapters.postgres.key_place import check_place
from adapters.postgres.migrate import Known, check_schema, key_migrations, migrate
from adapters.postgres.pool import APP_ROLE, CONNECT_TIMEOUT_S, Pool, log_pool, service_dsn, service_pool
from adapters.postgres.read_audit import PostgresReadAudit
from adapters.presence import Presence
from adapters.proof.parts import Proof, proof_parts
from adapters.proof.sealer import NAME as SEALING
from adapters.proof.time_stamps import Stamper
from adapters.rejudged import Rejudge
from adapters.settings import Settings
from adapters.trials import Trials
from adapters.webhooks.parts import WebhookParts, webhook_parts
from application.case_reads import CaseReads
from application.cases import Cases
from application.clocks import Clocks
from application.envelope import Meta
from application.event_log import Command
from application.fact_reads import FactReads
from application.facts import Facts
from application.forms import shipped as shipped_forms
from application.key_proposals import KeyProposals
from application.ledger_reads import LineReads
from application.masters import Masters
from application.notices import Notices, tell_closed
from application.payroll_policies import shipped as shipped_payroll_policies
from application.phrases import shipped as shipped_phrases
from application.policies import shipped as shipped_policies
from application.published import PayrollPolicies, Publishing, calendars, deadline_policies, tariffs
from application.retention import shipped as retention_schedule
from application.scheduling import Scheduling
from application.shifts import Shifts
from application.subjects import Subjects
from application.wages import Wages
from domain.case.policy import CasePolicy
from domain.tariff.tariff import Tariff
from domain.time.deadlines import DeadlinePolicy
from domain.time.events import BusinessCalendar
from domain.time.ladder import Person
from domain.values import Actor, AgentId, Role, local_day
from projections import tracking
from projections.directory import people
from projections.erasing import Finisher
from projections.reactor import NAME as JUDGING
from projections.reactor import Reactor
from projections.registry import PROJECTIONS
from projections.runner import NAME as PROJECTOR
from projections.runner import Runner
from projections.scheduler import Scheduler
from projections.waiting import Positions

if TYPE_CHECKING:
    from adapters.http.parts import Parts

log = structlog.get_logger()
OPERATOR = Actor(AgentId("operator"), Role.ADMIN)
"""Who gives the commands of the command line: whoever may start the service."""
FOLLOWERS = (*tracking.names(PROJECTIONS), JUDGING)
"""Who follows the log: the views, and the judging."""
AUTH_CONNECTIONS = 4
"""For looking up keys alone: eight slow searches must not keep everybody out."""


def now() -> datetime:
    """The clock of the service."""
    return datetime.now(UTC)


def operators_command() -> Command:
    """The circumstances of a command from the command line."""
    command_id = uuid4()
    return Command(Meta(OPERATOR.id, now(), command_id, command_id, command_id), fingerprint=b"")


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a program over the log works with; `dsn` is the service's own connection string.

    keys_dsn: that of the database with the keys of persons, which may be another one.
    """

    dsn: str
    pool: Pool
    log: PostgresLog
    keyring: PostgresKeyring
    admitted: Admitted
    keys_dsn: str
    policies: Mapping[str, CasePolicy]
    numbers: PostgresNumbers
    cases: Cases
    clocks: Clocks
    masters: Masters
    facts: Facts
    shifts: Shifts
    shift_work: HandoverParts
    tariffs: Publishing[Tariff]
    payroll_policies: PayrollPolicies
    deadline_policies: Publishing[DeadlinePolicy]
    calendars: Publishing[BusinessCalendar]
    wages: Wages
    ledgers: LedgerParts
    keys: ApiKeys
    sessions: Sessions
    passwords: Passwords
    webhooks: WebhookParts
    proof: Proof
    fingerprint_key: bytes


LOOK_AFTER_S = 2.0
"""How often the embedded server is looked after."""


@asynccontextmanager
async def _server(settings: Settings) -> AsyncIterator[str]:
    """The connection string of the database: the operator's, or an embedded server's for as long as it is used."""
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.home)
    with server as dsn:
        keeper = asyncio.create_task(_look_after(server))
        try:
            yield dsn
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)


async def _look_after(server: EmbeddedPostgres) -> None:
    """Start the server again when something has killed it; one that runs is only asked whether it answers."""
    while True:
        await asyncio.sleep(LOOK_AFTER_S)
        try:
            await asyncio.to_thread(server.start)
        except EmbeddedPostgresError as error:
            log.warning("database_not_started", error=type(error).__name__)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """Start or find the database, bring its schema up to date, open the service's parts, and close them again.

    Raises DbFunctionsForbidden, EmbeddedPostgresError, MigrationError, MasterKeyUnusable, WrongMasterKey, OSError,
    psycopg.Error.
    """
    refuse_db_functions(os.environ)
    async with AsyncExitStack() as stack:
        admin_dsn = await stack.enter_async_context(_server(settings))
        dsn, keys_dsn, master = await asyncio.to_thread(_both_prepared, admin_dsn, settings)
        pool = await stack.enter_async_context(service_pool(dsn, "service"))
        key_pool = pool if keys_dsn == dsn else await stack.enter_async_context(service_pool(keys_dsn, "keys"))
        async with pool.connection() as connection:
            await tracking.prepare(connection, PROJECTIONS)
            await tracking.begin(connection, [JUDGING])
        admitted = Admitted()
        event_log = PostgresLog(await stack.enter_async_context(log_pool(dsn)), admitted.see)
        stack.push_async_callback(event_log.close)
        auth = await stack.enter_async_context(service_pool(dsn, "auth", AUTH_CONNECTIONS))
        actors = Actors(event_log)
        tell = partial(_tell_closed, event_log)
        keys, sessions = ApiKeys(auth, actors, admitted), Sessions(auth, actors, admitted)
        doors = admitted, keys, sessions, Passwords(auth, actors, admitted, tell)
        yield _services(dsn, pool, event_log, doors, PostgresKeyring(key_pool, master), keys_dsn, master, settings)


async def _tell_closed(log: PostgresLog, agent: AgentId, until: datetime) -> None:
    await tell_closed(log, agent, until, operators_command())


def _both_prepared(dsn: str, settings: Settings) -> tuple[str, str, bytes]:
    """How the service connects to the log and to the keys of persons, and the master key. Raises KeysMisplaced."""
    service, master = _prepared(dsn, settings.home)
    if settings.keys_database_url is None:
        with psycopg.connect(service, connect_timeout=CONNECT_TIMEOUT_S) as log_:
            check_place(log_, None)
        return service, service, master
    keys, _ = _prepared(settings.keys_database_url, settings.home, key_migrations)
    with (
        psycopg.connect(service, connect_timeout=CONNECT_TIMEOUT_S) as log_,
        psycopg.connect(keys, connect_timeout=CONNECT_TIMEOUT_S) as persons,
    ):
        check_place(log_, persons)
    return service, keys, master


def _prepared(dsn: str, home: Path, known: Known | None = None) -> tuple[str, bytes]:
    """The service's own connection string and the master key, once schema and key are the database's.

    As the service's own role the schema is only checked.
    """
    with psycopg.connect(dsn, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
        as_service = connection.info.user == APP_ROLE
        if as_service:
            check_schema(connection, known)
        # before anything is changed: a key made for a database that has one would lock its owner out
        master = master_key(home, os.environ, make=key_check.known(connection) is None)
        if as_service:
            key_check.keep(connection, check_value(master))
            return dsn, master
    password = derive(master, "postgres password").hex()
    migrate(dsn, password, check_value(master), known)
    return service_dsn(dsn, password), master


def _services(
    dsn: str,
    pool: Pool,
    log: PostgresLog,
    doors: tuple[Admitted, ApiKeys, Sessions, Passwords],
    keyring: PostgresKeyring,
    keys_dsn: str,
    master: bytes,
    settings: Settings,
) -> Services:
    admitted, keys, sessions, passwords = doors
    numbers, policies = PostgresNumbers(pool), shipped_policies()
    published, payroll_policies = tariffs(log, [shipped_tariff()]), PayrollPolicies(log, shipped_payroll_policies())
    ledgers = ledger_parts(log, keyring, pool, published, payroll_policies, now)
    clocks = Clocks(log, PostgresHistories(pool))
    return Services(
        dsn=dsn,
        pool=pool,
        log=log,
        keyring=keyring,
        admitted=admitted,
        keys_dsn=keys_dsn,
        policies=policies,
        numbers=numbers,
        cases=Cases(log, keyring, shipped_phrases(), policies, numbers, clocks),
        clocks=clocks,
        masters=Masters(log, keyring),
        facts=Facts(log, keyring, shipped_forms(), ledgers.conduct_lines),
        shifts=Shifts(log, keyring, public_holiday()),
        shift_work=handover_parts(log, keyring, pool),
        tariffs=published,
        payroll_policies=payroll_policies,
        deadline_policies=deadline_policies(log),
        calendars=calendars(log),
        wages=Wages(log, keyring),
        ledgers=ledgers,
        keys=keys,
        sessions=sessions,
        passwords=passwords,
        webhooks=webhook_parts(dsn, pool, log, master, settings.webhook_allowed, operators_command, now),
        proof=proof_parts(dsn, pool, master, settings.home),
        fingerprint_key=derive(master, "fingerprints"),
    )


def scheduling(services: Services) -> Scheduling:
    """What records of clocks what falls due."""
    return Scheduling(services.log, PostgresHistories(services.pool), partial(_people, services.pool), now)


async def _people(pool: Pool) -> Sequence[Person]:
    async with pool.connection() as connection:
        return await people(connection, local_day(now()))


Work = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Goes on until the event is set."""


@asynccontextmanager
async def hearing(services: Services) -> AsyncIterator[Positions]:
    """What a process that answers must hear of for as long as the context lasts, and what waits for the followers."""
    positions = Positions(services.dsn, FOLLOWERS)
    async with _at_work(_hear_of_keys(services), _hear_of_access(services), services.proof.feed.run, positions.run):
        yield positions


@asynccontextmanager
async def following_alone(
    services: Services, post: Post | None = None, time_stamps: str | None = None
) -> AsyncIterator[None]:
    """Who follows the log, for as long as the context lasts, in a process that answers nobody; see Settings."""
    async with _at_work(_hear_of_keys(services), *_followers(services, post, time_stamps)):
        yield


@asynccontextmanager
async def following(
    services: Services, post: Post | None = None, time_stamps: str | None = None
) -> AsyncIterator[Positions]:
    """Both in one process, for programs that end soon."""
    async with hearing(services) as positions, _at_work(*_followers(services, post, time_stamps)):
        yield positions


def _hear_of_keys(services: Services) -> Work:
    return partial(services.keyring.hear, services.keys_dsn)


def _hear_of_access(services: Services) -> Work:
    return partial(services.admitted.hear, services.dsn)


def _followers(services: Services, post: Post | None, time_stamps: str | None) -> Iterator[Work]:
    """Whoever follows the log; of each one is at work in a database."""
    yield Runner(services.dsn, services.keyring).run
    yield Finisher(services.dsn, subjects(services), operators_command).run
    yield housekeeper(services).run
    yield Reactor(services.dsn, services.ledgers.reaction).run
    yield Scheduler(services.dsn, scheduling(services), now).run
    yield services.webhooks.deliverer.run
    yield services.proof.sealer.run
    if time_stamps:
        yield Stamper(services.dsn, time_stamps).run
    if post:
        yield Outbox(services.dsn, post, services.shift_work.reports, operators_command, now).run


@asynccontextmanager
async def _at_work(*works: Work) -> AsyncIterator[None]:
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in works:
                tasks.create_task(work(stop))
            try:
                yield
            finally:
                stop.set()
    except ExceptionGroup as failed:
        # what went wrong meanwhile is for who waits for just that: a command tells it in a sentence
        raise failed.exceptions[0] from None


def housekeeper(services: Services) -> Housekeeper:
    """Who removes what nobody needs any more."""
    files = Files(services.pool, services.keyring)
    return Housekeeper(services.dsn, services.pool, Actors(services.log), files, services.webhooks.commands)


def subjects(services: Services, positions: Positions | None = None) -> Subjects:
    """The commands on what is kept on persons; with `positions` they wait for the lists."""
    people = PostgresPeople(services.dsn, services.pool, positions)
    return Subjects(services.log, services.keyring, people, retention_schedule())


def case_reads(services: Services) -> CaseReads:
    """What reads single cases."""
    histories, audit = PostgresHistories(services.pool), PostgresReadAudit(services.pool, services.keyring)
    return CaseReads(histories, services.keyring, audit, services.cases, services.clocks)


def http_parts(services: Services, positions: Positions, settings: Settings) -> "Parts":
    """What the HTTP door needs."""
    from adapters.http.parts import Parts  # noqa: PLC0415  30 MB that a process that answers nobody does without

    histories, audit = PostgresHistories(services.pool), PostgresReadAudit(services.pool, services.keyring)
    return Parts(
        authenticate=services.keys.actor,
        sessions=services.sessions,
        keys=services.keys,
        key_proposals=KeyProposals(services.log, services.keyring),
        passwords=services.passwords,
        provider=Provider(settings.provider, services.pool) if settings.provider else None,
        local_sign_in=settings.local_sign_in,
        public_url=settings.public_url,
        complaint_links=ComplaintLinks(services.pool),
        limiter=Limiter(settings.requests_per_minute),
        cases=services.cases,
        masters=services.masters,
        facts=services.facts,
        fact_reads=FactReads(histories, services.keyring, audit),
        shifts=services.shifts,
        shift_work=services.shift_work,
        tariffs=services.tariffs,
        payroll_policies=services.payroll_policies,
        deadline_policies=services.deadline_policies,
        calendars=services.calendars,
        wages=services.wages,
        notices=Notices(services.log, ProjectedLists(services.pool)),
        webhooks=services.webhooks,
        ledgers=services.ledgers.ledgers,
        line_reads=LineReads(histories, services.keyring, audit),
        payroll=services.ledgers.months(positions),
        month_reads=services.ledgers.reads,
        trials=Trials(services.pool, partial(Rejudge, services.dsn, services.log, services.ledgers.policy_of)),
        judged=judged(services.pool, positions),
        policies=services.policies,
        reads=case_reads(services),
        histories=histories,
        subjects=subjects(services, positions),
        person_export=PersonExport(services.dsn, services.keyring, Files(services.pool, services.keyring)),
        audit=audit,
        lists=ProjectedLists(services.pool),
        desk=Desk(services.pool, services.keyring),
        files=Files(services.pool, services.keyring),
        presence=Presence(services.pool),
        proof=services.proof,
        positions=positions,
        fingerprint=partial(fingerprint, services.fingerprint_key),
        clock=now,
        ready=partial(_ready, services),
    )


async def _ready(services: Services) -> dict[str, Any]:
    async with services.pool.connection() as connection:
        views = await tracking.status(connection, FOLLOWERS)
        followed = await tracking.led(connection, PROJECTOR)
        refused = await tracking.failed(connection, SEALING)
    at = now()
    return {
        "status": "failing" if any(view.failed for view in views) else "ready",
        "position": views[0].head,
        "followed": followed,
        "sealing": "refused" if refused else "sealing",
        "views": [_state(view, at) for view in views],
    }


def _state(view: tracking.ViewStatus, at: datetime) -> dict[str, Any]:
    waited = at - view.waiting_since if view.waiting_since else timedelta()
    return {
        "view": view.view,
        "position": view.position,
        "lag_events": view.lag_events,
        "lag_seconds": round(max(0.0, waited.total_seconds()), 3),
        "failed": view.failed.error if view.failed else None,
    }
