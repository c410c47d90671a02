"""What is said of a person stands sealed in the log, in no table outside the schema `private`, in no log line."""

import base64
import io
import json
import logging as library_logging
import subprocess
from collections.abc import Iterator
from itertools import count

import psycopg
import pytest
import structlog
from psycopg.sql import SQL, Identifier

from adapters import logging
from adapters.embedded_postgres.binaries import find_binaries
from tests.adapters.http.bodies import a_shift, wage
from tests.adapters.http.facts_given import AT, CONDUCT, EXAM, ORDER, REVIEW
from tests.adapters.http.ledgers_given import a_confirmed_line, a_proposed_line
from tests.adapters.http.serving import (
    ANALYSIS,
    CASES,
    CLARIFICATION,
    OPTION,
    RESOLUTION,
    Service,
    ahead,
    escalation,
)

numbers = count(1)
TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'v')
        AND n.nspname NOT IN ('private', 'pg_catalog', 'information_schema', 'pg_toast')
    ORDER BY 1, 2"""


def canary(kind: str = "text") -> str:
    """A text that stands nowhere else."""
    number = f"{next(numbers):04}"
    made = (
        f"金丝雀{number}canary"
        if kind == "text"
        else {"phone": f"1997355{number}", "card": f"CARD-9973-{number}"}[kind]
    )
    CANARIES.append(made)
    return made


CANARIES: list[str] = []


@pytest.fixture(scope="module")
def said(service: Service) -> Iterator[str]:
    """A case in which every text is a canary, and all that was logged meanwhile."""
    logging.configure()
    written = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(written))
    library = library_logging.getLogger().handlers[0]
    assert isinstance(library, library_logging.StreamHandler)
    library.setStream(written)
    _say_everything(service)
    _say_everything_of_the_work(service)
    _say_what_is_refused(service)
    _read_it(service)
    yield written.getvalue()
    structlog.reset_defaults()
    library_logging.getLogger().handlers.clear()


def _say_everything(service: Service) -> None:
    case = service.receive(
        customer={"name": canary(), "phone": canary("phone"), "card_no": canary("card"), "email": f"{canary()}@x.cn"},
        narrative=canary(),
        place=canary(),
        demands=[canary(), canary()],
    )
    reason = {"reason": canary()}
    service.give(case, "acknowledgement", {})
    six = {name: canary() for name in ("what", "when", "where", "who", "why", "how")}
    service.give(case, "clarification", {**CLARIFICATION, **six, "type": "price"})
    photo = {"kind": "photo", "ref": canary(), "note": canary()}
    item = {"text": canary(), "amount_fen": 100, "discountable": True}
    bill = {"items": [item], "minimum_spend_met": True}
    findings = {"findings": canary(), "evidence": [photo], "bill": bill, "bill_unavailable": canary()}
    service.give(case, "investigation", findings)
    service.give(case, "analysis", {**ANALYSIS, "severity": "major", "basis": canary()})
    asked = {"scenarios": [{"if": canary(), "answer": canary()}], "options": [canary(), canary()]}
    service.give(case, "escalations", {**escalation(), **reason, **asked, "bottom_line": canary()})
    service.give(case, "escalations/1/answer", {"words": canary(), "approved_cost_fen": 9000}, who="supervisor")
    service.give(case, "proposals", {"options": [{**OPTION, "text": canary()}]})
    verdict = {"option": 1, "verdict": "returned", "reason": canary()}
    service.give(case, "answer-reviews", verdict, who="colleague")
    service.give(case, "answer-reviews", {**verdict, "verdict": "passed"}, who="colleague")
    service.give(case, "interim-replies", {"words": canary(), "answer_by": ahead()})
    answers = [{"demand": n, "decision": "partly", "reason": canary()} for n in (1, 2)]
    service.give(case, "resolution", {**RESOLUTION, "solution": canary(), "answers": answers})
    service.give(case, "fulfilments", {"demand": 1, "words": canary()})
    service.give(case, "promises", {"text": canary(), "due_at": ahead()})
    service.give(case, "contacts", {"direction": "out", "channel": "chat", "words": canary()})
    service.give(case, "notes", {"text": canary(), "temperament": "red"})
    service.give(case, "evidence", {**photo, "ref": canary(), "note": canary()})
    service.give(case, "pause", {"category": "customer", "reason": canary()})
    service.give(case, "resumption", {})
    service.give(case, "extension", {"clock": "callback", "until": ahead(), "reason": canary()})
    service.give(case, "assignment", {"agent": "a1002", "reason": canary()})
    service.give(case, "callbacks", {"reached": True, "satisfied": False, "score": 1, "words": canary()})
    service.give(case, "withdrawal", {"reason": canary()})
    service.give(case, "reopening", {"reason": canary()})
    service.give(case, "proposals", {"options": [{**OPTION, "text": canary()}]})
    service.give(case, "answer-reviews", {"option": 1, "verdict": "passed"}, who="colleague")
    service.give(case, "resolution", {**RESOLUTION, "answers": answers})
    service.give(case, "review-requests", {"reason": canary()})
    case.version += 2
    service.give(case, "callbacks", {"reached": True, "satisfied": True, "words": canary()})
    service.give(case, "summary", {name: canary() for name in ("cause", "learned", "prevention", "improvement")})
    service.give(case, "closing", {})
    subject = service.get(case.url)["customer"]["subject"]
    steps = {name: canary() for name in ("collected", "planned", "evaluated", "decided", "adjusted")}
    service.post(f"/api/v1/customers/{subject}/class", {"customer_class": "top", **steps})
    person = {"id": "a77", "name": canary(), "role": "agent", "joined_on": "2026-01-01"}
    service.seen(service.post("/api/v1/agents", person, who="admin")["position"])


def _say_everything_of_the_work(service: Service) -> None:
    """Facts, roster, wages, ledgers: their free texts, and who the members are."""
    service.post("/api/v1/merchants", {"id": "m1", "name": "m"}, who="admin")
    member = {"card_no": canary("card"), "member_name": canary(), "phone": canary("phone")}
    order = _made(service, "facts/orders", {**ORDER, **member, "remarks": canary()})
    told = {"table": canary(), "without_discount": canary()}
    for step, body in (("merchant-call", {"discount": canary()}), ("guest-told", told)):
        _made(service, f"facts/orders/{order}/{step}", body)
    _made(service, f"facts/orders/{order}/correction", {"reason": canary(), **member, "member_name": canary()})
    _made(service, f"facts/orders/{order}/cancellation", {"reason": canary()})
    _made(service, f"facts/orders/{order}/withdrawal", {"reason": canary()}, "second")
    callback = {"agent": "a1001", "at": AT, "reached": True}
    texts = {"member_name": canary(), "phone": canary("phone"), "words": canary()}
    fact = _made(service, "facts/member-callbacks", callback | texts)
    _made(service, f"facts/member-callbacks/{fact}/withdrawal", {"reason": canary()}, "second")
    _made(service, "facts/callback-summaries", {"agent": "a1001", "week": "2026-03-02", "words": canary()})
    _made(service, "facts/exams", {**EXAM, "month": "2025-12"})
    _made(service, "facts/exams", {**EXAM, "month": "2025-12", "typing": 70, "reason": canary()})
    _made(service, "facts/phone-tests", {"shift": "early", "at": AT, "ok": True, "note": canary()})
    report = _made(service, "facts/conduct-reports", {**CONDUCT, "words": canary()})
    _made(service, f"facts/conduct-reports/{report}/decision", {"decision": "dismissed", "reason": canary()})
    review = _made(service, "facts/quality-reviews", {**REVIEW, "words": canary()})
    _made(service, f"facts/quality-reviews/{review}/dispute", {"reason": canary()}, "agent")
    _made(service, f"facts/quality-reviews/{review}/answer", {"words": canary()})
    shift = a_shift(service)
    changes: dict[str, dict[str, object]] = {"roster": {"agents": ["a1002"]}, "absences": {"agent": "a1002"}}
    for version, (what, change) in enumerate(changes.items(), 1):
        _made(service, f"shifts/{shift}/{what}", {**change, "reason": canary()}, version=version)
    _made(service, "wages", wage(month="2025-12"), "payroll")
    _made(service, "wages", wage(month="2025-12", gross_fen=1, reason=canary()), "payroll")
    deputy = {"from": "2026-01-01", "to": "2999-01-01", "reason": canary()}
    _made(service, "agents/a1002/deputy", deputy, "admin")
    _made(service, "ledgers/penalties/dismissals", {"entries": [a_proposed_line(service)], "reason": canary()})
    line = a_confirmed_line(service)
    appeal = _made(service, f"ledgers/entries/{line}/appeals", {"reason": canary()}, "colleague")
    _made(service, f"appeals/{appeal}/decision", {"decision": "rejected", "reason": canary()})


def _made(service: Service, path: str, body: object, who: str = "supervisor", version: int | None = None) -> str:
    """Send what must be taken; the id that was answered, if one was."""
    answer = service.post(f"/api/v1/{path}", body, who=who, version=version)
    assert answer.status in {200, 201}, answer.body
    return str(answer.body.get("id"))


def _say_what_is_refused(service: Service) -> None:
    """Refusals, unknown fields and paths, wrong keys: their words are nobody's business either."""
    case = service.receive()
    assert service.post(f"{case.url}/notes", {"text": canary(), canary(): canary()}).status == 422
    assert service.post(f"{case.url}/withdrawal", {"reason": canary()}, version=9).status == 412
    assert service.post(f"{case.url}/reopening", {"reason": canary()}, version=1).status == 409
    assert service.ask("POST", CASES, raw=f'{{"narrative": "{canary()}'.encode()).status == 422
    assert service.post(f"{case.url}/contacts?check=true", {**OUT, "words": canary()}).status == 200
    assert service.get(f"{CASES}/{canary()}").status == 404
    assert service.get(f"/{canary()}").status == 404
    assert service.get(CASES, who=None, headers={"authorization": f"Bearer {canary('card')}"}).status == 401
    named = {"idempotency-key": canary("card")}
    assert service.post(f"{case.url}/notes", {"text": canary()}, headers=named).status == 200


OUT = {"direction": "out", "channel": "chat"}


def _read_it(service: Service) -> None:
    service.seen(service.receive().position)
    for text in CANARIES[:8]:
        assert service.get(CASES, who="auditor").status == 200
        for kind in ("facts/orders", "facts/member-callbacks", "shifts", "wages", "ledgers/penalties"):
            assert service.get(f"/api/v1/{kind}", who="auditor").status == 200
        assert service.get(f"{CASES}?q={text[:7]}", who="supervisor").status == 200


def hits(hay: bytes) -> list[str]:
    """The canaries that stand in it: as they are, escaped, in hexadecimal or base64."""
    low = hay.lower()
    return [made for made in CANARIES if any(form.lower() in low for form in _forms(made))]


def _forms(text: str) -> list[bytes]:
    plain = text.encode()
    escaped = json.dumps(text).strip('"').encode()
    middles = [base64.b64encode(b"\0" * skip + plain)[4:-4] for skip in range(3)]
    return [plain, escaped, plain.hex().encode(), text.encode("utf-16-le"), *middles]


def test_the_search_finds_what_is_there(said: str) -> None:
    assert said
    text = CANARIES[0]
    for form in (
        text.encode(),
        json.dumps(text).encode(),
        text.encode().hex().encode(),
        base64.b64encode(text.encode()),
    ):
        assert hits(form) == [text]


def test_what_is_private_stands_in_the_schema_private(service: Service, said: str) -> None:  # noqa: ARG001
    rows = service.rows("SELECT t::text FROM private.case_inbox_2 t")
    assert len(hits("\n".join(row for (row,) in rows).encode())) >= 7


def test_no_table_outside_the_schema_private_holds_a_canary(service: Service, said: str) -> None:  # noqa: ARG001
    found, seen = {}, 0
    with psycopg.connect(service.admin_dsn) as connection:
        for schema, table in connection.execute(TABLES).fetchall():
            rows = connection.execute(SQL("SELECT * FROM {}").format(Identifier(schema, table))).fetchall()
            seen += len(rows)
            hay = b"\n".join(_bytes(value) for row in rows for value in row)
            if there := hits(hay):
                found[f"{schema}.{table}"] = there
    assert found == {}
    assert seen > 100


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def test_a_copy_of_the_raw_log_holds_no_canary(service: Service, said: str) -> None:  # noqa: ARG001
    with psycopg.connect(service.admin_dsn) as connection, connection.cursor() as cursor:
        for table in ("log.events", "log.commands"):
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                assert hits(b"".join(bytes(part) for part in copy)) == []


def test_a_dump_without_the_schema_private_holds_no_canary(service: Service, said: str) -> None:  # noqa: ARG001
    pg_dump = [str(find_binaries() / "pg_dump"), "--dbname", service.admin_dsn]
    whole = subprocess.run(pg_dump, capture_output=True, check=True).stdout
    assert hits(whole) != []  # in the schema private they stand opened
    assert hits(subprocess.run([*pg_dump, "--exclude-schema", "private"], capture_output=True, check=True).stdout) == []


def test_no_log_line_holds_a_canary(said: str) -> None:
    assert len(said.splitlines()) > 60
    assert hits(said.encode()) == []
    assert all({*json.loads(line)} <= logging.ALLOWED for line in said.splitlines())


def test_every_text_comes_back_to_who_may_see_it(service: Service, said: str) -> None:  # noqa: ARG001
    rows = service.get(f"{CASES}?limit=500&status=closed", who="supervisor")["items"]
    shown = service.get(f"{CASES}/{rows[0]['id']}/history?limit=500", who="supervisor")
    assert len(hits(shown.raw)) >= 50
