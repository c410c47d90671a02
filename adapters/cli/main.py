"""`redress`, the command line: what goes wrong is said in a sentence on stderr, and told apart by the exit code.

0 done, 1 a check failed, 2 wrong usage or unreadable input, 3 conflict, 4 service unavailable (contract part 2).
"""

import sys

import psycopg
import typer

from adapters import logging
from adapters.cli import serving
from adapters.embedded_postgres import EmbeddedPostgresError
from adapters.handover_print.pdf import NoChromium
from adapters.master_key import MasterKeyUnusable, WrongMasterKey
from adapters.postgres.db_functions import DbFunctionsForbidden
from adapters.postgres.key_place import KeysMisplaced
from adapters.postgres.migrate import MigrationError
from adapters.proof.signing_keys import NotSealedYet
from adapters.proof.unpacking import BadBundle
from adapters.proof.witness import Unanswered
from adapters.settings import BadSetting
from application.documents import BadDocument
from application.event_log import LogError, Unavailable
from domain.kernel import Refusal
from domain.ledger.rules import NoTariff

USAGE, CONFLICT, UNAVAILABLE = 2, 3, 4
_CODES: tuple[tuple[tuple[type[Exception], ...], int], ...] = (
    (
        (
            BadSetting,
            BadDocument,
            BadBundle,
            NoTariff,
            MasterKeyUnusable,
            WrongMasterKey,
            KeysMisplaced,
            DbFunctionsForbidden,
            NoChromium,
        ),
        USAGE,
    ),
    # OperationalError: PoolTimeout, PoolClosed and the pool's TooManyRequests are such, too
    (
        (EmbeddedPostgresError, MigrationError, Unavailable, Unanswered, psycopg.OperationalError, TimeoutError),
        UNAVAILABLE,
    ),
    ((Refusal, LogError, NotSealedYet), CONFLICT),
    # after TimeoutError, which is one
    ((OSError, UnicodeError), USAGE),
)
"""What is an expected end of a command, and its exit code."""


def main() -> int:
    """Run a command; its exit code."""
    logging.configure(sys.stderr)
    try:
        return _app()(standalone_mode=False) or 0
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        print("redress: nothing was entered, so nothing was done", file=sys.stderr)  # noqa: T201
        return USAGE
    except Exception as error:
        code = next((code for kinds, code in _CODES if isinstance(error, kinds)), None)
        if code is not None:
            print(f"redress: {_sentence(error)}", file=sys.stderr)  # noqa: T201
            return code
        if hasattr(error, "format_message"):
            return _usage(error)
        raise


def _app() -> typer.Typer:
    """All commands, or those of the service alone: what the others import would stay in its memory."""
    if sys.argv[1:2] and sys.argv[1] in serving.NAMES:
        return serving.app
    from adapters.cli.commands import app  # noqa: PLC0415  7 MB that the service does not need

    return app


def _sentence(error: Exception) -> str:
    """What went wrong and the way out; the errors of Python itself name neither in words."""
    match error:
        case UnicodeDecodeError():
            return f"the file is not {error.encoding} text (byte {error.start}): save it as UTF-8"
        case UnicodeEncodeError():
            return f"this terminal or file takes {error.encoding} alone: set PYTHONIOENCODING=utf-8"
        case OSError(strerror=str(why), filename=name) if name is not None:
            return f"{name} cannot be used ({why}): name another place, or mend this one"
        case _:
            return str(error)


def _usage(error: Exception) -> int:
    error.show()  # type: ignore[attr-defined]
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
