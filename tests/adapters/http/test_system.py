"""The service around the cases: limits, paths, methods, readiness, figures, log lines."""

import io
import json
import logging as library_logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import PoolTimeout, TooManyRequests
from starlette.types import Message

from adapters import logging
from adapters.bootstrap import FOLLOWERS
from adapters.http.app import create_app, document
from adapters.http.problems import BODY_MOST
from application.event_log import Row, Write
from projections import tracking
from tests.adapters.http.serving import CASES, Factory, Service, receipt, running_service


def test_probes_need_no_key(service: Service) -> None:
    for path in ("/livez", "/readyz", "/version", "/metrics", "/api/v1/openapi.json"):
        assert service.get(path, who=None).status == 200
    assert service.get("/livez", who=None).body == {"status": "ok"}
    assert service.get("/version", who=None)["version"]


def test_readiness_shows_every_view_and_its_lag(service: Service) -> None:
    service.seen(service.receive().position)
    ready, looks = service.get("/readyz", who=None), 0
    while any(view["lag_events"] for view in ready["views"]) and looks < 500:
        # who follows the log may record something as well
        ready, looks = service.get("/readyz", who=None), looks + 1
    assert (ready["status"], {view["lag_events"] for view in ready["views"]}) == ("ready", {0})
    assert {view["view"] for view in ready["views"]} == {*FOLLOWERS}
    assert ({view["lag_seconds"] for view in ready["views"]}, ready["followed"]) == ({0}, True)


def test_a_view_that_stays_behind_says_for_how_long(service: Service) -> None:
    position = service.receive().position
    service.seen(position)
    behind = {"at": position - 1, "name": "case_inbox_2"}

    async def look() -> dict[str, Any]:
        async with await AsyncConnection.connect(service.admin_dsn) as connection:
            # seen from within a transaction that is never committed: nobody takes the event in once more
            await connection.execute(
                "UPDATE read.tracking SET notification_id = %(at)s WHERE application_name = %(name)s", behind
            )
            [view] = await tracking.status(connection, ["case_inbox_2"])
            await connection.rollback()
        return {"lag": view.lag_events, "since": view.waiting_since}

    seen = service.run(look())
    assert seen["lag"] >= 1
    assert datetime.now(UTC) - timedelta(minutes=5) < seen["since"] <= datetime.now(UTC)


def test_figures_count_requests_by_status(service: Service) -> None:
    service.get("/nothing", who=None)
    lines = service.get("/metrics", who=None).body.splitlines()
    counts = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert int(counts['redress_requests_total{status="404"}']) >= 1
    assert int(counts["redress_log_position"]) > 0
    assert 'redress_view_lag_events{view="case_inbox_2"}' in counts
    assert 'redress_view_lag_seconds{view="case_inbox_2"}' in counts
    assert counts["redress_followed"] == "1"


def test_the_document_is_what_the_application_says(service: Service) -> None:
    assert service.get("/api/v1/openapi.json", who=None).body == document(service.app)
    assert service.get("/api/v1/openapi.json", who=None).raw == service.get("/api/v1/openapi.json", who=None).raw
    again = create_app(service.app.state.parts)
    assert json.dumps(document(again)) == json.dumps(document(service.app))


# ---- paths and methods ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1", "/api/v1/cases/", "/api/v2/cases", "/%00"])
def test_an_unknown_path_is_a_problem(service: Service, path: str) -> None:
    refused = service.get(path)
    assert refused.kind == (404, "not_found")
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", CASES, "GET, POST"),
        ("PUT", f"{CASES}/x", "GET"),
        ("GET", f"{CASES}/x/notes", "POST"),
        ("POST", "/livez", "GET"),
        ("PATCH", "/api/v1/agents/a1", "GET"),
        ("DELETE", "/api/v1/openapi.json", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(service: Service, method: str, path: str, allow: str) -> None:
    refused = service.ask(method, path)
    assert (*refused.kind, refused.headers["allow"]) == (405, "method_not_allowed", allow)
    assert refused.headers["content-type"] == "application/problem+json"


# ---- limits ---------------------------------------------------------------------------------------------------------
def test_too_large_is_413(service: Service) -> None:
    for size in (BODY_MOST + 1, 10 << 20):
        refused = service.ask("POST", CASES, raw=b'{"x":"' + b"x" * size + b'"}')
        assert refused.kind == (413, "too_large")
        assert refused.headers["content-type"] == "application/problem+json"


def test_too_large_without_a_length_is_413(service: Service) -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    headers = {"authorization": f"Bearer {service.keys['agent']}", "content-type": "application/json"}

    async def send() -> Any:
        return await service.client.post(CASES, content=chunks(), headers=headers)

    refused = service.run(send())
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_the_largest_body_is_taken(service: Service) -> None:
    body = json.dumps(receipt()).encode()
    assert service.ask("POST", CASES, raw=body + b" " * (BODY_MOST - len(body))).status == 201


@pytest.fixture(scope="module")
def narrow(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that takes five requests a minute from each caller."""
    with database_factory() as database, running_service(database, Path(tmp_path_factory.mktemp("home")), 5) as service:
        yield service


def test_too_many_are_429_with_the_time_to_wait_and_others_go_on(narrow: Service) -> None:
    statuses = [narrow.get(CASES).status for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    refused = narrow.get(CASES)
    assert refused.kind == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert narrow.get(CASES, who="colleague").status == 200


def test_a_view_that_has_stopped_makes_readiness_503_and_reads_behind(narrow: Service) -> None:
    row = Row(uuid4(), 1, "case.noted", b'{"v":1,"data":{},"meta":{}}')
    narrow.run(narrow.services.log.append(Write(uuid4(), b"", b"{}", [row])))
    ready = narrow.get("/readyz", who=None)
    while ready.status == 200:
        ready = narrow.get("/readyz", who=None)
    assert (ready.status, ready["status"]) == (503, "failing")
    stopped = {view["view"]: view["failed"] for view in ready["views"] if view["failed"]}
    assert "case_inbox_2" in stopped
    assert narrow.get("/livez", who=None).status == 200
    assert 'redress_view_failed{view="case_inbox_2"} 1' in narrow.get("/metrics", who=None).body
    behind = narrow.get(f"{CASES}?min_position={ready['position']}", who="second")
    assert behind.kind == (503, "behind")


def test_a_sealer_that_refuses_is_told_and_the_service_goes_on_a_1(
    database_factory: Factory, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By the head of another log that lies where this machine keeps its own."""
    home = Path(tmp_path_factory.mktemp("home"))
    (home / "sealed-head").write_text("the head of another log")
    with database_factory() as database, running_service(database, home) as service:
        ready = service.get("/readyz", who=None)
        while ready["sealing"] == "sealing":
            ready = service.get("/readyz", who=None)
        assert (ready.status, ready["sealing"]) == (200, "refused")
        assert "redress_sealing_refused 1" in service.get("/metrics", who=None).body.splitlines()
        assert str(home) not in ready.raw.decode()
        assert service.receive().id


def test_a_sealer_that_seals_is_told(service: Service) -> None:
    assert service.get("/readyz", who=None)["sealing"] == "sealing"
    assert "redress_sealing_refused 0" in service.get("/metrics", who=None).body.splitlines()


# ---- what is told of a request --------------------------------------------------------------------------------------
def test_the_callers_correlation_id_goes_into_the_answer_and_the_event(service: Service) -> None:
    named = str(uuid4())
    answer = service.post(CASES, receipt(), headers={"x-correlation-id": named})
    assert answer.headers["x-correlation-id"] == named
    rows = service.rows("SELECT state FROM log.events WHERE notification_id = %s", answer["position"])
    assert json.loads(bytes(rows[0][0]))["meta"]["correlation_id"] == named


@pytest.mark.parametrize("named", ["x", "", "a" * 9000])
def test_without_a_usable_correlation_id_there_is_a_new_one(service: Service, named: str) -> None:
    answer = service.get("/livez", headers={"x-correlation-id": named})
    assert str(UUID(answer.headers["x-correlation-id"])) != named


class _Written(io.StringIO):
    """What was written, and in which pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


@pytest.fixture
def lines() -> Iterator[_Written]:
    """What the service logs from now on, as it would stand on stderr."""
    logging.configure(written := _Written())
    try:
        yield written
    finally:
        structlog.reset_defaults()
        library_logging.getLogger().handlers.clear()


def test_log_lines_hold_allowed_keys_only_and_nothing_that_was_sent(service: Service, lines: io.StringIO) -> None:
    service.post(f"{CASES}?canary-query=canary", receipt(narrative="canary-narrative"), headers={"x-canary": "canary"})
    service.get(f"{CASES}/canary-path/history")
    structlog.get_logger().info("request", password="canary")  # noqa: S106
    library_logging.getLogger("some.library").error("canary %s", "canary")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert len(said) == 4
    assert {key for line in said for key in line} <= logging.ALLOWED
    assert "canary" not in lines.getvalue()
    assert (said[1]["route"], said[1]["status"], said[1]["actor"]) == (CASES + "/{case_id}/history", 404, "a1001")


def test_a_log_line_is_written_in_one_piece(service: Service, lines: _Written) -> None:
    """Two processes share a stderr, which has no buffer under PYTHONUNBUFFERED, as in many a container."""
    service.get(CASES)
    library_logging.getLogger("some.library").error("x")
    assert [piece[-1:] for piece in lines.pieces] == ["\n", "\n"]


def test_a_fault_of_ours_tells_nothing_and_is_logged_with_its_place(
    service: Service, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fault(*_: object, **__: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(type(service.app.state.parts.reads), "next_steps", fault)
    answer = service.get(f"{service.receive().url}/next-steps")
    assert answer.kind == (500, "internal")
    assert b"canary" not in answer.raw
    line = json.loads(lines.getvalue().splitlines()[-1])
    assert (line["level"], line["error"], line["status"]) == ("error", "RuntimeError", 500)
    assert any("test_system.py" in place for place in line["traceback"])
    assert "canary" not in lines.getvalue()


@pytest.mark.parametrize("path", ["/closing", "/merge", "/files/5f0c8f2e-0000-4000-8000-00000000000f"])
def test_who_hangs_up_while_sending_is_no_fault_of_ours(service: Service, lines: io.StringIO, path: str) -> None:
    method, case = "PUT" if "files" in path else "POST", service.receive()
    head = {"authorization": f"Bearer {service.keys['agent']}", "content-type": "application/json"}
    sends = {"type": "http", "http_version": "1.1", "method": method, "path": f"{case.url}{path}", "query_string": b""}
    scope = {**sends, "headers": [(name.encode(), value.encode()) for name, value in head.items()]}
    came: list[Message] = [{"type": "http.request", "body": b'{"', "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return came.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    service.run(service.app(scope, receive, send))
    line = json.loads(lines.getvalue().splitlines()[-1])
    assert (line["event"], line["level"], line["status"], line["traceback"], sent) == ("request", "info", 499, None, [])


@pytest.mark.parametrize("error", [PoolTimeout, TooManyRequests, OperationalError])
def test_a_database_that_is_not_to_be_had_is_503_with_retry_after(
    service: Service, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    async def fault(*_: object, **__: object) -> None:
        raise error("canary")

    monkeypatch.setattr(type(service.app.state.parts.lists), "cases", fault)
    refused = service.get(CASES)
    assert refused.kind == (503, "unavailable")
    assert int(refused.headers["retry-after"]) >= 1
    assert b"canary" not in refused.raw
