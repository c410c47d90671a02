"""Reading: positions, moments, pages, filters, words, masks, reach (contract part 3; A-2, A-4)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.adapters.http.serving import (
    ANALYSIS,
    CASES,
    CLARIFICATION,
    Case,
    Service,
    ago,
    ahead,
    escalation,
)


def listed(service: Service, query: str, who: str = "supervisor") -> list[dict[str, Any]]:
    """All cases that a query finds."""
    answer = service.get(f"{CASES}?{query}", who=who)
    assert answer.status == 200, answer.body
    return list(answer["items"])


def found(service: Service, query: str, who: str = "supervisor") -> list[str]:
    """Their ids."""
    return [item["id"] for item in listed(service, query, who)]


# ---- positions and moments ------------------------------------------------------------------------------------------
def test_a_list_with_min_position_shows_what_was_just_recorded(service: Service) -> None:
    for _ in range(5):
        case = service.receive()
        assert found(service, f"min_position={case.position}&limit=1") == [case.id]


def test_a_position_not_reached_is_503_behind_after_five_seconds(service: Service) -> None:
    began = datetime.now(UTC)
    refused = service.get(f"{CASES}?min_position={2**63 - 1}")
    assert refused.kind == (503, "behind")
    assert timedelta(seconds=4.5) < datetime.now(UTC) - began < timedelta(seconds=8)
    assert int(refused.headers["retry-after"]) >= 1


@pytest.mark.parametrize("path", ["", "/history", "/next-steps"])
def test_every_read_of_a_case_takes_min_position(service: Service, path: str) -> None:
    case = service.receive()
    assert service.get(f"{case.url}{path}?min_position={case.position}").status == 200
    assert service.get(f"{case.url}{path}?min_position=x").status == 422


def test_a_case_as_it_stood_at_a_position_a_2(service: Service) -> None:
    case = service.receive()
    then = case.position
    service.give(case, "clarification", CLARIFICATION)
    shown = service.get(f"{case.url}?as_of={then}")
    assert (shown["status"], shown["version"], shown.headers["etag"]) == ("received", 1, '"v1"')
    assert len(service.get(f"{case.url}/history?as_of={then}")["items"]) == 1
    assert service.get(f"{case.url}?as_of={case.position}")["status"] == "clarified"
    assert service.get(f"{case.url}?as_of={then - 1}").kind == (404, "not_found")


def test_a_case_as_it_was_recorded_at_a_moment_a_2(service: Service) -> None:
    case = service.receive(received_at=ago(days=9))
    between = datetime.now(UTC)
    service.give(case, "clarification", CLARIFICATION)
    # RFC 3339 may be written in small letters
    assert service.get(f"{case.url}?as_of={between:%Y-%m-%dt%H:%M:%S.%fz}")["status"] == "received"
    for offset in (0, 8):
        moment = (between + timedelta(hours=offset)).replace(tzinfo=None).isoformat() + f"+{offset:02}:00"
        assert service.get(f"{case.url}?as_of={quote(moment)}")["status"] == "received"
    assert service.get(f"{case.url}?as_of={quote(ago(days=8))}").kind == (404, "not_found")


@pytest.mark.parametrize(
    "moment", ["2026-01-01", "2026-01-01T00:00:00", "yesterday", "-1", "1.5", "", "9999-12-31T23:59:59-14:00"]
)
def test_a_moment_without_offset_or_beyond_all_zones_is_422(service: Service, moment: str) -> None:
    assert service.get(f"{service.receive().url}?as_of={moment}").kind == (422, "invalid")


def test_a_list_shows_cases_as_they_stood_a_2(service: Service) -> None:
    case = service.receive()
    then = case.position
    unchanged = service.receive()
    service.give(case, "acknowledgement", {})
    service.give(case, "clarification", CLARIFICATION)
    newer = service.receive()
    position = f"min_position={newer.position}"
    shown = {row["id"]: row for row in service.get(f"{CASES}?as_of={then}&limit=500&{position}")["items"]}
    assert (shown[case.id]["status"], shown[case.id]["version"]) == ("received", 1)
    assert {unchanged.id, newer.id}.isdisjoint(shown)
    received = service.get(f"{CASES}?as_of={then}&status=received&limit=500")["items"]
    assert case.id in {row["id"] for row in received}
    assert case.id not in {
        row["id"] for row in service.get(f"{CASES}?as_of={then}&status=clarified&limit=500")["items"]
    }
    now = {row["id"]: row for row in service.get(f"{CASES}?as_of={newer.position}&limit=500")["items"]}
    assert (now[case.id]["status"], now[unchanged.id]["status"]) == ("clarified", "received")


def test_a_list_shows_cases_as_they_stood_at_a_moment_of_recording(service: Service) -> None:
    case = service.receive()
    moment = quote(service.get(case.url)["last_at"])
    service.give(case, "acknowledgement", {})
    shown = service.get(f"{CASES}?as_of={moment}&limit=500&min_position={case.position}")["items"]
    assert {row["id"]: row["acknowledged"] for row in shown}[case.id] is False
    assert service.get(f"{CASES}?as_of={quote('2001-01-01T00:00:00Z')}")["items"] == []


# ---- pages ----------------------------------------------------------------------------------------------------------
def test_no_case_is_lost_or_doubled_while_new_ones_arrive(service: Service) -> None:
    channel = "letter"
    there = [service.receive(channel=channel).id for _ in range(7)]
    there += [service.receive(channel=channel, received_at=ago(days=n), on_site=n == 2).id for n in range(1, 4)]
    service.seen(service.receive().position)
    seen: list[str] = []
    path: str | None = f"{CASES}?channel={channel}&limit=3"
    while path:
        page = service.get(path, who="supervisor")
        seen += [item["id"] for item in page["items"]]
        path = linked(page.headers)
        assert (path is None) == (page["next"] is None)
        service.seen(service.receive(channel=channel).position)
    assert sorted(seen) == sorted(there)
    assert seen[0] == there[8]


def linked(headers: Any) -> str | None:
    """Where the next page is."""
    link = re.fullmatch(r'<(.+)>; rel="next"', headers["link"]) if "link" in headers else None
    return link[1] if link else None


def test_history_comes_in_pages(service: Service) -> None:
    case = service.case("closed")
    items, path = [], f"{case.url}/history?limit=4"
    while path:
        page = service.get(path)
        items += page["items"]
        path = linked(page.headers) or ""
    assert [one["version"] for one in items if one["actor"] != "scheduler"] == list(range(1, case.version + 1))
    assert [one["position"] for one in items] == sorted({one["position"] for one in items})


def test_agents_come_in_pages(service: Service) -> None:
    ids, path = [], "/api/v1/agents?limit=3"
    while path:
        page = service.get(path)
        ids += [item["id"] for item in page["items"]]
        path = linked(page.headers) or ""
    assert ids == sorted(ids)
    assert {"a1001", "d5001", "u4001"} <= {*ids}


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=x", "after=W10", "status=x", "bogus=1"])
def test_a_bad_page_is_422(service: Service, query: str) -> None:
    assert service.get(f"{CASES}?{query}").kind == (422, "invalid")


# ---- filters --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def told_apart(service: Service) -> Case:
    """A case unlike all others."""
    customer = {"name": "欧阳峰", "phone": "+86 139 0013 9000", "card_no": "GOLD-77", "customer_class": "top"}
    case = service.receive(
        who="colleague",
        channel="regulator",
        customer=customer,
        narrative="鱼头汤 was cold, said Müller",
        demands=["换一桌"],
        place="静安店",
        merchant="m-9",
        received_at="2025-05-05T10:00:00+08:00",
        external_ref="EXT/9",
    )
    service.give(case, "clarification", {**CLARIFICATION, "type": "booking"}, who="colleague")
    service.give(case, "investigation", {"findings": "x", "evidence": []}, who="colleague")
    service.give(case, "analysis", {**ANALYSIS, "severity": "critical"}, who="colleague")
    service.give(case, "escalations", escalation(), who="colleague")
    service.give(case, "assignment", {"agent": "a1003", "reason": "x"}, who="supervisor")
    service.seen(case.position)
    return case


@pytest.mark.parametrize(
    ("fits", "fits_not"),
    [
        ("status=analysed&owner=a1002", "status=closed&owner=a1002"),
        ("owner=a1002", "owner=a1003"),
        ("handler=a1003", "handler=a1002"),
        ("team=t2", "team=t1"),
        ("class=top", "class=relation"),
        ("severity=critical", "severity=minor"),
        ("type=booking", "type=price"),
        ("channel=regulator", "channel=app"),
        ("merchant=m-9", "merchant=m-8"),
        ("overdue=true&class=top", "overdue=false"),
        pytest.param(f"due_before={quote(ahead(days=2))}", "due_before=2025-05-05T10:00:00%2B08:00", id="due_before"),
        ("received_to=2025-05-05T02:00:01Z", "received_to=2025-05-05T02:00:00Z"),
        ("received_from=2025-05-05T02:00:00Z", "received_from=2025-05-05T02:00:01Z"),
        ("q=鱼头汤", "q=鱼头烫"),
        ("q=头汤", "q=汤头"),
        ("q=欧阳", "q=欧阴"),
        ("q=MÜLLER", "q=Mueller"),
        ("q=cold+said", "q=cold+hot"),
        ("q=9000", "q=900"),
        ("q=13900139000", "q=13900139001"),
        ("q=换一桌", "q=换两桌"),
        ("q=静安店", "q=闵行店"),
        ("q=GOLD-77", "q=GOLD-78"),
        ("q=EXT/9", "q=EXT/8"),
        ("status=received&status=analysed&class=top", "status=received&class=top"),
    ],
)
def test_a_filter_finds_what_fits(service: Service, told_apart: Case, fits: str, fits_not: str) -> None:
    assert told_apart.id in found(service, f"{fits}&limit=500")
    assert told_apart.id not in found(service, f"{fits_not}&limit=500")


def test_number_and_id_find_a_case(service: Service, told_apart: Case) -> None:
    assert found(service, f"q={told_apart.number}") == [told_apart.id]
    assert found(service, f"q={told_apart.id}") == [told_apart.id]


def test_what_was_promised_and_has_passed_is_overdue(service: Service) -> None:
    case = service.receive()
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    answer = service.post(f"{case.url}/promises", {"text": "回电", "due_at": due.isoformat()})
    service.seen(answer["position"])
    assert case.id in found(service, "overdue=false&limit=500")
    while datetime.now(UTC) <= due:
        service.seen(answer["position"])
    assert case.id in found(service, "overdue=true&limit=500")
    assert service.get(case.url)["overdue"] is True


# ---- reach and masks ------------------------------------------------------------------------------------------------
def test_an_agent_reaches_the_cases_of_the_own_team_a_4(service: Service) -> None:
    case = service.receive()
    for path in ("", "/history", "/next-steps"):
        assert service.get(f"{case.url}{path}", who="colleague").status == 200
        assert service.get(f"{case.url}{path}", who="stranger").kind == (403, "not_your_team")
        assert service.get(f"{case.url}{path}", who="second").status == 200
    service.seen(case.position)
    assert case.id in found(service, "limit=500", "colleague")
    assert case.id not in found(service, "limit=500", "stranger")
    for command in ("notes", "closing"):
        body = {"text": "x"} if command == "notes" else {}
        assert service.post(f"{case.url}/{command}", body, who="stranger", version=1).kind == (403, "not_your_team")


def test_who_was_assigned_a_case_reaches_it_and_its_owner_keeps_it_a_4(service: Service) -> None:
    case = service.receive()
    service.give(case, "assignment", {"agent": "a1003", "reason": "会德语"}, who="supervisor")
    assert service.get(case.url, who="stranger").status == 200
    assert service.get(case.url).status == 200
    assert service.get(case.url, who="colleague").kind == (403, "not_your_team")


@pytest.mark.parametrize("who", ["payroll", "admin"])
@pytest.mark.parametrize("path", ["", "/x", "/x/history", "/x/next-steps"])
def test_payroll_and_admin_read_no_cases_a_4(service: Service, who: str, path: str) -> None:
    assert service.get(f"{CASES}{path}", who=who).kind == (403, "forbidden")


def test_an_auditor_sees_masks_until_a_reason_is_given_which_is_recorded_a_4(service: Service) -> None:
    case = service.receive()
    masked = service.get(case.url, who="auditor")
    assert (masked["customer"]["name"], masked["narrative"], masked["demands"][0]["text"]) == ("***", "***", "***")
    assert service.get(f"{case.url}/history", who="auditor")["items"][0]["data"]["narrative"] == "***"
    opened = service.get(f"{case.url}?reason=抽查 2026-11", who="auditor")
    assert (opened["customer"]["name"], opened["narrative"]) == ("王小明", "账单没有打折")
    assert service.get(f"{case.url}/history?reason=again", who="auditor")["items"][0]["data"]["narrative"] != "***"
    kept = service.get(f"/api/v1/audit/reads?resource={case.id}", who="auditor")["items"]
    assert [(one["actor"], one["reason"]) for one in kept] == [("u4001", "again"), ("u4001", "抽查 2026-11")]


def test_an_auditor_sees_masked_lists_a_4(service: Service) -> None:
    service.seen(service.receive().position)
    row = listed(service, "limit=1", "auditor")[0]
    assert row["customer"] == {"name": "王**", "phone": "138****5678", "card_no": None}
    assert row["narrative"] == "***"


@pytest.mark.parametrize("reason", ["", "ab", "x" * 201, "a%00bc"])
def test_a_reason_that_says_nothing_is_422_a_4(service: Service, reason: str) -> None:
    assert service.get(f"{service.receive().url}?reason={reason}", who="auditor").status == 422


# ---- masters --------------------------------------------------------------------------------------------------------
def test_masters_are_read_as_they_were_written(service: Service) -> None:
    for path, body, more in (
        (
            "/api/v1/merchants",
            {"id": "m-9", "name": "海鲜坊"},
            {"signings": {"2026-01-01": True}, "recommendations": {}},
        ),
        ("/api/v1/departments", {"id": "mk", "name": "市场部", "matters": ["discounts"]}, {}),
        ("/api/v1/teams", {"id": "t9", "name": "夜班"}, {}),
    ):
        made = service.post(path, body, who="admin")
        if more:
            signed = {"from_day": "2026-01-01", "signed": True}
            made = service.post(f"{path}/m-9/signing", signed, who="admin")
        shown = service.get(f"{path}/{body['id']}?min_position={made['position']}", who="payroll")
        assert shown.body == {**body, **more, "version": made["version"], "position": made["position"]}
        assert shown.headers["etag"] == f'"v{made["version"]}"'


def test_an_agents_course_is_shown(service: Service) -> None:
    body = {"id": "a7", "name": "韩梅梅", "role": "agent", "team": "t1", "joined_on": "2026-03-01"}
    assert service.post("/api/v1/agents", body, who="admin").status == 201
    limit = {"from_day": "2026-04-01", "limit_fen": 70000}
    assert service.post("/api/v1/agents/a7/limit", limit, who="supervisor").status == 200
    made = service.post("/api/v1/agents/a7/absence", who="supervisor")
    shown = service.get(f"/api/v1/agents/a7?min_position={made['position']}")
    assert (shown["name"], shown["presence"], shown["limits"]) == ("韩梅梅", "absent", {"2026-04-01": 70000})
    case = service.receive()
    gone = service.post(f"{case.url}/assignment", {"agent": "a7", "reason": "x"}, version=1)
    assert (*gone.kind, gone["rule"]) == (409, "agent_not_available", "C-2")


def test_nobody_sets_their_own_limit_c_7(service: Service) -> None:
    limit = {"from_day": "2026-04-01", "limit_fen": 70000}
    assert service.post("/api/v1/agents/s2001/limit", limit, who="supervisor").kind == (409, "own_limit")


def test_who_has_left_is_let_in_no_more(service: Service) -> None:
    body = {"id": "a8", "name": "x", "role": "supervisor", "joined_on": "2026-03-01"}
    service.post("/api/v1/agents", body, who="admin")
    service.keys["leaver"] = service.run(service.services.keys.create("a8"))  # type: ignore[arg-type]
    assert service.get(CASES, who="leaver").status == 200
    service.post("/api/v1/agents/a8/departure", {"last_day": "2026-04-01"}, who="admin")
    assert service.get(CASES, who="leaver").kind == (401, "unauthenticated")


def test_who_leaves_is_changed_until_the_end_of_the_last_day(service: Service) -> None:
    body = {"id": "a9", "name": "x", "role": "agent", "joined_on": "2026-03-01"}
    service.post("/api/v1/agents", body, who="admin")
    last_day = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(weeks=5)
    departure = {"last_day": last_day.isoformat()}
    assert service.post("/api/v1/agents/a9/departure", departure, who="admin").status == 200
    today = str(last_day - timedelta(weeks=5))
    given: dict[str, dict[str, object] | None] = {
        "absence": None,
        "presence": None,
        "team": {"team": "t2"},
        "limit": {"from_day": today, "limit_fen": 70000},
        "deputy": {"from": today, "to": departure["last_day"], "reason": "主管休假"},
    }
    for path, said in given.items():
        answer = service.post(f"/api/v1/agents/a9/{path}", said, who="admin")
        assert answer.status == 200, (path, answer.body)
    gone = {"last_day": str(last_day - timedelta(weeks=5, days=1))}
    assert service.post("/api/v1/agents/a9/departure", gone, who="admin").status == 200
    # what already stands is asked for, and refused all the same
    for path, said in given.items():
        answer = service.post(f"/api/v1/agents/a9/{path}", said, who="admin")
        assert answer.kind == (409, "agent_has_left"), (path, answer.body)


def test_a_customers_class_is_changed_by_an_evaluation_c_9(service: Service) -> None:
    subject = service.get(service.receive().url)["customer"]["subject"]
    steps = dict.fromkeys(("collected", "planned", "evaluated", "decided"), "写明")
    answer = service.post(f"/api/v1/customers/{subject}/class", {"customer_class": "important", **steps})
    assert (answer.status, answer["version"]) == (200, 1)
    assert service.post(f"/api/v1/customers/{subject}/texting", {"allowed": False}).status == 200
    shown = service.get(f"/api/v1/customers/{subject}")
    assert (shown["customer_class"], shown["texts_allowed"], shown["version"]) == ("important", False, 2)
    evaluation, _ = service.get(f"/api/v1/customers/{subject}/history")["items"]
    assert evaluation["data"]["decided"] == "写明"
    masked, _ = service.get(f"/api/v1/customers/{subject}/history", who="auditor")["items"]
    assert masked["data"]["decided"] == "***"


def test_a_new_case_has_the_class_of_its_customers_last_evaluation_c_9(service: Service) -> None:
    customer = {"name": "钱多多", "card_no": "VIP-C9"}
    first = service.get(service.receive(customer=customer).url)["customer"]
    assert first["customer_class"] == "ordinary"
    steps = dict.fromkeys(("collected", "planned", "evaluated", "decided"), "写明")
    service.post(f"/api/v1/customers/{first['subject']}/class", {"customer_class": "top", **steps})
    assert service.get(service.receive(customer=customer).url)["customer"]["customer_class"] == "top"


def test_policies_are_read_as_data(service: Service) -> None:
    listed = service.get("/api/v1/policies?of=cases", who="payroll")["items"]
    assert [policy["version"] for policy in listed] == ["default-1", "imported-1"]
    one = service.get("/api/v1/policies/default-1")
    assert one.body == listed[0]
    assert service.get("/api/v1/policies/default-9").kind == (404, "not_found")
    assert service.get("/api/v1/policies?limit=1")["next"] == "cases:default-1"
    assert len(service.get("/api/v1/policies?of=cases&after=cases:default-1")["items"]) == 1
    assert service.get("/api/v1/policies?after=x").kind == (422, "invalid")


def test_a_parameter_given_twice_is_refused_unless_it_is_a_list(service: Service) -> None:
    assert service.get(f"{CASES}?owner=a1001&owner=a1002").kind == (422, "invalid")
    assert service.get(f"{CASES}?status=received&status=clarified").status == 200
