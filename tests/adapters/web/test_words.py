"""The words of the console: each token of the domain that a page can show has its two, and none stands for nothing."""

import ast
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints

import pytest
import yaml

from adapters.http.app import create_app, document
from adapters.intake.generate import DEPARTMENTS
from adapters.web.evidence import KINDS
from adapters.web.telling import UNSAID
from adapters.web.words import FILE, THING, BadWords, Tongue, Unworded, Words, field_of, named, read, words
from application import deadline_policies, payroll_policies, policies
from application.permissions import Action
from application.sealing import shown_name
from domain.kernel import EVENTS
from domain.values import Private
from projections.complaint_analysis import ASPECTS
from projections.indicators import INDICATORS, Period
from tests.checks.write_documentation import ROOT, kinds

CHINESE = re.compile(r"[\u4e00-\u9fff]")
RULE = re.compile(r"\b[ACDLQSW]-\d+[a-e]?\b")
CITING = ("domain", "application", "projections")
GENERAL = "choice"
"""The kind of choices that are no enum."""
Schema = Mapping[str, Any]


# ---- what there is --------------------------------------------------------------------------------------------------
def enums() -> list[type[StrEnum]]:
    """Every enum of the domain."""
    kinds()  # imports every module
    return [enum for enum in StrEnum.__subclasses__() if enum.__module__.startswith("domain.")]


def tokens_of_enums() -> dict[str, set[str]]:
    """The values of every enum by its kind; where names are alike, the case's is plain."""
    alike = Counter(enum.__name__ for enum in enums())
    found = {}
    for enum in enums():
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.__name__).lower()
        package = enum.__module__.split(".")[1]
        plain = alike[enum.__name__] == 1 or package == "case"
        found[snake if plain else f"{package}_{snake}"] = {member.value for member in enum}
    return found


@cache
def paths() -> Schema:
    """The routes of the API."""
    made: Schema = document(create_app(SimpleNamespace()))  # type: ignore[arg-type]  # no part is asked
    return made


def parts(schema: Schema) -> Iterator[Schema]:
    """A schema, and what stands in it as an alternative or as the item of a list."""
    yield schema
    for inner in (schema.get("items"), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from parts(inner) if inner else ()


def meant(schema: Schema) -> tuple[str, Schema]:
    """The name of a schema, empty for one that has none, and the schema itself."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return name, paths()["components"]["schemas"][name] if name else schema


def properties(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every property of a schema, nested ones too, each with its own schema."""
    for part in parts(schema):
        for field, own in meant(part)[1].get("properties", {}).items():
            yield field, own
            yield from properties(own)


def commands() -> Iterator[tuple[str, Schema]]:
    """Path and operation of every route that changes something."""
    for path, operations in paths()["paths"].items():
        yield from ((path, operation) for method, operation in operations.items() if method != "get")


def fields() -> Iterator[tuple[str, Schema]]:
    """Every field of every request body."""
    for _, operation in commands():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            yield from properties(content["schema"])


def shown() -> Iterator[str]:
    """Every field of events, cases and masters that a page shows."""
    for event in EVENTS.values():
        yield from _told(event)
    schemas = paths()["components"]["schemas"]
    for name in ("CaseShown", "AgentShown", "TeamShown", "MerchantShown", "DepartmentShown"):
        yield from (field for field, _ in properties(schemas[name]))


def _told(kind: type) -> Iterator[str]:
    for field in dataclasses.fields(kind):
        if shown_name(field) in UNSAID:
            continue
        yield shown_name(field)
        for inner in _values(get_type_hints(kind)[field.name]):
            yield from _told(inner)


def _values(hint: Any) -> Iterator[type]:
    """The values of several fields that stand behind a hint."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint is not Private:
        yield hint
    for inner in get_args(hint):
        yield from _values(inner)


def choices() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name, if any, and the values of every choice of a request body."""
    for name, schema in (meant(part) for _, field in fields() for part in parts(field)):
        if values := tuple(schema.get("enum", ())):
            yield name, values


def command_names() -> Iterator[tuple[str, str]]:
    """The last word of every command's path, and that with the word before it."""
    for path, _ in commands():
        *_, before, last = ("", *(part for part in path.split("/") if "{" not in part))
        yield last, f"{before}/{last}"


def steps() -> set[str]:
    """The steps of the ways of a case."""
    return {step.command for policy in policies.shipped().values() for step in policy.steps}


def clocks() -> set[str]:
    """The clocks of the shipped deadline policies."""
    shipped = map(deadline_policies.shipped, deadline_policies.shipped_versions())
    return {clock.name for policy in shipped for clock in policy.clocks}


def codes() -> Iterator[str]:
    """The code of every problem: of the classes of refusals, and of those that the adapters name themselves."""
    yield from (kind.code for kind in kinds())
    for file in (ROOT / "adapters").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="ApiError" | "problem"), args=[_, ast.Constant(value=str(code)), *_]):
                    yield code


def cited() -> set[str]:
    """The rules that the code cites."""
    files = (file for package in CITING for file in (ROOT / package).rglob("*.*") if file.suffix != ".pyc")
    return {rule for file in files for rule in RULE.findall(file.read_text("utf-8"))}


def _is_general(name: str, values: tuple[str, ...]) -> bool:
    return not name or words().kind_of(name, values) == GENERAL


def needed() -> dict[str, set[str]]:
    """Every token that a page can show, by its kind."""
    enumerated = tokens_of_enums()
    return enumerated | {
        "topic": set(EVENTS),
        "evidence_kind": set(KINDS),
        "field": {name for name, _ in fields()} | set(shown()),
        "command": {last for last, _ in command_names()} | steps(),
        "problem": set(codes()),
        "rule": cited(),
        "action": {action.name.lower() for action in Action},
        "clock": enumerated["clock"] | clocks(),
        "indicator": set(INDICATORS),
        "source": {one.source for one in INDICATORS.values()},
        "basis": {policy.version for policy in payroll_policies.shipped()},
        "matter": {matter for _, matters in DEPARTMENTS.values() for matter in matters},
        "counted": {count for one in INDICATORS.values() for count in (one.above, one.below)},
        "period": set(Period),
        "aspect": set(ASPECTS),
        GENERAL: {value for name, values in choices() if _is_general(name, values) for value in values},
    }


def allowed() -> dict[str, set[str]]:
    """What may stand in the file beside what is needed."""
    return {
        "field": {THING},
        "hint": {name for name, _ in fields()},
        "command": {with_parent for _, with_parent in command_names()},
        "rule": {rule for rule in words().entries["rule"] if RULE.fullmatch(rule)},
    }


def every_word() -> Iterator[tuple[str, str, str, str]]:
    """Kind, value, language and word."""
    for kind, values in words().entries.items():
        for value, said in values.items():
            yield from ((kind, value, language, word) for language, word in said.items())


# ---- the file -------------------------------------------------------------------------------------------------------
def test_every_token_that_a_page_can_show_has_its_words() -> None:
    missing = {kind: sorted(values - set(words().entries.get(kind, ()))) for kind, values in needed().items()}
    assert {kind: values for kind, values in missing.items() if values} == {}


def test_nothing_stands_in_the_file_for_nothing() -> None:
    wanted, beside = needed(), allowed()
    unused = {
        kind: sorted(set(values) - wanted.get(kind, set()) - beside.get(kind, set()))
        for kind, values in words().entries.items()
    }
    assert {kind: values for kind, values in unused.items() if values} == {}


def test_the_basis_of_a_shipped_policy_is_said_to_each_reader_as_it_was_published_l_5() -> None:
    said = {version: "{en}. {zh}。".format(**both) for version, both in words().entries["basis"].items()}
    assert said == {policy.version: policy.basis for policy in payroll_policies.shipped()}


def test_every_choice_of_a_form_finds_its_kind() -> None:
    lost = [
        (name, value)
        for name, values in choices()
        for value in values
        if not words().known(words().kind_of(name, values), value)
    ]
    assert lost == []


def test_chinese_is_chinese_and_english_is_not() -> None:
    odd = [entry for entry in every_word() if bool(CHINESE.search(entry[3])) is not (entry[2] == "zh")]
    assert odd == []


def test_english_begins_with_a_capital_and_does_not_shout() -> None:
    english = [word for _, _, language, word in every_word() if language == "en"]
    assert [word for word in english if not word[0].isupper() or (len(word) > 1 and word.isupper())] == []


def test_only_problems_are_whole_sentences() -> None:
    odd = [entry for entry in every_word() if entry[3].endswith((".", "。")) is not (entry[0] == "problem")]
    assert odd == []


def test_nothing_stands_there_twice() -> None:
    root = yaml.compose(FILE.read_text("utf-8"))
    assert isinstance(root, yaml.MappingNode)
    mappings = [root, *(values for _, values in root.value)]
    keys = [[key.value for key, _ in mapping.value] for mapping in mappings]
    assert [key for of_one in keys for key, times in Counter(of_one).items() if times > 1] == []


# ---- reading it -----------------------------------------------------------------------------------------------------
SHORT = Words({"side": {"guest": {"en": "Guest", "zh": "客人"}}, "choice": {"yes": {"en": "Yes", "zh": "是"}}})


def test_a_word_is_found_in_both_languages() -> None:
    assert [SHORT.word("side", "guest", language) for language in get_args(Tongue)] == ["Guest", "客人"]


@pytest.mark.parametrize(("kind", "value"), [("side", "host"), ("slide", "guest")])
def test_an_unknown_kind_or_value_is_loud_and_can_be_asked_about(kind: str, value: str) -> None:
    assert SHORT.known(kind, value) is False
    with pytest.raises(Unworded, match=f"{kind}: {value}"):
        SHORT.word(kind, value, "en")


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("Side", ["guest"], "side"),
        ("domain__work__words__Side", ["guest"], "side"),
        ("Side-Input", ["guest"], "side"),
        ("", ["guest"], "side"),
        ("", ["yes", "guest"], "choice"),
        ("Side", ["guest", "host"], "choice"),
    ],
)
def test_a_choice_goes_by_its_name_where_that_has_its_words_else_by_its_values(
    name: str, values: list[str], kind: str
) -> None:
    assert SHORT.kind_of(name, values) == kind


@pytest.mark.parametrize(
    ("name", "owner", "word"), [("name", "agent", "name"), ("name", "teams", THING), ("team", "teams", "team")]
)
def test_persons_and_things_have_names_of_another_word(name: str, owner: str, word: str) -> None:
    assert field_of(name, owner) == word


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("m-jiangnan(签约)的有效订单一份", "江南小馆(签约)的有效订单一份"),
        ("a valid order with m-jiangnan (signed)", "a valid order with 江南小馆 (signed)"),
        ("m-jiangnan-2的订单缺", "m-jiangnan-2的订单缺"),
    ],
)
def test_ids_in_a_recorded_sentence_are_said_by_the_names_that_are_known(text: str, said: str) -> None:
    assert named(text, {"m-jiangnan": "江南小馆"}) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- side", "words are kinds"),
        ("side: guest", "side: this needs values"),
        ("side: {guest: Guest}", "side: guest: this needs exactly en and zh"),
        ("side: {guest: {en: Guest}}", "side: guest: this needs exactly en and zh"),
        ("side: {guest: {en: Guest, zh: 客人, de: Gast}}", "side: guest: this needs exactly en and zh"),
        ("side: {guest: {en: Guest, zh: ' '}}", "side: guest: zh: this is empty"),
        ("side: {guest: {en: no, zh: 客人}}", "side: guest: en: this is empty, or no text"),
        ("side: {no: {en: No, zh: 否}}", "side: False: this is no text for YAML: put it in quotes"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(BadWords, match=said):
        read(text)
