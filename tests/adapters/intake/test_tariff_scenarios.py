"""`redress tariff try`: the scenarios with their expected lines, and what is said of a document that cannot be used."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from typer.testing import CliRunner

from adapters.cli.commands import app
from adapters.intake import tariffs
from adapters.intake.scenarios import scenario, tried
from application.documents import BadDocument, read, read_file
from domain.tariff.tariff import OrderPay

SHARED = Path(__file__).parents[4] / "shared" / "scenarios"
OWN = Path(__file__).parent / "scenarios"
FILES = sorted([*SHARED.glob("*.yaml"), *OWN.glob("*.yaml")])


def run(text: str) -> dict[str, Any]:
    return tried(scenario(read("scenario.yaml", text), tariffs.shipped()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_scenario_gives_exactly_its_lines_and_nets(file: Path) -> None:
    expected = yaml.safe_load(file.read_text("utf-8"))
    outcome = tried(scenario(read_file(file), tariffs.shipped()))
    assert Counter((line["agent"], line["code"], line["amount_fen"]) for line in outcome["lines"]) == Counter(
        map(tuple, expected["expect"])
    )
    assert {(one["agent"], one["month"]): one["net_fen"] for one in outcome["statements"]} == {
        (agent, str(month)): net for agent, months in expected["net"].items() for month, net in months.items()
    }


def test_a_tariff_changes_within_a_month_by_the_day_of_the_fact() -> None:
    """B-ORDER by the period of its day; what is judged by the month by the tariff of its last day."""
    periods = [
        OrderPay(first=date(2000, 1, 1), to=date(2026, 3, 14), signed_fen=20, unsigned_fen=20),
        OrderPay(first=date(2026, 3, 15), signed_fen=31, unsigned_fen=13),
    ]
    tariff = replace(tariffs.shipped(), version="halved-1", order=tuple(periods), recommend_fen=(100,))
    order = "{kind: order, at: '%s', agent: a1, merchant: m1, signed: %s, recommended: true, seated: true}"
    facts = [
        order % ("2026-03-14T23:59:59+08:00", "true"),
        order % ("2026-03-15T00:00:00+08:00", "true"),
        order % ("2026-03-14T16:00:00Z", "false"),
    ]
    outcome = tried(scenario(read("scenario.yaml", "facts: [" + ", ".join(facts) + "]"), tariff))
    assert [(line["occurred_on"], line["code"], line["amount_fen"], line["tariff"]) for line in outcome["lines"]] == [
        ("2026-03-14", "B-ORDER", 20, "halved-1"),
        ("2026-03-15", "B-ORDER", 13, "halved-1"),
        ("2026-03-15", "B-ORDER", 31, "halved-1"),
        ("2026-03-31", "B-RECOMMEND", 100, "halved-1"),
    ]
    assert [(one["month"], one["net_fen"]) for one in outcome["statements"]] == [("2026-03", 164)]


def test_facts_before_a_tariff_begins_are_judged_by_the_default_one() -> None:
    """A fact is judged by the tariff of its day; one that begins with the default one, or before, stands alone."""
    conduct = "{kind: conduct, at: '%s', agent: a1, code: P-MINOR}"
    days = ("2026-03-14T23:59:59+08:00", "2026-03-15T00:00:00+08:00")
    document = read("scenario.yaml", "facts: [" + ", ".join(conduct % at for at in days) + "]")
    alone = [(begins, [-1100] * 2) for begins in (date(2000, 1, 1), date(1999, 1, 1))]
    for begins, amounts in ((date(2026, 3, 15), [-1000, -1100]), *alone):
        pay = (OrderPay(first=begins, signed_fen=20, unsigned_fen=20),)
        tariff = replace(tariffs.shipped(), version="t-2", valid_from=begins, minor_fen=1100, order=pay)
        assert [line["amount_fen"] for line in tried(scenario(document, tariff))["lines"]] == amounts


@pytest.mark.parametrize("merchant", ["", "merchant: null, ", "merchant: '', "])
def test_an_order_may_lack_its_merchant_p_order_field(merchant: str) -> None:
    order = f"at: '2026-03-02T12:00:00+08:00', agent: a1, {merchant}signed: false, recommended: false, seated: true"
    [line] = run(f"facts: [{{kind: order, {order}, missing: [merchant]}}]")["lines"]
    assert (line["code"], line["amount_fen"]) == ("P-ORDER-FIELD", -50)
    assert line["explanation"] == {
        "zh": "未写明的商家的订单缺少商家",
        "en": "item merchant missing in an order with no merchant named",
    }


@pytest.mark.parametrize("nobody", ["", ", supervisor: null", ", supervisor: ~", ", supervisor: "])
def test_a_shift_without_a_supervisor_costs_nobody_more(nobody: str) -> None:
    start, end = "'2026-03-02T09:00:00+08:00'", "'2026-03-02T17:00:00+08:00'"
    shift = f"{{date: 2026-03-02, kind: early, start: {start}, end: {end}, agents: [a1]{nobody}}}"
    call = "{kind: missed_call, at: '2026-03-02T12:00:00+08:00'}"
    outcome = run(f"facts: [{call}]\nshifts: [{shift}]")
    assert [(line["agent"], line["code"]) for line in outcome["lines"]] == [("a1", "P-MISSED-CALL")]


def test_the_shared_scenarios_are_there() -> None:
    assert len([file for file in FILES if file.parent == SHARED]) >= 6


def test_lines_are_ordered_by_month_agent_day_and_code_and_say_why_in_both_languages() -> None:
    order = "{kind: order, at: '%s', agent: %s, merchant: m1, signed: true, recommended: true, seated: true}"
    facts = [
        order % (at, agent) for agent in ("b", "a") for at in ("2026-04-02T01:00:00+08:00", "2026-03-31T23:59:59+08:00")
    ]
    outcome = run("facts: [" + ", ".join(facts) + "]")
    assert [(line["month"], line["agent"], line["occurred_on"], line["code"]) for line in outcome["lines"]] == [
        ("2026-03", "a", "2026-03-31", "B-ORDER"),
        ("2026-03", "a", "2026-03-31", "B-RECOMMEND"),
        ("2026-03", "b", "2026-03-31", "B-ORDER"),
        ("2026-03", "b", "2026-03-31", "B-RECOMMEND"),
        ("2026-04", "a", "2026-04-02", "B-ORDER"),
        ("2026-04", "a", "2026-04-30", "B-RECOMMEND"),
        ("2026-04", "b", "2026-04-02", "B-ORDER"),
        ("2026-04", "b", "2026-04-30", "B-RECOMMEND"),
    ]
    assert all(line["explanation"]["zh"] and line["explanation"]["en"] for line in outcome["lines"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("facts: [{kind: exam, month: 2026-03, agent: a, typing: 101, knowledge: 1, service: 1}]", "101 does not lie"),
        ("facts: [{kind: exam, month: 2026-13, agent: a, typing: 1, knowledge: 1, service: 1}]", "no month"),
        ("facts: [{kind: exam, month: 2026-03, agent: a, typing: .nan, knowledge: 1, service: 1}]", "facts/0/typing"),
        ("facts: [{kind: missed_call, at: '2026-03-01T10:00:00'}]", "with its offset"),
        ("facts: [{kind: missed_call, at: '9999-12-31T23:59:59-12:00'}]", "facts/0/at: 9999 does not lie"),
        ("facts: [{kind: exam, month: 1899-12, agent: a, typing: 1, knowledge: 1, service: 1}]", "facts/0/month: 1899"),
        ("facts: [{kind: missed_call}]", "missing required field `at`"),
        ("facts: [{kind: gossip}]", "facts/0/kind: unknown"),
        ("facts: [{kind: missed_call, at: '2026-03-01T10:00:00Z', agnet: a}]", "facts/0/agnet: unknown"),
        ("facts:\n- {kind: missed_call, at: '2026-03-01T10:00:00Z'}\n- {kind: missed_call, at: soon}", "line 3"),
        ("timezone: Mars/Base\nfacts: []", "no time zone Mars/Base"),
        ("fact: []", "fact: unknown"),
        ("facts: 7", "this is a list"),
        ("- 1", "a scenario is a mapping"),
        ("", "empty"),
        ("facts: [", "not YAML"),
        (
            "shifts: [{kind: x, date: 2026-03-05, start: 2026-03-05T16:00:00Z, end: 2026-03-05T15:00:00Z, agents: []}]",
            "ends before it begins",
        ),
    ],
)
def test_a_bad_scenario_is_told_with_its_place_and_reason(text: str, said: str) -> None:
    with pytest.raises(BadDocument) as told:
        run(text)
    assert said.lower() in str(told.value).lower()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("failed_fen: 5000", "failed_fen: 50.5", "line 19: exam/failed_fen: Expected `int`, got '50.5'"),
        ("point_fen: 100", "pont_fen: 100", "pont_fen: unknown"),
        ("typing_percent: 20", "typing_percent: 21", "do not add up"),
        ("first: 2007-02-01", "first: 2007-02-02", "leaves a gap"),
        ("first: 2007-02-01", "first: 2007-01-31", "overlaps"),
        ("attitude_fen: 2000", "# attitude", "attitude_fen"),
    ],
)
def test_a_bad_tariff_is_refused_with_line_path_and_reason(old: str, new: str, said: str) -> None:
    text = tariffs.shipped_text()
    assert old in text
    with pytest.raises(BadDocument) as told:
        tariffs.parse(read("t.yaml", text.replace(old, new)))
    assert said in str(told.value)


def test_another_tariff_judges_otherwise() -> None:
    other = tariffs.parse(read("t.yaml", tariffs.shipped_text().replace("idle_fen: 2000", "idle_fen: 1")))
    fact = "facts: [{kind: conduct, at: '2026-03-01T10:00:00Z', agent: a, code: P-IDLE}]"
    [line] = tried(scenario(read("s.yaml", fact), other))["lines"]
    assert line["amount_fen"] == -1


# ---- the schema, and what ships -------------------------------------------------------------------------------------
def plain_tariff() -> dict[str, Any]:
    """The shipped tariff as a program would send it."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(tariffs.shipped()))
    return plain


def test_the_shipped_tariff_keeps_to_the_published_schema() -> None:
    plain = plain_tariff()
    jsonschema.validate(plain, tariffs.schema())
    jsonschema.validate({**plain, "exam": {**plain["exam"], "pass_mark": 70.5}}, tariffs.schema())


@pytest.mark.parametrize("spoilt", [{"pont_fen": 1}, {"idle_fen": "2000"}, {"exam": {}}, {"order": {}}])
def test_the_schema_refuses_what_it_should(spoilt: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**plain_tariff(), **spoilt}, tariffs.schema())


def test_schema_and_shipped_tariff_are_printed() -> None:
    printed = CliRunner().invoke(app, ["tariff", "schema"])
    assert json.loads(printed.stdout) == tariffs.schema()
    shown = CliRunner().invoke(app, ["tariff", "show", "default-1", "--json"])
    assert json.loads(shown.stdout)["version"] == "default-1"
    assert CliRunner().invoke(app, ["tariff", "show"]).stdout == tariffs.shipped_text()


def test_a_tariff_that_does_not_ship_is_told_with_those_that_do() -> None:
    with pytest.raises(BadDocument, match="no tariff default-9 ships with the service; there are default-1"):
        tariffs.shipped("default-9")


def test_aliases_that_grow_without_end_are_refused_at_once() -> None:
    lists = ["&a [x]", *(f"&{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in pairwise("abcdefghijkl"))]
    with pytest.raises(BadDocument, match="order/0"):
        tariffs.parse(read("t.yaml", f"order: [{', '.join(lists)}]"))
    with pytest.raises(BadDocument, match="version"):
        tariffs.parse(read("t.yaml", f"version: [{', '.join(lists)}]"))
