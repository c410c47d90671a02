"""Lines, appeals and payroll months that are ready for each command on them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from domain.values import Month
from tests.adapters.http.serving import Answer, Service

LEDGERS, MONTHS = "/api/v1/ledgers", "/api/v1/payroll/months"
CONFIRMATIONS, DISMISSALS = f"{LEDGERS}/penalties/confirmations", f"{LEDGERS}/penalties/dismissals"
CLOSED = "2007-03"
"""The month with which payroll begins, once `a_closed_month` was asked for."""
REASON = {"reason": "写明原因"}
_minutes = count(1)


def _taken(answer: Answer) -> Answer:
    assert answer.status in {200, 201}, answer.body
    return answer


def _listed(service: Service, made: Answer) -> Answer:
    """Once the lists of lines show what was recorded."""
    _taken(service.get(f"{LEDGERS}/penalties?limit=1&min_position={_taken(made)['position']}", who="payroll"))
    return made


# ---- lines: those of a1002, whom the tests know as `colleague` -------------------------------------------------------
def a_proposed_line(service: Service) -> str:
    """The entry_id of a new line that nobody has decided on."""
    at = datetime.now(UTC) - timedelta(minutes=next(_minutes))
    report = {"agent": "a1002", "at": at.isoformat(), "code": "P-MINOR"}
    made = _taken(service.post("/api/v1/facts/conduct-reports", report, who="supervisor"))
    query = f"agent=a1002&status=proposed&limit=500&min_position={made['position']}"
    found = _taken(service.get(f"{LEDGERS}/penalties?{query}", who="payroll"))["items"]
    [entry] = [line["entry_id"] for line in found if line["causes"][0]["position"] == made["position"]]
    return str(entry)


def a_confirmed_line(service: Service) -> str:
    """The entry_id of a new line that s2002 has confirmed."""
    entry = a_proposed_line(service)
    _listed(service, service.post(CONFIRMATIONS, {"entries": [entry]}, who="second"))
    return entry


def an_open_appeal(service: Service) -> str:
    """The id of a new appeal, which anybody but s2002 may decide."""
    path = f"{LEDGERS}/entries/{a_confirmed_line(service)}/appeals"
    return str(_listed(service, service.post(path, REASON, who="colleague"))["id"])


# ---- months: p3001 freezes, p3002 closes ----------------------------------------------------------------------------
def a_closed_month(service: Service) -> str:
    """CLOSED, with a line of a1002 in it."""
    if _decided(service, "frozen") == 0:
        order = {"agent": "a1002", "at": "2007-03-07T12:00:00+08:00", "seated": True}
        _taken(service.post("/api/v1/facts/orders", order, who="supervisor"))
        _freeze(service, CLOSED)
        a_month_to_freeze(service)
    return CLOSED


def a_month_to_freeze(service: Service) -> str:
    """The first month that is open; those before it are closed."""
    last = month = Month.parse(CLOSED)
    for _ in range(_decided(service, "frozen")):
        last, month = month, month.after
    if _decided(service, "closed") < _decided(service, "frozen"):
        _close(service, str(last))
    return str(month)


def a_frozen_month(service: Service) -> str:
    """A month that p3001 has frozen."""
    month = a_month_to_freeze(service)
    _freeze(service, month)
    return month


def _decided(service: Service, what: str) -> int:
    """How many months were frozen, or closed: one after the other, from CLOSED on."""
    [(number,)] = service.rows("SELECT count(*) FROM log.events WHERE topic = %s", f"payroll.month_{what}")
    return int(number)


def _freeze(service: Service, month: str) -> None:
    _taken(service.post(f"{MONTHS}/{month}/freeze", {}, who="payroll", version=0))


def _close(service: Service, month: str) -> None:
    """Close a month, whoever has frozen it."""
    frozen_by = service.get(f"{MONTHS}/{month}", who="payroll")["frozen_by"]
    other = "paymaster" if frozen_by == "p3001" else "payroll"
    _taken(service.post(f"{MONTHS}/{month}/close", {}, who=other, version=1))


# ---- what makes a request right -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ready:
    """What a right request names and says, and who may send it; `version` becomes If-Match."""

    who: list[str]
    named: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    version: int | None = None


SUPERVISORS, PAYROLL, AUDITED = ["second", "supervisor"], ["payroll", "paymaster"], ["payroll", "auditor"]
READY: dict[str, Callable[[Service], Ready]] = {
    f"POST {CONFIRMATIONS}": lambda s: Ready(SUPERVISORS, body={"entries": [a_proposed_line(s)]}),
    f"POST {DISMISSALS}": lambda s: Ready(SUPERVISORS, body={"entries": [a_proposed_line(s)], **REASON}),
    f"GET {LEDGERS}/entries/{{entry_id}}": lambda s: Ready(AUDITED, {"entry_id": a_proposed_line(s)}),
    f"GET {LEDGERS}/entries/{{entry_id}}/history": lambda s: Ready(AUDITED, {"entry_id": a_proposed_line(s)}),
    f"POST {LEDGERS}/entries/{{entry_id}}/appeals": lambda s: Ready(
        ["colleague"], {"entry_id": a_confirmed_line(s)}, REASON
    ),
    "POST /api/v1/appeals/{appeal_id}/withdrawal": lambda s: Ready(["colleague"], {"appeal_id": an_open_appeal(s)}),
    "POST /api/v1/appeals/{appeal_id}/decision": lambda s: Ready(
        ["supervisor"], {"appeal_id": an_open_appeal(s)}, {"decision": "partly", "reduced_to_fen": 500, **REASON}
    ),
    f"GET {MONTHS}/{{month}}": lambda s: Ready(AUDITED, {"month": a_closed_month(s)}),
    f"POST {MONTHS}/{{month}}/freeze": lambda s: Ready(PAYROLL, {"month": a_month_to_freeze(s)}, version=0),
    f"POST {MONTHS}/{{month}}/close": lambda s: Ready(["paymaster"], {"month": a_frozen_month(s)}, version=1),
    f"GET {MONTHS}/{{month}}/statements/{{agent}}": lambda s: Ready(
        AUDITED, {"month": a_closed_month(s), "agent": "a1002"}
    ),
    f"GET {MONTHS}/{{month}}/export": lambda s: Ready(AUDITED, {"month": a_closed_month(s)}),
    f"GET {MONTHS}/{{month}}/export/manifest": lambda s: Ready(AUDITED, {"month": a_closed_month(s)}),
}
"""How a right request comes about, by its method and path."""
