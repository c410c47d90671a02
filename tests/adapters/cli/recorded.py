"""Two months of work with a line of every kind: one month closed, with what came late for it; the next one open."""

from dataclasses import dataclass, field
from typing import Any

from tests.adapters.http.serving import ANALYSIS, Service

CLOSED, OPEN = "2007-03", "2007-04"
FACTS = "/api/v1/facts"
FAULT = {"agent": "a1001", "fault": "operation_error", "ref": "order 7"}
SHIFT = {
    "date": "2007-03-05",
    "kind": "late",
    "start": "2007-03-05T16:00:00+08:00",
    "end": "2007-03-06T00:00:00+08:00",
    "agents": ["a1001", "a1002"],
    "supervisor": "s2001",
}


@dataclass
class Records:
    """What was recorded, by names; `last`: the position behind which everything stands."""

    service: Service
    ids: dict[str, str] = field(default_factory=dict)
    last: int = 0

    def add(self, path: str, body: object, who: str = "supervisor", **how: Any) -> str:
        """Record something; its id."""
        answer = self.service.post(path if path.startswith("/api") else f"{FACTS}/{path}", body, who=who, **how)
        assert answer.status in {200, 201}, answer.body
        self.last = answer["position"]
        return str(answer.body.get("id", ""))

    def order(self, at: str, agent: str = "a1002", **facts: object) -> str:
        """A finished order."""
        usual = {"agent": agent, "at": f"{at}T12:00:00+08:00", "signed": True, "recommended": False, "seated": True}
        return self.add("orders", usual | facts, who="admin")

    def lines(self, **query: object) -> list[dict[str, Any]]:
        """Lines once everything is judged."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        found: list[dict[str, Any]] = []
        for kind in ("bonuses", "penalties"):
            path = f"/api/v1/ledgers/{kind}?limit=500&min_position={self.last}&{asked}"
            found += self.service.get(path, who="payroll")["items"]
        return found

    def confirm(self, *entries: str, who: str = "second") -> None:
        """Confirm penalties; of none all that are proposed and not their own."""
        own = {"second": "s2002", "supervisor": "s2001"}[who]
        chosen = entries or [one["entry_id"] for one in self.lines(status="proposed") if one["agent"] != own]
        self.add("/api/v1/ledgers/penalties/confirmations", {"entries": [*chosen]}, who=who)


def recorded(service: Service) -> Records:
    """Everything, and judged."""
    records = Records(service)
    _facts(records)
    _decisions(records)
    month = f"/api/v1/payroll/months/{CLOSED}"
    records.add(f"{month}/freeze", {}, who="payroll", version=0)
    records.add(f"{month}/close", {}, who="paymaster", version=1)
    _afterwards(records)
    records.lines()
    return records


def _facts(records: Records) -> None:
    records.ids["order"] = records.order("2007-03-07")
    records.ids["corrected"] = records.order("2007-03-08", signed=False)
    records.order("2007-03-09", recommended=True)
    records.order("2007-03-09", agent="a1001", recommended=True)
    records.order("2007-03-10", agent="a1001", missing=["phone"], wrong=["card_no"])
    records.order("2007-03-10", seated=False)
    for month, knowledge in ((CLOSED, 50), (OPEN, 55)):
        for agent, marks in (("a1001", knowledge), ("a1002", 95)):
            exam = {"agent": agent, "month": month, "typing": 95, "knowledge": marks, "service": 95}
            records.ids[f"exam {month} {agent}"] = records.add("exams", exam)
    records.add("member-callbacks", {"agent": "a1001", "month": CLOSED, "count": 78})
    records.add("member-callbacks", {"agent": "a1002", "at": "2007-03-12T10:00:00+08:00", "reached": True}, "colleague")
    records.add("/api/v1/shifts", SHIFT)
    records.add("missed-calls", {"at": "2007-03-05T23:59:59+08:00"})
    records.add("points-shortages", {"at": SHIFT["start"], "order_agent": "a1001", "duty_agent": "a1002", "points": 3})
    records.ids["conduct"] = records.add(
        "conduct-reports", {"agent": "a1001", "at": SHIFT["start"], "code": "P-MINOR", "words": "看报"}
    )
    happened = {"received_at": "2007-03-08T12:30:00+08:00", "happened_at": "2007-03-08T12:30:00+08:00"}
    case = records.service.case("investigated", **happened)
    analysis = {**ANALYSIS, "attribution": "company", "faults": [FAULT, {**FAULT, "ref": "order 8"}]}
    records.service.give(case, "analysis", analysis, who="supervisor")
    records.ids["case"], records.last = case.id, case.position
    report = {"agent": "a1002", "at": SHIFT["start"], "code": "P-ATTITUDE", "case": case.id, "words": "顶撞"}
    records.add("conduct-reports", report)


def _decisions(records: Records) -> None:
    """One line is dismissed, one reduced on appeal; the rest is confirmed."""
    faults = [one["entry_id"] for one in records.lines(status="proposed") if one["code"] == "P-OPERATION"]
    records.add("/api/v1/ledgers/penalties/dismissals", {"entries": faults[:1], "reason": "不是他"}, who="second")
    records.confirm()
    appeal = records.add(f"/api/v1/ledgers/entries/{faults[1]}/appeals", {"reason": "不是我"}, who="agent")
    ruling = {"decision": "partly", "reduced_to_fen": 400, "reason": "部分属实"}
    records.add(f"/api/v1/appeals/{appeal}/decision", ruling, who="supervisor")


def _afterwards(records: Records) -> None:
    """For the closed month: an order more, one corrected, a call missed; for the open one: orders."""
    records.order("2007-03-20", agent="a1001")
    correction = {"reason": "签约商家", "signed": True}
    records.add(f"orders/{records.ids['corrected']}/correction", correction)
    records.add("missed-calls", {"at": "2007-03-05T20:00:00+08:00"})
    records.ids["open order"] = records.order("2007-04-02")
    records.order("2007-04-03", signed=False)
    records.confirm()
