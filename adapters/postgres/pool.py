"""Connections of the service: who it is, and limits on every wait."""

from typing import Any

from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

APP_ROLE = "redress_app"
"""The role of the service; what it may do is said in migrations/0001_roles_and_schemas.sql."""

CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 5.0
"""How long one waits for a free connection."""
WAITING_MAX = 4096
"""How many may wait for a connection; more are refused at once."""

# A statement of the log is short; what takes longer than this is stuck. A plan made while the log was small must not
# stay: it would read the whole table ever after.
LOG_SETTINGS = {
    "statement_timeout": "8s",
    "lock_timeout": "5s",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
}

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]


def service_dsn(admin_dsn: str, app_password: str) -> str:
    """Return how the service connects to the database of `admin_dsn`."""
    return make_conninfo(admin_dsn, user=APP_ROLE, password=app_password)


def service_pool(dsn: str, name: str, size: int = 8) -> Pool:
    """Make a pool for ordinary work, seen as `redress-<name>` in pg_stat_activity; not open yet: `async with` it.

    Its connections are in autocommit and commit what `connection.transaction()` encloses. Waiting for a connection
    raises psycopg_pool.PoolTimeout after POOL_TIMEOUT_S, and TooManyRequests when WAITING_MAX wait already.
    """
    return AsyncConnectionPool(
        make_conninfo(dsn, application_name=f"redress-{name}", connect_timeout=CONNECT_TIMEOUT_S),
        kwargs={"autocommit": True},
        min_size=min(2, size),
        max_size=size,
        timeout=POOL_TIMEOUT_S,
        max_waiting=WAITING_MAX,
        name=name,
        open=False,
    )


def log_pool(dsn: str, size: int = 8) -> Pool:
    """Make the pool for PostgresLog, which pins the plans and limits every statement; not open yet: `async with` it."""
    settings = " ".join(f"-c {name}={value}" for name, value in LOG_SETTINGS.items())
    options = f"{conninfo_to_dict(dsn).get('options') or ''} {settings}".strip()
    return service_pool(make_conninfo(dsn, options=options), "log", size)
