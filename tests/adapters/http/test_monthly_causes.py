"""L-1: a line judged by the month names the agent's own facts of it as causes, at most a hundred of them.

What made it be judged stands before them: the month's end, or a fact that came after that, be it another agent's.
"""

from typing import Any

import pytest

from domain.ledger.lines import Code
from domain.values import AgentId, Month
from projections.work_facts import CAUSES_MOST, causes
from tests.adapters.cli.recorded import CLOSED, OPEN, Records, recorded
from tests.adapters.http.serving import Service


@pytest.fixture(scope="module")
def records(service: Service) -> Records:
    return recorded(service)


def named(records: Records, agent: str, code: Code, month: str) -> dict[str, list[int]]:
    """The positions of a line's causes by their types."""
    [line] = [one for one in records.lines() if (one["agent"], one["code"], one["month"]) == (agent, str(code), month)]
    found: dict[str, list[int]] = {}
    for cause in line["causes"]:
        found.setdefault(cause["type"], []).append(cause["position"])
    return found


def recorded_at(records: Records, topic: str, **data: Any) -> list[int]:
    """The positions of the events with these fields."""
    rows = records.service.rows("SELECT position, data FROM log.readable WHERE topic = %s ORDER BY 1", topic)
    return [position for position, found in rows if data.items() <= found.items()]


@pytest.mark.parametrize(
    ("agent", "code", "topic"),
    [
        ("a1002", Code.BEST_EXAM, "exam.taken"),
        ("a1001", Code.FAILED_EXAM, "exam.taken"),
        ("a1001", Code.CALLBACK, "member_callback.tallied"),
        ("a1002", Code.CALLBACK, "member_callback.made"),
    ],
)
def test_it_names_the_agents_own_facts_of_the_month(records: Records, agent: str, code: Code, topic: str) -> None:
    own = recorded_at(records, topic, agent=agent)
    if topic == "exam.taken":
        own = own[:1]  # the other one is of the next month
    assert own
    assert {*own} <= {*named(records, agent, code, CLOSED)[topic]}


def test_a_rank_names_the_orders_that_rank(records: Records) -> None:
    own = recorded_at(records, "order.entered", agent="a1001", recommended=True)
    assert own
    assert {*own} <= {*named(records, "a1001", Code.RECOMMEND, CLOSED)["order.entered"]}


def test_failing_again_names_the_exam_of_the_month_before_too(records: Records) -> None:
    found = named(records, "a1001", Code.FAILED_EXAM, OPEN)
    assert {*recorded_at(records, "exam.taken", agent="a1001")} <= {*found["exam.taken"]}


def test_of_many_facts_the_first_hundred_are_named(records: Records, service: Service) -> None:
    month, agent = Month(2007, 6), AgentId("a1002")
    for minute in range(CAUSES_MOST + 1):
        at = f"2007-06-01T1{minute // 60}:{minute % 60:02}:00+08:00"
        records.add("member-callbacks", {"agent": agent, "at": at, "reached": False}, who="colleague")
    records.lines()

    async def asked() -> list[int]:
        async with service.services.pool.connection() as connection:
            found = await causes(connection, month, Code.CALLBACK, [agent])
        return [cause.position for cause in found[agent]]

    made = recorded_at(records, "member_callback.made", agent=agent, reached=False)
    assert service.run(asked()) == made[:CAUSES_MOST]


def test_who_waits_for_a_position_sees_what_it_brings_into_a_month_that_is_over_l_6(service: Service) -> None:
    """Though nothing had been judged of that month before."""
    for month in ("2008-03", "2008-05", "2008-07"):
        exam = {"agent": "a1002", "month": month, "typing": 10, "knowledge": 10, "service": 10}
        done = service.post("/api/v1/facts/exams", exam, who="supervisor")
        assert done.status == 201, done.body
        path = f"/api/v1/ledgers/penalties?month={month}&agent=a1002&min_position={done['position']}"
        assert [line["code"] for line in service.get(path, who="payroll")["items"]] == ["P-EXAM"]
