"""Persons with a canary in every field of every command are erased: nothing of them is found anywhere any more.

Customers have a case with every command, a service order and a member callback each; what was said of staff stands in
facts, roster, wages and ledgers. One person is kept, so that it shows that the search finds what is there. Looked
through are, before views are made anew and after: every table, a dump, the raw log, the API's answers, the exported
log, a bundle of everything, and what was logged since the erasure. The bundle proves itself, and no amount has changed.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import structlog
from psycopg.sql import SQL, Identifier

from adapters import logging
from adapters.bootstrap import OPERATOR, operators_command
from adapters.embedded_postgres.binaries import find_binaries
from adapters.export import export_log
from domain.values import AgentId
from projections.rebuild import rebuild
from projections.registry import PROJECTIONS
from tests.adapters.http.canaries import Canaries, say_a_case, say_an_order, say_the_work
from tests.adapters.http.persons_given import SUBJECTS, erase
from tests.adapters.http.serving import CASES, Service, running_service
from tests.support.campaigns import report
from tests.support.database import fresh_database, running_server

STAFF = ("a77", "a1001", "a1002", "s2001", "s2002")
"""Of whom something was said: who did the work, and who decided on it."""
SINCE = date(2020, 1, 1)
"""Longer ago than anything of staff is kept."""
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    ORDER BY 1, 2"""
MEMBERS = """
    SELECT DISTINCT (regexp_matches(convert_from(state, 'UTF8'), '"subject":"([0-9a-f-]+)","box"', 'g'))[1]
    FROM log.events WHERE topic IN ('order.entered', 'order.corrected', 'member_callback.made')"""
"""Of whom something was said as members of orders and callbacks."""
AMOUNTS = """
    SELECT entry_id, agent, code, amount_fen, status, appeal, month, posted_month FROM read.ledger_1
    ORDER BY entry_id"""
LISTS = (
    *("cases?limit=500", "agents?limit=500", "facts/orders?limit=500", "facts/member-callbacks?limit=500"),
    *("facts/conduct-reports?limit=500", "facts/quality-reviews?limit=500", "wages?limit=500", "shifts?limit=500"),
    *("ledgers/penalties?limit=500", "ledgers/bonuses?limit=500", "subjects?limit=500"),
)


@dataclass
class Erased:
    """What came of it: where traces were found, and what else is not as it must be."""

    persons: int
    said: int
    traces: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was found, and nothing else has changed."""
        return not self.traces and not self.wrong


def erase_and_look(server: str, home: Path, persons: int) -> Erased:
    """Say everything of so many customers and of staff, erase them, and look for them everywhere."""
    gone, kept = Canaries(), Canaries("莺", "188")
    logging.configure(logged := io.StringIO())
    with fresh_database(server) as database, running_service(database, home) as service:
        customers = [_customer(service, gone) for _ in range(persons)]
        say_the_work(service, gone)
        customers += [person for (person,) in service.rows(MEMBERS) if person not in customers]
        _customer(service, kept)
        outcome = Erased(len(customers) + len(STAFF), len(gone.made))
        if not _found_somewhere(service, gone):
            outcome.wrong.append("the search finds nothing where there is something")
        _decide_what_is_open(service)
        amounts = service.rows(AMOUNTS)
        position = _erase_all(service, customers)
        _let_in_again(service)
        logged.truncate(logged.seek(0))
        _look(service, gone, kept, outcome, "live")
        service.run(rebuild(service.services.dsn, service.services.keyring, PROJECTIONS), timeout_s=600)
        _look(service, gone, kept, outcome, "made anew")
        _count(outcome, "log lines", gone.traces(logged.getvalue().encode()))
        if service.rows(AMOUNTS) != amounts:
            outcome.wrong.append("an amount of the ledgers has changed")
        _prove(service, position, gone, outcome)
    structlog.reset_defaults()
    return outcome


# ---- saying and erasing ---------------------------------------------------------------------------------------------
def _customer(service: Service, canary: Canaries) -> str:
    """A customer of whom everything was said; the id."""
    card = canary("card")
    case = say_a_case(service, canary, card)
    service.post("/api/v1/merchants", {"id": "m1", "name": "m"}, who="admin")
    say_an_order(service, canary, card)
    callback = {"agent": "a1001", "at": "2026-03-02T18:00:00+08:00", "reached": True, "card_no": card}
    texts = {"member_name": canary(), "phone": canary("phone"), "words": canary()}
    called = service.post("/api/v1/facts/member-callbacks", {**callback, **texts}, who="supervisor")
    assert called.status == 201, called.body
    for linked in service.get(f"{case.url}/history?limit=500")["items"]:
        if linked["type"] == "case.review_requested":
            review = service.get(f"{CASES}/{linked['data']['review']}")
            withdrawn = service.post(
                f"{CASES}/{review['id']}/withdrawal", {"reason": canary()}, version=review["version"], who="second"
            )
            assert withdrawn.status == 200, withdrawn.body
    _carry_out(service, case.url)
    return str(service.get(case.url)["customer"]["subject"])


def _carry_out(service: Service, case: str) -> None:
    """Whatever was granted in a case."""
    shown = service.get(case)
    for demand in range(1, len(shown["demands"]) + 1):
        service.post(f"{case}/fulfilments", {"demand": demand}, version=service.get(case)["version"])


def _erase_all(service: Service, customers: list[str]) -> int:
    """Erase customers and staff; the position of the last erasure."""
    for agent in STAFF:
        service.run(service.services.masters.let_go(AgentId(agent), SINCE, OPERATOR, operators_command()))
    return max(int(erase(service, person, "auditor")["position"]) for person in (*customers, *STAFF))


def _decide_what_is_open(service: Service) -> None:
    """Penalties that await a decision keep their agents from being erased."""
    judged = service.receive().position
    for who in ("supervisor", "second"):
        path = f"/api/v1/ledgers/penalties?status=proposed&limit=500&min_position={judged}"
        for line in service.get(path, who="payroll")["items"]:
            body = {"entries": [line["entry_id"]], "reason": "nothing of it"}
            service.post("/api/v1/ledgers/penalties/dismissals", body, who=who)
    service.seen(service.receive().position)


def _let_in_again(service: Service) -> None:
    """Whoever looks for traces: the supervisors that were there have been erased."""
    facts = {"name": "who-looks", "role": "supervisor", "rank": None, "team": "t1", "joined_on": SINCE}
    number = AgentId("s2099")
    service.run(service.services.masters.register_agent(number, facts, OPERATOR, operators_command()))
    service.keys["supervisor"] = service.run(service.services.keys.create(number))


# ---- looking --------------------------------------------------------------------------------------------------------
def _look(service: Service, gone: Canaries, kept: Canaries, outcome: Erased, when: str) -> None:
    """Look through tables, dump, raw log and API for what must be gone; what is kept must be found."""
    dump = _dump(service)
    _count(outcome, f"{when}: dump", gone.traces(dump))
    if not kept.traces(dump):
        outcome.wrong.append(f"{when}: who was not erased is not found either")
    for name, hay in _tables(service):
        _count(outcome, f"{when}: {name}", gone.traces(hay))
    for path, hay in _answers(service, gone):
        _count(outcome, f"{when}: {path}", gone.traces(hay))


def _found_somewhere(service: Service, canary: Canaries) -> bool:
    return canary.traces(_dump(service)) > 0


def _count(outcome: Erased, where: str, traces: int) -> None:
    if traces:
        outcome.traces[where] = traces


def _dump(service: Service) -> bytes:
    """All of it, with the schema of keys and of opened columns."""
    command = [str(find_binaries() / "pg_dump"), "--dbname", service.admin_dsn]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _tables(service: Service) -> Iterator[tuple[str, bytes]]:
    with psycopg.connect(service.admin_dsn) as connection:
        for schema, name in connection.execute(TABLES).fetchall():
            with connection.cursor() as cursor:
                statement = SQL("COPY (SELECT * FROM {}) TO STDOUT (FORMAT binary)").format(Identifier(schema, name))
                with cursor.copy(statement) as copy:
                    yield f"{schema}.{name}", b"".join(bytes(part) for part in copy)


def _answers(service: Service, gone: Canaries) -> Iterator[tuple[str, bytes]]:
    """What the API answers to who may see the most: lists, every case and fact, exports of persons, and searches."""
    for path in LISTS:
        for who in ("supervisor", "auditor"):
            yield path, service.get(f"/api/v1/{path}", who=who).raw
    for case in service.get(f"{CASES}?limit=500", who="supervisor")["items"]:
        for rest in ("", "/history?limit=500"):
            yield f"case{rest}", service.get(f"{CASES}/{case['id']}{rest}", who="supervisor").raw
    for kind in ("orders", "member-callbacks", "conduct-reports", "quality-reviews", "callback-summaries"):
        for fact in service.get(f"/api/v1/facts/{kind}?limit=500", who="supervisor")["items"]:
            yield f"fact {kind}", service.get(f"/api/v1/facts/{kind}/{fact['id']}", who="supervisor").raw
    for person in service.get(f"{SUBJECTS}?limit=500&erasure=erased", who="auditor")["items"]:
        exported = service.get(f"{SUBJECTS}/{person['id']}/export?reason=campaign", who="auditor")
        assert exported.status == 200, exported.body
        yield "export", exported.raw
    for made in gone.made[:: max(1, len(gone.made) // 50)]:
        found = service.get(f"{CASES}?q={made}", who="supervisor")
        yield "search", str(found["items"]).encode() + (made.encode() if found["items"] else b"")


def _prove(service: Service, position: int, gone: Canaries, outcome: Erased) -> None:
    """Export and bundle name nobody, and the bundle proves itself."""
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder) / "export"
        service.run(export_log(service.services.dsn, exported, 0), timeout_s=600)
        for file in exported.rglob("*"):
            _count(outcome, f"export: {file.name}", gone.traces(file.read_bytes()) if file.is_file() else 0)
        bundle = service.get(f"/api/v1/audit/bundle?all&min_position={position}", who="auditor")
        unpacked = Path(folder) / "bundle"
        with zipfile.ZipFile(io.BytesIO(bundle.raw)) as archive:
            archive.extractall(unpacked)
        for file in unpacked.rglob("*"):
            _count(outcome, f"bundle: {file.name}", gone.traces(file.read_bytes()) if file.is_file() else 0)
        command = [sys.executable, "-I", "-S", str(unpacked / "verify.py"), str(unpacked)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            outcome.wrong.append("the bundle does not prove itself")
    persons: Any = service.get(f"{SUBJECTS}?limit=500&erasure=erased", who="auditor")["items"]
    for person in persons:
        certificate = service.get(f"{SUBJECTS}/{person['id']}/erasure/certificate", who="auditor")
        if certificate.status != 200:
            outcome.wrong.append(f"no certificate for {person['id']}")
    if len(persons) != outcome.persons:
        outcome.wrong.append(f"{len(persons)} of {outcome.persons} are erased")


def told(outcome: Erased, seconds: float) -> int:
    """Say what came of it; the exit code."""
    report(f"{outcome.persons} persons erased, of whom {outcome.said} texts were said; {seconds:.0f} s")
    for where, traces in outcome.traces.items():
        report(f"FOUND {traces} times in {where}")
    for wrong in outcome.wrong:
        report(f"WRONG {wrong}")
    report("nothing of them is found, everything proves itself" if outcome.good else "not as it must be")
    return 0 if outcome.good else 1


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, default=50, help="how many customers; staff come on top")
    parser.add_argument("--server", help="connection string of a superuser; without it one of its own is started")
    options = parser.parse_args()
    began = time.monotonic()
    with running_server(options.server) as server, tempfile.TemporaryDirectory() as home:
        return told(erase_and_look(server, Path(home), options.persons), time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
