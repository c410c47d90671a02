"""Wages over the API (L-5), and deputies (L-0)."""

from datetime import timedelta
from typing import Any

import pytest

from domain.values import Actor, Month
from tests.adapters.http.bodies import WAGES, today, wage
from tests.adapters.http.serving import Answer, Service


def record(service: Service, **facts: object) -> Answer:
    answer = service.post(WAGES, wage(**facts), who="payroll")
    assert answer.status == 201, answer.body
    return answer


# ---- wages ----------------------------------------------------------------------------------------------------------
def test_a_wage_is_recorded_and_corrected_with_a_reason_l_5(service: Service) -> None:
    first = record(service)
    assert (first["id"], first.headers["location"]) == ("2026-03-a1001", f"{WAGES}/2026-03-a1001")
    assert record(service)["version"] == 1
    bare = service.post(WAGES, wage(gross_fen=510_000), who="payroll")
    assert (*bare.kind, bare["rule"], bare["errors"][0]["pointer"]) == (409, "reason_needed", "L-5", "/reason")
    second = record(service, gross_fen=510_000, minimum_wage_fen=1, reason="加班费漏计")
    shown = service.get(f"{second.headers['location']}?min_position={second['position']}", who="payroll")
    assert shown.headers["etag"] == '"v2"'
    assert shown.body == {
        "id": "2026-03-a1001",
        "agent": "a1001",
        "month": "2026-03",
        "gross_fen": 510_000,
        "minimum_wage_fen": 1,
        "version": 2,
        "position": second["position"],
    }
    [_, (state,)] = service.rows("SELECT state FROM log.events WHERE topic = 'wage.recorded' ORDER BY notification_id")
    assert b'"reason":{"subject":"' in state
    assert "加班费".encode() not in state


def test_wages_are_listed_by_month_and_agent(service: Service) -> None:
    record(service, month="2025-11", agent="s2001")
    last = record(service, month="2025-11", agent="a1002")
    seen = f"min_position={last['position']}"
    found = service.get(f"{WAGES}?month=2025-11&{seen}", who="auditor")
    assert [item["agent"] for item in found["items"]] == ["a1002", "s2001"]
    page = service.get(f"{WAGES}?month=2025-11&limit=1", who="payroll")
    assert page["next"] == "2025-11-a1002"
    rest = service.get(f"{WAGES}?month=2025-11&limit=1&after={page['next']}", who="payroll")
    assert ([item["agent"] for item in rest["items"]], rest["next"]) == (["s2001"], None)
    one = service.get(f"{WAGES}?agent=s2001&month=2025-11", who="payroll")
    assert [item["id"] for item in one["items"]] == ["2025-11-s2001"]


def test_agents_and_supervisors_see_their_own_wages_alone_a_4(service: Service) -> None:
    record(service, month="2025-10", agent="a1001")
    last = record(service, month="2025-10", agent="a1002")
    seen = f"min_position={last['position']}"
    own = service.get(f"{WAGES}?month=2025-10&{seen}", who="agent")
    assert [item["agent"] for item in own["items"]] == ["a1001"]
    assert service.get(f"{WAGES}?agent=a1002", who="agent")["items"] == []
    assert service.get(f"{WAGES}?month=2025-10&{seen}", who="supervisor")["items"] == []
    assert service.get(f"{WAGES}/2025-10-a1001", who="agent").status == 200
    assert service.get(f"{WAGES}/2025-10-a1002", who="agent").kind == (404, "not_found")
    assert service.get(f"{WAGES}/2025-10-a1002", who="auditor").status == 200


@pytest.mark.parametrize("who", ["agent", "supervisor", "auditor", "admin"])
def test_payroll_alone_records_wages_a_4(service: Service, who: str) -> None:
    assert service.post(WAGES, wage(), who=who).kind == (403, "forbidden")


def test_admins_read_no_wages_a_4(service: Service) -> None:
    assert service.get(WAGES, who="admin").kind == (403, "forbidden")


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"month": "2026-13"}, "/month"),
        ({"month": "2026-3"}, "/month"),
        ({"month": "2026-03-01"}, "/month"),
        ({"gross_fen": -1}, "/gross_fen"),
        ({"gross_fen": 1.5}, "/gross_fen"),
        ({"bogus": 1}, "/bogus"),
    ],
)
def test_422_points_at_the_field_l_5(service: Service, fault: dict[str, object], pointer: str) -> None:
    refused = service.post(WAGES, wage(**fault), who="payroll")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, pointer)


def test_a_month_to_come_has_no_wage_l_5(service: Service) -> None:
    month = Month.of(today()).after
    refused = service.post(WAGES, wage(month=str(month)), who="payroll")
    assert (*refused.kind, refused["rule"], refused["errors"][0]["pointer"]) == (422, "invalid", "L-5", "/month")


def test_an_unknown_agent_or_wage_is_told(service: Service) -> None:
    assert service.post(WAGES, wage(agent="nobody"), who="payroll").kind == (409, "agent_unknown")
    for item in ("nothing", "%00", "2026-03-nobody"):
        assert service.get(f"{WAGES}/{item}", who="payroll").kind == (404, "not_found")
    assert service.get(f"{WAGES}?month=2026-13", who="payroll").kind == (422, "invalid")


# ---- deputies -------------------------------------------------------------------------------------------------------
def day(ahead: int) -> str:
    return (today() + timedelta(days=ahead)).isoformat()


def deputy(**facts: object) -> dict[str, Any]:
    return {"from": day(-1), "to": day(1), "reason": "另一位主管休假", **facts}


def actor(service: Service, who: str) -> Actor:
    found = service.run(service.services.keys.actor(service.keys[who]))
    assert found is not None
    return found


def test_an_admin_names_a_deputy_l_0(service: Service) -> None:
    path = "/api/v1/agents/a1002/deputy"
    assert not actor(service, "colleague").deputy
    to_come = service.post(path, deputy(**{"from": day(2), "to": day(3)}), who="admin")
    assert (to_come.status, actor(service, "colleague").deputy) == (200, False)
    named = service.post(path, deputy(), who="admin")
    assert (named["version"], actor(service, "colleague").deputy) == (to_come["version"] + 1, True)
    assert service.post(path, deputy(), who="admin")["version"] == named["version"]
    shown = service.get(f"/api/v1/agents/a1002?min_position={named['position']}")
    assert shown["version"] == named["version"]


@pytest.mark.parametrize("who", ["agent", "supervisor", "payroll", "auditor"])
def test_nobody_else_names_deputies_a_4(service: Service, who: str) -> None:
    assert service.post("/api/v1/agents/a1001/deputy", deputy(), who=who).kind == (403, "forbidden")


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"to": day(-2), "from": day(-3)}, "/to"),
        ({"to": day(0), "from": day(1)}, "/to"),
        ({"reason": ""}, "/reason"),
        ({"from": "x"}, "/from"),
    ],
)
def test_days_that_cannot_be_meant_are_422_l_0(service: Service, fault: dict[str, object], pointer: str) -> None:
    refused = service.post("/api/v1/agents/a1001/deputy", deputy(**fault), who="admin")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, pointer)


def test_only_known_agents_are_made_deputies_l_0(service: Service) -> None:
    for item in ("nobody", "%00"):
        assert service.post(f"/api/v1/agents/{item}/deputy", deputy(), who="admin").kind == (404, "not_found")
    refused = service.post("/api/v1/agents/s2001/deputy", deputy(), who="admin")
    assert (*refused.kind, refused["rule"]) == (409, "not_eligible", "L-0")
