"""Every tariff scenario lived through over the API: its lines, and what is paid (rulebook part 5)."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.bootstrap import OPERATOR, operators_command
from application import wire
from domain.payroll.events import MonthEnded
from domain.values import AgentId, Month
from tests.adapters.http.ledgers import CONFIRMATIONS, REPORTS, closed, found, frozen, month_of, taken
from tests.adapters.http.serving import ANALYSIS, Factory, Service, running_service
from tests.projections.projecting import eventually

SHARED = Path(__file__).parents[4] / "shared" / "scenarios"
OWN = Path(__file__).parents[1] / "intake" / "scenarios"
LIVED = ("agent-who-left", "exams-over-the-new-year", "ranking-ties", "shift-over-the-month-end")
"""Of our own those whose facts have happened by now, in the zone of the service, in few months."""
FILES = [*sorted(SHARED.glob("*.yaml")), *(OWN / f"{name}.yaml" for name in LIVED)]
FACTS = "/api/v1/facts"
MONTHLY = {"member_callbacks", "exam"}


@pytest.fixture
def service(database_factory: Factory, tmp_path: Path) -> Iterator[Service]:
    """A service of its own for every scenario."""
    with database_factory() as database, running_service(database, tmp_path) as service:
        yield service


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_lived_through_gives_exactly_its_lines_and_nets(service: Service, file: Path) -> None:
    scenario = yaml.safe_load(file.read_text("utf-8"))
    assert scenario["timezone"] == "Asia/Shanghai"
    settle_in(service, scenario)
    position = max(record(service, fact) for fact in scenario["facts"])
    months_have_ended(service, scenario)
    confirm_all(service, position)
    pay(service, scenario)
    lines = [one for kind in ("bonuses", "penalties") for one in found(service, kind)]
    assert Counter((one["agent"], one["code"], one["amount_fen"]) for one in lines) == Counter(
        map(tuple, scenario["expect"])
    )
    assert {one["status"] for one in lines} <= {"earned", "confirmed"}
    assert all(one["posted_month"] == one["month"] for one in lines)
    assert paid(service, scenario) == {agent: dict(months) for agent, months in scenario["net"].items()}


def test_who_has_a_line_by_a_missed_call_does_not_withdraw_it_l_0(service: Service) -> None:
    """A supervisor on duty then; another one may."""
    at = {"start": "2026-03-02T09:00:00+08:00", "end": "2026-03-02T17:00:00+08:00"}
    planned = {"date": "2026-03-02", "kind": "early", **at, "agents": ["a1001"], "supervisor": "s2001"}
    taken(service, "/api/v1/shifts", planned, "second")
    missed = taken(service, f"{FACTS}/missed-calls", {"at": "2026-03-02T16:05:10+08:00"}, "agent")
    assert {line["agent"] for line in found(service, "penalties", missed["position"])} == {"a1001", "s2001"}
    path = f"{FACTS}/missed-calls/{missed['id']}/withdrawal"
    refused = service.post(path, {"reason": "x"}, who="supervisor")
    assert (refused.kind, refused["rule"]) == ((403, "about_you"), "L-0")
    assert {line["status"] for line in found(service, "penalties")} == {"proposed"}
    withdrawn = taken(service, path, {"reason": "打错了"}, "second")["position"]
    assert {line["status"] for line in found(service, "penalties", withdrawn)} == {"dismissed"}


# ---- before the facts -----------------------------------------------------------------------------------------------
def people(scenario: dict[str, Any]) -> set[str]:
    named = {agent for agent, _, _ in scenario["expect"]}
    for fact in scenario["facts"]:
        named |= {*fact.get("agents", ())} | ({fact["agent"]} if "agent" in fact else set())
    for shift in scenario.get("shifts", ()):
        named |= {*shift["agents"], shift["supervisor"]}
    return named


def settle_in(service: Service, scenario: dict[str, Any]) -> None:
    """Register the people and merchants a scenario names, and plan its shifts."""

    async def register() -> None:
        for agent in people(scenario):
            role = "supervisor" if agent.startswith("s") else "agent"
            facts = {"name": agent, "role": role, "rank": None, "team": "t1", "joined_on": date(2000, 1, 1)}
            await service.services.masters.register_agent(AgentId(agent), facts, OPERATOR, operators_command())
        for merchant in {fact["merchant"] for fact in scenario["facts"] if "merchant" in fact}:
            await service.services.masters.register_merchant(merchant, merchant, OPERATOR, operators_command())

    service.run(register())
    for shift in scenario.get("shifts", ()):
        taken(service, "/api/v1/shifts", {**shift, "date": str(shift["date"])}, "supervisor")


# ---- the facts ------------------------------------------------------------------------------------------------------
def record(service: Service, fact: dict[str, Any]) -> int:
    """Record a fact; the position."""
    facts = {name: str(value) if name == "month" else value for name, value in fact.items() if name != "kind"}
    return _RECORD[fact["kind"]](service, facts)


def _posted(path: str) -> Callable[[Service, dict[str, Any]], int]:
    return lambda service, facts: int(taken(service, f"{FACTS}/{path}", facts, "supervisor")["position"])


def _fault(service: Service, facts: dict[str, Any]) -> int:
    """A case in which each agent's fault is found; a complaint about an attitude is a supervisor's to investigate."""
    case = service.case("clarified", received_at=facts["at"], happened_at=facts["at"])
    service.give(case, "investigation", {"findings": "听了录音", "evidence": []}, who="supervisor")
    faults = [{"agent": agent, "fault": facts["fault"], "ref": "1"} for agent in facts["agents"]]
    service.give(case, "analysis", {**ANALYSIS, "attribution": "company", "faults": faults}, who="supervisor")
    return case.position


def _conduct(service: Service, facts: dict[str, Any]) -> int:
    path = f"{REPORTS}/{taken(service, REPORTS, facts, 'supervisor')['id']}/decision"
    return int(taken(service, path, {"decision": "confirmed"}, "supervisor")["position"])


_RECORD: dict[str, Callable[[Service, dict[str, Any]], int]] = {
    "order": _posted("orders"),
    "member_callbacks": _posted("member-callbacks"),
    "exam": _posted("exams"),
    "missed_call": _posted("missed-calls"),
    "phone_fault": _posted("phone-faults"),
    "points_shortage": _posted("points-shortages"),
    "conduct": _conduct,
    "case_fault": _fault,
}


# ---- after the facts ------------------------------------------------------------------------------------------------
def months_have_ended(service: Service, scenario: dict[str, Any]) -> None:
    """Wait until the months are over whose exams and callbacks are judged together."""
    monthly = {str(fact["month"]) for fact in scenario["facts"] if fact["kind"] in MONTHLY}

    def ended() -> set[str]:
        rows = service.rows("SELECT topic, state FROM log.events WHERE topic = 'payroll.month_ended'")
        events = [wire.decode_event(topic, bytes(state)) for topic, state in rows]
        return {str(event.month) for event in events if isinstance(event, MonthEnded)}

    async def wait() -> None:
        await eventually(lambda: monthly <= ended())

    service.run(wait())


def confirm_all(service: Service, position: int) -> None:
    """A supervisor confirms whatever is proposed; what is theirs, another one."""
    [(head,)] = service.rows("SELECT max(notification_id) FROM log.events")
    waiting = found(service, "penalties", max(position, head), status="proposed")
    if waiting:
        taken(service, CONFIRMATIONS, {"entries": [one["entry_id"] for one in waiting]}, "second")


def pay(service: Service, scenario: dict[str, Any]) -> None:
    """Freeze and close every month from the first with a line to the last, in their order."""
    months = sorted(Month.parse(month) for net in scenario["net"].values() for month in net)
    month = months[0]
    while month <= months[-1]:
        frozen(service, str(month))
        closed(service, str(month))
        month = month.after


def paid(service: Service, scenario: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What every statement of these months pays, by agent and month."""
    nets: dict[str, dict[str, int]] = {}
    for month in sorted({month for net in scenario["net"].values() for month in net}):
        for one in service.get(month_of(month), who="auditor")["statements"]:
            nets.setdefault(one["agent"], {})[month] = one["net_fen"]
    return nets
