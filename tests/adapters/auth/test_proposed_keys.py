"""Keys for programs and for other people: by two admins, and shown once to whom they are for (A-4)."""

from typing import Any

import pytest

from domain.values import AgentId
from tests.adapters.auth.coming_in import send
from tests.adapters.http.serving import CASES, Answer, Service, ahead

PROPOSALS = "/api/v1/key-proposals"


@pytest.fixture(autouse=True, scope="module")
def second_admin(service: Service) -> None:
    """`admin` and `other admin`; the program `svc-export`."""
    for number, role in (("d5002", "admin"), ("svc-export", "auditor")):
        body = {"id": number, "name": "夜间", "role": role, "joined_on": "2024-01-01"}
        assert service.post("/api/v1/agents", body, who="admin").status == 201
    service.keys["other admin"] = service.run(service.services.keys.create(AgentId("d5002")))


def wanted(**facts: Any) -> dict[str, Any]:
    """The body of a program's key; the facts stand in place of the usual ones."""
    usual = {"agent": "svc-export", "label": "夜间导出", "scopes": ["read"], "expires_at": ahead(days=300)}
    return {**usual, **facts}


def proposed(service: Service, **facts: Any) -> str:
    """Where a proposed key stands."""
    answer = service.post(PROPOSALS, wanted(**facts), who="admin")
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def approved(service: Service, **facts: Any) -> str:
    """Where an approved key stands."""
    where = proposed(service, **facts)
    assert service.post(f"{where}/approval", who="other admin").status == 200
    return where


def collected(service: Service, where: str, who: str = "admin") -> Answer:
    """Collect it; the tests know it by its prefix from then on."""
    answer = service.ask("PUT", f"{where}/key", who=who)
    if answer.status == 201:
        service.keys[answer["prefix"]] = answer["key"]
    return answer


def test_one_admin_proposes_another_approves_and_the_first_collects_it_once_a_4(service: Service) -> None:
    where = proposed(service)
    assert collected(service, where).kind == (409, "not_approved")
    own = service.post(f"{where}/approval", {}, who="admin")
    assert (*own.kind, own["rule"]) == (403, "second_person", "A-4")
    assert service.post(f"{where}/approval", {}, who="other admin").status == 200
    assert service.post(f"{where}/approval", {}, who="other admin").kind == (409, "not_proposed")
    assert collected(service, where, "other admin").kind == (403, "not_for_you")
    key = collected(service, where)
    assert (key.status, where.endswith(key["prefix"])) == (201, True)
    assert service.get(CASES, who=key["prefix"]).status == 200
    assert service.get("/api/v1/own-keys", who=key["prefix"]).kind == (403, "out_of_scope")
    assert collected(service, where).kind == (409, "not_approved")
    shown = service.get(where, who="auditor")
    people = {name: shown[name] for name in ("status", "proposed_by", "approved_by", "collector", "label")}
    assert people == {
        "status": "collected",
        "proposed_by": "d5001",
        "approved_by": "d5002",
        "collector": "d5001",
        "label": "夜间导出",
    }


def test_the_key_stands_in_no_answer_but_one_and_in_no_event_a_4(service: Service) -> None:
    where = approved(service)
    secret = collected(service, where)["key"].split("_", 2)[2]
    for path in (PROPOSALS, where, "/api/v1/keys"):
        assert secret not in service.get(path, who="admin").raw.decode()
    assert service.rows("SELECT 1 FROM log.events WHERE position(%s::bytea in state) > 0", secret.encode()) == []


def test_a_persons_key_is_collected_by_the_person_alone_a_4(service: Service) -> None:
    where = approved(service, agent="p3001", scopes=None, expires_at=None)
    for who in ("admin", "other admin", "paymaster"):
        assert collected(service, where, who).status in {403, 404}
    assert service.get(where, who="paymaster").kind == (404, "not_found")
    assert [one["id"] for one in service.get(PROPOSALS, who="paymaster")["items"]] == []
    assert [one["id"] for one in service.get(PROPOSALS, who="payroll")["items"]] == [where.rsplit("/", 1)[1]]
    key = collected(service, where, "payroll")["prefix"]
    assert service.get("/api/v1/payroll/months", who=key).status == 200


def test_a_proposal_is_taken_back_or_refused_until_it_is_collected_a_4(service: Service) -> None:
    where = approved(service)
    assert service.post(f"{where}/withdrawal", who="other admin").status == 200
    assert collected(service, where).kind == (409, "not_approved")
    assert service.post(f"{where}/withdrawal", who="admin").kind == (409, "not_proposed")
    assert service.get(where, who="admin")["withdrawn_by"] == "d5002"


def test_a_key_is_replaced_and_the_old_one_lives_on_for_as_long_as_was_said(service: Service) -> None:
    old = collected(service, approved(service))["prefix"]
    new = collected(service, approved(service, replaces=old, overlap_hours=0))["prefix"]
    assert [service.get(CASES, who=key).status for key in (old, new)] == [401, 200]


def test_what_was_to_be_replaced_may_have_been_revoked_meanwhile(service: Service) -> None:
    old = collected(service, approved(service))["prefix"]
    where = approved(service, replaces=old)
    assert service.ask("DELETE", f"/api/v1/keys/{old}", who="other admin").status == 200
    assert collected(service, where).status == 201
    assert service.post(PROPOSALS, wanted(replaces=old), who="admin").kind == (404, "not_found")


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"scopes": None}, "/scopes"),
        ({"scopes": ["read", "decide_erasure"]}, "/scopes"),
        ({"scopes": ["write"]}, "/scopes"),
        ({"expires_at": None}, "/expires_at"),
        ({"expires_at": ahead(days=400)}, "/expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
    ],
)
def test_a_programs_key_is_narrowed_and_ends_a_4(service: Service, facts: dict[str, Any], pointer: str) -> None:
    answer = service.post(PROPOSALS, wanted(**facts), who="admin")
    assert (answer.status, answer["errors"][0]["pointer"]) == (422, pointer)


def test_a_key_for_nobody_is_not_proposed(service: Service) -> None:
    assert service.post(PROPOSALS, wanted(agent="svc-nobody"), who="admin").kind == (404, "not_found")
    for path in ("00000000", "%00"):
        assert service.post(f"{PROPOSALS}/{path}/approval", who="admin").kind == (404, "not_found")
        assert service.ask("PUT", f"{PROPOSALS}/{path}/key", who="admin").kind == (404, "not_found")


def test_a_proposal_sent_again_is_one(service: Service) -> None:
    body = wanted()
    again = [service.post(PROPOSALS, body, who="admin", headers={"idempotency-key": "k1"}) for _ in range(2)]
    assert again[0]["id"] == again[1]["id"]


def test_lists_are_paged_the_newest_first(service: Service) -> None:
    everything = [one["id"] for one in service.get(f"{PROPOSALS}?limit=500", who="admin")["items"]]
    page = service.get(f"{PROPOSALS}?limit=1", who="admin")
    following = service.get(f"{PROPOSALS}?limit=1&after={page['next']}", who="admin")
    assert [page["items"][0]["id"], following["items"][0]["id"]] == everything[:2]
    assert service.get(f"{PROPOSALS}?after=nothing", who="admin").status == 422


def test_no_key_of_a_program_begins_a_session_a_4(service: Service) -> None:
    key = collected(service, approved(service))["key"]
    assert send(service, "/sign-in", {"key": key}).status == 401
