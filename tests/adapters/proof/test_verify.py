"""The one-file verifier: what is whole holds, what was touched does not, and it says where and what."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from adapters.proof import verify
from adapters.proof.bundle import BundleRefused, NothingThere, canonical
from adapters.proof.selection import ALL, Kind, Selection
from adapters.proof.signing_keys import NotSealedYet
from application.proof.leaf import leaf
from application.proof.note import Checkpoint, signed
from application.proof.tree import leaf_hash
from application.streams import clock_stream
from domain.values import CaseId
from tests.adapters.proof.notary import Notary, faults


@pytest.fixture
def log(notary: Notary) -> Notary:
    """Three streams of which two are mingled, a gap in the positions, two keys."""
    first = notary.record(3)
    second = notary.record(2)
    notary.record(2, first)
    notary.seal()
    notary.rotate()
    notary.record(position=40)
    notary.record(300, second, words="a1001")
    notary.seal()
    return notary


def mend(folder: Path) -> None:
    """Make the manifest name what is there now."""
    names = [name for name in verify.names_in(folder) if name != "manifest.json"]
    digests = {name: sha256((folder / name).read_bytes()).hexdigest() for name in names}
    (folder / "manifest.json").write_bytes(canonical(digests))


# ---- what is whole --------------------------------------------------------------------------------------------------
def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run it as an auditor does, where nothing else is to be found."""
    command = [sys.executable, "-I", "-S", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={}, cwd="/")


def test_the_whole_log_is_proven_by_a_bare_python(log: Notary) -> None:
    folder = log.bundle()
    said = run(folder / "verify.py", folder)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.startswith("成立 / HOLDS\n")
    assert f"  检查点 / head 308 events, root {log.head().root.hex()}\n" in said.stdout
    assert f"  公钥 / key {log.chain().newest}\n" in said.stdout
    assert "None was removed: these are all events up to this head." in said.stdout
    assert "That what was recorded is true" in said.stdout


def test_a_part_is_proven_and_what_is_not_is_said(log: Notary) -> None:
    (stream,) = log.rows("SELECT originator_id FROM log.events WHERE notification_id = 40")[0]
    folder = log.bundle(Selection(Kind.CASE, str(stream)))
    said = run(folder / "verify.py", folder)
    assert said.returncode == 0
    assert f"selection case={stream}: 1 events" in said.stdout
    assert "None was removed" not in said.stdout
    assert "there is the operator's signature alone" in said.stdout


def test_it_needs_nothing_newer_than_python_3_9() -> None:
    text = Path(verify.__file__).read_text("utf-8")
    tree = ast.parse(text, feature_version=(3, 9))
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


def test_without_a_folder_it_says_how(tmp_path: Path) -> None:
    said = run(Path(verify.__file__))
    assert said.returncode == 2
    assert "verify.py FOLDER" in said.stderr
    assert run(Path(verify.__file__), tmp_path).returncode == 1


@pytest.mark.parametrize("events", [0, 1, 2, 255, 256, 257, 513])
def test_logs_of_every_size_hold(notary: Notary, events: int) -> None:
    notary.record(events)
    notary.seal()
    assert faults(notary.bundle()) == []


@pytest.mark.parametrize(
    ("selection", "events"),
    [
        (ALL, 308),
        (Selection(Kind.MONTH, "2026-03"), 308),
        (Selection(Kind.AGENT, "a1001"), 300),
    ],
)
def test_every_selection_holds(log: Notary, selection: Selection, events: int) -> None:
    folder = log.bundle(selection)
    assert faults(folder) == []
    assert len((folder / "events.jsonl").read_bytes().splitlines()) == events


def test_each_case_holds_whatever_lies_between_its_events(log: Notary) -> None:
    for (stream,) in log.rows("SELECT DISTINCT originator_id FROM log.events"):
        assert faults(log.bundle(Selection(Kind.CASE, str(stream)))) == []


def test_a_case_comes_with_its_clocks(log: Notary) -> None:
    case = log.record(2)
    clocks = clock_stream(CaseId(str(case))).id
    log.record(2, clocks)
    log.record(1, case)
    log.seal()
    folder = log.bundle(Selection(Kind.CASE, str(case)))
    assert faults(folder) == []
    assert verify.streams_of(str(case)) == {str(case).encode(), str(clocks).encode()}
    lines = [json.loads(one) for one in (folder / "events.jsonl").read_bytes().splitlines()]
    assert [one["stream"] for one in lines] == [str(one) for one in (case, case, clocks, clocks, case)]


def test_a_month_is_one_of_the_local_time(notary: Notary) -> None:
    for at in ("2026-02-28T15:59:59Z", "2026-02-28T16:00:00Z", "2026-03-31T15:59:59Z", "2026-03-31T16:00:00Z"):
        state = f'{{"v":1,"data":{{}},"meta":{{"at":"{at}"}}}}'
        notary.record()
        notary.tamper(
            "UPDATE log.events SET state = %s WHERE notification_id = (SELECT max(notification_id) FROM log.events)",
            state.encode(),
        )
    notary.seal()
    folder = notary.bundle(Selection(Kind.MONTH, "2026-03"))
    assert faults(folder) == []
    assert [json.loads(one)["position"] for one in (folder / "events.jsonl").read_bytes().splitlines()] == [2, 3]


def test_what_is_stored_stands_there_byte_for_byte(log: Notary) -> None:
    lines = (log.bundle() / "events.jsonl").read_bytes().splitlines(keepends=True)
    stored = log.rows(
        "SELECT notification_id, originator_id, originator_version, topic, state FROM log.events ORDER BY 1"
    )
    assert lines == [
        f'{{"position":{position},"stream":"{stream}","version":{version},"topic":"{topic}","body":'.encode()
        + state
        + b"}\n"
        for position, stream, version, topic, state in stored
    ]


def test_the_manifest_names_all_other_files_and_nothing_else(log: Notary) -> None:
    folder = log.bundle()
    digests = json.loads((folder / "manifest.json").read_bytes())
    assert digests == {
        file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "manifest.json"
    }
    assert {*verify.OWN} | {"schemas/case.noted.json"} <= {*digests}


def test_the_same_log_gives_the_same_bytes(log: Notary) -> None:
    log.export(ALL, log.home / "one.zip")
    log.export(ALL, log.home / "two.zip")
    assert (log.home / "one.zip").read_bytes() == (log.home / "two.zip").read_bytes()


def test_who_took_what_is_recorded(log: Notary) -> None:
    log.export(ALL, log.home / "one.zip")
    log.export(Selection(Kind.AGENT, "a1001"), log.home / "two.zip")
    assert log.rows("SELECT actor, selection, size, events FROM proof.exports ORDER BY at") == [
        ("u1", "all", 308, 308),
        ("u1", "agent=a1001", 308, 300),
    ]


def test_there_is_no_bundle_of_nothing(notary: Notary) -> None:
    with pytest.raises(NotSealedYet):
        notary.export(ALL, notary.home / "none.zip")
    notary.record()
    notary.seal()
    with pytest.raises(NothingThere, match="of agent=a2"):
        notary.export(Selection(Kind.AGENT, "a2"), notary.home / "none.zip")


def test_an_event_that_was_slipped_in_is_in_no_part(log: Notary) -> None:
    log.record(position=30, words="a1001")
    with pytest.raises(BundleRefused, match="position 30 was never sealed"):
        log.export(Selection(Kind.AGENT, "a1001"), log.home / "none.zip")
    assert "first bad leaf: 7 (line 8 of events.jsonl)" in " ".join(faults(log.bundle()))


# ---- what was touched -----------------------------------------------------------------------------------------------
def test_the_first_bad_leaf_is_named(log: Notary) -> None:
    log.tamper("UPDATE log.events SET state = state || ' ' WHERE notification_id IN (5, 200)")
    found = " ".join(faults(log.bundle()))
    assert "first bad leaf: 4 (line 5 of events.jsonl)" in found
    (stream,) = log.rows("SELECT originator_id FROM log.events WHERE notification_id = 5")[0]
    assert "first bad leaf: 4 (line 2 of" in " ".join(faults(log.bundle(Selection(Kind.CASE, str(stream)))))
    assert run(log.home / "bundle" / "verify.py", log.home / "bundle").returncode == 1


def edit(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def edited(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return edited


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("manifest.json", edit(b"{", b"{ "), "manifest.json is not written"),
        ("manifest.json", edit(b"\n}", b',\n "x": "y"\n}'), "x is not the file"),
        ("keys.json", edit(b'"first"', b' "first"'), "keys.json is not written"),
        ("keys.json", edit(b"/rotation", b"/rotating"), "not signed by"),
        ("keys.json", edit(b'"first": "redress', b'"first": "regress'), "public key in keys.json"),
        ("checkpoint", edit(b"\n308\n", b"\n307\n"), "checkpoint: it is not signed"),
        ("checkpoint", lambda data: data + b"\n", "checkpoint: it is not signed"),
        ("checkpoint", lambda data: data + data.splitlines(keepends=True)[-1], "checkpoint: it is not signed"),
        ("statement", edit(b"\nall\n", b"\nmonth=2026-03\n"), "statement: it is not signed"),
        ("events.jsonl", edit(b'"n":1', b'"n":2'), "first bad leaf: 0 (line 1"),
        ("events.jsonl", edit(b'"position":2,', b'"position":02,'), "first bad leaf: 1 (line 2"),
        ("events.jsonl", edit(b'{"position":2,', b'{"position": 2,'), "first bad leaf: 1 (line 2"),
        ("events.jsonl", lambda data: data.removesuffix(b"\n"), "first bad leaf: 307 (line 308"),
        ("events.jsonl", lambda data: data + b"\n", "line 309"),
        ("events.jsonl", lambda data: data[data.index(b"\n") + 1 :], "first bad leaf: 0"),
        ("events.jsonl", lambda data: data.replace(b"\n", b"\r\n"), "first bad leaf: 0"),
        ("leaves.bin", lambda data: bytes([data[0] ^ 1]) + data[1:], "first bad leaf: 0"),
        ("leaves.bin", lambda data: data[:-1], "leaves.bin is not as long"),
        ("leaves.bin", lambda data: data + bytes(32), "leaves.bin is not as long"),
        ("proof.bin", lambda data: data + bytes(32), "proof.bin is not as long"),
        ("schemas/case.noted.json", lambda data: data + b"\n", "case.noted.json is not written"),
        ("schemas/case.noted.json", edit(b"case.noted", b"case.voted"), "not the one the signed statement names"),
        ("README.md", edit(b"proven", b"proved"), "not the one the signed statement names"),
        ("verify.py", lambda data: b"print('HOLDS')\n" + data, "not the one the signed statement names"),
    ],
)
def test_every_file_has_one_form(log: Notary, name: str, change: Callable[[bytes], bytes], why: str) -> None:
    folder = log.bundle()
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    if name != "manifest.json":
        assert f"{name} is not the file that the manifest names" in faults(folder)
        mend(folder)
    assert why in " ".join(faults(folder))


@pytest.mark.parametrize("name", [*verify.OWN, "manifest.json", "schemas/case.noted.json"])
def test_no_file_may_be_missing(log: Notary, name: str) -> None:
    folder = log.bundle()
    (folder / name).unlink()
    assert faults(folder)
    if name != "manifest.json":
        mend(folder)
    assert faults(folder)


def test_nothing_else_may_lie_there(log: Notary) -> None:
    folder = log.bundle()
    for make in (
        lambda: (folder / "notes.txt").write_text("x"),
        lambda: (folder / "schemas" / "more.txt").write_text("x"),
        lambda: (folder / ".hidden").symlink_to(folder / "README.md"),
        lambda: os.mkfifo(folder / "pipe"),
    ):
        make()
        [fault] = faults(folder)
        assert "does not belong here" in fault or "no ordinary file" in fault
        log.bundle()


def test_a_part_cannot_pass_for_another(log: Notary) -> None:
    """The statement says what was selected, and it is signed."""
    mine = log.bundle(Selection(Kind.AGENT, "a1001"))
    others = log.bundle(ALL, "others")
    (mine / "statement").write_bytes((others / "statement").read_bytes())
    mend(mine)
    assert faults(mine)


# ---- an operator who lies, and signs it -----------------------------------------------------------------------------
def lie(log: Notary, folder: Path, *, selection: str | None = None, ranges: str | None = None) -> None:
    """Sign another statement over what now lies there, with the log's own key."""
    signer = log.signer()
    lines = verify.opened("statement", (folder / "statement").read_bytes(), verify.key_of(str(signer.key)))
    names = [name for name in verify.names_in(folder) if name not in {"manifest.json", "statement"}]
    digests = [f"{sha256((folder / name).read_bytes()).hexdigest()} {name}" for name in names]
    said = [lines[0], selection or lines[1], ranges or lines[2], *digests]
    (folder / "statement").write_text(signed("".join(f"{one}\n" for one in said), signer), "utf-8")
    mend(folder)


def test_what_is_signed_anew_without_a_change_still_holds(log: Notary) -> None:
    folder = log.bundle()
    lie(log, folder)
    assert faults(folder) == []


def test_a_part_signed_as_all_is_found(log: Notary) -> None:
    folder = log.bundle(Selection(Kind.AGENT, "a1001"))
    lie(log, folder, selection="all")
    assert "these are not all events" in faults(folder)


def test_events_of_others_signed_as_a_case_are_found(log: Notary) -> None:
    (stream,) = log.rows("SELECT originator_id FROM log.events WHERE notification_id = 5")[0]
    folder = log.bundle(ALL)
    lie(log, folder, selection=f"case={stream}")
    assert "there are events of another case" in " ".join(faults(folder))


def test_a_case_without_its_beginning_is_found(log: Notary) -> None:
    """Leaves and proof are those of what is left, so that nothing but the versions tells."""
    log.record(1, UUID(int=7))
    log.record(1, UUID(int=8), words="later")
    log.versions[UUID(int=8)] = 1
    log.record(1, UUID(int=7), words="later")
    log.seal()
    folder = log.bundle(Selection(Kind.AGENT, "later"))
    assert faults(folder) == []
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    assert [json.loads(one)["version"] for one in lines] == [1, 2]
    lie(log, folder, selection=f"case={UUID(int=7)}")
    assert "line 2 is out of order" in " ".join(faults(folder))


@pytest.mark.parametrize(
    ("ranges", "why"),
    [
        ("0+309", "do not lead to the signed root"),
        ("0+308 308+1", "not written as they must be"),
        ("1+2 0+1", "not written as they must be"),
        ("0+100 100+208", "not written as they must be"),
        ("00+308", "not written as they must be"),
        ("0+0", "not written as they must be"),
        ("-", "not as long"),
        ("9+308", "do not lead to the signed root"),
    ],
)
def test_leaves_signed_as_others_are_found(log: Notary, ranges: str, why: str) -> None:
    folder = log.bundle()
    lie(log, folder, ranges=ranges)
    assert why in " ".join(faults(folder))


@pytest.mark.parametrize("position", [1, 2, 3])
def test_a_stream_with_a_gap_that_was_sealed_all_the_same_is_found(notary: Notary, position: int) -> None:
    stream = notary.record(3)
    notary.record()
    notary.tamper("UPDATE log.events SET originator_version = 9 WHERE notification_id = %s", position)
    notary.seal()
    for selection in (ALL, Selection(Kind.CASE, str(stream))):
        [fault] = faults(notary.bundle(selection))
        assert "is out of order" in fault


def test_an_event_beyond_the_head_is_found(log: Notary) -> None:
    """It was never sealed: no leaf of the tree speaks for it."""
    folder = log.bundle(Selection(Kind.MONTH, "2026-03"))
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    more = [
        *lines,
        lines[-1].replace(b'{"position":340,', b'{"position":900,').replace(b'"version":302', b'"version":303'),
    ]
    hashes = verify.Events(more, whole=False).hashes
    (folder / "events.jsonl").write_bytes(b"".join(more))
    (folder / "leaves.bin").write_bytes(b"".join(hashes))
    lie(log, folder, ranges="0+308 400+1")
    assert faults(folder) == ["the leaves and the proof do not lead to the signed root"]


BODY = b'{"v":1,"data":{"n":302,"words":"a1001"},"meta":{"at":"2026-03-01T00:00:00Z"}}'


@pytest.mark.parametrize(
    "body",
    [
        BODY + b',"body":' + BODY,
        BODY + b',"more":1',
        BODY[:-1] + b',"data":{}}',
        BODY[:-1] + b',"m\\u0065ta":{}}',
        BODY.replace(b'"n":302', b'"n":302,"n":303'),
        BODY.replace(b'"n":302', b'"n":[{"x":1,"x":1}]'),
        BODY.replace(b"302", b"NaN"),
        BODY.replace(b"302", b"0302"),
        BODY.replace(b"302", b"[" * 200_000 + b"]" * 200_000),
        BODY.replace(b"a1001", b"\xff"),
        BODY.replace(b"a1001", b"\0"),
        BODY[:-1],
        b"{no JSON}",
    ],
    ids=range(13),
)
def test_a_line_that_is_not_one_event_does_not_hold_though_its_leaf_is_sealed(log: Notary, body: bytes) -> None:
    """The leaf is that of these very bytes, and the head is signed: nothing but the line itself tells."""
    position, stream, version = log.rows(
        "SELECT notification_id, uuid_send(originator_id), originator_version FROM log.events ORDER BY 1 DESC LIMIT 1"
    )[0]
    folder = log.bundle()
    last = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)[-1]
    sealed_as(log, folder, last.replace(BODY, body), leaf_hash(leaf(position, stream, version, b"case.noted", body)))
    assert faults(folder) == [MALFORMED]


def test_what_is_sealed_so_and_is_one_event_holds(log: Notary) -> None:
    """What the other tests do beside what they are about is not what is found."""
    folder = log.bundle()
    last = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)[-1]
    sealed_as(log, folder, last, (folder / "leaves.bin").read_bytes()[-32:])
    assert BODY in last
    assert faults(folder) == []


@pytest.mark.parametrize("text", [b"anything\n", b"{}\n", b"\n", b'{"position":340,"body":{}}\n'])
@pytest.mark.parametrize("leaf_sealed", [bytes(32), b""])
def test_nothing_stands_for_a_line_that_is_not_one_event(log: Notary, text: bytes, leaf_sealed: bytes) -> None:
    folder = log.bundle()
    sealed_as(log, folder, text, leaf_sealed)
    assert MALFORMED.replace("307", "-" if leaf_sealed == b"" else "307") in faults(folder)


MALFORMED = "first bad leaf: 307 (line 308 of events.jsonl): it is not written as one event must be"


def sealed_as(log: Notary, folder: Path, last: bytes, last_leaf: bytes) -> None:
    """Put a line and a leaf in place of the last ones, and sign a head of that tree."""
    signer = log.signer()
    lines = (folder / "events.jsonl").read_bytes().splitlines(keepends=True)
    leaves = (folder / "leaves.bin").read_bytes()[:-32] + last_leaf
    (folder / "events.jsonl").write_bytes(b"".join(lines[:-1]) + last)
    (folder / "leaves.bin").write_bytes(leaves)
    head = Checkpoint(signer.name, len(leaves) // 32, verify.root_of(leaves))
    (folder / "checkpoint").write_text(signed(str(head), signer), "utf-8")
    lie(log, folder, ranges=f"0+{head.size}")


def test_a_schema_left_out_is_found(log: Notary) -> None:
    folder = log.bundle()
    (folder / "schemas" / "case.noted.json").unlink()
    lie(log, folder)
    assert faults(folder) == ["no schema of case.noted"]


# ---- against an older head ------------------------------------------------------------------------------------------
def test_the_log_has_grown_out_of_every_head_held(log: Notary) -> None:
    held = [log.note()]
    for events in (1, 3, 700):
        log.record(events)
        log.seal()
        held.append(log.note())
    log.rotate()
    folder = log.bundle()
    for note in held:
        assert faults(folder, note) == []
        (log.home / "held").write_text(note, "utf-8")
        said = run(folder / "verify.py", folder, log.home / "held")
        assert said.returncode == 0
        assert "the history before it was not rewritten" in said.stdout


def test_a_log_cut_off_or_put_back_is_found_by_a_newer_head(log: Notary) -> None:
    before = log.bundle(name="before")
    log.record(5)
    log.seal()
    assert faults(before) == []
    [fault] = faults(before, log.note())
    assert fault.startswith("the log was cut off or put back: the checkpoint you hold has 313 events, this has 308")


def test_a_head_of_another_log_is_told(log: Notary, other_notary: Notary) -> None:
    other_notary.record(3)
    other_notary.seal()
    [fault] = faults(log.bundle(), other_notary.note())
    assert "not signed by this log" in fault


def test_a_part_cannot_be_held_against_an_older_head(log: Notary) -> None:
    held = log.note()
    part = Selection(Kind.AGENT, "a1001")
    assert faults(log.bundle(part), held) == []
    log.record()
    log.seal()
    [fault] = faults(log.bundle(part), held)
    assert "take one of all, or redress witness" in fault


# ---- Ed25519 --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("public", "text", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_examples_of_rfc_8032(public: str, text: str, signature: str) -> None:
    assert verify.signed_by(*map(bytes.fromhex, (public, text, signature)))
    assert not verify.signed_by(bytes.fromhex(public), bytes.fromhex(text) + b"x", bytes.fromhex(signature))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64), st.integers(0, 511), st.integers(0, 255))
def test_signatures_of_the_library_are_taken_and_changed_ones_not(
    seed: bytes, text: bytes, bit: int, public_bit: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(text)
    assert verify.signed_by(public, text, signature)
    changed = (int.from_bytes(signature, "little") ^ 1 << bit).to_bytes(64, "little")
    assert not verify.signed_by(public, text, changed)
    assert not verify.signed_by(
        (int.from_bytes(public, "little") ^ 1 << public_bit).to_bytes(32, "little"), text, signature
    )
    order = (2**252 + 27742317777372353535851937790883648493) + int.from_bytes(signature[32:], "little")
    assert not verify.signed_by(public, text, signature[:32] + order.to_bytes(33, "little")[:32])


def test_a_key_has_one_way_of_writing() -> None:
    """The neutral point signs anything, and could be written twice, once beyond the field."""
    neutral, base = 1, bytes.fromhex("58" + 31 * "66")
    signature = base + (1).to_bytes(32, "little")
    assert verify.signed_by(neutral.to_bytes(32, "little"), b"anything", signature)
    assert not verify.signed_by((2**255 - 19 + neutral).to_bytes(32, "little"), b"anything", signature)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_and_signatures_have_their_length(length: int) -> None:
    assert not verify.signed_by(bytes(length), b"", bytes(64))
    assert not verify.signed_by(uuid4().bytes * 2, b"", bytes(2 * length))
