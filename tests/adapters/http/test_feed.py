"""The change feed: every event in order, none left out, as it is recorded, from where one left off (A-1)."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import jsonschema
import pytest
from psycopg import OperationalError

from adapters.proof import feed
from adapters.proof.reads import ProofReads
from domain.kernel import EVENTS
from domain.values import AgentId
from tests.adapters.http.serving import CASES, Service, listening, receipt

EVENTS_PATH = "/api/v1/audit/events"
STREAM = {"accept": "text/event-stream"}
Message = dict[str, str]


@pytest.fixture(scope="module")
def url(service: Service) -> Iterator[str]:
    with listening(service) as url:
        yield url


@contextmanager
def followed(service: Service, url: str, query: str = "", **headers: str) -> Iterator[Iterator[Message]]:
    """The messages of a stream; comments are messages of one field without a name."""
    sent = {"authorization": f"Bearer {service.keys['auditor']}", **STREAM, **headers}
    with (
        httpx2.Client(base_url=url, timeout=30, trust_env=False) as client,
        client.stream("GET", f"{EVENTS_PATH}?{query}", headers=sent) as response,
    ):
        assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert response.headers["cache-control"] == "no-store"
        yield messages(response.iter_lines())


def messages(lines: Iterator[str]) -> Iterator[Message]:
    message: Message = {}
    for one in lines:
        if one:
            name, _, value = one.partition(": ")
            message[name] = value
        else:
            yield message
            message = {}


def events(stream: Iterator[Message], upto: int) -> list[dict[str, Any]]:
    """The events of a stream up to a position."""
    found: list[dict[str, Any]] = []
    while not found or found[-1]["position"] < upto:
        message = next(stream)
        if "data" in message:
            found.append(json.loads(message["data"]))
            assert message["id"] == str(found[-1]["position"])
    return found


def test_what_is_recorded_meanwhile_comes_in_order_without_gaps(service: Service, url: str) -> None:
    first = service.receive().position

    async def many() -> int:
        answers = await asyncio.gather(*(service.asked("POST", CASES, receipt()) for _ in range(40)))
        return max(int(answer["position"]) for answer in answers)

    with followed(service, url) as stream:
        assert next(stream) == {"retry": "1000"}
        seen = events(stream, first)
        seen += events(stream, service.run(many()))
        seen += events(stream, service.receive().position)
    assert [one["position"] for one in seen] == list(range(1, len(seen) + 1))
    page = service.get(f"{EVENTS_PATH}?limit=500", who="auditor")
    assert seen == page["items"][: len(seen)]


def test_a_long_past_is_told_in_parts(service: Service, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "AT_ONCE", 3)
    last = service.receive().position
    with followed(service, url) as stream:
        assert [one["position"] for one in events(stream, last)] == list(range(1, last + 1))


def test_who_comes_again_goes_on_behind_the_last_event(service: Service, url: str) -> None:
    last = service.receive().position
    with followed(service, url, f"after={last - 3}") as stream:
        assert [one["position"] for one in events(stream, last)] == [last - 2, last - 1, last]
    again = {"last-event-id": str(last - 1)}
    with followed(service, url, "after=0", **again) as stream:
        assert [one["position"] for one in events(stream, last)] == [last]
    page = service.get(f"{EVENTS_PATH}?after=0&limit=1", who="auditor", headers=again)
    assert [one["position"] for one in page["items"]] == [last]


def test_where_nothing_happens_a_stream_is_kept_alive(
    service: Service, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BEAT_S", 0.01)
    with followed(service, url, f"after={2**62}") as stream:
        assert [next(stream) for _ in range(4)] == [{"retry": "1000"}, *[{"": "ping"}] * 3]


def test_a_stream_ends_where_its_key_is_revoked(service: Service, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "BEAT_S", 0.05)
    monkeypatch.setattr(feed, "ASKED_EVERY_S", 0.1)
    key = service.run(service.services.keys.create(AgentId("u4001")))
    sent = {"authorization": f"Bearer {key}"}
    with followed(service, url, f"after={2**62}", **sent) as stream:
        assert [next(stream) for _ in range(9)] == [{"retry": "1000"}, *[{"": "ping"}] * 8]
        service.run(service.services.keys.revoke(key.split("_")[1]))
        assert len(list(stream)) < 100


def test_a_stream_ends_after_a_while_so_that_who_follows_is_asked_again(
    service: Service, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BEAT_S", 0.01)
    monkeypatch.setattr(feed, "LONGEST_S", 0.05)
    with followed(service, url, f"after={2**62}") as stream:
        assert {*map(str, stream)} == {"{'retry': '1000'}", "{'': 'ping'}"}


def test_a_stream_ends_cleanly_where_the_database_cannot_be_asked(
    service: Service, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*_: object) -> None:
        raise OperationalError("canary")

    monkeypatch.setattr(ProofReads, "lines", gone)
    with followed(service, url) as stream:
        assert [*stream] == [{"retry": "1000"}]


@pytest.mark.parametrize("last", ["-1", "x", "1.5", str(2**63)])
def test_what_is_no_position_is_422(service: Service, last: str) -> None:
    for headers in ({"last-event-id": last}, {"last-event-id": last, **STREAM}):
        assert service.get(EVENTS_PATH, who="auditor", headers=headers).kind == (422, "invalid")


def test_a_stream_is_for_auditors(service: Service) -> None:
    assert service.get(EVENTS_PATH, who="admin", headers=STREAM).kind == (403, "forbidden")
    assert service.get(EVENTS_PATH, who=None, headers=STREAM).status == 401


# ---- what the events hold -------------------------------------------------------------------------------------------
def test_the_shapes_of_all_events_are_published_and_hold(service: Service) -> None:
    service.case("closed")
    schemas = service.get("/api/v1/audit/schemas", who="auditor").body
    assert {*schemas} >= {topic for topic in EVENTS if topic.startswith(("case.", "ledger.", "payroll."))}
    told = service.get(f"{EVENTS_PATH}?limit=500", who="auditor")["items"]
    for one in told:
        jsonschema.validate(one["body"]["data"], schemas[one["topic"]])
    assert {one["topic"] for one in told} >= {"case.received", "case.closed", "agent.registered"}
