"""`redress verify`, `redress witness` and `redress key renew` as they are called, against a service that runs."""

import io
import json
import os
import sys
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import msgspec
import pytest

from adapters.cli import main as command_line
from adapters.proof import rederive as rederive_module
from adapters.proof.rederive import DECIDERS, decider_of, rederive
from adapters.proof.unpacking import BadBundle, unpacked
from domain.kernel import EVENTS
from tests.adapters.http.serving import PEOPLE, Case, Factory, Service, listening, running_service
from tests.adapters.proof.notary import MASTER_KEY

KEY = b64encode(MASTER_KEY).decode()


@pytest.fixture(scope="module")
def service(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("home")
    with (
        patch.dict(os.environ, {"REDRESS_MASTER_KEY": KEY}),
        database_factory() as database,
        running_service(database, home) as service,
    ):
        yield service


@pytest.fixture(scope="module")
def case(service: Service) -> Case:
    service.receive()
    return service.case("closed")


@pytest.fixture(scope="module")
def bundle(service: Service, case: Case, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("taken") / "all.zip"
    file.write_bytes(service.get(f"/api/v1/audit/bundle?all&min_position={case.position}", who="auditor").raw)
    return file


@dataclass
class Done:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def redress(*words: object, **env: str) -> Done:
    """Run the command line in this process: starting one takes seconds."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["redress", *map(str, words)]),
        patch.dict(os.environ, env),
        patch.object(command_line, "logging"),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = command_line.main()
    return Done(code, out.getvalue(), err.getvalue())


def document(done: Done) -> dict[str, Any]:
    """The document; what stands before it is the log of the service, which runs in this process too."""
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# ---- verify ---------------------------------------------------------------------------------------------------------
def test_a_bundle_holds_and_its_states_are_made_again(bundle: Path) -> None:
    done = redress("verify", bundle, "--json")
    told = document(done)
    assert (done.returncode, told["holds"], told["faults"]) == (0, True, [])
    assert told["states"]["cases"] == {"closed": 1, "received": 1}
    assert told["states"]["streams"]["agent"] == len(PEOPLE)
    assert (told["states"]["partial"], told["states"]["unfoldable"]) == (0, [])
    assert told["events"] == told["size"]


def test_what_is_proven_is_told_in_words(bundle: Path) -> None:
    done = redress("verify", bundle)
    assert done.returncode == 0
    assert done.stdout.startswith("成立 / HOLDS")
    assert "个案 / cases: closed 1, received 1" in done.stdout


def test_a_bundle_that_was_touched_is_exit_code_1(bundle: Path, tmp_path: Path) -> None:
    with ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    events = tmp_path / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"closed_by"', b'"closed-by"').replace(b"t1", b"t2", 1))
    done = redress("verify", tmp_path, "--json")
    assert (done.returncode, document(done)["holds"]) == (1, False)
    assert "first bad leaf" in done.stdout
    assert redress("verify", tmp_path).returncode == 1


def test_an_older_head_is_held_against_it(bundle: Path, tmp_path: Path) -> None:
    with ZipFile(bundle) as archive:
        (tmp_path / "held").write_bytes(archive.read("checkpoint"))
    assert redress("verify", bundle, tmp_path / "held").returncode == 0
    (tmp_path / "held").write_text("no checkpoint")
    assert redress("verify", bundle, tmp_path / "held").returncode == 1


def test_what_cannot_be_read_is_exit_code_2(tmp_path: Path) -> None:
    assert redress("verify", tmp_path / "nothing.zip").returncode == 2
    (tmp_path / "x.zip").write_bytes(b"PK")
    done = redress("verify", tmp_path / "x.zip")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("redress: ")


# ---- ZIPs of others -------------------------------------------------------------------------------------------------
def entry(name: str, mode: int = 0o100644) -> ZipInfo:
    info = ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    "entries",
    [
        [entry("../checkpoint")],
        [entry("/checkpoint")],
        [entry("schemas/../../x")],
        [entry("other/file")],
        [entry("schemas/")],
        [entry("checkpoint", 0o120777)],
    ],
)
def test_a_zip_with_anything_else_in_it_is_not_unpacked(entries: list[ZipInfo], tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w", ZIP_DEFLATED) as archive:
        for one in entries:
            archive.writestr(one, b"x")
    with pytest.raises(BadBundle, match="no file of a bundle"), unpacked(tmp_path / "x.zip"):
        pass


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_a_file_twice_is_not_unpacked(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("checkpoint", b"x")
        archive.writestr("checkpoint", b"y")
    with pytest.raises(BadBundle, match="twice"), unpacked(tmp_path / "x.zip"):
        pass


def test_a_zip_with_a_damaged_byte_is_told(tmp_path: Path) -> None:
    """Whichever byte it is: either the file is read as it was, or it is said that it cannot be."""
    with ZipFile(tmp_path / "x.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("checkpoint", b"well compressed " * 9)
    whole = (tmp_path / "x.zip").read_bytes()
    codes = Counter[int]()
    for at in range(len(whole)):
        (tmp_path / "x.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 7]) + whole[at + 1 :])
        codes[redress("verify", tmp_path / "x.zip").returncode] += 1
    assert codes[2] > codes[1]
    # 1: it was read, and is no whole bundle
    assert codes.keys() <= {1, 2}


def test_a_zip_packed_otherwise_and_damaged_is_told(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w", ZIP_LZMA) as archive:
        archive.writestr("checkpoint", b"well compressed " * 9)
    whole = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(whole[:55] + bytes([whole[55] ^ 255]) + whole[56:])
    assert redress("verify", tmp_path / "x.zip").returncode == 2


# ---- states ---------------------------------------------------------------------------------------------------------
def line(position: int, version: int, topic: str = "team.renamed", data: str = '{"name":"x"}') -> bytes:
    meta = (
        '{"actor":"a1","at":"2026-03-01T00:00:00Z","correlation_id":"00000000-0000-0000-0000-000000000001",'
        '"causation_id":"00000000-0000-0000-0000-000000000001","command_id":"00000000-0000-0000-0000-000000000001"}'
    )
    return (
        f'{{"position":{position},"stream":"00000000-0000-0000-0000-00000000000a","version":{version},'
        f'"topic":"{topic}","body":{{"v":1,"data":{data},"meta":{meta}}}}}\n'
    ).encode()


def test_a_stream_in_part_is_read_but_has_no_state() -> None:
    told = rederive([line(1, 1), line(4, 3), line(5, 4)])
    assert (told.streams, told.partial, told.unfoldable) == ({}, 1, [])


def test_an_event_that_cannot_be_read_is_named() -> None:
    told = rederive([line(1, 1), line(2, 2, data='{"name":5}'), line(3, 2), line(4, 3, topic="team.danced")])
    assert [(one.position, one.why) for one in told.unfoldable] == [(2, "Unreadable"), (4, "Unreadable")]
    assert told.streams == {"team": 1}


@pytest.mark.parametrize("bad", [b"no JSON\n", b"{}\n", line(2, 2)[:-3], line(2, 2).replace(b"team", b"\xff")])
def test_a_line_that_cannot_be_read_is_named(bad: bytes) -> None:
    told = rederive([line(1, 1), bad, line(3, 2)])
    assert [(one.line, one.position) for one in told.unfoldable] == [(2, None)]
    assert told.streams == {"team": 1}


def test_a_line_that_cannot_be_read_is_told_by_the_command(bundle: Path) -> None:
    with patch.object(rederive_module, "_line", lambda _: msgspec.json.decode(b"")):
        done = redress("verify", bundle)
    assert (done.returncode, done.stderr) == (1, "")
    assert "  events.jsonl 1, position -: DecodeError" in done.stdout


@pytest.mark.parametrize("topic", sorted(EVENTS))
def test_every_event_is_folded_by_some_decider(topic: str) -> None:
    """A new kind of aggregate needs its row in adapters/proof/rederive.py."""
    assert decider_of(topic) in {decider for _, decider in DECIDERS}


def test_what_nothing_folds_is_told() -> None:
    with pytest.raises(LookupError, match="nothing folds"):
        decider_of("test.happened")


# ---- witness --------------------------------------------------------------------------------------------------------
@pytest.fixture
def witness(service: Service, tmp_path: Path) -> Iterator[Callable[..., Done]]:
    with listening(service) as url:

        def run(*words: object) -> Done:
            return redress("witness", url, "--keep", tmp_path / "kept", *words, REDRESS_API_KEY=service.keys["auditor"])

        yield run


def test_the_witness_follows_a_service(
    witness: Callable[..., Done], service: Service, case: Case, bundle: Path, tmp_path: Path
) -> None:
    first = witness("--json")
    told = document(first)
    assert (first.returncode, told["taken"], told["before"]) == (0, True, None)
    assert told["key"] == service.get("/api/v1/audit/keys", who="auditor")["newest"]
    position = service.receive().position
    service.get(f"/api/v1/audit/checkpoint?min_position={position}", who="auditor")
    again = document(witness("--json"))
    assert (again["before"], again["size"]) == (told["size"], position)
    assert "已接受 / taken" in witness().stdout
    # an older bundle than what is held by now
    older = redress("witness", bundle, "--keep", tmp_path / "kept")
    assert older.returncode == 1
    assert "REFUSED: the log was cut off or put back" in older.stdout
    assert case.position < position


def test_a_key_that_was_given_is_compared(witness: Callable[..., Done]) -> None:
    stranger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert witness("--key", stranger).returncode == 1
    assert witness("--key", "nonsense").returncode == 1


def test_a_service_that_is_not_there_is_exit_code_4(tmp_path: Path) -> None:
    done = redress("witness", "http://127.0.0.1:9", "--keep", tmp_path / "kept")
    assert (done.returncode, done.stdout) == (4, "")
    assert "did not answer" in done.stderr


def test_a_key_that_is_no_auditors_is_exit_code_4(service: Service, tmp_path: Path) -> None:
    with listening(service) as url:
        done = redress("witness", url, "--keep", tmp_path / "kept", REDRESS_API_KEY=service.keys["agent"])
    assert done.returncode == 4
    assert "answered 403: is the key an auditor's?" in done.stderr


# ---- keys -----------------------------------------------------------------------------------------------------------
def test_a_renewed_key_signs_and_the_witness_follows(
    witness: Callable[..., Done], service: Service, tmp_path: Path
) -> None:
    before = document(witness("--json"))["key"]
    home = {"REDRESS_HOME": str(tmp_path), "REDRESS_DATABASE_URL": service.services.dsn, "REDRESS_MASTER_KEY": KEY}
    done = redress("key", "renew", "--json", **home)
    assert done.returncode == 0, done.stderr
    after = document(done)["key"]
    position = service.receive().position
    service.get(f"/api/v1/audit/checkpoint?min_position={position}", who="auditor")
    told = document(witness("--json"))
    assert (told["key"], told["size"]) == (after, position)
    assert after != before
