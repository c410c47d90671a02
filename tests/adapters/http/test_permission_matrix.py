"""Every role at every route, own and others': exactly what the table grants, and no route outside it (A-4)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from fastapi.routing import APIRoute

from adapters.http.app import OPENAPI, ROUTERS, create_app, document
from adapters.http.door import Door
from adapters.http.parts import Parts
from application.permissions import DEPUTISED, PERMISSIONS, Action
from domain.values import Role
from tests.adapters.http.bodies import wage
from tests.adapters.http.facts_given import BODIES, ready
from tests.adapters.http.ledgers_given import a_confirmed_line, a_proposed_line
from tests.adapters.http.serving import Answer, Service

NO_KEY = {"/livez", "/readyz", "/version", "/metrics", OPENAPI}
"""What everybody may ask: nothing of anybody stands there."""
BESIDE_ROUTES = {Action.OPEN_PERSONAL_DATA}
"""Rows of the table that are asked for within routes."""
NOBODYS = {
    **dict.fromkeys(("case_id", "fact_id", "swap_id", "appeal_id"), "00000000-0000-4000-8000-000000000000"),
    "day": "2001-01-01",
    "month": "1999-01",
    "number": "1",
    "level": "0",
    "index": "000",
}
"""What the braces of a path are filled with, so that nothing is there; `nobody` for all others."""
CONTRACT: dict[Action, str] = {
    Action.OPEN_CASE: "agent supervisor",
    Action.WORK_ON_CASE: "agent supervisor",
    Action.READ_CASE: "agent supervisor auditor",
    Action.RECORD_FACTS: "agent supervisor admin",
    Action.RECORD_WAGES: "payroll",
    Action.READ_LEDGERS: "agent supervisor payroll auditor",
    Action.DECIDE_LINES: "supervisor",
    Action.DECIDE_CONDUCT: "supervisor",
    Action.RELEASE_SHIFTS: "supervisor",
    Action.DECIDE_SWAPS: "supervisor",
    Action.NAME_DEPUTIES: "admin",
    Action.CLOSE_MONTHS: "payroll",
    Action.EXPORT_MONTHS: "payroll auditor",
    Action.PUBLISH: "admin",
    Action.AUDIT: "auditor",
    Action.DECIDE_ERASURE: "auditor",
    Action.CONFIRM_ERASURE: "admin",
}
"""The contract's own table of roles, for those of its rows that stand for one action."""
Operation = tuple[str, str, Action]


def operations() -> Iterator[Operation]:
    """Method, path and action of every route that needs a key."""
    for path, item in document(create_app(cast("Parts", None)))["paths"].items():
        for method, operation in item.items():
            if path not in NO_KEY:
                yield method.upper(), path, Action(operation["x-action"])


OPERATIONS = sorted(operations())


def filled(path: str, **named: str) -> str:
    """The path with its braces filled."""
    return re.sub(r"{(\w+)}", lambda found: named.get(found[1]) or NOBODYS.get(found[1], "nobody"), path)


def asked(service: Service, method: str, path: str, who: str | None, **named: str) -> Answer:
    """Ask with a body that says nothing, so that nothing happens where it is read."""
    body: Any = {"nothing": True} if method == "POST" else None
    return service.ask(method, filled(path, **named), body, who=who)


# ---- the table ------------------------------------------------------------------------------------------------------
def test_the_table_is_the_contracts_a_4() -> None:
    assert {action: " ".join(role for role in Role if role in PERMISSIONS[action]) for action in CONTRACT} == CONTRACT
    assert {*PERMISSIONS} == {*Action}


def test_no_route_stands_outside_the_table_a_4() -> None:
    there = [route for router in ROUTERS for route in router.routes]
    routes = [route for route in there if isinstance(route, APIRoute)]
    assert len(routes) == len(there)
    assert {route.path for route in routes if not isinstance(route, Door)} == NO_KEY - {OPENAPI}
    guarded = [route for route in routes if isinstance(route, Door)]
    assert not [route.path for route in guarded if not route.include_in_schema]
    assert len(guarded) == len(OPERATIONS)


def test_every_row_of_the_table_guards_something_a_4() -> None:
    assert {*PERMISSIONS} - {action for _, _, action in OPERATIONS} == BESIDE_ROUTES


# ---- every role at every route --------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", Role)
def test_a_role_passes_where_the_table_says_so_and_nowhere_else_a_4(service: Service, role: Role) -> None:
    assert len(OPERATIONS) > 150
    differing = []
    for method, path, action in OPERATIONS:
        answer = asked(service, method, path, str(role))
        refused = answer.kind == (403, "forbidden")
        if refused is (role in PERMISSIONS[action]) or answer.status in {401, 500}:
            differing.append((method, path, answer.kind))
    assert differing == []


def test_without_a_key_nobody_passes_a_4(service: Service) -> None:
    passed = [path for method, path, _ in OPERATIONS if asked(service, method, path, None).status != 401]
    assert passed == []


def test_a_deputy_passes_where_supervisors_alone_do_as_far_as_deputies_may_l_0(service: Service) -> None:
    today = datetime.now(UTC).date().isoformat()
    named = {"from": today, "to": "2999-01-01", "reason": "替班"}
    assert service.post("/api/v1/agents/a1003/deputy", named, who="admin").status == 200
    for method, path, action in OPERATIONS:
        if Role.AGENT not in PERMISSIONS[action]:
            refused = asked(service, method, path, "stranger").kind == (403, "forbidden")
            assert refused is (action not in DEPUTISED), (method, path)


# ---- own and others' ------------------------------------------------------------------------------------------------
def of(prefix: str, role: Role = Role.AGENT) -> list[Operation]:
    """The operations below a path that the role may come to."""
    return [one for one in OPERATIONS if one[1].startswith(prefix) and role in PERMISSIONS[one[2]]]


def test_every_route_of_a_case_is_closed_to_agents_of_another_team_a_4(service: Service) -> None:
    case = service.receive()
    found = [one for one in of("/api/v1/cases/{case_id}") if "/drafts/" not in one[1]]  # those are one's own
    assert len(found) > 25
    for method, path, _ in found:
        assert asked(service, method, path, "stranger", case_id=case.id).kind == (403, "not_your_team"), path
        for who in ("agent", "colleague", "supervisor", "second"):
            assert asked(service, method, path, who, case_id=case.id).status != 403, (who, path)


@pytest.mark.parametrize("kind", BODIES)
def test_every_route_of_a_fact_is_closed_to_other_agents_a_4(service: Service, kind: str) -> None:
    service.post("/api/v1/merchants", {"id": "m1", "name": "m"}, who="admin")
    fact = ready(service, kind)
    data = service.get(f"/api/v1/facts/{kind}/{fact}", who="supervisor")["data"]
    whose = {data[name] for name in ("agent", "follow_up", "order_agent", "duty_agent") if data.get(name)}
    for method, path, _ in of(f"/api/v1/facts/{kind}/{{fact_id}}"):
        for who, number in (("agent", "a1001"), ("colleague", "a1002")):
            refused = asked(service, method, path, who, fact_id=fact).kind == (403, "not_your_fact")
            assert refused is bool(whose and number not in whose), (who, path)


def test_lines_and_statements_are_ones_own_a_4(service: Service) -> None:
    line = a_confirmed_line(service)
    month = service.get(f"/api/v1/ledgers/entries/{line}", who="payroll")["month"]
    for path in (f"/api/v1/ledgers/entries/{line}", f"/api/v1/payroll/months/{month}/statements/a1002"):
        seen = {who: service.get(path, who=who).status for who in ("colleague", "agent", "supervisor", "second")}
        assert seen == {"colleague": 200, "agent": 404, "supervisor": 200, "second": 404}, path
    for who in ("agent", "stranger"):
        rows = service.get("/api/v1/ledgers/penalties?limit=500", who=who)["items"]
        assert {row["agent"] for row in rows} <= {"a1001" if who == "agent" else "a1003"}


def test_nobody_decides_on_a_line_of_their_own_l_0(service: Service) -> None:
    at = datetime.now(UTC).isoformat()
    report = {"agent": "s2001", "at": at, "code": "P-MINOR"}
    made = service.post("/api/v1/facts/conduct-reports", report, who="second")
    query = f"agent=s2001&status=proposed&min_position={made['position']}"
    entry = service.get(f"/api/v1/ledgers/penalties?{query}", who="payroll")["items"][0]["entry_id"]
    for path, body in (("confirmations", {}), ("dismissals", {"reason": "没有的事"})):
        answer = service.post(f"/api/v1/ledgers/penalties/{path}", {"entries": [entry], **body}, who="supervisor")
        assert (answer.status, answer["rule"]) == (403, "L-0")
    assert a_proposed_line(service) != entry


def test_wages_are_ones_own_a_4(service: Service) -> None:
    service.seen(service.post("/api/v1/wages", wage(month="2025-11"), who="payroll")["position"])
    seen = {
        who: service.get("/api/v1/wages/2025-11-a1001", who=who).status for who in ("agent", "supervisor", "auditor")
    }
    assert seen == {"agent": 200, "supervisor": 404, "auditor": 200}
    assert service.get("/api/v1/wages/2025-11-a1001", who="colleague").status == 404
