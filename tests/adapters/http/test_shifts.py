"""Shifts over the API: planned, changed, absences, attendance, lists (S-1, S-5, S-6)."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from domain.work.facts import OnDuty, on_duty
from projections.roster import duties_at
from tests.adapters.http.bodies import HOUR, SHIFTS, begun, planned
from tests.adapters.http.serving import Answer, Service, ago

NOWHERE = f"{SHIFTS}/00000000-0000-4000-8000-000000000000"
DAYS = (date(2031, 1, 1) + timedelta(days=number) for number in count())


@pytest.fixture
def day() -> date:
    """A day of its own for every test, so that no test sees the shifts of another."""
    return next(DAYS)


def made(service: Service, body: dict[str, Any], who: str = "supervisor") -> str:
    """Where the planned shift stands."""
    answer = service.post(SHIFTS, body, who=who)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def listed(service: Service, query: str, who: str = "agent") -> list[str]:
    head = service.rows("SELECT max(notification_id) FROM log.events")[0][0]
    answer = service.get(f"{SHIFTS}?{query}&min_position={head}", who=who)
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer["items"]]


# ---- planning -------------------------------------------------------------------------------------------------------
def test_a_shift_is_planned_and_read_s_1(service: Service, day: date) -> None:
    answer = service.post(SHIFTS, planned(day, team="t1"), who="supervisor")
    assert (answer.status, answer.headers["etag"], answer["version"]) == (201, '"v1"', 1)
    assert answer.headers["location"] == f"{SHIFTS}/{answer['id']}"
    shown = service.get(answer.headers["location"])
    times = {"start": f"{day}T08:00:00Z", "end": f"{day}T16:00:00Z"}
    assert shown.body == {
        "id": answer["id"],
        "version": 1,
        "position": answer["position"],
        "date": day.isoformat(),
        "kind": "late",
        "team": "t1",
        **times,
        "agents": ["a1001", "a1002"],
        "supervisor": "s2001",
        "absences": [],
        "attendance": [],
        "swapped": [],
        "duties": [{**times, "agents": ["a1001", "a1002"], "supervisor": "s2001"}],
        "course": dict.fromkeys(("started", "prepared", "accepted", "released", "ended")),
        "reminder": None,
    }
    assert shown.headers["etag"] == '"v1"'
    [item] = service.get(f"{SHIFTS}?date={day}&min_position={answer['position']}")["items"]
    assert {**item, "reminder": None} == shown.body


def test_the_same_request_again_is_the_same_shift(service: Service, day: date) -> None:
    key = {"idempotency-key": f"plan {day}"}
    first = service.post(SHIFTS, planned(day), who="supervisor", headers=key)
    again = service.post(SHIFTS, planned(day), who="supervisor", headers=key)
    assert (again.status, again.body, again.headers["idempotency-replayed"]) == (201, first.body, "true")


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"end": "2031-01-01T08:00:00Z", "start": "2031-01-01T08:00:00Z"}, "/end"),
        ({"end": "2031-01-02T08:00:01Z", "start": "2031-01-01T08:00:00Z"}, "/end"),
        ({"date": "2030-01-01"}, "/date"),
        ({"agents": ["a1001", "a1001"]}, "/agents/1"),
        ({"kind": "night"}, "/kind"),
        ({"start": "2031-01-01T08:00:00"}, "/start"),
        ({"agents": None}, "/agents"),
        ({"bogus": 1}, "/bogus"),
    ],
)
def test_422_points_at_the_field_s_1(service: Service, day: date, fault: dict[str, object], pointer: str) -> None:
    refused = service.post(SHIFTS, planned(day, **fault), who="supervisor")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"agents": ["nobody"]}, "agent_unknown"),
        ({"supervisor": "nobody"}, "agent_unknown"),
        ({"supervisor": "a1003"}, "no_supervisor"),
        ({"team": "t77"}, "team_unknown"),
    ],
)
def test_everybody_on_a_shift_is_known_and_its_supervisor_is_one_s_1(
    service: Service, day: date, fault: dict[str, object], code: str
) -> None:
    refused = service.post(SHIFTS, planned(day, **fault), who="admin")
    assert (*refused.kind, refused["rule"]) == (409, code, "S-1")


def test_who_has_left_is_not_rostered_s_1(service: Service, day: date) -> None:
    agent = {"id": "a7001", "name": "x", "role": "agent", "joined_on": "2024-01-01"}
    assert service.post("/api/v1/agents", agent, who="admin").status == 201
    left = {"last_day": day.isoformat()}
    assert service.post("/api/v1/agents/a7001/departure", left, who="admin").status == 200
    made(service, planned(day, agents=["a7001"]))
    refused = service.post(SHIFTS, planned(day + timedelta(days=1), agents=["a7001"]), who="supervisor")
    assert refused.kind == (409, "agent_has_left")


def test_nobody_is_rostered_before_their_first_day_s_1(service: Service, day: date) -> None:
    agent = {"id": "a7002", "name": "x", "role": "agent", "joined_on": day.isoformat()}
    assert service.post("/api/v1/agents", agent, who="admin").status == 201
    before = planned(day - timedelta(days=1), agents=["a1001", "a7002"])
    refused = service.post(SHIFTS, before, who="supervisor")
    assert (*refused.kind, refused["rule"]) == (409, "agent_not_here_yet", "S-1")
    assert refused["errors"][0]["pointer"] == "/agents/1"
    assert f"works here from {day} on" in refused["detail"]
    shift = made(service, planned(day, agents=["a7002"]))
    earlier = {"start": before["start"], "end": before["end"]}
    for stated in ({**earlier, "agents": ["a7002"]}, earlier):
        assert service.post(f"{shift}/roster", stated, who="supervisor", version=1).kind == (409, "agent_not_here_yet")


def test_a_deputy_supervises_a_shift_on_the_named_days_l_0(service: Service, day: date) -> None:
    path = "/api/v1/agents/a1003/deputy"
    named = {"from": day.isoformat(), "to": day.isoformat(), "reason": "主管休假"}
    assert service.post(path, named, who="admin").status == 200
    made(service, planned(day, supervisor="a1003"))
    refused = service.post(SHIFTS, planned(day + timedelta(days=1), supervisor="a1003"), who="admin")
    assert refused.kind == (409, "no_supervisor")


# ---- who may, and in which order ------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["agent", "payroll", "auditor"])
def test_supervisors_and_admins_plan_a_4(service: Service, day: date, who: str) -> None:
    assert service.post(SHIFTS, planned(day), who=who).kind == (403, "forbidden")
    shift = made(service, planned(day), "admin")
    assert service.post(f"{shift}/absences", {"agent": "a1001"}, who=who, version=1).kind == (403, "forbidden")
    assert service.get(shift, who=who).status == 200
    assert listed(service, f"date={day}", who) == [shift.rpartition("/")[2]]


COMMANDS: dict[str, dict[str, Any]] = {
    "roster": {"agents": ["a1001"]},
    "absences": {"agent": "a1001"},
    "presences": {"agent": "a1001"},
    "attendance": {"agent": "a1001", "began_at": ago(hours=1)},
}


@pytest.mark.parametrize("command", COMMANDS)
def test_404_422_428_and_412_in_this_order(service: Service, day: date, command: str) -> None:
    bad, body = {"no": "such field"}, COMMANDS[command]
    for nowhere in (NOWHERE, f"{SHIFTS}/nothing", f"{SHIFTS}/%00"):
        for sent in (bad, body):
            assert service.post(f"{nowhere}/{command}", sent, who="supervisor").kind == (404, "not_found")
    shift = made(service, planned(day))
    assert service.post(f"{shift}/{command}", bad, who="supervisor").kind == (422, "invalid")
    missing = service.post(f"{shift}/{command}", body, who="supervisor")
    assert (*missing.kind, missing["version"]) == (428, "match_required", 1)
    assert service.post(f"{shift}/{command}", body, who="supervisor", version=2).kind == (412, "stale")


@pytest.mark.parametrize("item", ["00000000-0000-4000-8000-000000000000", "nothing", "%00"])
def test_an_unknown_shift_is_not_found(service: Service, item: str) -> None:
    assert service.get(f"{SHIFTS}/{item}").kind == (404, "not_found")


# ---- changes --------------------------------------------------------------------------------------------------------
def test_what_is_left_out_of_a_roster_stays_as_it_is_s_1(service: Service, day: date) -> None:
    shift = made(service, planned(day))
    later = f"{day}T09:00:00Z"
    assert service.post(f"{shift}/roster", {"start": later}, who="supervisor", version=1).status == 200
    changed = {"agents": ["a1003"], "supervisor": None, "end": None}
    assert service.post(f"{shift}/roster", changed, who="admin", version=2)["version"] == 3
    shown = service.get(shift)
    assert (shown["start"], shown["end"]) == (later, f"{day}T16:00:00Z")
    assert (shown["agents"], shown["supervisor"]) == (["a1003"], None)
    assert service.post(f"{shift}/roster", {}, who="admin", version=3)["version"] == 3
    unknown = service.post(f"{shift}/roster", {"agents": ["nobody"]}, who="admin", version=3)
    assert unknown.kind == (409, "agent_unknown")


def test_a_shift_that_has_begun_is_corrected_with_a_reason_that_is_sealed_s_6(service: Service) -> None:
    shift, without = made(service, begun()), {"agents": ["a1001"]}
    admins = service.post(f"{shift}/roster", {**without, "reason": "x"}, who="admin", version=1)
    assert (*admins.kind, admins["rule"]) == (403, "not_supervised", "S-6")
    bare = service.post(f"{shift}/roster", without, who="supervisor", version=1)
    assert (*bare.kind, bare["rule"], bare["errors"][0]["pointer"]) == (409, "reason_needed", "S-6", "/reason")
    own = service.post(f"{shift}/roster", {"supervisor": None, "reason": "x"}, who="supervisor", version=1)
    assert (*own.kind, own["rule"]) == (403, "own_duty", "L-0")
    reason = "原定人员生病换班"
    assert service.post(f"{shift}/roster", {**without, "reason": reason}, who="supervisor", version=1).status == 200
    [(state,)] = service.rows(
        "SELECT state FROM log.events WHERE topic = 'shift.replanned' AND originator_id = %s", shift.rpartition("/")[2]
    )
    assert b'"reason":{"subject":"' in state
    assert reason.encode() not in state


def test_absences_and_attendance_make_who_is_on_duty_s_6(service: Service) -> None:
    shift = made(service, begun(agents=["a1001", "a1002", "a1003"]))
    absent = {"agent": "a1001", "reason": "发烧"}
    assert service.post(f"{shift}/absences", absent, who="supervisor", version=1).status == 200
    came = {"agent": "a1002", "began_at": ago(hours=1)}
    assert service.post(f"{shift}/attendance", came, who="supervisor", version=2).status == 200
    shown = service.get(shift)
    assert shown["absences"] == [{"agent": "a1001", "absenteeism": False}]
    assert [one["agents"] for one in shown["duties"]] == [["a1003"], ["a1002"]]
    assert [one["supervisor"] for one in shown["duties"]] == ["s2001", None]
    refused = service.post(f"{shift}/attendance", {**came, "agent": "a1001"}, who="supervisor", version=3)
    assert (*refused.kind, refused["rule"]) == (409, "marked_absent", "S-6")
    assert service.post(f"{shift}/presences", {"agent": "a1001"}, who="supervisor", version=3).status == 200
    assert service.get(shift)["absences"] == []


def test_absence_and_attendance_are_of_people_on_the_roster_s_6(service: Service) -> None:
    shift = made(service, begun())
    for command in ("absences", "presences", "attendance"):
        body = {**COMMANDS[command], "agent": "a1003"}
        refused = service.post(f"{shift}/{command}", body, who="supervisor", version=1)
        assert (*refused.kind, refused["errors"][0]["pointer"]) == (409, "not_on_roster", "/agent")


def test_an_unknown_agent_gets_no_key_by_being_named_absent(service: Service) -> None:
    shift = made(service, begun())
    before = service.rows("SELECT count(*) FROM private.subjects")
    assert service.post(f"{shift}/absences", {"agent": "ghost"}, who="supervisor", version=1).status == 409
    assert service.rows("SELECT count(*) FROM private.subjects") == before


def test_supervisors_leave_their_own_attendance_to_another_l_0(service: Service) -> None:
    shift = made(service, begun())
    came = {"agent": "s2001", "began_at": ago(hours=1)}
    own = service.post(f"{shift}/attendance", came, who="supervisor", version=1)
    assert (*own.kind, own["rule"]) == (403, "own_duty", "L-0")
    assert service.post(f"{shift}/attendance", came, who="second", version=1).status == 200


# ---- lists ----------------------------------------------------------------------------------------------------------
def test_lists_are_narrowed_by_day_and_team_and_paged(service: Service, day: date) -> None:
    next(DAYS), next(DAYS)
    days = [day, day + timedelta(days=1), day + timedelta(days=2)]
    first, second, third = (
        made(service, planned(one, team=team)).rpartition("/")[2]
        for one, team in zip(days, ("t1", "t2", "t1"), strict=True)
    )
    whole = f"from={days[0]}&to={days[2]}"
    assert listed(service, whole) == [first, second, third]
    assert listed(service, f"{whole}&team=t1") == [first, third]
    assert listed(service, f"date={days[1]}") == [second]
    assert listed(service, f"from={days[1]}&to={days[1]}") == [second]
    page = service.get(f"{SHIFTS}?{whole}&limit=2")
    assert ([item["id"] for item in page["items"]], page["next"]) == ([first, second], second)
    assert 'rel="next"' in page.headers["link"]
    rest = service.get(f"{SHIFTS}?{whole}&limit=2&after={page['next']}")
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([third], None)


@pytest.mark.parametrize("query", ["after=x", "date=2031", "from=x", "limit=0", "kind=late", "date=2031-01-01&date=x"])
def test_a_list_that_cannot_be_meant_is_422(service: Service, query: str) -> None:
    assert service.get(f"{SHIFTS}?{query}").kind == (422, "invalid")


def test_who_is_on_duty_is_found_by_the_moment_s_6(service: Service, day: date) -> None:
    answer: Answer = service.post(SHIFTS, planned(day), who="supervisor")
    assert service.get(f"{SHIFTS}?min_position={answer['position']}").status == 200

    async def there(at: datetime) -> OnDuty:
        async with service.services.pool.connection() as connection:
            return on_duty(await duties_at(connection, at), at)

    begin = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    assert service.run(there(begin)) == OnDuty(("a1001", "a1002"), ("s2001",))  # type: ignore[arg-type]
    assert service.run(there(begin + 8 * HOUR)) == OnDuty((), ())
