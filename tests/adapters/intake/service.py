"""Everything an import or the generator works with, over one database."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from adapters.ciphers import fingerprint
from adapters.intake.generate import GeneratorParts
from adapters.intake.import_cases import IntakeParts
from adapters.keyring import PostgresKeyring
from adapters.postgres.event_log import PostgresLog
from adapters.postgres.histories import PostgresNumbers
from adapters.postgres.pool import log_pool, service_pool
from application.masters import Masters
from application.policies import shipped
from tests.support.database import Database

MASTER = b"for tests alone, and never else."


@dataclass(frozen=True)
class Service:
    """The parts over one database."""

    database: Database
    intake: IntakeParts
    generator: GeneratorParts


async def opened(database: Database, stack: AsyncExitStack) -> Service:
    pool = await stack.enter_async_context(service_pool(database.app, "tests"))
    log = PostgresLog(await stack.enter_async_context(log_pool(database.app)))
    keyring, numbers, policies = PostgresKeyring(pool, MASTER), PostgresNumbers(pool), shipped()
    keyed = partial(fingerprint, MASTER)
    intake = IntakeParts(log, keyring, numbers, policies["imported-1"], keyed, lambda: datetime.now(UTC))
    generator = GeneratorParts(log, keyring, numbers, Masters(log, keyring), policies["default-1"])
    return Service(database, intake, generator)
