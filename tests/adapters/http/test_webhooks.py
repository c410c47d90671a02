"""Webhooks over the API: admins register, read and remove them; breaches, escalations and promises reach them."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from adapters.bootstrap import housekeeper
from tests.adapters.http.serving import Answer, Factory, Service, ago, ahead, escalation, running_service
from tests.adapters.webhooks.receiver import Receiver, Request, receiving

WEBHOOKS = "/api/v1/webhooks"
KINDS = ["breach", "escalation", "promise_due", "daily_report"]
BOUND_S = 30


@pytest.fixture(scope="module")
def service(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = Path(tmp_path_factory.mktemp("home"))
    with database_factory() as database, running_service(database, home, webhook_allowed="127.0.0.1") as service:
        yield service


@pytest.fixture(scope="module")
def receiver(service: Service) -> Iterator[Receiver]:
    """A receiver in the service's own loop."""
    listening = receiving()
    made = service.run(listening.__aenter__())
    yield made
    service.run(listening.__aexit__(None, None, None))


def register(service: Service, receiver: Receiver, *kinds: str, **how: Any) -> Answer:
    body = {"url": receiver.url(f"/{uuid4().hex}"), "kinds": [*kinds]}
    answer = service.post(WEBHOOKS, body, who="admin", **how)
    assert answer.status == 201, answer.body
    return answer


def path_of(service: Service, webhook: Answer) -> str:
    url: str = service.get(f"{WEBHOOKS}/{webhook['id']}", who="admin")["url"]
    return url[url.rindex("/") :]


def come(service: Service, receiver: Receiver, webhook: Answer, wanted: Callable[[Request], bool]) -> Request:
    """Wait for a message to a webhook."""
    path = path_of(service, webhook)

    async def within() -> Request:
        async with asyncio.timeout(BOUND_S):
            while True:
                for request in receiver.requests:
                    if request.line == f"POST {path} HTTP/1.1" and wanted(request):
                        return request
                await asyncio.sleep(0.01)

    return service.run(within())


# ---- what goes out --------------------------------------------------------------------------------------------------
def test_a_breach_goes_out_with_nothing_personal(service: Service, receiver: Receiver) -> None:
    webhook = register(service, receiver, "breach")
    case = service.receive(received_at=ago(hours=25))
    request = come(service, receiver, webhook, lambda one: one.document["data"]["clock"] == "answer")
    assert request.signed_by(webhook["secret"])
    data = request.document["data"]
    assert set(data) == {
        *("event", "position", "case_id", "clock", "number", "policy", "kind", "due_at", "breached_at")
    }
    assert (data["event"], data["case_id"], data["policy"]) == ("case.deadline_breached", case.id, "default-1")


def test_an_escalation_goes_out_without_its_words_c_6(service: Service, receiver: Receiver) -> None:
    webhook = register(service, receiver, "escalation")
    case = service.case("analysed")
    asked = service.give(case, "escalations", escalation())
    request = come(service, receiver, webhook, lambda one: one.document["data"]["event"] == "case.escalated")
    data = request.document["data"]
    assert set(data) == {"event", "position", "case_id", "number", "hear_back_by"}
    assert (data["case_id"], data["number"], data["position"]) == (case.id, 1, asked["position"])


def test_a_promise_that_falls_due_goes_out_before_it_does_c_11(service: Service, receiver: Receiver) -> None:
    webhook = register(service, receiver, "promise_due")
    case = service.receive()
    service.post(f"{case.url}/promises", {"text": "回电", "due_at": ahead(seconds=3)})
    data = come(service, receiver, webhook, lambda _: True).document["data"]
    assert (data["case_id"], data["clock"], data["number"]) == (case.id, "promise", 1)
    assert set(data) == {"event", "position", "case_id", "clock", "number", "policy", "due_at"}


def test_what_was_sent_stands_in_the_delivery_log_and_goes_once_more(service: Service, receiver: Receiver) -> None:
    webhook = register(service, receiver, "escalation")
    position = service.give(service.case("analysed"), "escalations", escalation())["position"]
    first = come(service, receiver, webhook, lambda one: one.document["data"]["position"] == position)
    log = f"{WEBHOOKS}/{webhook['id']}/deliveries"
    again = service.post(f"{log}/{position}/redelivery", who="admin")
    assert again.status == 200, again.body
    come(service, receiver, webhook, lambda one: one is not first and one.headers == {**first.headers, **_moved(one)})
    assert service.post(f"{log}/1/redelivery", who="admin").kind == (404, "not_found")
    assert service.post(f"{log}/x/redelivery", who="admin").kind == (404, "not_found")
    query = f"limit=1&min_position={again['position']}"
    answer = service.get(f"{log}?{query}", who="admin")
    for _ in range(5_000):
        if answer["items"] and answer["items"][0]["state"] == "delivered":
            break
        answer = service.get(f"{log}?{query}", who="admin")
    [latest] = answer["items"]
    assert (latest["position"], latest["message"], latest["kind"]) == (again["position"], position, "escalation")
    assert [(one["number"], one["status"], one["fault"]) for one in latest["attempts"]] == [(1, 204, None)]
    second = service.get(f"{log}?limit=1&after={answer['next']}", who="admin")["items"][0]
    assert second["position"] == position
    assert service.get(f"{log}?after=x", who="admin").kind == (422, "invalid")


def _moved(request: Request) -> dict[str, str]:
    return {name: request.headers[name] for name in ("webhook-timestamp", "webhook-signature")}


# ---- who, and what --------------------------------------------------------------------------------------------------
def test_the_secret_is_shown_once_and_to_a_repeat_of_the_same_request(service: Service, receiver: Receiver) -> None:
    body, key = {"url": receiver.url("/once"), "kinds": KINDS}, {"idempotency-key": uuid4().hex}
    answer = service.post(WEBHOOKS, body, who="admin", headers=key)
    assert service.post(WEBHOOKS, body, who="admin", headers=key)["secret"] == answer["secret"]
    shown = service.get(f"{WEBHOOKS}/{answer['id']}", who="admin")
    assert shown.body == {"id": answer["id"], **body, "by": "d5001", "enabled": True}
    assert answer["secret"] not in service.get(f"{WEBHOOKS}?limit=500", who="admin").raw.decode()
    assert service.post(WEBHOOKS, body, who="admin").kind == (409, "address_taken")


def secrets_of_nobody(service: Service) -> set[str]:
    """The webhooks that have a secret, and are none."""
    known = {one["id"] for one in service.get(f"{WEBHOOKS}?limit=500", who="admin")["items"]}
    return {webhook for (webhook,) in service.rows("SELECT webhook::text FROM private.webhook_secrets")} - known


def test_a_repeat_after_the_removal_gets_the_first_answer_without_a_secret(
    service: Service, receiver: Receiver
) -> None:
    body, key = {"url": receiver.url("/again"), "kinds": KINDS}, {"idempotency-key": uuid4().hex}
    first = service.post(WEBHOOKS, body, who="admin", headers=key)
    assert service.ask("DELETE", f"{WEBHOOKS}/{first['id']}", who="admin").status == 200
    repeated = service.post(WEBHOOKS, body, who="admin", headers=key)
    assert (repeated.status, repeated.body) == (201, {**first.body, "secret": None})
    assert secrets_of_nobody(service) == set()


def test_a_registration_that_is_refused_leaves_no_secret(service: Service, receiver: Receiver) -> None:
    body = {"url": receiver.url("/taken"), "kinds": KINDS}
    assert service.post(WEBHOOKS, body, who="admin").status == 201
    assert service.post(WEBHOOKS, body, who="admin").kind == (409, "address_taken")
    assert secrets_of_nobody(service) == set()


def test_a_secret_whose_process_died_before_the_registration_is_destroyed(service: Service, receiver: Receiver) -> None:
    """But not at once: it may be of one that is being registered."""
    webhooks, keeper = service.services.webhooks, housekeeper(service.services)
    orphan, body = str(uuid4()), {"url": receiver.url("/kept"), "kinds": KINDS}
    kept = service.post(WEBHOOKS, body, who="admin")["id"]
    service.run(webhooks.secrets.make(orphan))
    service.run(keeper.keep())
    assert secrets_of_nobody(service) == {orphan}
    service.run(keeper.keep())
    assert secrets_of_nobody(service) == set()
    assert service.run(webhooks.secrets.secret(kept))


def test_of_two_registrations_of_an_address_at_once_one_leaves_a_secret(
    service: Service, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"url": receiver.url("/both"), "kinds": KINDS}
    secrets = service.services.webhooks.secrets
    make = secrets.make

    async def overtaken(webhook: str) -> None:
        await make(webhook)
        monkeypatch.setattr(secrets, "make", make)
        assert (await service.asked("POST", WEBHOOKS, body, who="admin")).status == 201

    monkeypatch.setattr(secrets, "make", overtaken)
    assert service.post(WEBHOOKS, body, who="admin").kind == (409, "address_taken")
    assert secrets_of_nobody(service) == set()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "http://hooks.example.org/"}, "/url"),
        ({"url": "https://localhost.example.org/#x"}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "/url"),
        ({"url": "https://user:secret@hooks.example.org/"}, "/url"),
        ({"kinds": []}, "/kinds"),
        ({"kinds": ["breaches"]}, "/kinds/0"),
        ({"secret": "whsec_x"}, "/secret"),
    ],
)
def test_what_cannot_be_meant_is_refused(service: Service, body: dict[str, object], pointer: str) -> None:
    answer = service.post(WEBHOOKS, {"url": "https://hooks.example.org/", "kinds": KINDS, **body}, who="admin")
    assert answer.kind == (422, "invalid")
    assert [one["pointer"] for one in answer["errors"]] == [pointer]


def test_they_come_in_pages(service: Service, receiver: Receiver) -> None:
    made = [register(service, receiver, "breach")["id"] for _ in range(2)]
    found, page = list[str](), service.get(f"{WEBHOOKS}?limit=1", who="admin")
    while page["next"]:
        found += [one["id"] for one in page["items"]]
        page = service.get(f"{WEBHOOKS}?limit=1&after={page['next']}", who="admin")
    assert [*found, page["items"][0]["id"]][-2:] == made
    assert service.get(f"{WEBHOOKS}?after=x", who="admin").kind == (422, "invalid")


def test_one_that_is_removed_is_gone(service: Service, receiver: Receiver) -> None:
    one = f"{WEBHOOKS}/{register(service, receiver, 'breach')['id']}"
    answer = service.ask("DELETE", one, who="admin")
    assert answer.status == 200, answer.body
    for method, path in (("GET", one), ("DELETE", one), ("GET", f"{one}/deliveries"), ("POST", f"{one}/enabling")):
        assert service.ask(method, path, who="admin").kind == (404, "not_found")


def test_enabling_what_is_enabled_records_nothing(service: Service, receiver: Receiver) -> None:
    one, before = register(service, receiver, "breach")["id"], service.events()
    assert service.post(f"{WEBHOOKS}/{one}/enabling", who="admin").status == 200
    assert service.events() == before


@pytest.mark.parametrize("who", ["agent", "supervisor", "payroll", "auditor"])
def test_webhooks_are_the_admins_a_4(service: Service, receiver: Receiver, who: str) -> None:
    one = f"{WEBHOOKS}/{register(service, receiver, 'breach')['id']}"
    assert service.post(WEBHOOKS, {"url": receiver.url(), "kinds": KINDS}, who=who).kind == (403, "forbidden")
    for method, path in (("GET", WEBHOOKS), ("GET", one), ("DELETE", one), ("GET", f"{one}/deliveries")):
        assert service.ask(method, path, who=who).kind == (403, "forbidden")
