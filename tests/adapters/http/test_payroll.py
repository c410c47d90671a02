"""Payroll over the API: months frozen and closed by two people, statements and exports of them for ever (L-4, L-5)."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from application.proof.note import VerifierKey, opened_checkpoint
from domain.values import Month
from projections.rebuild import rebuild
from projections.registry import PROJECTIONS
from tests.adapters.http.ledgers import (
    closed,
    confirmed,
    contested,
    finished_order,
    found,
    frozen,
    line,
    month_of,
    penalty,
    ruled,
    taken,
)
from tests.adapters.http.serving import Answer, Service

NOW_THERE = Month.of((datetime.now(UTC) + timedelta(hours=8)).date())
FORMS = ("csv", "jsonl", "xlsx", "beancount")


@pytest.fixture(scope="module")
def january(service: Service) -> str:
    """A closed month: a bonus of 0.20 and a penalty of 10.00 for a1002, the books' first."""
    month = "2006-01"
    finished_order(service, f"{month}-10T12:00:00+08:00")
    confirmed(service, penalty(service, f"{month}-11"))
    frozen(service, month)
    closed(service, month)
    return month


def statement(service: Service, month: str, agent: str = "a1002", position: int = 0) -> Answer:
    answer = service.get(f"{month_of(month)}/statements/{agent}?min_position={position}", who="payroll")
    assert answer.status == 200, answer.body
    return answer


def exported(service: Service, month: str, query: str, who: str = "payroll") -> Answer:
    return service.get(f"{month_of(month)}/export?{query}", who=who)


# ---- order and two people -------------------------------------------------------------------------------------------
def test_a_month_is_frozen_and_closed_by_two_people_and_paid_by(service: Service, january: str) -> None:
    shown = service.get(month_of(january), who="payroll")
    assert shown.headers["etag"] == '"v2"'
    assert (shown["status"], shown["version"]) == ("closed", 2)
    assert (shown["frozen_by"], shown["closed_by"], shown["net_fen"]) == ("p3001", "p3002", 0)
    assert {one["kind"]: (one["lines"], one["amount_fen"]) for one in shown["totals"]} == {
        "bonus": (1, 20),
        "penalty": (1, -1000),
    }
    told = statement(service, january)
    assert (told["status"], told["mode"], told["policy"]) == ("closed", "bonus_offset", "default-1")
    assert (told["requested_fen"], told["applied_fen"], told["waived_fen"]) == (1000, 20, 980)
    assert [one["code"] for one in told["lines"]] == ["B-ORDER", "P-MINOR"]
    assert january in {one["month"] for one in service.get("/api/v1/payroll/months", who="payroll")["items"]}
    with_one = service.get("/api/v1/payroll/months?limit=1", who="payroll")
    assert len(with_one["items"]) == 1


@pytest.mark.parametrize("word", ["freeze", "close"])
@pytest.mark.parametrize("who", ["agent", "supervisor", "auditor", "admin"])
def test_payroll_alone_freezes_and_closes(service: Service, word: str, who: str) -> None:
    refused = service.post(f"{month_of('2006-01')}/{word}", {}, who=who, version=0)
    assert (refused.kind, refused["rule"]) == ((403, "forbidden"), "A-4")


@pytest.mark.parametrize("month", [str(NOW_THERE), str(NOW_THERE.after)])
def test_a_month_that_is_not_over_is_not_frozen_l_4(service: Service, month: str) -> None:
    refused = service.post(f"{month_of(month)}/freeze", {}, who="payroll", version=0)
    assert (refused.kind, refused["rule"]) == ((409, "month_not_over"), "L-4")


def test_months_are_frozen_one_after_the_other_l_4(service: Service, january: str) -> None:
    for month, code in (
        (january, "month_not_open"),
        ("2006-03", "month_out_of_order"),
        ("2005-12", "month_out_of_order"),
    ):
        version = 2 if month == january else 0
        refused = service.post(f"{month_of(month)}/freeze", {}, who="payroll", version=version)
        assert (refused.kind, refused["rule"]) == ((409, code), "L-4"), month


def ended(service: Service) -> list[tuple[Any, ...]]:
    """Which ends of months are recorded."""
    return service.rows("SELECT notification_id FROM log.events WHERE topic = 'payroll.month_ended'")


@pytest.mark.usefixtures("january")
def test_if_match_idempotency_and_what_is_malformed(service: Service) -> None:
    path = f"{month_of('2006-02')}/freeze"
    before = ended(service)
    assert service.post(path, {}, who="payroll").kind == (428, "match_required")
    assert service.post(path, {}, who="payroll", version=1).kind == (412, "stale")
    assert ended(service) == before
    assert service.post(path, {"month": "2006-02"}, who="payroll", version=0).kind == (422, "invalid")
    for month in ("2006-13", "soon", "2006-2", "0000-01", "0001-01", "1899-12", "9001-01", "9999-12"):
        assert service.post(f"{month_of(month)}/freeze", {}, who="payroll", version=0).kind == (404, "not_found")
        assert service.get(month_of(month), who="payroll").kind == (404, "not_found")
    key = {"idempotency-key": "freeze-once"}
    first = taken(service, path, {}, "payroll", version=0, headers=key)
    again = service.post(path, {}, who="payroll", version=0, headers=key)
    assert (first["status"], first["version"], first.headers["etag"]) == ("frozen", 1, '"v1"')
    assert (again.status, again.body) == (200, first.body)
    assert service.post(path, {}, who="payroll", version=0).kind == (412, "stale")
    own = service.post(f"{month_of('2006-02')}/close", {}, who="payroll", version=1)
    assert (own.kind, own["rule"]) == ((403, "two_people_needed"), "L-4")
    assert service.post(f"{month_of('2006-02')}/close", {}, who="paymaster").kind == (428, "match_required")
    assert closed(service, "2006-02")
    late = service.post(f"{month_of('2006-02')}/close", {}, who="paymaster", version=2)
    assert (late.kind, late["rule"]) == ((409, "month_not_frozen"), "L-4")
    early = service.post(f"{month_of('2006-03')}/close", {}, who="paymaster", version=0)
    assert (early.kind, early["rule"]) == ((409, "month_not_frozen"), "L-4")


# ---- statements -----------------------------------------------------------------------------------------------------
def test_who_has_nothing_in_a_month_has_no_statement(service: Service, january: str) -> None:
    for agent in ("a1001", "nobody", "a1002%00"):
        assert service.get(f"{month_of(january)}/statements/{agent}", who="payroll").kind == (404, "not_found")
    assert service.get(f"{month_of('2001-01')}/statements/a1002", who="payroll").kind == (404, "not_found")


def test_a_statement_of_an_open_month_is_as_it_stands_now(service: Service) -> None:
    month = "2006-08"
    position = finished_order(service, f"{month}-10T12:00:00+08:00", agent="a1003")
    told = statement(service, month, "a1003", position)
    assert (told["status"], told["net_fen"], len(told["lines"])) == ("open", 20, 1)
    position = finished_order(service, f"{month}-11T12:00:00+08:00", agent="a1003")
    assert statement(service, month, "a1003", position)["net_fen"] == 40


def test_the_wage_is_nobodys_business(service: Service, january: str) -> None:
    for who in ("supervisor", "payroll"):
        shown = service.get(f"{month_of(january)}/statements/a1002", who=who)
        assert "wage_cap_fen" not in shown.body
    assert all("wage_cap_fen" not in one for one in service.get(month_of(january), who="payroll")["statements"])


# ---- exports --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", FORMS)
def test_an_open_month_is_exported_as_a_marked_draft_alone_l_4(service: Service, form: str) -> None:
    month = "2006-09"
    position = finished_order(service, f"{month}-10T12:00:00+08:00")
    refused = exported(service, month, f"format={form}")
    assert (refused.kind, refused["rule"]) == ((409, "month_not_closed"), "L-4")
    manifest = service.get(f"{month_of(month)}/export/manifest?format={form}", who="payroll")
    assert (manifest.kind, manifest["rule"]) == ((409, "month_not_closed"), "L-4")
    draft = exported(service, month, f"format={form}&draft=true&min_position={position}")
    assert draft.status == 200
    assert "draft" in draft.headers["content-disposition"]
    assert "link" not in draft.headers
    assert "repr-digest" not in draft.headers
    assert form == "xlsx" or b"draft" in draft.raw.lower()


@pytest.mark.parametrize("form", FORMS)
def test_a_closed_month_is_exported_with_its_manifest(service: Service, january: str, form: str) -> None:
    file = exported(service, january, f"format={form}&draft=true", "auditor")
    assert (file.status, file.raw) == (200, exported(service, january, f"format={form}").raw)
    assert "draft" not in file.headers["content-disposition"]
    manifest = service.get(f"{month_of(january)}/export/manifest?format={form}", who="auditor")
    assert (manifest["sha256"], manifest["month"]) == (sha256(file.raw).hexdigest(), january)
    assert manifest["cut_position"] == service.get(month_of(january), who="payroll")["cut_position"]
    assert manifest["tariffs"] == ["default-1"]


def test_a_manifest_carries_a_signed_head_that_covers_the_cut_a_1(service: Service, january: str) -> None:
    """And a later one later on, beside a file whose bytes stay the same."""
    cut = service.get(month_of(january), who="payroll")["cut_position"]
    path = f"{month_of(january)}/export/manifest?format=csv"
    assert service.get(f"/api/v1/audit/checkpoint?min_position={cut}", who="auditor").status == 200
    first = service.get(path, who="payroll").body
    keys = service.get("/api/v1/audit/keys", who="auditor")
    assert opened_checkpoint(first["head"], VerifierKey.parse(keys["newest"])).size >= cut
    later = service.receive().position
    assert service.get(f"/api/v1/audit/checkpoint?min_position={later}", who="auditor").status == 200
    second = service.get(path, who="payroll").body
    assert opened_checkpoint(second["head"], VerifierKey.parse(keys["newest"])).size >= later
    assert {**second, "head": None} == {**first, "head": None}


@pytest.mark.parametrize("who", ["agent", "supervisor", "admin"])
def test_payroll_and_auditors_alone_export(service: Service, january: str, who: str) -> None:
    assert exported(service, january, "format=csv", who).kind == (403, "forbidden")


def test_an_unknown_form_is_malformed(service: Service, january: str) -> None:
    assert exported(service, january, "format=pdf").status == exported(service, january, "").status == 422


# ---- for ever -------------------------------------------------------------------------------------------------------
def told(service: Service, month: str) -> dict[str, Any]:
    """Everything that is told of a month, byte by byte."""
    reads = {form: exported(service, month, f"format={form}").raw for form in FORMS}
    agents = [one["agent"] for one in service.get(month_of(month), who="payroll")["statements"]]
    return (
        reads
        | {agent: statement(service, month, agent).raw for agent in agents}
        | {"month": service.get(month_of(month), who="payroll").raw}
    )


@pytest.mark.usefixtures("january")
def test_a_closed_month_is_told_byte_by_byte_for_ever_l_4(service: Service) -> None:
    """After late facts, decisions, appeals, the next closing, and a rebuild of all views."""
    month, following = "2006-03", "2006-04"
    entry, waiting = penalty(service, f"{month}-11", code="P-IDLE"), penalty(service, f"{month}-12")
    order = taken(
        service,
        "/api/v1/facts/orders",
        {"agent": "a1001", "at": f"{month}-13T12:00:00+08:00", "signed": True, "recommended": True, "seated": True},
        "supervisor",
    )
    finished_order(service, f"{month}-14T12:00:00+08:00", agent="a1003")
    confirmed(service, entry)
    if service.get(month_of("2006-02"), who="payroll")["status"] == "open":
        frozen(service, "2006-02")
        closed(service, "2006-02")
    frozen(service, month)
    closed(service, month)
    before = told(service, month)
    assert {*before} == {*FORMS, "a1001", "a1002", "a1003", "month"}

    # late: an order that ties the ranking, one that is withdrawn, a confirmation, an appeal upheld
    position = finished_order(service, f"{month}-15T12:00:00+08:00", agent="a1003", recommended=True)
    confirmed(service, waiting)
    ruled(service, contested(service, entry))
    taken(service, f"/api/v1/facts/orders/{order['id']}/withdrawal", {"reason": "重复"}, "second")
    position = finished_order(service, f"{following}-02T12:00:00+08:00")
    lowered = [
        one for one in found(service, "bonuses", position, month=month, agent="a1001") if one["status"] == "proposed"
    ]
    assert {one["code"] for one in lowered} == {"B-ORDER", "B-RECOMMEND"}
    assert told(service, month) == before
    confirmed(service, *(one["entry_id"] for one in lowered), who="second")
    frozen(service, following)
    closed(service, following)
    after = told(service, following)
    assert told(service, month) == before
    _check_late_lines(service, following)

    service.run(rebuild(service.services.dsn, service.services.keyring, PROJECTIONS))
    assert told(service, month) == before
    assert told(service, following) == after


def _check_late_lines(service: Service, month: str) -> None:
    """Of the late B-RECOMMEND the whole 60.00 moves; of the penalties nothing: none of them was ever collected."""
    lines = sorted((one["code"], one["amount_fen"]) for one in found(service, "penalties", month=month))
    assert lines == [("P-IDLE", 2000), ("P-MINOR", -1000), ("P-OFFSET", -2000), ("P-OFFSET", 1000)]
    nets = {agent: statement(service, month, agent)["net_fen"] for agent in ("a1001", "a1002", "a1003")}
    assert nets == {"a1001": 0, "a1002": 20, "a1003": 20 + 6000}
    taken_back = found(service, "bonuses", month=month, agent="a1001")
    assert sorted(one["amount_fen"] for one in taken_back) == [-6000, -20]
    assert all(line(service, one["reverses"])["reversed_by"] == one["entry_id"] for one in taken_back)
