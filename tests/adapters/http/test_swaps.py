"""Swaps of shifts over the API: three a month, none on public holidays, both shifts change hands at once (S-5)."""

import threading
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.adapters.http.bodies import SHIFTS, planned
from tests.adapters.http.serving import Answer, Service

SWAPS = f"{SHIFTS}/swaps"
MONTHS = (date(2032 + number // 6, number % 6 * 2 + 1, 1) for number in count())
HOLIDAY = date(2027, 10, 1)


@pytest.fixture
def month() -> date:
    """The first day of a month of its own for every test: the swaps of another count in theirs."""
    return next(MONTHS)


def shift(service: Service, day: date, agents: list[str], **facts: object) -> str:
    answer = service.post(SHIFTS, planned(day, agents=agents, supervisor=None, **facts), who="admin")
    assert answer.status == 201, answer.body
    return str(answer["id"])


def asked(service: Service, given: str, who: str = "agent", **facts: Any) -> Answer:
    return service.post(SWAPS, {"shift": given, "to": "a1003", **facts}, who=who)


def swap(service: Service, given: str, **facts: Any) -> str:
    answer = asked(service, given, **facts)
    assert answer.status == 201, answer.body
    assert answer.headers["location"] == f"{SWAPS}/{answer['id']}"
    return str(answer["id"])


def decided(service: Service, of: str, decision: str = "granted", who: str = "supervisor", **facts: object) -> Answer:
    return service.post(f"{SWAPS}/{of}/decision", {"decision": decision, **facts}, who=who)


def rostered(service: Service, of: str) -> Any:
    return service.get(f"{SHIFTS}/{of}")["agents"]


def test_a_swap_and_its_return_are_granted_in_one_s_5(service: Service, month: date) -> None:
    one, two = shift(service, month, ["a1001", "a1002"]), shift(service, month + timedelta(days=2), ["a1003"])
    wanted = swap(service, one, in_return=two, reason="家里有事")
    assert (rostered(service, one), rostered(service, two)) == (["a1001", "a1002"], ["a1003"])
    granted = decided(service, wanted)
    assert (granted.status, granted["version"]) == (200, 2)
    assert (rostered(service, one), rostered(service, two)) == (["a1003", "a1002"], ["a1001"])
    assert [service.get(f"{SHIFTS}/{of}")["swapped"] for of in (one, two)] == [["a1003"], ["a1001"]]
    [(commands,)] = service.rows(
        "SELECT count(DISTINCT state) FROM (SELECT convert_from(state, 'UTF8')::jsonb#>>'{meta,command_id}' AS state"
        " FROM log.events WHERE topic IN ('swap.granted', 'swap.counted', 'shift.agent_swapped')"
        " AND notification_id > %s) t",
        granted["position"] - 4,
    )
    assert commands == 1


def test_who_has_left_by_its_day_takes_no_shift_over_s_5(service: Service, month: date) -> None:
    """S-1: neither when it is asked for, nor when they have left before it is granted."""
    agent = {"id": "a7101", "name": "x", "role": "agent", "joined_on": "2024-01-01"}
    assert service.post("/api/v1/agents", agent, who="admin").status == 201
    on_last_day, after = (shift(service, month + timedelta(days=days), ["a1001"]) for days in (1, 2))
    own, later = shift(service, month, ["a7101"]), shift(service, month + timedelta(days=4), ["a1003"])
    returned = swap(service, own, who="supervisor", away="a7101", in_return=later)
    wanted = swap(service, after, to="a7101")
    left = {"last_day": (month + timedelta(days=1)).isoformat()}
    assert service.post("/api/v1/agents/a7101/departure", left, who="admin").status == 200
    for refused in (asked(service, after, to="a7101"), decided(service, wanted), decided(service, returned)):
        assert (*refused.kind, refused["rule"]) == (409, "agent_has_left", "S-1")
    assert rostered(service, after) == ["a1001"]
    assert decided(service, swap(service, on_last_day, to="a7101")).status == 200


def test_who_is_yet_to_come_takes_no_shift_over_s_5(service: Service, month: date) -> None:
    agent = {"id": "a7102", "name": "x", "role": "agent", "joined_on": (month + timedelta(days=1)).isoformat()}
    assert service.post("/api/v1/agents", agent, who="admin").status == 201
    before, first = (shift(service, month + timedelta(days=days), ["a1001"]) for days in (0, 1))
    refused = asked(service, before, to="a7102")
    assert (*refused.kind, refused["rule"]) == (409, "agent_not_here_yet", "S-1")
    assert decided(service, swap(service, first, to="a7102")).status == 200


def test_three_are_granted_a_month_the_return_is_no_second_one_s_5(service: Service, month: date) -> None:
    days = [month + timedelta(days=number) for number in range(8)]
    returned = shift(service, days[7], ["a1003"])
    wanted = [swap(service, shift(service, day, ["a1001"])) for day in days[:3]]
    wanted.append(swap(service, shift(service, days[3], ["a1001"]), in_return=returned))
    assert [decided(service, of).status for of in wanted[:3]] == [200] * 3
    refused = decided(service, wanted[3])
    assert (*refused.kind, refused["rule"]) == (409, "too_many_swaps", "S-5")
    # the partner gives a shift away in a swap of their own: the return has not counted for them
    own = asked(service, returned, "stranger", to="a1002")
    assert decided(service, own["id"]).status == 200
    assert decided(service, wanted[3], "refused", reason="本月已满").status == 200
    after = (month + timedelta(days=40)).replace(day=1)
    assert decided(service, swap(service, shift(service, after, ["a1001"]))).status == 200


def test_of_many_granted_at_once_three_count_s_5(service: Service, month: date) -> None:
    wanted = [swap(service, shift(service, month + timedelta(days=day), ["a1001"])) for day in range(6)]
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda of=of: answers.append(decided(service, of))) for of in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.kind for answer in answers if answer.status != 200} <= {(409, "too_many_swaps"), (409, "conflict")}
    answers += [decided(service, of) for of in wanted]
    assert [answer.status for answer in answers].count(200) == 3
    assert {decided(service, of).kind for of in wanted} == {(409, "too_many_swaps"), (409, "already_decided")}


@pytest.mark.parametrize("day", [HOLIDAY, date(2026, 12, 31)])
def test_on_a_public_holiday_nobody_swaps_or_takes_leave_s_5(service: Service, day: date) -> None:
    given = shift(service, day, ["a1001"])
    absence = {"agent": "a1001", "absenteeism": False}
    answers = [
        asked(service, given),
        service.post(f"{SHIFTS}/{given}/absences", absence, who="supervisor", version=1),
    ]
    if day == HOLIDAY:
        assert [(*answer.kind, answer["rule"]) for answer in answers] == [(409, "public_holiday", "S-5")] * 2
    else:
        assert [answer.status for answer in answers] == [201, 200]


def test_who_is_away_from_a_swapped_shift_is_an_absentee_s_5(service: Service, month: date) -> None:
    given = shift(service, month, ["a1001"])
    assert decided(service, swap(service, given)).status == 200
    absence = {"agent": "a1003", "absenteeism": False, "reason": "请假"}
    assert service.post(f"{SHIFTS}/{given}/absences", absence, who="supervisor", version=2).status == 200
    assert service.get(f"{SHIFTS}/{given}")["absences"] == [{"agent": "a1003", "absenteeism": True}]


def test_who_may_ask_and_decide_s_5_a_4(service: Service, month: date) -> None:
    given = shift(service, month, ["a1001"])
    assert asked(service, given, "colleague", away="a1001").kind == (403, "not_your_shift_to_give")
    assert asked(service, given, "auditor").kind == (403, "forbidden")
    wanted = asked(service, given, "supervisor", away="a1001", to="s2002")["id"]
    assert decided(service, wanted, who="agent").kind == (403, "forbidden")
    assert decided(service, wanted, who="second").kind == (403, "own_swap")
    missing = decided(service, wanted, "refused")
    assert (missing.kind, missing["errors"][0]["pointer"]) == ((422, "invalid"), "/reason")
    assert decided(service, wanted, "refused", reason="人手不足").status == 200
    assert decided(service, wanted).kind == (409, "already_decided")


@pytest.mark.parametrize(
    ("facts", "kind", "pointer"),
    [
        ({"shift": "00000000-0000-4000-8000-000000000000"}, (409, "shift_unknown"), "/shift"),
        ({"in_return": "00000000-0000-4000-8000-000000000000"}, (409, "shift_unknown"), "/in_return"),
        ({"to": "a9999"}, (409, "agent_unknown"), "/to"),
        ({"to": "a1001"}, (422, "invalid"), "/to"),
        ({"to": "a1002"}, (409, "on_roster"), None),
    ],
)
def test_what_cannot_be_swapped_is_said_s_5(
    service: Service, month: date, facts: dict[str, Any], kind: tuple[int, str], pointer: str | None
) -> None:
    given = shift(service, month, ["a1001", "a1002"])
    refused = asked(service, given, **facts) if "shift" not in facts else service.post(SWAPS, {"to": "a1003", **facts})
    assert (refused.kind, refused.body.get("errors", [{"pointer": None}])[0]["pointer"]) == (kind, pointer)


def test_what_has_begun_is_not_swapped_s_5(service: Service) -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    times = {"start": start.isoformat(), "end": (start + timedelta(hours=8)).isoformat()}
    given = shift(service, start.date(), ["a1001"], **times)
    assert asked(service, given).kind == (409, "shift_begun")


def test_swaps_are_listed_to_whom_they_concern(service: Service, month: date) -> None:
    given = shift(service, month, ["a1001"])
    made = asked(service, given)
    query = f"{SWAPS}?status=requested&limit=1&min_position={made['position']}"
    [item] = service.get(query, who="supervisor")["items"]
    assert item == {
        "id": made["id"],
        "version": 1,
        "position": made["position"],
        "shift": given,
        "away": "a1001",
        "to": "a1003",
        "in_return": None,
        "month": f"{month:%Y-%m}",
        "status": "requested",
        "decided_by": None,
        "reason": None,
        "refusal": None,
    }
    assert made["id"] in [one["id"] for one in service.get(SWAPS, who="stranger")["items"]]
    assert made["id"] not in [one["id"] for one in service.get(SWAPS, who="colleague")["items"]]
    following = service.get(query, who="supervisor")["next"]
    assert made["id"] not in [one["id"] for one in service.get(f"{SWAPS}?after={following}", who="supervisor")["items"]]
    assert service.get(f"{SWAPS}?after=x", who="supervisor").kind == (422, "invalid")


def test_why_it_is_wished_read_who_asked_and_supervisors_a_4(service: Service, month: date) -> None:
    wanted = swap(service, shift(service, month, ["a1001"]), reason="家里有事")
    position = decided(service, wanted, "refused", reason="本月已满")["position"]

    def said(who: str) -> tuple[str, str]:
        found = service.get(f"{SWAPS}?min_position={position}&limit=500", who=who)["items"]
        return next((one["reason"], one["refusal"]) for one in found if one["id"] == wanted)

    assert [said(who) for who in ("agent", "supervisor")] == [("家里有事", "本月已满")] * 2
    assert [said(who) for who in ("stranger", "auditor")] == [("***", "***")] * 2


@pytest.mark.parametrize("named", ["00000000-0000-4000-8000-000000000000", "x", "%00"])
def test_an_unknown_swap_is_not_found(service: Service, named: str) -> None:
    for body in ({"decision": "granted"}, {"no": "such field"}, {"decision": "refused", "reason": "不行"}):
        answer = service.post(f"{SWAPS}/{named}/decision", body, who="supervisor")
        assert answer.kind == (404, "not_found"), answer.body
