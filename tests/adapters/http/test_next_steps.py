"""What next-steps says agrees with what the commands then do, wherever a case has come to (contract part 3)."""

import random
from typing import Any

import pytest

from application.cases import ACROSS, COMMANDS
from tests.adapters.http.serving import ANALYSIS, GIVEN, REASON, Case, Service

CALLERS = ["agent", "colleague", "stranger", "supervisor", "second"]
BY_BODY = {
    "already_answered",
    "not_granted",
    "own_escalation",
    "never_shorter",
    "not_the_passed_option",
    "over_limit",
    "too_many_extensions",
}
"""Refusals that follow from what is sent, which next-steps cannot know."""
WORDS = {"words": "同意", "approved_cost_fen": 5000}
REVIEW = {"option": 1, "verdict": "passed"}


def body_of(command: str, other: Case) -> dict[str, Any]:
    """A body that nothing is wrong with."""
    across: dict[str, dict[str, Any]] = {
        "merge": {"into": other.id},
        "links": {"case": other.id, "kind": "related"},
        "review-requests": REASON,
        "resumption": {},
        "answer-reviews": REVIEW,
        "escalation-answers": WORDS,
    }
    return across[command] if command in across else GIVEN[command][1]


def steps(service: Service, case: Case, who: str) -> dict[str, dict[str, Any]]:
    """The next steps by command."""
    return {step["command"]: step for step in service.get(f"{case.url}/next-steps", who=who)["items"]}


def test_every_command_is_named_with_its_address(service: Service) -> None:
    case = service.receive()
    named = steps(service, case, "agent")
    assert {*named} == {*COMMANDS, *ACROSS}
    assert named["clarification"] == {
        "command": "clarification",
        "href": f"{case.url}/clarification",
        "allowed": True,
        "code": None,
        "rule": None,
        "detail": None,
    }
    assert named["escalation-answers"]["href"] == f"{case.url}/escalations/{{number}}/answer"
    assert (named["closing"]["allowed"], named["closing"]["rule"]) == (False, "C-10")


def test_an_auditor_may_do_nothing_a_4(service: Service) -> None:
    named = steps(service, service.receive(), "auditor")
    assert {(step["allowed"], step["rule"]) for step in named.values()} == {(False, "A-4")}


def test_an_analysis_that_names_an_agent_is_replaced_by_a_supervisor_c_4(service: Service) -> None:
    case = service.case("analysed")
    fault = {"agent": "a1002", "fault": "operation_error", "ref": "r1"}
    service.give(case, "analysis", {**ANALYSIS, "attribution": "company", "faults": [fault]}, who="supervisor")
    step = steps(service, case, "agent")["analysis"]
    refused = service.post(f"{case.url}/analysis", ANALYSIS, version=case.version)
    assert (step["allowed"], step["code"], step["rule"]) == (False, refused["code"], refused["rule"])
    assert steps(service, case, "supervisor")["analysis"]["allowed"]


@pytest.mark.parametrize("seed", range(20))
def test_next_steps_agree_with_the_commands(service: Service, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    case, other = service.receive(), service.receive()
    for _ in range(12):
        _try_one(service, case, other, chance)


def _try_one(service: Service, case: Case, other: Case, chance: random.Random) -> None:
    """Give one command, one that leads on more often than not."""
    who = chance.choice(["agent", *CALLERS])
    if service.get(case.url, who=who).status == 403:
        who = "supervisor"
    named = steps(service, case, who)
    admitted = [command for command, step in named.items() if step["allowed"]]
    on = [command for command in GIVEN if command in admitted and command not in {"withdrawal", "unmerge"}]
    command = chance.choice(on if on and chance.random() < 0.7 else [*named])
    answer = service.post(
        named[command]["href"].removeprefix("http://redress.test").replace("{number}", "1"),
        body_of(command, other),
        version=case.version,
        who=who,
    )
    said = named[command]
    if said["allowed"]:
        assert answer.status in {200, 201} or answer["code"] in BY_BODY, (command, who, answer.body)
    elif answer.kind != (404, "not_found"):
        assert (answer["code"], answer["rule"]) == (said["code"], said["rule"]), (command, who, answer.body)
        assert answer.status in {403, 409}
    case.version = service.get(case.url, who="supervisor")["version"]
