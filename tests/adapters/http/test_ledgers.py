"""The ledgers over the API: confirm, dismiss, appeal, decide; who may, who sees what (L-0 … L-3)."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.adapters.http.ledgers import (
    CONFIRMATIONS,
    DISMISSALS,
    REASON,
    REPORTS,
    confirmed,
    contested,
    finished_order,
    found,
    line,
    month_of,
    penalty,
    ruled,
    taken,
)
from tests.adapters.http.serving import ANALYSIS, Answer, Service, ahead

NOBODY = f"{uuid4()}.1"


@contextmanager
def later(service: Service, **step: float) -> Iterator[None]:
    """The service's clock some time ahead."""
    parts = service.app.state.parts
    service.app.state.parts = replace(parts, clock=lambda: datetime.now(UTC) + timedelta(**step))
    try:
        yield
    finally:
        service.app.state.parts = parts


# ---- confirm and dismiss --------------------------------------------------------------------------------------------
def test_a_supervisor_confirms_and_it_counts_l_0(service: Service) -> None:
    entry = penalty(service, "2007-01-10")
    before = line(service, entry)
    assert (before["posted_month"], before["confirmed_by"], before["month"]) == (None, None, "2007-01")
    position = confirmed(service, entry)
    after = line(service, entry, position)
    assert (after["status"], after["posted_month"], after["confirmed_by"]) == ("confirmed", "2007-01", "s2001")
    assert after["confirmed_on"] == (datetime.now(UTC) + timedelta(hours=8)).date().isoformat()
    last = datetime.now(UTC) + timedelta(hours=8, days=14)
    assert (before["appeal_until"], after["appeal_until"]) == (None, last.date().isoformat())
    assert [cause["type"] for cause in after["causes"]] == ["conduct.reported"]
    assert after["explanation"]["zh"] and after["explanation"]["en"]  # noqa: PT018


@pytest.mark.parametrize("who", ["agent", "payroll", "auditor", "admin"])
@pytest.mark.parametrize("path", [CONFIRMATIONS, DISMISSALS])
def test_supervisors_alone_decide_on_lines_l_0(service: Service, who: str, path: str) -> None:
    refused = service.post(path, {"entries": [NOBODY], **(REASON if path == DISMISSALS else {})}, who=who)
    assert (refused.kind, refused["rule"]) == ((403, "forbidden"), "A-4")


def test_nobody_decides_on_an_own_line_l_0(service: Service) -> None:
    entry = penalty(service, "2007-01-11", agent="s2001", by="second")
    for path, rest in ((CONFIRMATIONS, {}), (DISMISSALS, REASON)):
        refused = service.post(path, {"entries": [entry], **rest}, who="supervisor")
        assert (refused.kind, refused["rule"]) == ((403, "own_line"), "L-0")
        assert entry in refused["detail"]
    confirmed(service, entry, who="second")


def test_all_or_nothing_and_the_entry_is_named_l_0(service: Service) -> None:
    first, dismissed, last = (penalty(service, f"2007-01-{day}") for day in (12, 13, 14))
    taken(service, DISMISSALS, {"entries": [dismissed], **REASON}, "second")
    for path, rest in ((CONFIRMATIONS, {}), (DISMISSALS, REASON)):
        refused = service.post(path, {"entries": [first, first, dismissed, last], **rest}, who="supervisor")
        assert (refused.kind, refused["rule"]) == ((409, "not_proposed"), "L-0")
        assert dismissed in refused["detail"]
        assert refused["errors"][0]["pointer"] == "/entries/2"
        assert [line(service, entry)["status"] for entry in (first, last)] == ["proposed", "proposed"]
    done = taken(service, CONFIRMATIONS, {"entries": [last, first, last]}, "supervisor")
    assert done["entries"] == [last, first]
    assert [line(service, entry, done["position"])["status"] for entry in (first, last)] == ["confirmed"] * 2


@pytest.mark.parametrize(
    ("entries", "kind", "pointer"),
    [
        ([NOBODY], (409, "line_unknown"), "/entries/0"),
        ([NOBODY, NOBODY, "7"], (422, "invalid"), "/entries/2"),
        (["x.1"], (422, "invalid"), "/entries/0"),
        ([f"{uuid4()}.x"], (422, "invalid"), "/entries/0"),
        ([], (422, "invalid"), "/entries"),
        ([NOBODY] * 501, (422, "invalid"), "/entries"),
    ],
)
def test_what_is_no_line_is_told_so(service: Service, entries: list[str], kind: tuple[int, str], pointer: str) -> None:
    refused = service.post(CONFIRMATIONS, {"entries": entries}, who="supervisor")
    assert refused.kind == kind, refused.body
    assert refused["errors"][0]["pointer"] == pointer


def test_a_dismissal_needs_a_reason_which_is_sealed_l_0(service: Service) -> None:
    entry = penalty(service, "2007-01-15")
    assert service.post(DISMISSALS, {"entries": [entry]}, who="supervisor").kind == (422, "invalid")
    position = taken(service, DISMISSALS, {"entries": [entry], "reason": "看错了人"}, "supervisor")["position"]
    after = line(service, entry, position)
    assert (after["status"], after["posted_month"]) == ("dismissed", None)
    [(body,)] = service.rows("SELECT convert_from(state, 'UTF8') FROM log.events WHERE notification_id = %s", position)
    assert "看错了人" not in body
    assert '"box"' in body


def test_a_repeated_confirmation_gets_the_first_answer(service: Service) -> None:
    entry, other = penalty(service, "2007-01-16"), penalty(service, "2007-01-17")
    key = {"idempotency-key": "confirm-once"}
    first = taken(service, CONFIRMATIONS, {"entries": [entry]}, "supervisor", headers=key)
    again = service.post(CONFIRMATIONS, {"entries": [entry]}, who="supervisor", headers=key)
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    reused = service.post(CONFIRMATIONS, {"entries": [other]}, who="supervisor", headers=key)
    assert reused.kind == (422, "idempotency_key_reused")
    assert line(service, other)["status"] == "proposed"


def test_a_deputy_decides_in_a_supervisors_place_but_never_on_an_own_line_l_0(service: Service) -> None:
    own, others = penalty(service, "2007-01-18", agent="a1003"), penalty(service, "2007-01-19")
    refused = service.post(CONFIRMATIONS, {"entries": [others]}, who="stranger")
    assert refused.kind == (403, "forbidden")
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    term = {"from": today.isoformat(), "to": (today + timedelta(days=1)).isoformat(), "reason": "主管病假"}
    version = service.get("/api/v1/agents/a1003", who="admin")["version"]
    named = taken(service, "/api/v1/agents/a1003/deputy", term, "admin", version=version)
    service.get(f"/api/v1/agents?min_position={named['position']}", who="admin")
    refused = service.post(CONFIRMATIONS, {"entries": [own]}, who="stranger")
    assert (refused.kind, refused["rule"]) == ((403, "own_line"), "L-0")
    assert line(service, others, confirmed(service, others, who="stranger"))["confirmed_by"] == "a1003"
    report = {"agent": "a1001", "at": "2007-01-20T10:00:00+08:00", "code": "P-MINOR", "words": "看报"}
    reported = taken(service, REPORTS, report, "supervisor")
    listed = service.get(f"{REPORTS}?month=2007-01&min_position={reported['position']}", who="stranger")["items"]
    assert reported["id"] in {one["id"] for one in listed}
    decided = service.post(f"{REPORTS}/{reported['id']}/decision", {"decision": "confirmed"}, who="stranger")
    assert decided.status == 200, decided.body


# ---- appeals --------------------------------------------------------------------------------------------------------
def test_an_appeal_by_the_agent_decided_by_another_l_0(service: Service) -> None:
    entry = penalty(service, "2007-02-10")
    confirmed(service, entry)
    made = taken(service, f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "不是我"}, "colleague")
    assert (made.status, made["id"], made["appeal"]) == (201, f"{entry}.1", "open")
    assert made.headers["location"] == f"/api/v1/ledgers/entries/{entry}"
    shown = line(service, entry, made["position"])
    assert (shown["appeal"], shown["appeal_id"]) == ("open", f"{entry}.1")
    assert entry in {one["entry_id"] for one in found(service, "penalties", waits="true")}
    by_confirmer = ruled(service, made["id"], "supervisor")
    assert (by_confirmer.kind, by_confirmer["rule"]) == ((403, "own_confirmation"), "L-0")
    assert ruled(service, made["id"], "agent").kind == (403, "forbidden")
    decided = ruled(service, made["id"])
    assert (decided.status, decided["appeal"]) == (200, "upheld")
    after = line(service, entry, decided["position"])
    reversal = line(service, after["reversed_by"])
    assert (after["appeal"], reversal["reverses"], reversal["amount_fen"]) == ("upheld", entry, 1000)
    assert [cause["type"] for cause in reversal["causes"]] == ["ledger.appeal_decided"]
    again = ruled(service, made["id"])
    assert (again.kind, again["rule"]) == ((409, "appeal_not_open"), "L-0")


@pytest.mark.parametrize(("who", "kind"), [("agent", (403, "not_your_line")), ("supervisor", (403, "not_your_line"))])
def test_only_the_agent_whose_line_it_is_appeals_l_0(service: Service, who: str, kind: tuple[int, str]) -> None:
    entry = penalty(service, "2007-02-11")
    confirmed(service, entry)
    refused = service.post(f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "x"}, who=who)
    assert (refused.kind, refused["rule"]) == (kind, "L-0")


@pytest.mark.parametrize("who", ["payroll", "auditor", "admin"])
def test_who_has_no_lines_does_not_appeal(service: Service, who: str) -> None:
    refused = service.post(f"/api/v1/ledgers/entries/{NOBODY}/appeals", {"reason": "x"}, who=who)
    assert refused.kind == (403, "forbidden")


def test_an_appeal_is_made_in_time_and_against_what_is_confirmed_l_0(service: Service) -> None:
    entry = penalty(service, "2007-02-12")
    path = f"/api/v1/ledgers/entries/{entry}/appeals"
    early = service.post(path, {"reason": "x"}, who="colleague")
    assert (early.kind, early["rule"]) == ((409, "cannot_appeal"), "L-0")
    confirmed(service, entry)
    with later(service, days=15, minutes=1):
        late = service.post(path, {"reason": "x"}, who="colleague")
    assert (late.kind, late["rule"]) == ((409, "cannot_appeal"), "L-0")
    assert "time to appeal ended" in late["detail"]
    with later(service, days=13, hours=23):
        assert service.post(path, {"reason": "x"}, who="colleague").status == 201


def test_three_appeals_at_most_and_withdrawn_ones_do_not_count_l_0(service: Service) -> None:
    entry = penalty(service, "2007-02-13")
    confirmed(service, entry)
    first = contested(service, entry)
    not_hers = service.post(f"/api/v1/appeals/{first}/withdrawal", who="agent")
    assert (not_hers.kind, not_hers["rule"]) == ((403, "not_your_line"), "L-0")
    withdrawn = taken(service, f"/api/v1/appeals/{first}/withdrawal", None, "colleague")
    assert withdrawn["appeal"] == "withdrawn"
    assert line(service, entry, withdrawn["position"])["appeal"] is None
    for number in (2, 3, 4):
        appeal = contested(service, entry)
        assert appeal == f"{entry}.{number}"
        twice = service.post(f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "x"}, who="colleague")
        assert twice.kind == (409, "cannot_appeal")
        assert ruled(service, appeal, decision="rejected")["appeal"] == "rejected"
    refused = service.post(f"/api/v1/ledgers/entries/{entry}/appeals", {"reason": "x"}, who="colleague")
    assert (refused.kind, refused["rule"]) == ((409, "cannot_appeal"), "L-0")
    assert line(service, entry)["appeal"] == "rejected"


def test_partly_leaves_a_lower_line_that_can_be_contested_l_0(service: Service) -> None:
    entry = penalty(service, "2007-02-14", code="P-IDLE")
    confirmed(service, entry)
    appeal = contested(service, entry)
    for stays, kind in ((None, (422, "invalid")), (0, (422, "invalid")), (2000, (409, "not_reduced"))):
        refused = ruled(service, appeal, decision="partly", reduced_to_fen=stays)
        assert (refused.kind, refused["errors"][0]["pointer"]) == (kind, "/reduced_to_fen")
    assert ruled(service, appeal, decision="upheld", reduced_to_fen=1).kind == (422, "invalid")
    position = ruled(service, appeal, decision="partly", reduced_to_fen=500)["position"]
    [lower] = [one for one in found(service, "penalties", position, month="2007-02") if one["in_place_of"] == entry]
    assert (lower["amount_fen"], lower["status"], lower["confirmed_by"]) == (-500, "confirmed", "s2002")
    assert [cause["type"] for cause in lower["causes"]] == ["ledger.appeal_decided"]
    again = contested(service, lower["entry_id"])
    assert ruled(service, again, "second").kind == (403, "own_confirmation")
    assert ruled(service, again, "supervisor").status == 200


def test_what_is_not_there_is_not_found(service: Service) -> None:
    entry = penalty(service, "2007-02-15")
    unknown = [NOBODY, f"{entry.rpartition('.')[0]}.9", "x", f"{entry}%00", "..", f"{entry.upper()}x"]
    for path in [f"/api/v1/ledgers/entries/{one}/appeals" for one in unknown]:
        assert service.post(path, {"reason": "x"}, who="colleague").status == 404, path
        assert service.post(path, {}, who="colleague").status == 404, path
    for appeal in [f"{entry}.1", f"{NOBODY}.1", "x", f"{entry}.x"]:
        assert ruled(service, appeal).kind == (404, "not_found"), appeal
        assert service.post(f"/api/v1/appeals/{appeal}/withdrawal", who="colleague").kind == (404, "not_found")
        assert service.post(f"/api/v1/appeals/{appeal}/decision", {}, who="second").kind == (404, "not_found")
    for one in unknown[:4]:
        assert service.get(f"/api/v1/ledgers/entries/{one}", who="payroll").kind == (404, "not_found"), one


# ---- who sees what --------------------------------------------------------------------------------------------------
def test_agents_see_their_own_supervisors_their_teams_payroll_and_auditors_all(service: Service) -> None:
    month = "2007-03"
    own, others = penalty(service, f"{month}-10", agent="a1001"), penalty(service, f"{month}-11", agent="a1002")
    other_team = penalty(service, f"{month}-12", agent="a1003", by="second")
    finished_order(service, f"{month}-10T12:00:00+08:00", agent="a1001")
    position = finished_order(service, f"{month}-10T12:00:00+08:00", agent="a1003")
    service.get(f"{month_of(month)}?min_position={position}", who="payroll")
    everything, team = {own, others, other_team}, {own, others}
    seen = {"agent": {own}, "supervisor": team, "second": {other_team}, "payroll": everything, "auditor": everything}
    for who, entries in seen.items():
        assert {one["entry_id"] for one in found(service, "penalties", who=who, month=month)} == entries, who
        for entry in everything:
            status = service.get(f"/api/v1/ledgers/entries/{entry}", who=who).status
            assert status == (200 if entry in entries else 404), who
    assert found(service, "penalties", who="agent", month=month, agent="a1002") == []
    assert {one["agent"] for one in found(service, "bonuses", who="supervisor", month=month)} == {"a1001"}
    shown = {
        who: {one["agent"] for one in service.get(month_of(month), who=who)["statements"]}
        for who in ("agent", "supervisor", "second", "payroll", "auditor")
    }
    assert shown == {
        "agent": {"a1001"},
        "supervisor": {"a1001"},
        "second": {"a1003"},
        "payroll": {"a1001", "a1003"},
        "auditor": {"a1001", "a1003"},
    }
    for who, status in (("agent", 404), ("supervisor", 404), ("second", 200), ("payroll", 200)):
        assert service.get(f"{month_of(month)}/statements/a1003", who=who).status == status, who


def test_who_does_not_see_everybody_is_not_told_the_sums_of_all(service: Service) -> None:
    month = "2007-04"
    finished_order(service, f"{month}-10T12:00:00+08:00", agent="a1001")
    position = finished_order(service, f"{month}-10T12:00:00+08:00", agent="a1002")
    path = f"{month_of(month)}?min_position={position}"
    mine, everybodys = (service.get(path, who=who) for who in ("agent", "payroll"))
    assert (mine["net_fen"], mine["totals"]) == (25, [])
    assert (everybodys["net_fen"], everybodys["totals"]) == (50, [{"kind": "bonus", "lines": 2, "amount_fen": 50}])


@pytest.mark.parametrize(
    "path",
    [
        "/ledgers/bonuses",
        "/ledgers/penalties",
        pytest.param(f"/ledgers/entries/{NOBODY}", id="entry"),
        "/payroll/months",
        "/payroll/months/2007-03",
        "/payroll/months/2007-03/statements/a1001",
    ],
)
def test_admins_and_nobody_do_not_read_the_ledgers(service: Service, path: str) -> None:
    assert service.get(f"/api/v1{path}", who="admin").kind == (403, "forbidden")
    assert service.get(f"/api/v1{path}", who=None).kind == (401, "unauthenticated")


# ---- lists ----------------------------------------------------------------------------------------------------------
def test_lists_are_narrowed_by_month_agent_status_and_what_waits(service: Service) -> None:
    month = "2007-05"
    proposed, counts, gone, disputed = (penalty(service, f"{month}-1{day}") for day in range(4))
    confirmed(service, counts, disputed)
    taken(service, DISMISSALS, {"entries": [gone], **REASON}, "second")
    contested(service, disputed)
    position = finished_order(service, f"{month}-10T12:00:00+08:00")

    def entries(**filters: Any) -> set[str]:
        return {one["entry_id"] for one in found(service, "penalties", position, month=month, **filters)}

    assert entries() == {proposed, counts, gone, disputed}
    assert entries(status="proposed") == {proposed}
    assert entries(status="confirmed") == {counts, disputed}
    assert entries(status="dismissed") == {gone}
    assert entries(waits="true") == {proposed, disputed}
    assert entries(waits="false") == {counts, gone}
    assert entries(agent="a1002") == entries()
    assert entries(agent="a1001") == entries(grave="true") == entries(status="earned") == set()
    assert [one["code"] for one in found(service, "bonuses", month=month, agent="a1002")] == ["B-ORDER"]


def test_a_grave_exposure_stands_in_the_supervisors_list_p_media(service: Service) -> None:
    when = "2007-06-08T12:30:00+08:00"
    case = service.case("investigated", received_at=when, happened_at=when)
    exposure = {"agent": "a1002", "fault": "media_exposure", "ref": "evening paper", "grave": True}
    service.give(case, "analysis", {**ANALYSIS, "faults": [exposure]}, who="supervisor")
    [line_] = found(service, "penalties", case.position, who="supervisor", grave="true")
    assert (line_["code"], line_["amount_fen"], line_["ref"], line_["month"]) == (
        "P-MEDIA",
        -2000,
        "evening paper",
        "2007-06",
    )
    assert line_["entry_id"] not in {one["entry_id"] for one in found(service, "penalties", grave="false")}


def test_what_is_found_grave_later_opens_a_review_and_the_line_stays_c_5_p_media(service: Service) -> None:
    when = "2007-07-08T12:30:00+08:00"
    case = service.case("investigated", received_at=when, happened_at=when)
    exposure = {"agent": "a1002", "fault": "media_exposure", "ref": "evening paper"}

    def analysed(*, grave: bool) -> dict[str, Any]:
        service.give(case, "analysis", {**ANALYSIS, "faults": [{**exposure, "grave": grave}]}, who="supervisor")
        [kept] = found(service, "penalties", case.position, month="2007-07", agent="a1002")
        return kept

    proposed = analysed(grave=False)
    confirmed(service, proposed["entry_id"])
    for grave in (True, False):
        kept = analysed(grave=grave)
        assert (kept["entry_id"], kept["grave"]) == (proposed["entry_id"], grave)
        assert (kept["status"], kept["reversed_by"]) == ("confirmed", None)


def test_lists_come_page_by_page(service: Service) -> None:
    month = "2007-07"
    position = max(finished_order(service, f"{month}-{day}T12:00:00+08:00") for day in (12, 10, 11, 10, 10))
    whole = found(service, "bonuses", position, month=month)
    assert [one["occurred_on"][-2:] for one in whole] == ["10", "10", "10", "11", "12"]
    pages, path = [], f"/api/v1/ledgers/bonuses?month={month}&limit=2"
    while path:
        page = service.get(path, who="payroll")
        pages.append([dict(one) for one in page["items"]])
        after = page["next"]
        path = f"/api/v1/ledgers/bonuses?month={month}&limit=2&after={after}" if after else ""
        assert (f"after={after}" in page.headers.get("link", "")) is bool(after)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == whole


PLACE = ["2007-03", "a1002", "2007-03-01", "B-ORDER"]
CURSORS: list[object] = [
    [],
    None,
    {},
    7,
    "x",
    [*PLACE],
    ["2007-03", "a", "soon", "B-ORDER", "x"],
    [*PLACE, "\x00"],
    [*PLACE, "\ud800"],
]


@pytest.mark.parametrize("key", CURSORS, ids=str)
def test_a_cursor_that_no_page_has_given_is_told_so(service: Service, key: object) -> None:
    after = urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
    refused = service.get(f"/api/v1/ledgers/penalties?after={after}", who="payroll")
    assert refused.kind == (422, "bad_cursor")


@pytest.mark.parametrize(
    "query",
    ["month=2007-13", "status=paid", "limit=0", "limit=501", "kind=bonus", "agent=%00", "waits=perhaps", "after=x"],
)
def test_a_list_that_cannot_be_meant_is_told_so(service: Service, query: str) -> None:
    assert service.get(f"/api/v1/ledgers/penalties?{query}", who="payroll").status == 422


def test_facts_that_cannot_be_are_refused_by_their_rules(service: Service) -> None:
    order = {"agent": "a1002", "at": ahead(), "signed": True, "recommended": False, "seated": True}
    exam = {"agent": "a1002", "month": "2007-03", "typing": 101, "knowledge": 90, "service": 90}
    for path, body, rule in (("orders", order, "W-1"), ("exams", exam, "W-3")):
        refused = service.post(f"/api/v1/facts/{path}", body, who="supervisor")
        assert (refused.kind, refused["rule"]) == ((422, "invalid"), rule)
    own = service.post(f"{REPORTS}/{uuid4()}/decision", {"decision": "confirmed"}, who="supervisor")
    assert own.kind == (404, "not_found")


# ---- what became of a line ------------------------------------------------------------------------------------------
def history(service: Service, entry: str, who: str, position: int = 0) -> Answer:
    return service.get(f"/api/v1/ledgers/entries/{entry}/history?min_position={position}", who=who)


def test_a_line_tells_its_causes_and_what_became_of_it_l_1(service: Service) -> None:
    entry = penalty(service, "2007-02-10")
    confirmed(service, entry, who="second")
    appeal = contested(service, entry)
    position = taken(service, f"/api/v1/appeals/{appeal}/decision", {"decision": "rejected", **REASON}, "supervisor")
    told = history(service, entry, "colleague", position["position"])
    assert [(item["type"], item["actor"]) for item in told["items"]] == [
        ("ledger.proposed", "ledger"),
        ("ledger.confirmed", "s2002"),
        ("ledger.appealed", "a1002"),
        ("ledger.appeal_decided", "s2001"),
    ]
    assert [item["data"].get("reason") for item in told["items"]] == [None, None, "不是我", "录音证实"]
    assert told["items"][1]["data"]["posted_month"] == "2007-02"
    [cause] = told["causes"]
    assert (cause["type"], cause["of"], cause["actor"]) == ("conduct.reported", "facts/conduct-reports", "s2001")
    report = service.get(f"/api/v1/{cause['of']}/{cause['id']}", who="supervisor")
    assert cause["position"] in {item["position"] for item in report["history"]}


def test_a_lines_history_is_for_who_sees_the_line_and_reasons_for_who_works_with_people_a_4(service: Service) -> None:
    entry = penalty(service, "2007-02-11")
    confirmed(service, entry, who="second")
    contested(service, entry)
    position = int(service.rows("SELECT max(notification_id) FROM log.events")[0][0])
    assert history(service, entry, "stranger", position).kind == (404, "not_found")
    assert history(service, entry, "payroll", position)["items"][-1]["data"]["reason"] == "***"
    assert history(service, NOBODY, "payroll").kind == (404, "not_found")


def test_a_reversal_stands_in_the_history_of_the_line_it_takes_back_l_2(service: Service) -> None:
    entry = penalty(service, "2007-02-12")
    confirmed(service, entry, who="second")
    decided = ruled(service, contested(service, entry), who="supervisor")
    told = history(service, entry, "payroll", decided["position"])
    assert [item["type"] for item in told["items"]][-2:] == ["ledger.appeal_decided", "ledger.reversed"]
