"""`redress`, the command line: what goes wrong is said in a sentence on stderr, and told apart by the exit code.

0 done, 1 a check failed, 2 wrong usage or unreadable input, 3 conflict, 4 service unavailable (contract part 2).
"""

import os
import sys

import psycopg
import typer

from adapters import logging
from adapters.cli import access, generate, imports, log, service
from adapters.embedded_postgres import EmbeddedPostgresError
from adapters.master_key import MasterKeyUnusable
from adapters.postgres.migrate import MigrationError
from adapters.postgres.recorder import DbFunctionsForbidden
from adapters.settings import BadSetting
from application.event_log import LogError, Unavailable
from domain.kernel import Refusal

USAGE, CONFLICT, UNAVAILABLE = 2, 3, 4

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Complaint handling on an auditable log.")
app.add_typer(imports.app, name="import", help="Bring records of other systems in.")
app.add_typer(access.users, name="user", help="People who work here.")
app.add_typer(access.keys, name="key", help="Keys to the API.")
service.add_to(app)
log.add_to(app)
generate.add_to(app)


def main() -> int:
    """Run a command; its exit code."""
    logging.configure()
    try:
        return app(standalone_mode=False) or 0
    except typer.Exit as ended:
        return ended.exit_code
    except (BadSetting, MasterKeyUnusable, DbFunctionsForbidden) as error:
        return _say(error, USAGE)
    except (EmbeddedPostgresError, MigrationError, Unavailable, psycopg.OperationalError) as error:
        return _say(error, UNAVAILABLE)
    except (Refusal, LogError) as error:
        return _say(error, CONFLICT)
    except typer.Abort:
        return 130
    except Exception as error:
        if hasattr(error, "format_message"):
            return _usage(error)
        raise


def _say(error: Exception, code: int) -> int:
    print(f"redress: {error}", file=sys.stderr)  # noqa: T201
    return code


def _usage(error: Exception) -> int:
    error.show()  # type: ignore[attr-defined]
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
