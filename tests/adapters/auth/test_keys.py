"""Keys to the API: narrowed, ending, replaced, revoked; and whose they may be (A-4)."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.auth.api_keys import Limits
from adapters.http.app import create_app, document
from application.permissions import FOR_PEOPLE, READING, SCOPES, Action
from domain.values import AgentId
from tests.adapters.auth.coming_in import send
from tests.adapters.http.serving import CASES, Answer, Service, ahead, receipt

OWN, ALL = "/api/v1/own-keys", "/api/v1/keys"


def make(service: Service, who: str = "agent", path: str = OWN, **body: Any) -> Answer:
    """Make a key, of which the answer tells; the tests know it by its prefix from then on."""
    prefix = secrets.token_hex(4)
    answer = service.ask("PUT", f"{path}/{prefix}", {"label": "试用", **body}, who=who)
    if answer.status == 201:
        service.keys[prefix] = answer["key"]
    return answer


def prefixes(service: Service, who: str = "agent", path: str = OWN) -> set[str]:
    """The keys that are listed."""
    return {item["prefix"] for item in service.get(path, who=who)["items"]}


@pytest.fixture(scope="module")
def program(service: Service) -> str:
    """The number of a service account."""
    body = {"id": "svc-export", "name": "夜间导出", "role": "auditor", "joined_on": "2024-01-01"}
    assert service.post("/api/v1/agents", body, who="admin").status == 201
    return "svc-export"


# ---- scopes ---------------------------------------------------------------------------------------------------------
def test_reading_is_what_no_command_stands_behind() -> None:
    methods: dict[Action, set[str]] = {}
    for item in document(create_app(None))["paths"].values():  # type: ignore[arg-type]
        for method, operation in item.items():
            if "x-action" in operation:
                methods.setdefault(Action(operation["x-action"]), set()).add(method)
    assert {action for action, used in methods.items() if used == {"get"}} == READING
    assert FOR_PEOPLE < SCOPES


def test_a_key_for_reading_reads_and_changes_nothing(service: Service) -> None:
    case = service.receive()
    key = make(service, scopes=["read"])["prefix"]
    assert service.get(case.url, who=key).status == 200
    for answer in (
        service.post(CASES, receipt(), who=key),
        service.post(f"{case.url}/notes", {"text": "不行"}, who=key),
        service.get(OWN, who=key),
    ):
        assert answer.kind == (403, "out_of_scope")


def test_a_key_for_reading_sees_personal_data_masked(service: Service) -> None:
    case = service.receive(narrative="只给人看的话")
    key = make(service, scopes=["read"])["prefix"]
    assert "只给人看的话" not in service.get(case.url, who=key).raw.decode()
    assert "只给人看的话" in service.get(case.url).raw.decode()


def test_a_key_does_what_it_names_and_nothing_beside(service: Service) -> None:
    key = make(service, scopes=["open_case"])["prefix"]
    made = service.post(CASES, receipt(), who=key)
    assert made.status == 201
    assert service.get(f"{CASES}/{made['id']}", who=key).kind == (403, "out_of_scope")


def test_a_scope_gives_nothing_that_the_role_does_not(service: Service) -> None:
    key = make(service, scopes=["close_months", "write", "read"])["prefix"]
    assert service.post("/api/v1/payroll/months/2026-01/freeze", {}, who=key).kind == (403, "forbidden")


def test_a_narrowed_key_makes_none_that_is_wider_and_begins_no_session(service: Service) -> None:
    key = make(service, scopes=["keep_keys", "read"])["prefix"]
    assert make(service, key).status == 403
    assert make(service, key, scopes=["write"]).status == 403
    assert make(service, key, scopes=["read"]).status == 201
    assert send(service, "/sign-in", {"key": service.keys[key]}).status == 401
    assert send(service, "/sign-in", {"key": service.keys["agent"]}).status == 303


# ---- their life -----------------------------------------------------------------------------------------------------
def test_keys_are_listed_without_their_secrets_and_with_their_last_use(service: Service) -> None:
    prefix = make(service, "supervisor", scopes=["read"], expires_at=ahead(days=9))["prefix"]
    service.get("/api/v1/teams", who=prefix)
    listed = service.get(OWN, who="supervisor")
    (item,) = [one for one in listed["items"] if one["prefix"] == prefix]
    assert (item["agent"], item["label"], item["scopes"]) == ("s2001", "试用", ["read"])
    assert datetime.now(UTC) - datetime.fromisoformat(item["used_at"]) < timedelta(minutes=2)
    secret = service.keys[prefix].split("_", 2)[2]
    assert secret not in listed.raw.decode()
    assert service.rows("SELECT 1 FROM access.api_keys k WHERE k::text LIKE %s", f"%{secret}%") == []


def test_a_replaced_key_lives_on_for_as_long_as_was_said(service: Service) -> None:
    old = make(service, expires_at=ahead(days=30))["prefix"]
    new = make(service, replaces=old, overlap_hours=2)["prefix"]
    assert [service.get("/api/v1/teams", who=key).status for key in (old, new)] == [200, 200]
    ((hours,),) = service.rows(
        "SELECT round(extract(epoch FROM expires_at - now()) / 360) / 10 FROM access.api_keys WHERE prefix = %s", old
    )
    assert hours == 2
    newest = make(service, replaces=new, overlap_hours=0)["prefix"]
    assert [service.get("/api/v1/teams", who=key).status for key in (new, newest)] == [401, 200]


def test_a_prefix_is_given_once(service: Service) -> None:
    prefix = make(service)["prefix"]
    body = {"label": "再来一次"}
    assert service.ask("PUT", f"{OWN}/{prefix}", body).kind == (409, "prefix_taken")
    assert service.ask("DELETE", f"{OWN}/{prefix}").status == 200
    assert service.ask("PUT", f"{OWN}/{prefix}", body).kind == (409, "prefix_taken")
    assert service.get("/api/v1/teams", who=prefix).status == 401
    assert service.ask("DELETE", f"{OWN}/{prefix}").status == 404


def test_nobody_has_more_than_twenty(service: Service) -> None:
    answers = [make(service, "paymaster").status for _ in range(20)]
    assert answers == [201] * 19 + [409]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scopes": ["everything"]}, "/scopes/0"),
        ({"scopes": []}, "/scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"overlap_hours": 169}, "/overlap_hours"),
        ({"label": " "}, "/label"),
    ],
)
def test_what_cannot_be_a_key_is_refused(service: Service, body: dict[str, Any], pointer: str) -> None:
    answer = make(service, **body)
    assert (answer.status, answer["errors"][0]["pointer"]) == (422, pointer)


# ---- whose ----------------------------------------------------------------------------------------------------------
def test_keys_are_ones_own(service: Service) -> None:
    prefix = make(service)["prefix"]
    assert prefix in prefixes(service)
    assert prefix not in prefixes(service, "colleague")
    assert service.ask("DELETE", f"{OWN}/{prefix}", who="colleague").status == 404
    assert make(service, "colleague", replaces=prefix).status == 404
    assert service.get("/api/v1/teams", who=prefix).status == 200


def test_admins_see_and_revoke_all(service: Service) -> None:
    prefix = make(service)["prefix"]
    assert prefix in prefixes(service, "admin", ALL)
    assert prefix in prefixes(service, "auditor", ALL)
    assert service.get(ALL, who="supervisor").kind == (403, "forbidden")
    assert service.ask("DELETE", f"{ALL}/{prefix}", who="auditor").kind == (403, "forbidden")
    assert service.ask("DELETE", f"{ALL}/{prefix}", who="admin").status == 200
    assert service.get("/api/v1/teams", who=prefix).status == 401


def test_what_one_makes_alone_ends_a_4(service: Service) -> None:
    prefix = make(service)["prefix"]
    (item,) = [one for one in service.get(OWN)["items"] if one["prefix"] == prefix]
    lasts = datetime.fromisoformat(item["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < lasts < timedelta(days=91)
    answer = make(service, expires_at=ahead(days=367))
    assert (answer.status, answer["errors"][0]["pointer"]) == (422, "/expires_at")


def test_a_program_that_got_a_wider_key_otherwise_still_has_no_session(service: Service, program: str) -> None:
    key = service.run(service.services.keys.create(AgentId(program), Limits()))
    assert send(service, "/sign-in", {"key": key}).status == 401
