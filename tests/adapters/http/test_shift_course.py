"""Shifts from start to end over the API: handovers prepared, accepted, questioned, released; reminders (S-2, S-3)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.values import DEFAULT_ZONE
from projections.rebuild import rebuild
from projections.registry import PROJECTIONS
from tests.adapters.http.bodies import HOUR, SHIFTS, planned
from tests.adapters.http.serving import Answer, Service, ahead

TEAMS = count(1)
MANY_NOTES = """
    INSERT INTO log.events (originator_id, originator_version, topic, state, notification_id)
    SELECT originator_id, originator_version + n, topic, state, (SELECT max(notification_id) FROM log.events) + n
    FROM log.events, generate_series(1, 1000) n
    WHERE originator_id = %s AND originator_version = %s"""


@dataclass
class Crew:
    """Two shifts that follow each other, and who works them: `agent` and `colleague` in the first and the second."""

    service: Service
    team: str
    first: str
    second: str

    def version(self, shift: str) -> int:
        """The version of a shift."""
        return int(self.service.get(f"{SHIFTS}/{shift}", who="supervisor")["version"])

    def give(self, shift: str, command: str, body: object = None, who: str = "agent") -> Answer:
        """A command at the version seen."""
        path = f"{SHIFTS}/{shift}/{command}"
        return self.service.post(path, {} if body is None else body, who=who, version=self.version(shift))

    def done(self, shift: str, command: str, body: object = None, who: str = "agent") -> None:
        """A command that must be taken."""
        answer = self.give(shift, command, body, who)
        assert answer.status == 200, answer.body

    def handover(self, shift: str, who: str = "agent") -> Answer:
        """Its handover."""
        answer = self.service.get(f"{SHIFTS}/{shift}/handover", who=who)
        assert answer.status == 200, answer.body
        return answer

    def frozen(self, shift: str) -> dict[str, Any]:
        """What stays of its handover: all but the newest head over it."""
        return {name: value for name, value in self.handover(shift).body.items() if name != "head"}

    def reminder(self, shift: str) -> Any:
        """What a shift is reminded of."""
        return self.service.get(f"{SHIFTS}/{shift}", who="supervisor")["reminder"]


def plan(service: Service, team: str, begin: datetime, kind: str, **facts: object) -> str:
    times = {"start": begin.isoformat(), "end": (begin + 8 * HOUR).isoformat()}
    answer = service.post(SHIFTS, planned(begin.date(), kind=kind, team=team, **times, **facts), who="admin")
    assert answer.status == 201, answer.body
    return str(answer["id"])


@pytest.fixture
def crew(service: Service) -> Crew:
    """Shifts of a team of their own, so that none follows those of another test."""
    team, begin = f"crew-{next(TEAMS)}", datetime.now(UTC) - HOUR
    service.post("/api/v1/teams", {"id": team, "name": team}, who="admin")
    first = plan(service, team, begin, "early", agents=["a1001"], supervisor="s2001")
    second = plan(service, team, begin + 8 * HOUR, "middle", agents=["a1002"], supervisor=None)
    return Crew(service, team, first, second)


# ---- the whole way --------------------------------------------------------------------------------------------------
def test_a_shift_from_start_to_end_s_2_s_3(crew: Crew) -> None:
    crew.done(crew.first, "start")
    case = crew.service.case("received")
    refused = crew.give(crew.first, "end")
    assert (*refused.kind, refused["rule"]) == (409, "handover_not_accepted", "S-2")
    crew.done(crew.first, "handover", {"notes": "七号桌请留意"})
    assert crew.reminder(crew.second)["shift"] == crew.first
    crew.done(crew.first, "acceptance", {}, who="colleague")
    assert crew.reminder(crew.second) is None
    crew.done(crew.first, "end")
    shown = crew.handover(crew.first)
    assert (shown["frozen"], shown["notes"], shown["released"]) == (True, "七号桌请留意", None)
    assert (shown["prepared"]["by"], shown["prepared"]["name"]) == ("a1001", "who-is-agent")
    assert (shown["accepted"]["by"], shown["accepted"]["name"]) == ("a1002", "who-is-colleague")
    assert shown.headers["etag"] == f'"v{crew.version(crew.first)}"'
    course = crew.service.get(f"{SHIFTS}/{crew.first}")["course"]
    assert {name: one["by"] if one else None for name, one in course.items()} == {
        "started": "a1001",
        "prepared": "a1001",
        "accepted": "a1002",
        "released": None,
        "ended": "a1001",
    }
    assert case.number not in {step["number"] for step in shown["steps"]}


def test_what_happened_to_cases_and_what_is_open_stands_in_it_s_3(service: Service, crew: Crew) -> None:
    """With a team of t1's own shifts: the cases of the test's agents are t1's."""
    begin = datetime.now(UTC) + timedelta(days=400)
    shift = plan(service, "t1", begin, "early", agents=["a1001"], supervisor=None)
    crew.done(shift, "start")
    before = crew.handover(shift)
    case = service.case("analysed")
    service.give(case, "promises", {"text": "明日答复", "due_at": ahead(days=400)})
    gone = service.case("withdrawn")
    shown = crew.handover(shift)
    kinds = [(step["kind"], step["opens"]) for step in shown["steps"] if step["number"] == case.number]
    assert kinds == [("received", 1), ("clarified", 0)]
    assert [step["kind"] for step in shown["steps"] if step["number"] == gone.number] == ["received", "withdrawn"]
    assert shown["open_at_end"] == shown["open_at_start"] + 1 == before["open_at_end"] + 1
    [line] = [line for line in shown["cases"] if line["number"] == case.number]
    assert (line["handler"], line["status"], line["next_action"]) == ("a1001", "analysed", "proposals")
    assert {term["clock"] for term in line["terms"]} == {"answer", "resolve", "promise"}
    assert line["item"] in shown["due"]
    assert shown["names"]["a1001"] == "who-is-agent"
    assert "王小明" not in shown.raw.decode()


def test_a_frozen_handover_reads_the_same_after_more_events_and_a_rebuild_s_3(service: Service, crew: Crew) -> None:
    begin = datetime.now(UTC) + timedelta(days=500)
    first = plan(service, "t1", begin, "early", agents=["a1001"], supervisor=None)
    plan(service, "t1", begin + 8 * HOUR, "middle", agents=["a1002"], supervisor=None)
    case = service.case("analysed")
    crew.done(first, "start")
    crew.done(first, "handover", {"notes": "注意"})
    crew.done(first, "acceptance", {"questioned": [{"item": f"case:{case.number}", "words": "谁来跟进?"}]}, "colleague")
    frozen = crew.frozen(first)
    assert frozen["questions"] == [{"item": f"case:{case.number}", "words": "谁来跟进?"}]
    service.give(case, "notes", {"text": "又一条"})
    service.rows(MANY_NOTES, case.id, case.version)
    case.version += 1_000
    service.give(case, "withdrawal", {"reason": "撤回"})
    assert crew.frozen(first) == frozen
    service.run(rebuild(service.services.dsn, service.services.keyring, PROJECTIONS), 300)
    assert crew.frozen(first) == frozen


def test_a_handover_and_a_report_carry_a_head_of_the_log_that_covers_them_a_1(service: Service, crew: Crew) -> None:
    begin = datetime.now(UTC) + timedelta(days=530)
    shift = plan(service, "t1", begin, "early", agents=["a1001"], supervisor=None)
    crew.done(shift, "start")
    upto = crew.handover(shift)["upto"]
    assert service.run(service.services.proof.reads.reached(upto))
    today = datetime.now(UTC).astimezone(ZoneInfo(DEFAULT_ZONE)).date()
    report = service.get(f"/api/v1/daily-reports/{today}", who="supervisor")
    sizes = [int(shown["head"].splitlines()[1]) for shown in (crew.handover(shift), report)]
    assert min(sizes) > 0
    printed = service.get(f"{SHIFTS}/{shift}/handover/page")
    assert re.search(r"封存树首 \d+ <code>[A-Za-z0-9+/]{43}=</code>", printed.body)


def test_where_a_handover_ends_the_next_begins_s_3(crew: Crew) -> None:
    crew.done(crew.first, "start")
    crew.done(crew.second, "start", who="colleague")
    crew.done(crew.first, "handover")
    crew.done(crew.first, "acceptance", {}, who="colleague")
    first, second = (crew.handover(shift, "supervisor") for shift in (crew.first, crew.second))
    assert second["after"] == first["upto"]
    assert second["open_at_start"] == first["open_at_end"]


# ---- accepting ------------------------------------------------------------------------------------------------------
def test_each_item_is_ticked_or_questioned_s_3(crew: Crew) -> None:
    crew.done(crew.first, "start")
    crew.done(crew.first, "handover")
    refused = crew.give(crew.first, "acceptance", {"ticked": []}, "colleague")
    assert (*refused.kind, refused["rule"]) == (409, "items_unmarked", "S-3")
    assert "phone-test:early" in refused["detail"]
    unknown = crew.give(crew.first, "acceptance", {"ticked": ["case:x"]}, "colleague")
    assert unknown.kind == (409, "no_such_item")
    twice = {"ticked": ["phone-test:early"], "questioned": [{"item": "phone-test:early", "words": "?为什么"}]}
    assert crew.give(crew.first, "acceptance", twice, "colleague").kind == (422, "invalid")
    crew.done(crew.first, "acceptance", {"ticked": ["phone-test:early"]}, "colleague")


def test_what_came_in_after_it_was_read_is_not_ticked_unseen_s_3(service: Service, crew: Crew) -> None:
    begin = datetime.now(UTC) + timedelta(days=600)
    first = plan(service, "t1", begin, "early", agents=["a1001"], supervisor=None)
    plan(service, "t1", begin + 8 * HOUR, "middle", agents=["a1002"], supervisor=None)
    crew.done(first, "start")
    crew.done(first, "handover")
    seen = crew.handover(first)["upto"]
    case = service.receive()
    refused = crew.give(first, "acceptance", {"seen": seen}, "colleague")
    assert refused.kind == (409, "items_unmarked")
    assert f"case:{case.number}" in refused["detail"]
    crew.done(first, "acceptance", {"seen": crew.handover(first)["upto"]}, "colleague")


@pytest.mark.parametrize("who", ["agent", "supervisor", "stranger"])
def test_only_the_next_shift_accepts_s_2(crew: Crew, who: str) -> None:
    crew.done(crew.first, "start")
    crew.done(crew.first, "handover")
    assert crew.give(crew.first, "acceptance", {}, who).kind == (403, "not_next_shift")


# ---- releasing, ending ----------------------------------------------------------------------------------------------
def test_a_supervisor_of_another_shift_releases_and_it_is_accepted_later_s_2(crew: Crew) -> None:
    crew.done(crew.first, "start")
    reason = {"reason": "接班人堵在路上"}
    assert crew.give(crew.first, "release", reason).kind == (403, "forbidden")
    assert crew.give(crew.first, "release", reason, "supervisor").kind == (403, "own_shift")
    assert crew.give(crew.first, "release", {}, "second").kind == (422, "invalid")
    crew.done(crew.first, "release", reason, "second")
    crew.done(crew.first, "end")
    assert crew.reminder(crew.second) == {"shift": crew.first, "prepared_at": None}
    shown = crew.handover(crew.first)
    assert (shown["frozen"], shown["reason"], shown["released"]["by"]) == (True, reason["reason"], "s2002")
    crew.done(crew.first, "acceptance", {}, "colleague")
    assert crew.reminder(crew.second) is None


def test_the_last_shift_of_a_day_ends_with_its_handover_prepared_s_2(crew: Crew) -> None:
    crew.done(crew.second, "start", who="colleague")
    refused = crew.give(crew.second, "end", who="colleague")
    assert (*refused.kind, refused["rule"]) == (409, "handover_not_prepared", "S-2")
    crew.done(crew.second, "handover", who="colleague")
    crew.done(crew.second, "end", who="colleague")


# ---- duty, doors ----------------------------------------------------------------------------------------------------
def test_on_and_off_duty_write_attendance_s_6(crew: Crew) -> None:
    crew.done(crew.first, "start", {"on_duty": ["a1001"]}, "second")
    [came] = crew.service.get(f"{SHIFTS}/{crew.first}")["attendance"]
    assert (came["agent"], came["ended_at"]) == ("a1001", None)
    assert crew.give(crew.first, "off-duty").kind == (403, "own_duty")
    crew.done(crew.first, "off-duty", {"agent": "a1001"}, "second")
    [left] = crew.service.get(f"{SHIFTS}/{crew.first}")["attendance"]
    assert left["began_at"] == came["began_at"] < left["ended_at"]
    crew.done(crew.second, "on-duty", who="colleague")
    [early] = crew.service.get(f"{SHIFTS}/{crew.second}")["attendance"]
    assert early["agent"] == "a1002"


COMMANDS = {"start": {}, "on-duty": {}, "off-duty": {}, "handover": {}, "acceptance": {}, "release": {"reason": "x"}}


@pytest.mark.parametrize("command", [*COMMANDS, "end"])
def test_every_command_needs_if_match_and_a_shift_and_a_role(crew: Crew, command: str) -> None:
    body, path = COMMANDS.get(command, {}), f"{SHIFTS}/{crew.first}/{command}"
    who = "colleague" if command == "acceptance" else "second"
    assert crew.service.post(path, body, who=who).status == 428
    assert crew.service.post(path, body, who=who, version=99).kind == (412, "stale")
    nowhere = path.replace(crew.first, "00000000-0000-4000-8000-000000000000")
    for sent in (body, {"no": "such field"}):
        assert crew.service.post(nowhere, sent, who="second", version=1).kind == (404, "not_found")
    for role in ("auditor", "payroll", "admin"):
        assert crew.service.post(path, body, who=role, version=1).kind == (403, "forbidden")


def test_a_key_makes_a_command_safe_to_repeat(crew: Crew) -> None:
    key = {"idempotency-key": f"start {crew.first}"}
    path = f"{SHIFTS}/{crew.first}/start"
    first = crew.service.post(path, {}, version=1, headers=key)
    again = crew.service.post(path, {}, version=1, headers=key)
    assert (first.status, again.body, again.headers["idempotency-replayed"]) == (200, first.body, "true")


def test_who_reads_a_handover_a_4(crew: Crew) -> None:
    crew.done(crew.first, "start")
    crew.done(crew.first, "handover", {"notes": "内部"})
    assert crew.handover(crew.first, "second")["notes"] == "内部"
    assert crew.handover(crew.first, "colleague")["notes"] == "内部"
    assert crew.handover(crew.first, "auditor")["notes"] == "***"
    path = f"{SHIFTS}/{crew.first}/handover"
    assert crew.service.get(path, who="stranger").kind == (403, "not_your_team")
    assert crew.service.get(path, who="payroll").kind == (403, "forbidden")
    assert crew.service.get(f"{SHIFTS}/nowhere/handover").kind == (404, "not_found")


def test_conduct_is_seen_by_supervisors_and_who_it_is_about_w_6_a_4(service: Service, crew: Crew) -> None:
    begin = datetime.now(UTC) + timedelta(days=700)
    shift = plan(service, "t1", begin, "early", agents=["a1001"], supervisor=None)
    crew.done(shift, "start")
    report = {"agent": "a1002", "at": datetime.now(UTC).isoformat(), "code": "late"}
    assert service.post("/api/v1/facts/conduct-reports", report, who="supervisor").status == 201
    seen = {who: crew.handover(shift, who)["conduct"] for who in ("supervisor", "agent", "colleague")}
    assert {who: [one["agent"] for one in found] for who, found in seen.items()} == {
        "supervisor": ["a1002"],
        "agent": [],
        "colleague": ["a1002"],
    }


def test_next_steps_remind_of_a_handover_that_is_not_accepted_s_2(service: Service, crew: Crew) -> None:
    crew.done(crew.first, "start")
    crew.done(crew.first, "handover")
    crew.done(crew.second, "start", who="colleague")
    case = service.receive("colleague")
    service.seen(case.position)

    def reminder(who: str) -> Any:
        return service.get(f"{case.url}/next-steps", who=who)["reminder"]

    assert reminder("colleague")["shift"] == crew.first
    crew.done(crew.first, "acceptance", {}, "colleague")
    assert reminder("colleague") is None
    assert reminder("second") is None
