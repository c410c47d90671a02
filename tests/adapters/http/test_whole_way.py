"""A case over the API: from receipt to closing, and what may be done beside the way."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from adapters.bootstrap import operators_command
from application.cases import ACROSS, COMMANDS, WITHOUT_MATCH
from application.streams import case_stream
from domain.case.events import Resolved
from domain.values import CaseId
from tests.adapters.http.serving import (
    ANALYSIS,
    CASES,
    CLARIFICATION,
    GIVEN,
    OPTION,
    REASON,
    RESOLUTION,
    STATUSES,
    WAY,
    Service,
    escalation,
    receipt,
)
from tests.support.cases import IMPORTED

ELSEWHERE = {"answer-reviews", "escalation-answers", "resumption", "merge", "links", "review-requests"}


def test_every_command_is_tried() -> None:
    assert {*GIVEN} | ELSEWHERE == {*COMMANDS, *ACROSS}


@pytest.mark.parametrize("status", STATUSES)
def test_a_case_reaches(service: Service, status: str) -> None:
    case = service.case(status)
    shown = service.get(case.url)
    assert (shown.status, shown["status"], shown["version"]) == (200, status, case.version)


@pytest.mark.parametrize("command", GIVEN)
def test_a_command_answers_with_version_etag_position_and_status(service: Service, command: str) -> None:
    status, body = GIVEN[command]
    case = service.case(status)
    position = case.position
    answer = service.give(case, command, body)
    assert {*answer.body} == {"id", "number", "version", "position", "status", "warnings"}
    assert answer.headers["etag"] == f'"v{answer["version"]}"'
    assert answer["position"] > position
    assert answer["number"] == case.number


@pytest.mark.parametrize("command", sorted(WITHOUT_MATCH - {"links"}))
def test_notes_and_the_like_need_no_if_match(service: Service, command: str) -> None:
    status, body = GIVEN[command]
    case = service.case(status)
    assert service.post(f"{case.url}/{command}", body).status == 200


def test_a_receipt_is_exactly_one_event_and_says_where_it_is(service: Service) -> None:
    before = service.events()
    answer = service.post(CASES, receipt())
    assert service.events() == before + 1
    assert answer.status == 201
    assert (answer["version"], answer["status"], answer.headers["etag"]) == (1, "received", '"v1"')
    assert answer.headers["location"] == f"{CASES}/{answer['id']}"


def test_history_has_a_line_for_every_step_oldest_first(service: Service) -> None:
    case = service.case("closed")
    items = service.history(case)
    assert [item["version"] for item in items] == list(range(1, len(WAY) + 2))
    assert [item["type"] for item in items] == [
        "case.received",
        *(COMMANDS[command].event.topic for _, command, _ in WAY),
    ]
    assert [item["position"] for item in items] == sorted(item["position"] for item in items)
    assert {item["actor"] for item in items} == {"a1001"}
    assert {*items[0]} == {"position", "version", "type", "at", "actor", "data"}


def test_a_price_is_investigated_with_the_bill_c_4(service: Service) -> None:
    case = service.receive()
    service.give(case, "clarification", {**CLARIFICATION, "type": "price"})
    findings = {"findings": "查了", "evidence": []}
    refused = service.post(f"{case.url}/investigation", findings, version=case.version)
    assert (*refused.kind, refused["rule"]) == (409, "bill_missing", "C-4")
    item = {"text": "清蒸鲈鱼", "amount_fen": 8800, "discountable": False}
    service.give(case, "investigation", {**findings, "bill": {"items": [item], "minimum_spend_met": True}})
    assert service.get(case.url)["investigation"]["bill"]["items"] == [item]


def test_a_grave_case_is_escalated_answered_and_passed_before_it_is_resolved_c_6_c_16(service: Service) -> None:
    case = service.case("investigated")
    service.give(case, "analysis", {**ANALYSIS, "severity": "critical", "risks": ["media"]})
    service.give(case, "proposals", {"options": [OPTION]})
    own = service.post(f"{case.url}/answer-reviews", {"option": 1, "verdict": "passed"}, version=case.version)
    assert (own.status, own["rule"]) == (409, "C-16")
    service.give(case, "answer-reviews", {"option": 1, "verdict": "passed"}, who="colleague")
    unasked = service.post(f"{case.url}/resolution", RESOLUTION, version=case.version)
    assert (unasked.status, unasked["rule"]) == (409, "C-6")
    service.give(case, "escalations", escalation())
    service.give(case, "escalations/1/answer", {"words": "照此办", "approved_cost_fen": 5000}, who="supervisor")
    service.give(case, "resolution", RESOLUTION)
    shown = service.get(case.url)
    assert shown["escalations"][0]["answer"]["words"] == "照此办"
    assert (shown["status"], shown["escalated"]) == ("resolved", False)


def test_what_is_not_satisfying_reopens_in_one_command_c_8(service: Service) -> None:
    case = service.case("resolved")
    before = case.version
    answer = service.give(case, "callbacks", {"reached": True, "satisfied": False, "score": 1})
    assert (answer["status"], answer["version"]) == ("analysed", before + 2)


def test_the_limit_of_the_agent_holds_c_7(service: Service) -> None:
    case = service.case("proposed")
    refused = service.post(f"{case.url}/resolution", {**RESOLUTION, "cost_fen": 50_001}, version=case.version)
    assert (refused.status, refused["rule"], refused["errors"][0]["pointer"]) == (409, "C-7", "/cost_fen")


def test_waiting_ends_c_11(service: Service) -> None:
    case = service.receive()
    service.give(case, "pause", {"category": "partner", **REASON})
    assert service.get(case.url)["paused"] is True
    service.give(case, "resumption", {})
    shown = service.get(case.url)
    assert shown["paused"] is False
    assert shown["pauses"][0]["until"]


def test_an_imported_day_may_be_given_for_waiting_c_11(service: Service) -> None:
    case = service.receive(received_at="2026-01-05T09:00:00+08:00")
    service.give(case, "pause", {"category": "court", "since": "2026-01-06", **REASON})
    assert service.get(case.url)["pauses"][0]["since"] == "2026-01-05T16:00:00Z"


# ---- between cases --------------------------------------------------------------------------------------------------
def test_a_merged_case_goes_on_elsewhere_and_comes_back_c_11(service: Service) -> None:
    case, target = service.case("clarified"), service.receive()
    assert service.give(case, "merge", {"into": target.id})["status"] == "merged"
    refused = service.post(f"{case.url}/notes", {"text": "还有"})
    assert (*refused.kind, refused["rule"]) == (409, "merged", "C-11")
    assert target.id in refused["detail"]
    assert service.get(target.url)["links"][0]["case"] == case.id
    assert service.give(case, "unmerge", {})["status"] == "clarified"


def test_a_case_merges_only_into_another_open_one_c_11(service: Service) -> None:
    case, closed, merged = service.receive(), service.case("closed"), service.case("merged")
    for into, status in ((case, 422), (closed, 409), (merged, 409)):
        refused = service.post(f"{case.url}/merge", {"into": into.id}, version=case.version)
        assert (refused.status, refused["rule"]) == (status, "C-11")


def test_an_unknown_case_to_link_is_a_conflict_c_11(service: Service) -> None:
    unknown = {"case": "00000000-0000-4000-8000-000000000000", "kind": "related"}
    assert service.post(f"{service.receive().url}/links", unknown).kind == (409, "case_unknown")


def test_a_link_stands_once_c_11(service: Service) -> None:
    case, other = service.receive(), service.receive()
    body = {"case": other.id, "kind": "duplicate"}
    first, again = (service.post(f"{case.url}/links", body) for _ in range(2))
    assert (first["version"], again["version"], again.status) == (2, 2, 200)


def test_a_review_is_a_linked_case_for_another_person_c_15(service: Service) -> None:
    case = service.case("resolved")
    answer = service.give(case, "review-requests", REASON)
    assert answer.status == 201
    assert answer.headers["location"] == f"{CASES}/{answer['id']}"
    review = service.get(answer.headers["location"])
    assert (review["second_stage"]["of"], review["barred"], review["handler"]) == (case.id, ["a1001"], None)
    assert service.get(case.url)["review"] == answer["id"]
    again = service.post(f"{case.url}/review-requests", REASON, version=case.version + 2)
    assert (again.status, again["rule"]) == (409, "C-15")


def test_the_second_stage_of_an_imported_case_is_received_here_and_has_clocks_d_3(service: Service) -> None:
    imported = case_stream(CaseId(str(uuid4())))
    subject = service.run(service.services.keyring.subject(("phone", "13900000000", "王小明")))
    received = replace(IMPORTED, customer=replace(IMPORTED.customer, subject=subject), source="elsewhere")

    async def append(_: object) -> dict[Any, Any]:
        return {imported: [received, Resolved(solution=None)]}

    service.run(service.services.log.transact([imported], append, operators_command()))
    answer = service.post(f"{CASES}/{imported.id}/review-requests", REASON, version=2)
    assert answer.status == 201, answer.body
    clocks = service.get(f"{CASES}/{answer['id']}/clocks")["items"]
    assert {clock["state"] for clock in clocks} == {"running"}
    assert {"acknowledge", "resolve"} <= {clock["clock"] for clock in clocks}


# ---- forbidden phrases ----------------------------------------------------------------------------------------------
SAID = "肯 定 不 行,我不知道"
HITS = [{"field": "/words", "phrase": "肯定不行", "at": 0}, {"field": "/words", "phrase": "我不知道", "at": 8}]
OUT = {"direction": "out", "channel": "hotline", "words": SAID}


def test_a_check_shows_the_phrases_and_records_nothing_c_13(service: Service) -> None:
    case, before = service.receive(), service.events()
    answer = service.post(f"{case.url}/contacts?check=true", OUT)
    assert (answer.status, answer.body) == (200, {"warnings": HITS})
    assert service.events() == before


def test_a_check_needs_no_if_match_c_13(service: Service) -> None:
    case = service.case("proposed")
    answer = service.post(f"{case.url}/resolution?check=true", {**RESOLUTION, "solution": "没办法"})
    assert [hit["field"] for hit in answer["warnings"]] == ["/solution"]


def test_phrases_sent_all_the_same_stand_in_event_and_answer_c_13(service: Service) -> None:
    case = service.receive()
    assert service.post(f"{case.url}/contacts", OUT)["warnings"] == HITS
    assert service.get(f"{case.url}/history")["items"][-1]["data"]["hits"] == HITS


def test_words_that_come_in_are_not_checked_c_13(service: Service) -> None:
    case = service.receive()
    assert service.post(f"{case.url}/contacts", {**OUT, "direction": "in"})["warnings"] == []


@pytest.mark.parametrize("query", ["?chek=true", "?check=maybe", "?check=true&x=1"])
def test_a_check_that_is_misspelt_records_nothing_c_13(service: Service, query: str) -> None:
    case, before = service.receive(), service.events()
    assert service.post(f"{case.url}/contacts{query}", OUT).kind == (422, "invalid")
    assert service.events() == before


def test_a_check_of_what_does_not_go_out_is_refused_c_13(service: Service) -> None:
    assert service.post(f"{service.receive().url}/notes?check=true", {"text": "x"}).kind == (422, "invalid")


def test_a_check_respects_the_own_team_a_4(service: Service) -> None:
    assert service.post(f"{service.receive().url}/contacts?check=true", OUT, who="stranger").status == 403


@pytest.mark.parametrize("command", GIVEN)
def test_a_command_leaves_its_line_in_the_history(service: Service, command: str) -> None:
    status, body = GIVEN[command]
    case = service.case(status)
    position, before = case.position, case.version
    service.give(case, command, body)
    topic = COMMANDS[command].event.topic if command in COMMANDS else ACROSS[command].topic
    lines = service.history(case)[before:]
    assert lines[0]["type"] == topic
    assert all(line["position"] > position and line["actor"] and line["at"] for line in lines)


def test_the_rest_leave_theirs_too(service: Service) -> None:
    case, other = service.case("proposed"), service.receive()
    service.give(case, "answer-reviews", {"option": 1, "verdict": "passed"}, who="colleague")
    service.give(case, "escalations", escalation())
    service.give(case, "escalations/1/answer", {"words": "同意"}, who="supervisor")
    service.give(case, "pause", {"category": "partner", **REASON})
    service.give(case, "resumption", {})
    service.give(case, "links", {"case": other.id, "kind": "related"})
    service.give(case, "merge", {"into": other.id})
    resolved = service.case("resolved")
    service.give(resolved, "review-requests", REASON)
    topics = {line["type"] for one in (case, resolved) for line in service.get(f"{one.url}/history")["items"]}
    assert topics >= {
        "case.answer_reviewed",
        "case.escalation_answered",
        "case.paused",
        "case.resumed",
        "case.linked",
        "case.merged",
        "case.review_requested",
    }
