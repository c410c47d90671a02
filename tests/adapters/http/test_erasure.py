"""What is kept on a person: erased by two people, restricted, held, exported; the history still verifies (A-3, A-4)."""

import asyncio
import base64
import hashlib
import io
import json
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from adapters import person_streams
from adapters.auth.api_keys import Limits
from adapters.bootstrap import OPERATOR, operators_command, subjects
from adapters.people import PostgresPeople, sealed_for
from adapters.person_streams import look_through, streams_of
from application.proof.leaf import leaf
from application.proof.note import VerifierKey, opened_checkpoint
from application.proof.proofs import follows_inclusion
from application.proof.tree import leaf_hash
from application.sealing import ERASED, RESTRICTED
from application.subjects import Person
from domain.values import AgentId, SubjectId
from projections.rebuild import rebuild
from projections.registry import PROJECTIONS
from tests.adapters.http.facts_given import FACTS, REASON, ready
from tests.adapters.http.persons_given import ASKED, SUBJECTS, erase, give
from tests.adapters.http.serving import CASES, SUMMARY, Answer, Case, Service

WHY = {"reason": "有诉讼"}
names = (f"赵钱孙{number:04}" for number in count(1))
staff = (f"b{number:04}" for number in count(1))


def a_person(service: Service, status: str = "withdrawn", **facts: Any) -> tuple[str, str, Case]:
    """A customer with a name nobody else has, and one case that has come so far; the id, the name, the case."""
    name = next(names)
    case = service.case(status, customer={"name": name, "phone": "13900001111"}, narrative=f"{name}说账单错", **facts)
    return service.get(case.url)["customer"]["subject"], name, case


def somebody_who_left(service: Service, left: int = 400) -> tuple[str, str, str]:
    """Somebody whose last day was so many days ago: employee number, name, subject id."""
    agent, name = next(staff), next(names)
    body = {"id": agent, "name": name, "role": "agent", "team": "t1", "joined_on": "2020-01-01"}
    service.post("/api/v1/agents", body, who="admin")
    last_day = str(datetime.now(UTC).date() - timedelta(days=left))
    position = service.post(f"/api/v1/agents/{agent}/departure", {"last_day": last_day}, who="admin")["position"]
    service.seen(position)
    return agent, name, str(service.get(f"{SUBJECTS}/{agent}", who="auditor")["id"])


def found(service: Service, words: str) -> list[str]:
    """The cases that searching finds, by id."""
    return [row["id"] for row in service.get(f"{CASES}?q={words}", who="supervisor")["items"]]


# ---- the way --------------------------------------------------------------------------------------------------------
def test_an_erasure_takes_three_steps_and_two_people_a_4(service: Service) -> None:
    subject, name, case = a_person(service)
    asked = give(service, subject, "erasure", ASKED, "supervisor")
    assert (asked["erasure"], asked["version"], asked.headers["etag"]) == ("requested", 1, '"v1"')
    assert service.post(f"{SUBJECTS}/{subject}/erasure/confirmation", {}, who="admin").kind == (
        409,
        "erasure_not_approved",
    )
    assert give(service, subject, "erasure/decision", {"decision": "approved"})["erasure"] == "approved"
    assert found(service, name) == [case.id]
    done = give(service, subject, "erasure/confirmation", {}, "admin")
    assert (done["erasure"], done["version"]) == ("erased", 4)
    assert service.get(f"{SUBJECTS}/{subject}", who="auditor")["erasure"] == "erased"


def test_after_an_erasure_nothing_shows_who_it_was_a_3(service: Service) -> None:
    subject, name, case = a_person(service)
    erase(service, subject)
    assert found(service, name) == []
    shown = service.get(case.url, who="supervisor")
    assert (shown["customer"]["name"], shown["narrative"]) == (ERASED, ERASED)
    row = next(
        row for row in service.get(f"{CASES}?status=withdrawn", who="supervisor")["items"] if row["id"] == case.id
    )
    assert (row["customer"]["name"], row["customer"]["phone"], row["narrative"]) == (ERASED, ERASED, ERASED)
    history = service.get(f"{case.url}/history", who="supervisor")
    assert name not in history.raw.decode()
    exported = service.get(f"{SUBJECTS}/{subject}/export", who="supervisor")
    assert name not in exported.raw.decode()
    assert service.post(f"{case.url}/notes", {"text": "再打来了"}).kind == (409, "erased")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"card_no": "88001{0}"}, {"card_no": "８８００１ {0}"}),
        ({"name": "Jose\u0301", "phone": "139-0000-{0}"}, {"name": "Jos\u00e9", "phone": "1390000{0}"}),
    ],
)
def test_the_same_person_may_be_written_in_another_way_c_1(
    service: Service, one: dict[str, str], other: dict[str, str]
) -> None:
    number = f"{uuid4().int % 10**6:06}"
    cases = [
        service.receive(customer={"name": "钱某"} | {name: text.format(number) for name, text in facts.items()})
        for facts in (one, other)
    ]
    assert len({service.get(case.url)["customer"]["subject"] for case in cases}) == 1


def test_who_is_erased_and_comes_again_is_a_new_person_a_3(service: Service) -> None:
    card = {"card_no": f"K-{uuid4()}"}
    subject, _, case = a_person(service)
    known = service.case("withdrawn", customer={"name": "钱某", **card})
    subject = service.get(known.url)["customer"]["subject"]
    erase(service, subject)
    again = service.receive(customer={"name": "钱某", **card})
    assert service.get(again.url)["customer"]["subject"] != subject
    assert case.id != again.id


def test_who_complains_while_they_are_erased_is_heard_a_3(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the confirmation and the end of the key whoever has the same card is somebody new."""
    counted, confirmed = PostgresPeople.events, threading.Event()

    async def slowly(people: PostgresPeople, subject: SubjectId) -> int:
        confirmed.set()
        await asyncio.sleep(0.5)  # as in a long log
        return await counted(people, subject)

    monkeypatch.setattr(PostgresPeople, "events", slowly)
    customer = {"name": next(names), "card_no": f"K-{uuid4()}"}
    subject = service.get(service.case("withdrawn", customer=customer).url)["customer"]["subject"]
    give(service, subject, "erasure", ASKED, "supervisor")
    give(service, subject, "erasure/decision", {"decision": "approved"})
    with ThreadPoolExecutor(1) as confirming:
        erasing = confirming.submit(service.post, f"{SUBJECTS}/{subject}/erasure/confirmation", {}, who="admin")
        assert confirmed.wait(10)
        case = service.receive(customer=customer, narrative="又打不进来")
    assert erasing.result()["erasure"] == "erased"
    assert service.get(case.url)["narrative"] == "又打不进来"


def test_a_rejected_erasure_leaves_everything_and_may_be_asked_for_again(service: Service) -> None:
    subject, name, case = a_person(service)
    give(service, subject, "erasure", ASKED, "admin")
    assert service.post(f"{SUBJECTS}/{subject}/erasure/decision", {"decision": "rejected"}, who="auditor").status == 422
    rejected = give(service, subject, "erasure/decision", {"decision": "rejected", "reason": "不是本人"})
    assert rejected["erasure"] == "rejected"
    assert found(service, name) == [case.id]
    assert give(service, subject, "erasure", ASKED, "auditor")["erasure"] == "requested"


@pytest.mark.parametrize(
    ("status", "code", "saying"),
    [("received", "still_open", "close or withdraw it first"), ("resolved", "still_open", "restrict instead")],
)
def test_while_a_case_goes_on_nothing_is_erased_a_3(service: Service, status: str, code: str, saying: str) -> None:
    subject, _, case = a_person(service, status)
    refused = service.post(f"{SUBJECTS}/{subject}/erasure", ASKED, who="auditor")
    assert (refused.kind, refused["rule"]) == ((409, code), "A-3")
    assert saying in refused["detail"]
    assert case.number in refused["detail"]


def test_what_was_granted_is_carried_out_first_a_3(service: Service) -> None:
    subject, _, case = a_person(service, "closed")
    refused = service.post(f"{SUBJECTS}/{subject}/erasure", ASKED, who="auditor")
    assert refused.kind == (409, "still_open")
    assert "carry out what was granted" in refused["detail"]
    service.give(case, "fulfilments", {"demand": 1})
    assert give(service, subject, "erasure", ASKED)["erasure"] == "requested"


@pytest.mark.parametrize(("ends", "body"), [("cancellation", REASON), ("withdrawal", REASON), ("completion", {})])
def test_while_an_order_is_under_way_its_member_is_not_erased_a_3(
    service: Service, ends: str, body: dict[str, str]
) -> None:
    order = ready(service, "orders", merchant=None, card_no=f"K-{uuid4()}")
    subject = service.get(f"{FACTS}/orders/{order}", who="supervisor")["data"]["subject"]
    refused = service.post(f"{SUBJECTS}/{subject}/erasure", ASKED, who="auditor")
    assert (refused.kind, refused["rule"]) == ((409, "still_open"), "A-3")
    assert f"order {order} goes on: complete, cancel or withdraw it first" in refused["detail"]
    if ends == "completion":
        assert service.post(f"{FACTS}/orders/{order}/seating", {}, who="supervisor").status == 200
    assert service.post(f"{FACTS}/orders/{order}/{ends}", body, who="supervisor").status == 200
    erase(service, subject)


def test_an_order_that_was_cancelled_ends_after_its_member_was_erased_w_1(service: Service) -> None:
    order = ready(service, "orders", merchant=None, card_no=f"K-{uuid4()}")
    path = f"{FACTS}/orders/{order}"
    subject = service.get(path, who="supervisor")["data"]["subject"]
    assert service.post(f"{path}/cancellation", REASON, who="supervisor").status == 200
    erase(service, subject)
    assert service.post(f"{path}/seating", {}, who="supervisor").kind == (409, "erased")
    assert service.post(f"{path}/completion", {"wrong": ["phone"]}, who="supervisor").status == 200
    shown = service.get(path, who="supervisor")["data"]
    assert (shown["done"], shown["seated"], shown["wrong"]) == (True, False, ["phone"])


def test_an_order_that_is_another_members_after_all_stands_against_their_erasure_a_3(service: Service) -> None:
    order, card = ready(service, "orders", merchant=None, card_no=f"K-{uuid4()}"), f"K-{uuid4()}"
    path = f"{FACTS}/orders/{order}"
    first = service.get(path, who="supervisor")["data"]["subject"]
    assert service.post(f"{path}/correction", {**REASON, "card_no": card}, who="supervisor").status == 200
    second = service.get(path, who="supervisor")["data"]["subject"]
    assert service.post(f"{SUBJECTS}/{second}/erasure", ASKED, who="auditor").kind == (409, "still_open")
    erase(service, first)


def test_a_term_of_retention_is_named_with_its_day_and_source_a_3(service: Service) -> None:
    subject, _, case = a_person(service, channel="regulator")
    refused = service.post(f"{SUBJECTS}/{subject}/erasure", ASKED, who="auditor")
    assert refused.kind == (409, "still_kept")
    assert case.number in refused["detail"]
    assert str(date.today().year + 3) in refused["detail"] or str(date.today().year + 2) in refused["detail"]  # noqa: DTZ011
    assert "DISP 1.9.2R" in refused["detail"]


def test_what_comes_up_before_it_is_confirmed_stops_it_a_3(service: Service) -> None:
    card = {"card_no": f"K-{uuid4()}", "name": next(names)}
    case = service.case("withdrawn", customer=card)
    subject = service.get(case.url)["customer"]["subject"]
    give(service, subject, "erasure", ASKED)
    give(service, subject, "erasure/decision", {"decision": "approved"})
    again = service.receive(customer=card)
    assert service.post(f"{SUBJECTS}/{subject}/erasure/confirmation", {}, who="admin").kind == (409, "still_open")
    service.give(again, "withdrawal", {"reason": "算了"})
    assert give(service, subject, "erasure/confirmation", {}, "admin")["erasure"] == "erased"


def test_under_a_legal_hold_nothing_is_erased_a_3(service: Service) -> None:
    subject, _, _ = a_person(service)
    assert give(service, subject, "hold", WHY)["held"] is True
    assert service.post(f"{SUBJECTS}/{subject}/erasure", ASKED, who="auditor").kind == (409, "on_hold")
    assert give(service, subject, "hold/lifting", WHY)["held"] is False
    assert give(service, subject, "erasure", ASKED)["erasure"] == "requested"


# ---- staff ----------------------------------------------------------------------------------------------------------
def test_staff_are_erased_by_number_once_they_have_left_and_the_term_is_over_a_3(service: Service) -> None:
    agent, name, subject = somebody_who_left(service)
    assert service.get(f"/api/v1/agents/{agent}")["name"] == name
    service.run(service.services.passwords.give(AgentId(agent), "walrus-copper-lantern-9"))
    service.run(service.services.keys.create(AgentId(agent), Limits(label=f"给{name}用")))
    assert erase(service, agent)["id"] == subject
    shown = service.get(f"/api/v1/agents/{agent}")
    assert (shown["name"], shown["joined_on"]) == (ERASED, "2020-01-01")
    assert name not in service.get("/api/v1/agents?limit=500").raw.decode()
    assert service.rows("SELECT 1 FROM access.passwords WHERE agent = %s", agent) == []
    assert service.rows("SELECT 1 FROM access.api_keys WHERE agent = %s", agent) == []


@pytest.mark.parametrize("named", ["number", "subject id"])
def test_who_works_here_is_not_erased_whatever_they_are_named_by_a_3(service: Service, named: str) -> None:
    subject = service.get(f"{SUBJECTS}/a1001", who="auditor")["id"]
    refused = service.post(f"{SUBJECTS}/{'a1001' if named == 'number' else subject}/erasure", ASKED, who="auditor")
    assert refused.kind == (409, "still_open")
    assert "the work of a1001 goes on" in refused["detail"]


def test_who_was_registered_a_moment_ago_is_staff_at_once_a_3(service: Service) -> None:
    for _ in range(5):
        agent = next(staff)
        body = {"id": agent, "name": next(names), "role": "agent", "team": "t1", "joined_on": "2020-01-01"}
        assert service.post("/api/v1/agents", body, who="admin").status == 201
        assert service.post(f"{SUBJECTS}/{agent}/erasure", ASKED, who="auditor").kind == (409, "still_open")


def test_who_left_lately_is_kept_as_long_as_labour_disputes_are_brought_a_3(service: Service) -> None:
    agent, _, _ = somebody_who_left(service, left=30)
    assert service.post(f"{SUBJECTS}/{agent}/erasure", ASKED, who="auditor").kind == (409, "still_kept")


# ---- restricting ----------------------------------------------------------------------------------------------------
def test_what_is_restricted_nobody_reads_and_it_comes_back_when_that_is_lifted_a_3(service: Service) -> None:
    subject, name, case = a_person(service, "clarified")
    assert give(service, subject, "restriction", WHY)["restricted"] is True
    assert found(service, name) == []
    for who in ("agent", "supervisor", "auditor"):
        asked = f"{case.url}?reason=check" if who == "auditor" else case.url
        assert service.get(asked, who=who)["customer"]["name"] == RESTRICTED
    listed = service.get(f"{CASES}?status=clarified&limit=500", who="supervisor").raw.decode()
    assert name not in listed
    assert name not in service.get(f"{SUBJECTS}/{subject}/export?reason=check", who="auditor").raw.decode()
    service.give(case, "notes", {"text": "又打来了"})
    assert give(service, subject, "restriction/lifting", WHY)["restricted"] is False
    assert found(service, name) == [case.id]
    assert service.get(case.url)["notes"][0]["text"] == "又打来了"


def test_staff_may_be_restricted_too_a_3(service: Service) -> None:
    agent, name, _ = somebody_who_left(service, left=30)
    give(service, agent, "restriction", WHY)
    assert service.get(f"/api/v1/agents/{agent}")["name"] == RESTRICTED
    give(service, agent, "restriction/lifting", WHY)
    assert service.get(f"/api/v1/agents/{agent}")["name"] == name


def test_a_restriction_decided_on_an_old_version_has_no_effect(service: Service) -> None:
    subject, name, case = a_person(service)
    give(service, subject, "hold", WHY)
    stale = service.post(f"{SUBJECTS}/{subject}/restriction", WHY, who="auditor", version=0)
    assert stale.kind == (412, "stale")
    assert service.get(case.url)["customer"]["name"] == name


def test_of_who_is_erased_nothing_is_restricted_or_held(service: Service) -> None:
    subject, _, _ = a_person(service)
    erase(service, subject)
    for path in ("restriction", "restriction/lifting", "hold", "hold/lifting", "erasure"):
        assert service.post(f"{SUBJECTS}/{subject}/{path}", WHY, who="auditor").kind == (409, "erased")


# ---- ends that are found again --------------------------------------------------------------------------------------
def test_a_confirmation_sent_again_gets_the_first_answer(service: Service) -> None:
    subject, _, _ = a_person(service)
    give(service, subject, "erasure", ASKED)
    give(service, subject, "erasure/decision", {"decision": "approved"})
    key = {"idempotency-key": str(uuid4())}
    first, again = (
        service.post(f"{SUBJECTS}/{subject}/erasure/confirmation", {}, who="admin", headers=key) for _ in range(2)
    )
    assert first.body == again.body
    assert again.headers["idempotency-replayed"] == "true"


def test_an_erasure_is_ended_though_the_process_died_that_confirmed_it(service: Service) -> None:
    subject, _, _ = a_person(service)
    give(service, subject, "erasure", ASKED)
    give(service, subject, "erasure/decision", {"decision": "approved"})
    commands = subjects(service.services)

    async def died(person: Person, _: object) -> None:
        raise ConnectionResetError(person.subject)

    commands.finish = died  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionResetError):
        service.run(commands.confirm(subject, OPERATOR, operators_command()))

    async def ended() -> None:
        async with asyncio.timeout(20):
            while await service.services.keyring.known(SubjectId(subject)):  # noqa: ASYNC110  it is elsewhere
                await asyncio.sleep(0.05)
            while (await service.asked("GET", f"{SUBJECTS}/{subject}", who="auditor"))["erasure"] != "erased":  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    service.run(ended())


def test_views_made_anew_are_the_same_after_erasures_and_restrictions_a_3(service: Service) -> None:
    erased, _, _ = a_person(service)
    restricted, _, _ = a_person(service)
    agent, _, _ = somebody_who_left(service)
    give(service, restricted, "restriction", WHY)
    erase(service, agent)
    service.seen(erase(service, erased)["position"])
    tables = ("private.case_inbox_2", "read.case_inbox_2", "private.agents_1", "read.subjects_1")
    before = {name: sorted(service.rows(f"SELECT t::text FROM {name} t")) for name in tables}  # noqa: S608
    views = [view for view in PROJECTIONS if {*view.tables} & {*tables}]
    service.run(rebuild(service.services.dsn, service.services.keyring, views))
    assert {name: sorted(service.rows(f"SELECT t::text FROM {name} t")) for name in tables} == before  # noqa: S608


def proven(service: Service, certificate: Answer, changed: bytes = b"") -> bool:
    """Whether the stored event, with some bytes changed, is a leaf under the signed head that the certificate names."""
    stored, inclusion = base64.b64decode(certificate["stored"]), certificate["inclusion"]
    assert msgspec.json.decode(stored) == certificate["body"]
    stored = stored.replace(changed, changed[::-1]) if changed else stored
    place = certificate["position"], UUID(certificate["stream"]).bytes, certificate["version"]
    key = VerifierKey.parse(service.get("/api/v1/audit/keys", who="auditor")["newest"])
    head = opened_checkpoint(certificate["checkpoint"], key)
    assert head.size == inclusion["size"]
    hashes = [base64.b64decode(one) for one in inclusion["hashes"]]
    own = leaf_hash(leaf(*place, certificate["topic"].encode(), stored))
    return follows_inclusion(inclusion["index"], head.size, own, hashes, head.root)


# ---- certificate, export, reads -------------------------------------------------------------------------------------
def test_the_certificate_names_who_had_it_done_and_proves_itself_a_1(service: Service, tmp_path: Path) -> None:
    subject, name, case = a_person(service)
    assert service.get(f"{SUBJECTS}/{subject}/erasure/certificate", who="auditor").status == 404
    position = erase(service, subject)["position"]
    got = service.get(f"{SUBJECTS}/{subject}/erasure/certificate?min_position={position}", who="auditor")
    data = got["body"]["data"]
    assert (data["requested_by"], data["approved_by"], data["confirmed_by"]) == ("s2001", "u4001", "d5001")
    assert (got["topic"], got["position"], data["events"]) == ("subject.erased", position, 3)
    assert name not in got.raw.decode()
    assert proven(service, got)
    assert not proven(service, got, changed=b"u4001")
    bundle = service.get(f"/api/v1/audit/bundle?case={case.id}", who="auditor")
    with zipfile.ZipFile(io.BytesIO(bundle.raw)) as archive:
        archive.extractall(tmp_path)
    checked = subprocess.run(
        [sys.executable, "-I", "-S", str(tmp_path / "verify.py"), str(tmp_path)], capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_an_export_holds_everything_of_one_person_and_of_nobody_else_a_3(service: Service) -> None:
    subject, name, case = a_person(service, "resolved")
    service.give(case, "notes", {"text": f"{name}很着急"})
    exported = service.get(f"{SUBJECTS}/{subject}/export", who="supervisor")
    kept = [event for event in exported["events"] if event["stream"] == case.id]
    own = [item["type"] for item in service.history(case)]
    assert [event["type"] for event in kept] == [topic for topic in own if topic != "case.acknowledged"]
    assert kept[0]["data"]["customer"]["name"] == name
    assert kept[-1]["data"]["text"] == f"{name}很着急"
    assert exported.headers["content-disposition"].endswith(f'"redress-person-{subject}.json"')


def test_an_export_names_files_and_the_archive_holds_them_a_3(service: Service) -> None:
    subject, name, case = a_person(service, "received")
    contents = [b"\x89PNG\r\n\x1a\n" + bytes([n]) * 99 for n in range(2)]
    files = [uuid4() for _ in contents]
    for file, content in zip(files, contents, strict=True):
        assert service.ask("PUT", f"{case.url}/files/{file}", raw=content).status == 200
    path = f"{SUBJECTS}/{subject}/export"
    shown = service.get(path, who="supervisor")["files"]
    assert [(one["name"], one["case_id"], one["size"]) for one in shown] == [(f"{n}.png", case.id, 107) for n in files]
    assert [one["sha256"] for one in shown] == [hashlib.sha256(content).hexdigest() for content in contents]
    assert shown[0]["sha256"] in service.get(f"{path}?format=html", who="supervisor").body
    zipped = service.get(f"{path}?format=zip", who="supervisor")
    assert zipped.headers["content-disposition"].endswith(f'"redress-person-{subject}.zip"')
    with zipfile.ZipFile(io.BytesIO(zipped.raw)) as archive:
        assert [archive.read(f"files/{file}.png") for file in files] == contents
        inside = json.loads(archive.read("person.json"))
    assert (inside["files"], inside["events"][0]["data"]["customer"]["name"]) == (shown, name)
    # an auditor without a reason sees that there are files, and none of them
    masked = service.get(f"{path}?format=zip", who="auditor")
    with zipfile.ZipFile(io.BytesIO(masked.raw)) as archive:
        assert archive.namelist() == ["person.json"]
        assert {one["sha256"] for one in json.loads(archive.read("person.json"))["files"]} == {None}


def test_an_export_asks_the_streams_of_the_person_and_no_others_a_3(service: Service) -> None:
    subject, _, case = a_person(service, "resolved")
    dsn = service.services.dsn
    streams = service.run(streams_of(dsn, Person(SubjectId(subject))))
    assert UUID(case.id) in streams
    held = "SELECT DISTINCT originator_id FROM log.events WHERE position(%s::bytea in state) > 0"
    assert {*streams} == {row[0] for row in service.rows(held, sealed_for(SubjectId(subject)))}
    # whoever is registered later is found where they were named before
    agent = next(staff)
    body = {"id": agent, "name": "后来的人", "role": "agent", "team": "t1", "joined_on": "2020-01-01"}
    service.post("/api/v1/agents", body, who="admin")
    named = service.run(streams_of(dsn, Person(SubjectId(str(uuid4())), AgentId(agent))))
    assert {*named} == {row[0] for row in service.rows(held, f'"{agent}"'.encode())}


def test_looking_through_in_small_parts_finds_the_same_a_3(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    subject, _, _ = a_person(service, "resolved")
    everything = "SELECT person, stream FROM private.person_streams ORDER BY 1, 2"
    service.run(look_through(service.services.dsn))
    before = service.rows(everything)
    service.rows("TRUNCATE private.person_streams")
    service.rows("UPDATE private.person_streams_upto SET position = 0")
    monkeypatch.setattr(person_streams, "AT_ONCE", 7)
    service.run(look_through(service.services.dsn))
    assert service.rows(everything) == before
    assert subject in {person for person, _ in before}


def test_an_auditor_gives_a_reason_and_others_are_masked_in_what_names_staff_a_3(service: Service) -> None:
    subject, name, _ = a_person(service)
    masked = service.get(f"{SUBJECTS}/{subject}/export", who="auditor")
    assert name not in masked.raw.decode()
    assert masked["events"][0]["data"]["customer"]["name"] == "***"
    assert name in service.get(f"{SUBJECTS}/{subject}/export?reason=request+77", who="auditor").raw.decode()
    of_staff = service.get(f"{SUBJECTS}/a1001/export?reason=request+78", who="auditor")
    assert of_staff["events"][0]["data"]["name"] == "who-is-agent"
    assert name not in of_staff.raw.decode()
    assert {"agent.registered", "case.received"} <= {event["type"] for event in of_staff["events"]}


@pytest.mark.parametrize("form", ["json", "html", "zip"])
def test_what_is_kept_on_staff_is_exported_by_auditors_and_by_whom_it_is_about_a_4(service: Service, form: str) -> None:
    wage = {"agent": "a1002", "month": "2025-10", "gross_fen": 654_321}
    service.seen(service.post("/api/v1/wages", wage, who="payroll")["position"])
    subject = service.get(f"{SUBJECTS}/a1002", who="supervisor")["id"]
    for named in ("a1002", subject):
        refused = service.get(f"{SUBJECTS}/{named}/export?format={form}", who="supervisor")
        assert (refused.kind, refused["rule"]) == ((403, "forbidden"), "A-4")
    assert service.get(f"{SUBJECTS}/s2001/export?format={form}", who="supervisor").status == 200
    taken = service.get(f"{SUBJECTS}/a1002/export?format={form}", who="auditor")
    assert taken.status == 200
    assert form == "zip" or "654321" in taken.raw.decode()


@pytest.mark.parametrize(("language", "title"), [("zh", "本人数据一览"), ("en", "What is kept on a person")])
def test_an_export_is_printed_as_a_page_without_a_script_a_3(service: Service, language: str, title: str) -> None:
    name = "<script>alert(1)</script>"
    case = service.case("withdrawn", customer={"name": name, "phone": "13911112222"}, narrative="一<b>句")
    subject = service.get(case.url)["customer"]["subject"]
    page = service.get(f"{SUBJECTS}/{subject}/export?format=html&language={language}", who="supervisor")
    assert page.headers["content-type"].startswith("text/html")
    assert title in page.body
    assert "&lt;script&gt;alert(1)" in page.body
    assert "<script" not in page.body


def test_who_read_what_is_read_by_auditors_a_4(service: Service) -> None:
    subject, _, case = a_person(service)
    before = datetime.now(UTC)
    service.get(case.url, who="colleague")
    service.get(f"{case.url}/history?reason=check+9", who="auditor")
    service.get(f"{SUBJECTS}/{subject}/export?reason=request", who="auditor")
    taken = service.get(f"/api/v1/audit/bundle?case={case.id}&min_position={case.position}", who="auditor")
    assert taken.status == 200
    since = before.isoformat().replace("+", "%2B")

    def kept(query: str) -> list[tuple[str, str, str, str | None]]:
        items = service.get(f"/api/v1/audit/reads?from={since}&{query}", who="auditor")["items"]
        return [(item["actor"], item["kind"], item["resource"], item["reason"]) for item in items]

    assert kept(f"resource={case.id}") == [
        ("u4001", "opened", case.id, "check 9"),
        ("a1002", "opened", case.id, None),
    ]
    assert kept(f"resource={subject}") == [("u4001", "exported", subject, "request")]
    assert kept("kind=downloaded") == [("u4001", "downloaded", f"bundle case={case.id}", None)]
    first = service.get(f"/api/v1/audit/reads?from={since}&limit=1", who="auditor")
    second = service.get(f"/api/v1/audit/reads?from={since}&limit=1&after={first['next']}", who="auditor")
    assert second["items"][0]["id"] < first["items"][0]["id"]
    assert service.get("/api/v1/audit/reads?to=2020-01-01T00:00:00Z", who="auditor")["items"] == []
    assert service.get("/api/v1/audit/reads", who="admin").kind == (403, "forbidden")


def test_why_a_person_was_read_goes_with_them_and_who_did_stays_a_3(service: Service) -> None:
    subject, name, case = a_person(service)
    order = ready(service, "orders", merchant=None, card_no=f"K-{uuid4()}")
    member = service.get(f"{FACTS}/orders/{order}", who="supervisor")["data"]["subject"]
    read = {case.id: f"{case.url}?reason={name}", order: f"{FACTS}/orders/{order}?reason={name}"}
    read[subject] = f"{SUBJECTS}/{subject}/export?reason={name}"
    for path in read.values():
        assert service.get(path, who="auditor").status == 200

    def why() -> list[tuple[str, str]]:
        found = [service.get(f"/api/v1/audit/reads?resource={one}&actor=u4001", who="auditor")["items"] for one in read]
        return [(one["actor"], one["reason"]) for items in found for one in items]

    assert why() == [("u4001", name)] * 3
    assert service.post(f"{FACTS}/orders/{order}/withdrawal", REASON, who="supervisor").status == 200
    for person in (subject, member):
        erase(service, person)
    assert service.get(f"{case.url}?reason={name}", who="auditor").status == 200
    assert why() == [("u4001", ERASED)] * 4
    assert service.rows("SELECT 1 FROM access.reads r WHERE position(%s in r::text) > 0", name) == []


def test_lists_and_searches_of_persons_are_written_down_without_the_words_a_4(service: Service) -> None:
    _, name, case = a_person(service)
    service.seen(case.position)
    before = datetime.now(UTC).isoformat().replace("+", "%2B")
    found = service.get(f"/api/v1/cases?q={name}&status=received&limit=7", who="second")
    service.get(f"/api/v1/cases?q={name}&limit=7", who="second")
    service.get("/api/v1/subjects?restricted=false", who="second")
    service.get("/api/v1/audit/events?after=0&limit=3", who="auditor")
    service.get("/api/v1/audit/reads?kind=logged_in", who="auditor")

    def kept(actor: str) -> list[dict[str, Any]]:
        query = f"from={before}&actor={actor}&kind=listed"
        return list(reversed(service.get(f"/api/v1/audit/reads?{query}", who="auditor")["items"]))

    mine = kept("s2002")
    assert [(one["resource"], one["shown"]) for one in mine[:1]] == [("cases", len(found["items"]))]
    narrowed, hashed = mine[0]["asked"].split("&")
    assert (narrowed, hashed[:3], mine[1]["asked"]) == ("status=received", "q=#", hashed)
    assert (mine[2]["resource"], mine[2]["asked"]) == ("subjects", "restricted=False")
    assert name not in str(mine)
    assert service.rows("SELECT 1 FROM access.reads r WHERE position(%s in r::text) > 0", name) == []
    auditors = {(one["resource"], one["asked"]): one["shown"] for one in kept("u4001")}
    assert auditors["audit/events", "after=0"] == 3
    assert ("audit/reads", "kind=logged_in") in auditors


def test_what_waits_for_whom_is_listed_a_4(service: Service) -> None:
    subject, _, _ = a_person(service)
    position = give(service, subject, "erasure", ASKED, "supervisor")["position"]

    def waiting(query: str) -> list[str]:
        asked = f"{SUBJECTS}?{query}&limit=500&min_position={position}"
        return [item["id"] for item in service.get(asked, who="admin")["items"]]

    assert subject in waiting("erasure=requested")
    assert subject not in waiting("erasure=approved")
    assert subject not in waiting("held=true")
    assert subject in waiting("restricted=false")
    first = service.get(f"{SUBJECTS}?limit=1", who="admin")
    assert service.get(f"{SUBJECTS}?limit=1&after={first['next']}", who="admin")["items"][0]["id"] > first["next"]


@pytest.mark.parametrize("item", ["nobody", "31126b21-be2a-406d-bac0-dbd58544afe8", "a%00b"])
def test_nobody_is_not_found_before_a_body_is_read(service: Service, item: str) -> None:
    assert service.post(f"{SUBJECTS}/{item}/erasure", {"odd": 1}, who="auditor").status == 404
    assert service.get(f"{SUBJECTS}/{item}", who="auditor").status == 404
    assert service.get(f"{SUBJECTS}/{item}/export", who="auditor").status == 404


def test_summary_of_what_is_stored_names_nobody(service: Service) -> None:
    subject, name, case = a_person(service, "called_back")
    service.give(case, "summary", dict.fromkeys(SUMMARY, f"{name}的事"))
    service.give(case, "fulfilments", {"demand": 1, "words": name})
    service.give(case, "closing", {})
    service.seen(erase(service, subject)["position"])
    stored = json.dumps([str(row) for row in service.rows("SELECT answer FROM log.commands")], ensure_ascii=False)
    assert name not in stored
    assert AgentId(name) not in {row[0] for row in service.rows("SELECT name FROM private.case_inbox_2")}


# ---- retention ------------------------------------------------------------------------------------------------------
def test_what_has_stayed_as_long_as_it_may_is_proposed_and_nothing_else_a_3(service: Service) -> None:
    customer, _, _ = a_person(service)
    old, _, old_subject = somebody_who_left(service, left=800)
    young, _, young_subject = somebody_who_left(service, left=700)
    commands = subjects(service.services)
    found = service.run(commands.propose_due(operators_command, OPERATOR))
    assert (old_subject, old) in [(person.subject, person.agent) for person in found]
    assert not {customer, young_subject} & {person.subject for person in found}
    shown = service.get(f"{SUBJECTS}/{old}", who="auditor")
    assert (shown["erasure"], shown["agent"]) == ("requested", old)
    assert service.get(f"{SUBJECTS}/{young}", who="auditor")["erasure"] is None
    assert service.run(commands.due(Person(SubjectId(customer)), datetime.now(UTC) + timedelta(days=1096)))
    assert not service.run(commands.due(Person(SubjectId(customer)), datetime.now(UTC) + timedelta(days=1090)))
