"""What is said of a person stands sealed in the log, in no table outside the schema `private`, in no log line."""

import base64
import io
import json
import logging as library_logging
import subprocess
from collections.abc import Iterator

import psycopg
import pytest
import structlog
from psycopg.sql import SQL, Identifier

from adapters import logging
from adapters.embedded_postgres.binaries import find_binaries
from tests.adapters.http.canaries import Canaries, say_a_case, say_the_work
from tests.adapters.http.serving import CASES, Service

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'v')
        AND n.nspname NOT IN ('private', 'pg_catalog', 'information_schema', 'pg_toast')
    ORDER BY 1, 2"""


canary = Canaries()
CANARIES, hits = canary.made, canary.hits


@pytest.fixture(scope="module")
def said(service: Service) -> Iterator[str]:
    """A case in which every text is a canary, and all that was logged meanwhile."""
    logging.configure(written := io.StringIO())
    say_a_case(service, canary)
    say_the_work(service, canary)
    _say_what_is_refused(service)
    _read_it(service)
    yield written.getvalue()
    structlog.reset_defaults()
    library_logging.getLogger().handlers.clear()


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
