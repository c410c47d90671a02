"""What went wrong, in words that may be shown to everybody: an error's own words may quote what a person said."""

import re
from pathlib import Path
from traceback import walk_tb

import psycopg

from application.sealing import Tampered
from application.wire import Unreadable

_ROOT = Path(__file__).parents[1]
_OURS = frozenset({"domain", "application", "projections", "adapters"})
# Of our own words, where msgspec quotes a value that is no member of an enum, and a box names whose it is. Quotes end
# with the last one: a value may hold some itself.
_VALUE = re.compile(r"""['"].*['"]|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}""", re.DOTALL)
# connection, transaction state, deadlock, resources, locks, shutdown, system: the same again may well succeed
_TRANSIENT = ("08", "25", "40", "53", "55", "57", "58")


def transient(error: Exception) -> bool:
    """Whether the cause lies outside the events, so that the same attempt may succeed later."""
    if not isinstance(error, psycopg.Error):
        return isinstance(error, OSError)
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_TRANSIENT)


def described(error: Exception) -> str:
    """Class of an error and where in our code it arose; words only of our own about events, without their values."""
    if isinstance(error, Unreadable | Tampered):
        return f"{type(error).__name__}: {_VALUE.sub('…', str(error))}"
    named = [type(error).__name__]
    if isinstance(error, psycopg.Error):
        named += filter(None, (error.sqlstate, error.diag.constraint_name))
    return " ".join([*named, *_arisen(error)])


def _arisen(error: Exception) -> list[str]:
    """`at file:line` of the innermost frame of ours; nothing for an error that never went through our code."""
    places = [_place(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    return [place for place in places if place][-1:]


def _place(file: str, line: int) -> str | None:
    path = Path(file)
    if not path.is_relative_to(_ROOT):
        return None
    inside = path.relative_to(_ROOT)
    return f"at {inside.as_posix()}:{line}" if inside.parts[0] in _OURS else None
