"""Requests that have broken other services: each gets a clear 4xx, and whatever got in, the log can still be read."""

import base64
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from tests.adapters.http import bodies
from tests.adapters.http.facts_given import CALL, CONDUCT, EXAM, ORDER, REVIEW
from tests.adapters.http.serving import CASES, RESOLUTION, Service, escalation, listening, receipt
from tests.campaigns.schemathesis_api import unreadable_streams

GOOD = json.dumps(receipt())
COST = json.dumps(RESOLUTION)
TYPED = {"_type_": "datetime_iso", "_data_": "2026-01-01"}


def said(text: str) -> bytes:
    """A complaint that says a text, which stands in it as UTF-8."""
    return json.dumps(receipt(narrative=text), ensure_ascii=False).encode()


def costing(number: str) -> bytes:
    """A resolution at a cost written so."""
    return COST.replace("3000", number).encode()


BODIES: dict[str, bytes] = {
    "NaN": costing("NaN"),
    "Infinity": costing("Infinity"),
    "-Infinity": costing("-Infinity"),
    "1e400": costing("1e400"),
    "10^400": costing("1" + "0" * 400),
    "10^5000": costing("1" + "0" * 5000),
    "a float": costing("3000.0"),
    "minus one": costing("-1"),
    "2^63": costing(str(2**63)),
    "a number as text": costing('"3000"'),
    "true as a number": costing("true"),
    "NaN in an unknown field": (GOOD[:-1] + ',"x":NaN}').encode(),
    "lone surrogate": GOOD.replace("hotline", r"\ud800").encode(),
    "lone surrogate in a text": GOOD.replace(r"\u8d26", r"\udfff").encode(),
    "lone surrogate in a name": (GOOD[:-1] + r',"\ud800":1}').encode(),
    "lone surrogate in UTF-8": said("a").replace(b'"a"', b'"\xed\xa0\x80"'),
    "NUL escaped": GOOD.replace(r"\u8d26", r"\u0000").encode(),
    "NUL": said("x").replace(b'"x"', b'"\x00"'),
    "typed": json.dumps(TYPED).encode(),
    "typed text": json.dumps(receipt(narrative=TYPED)).encode(),
    "typed customer": json.dumps(receipt(customer=TYPED)).encode(),
    "typed demand": json.dumps(receipt(demands=[TYPED])).encode(),
    "typed time": json.dumps(receipt(received_at=TYPED)).encode(),
    "prototype": (GOOD[:-1] + ',"__proto__":{"a":1}}').encode(),
    "200 levels": b"[" * 200 + b"]" * 200,
    "200 levels in a field": (GOOD[:-1] + ',"x":' + "[" * 200 + "]" * 200 + "}").encode(),
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels of objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 levels, never closed": b"[" * 100_000,
    "bidi override": said("a\u202eb"),
    "bidi isolate": said("a\u2066b"),
    "escape sequence": said("\x1b[2J"),
    "formula": said("=1+1"),
    "formula of another cell": said('=HYPERLINK("http://x","y")'),
    "formula after blanks": said(" \t=cmd|'/C calc'!A0"),
    "formula with plus": said("+cmd|'/C calc'!A0"),
    "formula with minus": said("-2+3+cmd|'/C calc'!A0"),
    "formula with at": said("@SUM(1+1)*cmd|'/C calc'!A0"),
    "duplicate name": (GOOD[:-1] + ',"channel":"web"}').encode(),
    "duplicate name inside": GOOD.replace('"name"', '"name": "a", "name"').encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "Latin-1": GOOD.replace("hotline", "é").encode("latin-1"),
    "overlong UTF-8": said("a").replace(b'"a"', b'"\xc0\xaf"'),
    "empty": b" ",
    "null": b"null",
    "a text": b'"x"',
    "a list": b"[]",
    "two documents": (GOOD * 2).encode(),
    "a comma too many": (GOOD[:-1] + ",}").encode(),
    "single quotes": GOOD.replace('"', "'").encode(),
    "blank": said(" \u3000\t"),
    "too long": said("x" * 20_001),
    "101 demands": json.dumps(receipt(demands=["x"] * 101)).encode(),
}


TO_CASES = b"POST /api/v1/cases HTTP/1.1\r\nHost: x\r\n"
RAW: dict[str, bytes] = {
    "a huge header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    "TLS": b"\x16\x03\x01\x00\x00\r\n\r\n",
    "another HTTP": b"GET /api/v1/cases HTTP/2\r\n\r\n",
    "a negative length": TO_CASES + b"Content-Length: -1\r\n\r\n",
    "two lengths": TO_CASES + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "a NUL in a header": TO_CASES + b"X: \x00\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.fixture(scope="module")
def base_url(service: Service) -> Iterator[str]:
    """The service on a real socket."""
    with listening(service) as url:
        yield url


@pytest.mark.parametrize("name", BODIES)
def test_a_poisoned_body_is_422(service: Service, name: str) -> None:
    case, before = service.case("proposed"), service.events()
    for path in (CASES, f"{case.url}/notes", f"{case.url}/resolution", f"{case.url}/resolution?check=true"):
        if name == "empty" and path != CASES:
            continue
        refused = service.ask("POST", path, raw=BODIES[name], headers={"if-match": f'"v{case.version}"'})
        assert refused.kind == (422, "invalid"), refused.body
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused["detail"]
        assert all({*error} == {"pointer", "detail"} for error in refused["errors"])
        assert len(refused.raw) < 20_000
    assert service.events() == before


ELSEWHERE: dict[str, tuple[str, dict[str, Any]]] = {
    "/api/v1/facts/orders": ("supervisor", ORDER),
    "/api/v1/facts/exams": ("supervisor", EXAM),
    "/api/v1/facts/calls": ("supervisor", CALL),
    "/api/v1/facts/quality-reviews": ("supervisor", REVIEW),
    "/api/v1/facts/conduct-reports": ("supervisor", CONDUCT),
    "/api/v1/shifts": ("supervisor", bodies.begun()),
    "/api/v1/wages": ("payroll", bodies.wage(reason="更正")),
    "/api/v1/tariffs": ("admin", bodies.tariff()),
    "/api/v1/payroll-policies": ("admin", bodies.policy()),
    "/api/v1/ledgers/penalties/confirmations": ("supervisor", {"entries": ["x"]}),
    "/api/v1/ledgers/penalties/dismissals": ("supervisor", {"entries": ["x"], "reason": "写明原因"}),
}
"""Commands that need nothing to act upon: by whom, and a body that is right, or nearly so."""
BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "NaN": lambda good: good[:-1] + b',"x":NaN}',
    "lone surrogate": lambda good: good[:-1] + rb',"\ud800":1}',
    "prototype": lambda good: good[:-1] + b',"__proto__":{"a":1}}',
    "typed": lambda _: json.dumps(TYPED).encode(),
    "200 levels": lambda good: good[:-1] + b',"x":' + b"[" * 200 + b"]" * 200 + b"}",
    "duplicate name": lambda good: good[:-1] + b"," + good[1:],
    "two documents": lambda good: good * 2,
    "UTF-16": lambda good: good.decode().encode("utf-16"),
    "a list": lambda good: b"[" + good + b"]",
    "null": lambda _: b"null",
    "unknown field": lambda good: good[:-1] + b',"surprise":1}',
}
LONG = "x" * 20_001
SPOILT: tuple[object, ...] = (
    TYPED,
    [TYPED],
    "\x00",
    "a\u202eb",
    "\ud800",
    "=1+1",
    {},
    [[]],
    2**63,
    -1,
    1e400,
    "x" * 20_001,
)
"""What stands in no field of theirs."""


@pytest.mark.parametrize("path", ELSEWHERE)
@pytest.mark.parametrize("fault", BROKEN)
def test_a_poisoned_body_is_422_everywhere(service: Service, path: str, fault: str) -> None:
    who, right = ELSEWHERE[path]
    refused = service.ask("POST", path, raw=BROKEN[fault](json.dumps(right).encode()), who=who)
    assert refused.kind == (422, "invalid"), refused.body
    assert len(refused.raw) < 20_000


@pytest.mark.parametrize("path", ELSEWHERE)
def test_a_poisoned_field_is_422_everywhere(service: Service, path: str) -> None:
    who, right = ELSEWHERE[path]
    for name in right:
        for spoilt in SPOILT:
            refused = service.ask("POST", path, raw=json.dumps({**right, name: spoilt}).encode(), who=who)
            assert refused.kind == (422, "invalid"), (name, spoilt, refused.body)
            assert len(refused.raw) < 20_000


LISTS = ("facts/orders", "facts/exams", "shifts", "tariffs", "payroll-policies", "wages", "ledgers/bonuses")


@pytest.mark.parametrize("kind", [*LISTS, "payroll/months"])
@pytest.mark.parametrize("query", ["after=%00", "limit=NaN", "limit=501", f"min_position={'9' * 100}", "%00=1", "x=1"])
def test_a_poisoned_query_is_422_everywhere(service: Service, kind: str, query: str) -> None:
    assert service.get(f"/api/v1/{kind}?{query}", who="second").kind == (422, "invalid")


@pytest.mark.parametrize("item", ["%00", "..%2f..", "x" * 9000, "%ED%A0%80", "'", "%F0%9F%98%80", "%20"])
def test_a_poisoned_path_is_404_everywhere(service: Service, item: str) -> None:
    assert service.get(f"/api/v1/tariff-trials/{item}", who="payroll").kind == (404, "not_found")
    kinds = (*LISTS[:6], "ledgers/entries", "payroll/months", "payroll/months/2026-03/statements")
    for kind in kinds:
        assert service.get(f"/api/v1/{kind}/{item}", who="second").kind == (404, "not_found"), kind


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "x", "*/*"]
)
def test_another_content_type_is_422_and_says_which_one(service: Service, kind: str) -> None:
    refused = service.ask("POST", CASES, raw=GOOD.encode(), headers={"content-type": kind})
    assert refused.kind == (422, "invalid")
    assert "application/json" in refused["detail"]


def test_without_a_body_the_body_is_missed(service: Service) -> None:
    assert service.post(CASES).kind == (422, "invalid")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/agents?after=%00",
        *(f"{CASES}?{name}=%00" for name in ("owner", "handler", "team", "merchant", "q", "after", "status", "as_of")),
        f"{CASES}?%00=1",
        f"{CASES}?limit=1e400",
        f"{CASES}?limit=NaN",
        f"{CASES}?limit={'9' * 5000}",
        f"{CASES}?min_position={'9' * 100}",
        f"{CASES}?min_position=-1",
        f"{CASES}?q={'x' * 101}",
        f"{CASES}?received_from=0001-01-01T00:00:00%2B14:00",
        f"{CASES}?received_from=9999-12-31T23:59:59-14:00",
        f"{CASES}?after={'A' * 300}",
        f"{CASES}?after=W3RydWUsICI5OTk5LTEyLTMxVDIzOjU5OjU5LTE0OjAwIiwgIjEiXQ",
    ],
)
def test_a_poisoned_query_is_422(service: Service, path: str) -> None:
    assert service.get(path).kind == (422, "invalid")


@pytest.mark.parametrize("query", ["%F0%9F%98%80", "'%5C", "%25%25", "%27)%3B--", "*:*", "!%26|", "\u202e"])
def test_strange_words_find_nothing(service: Service, query: str) -> None:
    assert service.get(f"{CASES}?q={query}").body == {"items": [], "next": None}


@pytest.mark.parametrize("item", ["%00", "..%2f..", "x" * 9000, "%ED%A0%80", "'", "%F0%9F%98%80", "%20"])
def test_a_poisoned_path_is_404(service: Service, item: str) -> None:
    for path in (f"/api/v1/agents/{item}", f"{CASES}/{item}", f"{CASES}/{item}/history"):
        assert service.get(path).kind == (404, "not_found")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "9" * 40, "%00", "x"])
def test_a_strange_moment_is_no_fault_of_ours(service: Service, moment: str) -> None:
    assert service.get(f"{service.receive().url}?as_of={moment}").status in {200, 404, 422}


@pytest.mark.parametrize("name", ["received_from", "received_to", "due_before"])
@pytest.mark.parametrize("offset", ["%2B23:00", "-23:59"])
def test_any_offset_of_a_time_is_read(service: Service, name: str, offset: str) -> None:
    assert service.get(f"{CASES}?{name}=2026-01-20T10:00:00{offset}").status == 200


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00+16:00", "2026-01-01T00:00:00-23:59", "9999-12-31T23:59:59-01:00"])
def test_a_made_up_place_in_a_list_is_no_fault_of_ours(service: Service, at: str) -> None:
    made_up = base64.urlsafe_b64encode(json.dumps([True, at, str(UUID(int=1))]).encode()).decode()
    assert service.get(f"{CASES}?after={made_up}").status in {200, 422}


@pytest.mark.parametrize("number", ["1.0", "01", "%2B1", "1e0", "%D9%A1", "%00"])
def test_a_number_in_a_path_is_written_in_one_way(service: Service, number: str) -> None:
    case = service.case("proposed")
    service.give(case, "escalations", escalation())
    path = f"{case.url}/escalations/{number}/answer"
    assert service.post(path, {"words": "同意"}, who="supervisor", version=case.version).kind == (404, "not_found")


@pytest.mark.parametrize("name", ["idempotency-key", "if-match", "authorization", "x-correlation-id", "x-anything"])
def test_huge_headers_are_no_fault_of_ours(service: Service, name: str) -> None:
    answer = service.ask("POST", CASES, raw=GOOD.encode(), headers={name: "x" * 100_000})
    assert answer.status in {201, 401, 422}


def test_headers_of_any_bytes_are_no_fault_of_ours(service: Service) -> None:
    for value in (b"\xff\xfe", b"\x00", "rk_\u5f20_x".encode(), b"Bearer rk_\x00_x"):
        for name in (b"authorization", b"idempotency-key", b"if-match", b"x-correlation-id", b"content-type"):
            headers: Any = {b"authorization": f"Bearer {service.keys['agent']}".encode(), name: value}
            answer = service.run(service.client.post(CASES, content=GOOD.encode(), headers=headers))
            assert answer.status_code in {201, 401, 422}, (name, value)


def test_brackets_in_texts_are_no_depth(service: Service) -> None:
    text = "[{" * 100 + '\\" ['
    assert service.get(service.receive(narrative=text).url)["narrative"] == text


@pytest.mark.parametrize(
    "text",
    [
        "\u200f\u05e9\u05dc\u05d5\u05dd",
        "\ufeffa",
        "👩‍👩‍👧",
        "a\nb\tc",
        "-5 元",
        "+86 138",
        "@王",
        "<script>",
        "'; DROP TABLE",
        "%s{0}",
        "\uffff",
    ],
)
def test_harmless_text_comes_back_as_it_was(service: Service, text: str) -> None:
    assert service.get(service.receive(narrative=text).url)["narrative"] == text


@pytest.mark.parametrize("name", RAW)
def test_what_is_no_http_is_answered_with_a_problem(service: Service, base_url: str, name: str) -> None:
    host, port = base_url.removeprefix("http://").split(":")
    answered = b""
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(RAW[name])
        while b"\r\n\r\n" not in answered:
            answered += raw.recv(65536)
    assert answered.startswith(b"HTTP/1.1 4"), answered
    assert b"application/problem+json" in answered
    assert service.get("/livez").status == 200


def test_the_log_can_still_be_read_and_every_view_follows_it(service: Service) -> None:
    service.seen(service.receive().position)
    assert unreadable_streams(service) == []


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_at_the_end_of_all_calendars_stops_nothing(service: Service, day: str) -> None:
    case = service.case("proposed")
    answers = [{"demand": number, "decision": "granted", "due": day} for number in (1, 2)]
    body = {"solution": "ok", "cost_fen": 0, "policy_ref": "P", "answers": answers}
    assert service.post(f"{case.url}/resolution", body, version=case.version).kind == (422, "invalid")
    pause = {"category": "customer", "reason": "r", "since": day}
    assert service.post(f"{case.url}/pause", pause, version=case.version).kind == (422, "invalid")
    service.seen(service.receive().position)


@pytest.mark.parametrize("query", ["q=%ED%A0%80", "owner=%FF", "q=%C3", "q=%EF%BF%BD"])
def test_what_is_no_text_in_a_query_is_refused(service: Service, query: str) -> None:
    refused = service.get(f"/api/v1/cases?{query}", who="supervisor")
    assert refused.kind == (422, "invalid")
    assert refused["errors"][0]["pointer"] == "/" + query.partition("=")[0]
