"""Tariffs and payroll policies over the API: proposed, published by another person, acknowledged (A-4, L-5, L-6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from adapters.http.app import document
from adapters.intake import tariffs
from application.published import acknowledged
from domain.values import Month
from tests.adapters.http.bodies import NUMBERS, POLICIES, TARIFFS, policy, tariff, today
from tests.adapters.http.serving import Answer, Service

Body = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True, scope="module")
def second_admin(service: Service) -> None:
    """Publishing takes two admins: `admin` and `other admin`."""
    body = {"id": "d5002", "name": "x", "role": "admin", "joined_on": "2024-01-01"}
    assert service.post("/api/v1/agents", body, who="admin").status == 201
    service.keys["other admin"] = service.run(service.services.keys.create("d5002"))  # type: ignore[arg-type]


both = pytest.mark.parametrize(("path", "body"), [(TARIFFS, tariff), (POLICIES, policy)])


def proposed(service: Service, path: str, body: dict[str, Any]) -> str:
    """Where the proposed version stands."""
    answer = service.post(path, body, who="admin")
    assert answer.status == 201, answer.body
    return answer.headers["location"]


# ---- both kinds -----------------------------------------------------------------------------------------------------
@both
def test_one_proposes_and_another_publishes_a_4(service: Service, path: str, body: Body) -> None:
    sent = body()
    answer = service.post(path, sent, who="admin")
    where = f"{path}/{sent['version']}"
    assert (answer.status, answer.headers["location"], answer["id"]) == (201, where, sent["version"])
    shown = service.get(where, who="agent")
    assert (shown["status"], shown["proposed_by"], shown["published_by"]) == ("proposed", "d5001", None)
    own = service.post(f"{where}/publication", {}, who="admin")
    assert (*own.kind, own["rule"]) == (403, "second_person", "A-4")
    assert service.post(f"{where}/publication", {}, who="other admin").status == 200
    shown = service.get(where, who="auditor")
    assert (shown["status"], shown["proposed_by"], shown["published_by"]) == ("published", "d5001", "d5002")
    assert {name: shown["document"][name] for name in ("version", "valid_from")} == {
        name: sent[name] for name in ("version", "valid_from")
    }
    again = service.post(f"{where}/publication", who="other admin")
    assert (*again.kind, again["rule"]) == (409, "not_proposed", "A-4")


@both
def test_a_proposal_is_taken_back_and_its_version_is_not_given_again_a_4(
    service: Service, path: str, body: Body
) -> None:
    sent = body()
    where = proposed(service, path, sent)
    assert service.post(f"{where}/withdrawal", {"reason": "填错了"}, who="other admin").status == 200
    assert service.get(where)["withdrawn_by"] == "d5002"
    assert service.post(f"{where}/publication", who="other admin").kind == (409, "not_proposed")
    refused = service.post(path, sent, who="admin")
    assert (*refused.kind, refused["errors"][0]["pointer"]) == (409, "version_given", "/version")


@both
def test_two_published_versions_do_not_begin_on_one_day_a_4(service: Service, path: str, body: Body) -> None:
    first, second = body(), body()
    same_day = {**second, "version": first["version"] + "-b", "valid_from": first["valid_from"]}
    if "order" in same_day:
        same_day["order"] = first["order"]
    one, other = proposed(service, path, first), proposed(service, path, same_day)
    assert service.post(f"{one}/publication", who="other admin").status == 200
    assert service.post(f"{other}/publication", who="other admin").kind == (409, "first_day_taken")


@both
def test_what_begins_today_or_before_is_refused_l_6(service: Service, path: str, body: Body) -> None:
    first = Month.of(today()).first_day.isoformat()
    refused = service.post(path, body(valid_from=first), who="admin")
    assert (*refused.kind, refused["rule"]) == (422, "invalid", "L-6")
    assert refused["errors"][0]["pointer"] == "/valid_from"


@both
@pytest.mark.parametrize("who", ["agent", "supervisor", "payroll", "auditor"])
def test_admins_alone_propose_and_publish_a_4(service: Service, path: str, body: Body, who: str) -> None:
    assert service.post(path, body(), who=who).kind == (403, "forbidden")
    where = proposed(service, path, body())
    assert service.post(f"{where}/publication", who=who).kind == (403, "forbidden")
    assert service.post(f"{where}/withdrawal", {"reason": "x"}, who=who).kind == (403, "forbidden")
    assert service.get(where, who=who).status == 200


@both
def test_404_comes_before_422(service: Service, path: str, body: Body) -> None:
    del body
    for item in ("nothing", "%00", "é"):
        assert service.get(f"{path}/{item}").kind == (404, "not_found")
        assert service.post(f"{path}/{item}/publication", who="admin").kind == (404, "not_found")
        for sent in ({"reason": "x"}, {"no": "such field"}):
            assert service.post(f"{path}/{item}/withdrawal", sent, who="admin").kind == (404, "not_found")


@both
def test_the_shipped_version_is_there_and_lists_are_paged(service: Service, path: str, body: Body) -> None:
    proposed(service, path, body())
    shown = service.get(f"{path}/default-1", who="agent")
    assert (shown["id"], shown["status"], shown["proposed_by"]) == ("default-1", "published", None)
    everything = [item["id"] for item in service.get(f"{path}?limit=500")["items"]]
    assert everything[0] == "default-1"
    page, found = service.get(f"{path}?limit=1"), []
    while True:
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        page = service.get(f"{path}?limit=1&after={page['next']}")
    assert found == everything
    assert service.get(f"{path}?after=nothing").kind == (422, "invalid")


@both
def test_if_match_is_taken_but_not_needed(service: Service, path: str, body: Body) -> None:
    where = proposed(service, path, body())
    etag = service.get(where).headers["etag"]
    version = int(etag.strip('"v'))
    assert service.post(f"{where}/publication", who="other admin", version=version - 1).kind == (412, "stale")
    assert service.post(f"{where}/publication", who="other admin", version=version).status == 200


# ---- tariffs --------------------------------------------------------------------------------------------------------
def test_a_tariff_comes_as_its_document_and_is_shown_as_it_keeps_to_the_schema(service: Service) -> None:
    sent = tariff()
    shown = service.get(proposed(service, TARIFFS, sent))["document"]
    jsonschema.validate(shown, tariffs.schema())
    assert shown == {**sent, "order": [{**sent["order"][0], "to": None}]}


def test_a_tariff_comes_as_yaml_too(service: Service) -> None:
    first = (today() + timedelta(days=next(NUMBERS))).isoformat()
    text = tariffs.shipped_text().replace("version: default-1", "version: from-yaml")
    periods = text[text.index("  - {first") : text.index("recommend_fen")]
    text = text.replace(periods, f"  - {{first: {first}, to: null, signed_fen: 30, unsigned_fen: 20}}\n")
    text = text.replace("valid_from: 2000-01-01", f"valid_from: {first}")
    shown = service.get(proposed(service, TARIFFS, {"yaml": text}))["document"]
    assert (shown["valid_from"], shown["order"][0]["signed_fen"], shown["exam"]["pass_mark"]) == (first, 30, "70")


@pytest.mark.parametrize(
    ("old", "new", "saying"),
    [
        ("point_fen: 100", "pont_fen: 100", "yaml, line 31: pont_fen: unknown"),
        ("failed_fen: 5000", "failed_fen: 50.5", "yaml, line 19: exam/failed_fen: Expected `int`"),
        ("first: 2007-02-01", "first: 2007-02-02", "yaml, line 9: order/1: leaves a gap"),
        ("order:", "order: [", "not YAML"),
    ],
)
def test_bad_yaml_is_refused_with_line_path_and_reason(service: Service, old: str, new: str, saying: str) -> None:
    refused = service.post(TARIFFS, {"yaml": tariffs.shipped_text().replace(old, new)}, who="admin")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, "/yaml")
    assert saying in refused["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"idle_fen": -1}, "/idle_fen"),
        ({"idle_fen": 1.5}, "/idle_fen"),
        ({"idle_fen": "2000"}, "/idle_fen"),
        ({"time_zone": "Europe/London"}, "/time_zone"),
        ({"order": []}, "/order"),
        ({"order": [{"first": "2031-01-01", "signed_fen": 1, "unsigned_fen": 1}]}, "/order/0"),
        ({"bogus": 1}, "/bogus"),
        ({"yaml": "x"}, "/yaml"),
        ({"version": "Bad Version"}, "/version"),
    ],
)
def test_422_points_at_the_field(service: Service, fault: dict[str, object], pointer: str) -> None:
    before = service.events()
    refused = service.post(TARIFFS, tariff(**fault), who="admin")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, pointer)
    assert service.events() == before


def test_weights_that_do_not_add_up_are_refused_with_their_path(service: Service) -> None:
    body = tariff()
    body["exam"] = {**body["exam"], "typing_percent": 21}
    refused = service.post(TARIFFS, body, who="admin")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, "/exam")


def test_what_is_published_is_in_force_beside_the_shipped_l_6(service: Service) -> None:
    sent, other = tariff(), tariff()
    proposed(service, TARIFFS, other)
    assert service.post(f"{proposed(service, TARIFFS, sent)}/publication", who="other admin").status == 200
    found = service.run(service.services.tariffs.published())
    versions = [one.version for one in found]
    assert versions[0] == "default-1"
    assert sent["version"] in versions
    assert other["version"] not in versions


# ---- payroll policies -----------------------------------------------------------------------------------------------
def deducting(**changes: object) -> dict[str, Any]:
    lawful = {"mode": "wage_deduction", "published_on": "2024-01-01", "minimum_wage_fen": 200_000}
    return policy(**{**lawful, **changes})


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"published_on": None}, "/published_on"),
        ({"minimum_wage_fen": None}, "/minimum_wage_fen"),
        ({"cap_percent": 21}, "/cap_percent"),
        ({"basis": " "}, "/basis"),
        ({"valid_from": "2031-01-02"}, "/valid_from"),
        ({"mode": "seize"}, "/mode"),
    ],
)
def test_deductions_need_basis_publication_cap_and_minimum_l_5(
    service: Service, fault: dict[str, object], pointer: str
) -> None:
    refused = service.post(POLICIES, deducting(**fault), who="admin")
    assert (refused.status, refused["errors"][0]["pointer"]) == (422, pointer)


def test_agents_acknowledge_a_published_policy_for_themselves_l_5(service: Service) -> None:
    body = deducting()
    where = proposed(service, POLICIES, body)
    path = f"{where}/acknowledgement"
    assert service.post(path, who="agent").kind == (409, "not_published")
    assert service.post(f"{where}/publication", who="other admin").status == 200
    first: Answer = service.post(path, who="agent")
    assert (first.status, first["id"], first["version"]) == (200, body["version"], 1)
    assert service.post(path, who="agent")["version"] == 1
    assert service.post(path, {}, who="supervisor")["version"] == 2
    assert service.run(acknowledged(service.services.log, body["version"])) == {"a1001", "s2001"}
    for who in ("payroll", "auditor", "admin"):
        assert service.post(path, who=who).kind == (403, "forbidden")
    assert service.post(f"{POLICIES}/nothing/acknowledgement", who="agent").kind == (404, "not_found")
    found = service.run(service.services.payroll_policies.published())
    assert {"default-1", body["version"]} <= {one.version for one in found}


def test_the_schema_of_the_api_takes_either_form_alone(service: Service) -> None:
    made = document(service.app)
    schema = {**made["components"]["schemas"]["TariffBody"], "components": made["components"]}
    for right in (tariff(), {"yaml": "x"}):
        jsonschema.validate(right, schema)
    for wrong in ({}, {"yaml": "x", "version": "v-1"}, {**tariff(), "yaml": "x"}, {**tariff(), "bogus": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
