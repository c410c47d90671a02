"""All commands of `redress`."""

import typer

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
    serving,
    tariffs,
)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Complaint handling on an auditable log.")
app.add_typer(imports.app, name="import", help="Bring records of other systems in.")
app.add_typer(tariffs.app, name="tariff", help="Try, show and check tariffs.")
app.add_typer(calendars.app, name="calendar", help="Say when work is due, show and check business calendars.")
app.add_typer(policies.app, name="policy", help="Try, show and check deadline policies.")
app.add_typer(payroll.app, name="payroll", help="Check the ledgers; read, export and verify payroll months.")
ledger.add_to(app)
app.add_typer(access.users, name="user", help="People who work here.")
app.add_typer(access.keys, name="key", help="Keys to the API.")
serving.add_to(app)
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
