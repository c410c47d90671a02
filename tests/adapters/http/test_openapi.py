"""The OpenAPI document is complete: every operation, parameter, field, status and example (contract part 3)."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from adapters.http.answer_headers import UNVERSIONED
from adapters.http.app import create_app, document
from adapters.http.parts import Parts
from application.cases import ACROSS, COMMANDS, WITHOUT_MATCH
from tests.adapters.http.facts_given import BODIES, FACTS, STEPS, ready
from tests.adapters.http.serving import CASES, GIVEN, Answer, Service

Found = tuple[str, Any]
COMMON = {"401", "403", "422", "429", "503", "500"}
MATCHED = (f"{CASES}/{{", "/api/v1/shifts/{", "/api/v1/payroll/months/{")
"""Where every command needs If-Match, but a few of cases (contract part 3)."""
ONE_THING = {
    "/next-steps": "the commands of one case",
    "/views": "all of one's own, of which there are few",
    "keys": "those in force, of which there are few",
    "/clocks": "the clocks of one case",
    "/handover": "what one shift hands over",
    "/worklist": "counts",
    "/workload": "one look at a team",
    "/indicators": "ten at the most",
    "/complaint-analysis": "one look at a month",
    "/recurring-problems": "fifty at the most",
    "{entry_id}/history": "the few events of one line",
    "/handover/page": "the same to print",
    "/export": "a file",
    "/erasure/certificate": "one certificate",
    "/export/manifest": "what goes with a file",
    "/audit/checkpoint": "the newest head",
    "/audit/schemas": "the shapes of all events",
    "/audit/keys": "the keys that sign",
    "/audit/bundle": "a file",
    "/proofs/inclusion": "one proof",
    "/proofs/consistency": "one proof",
}
"""Reads that end without a name in braces and yet are no lists: they answer with one thing."""
NO_VERSION = {
    "get /api/v1/ledgers/bonuses": "a list",
    "get /api/v1/ledgers/penalties": "a list",
    "get /api/v1/ledgers/entries/{entry_id}": "a line stands in a stream with the other lines of its matter",
    "get /api/v1/ledgers/entries/{entry_id}/history": "as the line",
    "post /api/v1/ledgers/entries/{entry_id}/appeals": "as the line",
    "post /api/v1/appeals/{appeal_id}/withdrawal": "an appeal is one of its line",
    "post /api/v1/appeals/{appeal_id}/decision": "as withdrawing it",
    "post /api/v1/ledgers/penalties/confirmations": "many lines at once",
    "post /api/v1/ledgers/penalties/dismissals": "many lines at once",
    "get /api/v1/payroll/months/{month}/statements/{agent}": "its bytes are the same for ever once the month is closed",
    "get /api/v1/payroll/months/{month}/export": "a file, told by its Repr-Digest",
    "get /api/v1/payroll/months/{month}/export/manifest": "what goes with the file",
    "post /api/v1/tariff-trials": "a trial goes on by itself, and nothing is recorded of it",
    "get /api/v1/tariff-trials/{item}": "as beginning it",
    "get /api/v1/subjects/{item}/export": "a file",
    "get /api/v1/cases/{case_id}/files/{file}": "a file, the same as long as it is kept",
    "get /api/v1/subjects/{item}/erasure/certificate": "there is one for ever, or none",
}
"""Operations whose answer has no version of its own, and so neither ETag nor If-Match, and why."""
POSTS = (
    *(f"facts/{kind}" for kind in BODIES),
    *("agents", "teams", "merchants", "departments", "shifts", "tariffs", "payroll-policies", "wages"),
    *("ledgers/penalties/confirmations", "ledgers/penalties/dismissals", "ledgers/entries/{entry_id}/appeals"),
    *("appeals/{appeal_id}/decision", "payroll/months/{month}/freeze", "payroll/months/{month}/close"),
    *("facts/conduct-reports/{fact_id}/decision", "facts/orders/{fact_id}/seating"),
)
GETS = (
    *("agents", "teams", "merchants", "departments", "shifts", "tariffs", "payroll-policies", "wages"),
    *(f"{kind}/{{item}}" for kind in ("agents", "teams", "merchants", "departments", "shifts", "tariffs", "wages")),
    *("ledgers/bonuses", "ledgers/penalties", "payroll/months", "payroll/months/{month}"),
    *("payroll/months/{month}/statements/{agent}", "payroll/months/{month}/export", "audit/checkpoint"),
    *("audit/events", "audit/proofs/inclusion", "audit/proofs/consistency", "audit/bundle"),
)


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The document, which needs no running service."""
    return document(create_app(cast("Parts", None)))


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation."""
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def fields(node: Any, where: str) -> Iterator[Found]:
    """Every property anywhere below, with where it stands."""
    if isinstance(node, dict):
        for name, field in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
            yield f"{where}.{name}", field
        for key, value in node.items():
            yield from fields(value, f"{where}/{key}")
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from fields(value, f"{where}/{at}")


def schemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every schema that has examples."""
    if isinstance(node, dict):
        if isinstance(node.get("examples"), list):
            yield node
        for value in node.values():
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def resolving(made: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that finds the components."""
    return Draft202012Validator({**schema, "components": made["components"]})


def test_it_is_openapi_3_1_with_bearer_keys(made: dict[str, Any]) -> None:
    assert made["openapi"].startswith("3.1")
    assert made["info"]["title"]
    assert made["info"]["version"]
    assert made["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for _, path, operation in operations(made):
        assert operation["security"] == ([{"key": []}] if path.startswith("/api/") else []), path


def test_every_command_of_the_contract_is_there(made: dict[str, Any]) -> None:
    paths = {path for method, path, _ in operations(made) if method == "post"}
    for command in (*COMMANDS, *ACROSS):
        rest = "escalations/{number}/answer" if command == "escalation-answers" else command
        assert f"{CASES}/{{case_id}}/{rest}" in paths
    reads = {path for method, path, _ in operations(made) if method == "get"}
    assert {CASES, *(f"{CASES}/{{case_id}}{rest}" for rest in ("", "/history", "/next-steps"))} <= reads
    assert {f"/api/v1/{path}" for path in POSTS} <= paths
    assert {f"/api/v1/{path}" for path in GETS} <= reads


def test_what_has_no_version_is_known_and_why(made: dict[str, Any]) -> None:
    marked = {f"{method} {path}" for method, path, operation in operations(made) if UNVERSIONED in operation}
    assert marked == {*NO_VERSION}


def test_every_operation_says_what_it_does_under_a_name_of_its_own(made: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(made)]
    assert len({*names}) == len(names)
    for method, path, operation in operations(made):
        assert operation.get("summary"), (method, path)
        assert operation.get("tags"), (method, path)


def test_every_parameter_is_described(made: dict[str, Any]) -> None:
    bare = [
        (path, parameter["name"])
        for _, path, operation in operations(made)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    ]
    assert bare == []


def test_every_parameter_in_a_path_is_declared(made: dict[str, Any]) -> None:
    for _, path, operation in operations(made):
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == {*re.findall(r"{(\w+)}", path)}


def test_every_field_is_described(made: dict[str, Any]) -> None:
    everywhere = [*fields(made["paths"], "paths"), *fields(made["components"]["schemas"], "")]
    assert len(everywhere) > 300
    assert [where for where, field in everywhere if not field.get("description")] == []


def test_every_schema_is_described(made: dict[str, Any]) -> None:
    bare = [name for name, schema in made["components"]["schemas"].items() if not schema.get("description")]
    assert bare == []


def test_request_bodies_refuse_unknown_fields(made: dict[str, Any]) -> None:
    for _, path, operation in operations(made):
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            named = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert made["components"]["schemas"][named]["additionalProperties"] is False, path


def test_every_status_that_can_happen_is_declared(made: dict[str, Any]) -> None:
    for method, path, operation in operations(made):
        if not path.startswith("/api/"):
            continue
        declared = {*operation["responses"]}
        expected = set(COMMON)
        expected |= {"404"} if "{" in path else set()
        expected |= {"409", "413"} if method == "post" else set()
        expected |= {"412"} if method == "post" and "{" in path and UNVERSIONED not in operation else set()
        needed = path.startswith(MATCHED) and path.rpartition("/")[2] not in WITHOUT_MATCH
        expected |= {"428"} if method == "post" and needed else set()
        assert expected <= declared, (method, path, expected - declared)
        assert declared & {"200", "201"}


def test_every_error_is_a_problem(made: dict[str, Any]) -> None:
    for _, path, operation in operations(made):
        for status, response in operation["responses"].items():
            assert response["description"], (path, status)
            if status >= "4" and path.startswith("/api/"):
                schema = response["content"]["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}, (path, status)
                assert [*response["content"]] == ["application/problem+json"]


def test_every_success_has_a_shape(made: dict[str, Any]) -> None:
    for _, path, operation in operations(made):
        for status, response in operation["responses"].items():
            if status < "3":
                assert all(content["schema"] for content in response["content"].values()), (path, status)


def test_headers_of_answers_are_declared(made: dict[str, Any]) -> None:
    for method, path, operation in operations(made):
        if not path.startswith("/api/"):
            continue
        responses = operation["responses"]
        taken = responses.get("201") or responses["200"]
        assert "Retry-After" in responses["429"]["headers"]
        assert "Retry-After" in responses["503"]["headers"]
        assert "WWW-Authenticate" in responses["401"]["headers"]
        if method == "post":
            assert ("ETag" in taken["headers"]) == (UNVERSIONED not in operation), path
        if "201" in responses:
            assert "Location" in taken["headers"], path


def test_commands_take_a_key_and_if_match(made: dict[str, Any]) -> None:
    for method, path, operation in operations(made):
        named = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "header"}
        if method == "post":
            assert "Idempotency-Key" in named, path
            assert ("If-Match" in named) == ("{" in path and UNVERSIONED not in operation), path


def test_every_read_takes_min_position(made: dict[str, Any]) -> None:
    for method, path, operation in operations(made):
        if method == "get" and path.startswith("/api/"):
            named = {parameter["name"] for parameter in operation["parameters"]}
            assert "min_position" in named, path
            assert ({"limit", "after"} <= named) == (not path.endswith(("}", *ONE_THING))), path


def test_every_example_is_valid(made: dict[str, Any]) -> None:
    found = list(schemas(made))
    assert len(found) > 20
    for schema in found:
        for example in schema["examples"]:
            assert not [*resolving(made, schema).iter_errors(example)], (schema, example)


@pytest.mark.parametrize("command", GIVEN)
def test_what_the_tests_send_and_get_fits_the_document(service: Service, made: dict[str, Any], command: str) -> None:
    status, body = GIVEN[command]
    fits(made, f"{CASES}/{{case_id}}/{command}", body, service.give(service.case(status), command, body))


def fits(made: dict[str, Any], path: str, body: object, answer: Answer) -> None:
    """What was sent to a path and what came back are as the document says."""
    operation = made["paths"][path]["post"]
    sent = operation["requestBody"]["content"]["application/json"]["schema"]
    assert not [*resolving(made, sent).iter_errors(body)]
    got = operation["responses"][str(answer.status)]["content"]["application/json"]["schema"]
    assert not [*resolving(made, got).iter_errors(answer.body)]


@pytest.fixture(scope="module")
def merchant(service: Service) -> None:
    """The merchant of the orders."""
    service.post("/api/v1/merchants", {"id": "m1", "name": "江南小馆"}, who="admin")


@pytest.mark.usefixtures("merchant")
@pytest.mark.parametrize("kind", BODIES)
def test_what_is_said_of_facts_fits_the_document(service: Service, made: dict[str, Any], kind: str) -> None:
    answer = service.post(f"{FACTS}/{kind}", BODIES[kind], who="supervisor")
    fits(made, f"{FACTS}/{kind}", BODIES[kind], answer)
    shown = service.get(f"{FACTS}/{kind}/{answer['id']}", who="supervisor")
    got = made["paths"][f"{FACTS}/{kind}/{{fact_id}}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert not [*resolving(made, got["schema"]).iter_errors(shown.body)]


@pytest.mark.usefixtures("merchant")
@pytest.mark.parametrize("step", [step for step in STEPS if step not in {"decision", "dispute", "answer"}])
def test_what_is_said_of_orders_fits_the_document(service: Service, made: dict[str, Any], step: str) -> None:
    answer = service.post(f"{FACTS}/orders/{ready(service, 'orders', step)}/{step}", STEPS[step], who="second")
    fits(made, f"{FACTS}/orders/{{fact_id}}/{step}", STEPS[step], answer)
