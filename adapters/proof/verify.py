"""Proves a bundle of a Redress log, offline: `python3 -I -S verify.py FOLDER [CHECKPOINT]`.

FOLDER is the unpacked bundle, CHECKPOINT a head of the log that you hold from earlier. Exit code 0: all holds; 1: not.
This one file needs Python 3.9 or later and nothing else, so that it can be read before it is trusted.
"""

# ruff: noqa: B905, PLR2004  zip(strict=) is newer than Python 3.9; sizes stand where the format has them
from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import struct
import sys
import uuid
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

TAG = b"\0redress event 1\n"
OWN = ("README.md", "checkpoint", "events.jsonl", "keys.json", "leaves.bin", "proof.bin", "statement", "verify.py")
STAMP = ("stamped_checkpoint", "time_stamp.tsr")
CHUNK = 1 << 20
STREAMS = uuid.UUID("6b1f3a60-5d0c-4f6e-9c7a-0e5a4f1d2b3c")
_place = re.compile(
    rb'\{"position":([1-9][0-9]{0,18}),"stream":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",'
    rb'"version":([1-9][0-9]{0,18}),"topic":"([a-z0-9_.]+)","body":(?=\{)'
).match
_header = struct.Struct(">Q16sQII").pack
_sha256 = hashlib.sha256


class Fault(Exception):
    """What does not hold, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


# ---- Ed25519 (RFC 8032): it handles public data only, so it need not run in constant time ------------------
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _add(p: Any, q: Any) -> Any:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Any) -> Any:
    product = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            product = _add(product, point)
        point, scalar = _add(point, point), scalar >> 1
    return product


def _point(coded: bytes) -> Any:
    """The point of 32 bytes, None where they are none, or not written the one way they may be."""
    y = int.from_bytes(coded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if y >= _P or (x * x - square) % _P or (not x and sign):
        return None
    x = x if x & 1 == sign else _P - x
    return x, y, 1, x * y % _P


_BASE = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def signed_by(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether this is the key's signature of the text."""
    key, scalar = _point(public), int.from_bytes(signature[32:], "little")
    if key is None or len(public) != 32 or len(signature) != 64 or scalar >= _L:
        return False
    digest = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % _L
    minus = (_P - key[0], key[1], 1, _P - key[3])
    x, y, z, _ = _add(_times(scalar, _BASE), _times(digest, minus))
    inverse = pow(z, _P - 2, _P)
    coded: int = y * inverse % _P | (x * inverse % _P & 1) << 255
    return coded.to_bytes(32, "little") == signature[:32]


# ---- keys and signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint) ------------------------------------------
class Key(NamedTuple):
    """A log's public key."""

    name: str
    public: bytes
    text: str

    @property
    def id(self) -> bytes:
        """What tells it from other keys of its name."""
        return _sha256(self.name.encode() + b"\n\1" + self.public).digest()[:4]


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return data if base64.b64encode(data).decode() == text else b""


def key_of(text: str) -> Key:
    """A public key from its text. Raises Fault."""
    name, _, rest = text.partition("+")
    coded = _unbase64(rest.partition("+")[2])
    key = Key(name, coded[1:], text)
    if not name or len(coded) != 33 or coded[0] != 1 or text != name + "+" + key.id.hex() + "+" + rest[9:]:
        raise Fault("keys.json 里的公钥写法不对", "a public key in keys.json is not written as it must be")
    return key


def opened(name: str, note: bytes, *keys: Key) -> list[str]:
    """The lines of a note signed by exactly these keys, in this order. Raises Fault."""
    wrong = Fault(f"{name}:签名不成立", f"{name}: it is not signed by the key it must be signed by")
    try:
        text, between, lines = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        raise wrong from None
    signatures = lines.split("\n")
    if not between or len(signatures) != len(keys) + 1 or signatures.pop():
        raise wrong
    for key, line in zip(keys, signatures):
        head = "— " + key.name + " "
        signature = _unbase64(line[len(head) :])
        good = line.startswith(head) and signature[:4] == key.id
        if not good or not signed_by(key.public, text.encode() + b"\n", signature[4:]):
            raise wrong
    return text.split("\n")


class Head(NamedTuple):
    """How many events a tree has, and its root."""

    size: int
    root: bytes


def head_of(name: str, note: bytes, key: Key) -> Head:
    """The head in a signed checkpoint. Raises Fault."""
    lines = opened(name, note, key)
    if len(lines) != 3 or lines[0] != key.name or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
        raise Fault(f"{name}:不是检查点", f"{name}: it is no checkpoint of this log")
    root = _unbase64(lines[2])
    if len(root) != 32:
        raise Fault(f"{name}:树根写法不对", f"{name}: the root is not written as it must be")
    return Head(int(lines[1]), root)


def keys_of(document: bytes) -> list[Key]:
    """All keys of the log, oldest first; each after the first is brought in by a note of both. Raises Fault."""
    wrong = Fault("keys.json 写法不对", "keys.json is not written as it must be")
    listed = canonical("keys.json", document, sort_keys=True)
    if not isinstance(listed, dict) or set(listed) != {"first", "rotations"}:
        raise wrong
    keys = [key_of(str(listed["first"]))]
    for note in listed["rotations"]:
        lines = str(note).split("\n")
        following = key_of(lines[2] if len(lines) > 2 else "")
        said = opened("keys.json", str(note).encode(), keys[-1], following)
        if said != [keys[0].name + "/rotation", keys[-1].text, following.text] or following.name != keys[0].name:
            raise wrong
        keys.append(following)
    return keys


# ---- the tree (RFC 6962) ---------------------------------------------------------------------------------------------
def root_of(hashes: bytes) -> bytes:
    """The root over hashes of subtrees that are complete and equally high."""
    while len(hashes) > 32:
        odd = hashes[len(hashes) // 64 * 64 :]
        pairs = range(0, len(hashes) - 32, 64)
        hashes = b"".join([_sha256(b"\1" + hashes[at : at + 64]).digest() for at in pairs]) + odd
    return hashes or _sha256(b"").digest()


class Known:
    """The leaves a bundle holds: ranges of the tree, their hashes, and the hashes of the subtrees beside them."""

    def __init__(self, ranges: list[tuple[int, int]], leaves: bytes, beside: bytes) -> None:
        self.ranges, self.leaves, self._beside, self._at = ranges, leaves, beside, 0
        self._ends = [high for _, high in ranges]
        self._before, count = [], 0
        for low, high in ranges:
            self._before.append(count)
            count += high - low
        self.count = count

    def checked_root(self, size: int) -> bytes:
        """The root of the tree, with every hash used. Raises Fault."""
        if self.count * 32 != len(self.leaves):
            raise Fault("leaves.bin 长度不对", "leaves.bin is not as long as it must be")
        root = self.root(0, size) if size else _sha256(b"").digest()
        if self._at != len(self._beside):
            raise Fault("proof.bin 长度不对", "proof.bin is not as long as it must be")
        return root

    def root(self, low: int, high: int) -> bytes:
        """The hash over the leaves from low to before high."""
        at = bisect_right(self._ends, low)
        begin, end = self.ranges[at] if at < len(self.ranges) else (high, high)
        if begin >= high:
            self._at += 32
            return self._beside[self._at - 32 : self._at]
        if begin <= low and high <= end:
            first = 32 * (self._before[at] + low - begin)
            return root_of(self.leaves[first : first + 32 * (high - low)])
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        left = self.root(low, middle)
        return _sha256(b"\1" + left + self.root(middle, high)).digest()

    def indexes(self) -> Iterator[int]:
        """The indexes of the leaves, in order."""
        for low, high in self.ranges:
            yield from range(low, high)


# ---- the files -------------------------------------------------------------------------------------------------------
def canonical(name: str, data: bytes, *, sort_keys: bool) -> Any:
    """What a JSON file says, where it is written the one way it may be. Raises Fault."""
    try:
        value = json.loads(data)
        if (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=sort_keys) + "\n").encode() == data:
            return value
    except (ValueError, RecursionError):
        pass
    raise Fault(f"{name} 写法不对", f"{name} is not written as it must be")


def names_in(folder: Path) -> list[str]:
    """Every file below a folder, by its path with slashes. Raises Fault where something else lies there."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise Fault(f"{path.name} 不是普通文件", f"{path.name} is no ordinary file")
        if path.is_file():
            found.append(path.relative_to(folder).as_posix())
    return sorted(found)


class Bundle:
    """An unpacked bundle, and what has been found wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []
        self.facts: dict[str, Any] = {}

    def read(self, name: str) -> bytes:
        """A whole file. Raises Fault."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise Fault(f"缺少 {name}", f"{name} is missing") from None

    def digest(self, name: str) -> str:
        """The SHA-256 of a file."""
        digest = _sha256()
        with (self.folder / name).open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def check_manifest(self) -> dict[str, str]:
        """The digest of every file, as the manifest names them too. Raises Fault."""
        names = names_in(self.folder)
        schemas = [name for name in names if re.fullmatch(r"schemas/[a-z0-9_.]+\.json", name)]
        stamp = STAMP if {*STAMP} & {*names} else ()
        for name in sorted({*names} ^ {"manifest.json", *OWN, *schemas, *stamp}):
            raise Fault(f"{name} 缺少或多余", f"{name} is missing, or does not belong here")
        digests = {name: self.digest(name) for name in names if name != "manifest.json"}
        listed = canonical("manifest.json", self.read("manifest.json"), sort_keys=True)
        listed = listed if isinstance(listed, dict) else {}
        for name in sorted({*digests} | {*listed}):
            if digests.get(name) != listed.get(name):
                self.faults.append(Fault(f"{name} 与清单不符", f"{name} is not the file that the manifest names"))
        for name in schemas:
            canonical(name, self.read(name), sort_keys=False)
        return digests

    def check_statement(self, key: Key, digests: dict[str, str]) -> tuple[str, list[tuple[int, int]]]:
        """What the bundle is said to hold, and which leaves; every file must be the one that is named. Raises Fault."""
        lines = opened("statement", self.read("statement"), key)
        files = [f"{digests[name]} {name}" for name in sorted(digests) if name != "statement"]
        if len(lines) < 3 or lines[0] != key.name + "/bundle":
            raise Fault("statement 写法不对", "the statement is not written as it must be")
        if lines[3:] != files:
            self.faults.append(Fault("有文件与签名的说明不符", "a file is not the one the signed statement names"))
        ranges: list[tuple[int, int]] = []
        for word in lines[2].split(" ") if lines[2] != "-" else []:
            match = re.fullmatch(r"(0|[1-9][0-9]{0,18})\+([1-9][0-9]{0,18})", word)
            low = int(match[1]) if match else -1
            if match is None or (ranges and low <= ranges[-1][1]):
                raise Fault("statement 里的范围写法不对", "the ranges in the statement are not written as they must be")
            ranges.append((low, low + int(match[2])))
        return lines[1], ranges

    # ---- the events --------------------------------------------------------------------------------------------------
    def check_events(self, known: Known, selection: str) -> None:
        """Every event's bytes against its leaf, in order. Raises Fault, naming the first that is wrong."""
        with (self.folder / "events.jsonl").open("rb") as file:
            read = Events(file, whole=selection == "all" or selection.startswith("case="))
        self.facts["events"] = len(read.hashes)
        if read.malformed or b"".join(read.hashes) != known.leaves:
            at = next((i for i, one in enumerate(read.hashes) if one != known.leaves[32 * i : 32 * i + 32]), None)
            self._name(len(read.hashes) if at is None else at, known, malformed=read.malformed and at is None)
        if read.disorder is not None:
            raise Fault(
                f"events.jsonl 第 {read.disorder} 行次序不对", f"events.jsonl: line {read.disorder} is out of order"
            )
        if selection.startswith("case=") and {*read.versions} - streams_of(selection[5:]):
            raise Fault("含有别的个案的事件", "there are events of another case")
        lacking = {topic.decode() for topic in read.topics} - {name[8:-5] for name in names_in(self.folder)}
        if lacking:
            raise Fault(f"缺少 {', '.join(sorted(lacking))} 的结构说明", f"no schema of {', '.join(sorted(lacking))}")

    def _name(self, at: int, known: Known, *, malformed: bool) -> None:
        """Say which event is the first that is not what was sealed, or is not written as one. Raises Fault."""
        index = next((index for i, index in enumerate(known.indexes()) if i == at), None)
        leaf = "-" if index is None else str(index)
        zh, en = "事件被改动、插入、删除或调换", "an event was altered, inserted, removed or moved"
        if malformed:
            zh, en = "该行的写法不是一个事件", "it is not written as one event must be"
        raise Fault(
            f"第一个不符的叶子:{leaf}(events.jsonl 第 {at + 1} 行):{zh}",
            f"first bad leaf: {leaf} (line {at + 1} of events.jsonl): {en}",
        )


def streams_of(case: str) -> set[bytes]:
    """The streams of a case: its own, and that of its clocks."""
    return {case.encode(), str(uuid.uuid5(STREAMS, f"clocks:{case}")).encode()}


def _once(pairs: list[tuple[str, Any]]) -> int:
    """Refuse a key that stands twice: who reads on would choose between the two. Raises ValueError."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return 0


def _nothing(_: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have. Raises ValueError."""
    raise ValueError


# whole numbers stay texts: how long one may be is not the same in every Python
_read = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_nothing, parse_int=str).decode


def body_of(line: bytes, begin: int) -> bytes | None:
    """The body of a line, where that is one JSON object without a key twice and the line ends behind it; else None."""
    body = line[begin:-2]
    try:
        _read(body.decode())
    except (ValueError, RecursionError):
        return None
    return body if line[-2:] == b"}\n" else None


class Events:
    """What the lines of events.jsonl come to: the hash of each leaf, up to the first line that is not one event.

    Nothing stands for such a line: whatever did, an operator could seal.
    """

    def __init__(self, lines: Iterable[bytes], *, whole: bool) -> None:
        """whole: every stream is there from its first event, without gaps."""
        self.hashes: list[bytes] = []
        self.topics: set[bytes] = set()
        self.versions: dict[bytes, int] = {}
        self.disorder: int | None = None
        self.malformed = False
        last, add, versions, topics = 0, self.hashes.append, self.versions, self.topics
        for line in lines:
            match = _place(line)
            body = body_of(line, match.end()) if match else None
            if match is None or body is None:
                self.malformed = True
                break
            stream, topic = match[2], match[4]
            position, version, before = int(match[1]), int(match[3]), versions.get(stream, 0)
            if position <= last or version <= before or (whole and version != before + 1):
                self.disorder = self.disorder or len(self.hashes) + 1
            last, versions[stream] = position, version
            topics.add(topic)
            place = _header(position, binascii.unhexlify(stream.replace(b"-", b"")), version, len(topic), len(body))
            add(_sha256(TAG + place + topic + body).digest())


# ---- all of it -------------------------------------------------------------------------------------------------------
def check(folder: Path, held: bytes | None = None) -> Bundle:
    """Check an unpacked bundle, and that it follows a checkpoint held from earlier; see `faults` of what comes back."""
    bundle = Bundle(folder)
    try:
        _check(bundle, held)
    except Fault as fault:
        bundle.faults.append(fault)
    return bundle


def _check(bundle: Bundle, held: bytes | None) -> None:
    digests = bundle.check_manifest()
    keys = keys_of(bundle.read("keys.json"))
    head = head_of("checkpoint", bundle.read("checkpoint"), keys[-1])
    selection, ranges = bundle.check_statement(keys[-1], digests)
    bundle.facts.update(log=keys[0].name, key=keys[-1].text, size=head.size, root=head.root.hex(), selection=selection)
    known = Known(ranges, bundle.read("leaves.bin"), bundle.read("proof.bin"))
    if selection == "all" and ranges != ([(0, head.size)] if head.size else []):
        bundle.faults.append(Fault("不是全部事件", "these are not all events"))
    try:
        bundle.check_events(known, selection)
    except Fault as fault:
        bundle.faults.append(fault)
    if (ranges and ranges[-1][1] > head.size) or known.checked_root(head.size) != head.root:
        raise Fault("叶子与证明推不出签名的树根", "the leaves and the proof do not lead to the signed root")
    if held is not None:
        _check_held(held, keys, head, known, whole=selection == "all")
    if STAMP[0] in digests:
        _check_stamp(bundle, keys, head, known)


def _check_stamp(bundle: Bundle, keys: list[Key], now: Head, known: Known) -> None:
    """Whether the time stamp is one of a head of this log, as far as can be told without openssl. Raises Fault."""
    note, whole = bundle.read(STAMP[0]), bundle.facts["selection"] == "all"
    stamped = _signed_by_any(note, keys)
    if stamped is None or _sha256(note).digest() not in bundle.read(STAMP[1]):
        raise Fault("时间戳不是此日志检查点的", "the time stamp is not one of a head of this log")
    bundle.facts.update(stamped=stamped.size, stamped_compared=whole or stamped.size == now.size)
    if bundle.facts["stamped_compared"]:
        _check_held(note, keys, now, known, whole=whole)


def _signed_by_any(note: bytes, keys: list[Key]) -> Head | None:
    for key in keys:
        try:
            return head_of("", note, key)
        except Fault:
            continue
    return None


def _check_held(note: bytes, keys: list[Key], now: Head, known: Known, *, whole: bool) -> None:
    """Whether the log has grown out of the one whose head is held. Raises Fault."""
    before = _signed_by_any(note, keys)
    if before is None:
        raise Fault("您持有的检查点不是此日志签的", "the checkpoint you hold was not signed by this log")
    if before.size > now.size:
        raise Fault(
            f"日志变短了:您持有的检查点有 {before.size} 个事件,这里只有 {now.size} 个",
            f"the log was cut off or put back: the checkpoint you hold has {before.size} events, this has {now.size}",
        )
    if before.size < now.size and not whole:
        raise Fault(
            "部分事件的包无法与更早的检查点比较:请用整个日志的包,或 redress witness",
            "a bundle of a part cannot be held against an older checkpoint: take one of all, or redress witness",
        )
    root = now.root if before.size == now.size else root_of(known.leaves[: 32 * before.size])
    if root != before.root:
        raise Fault(
            "历史被改写:与您持有的检查点不符", "history was rewritten: it is not that of the checkpoint you hold"
        )


# ---- in words --------------------------------------------------------------------------------------------------------
def told(bundle: Bundle, *, held: bool) -> Iterator[str]:
    """What has been found, in Chinese and English."""
    facts = bundle.facts
    if bundle.faults:
        yield "不成立 / DOES NOT HOLD"
        for fault in bundle.faults:
            yield f"  {fault.zh}"
            yield f"  {fault.en}"
        return
    whole = facts["selection"] == "all"
    yield "成立 / HOLDS"
    yield f"  日志 / log {facts['log']}"
    yield f"  公钥 / key {facts['key']}"
    yield f"  检查点 / head {facts['size']} events, root {facts['root']}"
    yield f"  范围 / selection {facts['selection']}: {facts['events']} events"
    yield "已证明 / proven:"
    yield "  这些事件的每个字节、位置与次序都与签名时相同,没有插入、改动或调换。"
    yield "  Every byte, the place and the order of these events are as they were sealed; none was put in or altered."
    if whole:
        yield "  到该检查点为止,没有一个事件被删除。"
        yield "  None was removed: these are all events up to this head."
    if held:
        yield "  日志是从您持有的检查点延续下来的,旧的历史没有被改写。"
        yield "  The log has grown out of the head that you hold: the history before it was not rewritten."
    if "stamped" in facts:
        yield f"时间戳 / time stamp (RFC 3161), {facts['stamped']} events:"
        yield "  请用 openssl 与时间戳机构的证书核对;本程序不核对其签名:"
        yield "  Check it by openssl and the authority's certificate; this program does not check who signed it:"
        yield f"    openssl ts -verify -in {STAMP[1]} -data {STAMP[0]} -CAfile AUTHORITY.pem"
    yield "未证明 / not proven:"
    if not whole:
        yield "  本范围内的事件是否齐全:只有运营方的签名为证。"
        yield "  That these are all events of the selection: for that there is the operator's signature alone."
    if not facts.get("stamped_compared", True):
        yield "  加盖时间戳的检查点是否延续到此检查点:请用整个日志的包,或 redress witness。"
        yield "  That this head has grown out of the stamped one: take a bundle of all, or redress witness."
    if not held:
        yield "  运营方是否整个改写并重新签名:请把检查点与您从别处得到的比较,或作为第二个参数给出旧检查点。"
        yield "  That the operator did not rewrite and sign it all anew: compare the head with one from elsewhere, or"
        yield "  give one that you hold as the second argument."
    yield "  公钥是否属于此日志:请与您从别处得到的公钥比较。"
    yield "  That the key is the log's: compare it with the one you were given by another way."
    yield "  记录的内容是否属实、是否有事未被记录,以及之后发生的事。"
    yield "  That what was recorded is true, that nothing was left out when recording, and whatever came later."


def main(arguments: list[str]) -> int:
    """Check and tell; the exit code."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    held = Path(arguments[1]).read_bytes() if len(arguments) == 2 else None
    bundle = check(Path(arguments[0]), held)
    sys.stdout.buffer.write("".join(f"{line}\n" for line in told(bundle, held=held is not None)).encode())
    return 1 if bundle.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
