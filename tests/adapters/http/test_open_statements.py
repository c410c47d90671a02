"""The statement of an open month: what is posted so far, and what closing now would make of it (L-4, L-5)."""

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from adapters.bootstrap import operators_command
from domain.payroll.policy import PayrollPolicy
from domain.values import Actor, AgentId, Month, Role
from tests.adapters.http.bodies import WAGES, in_force, policy, wage
from tests.adapters.http.ledgers import closed, confirmed, finished_order, frozen, month_of, penalty, taken
from tests.adapters.http.serving import Service

WAIVED, CARRIED, DEDUCTED = Month(2005, 1), Month(2005, 4), Month(2005, 7)
"""From these months on what no bonus covers is waived, is carried forward, comes out of the wage."""
DEDUCTING = {"mode": "wage_deduction", "published_on": "2005-01-01", "minimum_wage_fen": 200_000}
AGENTS = ("a1001", "a1002", "a1003")


@pytest.fixture(scope="module", autouse=True)
def policies(service: Service) -> None:
    """The policies of the months, the last one acknowledged by a1001 and a1002 alone."""
    plain = (
        policy(valid_from=str(WAIVED.first_day), mode="bonus_offset"),
        policy(valid_from=str(CARRIED.first_day), mode="bonus_offset", carry_forward=True),
        policy(valid_from=str(DEDUCTED.first_day), **DEDUCTING),
    )
    made = [msgspec.convert(one, PayrollPolicy) for one in plain]
    for document in made:
        in_force(service, service.services.payroll_policies, document)
    for agent in map(AgentId, AGENTS[:2]):
        by = Actor(agent, Role.AGENT)
        service.run(service.services.payroll_policies.acknowledge(made[-1].version, by, operators_command()))


def statement(service: Service, month: Month, agent: str, position: int, then: int | None = None) -> dict[str, Any]:
    as_of = "" if then is None else f"&as_of={then}"
    path = f"{month_of(str(month))}/statements/{agent}?min_position={position}{as_of}"
    answer = service.get(path, who="payroll")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def recorded(service: Service, month: Month) -> int:
    """Bonuses for all, more penalties than bonuses for two, a proposal that nobody decides, wages; the position."""
    for agent in AGENTS:
        finished_order(service, f"{month}-10T12:00:00+08:00", agent=agent)
    entries = [penalty(service, f"{month}-11", agent=agent, code="P-IDLE", by="second") for agent in AGENTS[1:]]
    position = confirmed(service, *entries, who="supervisor")
    penalty(service, f"{month}-12", agent="a1001", by="second")
    for agent in AGENTS[1:]:
        taken(service, WAGES, wage(agent=agent, month=str(month), gross_fen=205_000), "payroll")
    finished_order(service, f"{month.after}-01T00:00:00+08:00", agent="a1001")
    return max(position, int(service.rows("SELECT max(notification_id) FROM log.events")[0][0]))


def money(told: dict[str, Any]) -> tuple[int, ...]:
    return tuple(told[f"{name}_fen"] for name in ("opening", "net", "applied", "carried", "waived", "deducted"))


@dataclass(frozen=True, slots=True)
class Seen:
    """The statements of a month by agent while it is open, frozen and closed; shown: with the open month."""

    open: dict[str, Any]
    frozen: dict[str, Any]
    closed: dict[str, Any]
    shown: Any


@pytest.fixture(scope="module")
def seen(service: Service) -> dict[Month, Seen]:
    """Every month from WAIVED to DEDUCTED, recorded and closed."""
    found, month = dict[Month, Seen](), WAIVED

    def statements(position: int) -> dict[str, Any]:
        return {agent: statement(service, month, agent, position) for agent in AGENTS}

    while month <= DEDUCTED:
        live = statements(recorded(service, month))
        shown = service.get(month_of(str(month)), who="payroll")["statements"]
        drawn = statements(frozen(service, str(month)))
        found[month] = Seen(live, drawn, statements(closed(service, str(month))), shown)
        month = month.after
    return found


def test_it_is_what_freezing_and_closing_make_of_it_in_every_mode_l_5(seen: dict[Month, Seen]) -> None:
    for month, one in seen.items():
        for agent in AGENTS:
            assert one.open[agent] == {**one.closed[agent], "status": "open"}, (month, agent)
            assert one.frozen[agent] == {**one.closed[agent], "status": "frozen"}, (month, agent)


def test_it_has_what_is_posted_into_the_month_and_nothing_else_l_1(seen: dict[Month, Seen]) -> None:
    for month, one in seen.items():
        lines = {agent: [line["code"] for line in told["lines"]] for agent, told in one.open.items()}
        first = ["B-ORDER"] if month == WAIVED else ["B-ORDER", "B-ORDER"]
        assert lines == {"a1001": first, "a1002": ["B-ORDER", "P-IDLE"], "a1003": ["B-ORDER", "P-IDLE"]}
        assert all(line["posted_month"] == str(month) for told in one.open.values() for line in told["lines"])


def test_the_open_month_shows_the_same_sums_for_everybody_l_5(seen: dict[Month, Seen]) -> None:
    for one in seen.values():
        by_agent = {told["agent"]: told for told in one.shown}
        for agent, told in one.open.items():
            assert by_agent[agent] == {name: told[name] for name in by_agent[agent]}


def test_what_it_comes_to_by_each_policy_l_5(seen: dict[Month, Seen]) -> None:
    """The wage gives 50.00 at most, down to the minimum wage; a1003 has not acknowledged, and nothing is taken."""
    assert money(seen[WAIVED].open["a1002"]) == (0, 0, 20, 0, 1980, 0)
    assert money(seen[CARRIED].open["a1002"]) == (0, 0, 20, 1980, 0, 0)
    assert money(seen[CARRIED.after].open["a1002"]) == (-1980, 0, 20, 3960, 0, 0)
    assert money(seen[DEDUCTED].open["a1002"]) == (-5940, 0, 5020, 0, 2920, 5000)
    assert money(seen[DEDUCTED].open["a1003"]) == (-5940, 0, 20, 0, 7920, 0)


def test_as_of_a_moment_before_the_wage_was_known_nothing_is_taken_from_it_a_2(service: Service) -> None:
    month = DEDUCTED.after
    finished_order(service, f"{month}-10T12:00:00+08:00")
    before = confirmed(service, penalty(service, f"{month}-11", by="second"), who="supervisor")
    live = statement(service, month, "a1002", before)
    assert live["deducted_fen"] == 0
    position = int(
        taken(service, WAGES, wage(agent="a1002", month=str(month), gross_fen=205_000), "payroll")["position"]
    )
    assert statement(service, month, "a1002", position)["deducted_fen"] == 980
    assert statement(service, month, "a1002", position, then=position)["deducted_fen"] == 980
    [(judged,)] = service.rows("SELECT max(notification_id) FROM log.events WHERE notification_id < %s", position)
    assert statement(service, month, "a1002", position, then=judged) == live
