"""Time stamps of signed heads by an authority elsewhere (RFC 3161, A-1): a local openssl plays it and checks it."""

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import AsyncConnection

from adapters.proof import time_stamps, verify
from adapters.proof.bundle import BundleWriter
from adapters.proof.selection import ALL, Kind, Selection
from adapters.proof.time_stamps import NotStamped, Stamper, TimeStamp, check, request, stamp
from adapters.settings import BadSetting, settings
from tests.adapters.proof.notary import Notary

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
[stamper]
basicConstraints = CA:FALSE
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""
Answer = Callable[[bytes], bytes]


@dataclass
class Authority:
    """A time stamping authority on a socket of this machine; `answer` makes its answers."""

    folder: Path
    answer: Answer
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    def verified(self, stamped: Path, answer: Path) -> bool:
        """What the auditor is told to run."""
        return openssl("ts", "-verify", "-in", answer, "-data", stamped, "-CAfile", self.folder / "root.pem") == 0


def openssl(*words: object, quiet: bool = True) -> int:
    done = subprocess.run(["openssl", *map(str, words)], capture_output=quiet, check=False)
    return done.returncode


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys and certificates of an authority."""
    if shutil.which("openssl") is None:
        assert "CI" not in os.environ, "openssl is missing: install it"
        pytest.skip("openssl is missing")
    folder = Path(tmp_path_factory.mktemp("authority"))
    (folder / "conf").write_text(CONFIGURATION.format(folder=folder))
    (folder / "serial").write_text("01\n")
    made = ("-newkey", "rsa:2048", "-nodes", "-config", folder / "conf")
    root = ("-keyout", folder / "root.key", "-out", folder / "root.pem", "-subj", "/CN=root", "-extensions", "root")
    assert openssl("req", "-x509", *made, *root, "-days", "3650") == 0
    own = ("-keyout", folder / "own.key", "-out", folder / "own.csr", "-subj", "/CN=authority")
    assert openssl("req", *made, *own) == 0
    issued = ("-in", folder / "own.csr", "-out", folder / "own.pem", "-CA", folder / "root.pem")
    keys = ("-CAkey", folder / "root.key", "-CAcreateserial", "-extfile", folder / "conf", "-extensions", "stamper")
    assert openssl("x509", "-req", *issued, *keys, "-days", "3650") == 0
    return folder


@pytest.fixture
def authority(folder: Path) -> Iterator[Authority]:
    def answer(query: bytes) -> bytes:
        (folder / "query").write_bytes(query)
        signer = ("-signer", folder / "own.pem", "-inkey", folder / "own.key", "-config", folder / "conf")
        assert openssl("ts", "-reply", "-queryfile", folder / "query", *signer, "-out", folder / "answer") == 0
        return (folder / "answer").read_bytes()

    authority = Authority(folder, answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            authority.asked.append(query)
            answered = authority.answer(query)
            self.send_response(200)
            self.send_header("content-length", str(len(answered)))
            self.end_headers()
            self.wfile.write(answered)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        authority.url = f"http://127.0.0.1:{server.server_address[1]}/"
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield authority
        server.shutdown()
        serving.join()


def stamped(notary: Notary, authority: Authority) -> TimeStamp | None:
    async def run() -> TimeStamp | None:
        async with await AsyncConnection.connect(notary.database.app, autocommit=True) as connection:
            return await stamp(connection, authority.url)

    return asyncio.run(run())


def bundled(notary: Notary, folder: Path, selection: Selection = ALL) -> Path:
    writer = BundleWriter(notary.database.app, notary.keys)
    folder.mkdir()
    asyncio.run(writer.write(selection, folder / "x.zip", "u1"))
    with ZipFile(folder / "x.zip") as archive:
        archive.extractall(folder / "x")
    return folder / "x"


# ---- stamping -------------------------------------------------------------------------------------------------------
def test_a_head_is_stamped_once_and_the_stamp_stands_beside_it(notary: Notary, authority: Authority) -> None:
    assert stamped(notary, authority) is None
    notary.record(3)
    notary.seal()
    made = stamped(notary, authority)
    assert made is not None
    assert notary.rows("SELECT size, note, answer FROM proof.time_stamps") == [(3, notary.note(), made.answer)]
    assert stamped(notary, authority) is None
    assert len(authority.asked) == 1
    notary.record()
    notary.seal()
    assert stamped(notary, authority) is not None
    assert notary.rows("SELECT size FROM proof.time_stamps ORDER BY size") == [(3,), (4,)]


def test_the_service_has_heads_stamped_while_it_runs(
    notary: Notary, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority that does not answer rightly is asked again."""
    monkeypatch.setattr(time_stamps, "EVERY_S", 0.01)
    right, tries = authority.answer, iter(range(3))
    authority.answer = lambda query: right(query) if next(tries, None) is None else b"later"
    notary.record(2)
    notary.seal()

    async def run() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(Stamper(notary.database.app, authority.url).run(stop))
        async with asyncio.timeout(30):
            while not notary.rows("SELECT FROM proof.time_stamps"):  # noqa: ASYNC110  it lies in the database
                await asyncio.sleep(0.02)
        stop.set()
        await running

    asyncio.run(run())
    assert len(authority.asked) == 4


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "no TimeStampResp"),
        (b"<html>", "no TimeStampResp"),
        (bytes.fromhex("3003020100"), "no TimeStampResp"),
        (bytes.fromhex("30053003020102"), "refuses"),
        (bytes.fromhex("30053003020100"), "refuses"),
        (bytes.fromhex("300730030201003000"), "something else"),
        (bytes.fromhex("30820005"), "no TimeStampResp"),
    ],
)
def test_what_is_no_stamp_of_the_head_is_not_kept(
    notary: Notary, authority: Authority, answer: bytes, why: str
) -> None:
    notary.record()
    notary.seal()
    authority.answer = lambda _: answer
    with pytest.raises(NotStamped, match=why):
        stamped(notary, authority)
    assert notary.rows("SELECT FROM proof.time_stamps") == []


def test_a_stamp_of_another_head_or_for_another_question_is_not_kept(notary: Notary, authority: Authority) -> None:
    notary.record()
    notary.seal()
    digest = sha256(notary.note().encode()).digest()
    nonce = 2**62
    for sent in (request(bytes(32), nonce), request(digest, nonce + 1)):
        old = authority.answer(sent)
        with pytest.raises(NotStamped, match="something else"):
            check(old, digest, nonce)
    check(authority.answer(request(digest, nonce)), digest, nonce)


def test_an_authority_that_is_not_there_is_told(notary: Notary) -> None:
    notary.record()
    notary.seal()
    with pytest.raises(NotStamped, match="did not answer"):
        stamped(notary, Authority(Path(), bytes, url="http://127.0.0.1:9/"))


@given(st.binary(max_size=60), st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1))
def test_whatever_is_answered_it_is_a_stamp_or_refused(answer: bytes, digest: bytes, nonce: int) -> None:
    with pytest.raises(NotStamped):
        check(answer, digest, nonce)


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1))
def test_a_request_is_der(digest: bytes, nonce: int) -> None:
    sent = request(digest, nonce)
    assert sent[1] == len(sent) - 2 < 128
    assert digest in sent


def test_openssl_reads_the_request_as_it_is_meant(folder: Path, tmp_path: Path) -> None:
    assert folder.is_dir()
    (tmp_path / "query").write_bytes(request(bytes(range(32)), 2**63 - 1))
    words = ["openssl", "ts", "-query", "-in", str(tmp_path / "query"), "-text"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    for word in ("Version: 1", "Hash Algorithm: sha256", "Nonce: 0x7FFFFFFFFFFFFFFF", "Certificate required: yes"):
        assert word in told


# ---- in bundles -----------------------------------------------------------------------------------------------------
def test_a_bundle_carries_the_stamp_and_openssl_checks_it(notary: Notary, authority: Authority, tmp_path: Path) -> None:
    notary.record(3)
    notary.seal()
    assert stamped(notary, authority)
    notary.record(2)
    notary.seal()
    folder = bundled(notary, tmp_path / "all")
    checked = verify.check(folder)
    assert checked.faults == []
    assert (checked.facts["stamped"], checked.facts["stamped_compared"]) == (3, True)
    told = "\n".join(verify.told(checked, held=False))
    assert "openssl ts -verify -in time_stamp.tsr -data stamped_checkpoint -CAfile AUTHORITY.pem" in told
    assert authority.verified(folder / "stamped_checkpoint", folder / "time_stamp.tsr")
    assert not authority.verified(folder / "checkpoint", folder / "time_stamp.tsr")


def test_of_a_part_it_is_told_that_the_stamped_head_was_not_compared(
    notary: Notary, authority: Authority, tmp_path: Path
) -> None:
    case = notary.record(2)
    notary.record(3)
    notary.seal()
    assert stamped(notary, authority)
    part = Selection(Kind.CASE, str(case))
    same = verify.check(bundled(notary, tmp_path / "same", part))
    assert (same.faults, same.facts["stamped_compared"]) == ([], True)
    notary.record()
    notary.seal()
    later = verify.check(bundled(notary, tmp_path / "later", part))
    assert (later.faults, later.facts["stamped_compared"]) == ([], False)
    assert "That this head has grown out of the stamped one" in "\n".join(verify.told(later, held=False))


def test_without_an_authority_a_bundle_says_nothing_of_it(notary: Notary, tmp_path: Path) -> None:
    notary.record()
    notary.seal()
    folder = bundled(notary, tmp_path / "all")
    assert not {"stamped_checkpoint", "time_stamp.tsr"} & {file.name for file in folder.iterdir()}
    assert "openssl" not in "\n".join(verify.told(verify.check(folder), held=False))


def test_history_that_was_rewritten_since_it_was_stamped_does_not_hold(
    notary: Notary, authority: Authority, tmp_path: Path
) -> None:
    """Whoever has the keys signs anew, but the authority's stamp is over the head that was."""
    notary.record(3)
    notary.seal()
    assert stamped(notary, authority)
    assert notary.tamper("UPDATE log.events SET topic = 'case.closed' WHERE notification_id = 2") == 1
    notary.sealed_anew()
    faults = [fault.en for fault in verify.check(bundled(notary, tmp_path / "all")).faults]
    assert any("history was rewritten" in fault for fault in faults)


def test_a_stamp_that_was_exchanged_does_not_hold(notary: Notary, authority: Authority, tmp_path: Path) -> None:
    """Even where all digests are made anew by whoever has the keys."""
    notary.record(3)
    notary.seal()
    made = stamped(notary, authority)
    assert made is not None
    notary.tamper("UPDATE proof.time_stamps SET answer = %s", authority.answer(request(bytes(32), 7)))
    faults = [fault.en for fault in verify.check(bundled(notary, tmp_path / "other")).faults]
    assert faults == ["the time stamp is not one of a head of this log"]
    notary.tamper("UPDATE proof.time_stamps SET answer = %s, note = 'no note'", made.answer)
    faults = [fault.en for fault in verify.check(bundled(notary, tmp_path / "noted")).faults]
    assert faults == ["the time stamp is not one of a head of this log"]


def test_a_stamp_without_its_checkpoint_is_not_whole(notary: Notary, authority: Authority, tmp_path: Path) -> None:
    notary.record()
    notary.seal()
    assert stamped(notary, authority)
    folder = bundled(notary, tmp_path / "all")
    (folder / "stamped_checkpoint").unlink()
    assert verify.check(folder).faults[0].en == "stamped_checkpoint is missing, or does not belong here"


# ---- settings -------------------------------------------------------------------------------------------------------
def test_the_authority_is_named_by_a_setting() -> None:
    assert settings({"REDRESS_TIME_STAMP_URL": "https://stamps.example.org/tsr"}).time_stamps
    assert settings({}).time_stamps is None
    for wrong in ("stamps.example.org", "ftp://stamps.example.org/", "https://", "file:///etc/passwd"):
        with pytest.raises(BadSetting, match="REDRESS_TIME_STAMP_URL"):
            settings({"REDRESS_TIME_STAMP_URL": wrong})
