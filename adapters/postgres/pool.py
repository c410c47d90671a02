"""Connections of the service: who it is, and limits on every wait."""

from collections.abc import Mapping
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

# What takes longer is stuck, or keeps the others from a connection; who may take longer (the projector, a rebuild, an
# export) has a connection of their own.
SERVICE_SETTINGS = {"statement_timeout": "8s"}
# A plan made while the log was small must not stay: it would read the whole table ever after.
LOG_SETTINGS = {
    **SERVICE_SETTINGS,
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

    Its connections are in autocommit and commit what `connection.transaction()` encloses. A statement that takes longer
    than SERVICE_SETTINGS say raises psycopg.errors.QueryCanceled. Waiting for a connection raises
    psycopg_pool.PoolTimeout after POOL_TIMEOUT_S, and TooManyRequests when WAITING_MAX wait already.
    """
    return _pool(dsn, name, size, SERVICE_SETTINGS)


def log_pool(dsn: str, size: int = 8) -> Pool:
    """Make the pool for PostgresLog, which pins the plans besides; not open yet: `async with` it."""
    return _pool(dsn, "log", size, LOG_SETTINGS)


def _pool(dsn: str, name: str, size: int, settings: Mapping[str, str]) -> Pool:
    ours = " ".join(f"-c {setting}={value}" for setting, value in settings.items())
    options = f"{conninfo_to_dict(dsn).get('options') or ''} {ours}".strip()
    return AsyncConnectionPool(
        make_conninfo(dsn, options=options, application_name=f"redress-{name}", connect_timeout=CONNECT_TIMEOUT_S),
        kwargs={"autocommit": True},
        min_size=min(2, size),
        max_size=size,
        timeout=POOL_TIMEOUT_S,
        max_waiting=WAITING_MAX,
        name=name,
        open=False,
    )
