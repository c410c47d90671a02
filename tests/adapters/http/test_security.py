"""Every answer is guarded, nothing too large or too deep is read, no secret stands in an address (docs/asvs.md)."""

import asyncio
import re
import socket
from pathlib import Path
from typing import cast
from unittest.mock import patch

import pytest

from adapters import demo
from adapters.http.app import create_app, document
from adapters.http.parts import Parts
from adapters.http.problems import BODY_MOST
from adapters.http.strict_json import DEPTH_MOST
from adapters.serve import serve
from adapters.settings import BadSetting, Settings, settings
from tests.adapters.http.serving import CASES, Service, listening

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SECRET = re.compile(r"key|token|secret|password|session", re.IGNORECASE)


@pytest.mark.parametrize(
    ("method", "path", "who", "status"),
    [
        ("GET", CASES, "agent", 200),
        ("GET", CASES, None, 401),
        ("GET", CASES, "payroll", 403),
        ("GET", f"{CASES}/x", "agent", 404),
        ("DELETE", CASES, "agent", 405),
        ("POST", CASES, "agent", 422),
        ("GET", "/livez", None, 200),
        ("GET", "/metrics", None, 200),
        ("GET", "/api/v1/openapi.json", None, 200),
    ],
)
def test_every_answer_of_the_api_is_guarded(
    service: Service, method: str, path: str, who: str | None, status: int
) -> None:
    answer = service.ask(method, path, who=who)
    assert answer.status == status
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_no_api_is_guarded_as_pages_are(service: Service) -> None:
    answer = service.get("/nowhere", who=None)
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert answer.headers["content-security-policy"] == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'self'; object-src 'none'"
    )


def test_an_answer_keeps_what_it_says_itself_and_says_nothing_twice(service: Service) -> None:
    stream = service.get(f"{CASES}?limit=1")
    names = [name for name, _ in stream.headers.multi_items()]  # type: ignore[attr-defined]
    assert len(names) == len({*names})


def test_only_over_https_the_browser_is_told_to_stay_there(service: Service) -> None:
    assert "strict-transport-security" not in service.get("/livez", who=None).headers
    told = service.get("https://redress.test/livez", who=None).headers["strict-transport-security"]
    name, _, seconds = told.split(";")[0].partition("=")
    assert (name, int(seconds) >= 365 * 86_400) == ("max-age", True)


def test_what_is_no_request_at_all_is_answered_guarded(service: Service) -> None:
    with listening(service) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            answered = line.recv(65536).lower()
    assert answered.startswith(b"http/1.1 400")
    assert b"x-content-type-options: nosniff" in answered
    assert b"content-security-policy: default-src 'none'" in answered


# ---- limits ---------------------------------------------------------------------------------------------------------
def test_a_body_has_a_size_it_may_not_exceed(service: Service) -> None:
    narrative = "x" * BODY_MOST
    assert service.post(CASES, {"narrative": narrative}).kind == (413, "too_large")


@pytest.mark.parametrize("bracket", [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_body_has_a_depth_it_may_not_exceed(service: Service, bracket: tuple[bytes, bytes]) -> None:
    for depth in (DEPTH_MOST, 100_000):
        opening, closing = bracket
        raw = opening * (depth + 1) + b"0" + closing * (depth + 1)
        assert service.ask("POST", CASES, raw=raw).status == 422


# ---- secrets --------------------------------------------------------------------------------------------------------
def test_no_secret_travels_in_an_address() -> None:
    named = {
        parameter["name"]
        for operations in document(create_app(cast("Parts", None)))["paths"].values()
        for operation in operations.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] in {"query", "path"}
    }
    assert named
    assert not [name for name in named if SECRET.search(name)]


@pytest.mark.parametrize("name", ["key", "api_key", "token", "access_token"])
def test_a_key_in_an_address_opens_nothing(service: Service, name: str) -> None:
    assert service.get(f"{CASES}?{name}={service.keys['agent']}", who=None).status == 401


# ---- where it listens -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("host", "public"), [("", False), ("127.0.0.1", False), ("::1", False), ("0.0.0.0", True)])  # noqa: S104
def test_it_listens_where_it_is_told_and_else_for_this_machine_alone(host: str, public: bool) -> None:  # noqa: FBT001
    made = settings({"REDRESS_HOST": host})
    assert (made.host, made.public) == (host or "127.0.0.1", public)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(BadSetting, match="REDRESS_HOST"):
        settings({"REDRESS_HOST": "everywhere"})


def test_the_demo_is_not_served_to_other_machines(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="for this machine alone"):
        asyncio.run(serve(Settings(home=tmp_path, host="0.0.0.0", port=1), demo=True))  # noqa: S104
    assert list(tmp_path.iterdir()) == []


def test_with_keys_of_the_demo_no_other_machine_is_let_in(service: Service) -> None:
    service.run(demo.refuse_demo_keys(service.services))
    people = (("agent", "a1001", "who-is-agent", None),)
    with patch.object(demo, "PEOPLE", people), pytest.raises(BadSetting, match="keys of the demo are in force"):
        service.run(demo.refuse_demo_keys(service.services))


# ---- what browsers ask ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [CASES, "/livez", "/nowhere"])
def test_no_other_origin_is_let_in(service: Service, path: str) -> None:
    asked = {"origin": "https://elsewhere.example.org", "access-control-request-method": "POST"}
    for method in ("GET", "OPTIONS"):
        answer = service.ask(method, path, headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", [CASES, f"{CASES}/x", "/livez", "/metrics", "/nowhere", "/api/v1/openapi.json"])
def test_every_answer_says_its_type(service: Service, path: str) -> None:
    kind = service.get(path).headers["content-type"]
    assert kind.startswith(("application/json", "application/problem+json", "text/plain; "))


def test_reading_records_no_event(service: Service) -> None:
    case = service.receive()
    before = service.events()
    for path, operations in document(create_app(cast("Parts", None)))["paths"].items():
        if "get" in operations and path != "/api/v1/audit/events":
            for who in ("supervisor", "auditor", "admin"):
                service.get(re.sub(r"{case_id}", case.id, re.sub(r"{(?!case_id)\w+}", "x", path)), who=who)
    assert service.events() == before


@pytest.mark.parametrize(
    "path", [".git/config", "pyproject.toml", "../pyproject.toml", "static/../pyproject.toml", "%2e%2e/README.md"]
)
def test_no_file_of_the_checkout_is_served(service: Service, path: str) -> None:
    for beginning in ("/", "/api/v1/", "/static/"):
        assert service.get(beginning + path, who=None).status == 404
