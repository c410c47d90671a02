"""Lines of the ledgers as tests over the API bring them about, and read them."""

from typing import Any

from tests.adapters.http.serving import Answer, Service

REPORTS = "/api/v1/facts/conduct-reports"
CONFIRMATIONS = "/api/v1/ledgers/penalties/confirmations"
DISMISSALS = "/api/v1/ledgers/penalties/dismissals"
REASON = {"reason": "录音证实"}


def taken(service: Service, path: str, body: object, who: str, **how: Any) -> Answer:
    """A command that must be taken."""
    answer = service.post(path, body, who=who, **how)
    assert answer.status in {200, 201}, answer.body
    return answer


def finished_order(service: Service, at: str, agent: str = "a1002", **facts: object) -> int:
    """An order whose course has ended: 0.20, by the tariff of its day; the position."""
    body = {"agent": agent, "at": at, "signed": True, "recommended": False, "seated": True, **facts}
    return int(taken(service, "/api/v1/facts/orders", body, "supervisor")["position"])


def penalty(service: Service, day: str, agent: str = "a1002", code: str = "P-MINOR", by: str = "supervisor") -> str:
    """A proposed penalty, by a conduct report; the id of its line."""
    reported = {"agent": agent, "at": f"{day}T10:00:00+08:00", "code": code}
    known = {line["entry_id"] for line in found(service, "penalties", month=day[:7])}
    position = taken(service, REPORTS, reported, by)["position"]
    [line] = [line for line in found(service, "penalties", position, month=day[:7]) if line["entry_id"] not in known]
    assert (line["status"], line["agent"], line["code"]) == ("proposed", agent, code)
    return str(line["entry_id"])


def confirmed(service: Service, *entries: str, who: str = "supervisor") -> int:
    """Confirm lines; the position."""
    return int(taken(service, CONFIRMATIONS, {"entries": [*entries]}, who)["position"])


def contested(service: Service, entry: str, who: str = "colleague") -> str:
    """Appeal against a line; the appeal's id."""
    return str(taken(service, f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "不是我"}, who)["id"])


def ruled(service: Service, appeal: str, who: str = "second", decision: str = "upheld", **rest: object) -> Answer:
    """Decide an appeal, whatever comes of it."""
    return service.post(f"/api/v1/appeals/{appeal}/decision", {"decision": decision, **REASON, **rest}, who=who)


def found(
    service: Service, kind: str, position: int = 0, who: str = "payroll", **filters: object
) -> list[dict[str, Any]]:
    """The lines of a kind that somebody sees, at most 500, once a position is judged."""
    asked = "&".join(f"{name}={value}" for name, value in {**filters, "min_position": position, "limit": 500}.items())
    answer = service.get(f"/api/v1/ledgers/{kind}?{asked}", who=who)
    assert answer.status == 200, answer.body
    return [dict(line) for line in answer["items"]]


def line(service: Service, entry: str, position: int = 0, who: str = "payroll") -> dict[str, Any]:
    """A line by its id, once a position is judged."""
    answer = service.get(f"/api/v1/ledgers/entries/{entry}?min_position={position}", who=who)
    assert answer.status == 200, answer.body
    return dict(answer.body)


def month_of(month: str) -> str:
    """Where a payroll month stands."""
    return f"/api/v1/payroll/months/{month}"


def frozen(service: Service, month: str, who: str = "payroll") -> int:
    """Freeze an open month; the position."""
    return int(taken(service, f"{month_of(month)}/freeze", {}, who, version=0)["position"])


def closed(service: Service, month: str, who: str = "paymaster") -> int:
    """Close a frozen month; the position."""
    return int(taken(service, f"{month_of(month)}/close", {}, who, version=1)["position"])
