"""The log as auditors take it away: heads, tiles, proofs, events, bundles, each good without the service (A-1)."""

import io
import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from adapters.http.app import document
from adapters.proof import verify
from application.clocks import streams_of
from application.proof import proofs
from application.proof.leaf import leaf
from application.proof.note import Checkpoint, VerifierKey, newest_key, opened_checkpoint, parsed_proof
from application.proof.tree import leaf_hash, root_of
from tests.adapters.http.serving import Answer, Case, Service

AUDIT = "/api/v1/audit"


@pytest.fixture(scope="module")
def case(service: Service) -> Case:
    return service.case("closed")


def asked(service: Service, path: str, **how: Any) -> Answer:
    return service.get(f"{AUDIT}/{path}", who="auditor", **how)


def head(service: Service, position: int = 0) -> Checkpoint:
    """The newest head, its signature checked."""
    keys = asked(service, "keys")
    newest = newest_key(VerifierKey.parse(keys["first"]), keys["rotations"])
    assert keys["newest"] == str(newest)
    return opened_checkpoint(asked(service, f"checkpoint?min_position={position}").body, newest)


def unpacked(answer: Answer, folder: Path) -> Path:
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(io.BytesIO(answer.raw)) as archive:
        archive.extractall(folder)
    return folder


# ---- who may --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["agent", "supervisor", "payroll", "admin"])
@pytest.mark.parametrize(
    "path",
    [
        "checkpoint",
        "keys",
        "tiles/0/000",
        "events",
        "schemas",
        "proofs/inclusion?position=1",
        "proofs/consistency?from=1&to=1",
        "bundle?all",
    ],
)
def test_it_is_for_auditors(service: Service, who: str, path: str) -> None:
    assert service.get(f"{AUDIT}/{path}", who=who).kind == (403, "forbidden")


# ---- heads, tiles, events -------------------------------------------------------------------------------------------
def test_the_head_covers_what_was_recorded(service: Service, case: Case) -> None:
    assert head(service, case.position).size >= case.position
    assert asked(service, "checkpoint").headers["content-type"] == "text/plain; charset=utf-8"


def test_what_was_not_sealed_in_time_is_behind(service: Service) -> None:
    assert asked(service, "checkpoint?min_position=999999").kind == (503, "behind")


def test_events_and_tiles_make_the_root(service: Service, case: Case) -> None:
    """An auditor needs nothing else: the leaves are made from what is handed out, and lead to what was signed."""
    now = head(service, case.position)
    events, path = [], "events?limit=100"
    while path:
        page = asked(service, path)
        events += page["items"]
        path = f"events?limit=100&after={page['next']}" if page["next"] else ""
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    stored = service.rows(
        "SELECT notification_id, uuid_send(originator_id), originator_version, convert_to(topic, 'UTF8'), state"
        " FROM log.events ORDER BY 1"
    )
    assert [json.loads(bytes(row[4])) for row in stored] == [event["body"] for event in events]
    hashes = [leaf_hash(leaf(*row)) for row in stored][: now.size]
    assert root_of(b"".join(hashes)) == now.root
    tile = asked(service, f"tiles/0/000.p/{min(now.size, 255)}")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert tile.raw == b"".join(hashes[:255])


def test_bodies_stand_in_the_answer_as_they_are_stored(service: Service, case: Case) -> None:
    raw = asked(service, f"events?after={case.position - 1}&limit=1").raw
    (state,) = service.rows("SELECT state FROM log.events WHERE notification_id = %s", case.position)[0]
    assert bytes(state) in raw


def test_personal_data_stays_sealed(service: Service, case: Case) -> None:
    assert "王小明" not in asked(service, "events?limit=500").raw.decode()
    assert case.id in asked(service, "events?limit=500").raw.decode()


@pytest.mark.parametrize(
    "path", ["0/1", "0/000.p/0", "64/000", "00/000", "-1/000", "0/x001/000", "7/000.p/1", "0/900", "0/"]
)
def test_there_is_no_such_tile(service: Service, path: str) -> None:
    assert asked(service, f"tiles/{path}").kind == (404, "not_found")


# ---- proofs ---------------------------------------------------------------------------------------------------------
def test_every_event_is_proven(service: Service, case: Case) -> None:
    now = head(service, case.position)
    for position in (1, 2, case.position):
        proof = asked(service, f"proofs/inclusion?position={position}")
        assert proof["index"] == position - 1
        hashes = [b64decode(one) for one in proof["hashes"]]
        own = service.rows(
            "SELECT notification_id, uuid_send(originator_id), originator_version, convert_to(topic, 'UTF8'), state"
            " FROM log.events WHERE notification_id = %s",
            position,
        )
        assert b64decode(proof["leaf"]) == leaf_hash(leaf(*own[0]))
        assert proof["size"] >= now.size
        index, path, note = parsed_proof(proof["tlog_proof"])
        assert (index, path, note) == (proof["index"], hashes, proof["checkpoint"])
        root = Checkpoint.parse(note.partition("\n\n")[0] + "\n").root
        assert proofs.follows_inclusion(index, proof["size"], b64decode(proof["leaf"]), path, root)


def test_the_tree_only_grows(service: Service, case: Case) -> None:
    old = head(service, case.position)
    new = head(service, service.receive().position)
    proof = asked(service, f"proofs/consistency?from={old.size}&to={new.size}")
    hashes = [b64decode(one) for one in proof["hashes"]]
    assert (b64decode(proof["from_root"]), b64decode(proof["to_root"])) == (old.root, new.root)
    assert proofs.follows_consistency(old.size, new.size, hashes, old.root, new.root)
    assert asked(service, f"proofs/consistency?from=0&to={new.size}")["hashes"] == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("proofs/inclusion?position=999999", (404, "not_found")),
        ("proofs/inclusion?position=0", (422, "invalid")),
        ("proofs/inclusion", (422, "invalid")),
        ("proofs/consistency?from=1&to=999999", (404, "not_found")),
        ("proofs/consistency?from=2&to=1", (422, "invalid")),
        ("proofs/consistency?from=-1&to=1", (422, "invalid")),
        ("events?after=-1", (422, "invalid")),
        ("bundle", (422, "invalid")),
        ("bundle?all&month=2026-03", (422, "invalid")),
        ("bundle?all=false", (422, "invalid")),
        ("bundle?month=2026-13", (422, "invalid")),
        ("bundle?case=1", (422, "invalid")),
        ("bundle?month=1999-01", (404, "not_found")),
        ("bundle?agent=nobody", (404, "not_found")),
        ("bundle?case=00000000-0000-0000-0000-000000000000", (404, "not_found")),
    ],
)
def test_what_is_not_there_or_not_asked_rightly(service: Service, path: str, kind: tuple[int, str]) -> None:
    assert asked(service, path).kind == kind


# ---- bundles --------------------------------------------------------------------------------------------------------
def test_a_bundle_of_all_proves_itself(service: Service, case: Case, tmp_path: Path) -> None:
    folder = unpacked(asked(service, f"bundle?all&min_position={case.position}"), tmp_path)
    checked = verify.check(folder)
    assert checked.faults == []
    assert checked.facts["events"] == checked.facts["size"] >= case.position


def test_a_bundle_of_a_case_has_its_whole_history(service: Service, case: Case, tmp_path: Path) -> None:
    folder = unpacked(asked(service, f"bundle?case={case.id}&min_position={case.position}"), tmp_path)
    assert verify.check(folder).faults == []
    lines = [json.loads(one) for one in (folder / "events.jsonl").read_bytes().splitlines()]
    own = [one["version"] for one in lines if one["stream"] == case.id]
    assert own == list(range(1, case.version + 1))
    assert {UUID(one["stream"]) for one in lines} <= set(streams_of(UUID(case.id)))


def test_a_bundle_of_an_agent_and_one_of_a_month(service: Service, case: Case, tmp_path: Path) -> None:
    (month,) = service.rows("SELECT to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')")[0]
    for path in (f"agent=a1001&min_position={case.position}", f"month={month}"):
        assert verify.check(unpacked(asked(service, f"bundle?{path}"), tmp_path / path)).faults == []


def test_who_took_a_bundle_is_recorded(service: Service, case: Case) -> None:
    asked(service, f"bundle?case={case.id}&min_position={case.position}")
    assert service.rows("SELECT actor, selection FROM proof.exports ORDER BY at DESC LIMIT 1") == [
        ("u4001", f"case={case.id}")
    ]


def test_a_damaged_tree_is_told(service: Service, case: Case) -> None:
    """Last in this file: the tree is put right again, but another reader could have seen it."""
    head(service, case.position)
    flip = "UPDATE proof.runs SET position = position {} 1000000 WHERE index = 0"
    service.rows(flip.format("+"))
    try:
        assert asked(service, f"bundle?case={case.id}").kind == (409, "tree_damaged")
    finally:
        service.rows(flip.format("-"))


def test_what_is_answered_is_what_the_document_says(service: Service) -> None:
    paths = document(service.app)["paths"]
    kinds = {
        path.removeprefix(AUDIT): [*operations["get"]["responses"]["200"]["content"]]
        for path, operations in paths.items()
        if path.startswith(AUDIT)
    }
    assert kinds == {
        "/checkpoint": ["text/plain"],
        "/keys": ["application/json"],
        "/tiles/{level}/{index}": ["application/octet-stream"],
        "/events": ["application/json", "text/event-stream"],
        "/schemas": ["application/json"],
        "/proofs/inclusion": ["application/json"],
        "/proofs/consistency": ["application/json"],
        "/bundle": ["application/zip"],
        "/reads": ["application/json"],
    }
