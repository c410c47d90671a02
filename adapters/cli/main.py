"""`redress`, the command line: what goes wrong is said in a sentence on stderr, and told apart by the exit code.

0 done, 1 a check failed, 2 wrong usage or unreadable input, 3 conflict, 4 service unavailable (contract part 2).
"""

import sys

import psycopg
import typer

from adapters import logging
from adapters.cli import (
    access,
    bench,
    calendars,
    clocks,
    demo,
    generate,
    handover,
    imports,
    ledger,
    log,
    payroll,
    policies,
    proof,
    replay,
    retention,
    service,
    tariffs,
)
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

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Complaint handling on an auditable log.")
app.add_typer(imports.app, name="import", help="Bring records of other systems in.")
app.add_typer(tariffs.app, name="tariff", help="Try, show and check tariffs.")
app.add_typer(calendars.app, name="calendar", help="Say when work is due, show and check business calendars.")
app.add_typer(policies.app, name="policy", help="Try, show and check deadline policies.")
app.add_typer(payroll.app, name="payroll", help="Check the ledgers; read, export and verify payroll months.")
ledger.add_to(app)
app.add_typer(access.users, name="user", help="People who work here.")
app.add_typer(access.keys, name="key", help="Keys to the API.")
service.add_to(app)
log.add_to(app)
generate.add_to(app)
demo.add_to(app)
handover.add_to(app)
proof.add_to(app)
replay.add_to(app)
clocks.add_to(app)
retention.add_to(app)
bench.add_to(app)


def main() -> int:
    """Run a command; its exit code."""
    logging.configure()
    try:
        return app(standalone_mode=False) or 0
    except typer.Exit as ended:
        return ended.exit_code
    except Exception as error:
        code = next((code for kinds, code in _CODES if isinstance(error, kinds)), None)
        if code is not None:
            print(f"redress: {_sentence(error)}", file=sys.stderr)  # noqa: T201
            return code
        if hasattr(error, "format_message"):
            return _usage(error)
        raise


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
