"""What the environment sets, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded_postgres import default_home


class BadSetting(ValueError):
    """A setting that cannot be used; the message names the variable and what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The service's settings.

    home: folder of the embedded server and the master key (REDRESS_HOME).
    port: of the console and the API on 127.0.0.1 (PORT).
    database_url: a PostgreSQL of the operator's instead of the embedded one (REDRESS_DATABASE_URL).
    requests_per_minute: how many requests one caller may send (REDRESS_REQUESTS_PER_MINUTE).
    """

    home: Path
    port: int = 8000
    database_url: str | None = None
    requests_per_minute: int = 120_000


def settings(env: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises BadSetting."""
    return Settings(
        home=Path(env["REDRESS_HOME"]).expanduser() if env.get("REDRESS_HOME") else default_home(),
        port=_whole(env, "PORT", 8000, most=65535),
        database_url=env.get("REDRESS_DATABASE_URL") or None,
        requests_per_minute=_whole(env, "REDRESS_REQUESTS_PER_MINUTE", 120_000, most=10**9),
    )


def _whole(env: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise BadSetting(f"{name} is {text!r}: give a whole number from 1 to {most}")
    return int(text)
