"""Deadline policies and calendars over the API: shipped, packs, proposed, published by another (A-4, D-3, D-3a)."""

from typing import Any

import pytest

from application import calendars, deadline_policies
from application.deadline_policies.writing import written
from tests.adapters.http.clocks_given import ahead, calendar, policy
from tests.adapters.http.serving import Answer, Service

POLICIES, CALENDARS = "/api/v1/policies", "/api/v1/calendars"
PROMISES = [clock for clock in written(deadline_policies.shipped())["clocks"] if "targets" not in clock]
"""The clocks of which the events that start them name the time."""


@pytest.fixture(autouse=True, scope="module")
def second_admin(service: Service) -> None:
    """Publishing takes two admins: `admin` and `other admin`."""
    body = {"id": "d5002", "name": "x", "role": "admin", "joined_on": "2024-01-01"}
    assert service.post("/api/v1/agents", body, who="admin").status == 201
    service.keys["other admin"] = service.run(service.services.keys.create("d5002"))  # type: ignore[arg-type]


def published(service: Service, path: str, body: dict[str, Any]) -> Answer:
    """The answer of the second person."""
    proposed = service.post(path, body, who="admin")
    assert (proposed.status, proposed["id"]) == (201, body["version"]), proposed.body
    own = service.post(f"{path}/{body['version']}/publication", {}, who="admin")
    assert (*own.kind, own["rule"]) == (403, "second_person", "A-4")
    return service.post(f"{path}/{body['version']}/publication", {}, who="other admin")


def test_one_proposes_and_another_publishes_a_policy_a_4(service: Service) -> None:
    sent = policy()
    assert published(service, POLICIES, sent).status == 200
    shown = service.get(f"{POLICIES}/{sent['version']}")
    assert (shown["of"], shown["status"], shown["proposed_by"], shown["published_by"]) == (
        "deadlines", "published", "d5001", "d5002"
    )  # fmt: skip
    assert shown["document"] == sent
    assert sent["version"] in {one.version for one in service.run(service.services.clocks.policies())}


def test_what_is_only_proposed_is_not_in_force(service: Service) -> None:
    sent = policy()
    assert service.post(POLICIES, sent, who="admin").status == 201
    assert sent["version"] not in {one.version for one in service.run(service.services.clocks.policies())}
    assert service.post(f"{POLICIES}/{sent['version']}/withdrawal", {"reason": "填错了"}, who="admin").status == 200


def test_a_policy_comes_as_yaml_too(service: Service) -> None:
    text = deadline_policies.shipped_text().replace("version: default-1\n", "version: default-yaml\n", 1)
    sent = {"yaml": text.replace("valid_from: 2000-01-01", f"valid_from: {ahead(90)}")}
    assert service.post(POLICIES, sent, who="admin").status == 201
    shown = service.get(f"{POLICIES}/default-yaml")["document"]
    assert {**shown, "version": "default-1", "valid_from": "2000-01-01"} == written(deadline_policies.shipped())


def test_a_calendar_is_published_and_then_named_by_a_policy_of_a_team_d_3(service: Service) -> None:
    its = calendar()
    of_team = policy(name="uk", calendar=its["version"], teams=["t2"])
    refused = service.post(POLICIES, of_team, who="admin")
    assert (*refused.kind, refused["errors"][0]["pointer"]) == (422, "invalid", "/calendar")
    assert published(service, CALENDARS, its).status == 200
    assert published(service, POLICIES, of_team).status == 200
    [found] = [one for one in service.run(service.services.clocks.policies()) if one.version == of_team["version"]]
    assert (found.calendar.version, found.calendar.time_zone, found.teams) == (
        its["version"], "Europe/London", ("t2",)
    )  # fmt: skip


def test_packs_are_listed_with_source_and_day_read_and_bind_nobody_d_3a(service: Service) -> None:
    packs = service.get(f"{POLICIES}?of=packs", who="agent")["items"]
    assert {"uk-disp-1", "us-cfpb-1", "au-rg271-1", "uk-hos-1", "in-cpgrams-1"} <= {one["id"] for one in packs}
    for one in packs:
        assert one["document"]["source"]["notice"] == "not legal advice"
        assert one["document"]["source"]["read_on"]
        assert one["id"] not in {held.version for held in service.run(service.services.clocks.policies())}


def test_a_pack_is_adopted_as_a_version_of_ones_own_d_3a(service: Service) -> None:
    pack = service.get(f"{POLICIES}/uk-disp-1?of=packs")["document"]
    refused = service.post(POLICIES, {**pack, "valid_from": ahead()}, who="admin")
    assert (*refused.kind, refused["errors"][0]["pointer"]) == (422, "invalid", "/version")
    own = {**pack, "version": "uk-disp-ours-1", "valid_from": ahead(), "teams": ["t2"]}
    assert published(service, POLICIES, own).status == 200
    assert service.get(f"{POLICIES}/uk-disp-ours-1")["document"]["source"] == pack["source"]


def test_every_kind_of_policy_is_in_one_list(service: Service) -> None:
    items, path = [], f"{POLICIES}?limit=3"
    while path:
        page = service.get(path)
        items += page["items"]
        path = f"{POLICIES}?limit=3&after={page['next']}" if page["next"] else ""
    assert len(items) == len(service.get(f"{POLICIES}?limit=500")["items"])
    assert [one["version"] for one in items if one["of"] == "cases"] == ["default-1", "imported-1"]
    assert "default-1" in {one["id"] for one in items if one["of"] == "deadlines"}
    assert service.get(f"{POLICIES}/default-1")["of"] == "cases"
    assert service.get(f"{POLICIES}/default-1?of=deadlines")["status"] == "published"


def test_shipped_calendars_are_listed(service: Service) -> None:
    shown = {one["id"]: one for one in service.get(f"{CALENDARS}?limit=500")["items"]}
    assert set(calendars.shipped_versions()) <= set(shown)
    assert shown["default-1"]["document"]["week"]["monday"] == "09:00-12:00, 13:00-18:00"
    assert service.get(f"{CALENDARS}/england-1")["status"] == "published"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"valid_from": "2024-01-01"}, "/valid_from"),
        ({"calendar": "nowhere-1"}, "/calendar"),
        ({"kind": "regulatory"}, "/source"),
        ({"warn_percent": 0}, "/warn_percent"),
        ({"clocks": []}, "/clocks"),
        ({"clocks": PROMISES}, "/clocks"),
    ],
)
def test_a_policy_that_cannot_hold_is_refused_with_its_field_d_3b(
    service: Service, change: dict[str, Any], pointer: str
) -> None:
    refused = service.post(POLICIES, policy(**change), who="admin")
    assert (*refused.kind, refused["errors"][0]["pointer"]) == (422, "invalid", pointer), refused.body


def test_a_calendar_from_the_past_or_that_never_opens_is_refused(service: Service) -> None:
    for change in ({"valid_from": "2024-01-01"}, {"valid_from": None}, {"week": {"monday": "closed"}}):
        assert service.post(CALENDARS, calendar(**change), who="admin").kind == (422, "invalid")


def test_two_of_one_name_do_not_begin_on_one_day_but_of_two_names_they_do_a_4(service: Service) -> None:
    day = ahead(400)
    assert published(service, POLICIES, policy(valid_from=day)).status == 200
    again = service.post(POLICIES, policy(valid_from=day), who="admin")
    assert again.kind == (409, "first_day_taken")
    assert published(service, POLICIES, policy(valid_from=day, name="other")).status == 200


@pytest.mark.parametrize("who", ["agent", "supervisor", "payroll", "auditor"])
@pytest.mark.parametrize(("path", "body"), [(POLICIES, policy), (CALENDARS, calendar)])
def test_admins_alone_propose_a_4(service: Service, path: str, body: Any, who: str) -> None:
    assert service.post(path, body(), who=who).kind == (403, "forbidden")
    assert service.get(path, who=who).status == 200
