"""Pages of payroll, auditors and administrators, with something on them."""

from itertools import count

import yaml

from adapters.intake.tariffs import shipped_text
from domain.values import AgentId
from tests.adapters.http.ledgers import confirmed, found, month_of
from tests.adapters.http.ledgers_given import CLOSED, a_closed_month, a_frozen_month, a_proposed_line
from tests.adapters.http.serving import Service, ahead

_versions = count(1)


def closed_month(service: Service) -> str:
    """A month that is closed, by two people."""
    month = a_closed_month(service)
    a_frozen_month(service)
    assert service.get(month_of(month), who="payroll")["status"] == "closed"
    return f"/payroll/{month}"


def frozen_month(service: Service) -> str:
    """A month that is frozen, and waits for another payroll person."""
    a_closed_month(service)
    return f"/payroll/{a_frozen_month(service)}"


def statement(service: Service) -> str:
    """The statement of an agent in a closed month."""
    return f"{closed_month(service)}/statements/a1002"


def lines(service: Service) -> str:
    """The lines of a month, bonuses among them."""
    a_closed_month(service)
    return f"/payroll/{CLOSED}/lines?ledger=bonuses"


def line(service: Service) -> str:
    """A line that was proposed and confirmed."""
    entry = a_proposed_line(service)
    confirmed(service, entry)
    return f"/payroll/lines/{entry}"


def another_admin(service: Service) -> None:
    """Keys take two: `other admin` beside `admin`; and the program `svc-export`."""
    if "other admin" not in service.keys:
        people = (("d5002", "另一管理员", "admin"), ("svc-export", "夜间导出", "auditor"))
        bodies = [{"id": one, "name": name, "role": role, "joined_on": "2024-01-01"} for one, name, role in people]
        made = [service.post("/api/v1/agents", body, who="admin")["position"] for body in bodies]
        service.get(f"/api/v1/agents?min_position={made[-1]}", who="admin")
        service.keys["other admin"] = service.run(service.services.keys.create(AgentId("d5002")))


def proposed_key(service: Service, who: str = "other admin", **facts: object) -> str:
    """A key that waits for a second person; its prefix."""
    another_admin(service)
    usual = {"agent": "svc-export", "label": "夜间导出", "scopes": ["read"], "expires_at": ahead(days=90)}
    answer = service.post("/api/v1/key-proposals", {**usual, **facts}, who=who)
    assert answer.status == 201, answer.body
    return str(answer["id"])


def approved_key(service: Service, who: str = "admin", **facts: object) -> str:
    """A key that waits to be collected; its prefix."""
    prefix = proposed_key(service, who, **facts)
    second = "other admin" if who == "admin" else "admin"
    assert service.post(f"/api/v1/key-proposals/{prefix}/approval", who=second).status == 200
    return prefix


def keys(service: Service) -> str:
    """Keys in force, and such as wait: for the visitor to approve, for another to approve, to be collected."""
    proposed_key(service)
    proposed_key(service, "admin", agent="p3001", scopes=None, expires_at=None, label="结账脚本")
    approved_key(service, scopes=["export_months", "read_case"], label="经营报表")
    return "/keys"


def key_to_replace(service: Service) -> str:
    """The form of a key like another."""
    prefix = approved_key(service)
    assert service.ask("PUT", f"/api/v1/key-proposals/{prefix}/key", who="admin").status == 201
    return f"/keys/new?replaces={prefix}"


def case_line(service: Service) -> str:
    """A line that a case has caused."""
    fault = {"agent": "a1002", "kind": "operation_error", "happened_at": None, "ref": None}
    case = service.case("investigated")
    analysis = {"attribution": "company", "severity": "ordinary", "risks": [], "basis": "已核实", "faults": [fault]}
    position = service.give(case, "analysis", analysis, who="supervisor")["position"]
    entries = [
        one["entry_id"]
        for one in found(service, "penalties", position, agent="a1002")
        if position in [cause["position"] for cause in one["causes"]]
    ]
    return f"/payroll/lines/{entries[0]}"


def replay(service: Service) -> str:
    """A case replayed at its third event."""
    case = service.case("resolved")
    return f"/replay/{case.id}?at={service.history(case)[2]['position']}"


def event(service: Service) -> str:
    """The proof of an event."""
    service.receive()
    return "/audit?position=3"


def reads(service: Service) -> str:
    """Who read what; somebody did."""
    case = service.receive()
    answer = service.get(f"{case.url}?reason=projekt", who="auditor")
    assert answer.status == 200, answer.body
    return "/audit/reads"


def person(service: Service) -> str:
    """A person whose erasure somebody has asked for."""
    case = service.case("withdrawn")
    subject = service.get(case.url)["customer"]["subject"]
    service.post(f"/api/v1/subjects/{subject}/restriction", {"reason": "写明原因"}, who="auditor")
    return f"/subjects/{subject}"


def persons(service: Service) -> str:
    """The list of such persons."""
    person(service)
    return "/subjects"


def later_tariff(version: str) -> str:
    """A tariff for a day far ahead, as YAML: the shipped one, but that a minor breach costs 15.00."""
    document = yaml.safe_load(shipped_text())
    order = {"first": "2099-01-01", "to": None, "signed_fen": 20, "unsigned_fen": 20}
    document |= {"version": version, "valid_from": "2099-01-01", "minor_fen": 1500, "order": [order]}
    return yaml.safe_dump(document, sort_keys=False)


def proposed_tariff(service: Service) -> str:
    """A tariff that is proposed, shown against the one in force."""
    version = f"later-{next(_versions)}"
    answer = service.post("/api/v1/tariffs", {"yaml": later_tariff(version)}, who="admin")
    assert answer.status == 201, answer.body
    return f"/tariffs/{version}"
