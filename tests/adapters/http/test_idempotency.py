"""Idempotency-Key: the same request again is answered as at first, and recorded once (contract part 3)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.adapters.http import bodies
from tests.adapters.http.facts_given import BODIES, CONDUCT, EXAM, FACTS
from tests.adapters.http.ledgers_given import READY
from tests.adapters.http.serving import CASES, CLARIFICATION, RESOLUTION, Answer, Service, receipt


def key() -> dict[str, str]:
    """A new key."""
    return {"idempotency-key": str(uuid4())}


def test_a_repeat_gets_the_first_answer(service: Service) -> None:
    named, before = key(), service.events()
    first, again = (service.post(CASES, receipt(), headers=named) for _ in range(2))
    assert service.events() == before + 1
    assert (again.status, again.raw, again.headers["etag"]) == (201, first.raw, first.headers["etag"])
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"


def test_a_repeat_is_answered_though_the_case_has_moved_on(service: Service) -> None:
    case, named = service.receive(), key()
    first = service.post(f"{case.url}/clarification", CLARIFICATION, version=1, headers=named)
    service.post(f"{case.url}/notes", {"text": "x"})
    again = service.post(f"{case.url}/clarification", CLARIFICATION, version=1, headers=named)
    assert (again.status, again.raw) == (200, first.raw)


def test_the_key_is_looked_up_before_if_match(service: Service) -> None:
    case, named = service.receive(), key()
    first = service.post(f"{case.url}/clarification", CLARIFICATION, version=1, headers=named)
    again = service.post(f"{case.url}/clarification", CLARIFICATION, headers=named)
    assert (again.status, again.raw) == (200, first.raw)


def test_another_body_is_refused(service: Service) -> None:
    named = key()
    service.post(CASES, receipt(), headers=named)
    assert service.post(CASES, receipt(narrative="另一件"), headers=named).kind == (422, "idempotency_key_reused")


def test_another_path_is_refused(service: Service) -> None:
    named, one, other = key(), service.receive(), service.receive()
    assert service.post(f"{one.url}/notes", {"text": "x"}, headers=named).status == 200
    assert service.post(f"{other.url}/notes", {"text": "x"}, headers=named).kind == (422, "idempotency_key_reused")


def test_the_query_is_not_compared(service: Service) -> None:
    case, named, body = service.receive(), key(), {"direction": "in", "channel": "app", "words": "x"}
    first = service.post(f"{case.url}/contacts", body, headers=named)
    assert service.post(f"{case.url}/contacts?check=false", body, headers=named).raw == first.raw


def test_each_caller_has_keys_of_their_own(service: Service) -> None:
    named = key()
    first, other = (service.post(CASES, receipt(), headers=named, who=who) for who in ("agent", "colleague"))
    assert (first.status, other.status) == (201, 201)
    assert first["id"] != other["id"]


def test_what_was_refused_is_not_remembered(service: Service) -> None:
    case, named = service.receive(), key()
    early = service.post(f"{case.url}/fulfilments", {"demand": 1}, version=1, headers=named)
    stale = service.post(f"{case.url}/notes", {"text": "x"}, version=9, headers=named)
    assert (early.status, stale.status) == (409, 412)
    assert service.post(f"{case.url}/notes", {"text": "x"}, headers=named).status == 200


def test_a_repeat_of_a_command_without_event_gets_the_first_answer(service: Service) -> None:
    case, named = service.receive(), key()
    body = {"agent": "a1001", "reason": "留给本人"}
    first = service.post(f"{case.url}/assignment", body, version=1, headers=named)
    service.post(f"{case.url}/notes", {"text": "x"})
    again = service.post(f"{case.url}/assignment", body, version=1, headers=named)
    assert (first.status, first["version"], again.raw) == (200, 1, first.raw)


def test_a_key_of_strange_letters_is_a_key(service: Service) -> None:
    named = {"idempotency-key": "a b/ü\"'%00".encode("latin-1")}
    first, again = (service.post(CASES, receipt(), headers=named) for _ in range(2))
    assert (first.status, again.raw) == (201, first.raw)


def test_a_thousand_duplicates_at_once_are_one_event(service: Service) -> None:
    named, before = key(), service.events()

    async def all_at_once() -> list[Answer]:
        places = asyncio.Semaphore(100)  # more would be told 503 on a slow machine, as they should

        async def one() -> Answer:
            async with places:
                return await service.asked("POST", CASES, receipt(), headers=named)

        return await asyncio.gather(*(one() for _ in range(1000)))

    answers = service.run(all_at_once())
    kinds = Counter(answer.kind for answer in answers)
    assert {*kinds} <= {(201, None), (409, "in_progress")}
    assert len({answer.raw for answer in answers if answer.status == 201}) == 1
    assert service.events() == before + 1


def test_while_the_first_runs_a_duplicate_is_409_in_progress(service: Service) -> None:
    case, named = service.case("proposed"), key()

    async def both() -> list[Answer]:
        sent = {**named, "if-match": f'"v{case.version}"'}
        return await asyncio.gather(
            *(service.asked("POST", f"{case.url}/resolution", RESOLUTION, headers=sent) for _ in range(2))
        )

    assert sorted(answer.kind for answer in service.run(both())) in (
        [(200, None), (409, "in_progress")],
        [(200, None), (200, None)],
    )


def test_without_a_key_two_requests_are_two_commands(service: Service) -> None:
    first, other = (service.post(CASES, receipt()) for _ in range(2))
    assert first["id"] != other["id"]


def test_of_two_commands_on_the_same_version_one_is_taken(service: Service) -> None:
    case = service.receive()

    async def both() -> list[Answer]:
        sent = {"if-match": '"v1"'}
        return await asyncio.gather(
            *(service.asked("POST", f"{case.url}/clarification", CLARIFICATION, headers=sent) for _ in range(8))
        )

    assert sorted(answer.status for answer in service.run(both())) == [200] + [412] * 7


def test_notes_at_once_without_if_match_are_all_taken_or_told_as_conflict(service: Service) -> None:
    case = service.receive()

    async def many() -> list[Answer]:
        return await asyncio.gather(*(service.asked("POST", f"{case.url}/notes", {"text": f"{n}"}) for n in range(20)))

    answers = service.run(many())
    assert {answer.kind for answer in answers} <= {(200, None), (409, "conflict")}
    taken = sum(answer.status == 200 for answer in answers)
    assert service.get(case.url)["version"] == 1 + taken


# ---- beside cases ---------------------------------------------------------------------------------------------------
NEW: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "/api/v1/facts/exams": ("supervisor", lambda: EXAM | {"month": "2025-11"}),
    "/api/v1/facts/member-callbacks": ("supervisor", lambda: BODIES["member-callbacks"]),
    "/api/v1/facts/conduct-reports": ("supervisor", lambda: CONDUCT),
    "/api/v1/shifts": ("supervisor", bodies.begun),
    "/api/v1/wages": ("payroll", lambda: bodies.wage(month="2025-11")),
    "/api/v1/tariffs": ("admin", bodies.tariff),
    "/api/v1/payroll-policies": ("admin", bodies.policy),
}
"""What is made anew: by whom, and a right body."""


@pytest.mark.parametrize("path", NEW)
def test_a_repeat_makes_nothing_twice(service: Service, path: str) -> None:
    (who, make), named = NEW[path], key()
    body = make()
    first, again = (service.post(path, body, headers=named, who=who) for _ in range(2))
    assert (first.status, again.status, again.raw) == (201, 201, first.raw), first.body
    assert (again.headers["location"], again.headers["etag"]) == (first.headers["location"], first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"


TOPICS = {
    "member-callbacks": "member_callback.made",
    "conduct-reports": "conduct.reported",
    "missed-calls": "missed_call.logged",
}


@pytest.mark.parametrize("kind", TOPICS)
def test_a_repeat_records_no_second_fact(service: Service, kind: str) -> None:
    named, topic = key(), TOPICS[kind]
    before = service.rows("SELECT count(*) FROM log.events WHERE topic = %s", topic)[0][0]
    first = service.post(f"{FACTS}/{kind}", BODIES[kind], headers=named, who="supervisor")
    service.post(f"{FACTS}/{kind}", BODIES[kind], headers=named, who="supervisor")
    assert service.rows("SELECT count(*) FROM log.events WHERE topic = %s", topic)[0][0] == before + 1
    another = BODIES[kind] | {"at": "2026-03-02T18:00:01+08:00"}
    reused = service.post(f"{FACTS}/{kind}", another, headers=named, who="supervisor")
    assert (first.status, reused.kind) == (201, (422, "idempotency_key_reused"))


@pytest.mark.parametrize("what", [what for what in READY if what.startswith("POST ")])
def test_a_repeat_decides_nothing_twice_l_0(service: Service, what: str) -> None:
    ready, named = READY[what](service), key()
    path = what.removeprefix("POST ").format(**ready.named)
    how: dict[str, Any] = {"who": ready.who[0], "version": ready.version, "headers": named}
    first, again = (service.post(path, ready.body, **how) for _ in range(2))
    assert first.status in {200, 201}, first.body
    assert (again.status, again.raw, again.headers["idempotency-replayed"]) == (first.status, first.raw, "true")
