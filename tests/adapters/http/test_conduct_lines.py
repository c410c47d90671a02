"""W-6: a conduct report and its line: proposed when reported, confirmed with the report, gone with its dismissal."""

from typing import Any

import msgspec
import pytest

from domain.tariff.tariff import Tariff
from tests.adapters.http.bodies import in_force, tariff
from tests.adapters.http.serving import ANALYSIS, Service

AT = "2007-05-10T10:00:00+08:00"
REPORTS = "/api/v1/facts/conduct-reports"


def report(service: Service, **facts: object) -> tuple[str, int]:
    body = {"agent": "a1002", "at": AT, "code": "P-MINOR", "words": "看报", **facts}
    answer = service.post(REPORTS, body, who="supervisor")
    assert answer.status == 201, answer.body
    return answer["id"], answer["position"]


def decide(service: Service, report_id: str, decision: str) -> int:
    reason = {} if decision == "confirmed" else {"reason": "看错了人"}
    answer = service.post(f"{REPORTS}/{report_id}/decision", {"decision": decision, **reason}, who="supervisor")
    assert answer.status == 200, answer.body
    return int(answer["position"])


def lines(service: Service, position: int) -> list[tuple[str, int, str]]:
    path = f"/api/v1/ledgers/penalties?month=2007-05&agent=a1002&min_position={position}"
    found: list[dict[str, Any]] = service.get(path, who="payroll")["items"]
    return [(one["code"], one["amount_fen"], one["status"]) for one in found]


@pytest.fixture
def before(service: Service) -> list[tuple[str, int, str]]:
    return lines(service, 0)


def test_a_report_proposes_and_its_confirmation_confirms(service: Service, before: list[tuple[str, int, str]]) -> None:
    report_id, position = report(service)
    assert sorted(lines(service, position)) == sorted([*before, ("P-MINOR", -1000, "proposed")])
    position = decide(service, report_id, "confirmed")
    assert sorted(lines(service, position)) == sorted([*before, ("P-MINOR", -1000, "confirmed")])
    position = decide(service, report_id, "dismissed")
    reversed_ = [("P-MINOR", -1000, "confirmed"), ("P-MINOR", 1000, "confirmed")]
    assert sorted(lines(service, position)) == sorted([*before, *reversed_])


def test_it_can_be_confirmed_as_soon_as_it_is_reported(service: Service) -> None:
    report_id, _ = report(service, code="P-IDLE")
    assert ("P-IDLE", -2000, "confirmed") in lines(service, decide(service, report_id, "confirmed"))


def test_a_dismissed_report_takes_its_proposal_back(service: Service) -> None:
    report_id, _ = report(service, at="2007-06-10T10:00:00+08:00")
    position = decide(service, report_id, "dismissed")
    path = f"/api/v1/ledgers/penalties?month=2007-06&agent=a1002&min_position={position}"
    assert [one["status"] for one in service.get(path, who="payroll")["items"]] == ["dismissed"]


def test_a_kind_without_an_amount_has_no_line(service: Service, before: list[tuple[str, int, str]]) -> None:
    report_id, _ = report(service, code="hung_up")
    assert sorted(lines(service, decide(service, report_id, "confirmed"))) == sorted(before)


def test_the_same_agent_code_and_case_give_one_line(service: Service) -> None:
    when = "2007-07-10T10:00:00+08:00"
    case = service.case("clarified", received_at=when)
    service.give(case, "investigation", {"findings": "听了录音", "evidence": []}, who="supervisor")
    report(service, code="P-ATTITUDE", case=case.id, at=when)
    fault = {"agent": "a1002", "fault": "bad_attitude", "ref": "call 1"}
    analysis = {**ANALYSIS, "attribution": "company", "faults": [fault]}
    service.give(case, "analysis", analysis, who="supervisor")
    path = f"/api/v1/ledgers/penalties?month=2007-07&agent=a1002&status=proposed&min_position={case.position}"
    assert [(one["code"], one["amount_fen"]) for one in service.get(path, who="payroll")["items"]] == [
        ("P-ATTITUDE", -2000)
    ]


def test_of_several_lines_of_a_case_the_one_that_waits_is_confirmed_w_6(service: Service) -> None:
    when = "2007-09-10T10:00:00+08:00"
    case = service.case("clarified", received_at=when)
    service.give(case, "investigation", {"findings": "听了录音", "evidence": []}, who="supervisor")
    report_id, _ = report(service, code="P-ATTITUDE", case=case.id, at=when)
    faults = [{"agent": "a1002", "fault": "bad_attitude", "ref": ref} for ref in ("call 1", "call 2")]
    service.give(case, "analysis", {**ANALYSIS, "attribution": "company", "faults": faults}, who="supervisor")
    path = f"/api/v1/ledgers/penalties?month=2007-09&agent=a1002&min_position={case.position}"
    entries = sorted(one["entry_id"] for one in service.get(path, who="payroll")["items"])
    dismissal = {"entries": entries[-1:], "reason": "同一通电话"}
    assert service.post("/api/v1/ledgers/penalties/dismissals", dismissal, who="supervisor").status == 200
    position = decide(service, report_id, "confirmed")
    items = service.get(f"{path.partition('&min')[0]}&min_position={position}", who="payroll")["items"]
    assert sorted(one["status"] for one in items) == ["confirmed", "dismissed"]


def test_the_line_stays_confirmed_as_long_as_one_of_its_reports_is(service: Service) -> None:
    case = service.case("received", received_at="2007-08-10T10:00:00+08:00")
    first, _ = report(service, case=case.id, at="2007-08-11T10:00:00+08:00")
    second, _ = report(service, case=case.id, at="2007-08-12T10:00:00+08:00")
    decide(service, second, "confirmed")
    position = decide(service, first, "dismissed")
    path = f"/api/v1/ledgers/penalties?month=2007-08&agent=a1002&min_position={position}"
    items = service.get(path, who="payroll")["items"]
    assert sorted((one["occurred_on"], one["amount_fen"], one["status"]) for one in items) == [
        ("2007-08-11", -1000, "confirmed"),
        ("2007-08-11", 1000, "confirmed"),
        ("2007-08-12", -1000, "confirmed"),
    ]


def of_month(service: Service, month: str, position: int) -> list[tuple[str, int, str]]:
    """Day, amount and status of the lines of a1002 in a month, in the order in which they began."""
    path = f"/api/v1/ledgers/penalties?month={month}&agent=a1002&min_position={position}"
    found = sorted(service.get(path, who="payroll")["items"], key=lambda line: int(line["entry_id"].partition(".")[2]))
    return [(line["occurred_on"], line["amount_fen"], line["status"]) for line in found]


def test_a_report_that_nobody_has_decided_keeps_no_line_confirmed_w_6_l_0(service: Service) -> None:
    """Given two reports of one case, the first confirmed; when that is dismissed, what is left waits for a person."""
    day = "2007-10-11"
    case = service.case("received", received_at=f"{day}T09:00:00+08:00")
    first, _ = report(service, case=case.id, at=f"{day}T10:00:00+08:00")
    report(service, case=case.id, at=f"{day}T10:30:00+08:00")
    decide(service, first, "confirmed")
    position = decide(service, first, "dismissed")
    assert of_month(service, "2007-10", position) == [
        (day, -1000, "confirmed"),
        (day, 1000, "confirmed"),
        (day, -1000, "proposed"),
    ]
    again = decide(service, first, "dismissed")
    assert len(of_month(service, "2007-10", again)) == 3


def test_nor_does_an_analysis_w_6_l_0(service: Service) -> None:
    day = "2007-11-11"
    case = service.case("clarified", received_at=f"{day}T09:00:00+08:00")
    service.give(case, "investigation", {"findings": "听了录音", "evidence": []}, who="supervisor")
    fault = {"agent": "a1002", "fault": "bad_attitude", "ref": "call 1"}
    service.give(case, "analysis", {**ANALYSIS, "attribution": "company", "faults": [fault]}, who="supervisor")
    report_id, _ = report(service, code="P-ATTITUDE", case=case.id, at=f"{day}T10:00:00+08:00")
    decide(service, report_id, "confirmed")
    position = decide(service, report_id, "dismissed")
    assert [line[2] for line in of_month(service, "2007-11", position)] == ["confirmed", "confirmed", "proposed"]


def test_of_two_confirmed_reports_the_other_keeps_the_line_as_it_is_w_6(service: Service) -> None:
    day = "2007-12-11"
    case = service.case("received", received_at=f"{day}T09:00:00+08:00")
    first, second = (report(service, case=case.id, at=f"{day}T{at}+08:00")[0] for at in ("10:00:00", "10:30:00"))
    decide(service, first, "confirmed")
    decide(service, second, "confirmed")
    position = decide(service, first, "dismissed")
    assert [line[2] for line in of_month(service, "2007-12", position)] == ["confirmed"]
    position = decide(service, second, "dismissed")
    assert [line[1] for line in of_month(service, "2007-12", position)] == [-1000, 1000]


# ---- an amount of zero ----------------------------------------------------------------------------------------------
FREE, FREE_FROM = "2008-02-10T10:00:00+08:00", "2008-02-01"


@pytest.fixture(scope="module")
def free(service: Service) -> None:
    """From FREE_FROM on P-MINOR and P-ATTITUDE cost nothing."""
    document = msgspec.convert(tariff(valid_from=FREE_FROM, minor_fen=0, attitude_fen=0), Tariff, strict=False)
    in_force(service, service.services.tariffs, document)


def status(service: Service, report_id: str) -> str:
    return str(service.get(f"{REPORTS}/{report_id}", who="supervisor")["status"])


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize("code", ["P-MINOR", "P-ATTITUDE"])
def test_where_the_tariff_asks_nothing_a_report_is_confirmed_without_a_line(service: Service, code: str) -> None:
    report_id, _ = report(service, at=FREE, code=code)
    position = decide(service, report_id, "confirmed")
    assert status(service, report_id) == "confirmed"
    assert service.get(f"/api/v1/ledgers/penalties?month=2008-02&min_position={position}", who="payroll")["items"] == []
    decide(service, report_id, "dismissed")
    assert status(service, report_id) == "dismissed"


@pytest.mark.usefixtures("free")
def test_where_the_tariff_asks_nothing_a_report_that_names_its_case_is_confirmed_too(service: Service) -> None:
    case = service.case("clarified", received_at=FREE)
    report_id, _ = report(service, at=FREE, code="P-ATTITUDE", case=case.id)
    decide(service, report_id, "confirmed")
    assert status(service, report_id) == "confirmed"


def test_a_report_of_a_day_before_any_tariff_is_refused(service: Service) -> None:
    body = {"agent": "a1002", "at": "1999-05-10T10:00:00+08:00", "code": "P-MINOR", "words": "看报"}
    refused = service.post(REPORTS, body, who="supervisor")
    assert (*refused.kind, refused["rule"], refused["errors"][0]["pointer"]) == (422, "invalid", "W-6", "/at")
    assert "before 2000-01-01" in refused["detail"]
