"""Notices over the API: whom they are to, read and unread, digests of busy hours (D-3d, D-4)."""

from typing import Any

import pytest

from tests.adapters.http.serving import Service, ago

NOTICES = "/api/v1/notices"


@pytest.fixture(scope="module")
def told(service: Service) -> int:
    """A case that ran out of time: its handler was warned, the team's supervisor told; the position of the last."""
    case, found = service.receive(received_at=ago(days=1, hours=2)), list[int]()
    for _ in range(5_000):
        items = service.get(f"{case.url}/history?limit=500")["items"]
        found = [one["position"] for one in items if one["type"] == "case.deadline_breached"]
        if found and items[-1]["actor"] == "scheduler":
            break
    return int(found[-1])


def listed(service: Service, who: str, query: str = "", position: int = 0) -> list[dict[str, Any]]:
    answer = service.get(f"{NOTICES}?limit=500&min_position={position}{query}", who=who)
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer["items"]
    return items


def test_the_handler_is_warned_and_the_supervisor_told_d_4(service: Service, told: int) -> None:
    warned = listed(service, "agent", position=told)
    assert {one["type"] for one in warned} == {"case.deadline_warned"}
    breached = listed(service, "supervisor", position=told)
    assert "case.deadline_breached" in {one["type"] for one in breached}
    assert all(one["case_id"] and one["due_at"] and not one["digest"] for one in [*warned, *breached])
    assert listed(service, "stranger", position=told) == []


def test_a_notice_is_read_once_by_whom_it_is_to(service: Service, told: int) -> None:
    first, before = listed(service, "agent", "&unread=true", told)[-1], service.events()
    assert service.post(f"{NOTICES}/{first['id']}/read", who="stranger").kind == (404, "not_found")
    answer = service.post(f"{NOTICES}/{first['id']}/read")
    assert (answer.status, answer["id"]) == (200, first["id"])
    assert service.post(f"{NOTICES}/{first['id']}/read").status == 200
    assert service.events() == before + 1
    position = answer["position"]
    assert first["id"] not in {one["id"] for one in listed(service, "agent", "&unread=true", position)}
    assert first["id"] in {one["id"] for one in listed(service, "agent", "&unread=false", position)}


@pytest.mark.parametrize("item", ["0", "x", "%00", "2020-01-01T00Z"])
def test_what_is_no_notice_to_the_caller_is_not_found(service: Service, item: str) -> None:
    assert service.post(f"{NOTICES}/{item}/read").kind == (404, "not_found")


def test_notices_come_in_pages(service: Service, told: int) -> None:
    found, page = [], service.get(f"{NOTICES}?limit=1&min_position={told}", who="supervisor")
    while page["items"]:
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        page = service.get(f"{NOTICES}?limit=1&after={page['next']}", who="supervisor")
    assert len(found) == len(listed(service, "supervisor"))
    assert service.get(f"{NOTICES}?after=x").kind == (422, "invalid")


def test_many_in_an_hour_come_as_one_digest_and_are_read_together(service: Service) -> None:
    # in one of two hours, should one end meanwhile, there are enough
    cases = [service.receive(who="stranger", received_at=ago(days=1, hours=2)) for _ in range(42)]
    own: list[dict[str, Any]] = []
    for _ in range(5_000):
        own = listed(service, "stranger", position=cases[-1].position)
        if any(one["digest"] for one in own):
            break
    digest = next(one for one in own if one["digest"])
    assert digest["count"] > 20
    assert digest["kinds"] == {"case.deadline_warned": digest["count"]}
    answer = service.post(f"{NOTICES}/{digest['id']}/read", who="stranger")
    unread = listed(service, "stranger", "&unread=true", answer["position"])
    assert digest["id"] not in {one["id"] for one in unread}
