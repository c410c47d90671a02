"""The workload over the API: hard cases per agent, for supervisors (Q-8)."""

import pytest

from tests.adapters.http.serving import Service

WORKLOAD = "/api/v1/workload"


def test_a_supervisor_sees_the_load_of_the_team_q_8(service: Service) -> None:
    case = service.receive(on_site=True)
    found = service.get(f"{WORKLOAD}?min_position={case.position}", who="supervisor")
    loads = {load["agent"]: load for load in found["items"]}
    assert loads["a1001"]["hard"] == loads["a1001"]["on_site"] == 1
    assert (loads["a1001"]["name"], loads["a1001"]["shift"]) == ("who-is-agent", None)
    assert "a1003" not in loads  # of the other team


def test_a_supervisor_of_one_team_does_not_see_another_q_8(service: Service) -> None:
    found = service.get(f"{WORKLOAD}?team=t1", who="second")
    assert {load["agent"] for load in found["items"]} == {"a1003"}


@pytest.mark.parametrize("who", ["agent", "payroll", "auditor", "admin"])
def test_the_load_of_others_is_for_supervisors_a_4(service: Service, who: str) -> None:
    refused = service.get(WORKLOAD, who=who)
    assert (refused.kind, refused["rule"]) == ((403, "forbidden"), "A-4")
