"""`redress replay` as it is called: a case as it was recorded at any moment, and what changed in between (A-2, A-4)."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from typer.testing import CliRunner

from adapters.cli.commands import app
from tests.adapters.cli.conftest import Beside
from tests.adapters.http.serving import Case
from tests.support.command_line import Said

NARRATIVE = "账单没有打折"


@pytest.fixture(scope="module")
def case(beside: Beside) -> Case:
    return beside.service.case("analysed", merchant="m-1")


def positions(beside: Beside, case: Case) -> Mapping[str, int]:
    """Where each kind of event of the case stands."""
    return {item["type"]: item["position"] for item in beside.service.history(case)}


def replayed(beside: Beside, case: Case, *words: object) -> Said:
    said = beside.redress("replay", case.id, *map(str, words), "--json")
    assert said.code == 0, said.err
    return said


def test_a_case_is_replayed_as_it_was_recorded_at_a_position_a_2(beside: Beside, case: Case) -> None:
    at = positions(beside, case)["case.clarified"]
    told = replayed(beside, case, "--at", at).document
    by_api = beside.service.get(f"{case.url}?as_of={at}", who="auditor").body
    assert told["case"] == by_api
    assert (told["as_of"], told["case"]["status"], told["case"]["analysis"]) == (str(at), "clarified", None)
    assert told["history"] == beside.service.get(f"{case.url}/history?as_of={at}&limit=500", who="auditor")["items"]
    assert {item["actor"] for item in told["history"]} <= {"a1001", "scheduler"}
    assert told["clocks"]["items"]


def test_a_case_is_replayed_as_it_was_recorded_at_a_moment_and_as_it_stands_a_2(beside: Beside, case: Case) -> None:
    history = beside.service.history(case)
    moment = next(item["at"] for item in history if item["type"] == "case.investigated")
    assert datetime.fromisoformat(moment).tzinfo
    assert replayed(beside, case, "--at", moment).document["case"]["status"] == "investigated"
    assert replayed(beside, case).document["case"]["status"] == "analysed"


def test_a_case_is_found_by_its_number(beside: Beside, case: Case) -> None:
    beside.service.seen(case.position)
    said = beside.redress("replay", case.number, "--json")
    assert (said.code, said.document["case"]["id"]) == (0, case.id)


def test_what_changed_between_two_moments_is_told_field_by_field_a_2(beside: Beside, case: Case) -> None:
    found = positions(beside, case)
    first, last = found["case.investigated"], found["case.analysed"]
    told = replayed(beside, case, "--diff", first, last).document
    changes = {change["field"]: (change["before"], change["after"]) for change in told["changes"]}
    assert changes["/status"] == ("investigated", "analysed")
    assert changes["/valid"] == (None, True)
    assert changes["/analysis/severity"] == (None, "ordinary")
    assert changes["/analysis/by"] == (None, "a1001")
    assert "/narrative" not in changes
    between = [item["type"] for item in told["history"] if item["actor"] == "a1001"]
    assert between == ["case.analysed"]
    assert {item["position"] > first for item in told["history"]} == {True}
    backwards = replayed(beside, case, "--diff", last, first).document
    assert (backwards["changes"], backwards["history"]) == (told["changes"], told["history"])


def test_between_a_moment_and_itself_nothing_changed(beside: Beside, case: Case) -> None:
    at = positions(beside, case)["case.clarified"]
    told = replayed(beside, case, "--diff", at, at).document
    assert (told["changes"], told["history"]) == ([], [])


def test_personal_data_is_masked_unless_opened_with_a_reason_which_is_recorded_once_a_4(
    beside: Beside, case: Case
) -> None:
    reads = f"/api/v1/audit/reads?resource={case.id}&actor=operator"
    masked = beside.redress("replay", case.id)
    assert (NARRATIVE in masked.out, "***" in masked.out) == (False, True)
    assert beside.service.get(reads, who="auditor")["items"] == []
    opened = replayed(beside, case, "--reason", "Beschwerde geprüft")
    assert opened.document["case"]["narrative"] == NARRATIVE
    assert [one["reason"] for one in beside.service.get(reads, who="auditor")["items"]] == ["Beschwerde geprüft"]


def test_people_read_who_did_what_on_what_grounds(beside: Beside, case: Case) -> None:
    found = positions(beside, case)
    shown = beside.redress("replay", case.id, "--at", str(found["case.analysed"]))
    assert shown.code == 0
    for word in ("who did what", "case.analysed", "a1001", "severity: ordinary", "attribution: merchant"):
        assert word in shown.out, word
    told = beside.redress("replay", case.id, "--diff", str(found["case.clarified"]), str(found["case.analysed"]))
    for word in ("what changed between", "/status", "clarified", "case.investigated"):
        assert word in told.out, word


@pytest.mark.parametrize(
    "words",
    [
        ("--at", "yesterday"),
        ("--at", "2026-01-01T00:00:00"),
        ("--at", ""),
        ("--diff", "1", "soon"),
        ("--diff", "1"),
        ("--at", "1", "--diff", "1", "2"),
        ("--reason", " x "),
    ],
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, ("replay", "2026-000001", *words)).exit_code == 2


def test_what_was_not_there_then_is_told(beside: Beside, case: Case) -> None:
    before = beside.redress("replay", case.id, "--at", str(positions(beside, case)["case.received"] - 1))
    assert (before.code, "there was no such case then" in before.err) == (3, True)
    unknown = beside.redress("replay", "2019-999999")
    assert (unknown.code, "give its id or its number" in unknown.err) == (3, True)
