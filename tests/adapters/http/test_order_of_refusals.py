"""Of two faults in one request the earlier is told: 401, 403, 404, 422, idempotency, 428, 412, 409 (contract 3)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.values import AgentId
from tests.adapters.http.bodies import a_shift, today, wage
from tests.adapters.http.facts_given import ready
from tests.adapters.http.serving import ANALYSIS, CASES, CLARIFICATION, RESOLUTION, Service, ahead, receipt

UNKNOWN = "00000000-0000-4000-8000-000000000000"
NOWHERE = f"{CASES}/{UNKNOWN}"
BAD = {"no": "such field"}
MASTERS = {
    "/api/v1/agents/{}/team": {"team": "t1"},
    "/api/v1/agents/{}/limit": {"from_day": "2026-01-01", "limit_fen": 1},
    "/api/v1/agents/{}/departure": {"last_day": "2026-01-01"},
    "/api/v1/teams/{}/name": {"name": "x"},
    "/api/v1/departments/{}/name": {"name": "x"},
    "/api/v1/departments/{}/matters": {"matters": []},
    "/api/v1/merchants/{}/signing": {"from_day": "2026-01-01", "signed": True},
    "/api/v1/merchants/{}/recommendation": {"from_day": "2026-01-01", "recommended": True},
}

REASON: dict[str, object] = {"reason": "写明原因"}
NAMED: dict[str, tuple[str, dict[str, object]]] = {
    "/api/v1/facts/orders/{}/seating": ("supervisor", {}),
    "/api/v1/facts/exams/{}/withdrawal": ("supervisor", REASON),
    "/api/v1/facts/conduct-reports/{}/decision": ("supervisor", {"decision": "confirmed"}),
    "/api/v1/facts/quality-reviews/{}/dispute": ("agent", REASON),
    "/api/v1/shifts/{}/roster": ("supervisor", REASON),
    "/api/v1/tariffs/{}/withdrawal": ("admin", REASON),
    "/api/v1/payroll-policies/{}/withdrawal": ("admin", REASON),
    "/api/v1/ledgers/entries/{}/appeals": ("agent", REASON),
    "/api/v1/appeals/{}/decision": ("supervisor", {"decision": "upheld", **REASON}),
    "/api/v1/payroll/months/{}/freeze": ("payroll", {}),
}
"""Commands on something beside cases and masters: who may give them, and a right body."""


@pytest.mark.parametrize("key", [None, "Basic x", "Bearer", "Bearer nonsense", "Bearer rk_00000000_x", "Bearer é"])
def test_401_comes_before_everything(service: Service, key: str | None) -> None:
    sent = {b"authorization": key.encode()} if key else {}
    refused = service.run(service.client.post(f"{NOWHERE}/closing", json=BAD, headers=sent))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert refused.headers["www-authenticate"] == "Bearer"


def test_a_revoked_key_opens_no_door(service: Service) -> None:
    service.keys["lost"] = key = service.run(service.services.keys.create(AgentId("s2002")))
    assert service.get(CASES, who="lost").status == 200
    assert service.run(service.services.keys.revoke(key.split("_")[1]))
    assert service.get(CASES, who="lost").status == 401


def test_403_by_role_comes_before_404_and_422_a_4(service: Service) -> None:
    refused = service.post(f"{NOWHERE}/closing", BAD, who="auditor")
    assert (*refused.kind, refused["rule"]) == (403, "forbidden", "A-4")


@pytest.mark.parametrize("named", [NOWHERE, f"{CASES}/no-uuid", f"{CASES}/%00"])
def test_404_comes_before_422(service: Service, named: str) -> None:
    for path, body in (("closing", BAD), ("closing", {}), ("escalations/x/answer", BAD), ("notes?x=1", {"text": "x"})):
        assert service.post(f"{named}/{path}", body, who="supervisor").kind == (404, "not_found")


@pytest.mark.parametrize("path", MASTERS)
def test_404_comes_before_422_of_masters(service: Service, path: str) -> None:
    for item in ("nobody", "%00", "é"):
        for body in (BAD, MASTERS[path]):
            assert service.post(path.format(item), body, who="admin").kind == (404, "not_found"), body


@pytest.mark.parametrize("path", NAMED)
def test_404_comes_before_422_of_whatever_is_named(service: Service, path: str) -> None:
    who, right = NAMED[path]
    for item in ("nobody", "00000000-0000-4000-8000-000000000000", "%00", "é"):
        for body in (BAD, right):
            assert service.post(path.format(item), body, who=who).kind == (404, "not_found"), (item, body)


@pytest.mark.parametrize("path", NAMED)
def test_403_by_role_comes_before_404_and_422_of_whatever_is_named_a_4(service: Service, path: str) -> None:
    refused = service.post(path.format("nobody"), BAD, who="auditor")
    assert (*refused.kind, refused["rule"]) == (403, "forbidden", "A-4")


def test_403_of_anothers_fact_comes_before_422_a_4(service: Service) -> None:
    exam = ready(service, "exams")
    refused = service.get(f"/api/v1/facts/exams/{exam}?no=such", who="colleague")
    assert refused.kind == (403, "not_your_fact")


def test_404_comes_before_422_of_customers(service: Service) -> None:
    assert service.post("/api/v1/customers/nobody/texting", BAD).kind == (404, "not_found")


@pytest.mark.parametrize("number", ["2", "0", "x", "-1", "99999"])
def test_404_of_an_escalation_comes_before_422(service: Service, number: str) -> None:
    case = service.case("analysed")
    refused = service.post(f"{case.url}/escalations/{number}/answer", BAD, who="supervisor")
    assert refused.kind == (404, "not_found")


def test_a_new_master_is_found_at_once(service: Service) -> None:
    made = service.post("/api/v1/teams", {"id": "t3", "name": "x"}, who="admin")
    assert (made.status, made.headers["location"]) == (201, "/api/v1/teams/t3")
    assert service.post("/api/v1/teams/t3/name", BAD, who="admin").kind == (422, "invalid")


def test_403_of_the_other_team_comes_before_422_a_4(service: Service) -> None:
    assert service.post(f"{service.receive().url}/closing", BAD, who="stranger").kind == (403, "not_your_team")


@pytest.mark.parametrize("path", NAMED)
def test_404_comes_before_an_if_match_that_is_none(service: Service, path: str) -> None:
    who, right = NAMED[path]
    refused = service.post(path.format("nobody"), right, who=who, headers={"if-match": "3"})
    assert refused.kind == (404, "not_found")


def test_an_if_match_that_is_none_is_named(service: Service) -> None:
    refused = service.post(f"{service.receive().url}/notes", {"text": "x"}, headers={"if-match": "3"})
    assert (refused.kind, refused["errors"][0]["pointer"]) == ((422, "invalid"), "/If-Match")


def test_422_comes_before_428(service: Service) -> None:
    assert service.post(f"{service.receive().url}/clarification", BAD).kind == (422, "invalid")


def test_422_by_a_rule_comes_before_428_c_3(service: Service) -> None:
    refused = service.post(f"{service.receive().url}/clarification", {**CLARIFICATION, "confirmed_by_customer": False})
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "C-3")
    assert refused["errors"][0]["pointer"] == "/confirmed_by_customer"


def test_422_of_a_key_used_for_another_body_comes_before_428(service: Service) -> None:
    key = {"idempotency-key": str(uuid4())}
    case = service.receive()
    assert service.post(f"{case.url}/notes", {"text": "x"}, headers=key).status == 200
    reused = service.post(f"{case.url}/clarification", CLARIFICATION, headers=key)
    assert reused.kind == (422, "idempotency_key_reused")
    assert reused["errors"][0]["pointer"] == "/Idempotency-Key"


def test_403_and_404_come_before_a_key_used_for_another_request(service: Service) -> None:
    key, case = {"idempotency-key": str(uuid4())}, service.receive()
    assert service.post(f"{case.url}/notes", {"text": "x"}, who="stranger", headers=key).kind == (403, "not_your_team")
    theirs = service.receive(who="stranger")
    assert service.post(f"{theirs.url}/notes", {"text": "x"}, who="stranger", headers=key).status == 200
    assert service.post(f"{case.url}/notes", {"text": "x"}, who="stranger", headers=key).kind == (403, "not_your_team")
    assert service.post(f"{NOWHERE}/notes", {"text": "x"}, who="stranger", headers=key).kind == (404, "not_found")


def test_428_comes_before_409(service: Service) -> None:
    refused = service.post(f"{service.receive().url}/resolution", RESOLUTION)
    assert (*refused.kind, refused["version"]) == (428, "match_required", 1)


def test_412_comes_before_409(service: Service) -> None:
    refused = service.post(f"{service.receive().url}/resolution", RESOLUTION, version=7)
    assert (*refused.kind, refused["version"]) == (412, "stale", 1)


def test_a_shift_is_changed_at_the_version_seen_s_1(service: Service) -> None:
    path, right = f"/api/v1/shifts/{a_shift(service)}/roster", {"agents": ["a1002"], "reason": "补录"}
    assert service.post(path, BAD, who="second").kind == (422, "invalid")
    refused = service.post(path, right, who="second")
    assert (*refused.kind, refused["version"]) == (428, "match_required", 1)
    refused = service.post(path, right, who="second", version=7)
    assert (*refused.kind, refused["version"]) == (412, "stale", 1)
    assert service.post(path, right, who="second", version=1).headers["etag"] == '"v2"'


def test_a_payroll_month_is_frozen_at_the_version_seen_l_4(service: Service) -> None:
    path = "/api/v1/payroll/months/2999-01/freeze"
    assert service.post(path, BAD, who="payroll").kind == (422, "invalid")
    refused = service.post(path, {}, who="payroll")
    assert (*refused.kind, refused["version"]) == (428, "match_required", 0)
    refused = service.post(path, {}, who="payroll", version=7)
    assert (*refused.kind, refused["version"]) == (412, "stale", 0)
    refused = service.post(path, {}, who="payroll", version=0)
    assert (*refused.kind, refused["rule"], refused["version"]) == (409, "month_not_over", "L-4", 0)


def test_409_names_rule_and_way_out(service: Service) -> None:
    refused = service.post(f"{service.receive().url}/resolution", RESOLUTION, version=1)
    assert (*refused.kind, refused["rule"], refused["version"]) == (409, "not_on_the_way", "C-7", 1)
    assert "clarification" in refused["detail"]
    assert refused.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code"} <= {*refused.body}


# ---- 403, 404 and 422 where somebody or something unknown is named, which is 409 ------------------------------------
FAULT = {"agent": "nobody", "fault": "operation_error"}
TWICE = {**ANALYSIS, "attribution": "company", "faults": [FAULT, FAULT]}


@pytest.mark.parametrize("behind", [None, 0, 7])
def test_403_and_422_of_an_analysis_come_before_an_unknown_agent_c_4_c_5(service: Service, behind: int | None) -> None:
    case = service.case("investigated")
    path, version = f"{case.url}/analysis", None if behind is None else case.version + behind
    refused = service.post(path, TWICE, version=version)
    assert (*refused.kind, refused["rule"]) == (403, "forbidden", "C-4")
    refused = service.post(path, TWICE, who="supervisor", version=version)
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "C-5")


def test_428_and_412_come_before_an_unknown_agent_c_5(service: Service) -> None:
    case = service.case("investigated")
    path, once = f"{case.url}/analysis", {**TWICE, "faults": [FAULT]}
    assert service.post(path, once, who="supervisor").kind == (428, "match_required")
    assert service.post(path, once, who="supervisor", version=case.version + 7).kind == (412, "stale")
    refused = service.post(path, once, who="supervisor", version=case.version)
    assert (refused.kind, refused["errors"][0]["pointer"]) == ((409, "agent_unknown"), "/faults/0/agent")


@pytest.mark.parametrize(("agent", "kind"), [("ghost", (404, "not_found")), ("a1001", (409, "team_unknown"))])
def test_404_of_an_agent_comes_before_an_unknown_team(service: Service, agent: str, kind: tuple[int, str]) -> None:
    assert service.post(f"/api/v1/agents/{agent}/team", {"team": "nowhere"}, who="admin").kind == kind


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [({"rank": "head"}, "/rank"), ({"id": "ledger"}, "/id"), ({"id": "a1001", "rank": "head"}, "/rank")],
)
def test_422_of_a_new_agent_comes_before_an_unknown_team(
    service: Service, fault: dict[str, object], pointer: str
) -> None:
    body = {"id": "a1999", "name": "x", "role": "agent", "team": "nowhere", "joined_on": "2024-01-01"}
    refused = service.post("/api/v1/agents", {**body, **fault}, who="admin")
    assert (refused.kind, refused["errors"][0]["pointer"]) == ((422, "invalid"), pointer)
    assert service.post("/api/v1/agents", body, who="admin").kind == (409, "team_unknown")


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"away": "a1002", "to": "nobody"}, (403, "not_your_shift_to_give")),
        ({"away": "a1002", "to": "a1002"}, (403, "not_your_shift_to_give")),
        ({"to": "a1001"}, (422, "invalid")),
        ({"to": "a1002", "in_return": UNKNOWN}, (422, "invalid")),
        ({"to": "a1002"}, (409, "shift_unknown")),
    ],
)
def test_403_and_422_of_a_swap_come_before_what_is_unknown_s_5(
    service: Service, asked: dict[str, object], kind: tuple[int, str]
) -> None:
    refused = service.post("/api/v1/shifts/swaps", {"shift": UNKNOWN, **asked})
    assert (*refused.kind, refused["rule"]) == (*kind, "S-5")


def test_403_and_422_of_a_swap_come_before_a_key_used_for_another_body_s_5(service: Service) -> None:
    key, path = {"idempotency-key": str(uuid4())}, f"{service.receive().url}/notes"
    assert service.post(path, {"text": "x"}, headers=key).status == 200
    refused = service.post("/api/v1/shifts/swaps", {"shift": UNKNOWN, "to": "a1003", "away": "a1002"}, headers=key)
    assert refused.kind == (403, "not_your_shift_to_give")


def test_422_of_a_wage_comes_before_an_unknown_agent_l_5(service: Service) -> None:
    refused = service.post("/api/v1/wages", wage(agent="nobody", month="2999-01"), who="payroll")
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "L-5")


# ---- 403 that only the state shows, and 422 -------------------------------------------------------------------------
def test_403_of_who_is_not_on_the_late_shift_comes_before_422_s_4(service: Service) -> None:
    tomorrow = {"date": (today() + timedelta(days=1)).isoformat()}
    refused = service.post("/api/v1/daily-reports", tomorrow)
    assert (*refused.kind, refused["rule"]) == (403, "not_late_shift", "S-4")
    refused = service.post("/api/v1/daily-reports", tomorrow, who="supervisor")
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "S-4")


def test_403_of_the_own_duty_comes_before_422_l_0(service: Service) -> None:
    path, later = f"/api/v1/shifts/{a_shift(service)}/attendance", {"began_at": ahead()}
    refused = service.post(path, {"agent": "s2001", **later}, who="supervisor", version=1)
    assert (*refused.kind, refused["rule"]) == (403, "own_duty", "L-0")
    refused = service.post(path, {"agent": "a1001", **later}, who="supervisor", version=1)
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "S-6")


# ---- If-Match -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("etag", ['"v1"', ' "v1" ', 'W/"v1"'])
def test_the_etag_seen_is_taken_also_as_proxies_weaken_it(service: Service, etag: str) -> None:
    taken = service.post(f"{service.receive().url}/clarification", CLARIFICATION, headers={"if-match": etag})
    assert taken.status == 200


@pytest.mark.parametrize("etag", ["v1", "1", "*", '"v1", "v2"', "", '"v1'])
def test_what_is_no_single_etag_is_422(service: Service, etag: str) -> None:
    refused = service.post(f"{service.receive().url}/clarification", CLARIFICATION, headers={"if-match": etag})
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, "/If-Match")


@pytest.mark.parametrize("etag", ['"v2"', '"v0"', '"1"', '"v01x"', '"v９"', '"v' + "9" * 30 + '"', '""'])
def test_another_etag_is_stale(service: Service, etag: str) -> None:
    sent = {"if-match": etag.encode()}
    path = f"{service.receive().url}/clarification"
    refused = service.post(path, CLARIFICATION, headers=sent)
    assert (*refused.kind, refused["version"]) == (412, "stale", 1)


def test_a_note_with_a_stale_if_match_is_412_too(service: Service) -> None:
    assert service.post(f"{service.receive().url}/notes", {"text": "x"}, version=2).kind == (412, "stale")


def test_masters_take_if_match_but_do_not_need_it(service: Service) -> None:
    service.post("/api/v1/teams", {"id": "t4", "name": "x"}, who="admin")
    path = "/api/v1/teams/t4/name"
    assert service.post(path, {"name": "y"}, who="admin", version=9).kind == (412, "stale")
    taken = service.post(path, {"name": "y"}, who="admin", version=1)
    assert (taken.status, taken.headers["etag"]) == (200, '"v2"')


# ---- 422 of receipts ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"demands": []}, "/demands"),
        ({"demands": ["x", ""]}, "/demands/1"),
        ({"demands": ["  "]}, "/demands/0"),
        ({"narrative": None}, "/narrative"),
        ({"customer": {}}, "/customer/name"),
        ({"customer": {"name": "x", "a/b~c": 1}}, "/customer/a~1b~0c"),
        ({"channel": "fax"}, "/channel"),
        ({"received_at": "2026-01-01T00:00:00"}, "/received_at"),
        ({"received_at": "2026-01-01"}, "/received_at"),
        ({"received_at": 1767225600}, "/received_at"),
        ({"received_at": "2126-01-01T00:00:00Z"}, "/received_at"),
        ({"happened_at": "2026-02-30T00:00:00Z"}, "/happened_at"),
        ({"happened_at": "9999-12-31T23:59:59-14:00"}, "/happened_at"),
        ({"on_site": "yes"}, "/on_site"),
        ({"on_site": 1}, "/on_site"),
        ({"merchant": "=1+1"}, "/merchant"),
        ({"priority": 1}, "/priority"),
    ],
)
def test_422_points_at_the_field_c_1(service: Service, fault: dict[str, object], pointer: str) -> None:
    before = service.events()
    refused = service.post(CASES, receipt(**fault))
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, pointer)
    assert service.events() == before
