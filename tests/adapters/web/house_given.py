"""Pages of payroll, auditors and administrators, with something on them."""

from itertools import count

import yaml

from adapters.intake.tariffs import shipped_text
from tests.adapters.http.ledgers import confirmed, found, month_of
from tests.adapters.http.ledgers_given import CLOSED, a_closed_month, a_frozen_month, a_proposed_line
from tests.adapters.http.serving import Service

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
