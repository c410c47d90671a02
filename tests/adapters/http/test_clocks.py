"""The clocks of cases over the API: how they stand, their sums, what is recorded of them (D-3, D-3c, C-11)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.adapters.http.serving import ANALYSIS, CASES, CLARIFICATION, Case, Service, ago, ahead, receipt

TOP = {"name": "王小明", "customer_class": "top"}


def clocks(service: Service, case: Case, **how: Any) -> dict[str, dict[str, Any]]:
    """The clocks of a case by name and number."""
    answer = service.get(f"{case.url}/clocks", **how)
    assert answer.status == 200, answer.body
    return {f"{one['clock']}/{one['number']}": one for one in answer["items"]}


def recorded(service: Service, case: Case, clock: str, count: int) -> list[str]:
    """What the scheduler has recorded of a clock, once that is so much: its topics."""
    found: list[str] = []
    for _ in range(5_000):
        items = service.get(f"{case.url}/history?limit=500")["items"]
        found = [one["type"] for one in items if one["actor"] == "scheduler" and one["data"]["clock"] == clock]
        if len(found) >= count:
            break
    return found


def test_a_new_case_has_its_clocks_with_their_sums_d_3c(service: Service) -> None:
    case = service.receive(received_at="2026-03-06T16:30:00+08:00")
    found = clocks(service, case)
    assert list(found) == ["acknowledge/1", "answer/1", "resolve/1"]
    assert found["acknowledge/1"]["due_at"] == "2026-03-09T01:30:00Z"
    assert found["acknowledge/1"]["sum"] == {
        "counted": [
            {"from": "2026-03-06T08:30:00Z", "to": "2026-03-06T10:00:00Z", "seconds": 5400.0},
            {"from": "2026-03-09T01:00:00Z", "to": "2026-03-09T01:30:00Z", "seconds": 1800.0},
        ],
        "paused": [],
        "calendar": "default-1",
        "policy": "default-1",
    }
    assert found["answer/1"]["due_at"] == "2026-03-07T08:30:00Z"
    assert found["resolve/1"]["due_at"] == "2026-03-11T08:30:00Z"


def test_who_sees_the_case_sees_its_clocks_a_4(service: Service) -> None:
    case = service.receive()
    for who in ("colleague", "second", "auditor"):
        assert clocks(service, case, who=who)
    assert service.get(f"{case.url}/clocks", who="stranger").kind == (403, "not_your_team")
    assert service.get(f"{case.url}/clocks", who="payroll").kind == (403, "forbidden")
    assert service.get("/api/v1/cases/x/clocks").kind == (404, "not_found")


def test_an_analysis_sets_deadlines_anew_in_the_same_command_d_3(service: Service) -> None:
    case = service.case("investigated")
    answer = service.give(case, "analysis", {**ANALYSIS, "severity": "critical"})
    items = service.get(f"{case.url}/history?limit=500")["items"]
    [reset] = [one for one in items if one["type"] == "case.deadline_set"]
    assert (reset["data"]["clock"], reset["actor"], reset["version"]) == ("resolve", "a1001", case.version)
    assert reset["position"] == answer["position"]
    assert datetime.fromisoformat(reset["data"]["due_at"]) == datetime.fromisoformat(
        clocks(service, case)["resolve/1"]["due_at"]
    )


def test_what_the_clocks_record_does_not_move_the_case(service: Service) -> None:
    case = service.receive()
    service.give(case, "acknowledgement", {})
    assert recorded(service, case, "acknowledge", 1) == ["case.deadline_met"]
    shown = service.get(case.url)
    assert (shown["version"], shown.headers["etag"]) == (2, '"v2"')
    service.give(case, "clarification", CLARIFICATION)


def test_a_verdict_stands_in_the_history_and_in_the_clock_d_3c(service: Service) -> None:
    case = service.receive(received_at=ago(days=1, hours=2))
    assert recorded(service, case, "answer", 2) == ["case.deadline_warned", "case.deadline_breached"]
    answer = clocks(service, case)["answer/1"]
    assert (answer["verdict"], answer["state"], answer["recorded"]) == ("breached", "breached", True)
    assert service.get(case.url)["overdue"] is True


def test_a_note_moves_no_clock_d_3b(service: Service) -> None:
    case = service.receive()
    before = clocks(service, case)
    service.give(case, "notes", {"text": "性急"})
    service.give(case, "evidence", {"kind": "photo", "ref": "p/2"})
    assert clocks(service, case) == before


def test_waiting_keeps_clocks_still_and_resuming_moves_them_c_11(service: Service) -> None:
    case = service.receive()
    service.give(case, "pause", {"category": "customer", "reason": "等账单"})
    held = clocks(service, case)["resolve/1"]
    assert (held["state"], held["paused_since"] is not None) == ("paused", True)
    assert service.get(case.url)["due_at"] is None
    service.give(case, "resumption", {})
    assert clocks(service, case)["resolve/1"]["state"] == "running"


def test_promises_and_extensions_have_their_clocks_c_11(service: Service) -> None:
    case, until = service.receive(), ahead(days=9)
    service.give(case, "promises", {"text": "回电", "due_at": until})
    service.give(case, "extension", {"clock": "resolve", "until": until, "reason": "商家放假"})
    found = clocks(service, case)
    for name in ("promise/1", "resolve/1"):
        assert datetime.fromisoformat(found[name]["due_at"]) == datetime.fromisoformat(until)
    assert [datetime.fromisoformat(at) for at in found["resolve/1"]["extended_until"]] == [
        datetime.fromisoformat(until)
    ]


def test_a_term_that_no_policy_of_the_case_has_cannot_be_put_off_c_11(service: Service) -> None:
    case = service.receive()
    body = {"clock": "final", "until": ahead(days=9), "reason": "等待复核"}
    answer = service.post(f"{case.url}/extension", body, version=case.version)
    assert (answer.kind, answer["rule"]) == ((409, "not_extendable"), "C-11")
    assert len(service.history(case)) == 1


def test_what_is_granted_has_a_clock_until_it_is_carried_out_c_7(service: Service) -> None:
    case = service.case("resolved")
    granted = clocks(service, case)["grant/1"]
    assert (granted["state"], granted["demand"], granted["rule"]) == ("running", 1, "C-7")
    service.give(case, "fulfilments", {"demand": 1})
    assert clocks(service, case)["grant/1"]["state"] == "met"


def test_a_time_beyond_all_counting_stops_no_list(service: Service) -> None:
    case = service.receive()
    answer = service.give(case, "promises", {"text": "回电", "due_at": "8999-12-31T00:00:00Z"})
    service.seen(answer["position"])
    assert clocks(service, case)["promise/1"]["due_at"] == "2190-01-01T00:00:00Z"


def test_before_any_policy_was_in_force_nothing_is_received_d_3b(service: Service) -> None:
    before = service.events()
    refused = service.post(CASES, receipt(received_at="1999-12-31T00:00:00+08:00"))
    assert (*refused.kind, refused["rule"]) == (409, "no_deadline_policy", "D-3b")
    assert service.events() == before


def test_the_case_and_the_list_agree_at_every_position_and_moment(service: Service) -> None:
    """D-3: against the moment of the position, not of the case's own last event."""
    late = service.receive(customer=TOP, received_at=ago(hours=11, minutes=59))
    other = service.receive()
    service.give(late, "promises", {"text": "回电", "due_at": ahead(seconds=1)})
    for _ in range(40):
        service.give(other, "notes", {"text": "再等等"})
    service.seen(other.position)
    moment = datetime.fromisoformat(service.get(other.url)["last_at"])
    asked = [late.position, other.position, other.position - 1, moment.isoformat(), (moment - timedelta(1)).isoformat()]
    for as_of in asked:
        at = str(as_of).replace("+", "%2B")
        listed = {
            one["id"]: (one["overdue"], one["due_at"])
            for one in service.get(f"/api/v1/cases?limit=500&as_of={at}", who="supervisor")["items"]
        }
        shown = service.get(f"{late.url}?as_of={at}")
        assert listed.get(late.id) == ((shown["overdue"], shown["due_at"]) if shown.status == 200 else None)


@pytest.mark.parametrize("as_of", ["0", "x"])
def test_clocks_of_a_moment_before_the_case_are_not_there(service: Service, as_of: str) -> None:
    expected = (404, "not_found") if as_of == "0" else (422, "invalid")
    assert service.get(f"{service.receive().url}/clocks?as_of={as_of}").kind == expected


def test_clocks_as_they_stood(service: Service) -> None:
    case = service.receive()
    position = case.position
    service.give(case, "promises", {"text": "回电", "due_at": ahead()})
    assert "promise/1" not in {
        f"{one['clock']}/{one['number']}" for one in service.get(f"{case.url}/clocks?as_of={position}")["items"]
    }
    assert "promise/1" in clocks(service, case)
