"""The service's connections: who it is, and that the log's plans are pinned."""

from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from adapters.postgres.pool import Pool, log_pool, service_pool
from tests.support.database import Database

pytestmark = pytest.mark.anyio


async def settings(pool: Pool, *names: str) -> tuple[Any, ...] | None:
    async with pool, pool.connection() as connection:
        asked = ", ".join(f"current_setting('{name}')" for name in names)
        return await (await connection.execute(f"SELECT current_user, {asked}".encode())).fetchone()


async def test_ordinary_work_has_a_name_the_servers_own_plans_and_a_limit(database: Database) -> None:
    pool = service_pool(make_conninfo(database.app, options="-c work_mem=5MB"), "projector", size=1)
    names = ("application_name", "enable_seqscan", "statement_timeout", "work_mem")
    assert await settings(pool, *names) == ("redress_app", "redress-projector", "on", "8s", "5MB")


async def test_the_log_pins_its_plans_and_keeps_the_options_of_the_connection_string(database: Database) -> None:
    pool = log_pool(make_conninfo(database.app, options="-c work_mem=5MB"))
    names = ("enable_seqscan", "plan_cache_mode", "statement_timeout", "lock_timeout", "work_mem")
    assert await settings(pool, *names) == ("redress_app", "off", "force_generic_plan", "8s", "5s", "5MB")
