"""The six steps: a fault is proposed, confirmed, judged anew, reversed; a closed month is contested and stays.

Kept for ever: it goes through every part that money depends on (L-0 … L-6).
"""

from typing import Any

import pytest

from tests.adapters.http.serving import ANALYSIS, Answer, Case, Service

MONTH, NEXT = "2007-03", "2007-04"
HAPPENED = "2007-03-08T12:30:00+08:00"
FAULT = {"agent": "a1002", "fault": "operation_error", "ref": "order 7"}
AT_FAULT = {**ANALYSIS, "attribution": "company", "faults": [FAULT]}


def order(service: Service, at: str = "2007-03-07T12:00:00+08:00", **facts: object) -> Answer:
    """A finished order of a1002 with a signed merchant: 0.25 in March 2007."""
    body: dict[str, Any] = {"agent": "a1002", "at": at, "signed": True, "recommended": False, "seated": True, **facts}
    answer = service.post("/api/v1/facts/orders", body, who="colleague")
    assert answer.status == 201, answer.body
    return answer


def ledger(service: Service, month: str, position: int) -> list[dict[str, Any]]:
    """All lines of a1002 in a month once a position is judged."""
    found = []
    for kind in ("bonuses", "penalties"):
        answer = service.get(f"/api/v1/ledgers/{kind}?month={month}&agent=a1002&min_position={position}", who="payroll")
        assert answer.status == 200, answer.body
        found += answer["items"]
    return found


def lines(service: Service, month: str, position: int) -> list[tuple[str, int, str, str | None]]:
    """Code, amount, status and posted month of each."""
    found = ledger(service, month, position)
    return [(one["code"], one["amount_fen"], one["status"], one["posted_month"]) for one in found]


def net(service: Service, month: str) -> tuple[int, int]:
    """What is paid out, and what no bonus covers."""
    answer = service.get(f"/api/v1/payroll/months/{month}/statements/a1002", who="payroll")
    return answer["net_fen"], answer["uncovered_fen"]


def decided(service: Service, path: str, body: object, who: str, **how: Any) -> int:
    """The position of a command that must be taken."""
    answer = service.post(path, body, who=who, **how)
    assert answer.status in {200, 201}, answer.body
    return int(answer["position"])


def analysed(service: Service, case: Case, analysis: dict[str, Any]) -> int:
    service.give(case, "analysis", analysis, who="supervisor")
    return case.position


EARNED = [("B-ORDER", 25, "earned", MONTH)] * 3
CONFIRMATIONS = "/api/v1/ledgers/penalties/confirmations"


@pytest.fixture(scope="module")
def case(service: Service) -> Case:
    for _ in range(3):
        order(service)
    return service.case("investigated", received_at=HAPPENED, happened_at=HAPPENED)


def test_six_steps(service: Service, case: Case) -> None:
    # 1. the analysis names a fault: proposed, and it counts for nothing
    position = analysed(service, case, AT_FAULT)
    assert lines(service, MONTH, position) == [*EARNED, ("P-OPERATION", -1000, "proposed", None)]
    assert net(service, MONTH) == (75, 0)

    # 2. a supervisor confirms it
    [entry] = [one["entry_id"] for one in ledger(service, MONTH, position) if one["code"] == "P-OPERATION"]
    position = decided(service, CONFIRMATIONS, {"entries": [entry]}, "second")
    assert lines(service, MONTH, position) == [*EARNED, ("P-OPERATION", -1000, "confirmed", MONTH)]
    assert net(service, MONTH) == (0, -925)

    # 3., 4. analysed again without it: reversed by itself
    position = analysed(service, case, {**AT_FAULT, "faults": []})
    reversed_ = [("P-OPERATION", -1000, "confirmed", MONTH), ("P-OPERATION", 1000, "confirmed", MONTH)]
    assert lines(service, MONTH, position) == [*EARNED, *reversed_]
    assert net(service, MONTH) == (75, 0)
    [line, reversal] = [one for one in ledger(service, MONTH, position) if one["code"] == "P-OPERATION"]
    assert (line["reversed_by"], reversal["reverses"]) == (reversal["entry_id"], line["entry_id"])
    assert [cause["type"] for cause in reversal["causes"]] == ["case.analysed"]

    # 5. another fault is confirmed; the month is frozen and closed, by two people
    position = analysed(service, case, {**AT_FAULT, "faults": [{**FAULT, "ref": "order 8"}]})
    [entry] = [one["entry_id"] for one in ledger(service, MONTH, position) if one["status"] == "proposed"]
    decided(service, CONFIRMATIONS, {"entries": [entry]}, "second")
    path = f"/api/v1/payroll/months/{MONTH}"
    frozen = decided(service, f"{path}/freeze", {}, "payroll", version=0)
    assert lines(service, MONTH, frozen)[-1] == ("P-OPERATION", -1000, "confirmed", MONTH)
    decided(service, f"{path}/close", {}, "paymaster", version=1)
    closed = service.get(f"{path}/statements/a1002", who="payroll")
    files = {form: service.get(f"{path}/export?format={form}", who="payroll").raw for form in ("csv", "jsonl")}
    assert (closed["status"], closed["net_fen"], closed["uncovered_fen"]) == ("closed", 0, -925)

    # 6. the appeal is upheld after closing: what was never collected is never paid back
    contested = service.post(f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "不是我接的单"}, who="colleague")
    ruling = {"decision": "upheld", "reason": "录音证实"}
    position = decided(service, f"/api/v1/appeals/{contested['id']}/decision", ruling, "supervisor")
    assert lines(service, NEXT, position) == [
        ("P-OFFSET", -925, "confirmed", NEXT),
        ("P-OPERATION", 1000, "confirmed", NEXT),
    ]
    assert net(service, NEXT) == (75, 0)
    again = service.get(f"{path}/statements/a1002", who="payroll")
    assert again.raw == closed.raw
    assert {form: service.get(f"{path}/export?format={form}", who="payroll").raw for form in files} == files
