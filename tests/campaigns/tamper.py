"""Tamper with bundles and, as a superuser, with a live database: the auditor's own tools must find every change.

Whoever tampers has all but the signing key: may mend manifests, leaves and tiles, sign with keys of their own, put back
an older state; in a few kinds even the signing key. The auditor has the last head. Ten kinds of change are made to
bundles, twenty and more by SQL; each is made with other places, bytes and events every time.
"""

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from adapters.proof import verify
from adapters.proof.bundle import BundleRefused, canonical
from adapters.proof.sealing import SealRefused
from adapters.proof.selection import Kind, Selection
from application.proof.leaf import leaf
from application.proof.note import BadNote
from application.proof.tiles import MissingTile
from application.proof.tree import Edge, leaf_hash
from tests.adapters.proof.notary import EVENTS, Notary, notary_over
from tests.support.database import fresh_database, running_server

CI_BUNDLES, CI_LIVE, CI_SEED = 390, 162, 20_070_301
"""Thirty changes of each kind to bundles, six of each by SQL."""
LOG_EVENTS = 60
ALTERED_STATES = "UPDATE log.events SET state = %s WHERE notification_id = %s"


@dataclass
class Found:
    """How often each kind was tried, and what was not noticed."""

    tried: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """How many changes were made."""
        return self.tried.total()


# ---- bundles --------------------------------------------------------------------------------------------------------
class Bundles:
    """Ten kinds of change to an unpacked bundle; `held` is the newest head of the log."""

    def __init__(self, notary: Notary, forger: Notary, chance: random.Random, folder: Path) -> None:
        self.chance, self.work = chance, folder / "work"
        self.older = notary.bundle(name="older")
        notary.record(5)
        notary.seal()
        (case,) = notary.rows("SELECT originator_id FROM log.events GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0]
        part = notary.bundle(Selection(Kind.CASE, str(case)), "part")
        self.true, self.held = (notary.bundle(name="true"), part), notary.note().encode()
        self.forged = forger.bundle(name="forged")
        self.kinds: list[Callable[[], None]] = [
            *(self.flip_a_bit, self.take_or_add_a_byte, self.alter_an_event, self.remove_events, self.repeat_an_event),
            *(self.swap_events, self.cut_off_the_end, self.forge_with_other_keys, self.put_back, self.move_files),
            *(self.write_json_otherwise, self.claim_another_part, self.mix_with_a_forgery),
        ]

    def try_one(self, kind: Callable[[], None]) -> bool:
        """Make one change; whether it was found."""
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.chance.choice(self.true), self.work)
        kind()
        return bool(verify.check(self.work, self.held).faults)

    def flip_a_bit(self) -> None:
        """Anywhere in any file."""
        file = self._any_file()
        data = bytearray(file.read_bytes())
        data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        file.write_bytes(data)
        self._mend(yes=file.name != "manifest.json" and self.chance.random() < 0.5)

    def take_or_add_a_byte(self) -> None:
        """Anywhere in any file, mostly what reads like nothing."""
        file, extra = self._any_file(), self.chance.choice((b" ", b"\n", b"\0", b"x"))
        data, at = file.read_bytes(), self.chance.randrange(1 << 30)
        at %= len(data) + 1
        shorter = data[:at] + data[at + 1 :]
        file.write_bytes(shorter if self.chance.random() < 0.5 and at < len(data) else data[:at] + extra + data[at:])
        self._mend(yes=file.name != "manifest.json" and self.chance.random() < 0.5)

    def alter_an_event(self) -> None:
        """In its place, topic or body, and its leaf with it."""
        lines = self._lines()
        at = self.chance.randrange(len(lines))
        old, new = self.chance.choice(
            (
                (b'"version":', b'"version":1'),
                (b'"position":', b'"position":1'),
                (b"case.noted", b"case.voted"),
                (b'"n":', b'"n":9'),
                (b"2026", b"2025"),
                (b'"body":{', b'"body":{"x":1,'),
            )
        )
        lines[at] = lines[at].replace(old, new, 1)
        self._write(lines, leaves=self.chance.random() < 0.7)

    def remove_events(self) -> None:
        """Some in a row, from anywhere."""
        lines = self._lines()
        at = self.chance.randrange(len(lines))
        del lines[at : at + self.chance.choice((1, 1, 2, 10))]
        self._write(lines, leaves=self.chance.random() < 0.7)

    def repeat_an_event(self) -> None:
        """Somewhere else, perhaps under another position."""
        lines = self._lines()
        again = self.chance.choice(lines)
        if self.chance.random() < 0.5:
            again = again.replace(b'{"position":', b'{"position":7', 1)
        lines.insert(self.chance.randrange(len(lines) + 1), again)
        self._write(lines, leaves=self.chance.random() < 0.7)

    def swap_events(self) -> None:
        """Two lines, or the bodies of two."""
        lines = self._lines()
        one, two = self.chance.sample(range(len(lines)), 2)
        lines[one], lines[two] = lines[two], lines[one]
        self._write(lines, leaves=self.chance.random() < 0.7)

    def cut_off_the_end(self) -> None:
        """With the leaves, and with the head of the older bundle."""
        lines = self._lines()
        self._write(lines[: len(lines) - self.chance.randrange(1, len(lines))], leaves=True)
        if self.chance.random() < 0.5:
            shutil.copy(self.older / "checkpoint", self.work)
            self._mend()

    def forge_with_other_keys(self) -> None:
        """A bundle of the same events, one of them altered, whole in itself, of other keys."""
        shutil.rmtree(self.work)
        shutil.copytree(self.forged, self.work)
        if self.chance.random() < 0.5:
            shutil.copy(self.true[0] / "keys.json", self.work)
            self._mend()

    def put_back(self) -> None:
        """An older bundle, true in itself."""
        shutil.rmtree(self.work)
        shutil.copytree(self.older, self.work)

    def move_files(self) -> None:
        """Take one away, add one, give one another's name."""
        file = self._any_file()
        match self.chance.randrange(3):
            case 0:
                file.unlink()
            case 1:
                file.with_name(f"{self.chance.randrange(10**6)}.txt").write_text("more")
            case _:
                file.rename(file.with_name(f"x{file.name}"))
        self._mend(yes=(self.work / "manifest.json").exists() and self.chance.random() < 0.5)

    def write_json_otherwise(self) -> None:
        """The same values in another form."""
        files = [file for file in sorted(self.work.rglob("*.json")) if file.name != "manifest.json"]
        file = self.chance.choice([*files, self.work / "manifest.json", self.work / "keys.json"])
        value = json.loads(file.read_bytes())
        forms = [
            json.dumps(value),
            json.dumps(value, indent=2) + "\n",
            json.dumps(value, indent=1, ensure_ascii=False),
            json.dumps({"again": 1, **value}, indent=1, ensure_ascii=False) + "\n",
            json.dumps(dict(reversed(value.items())), indent=1, ensure_ascii=False) + "\n",
        ]
        text = self.chance.choice(forms).encode()
        file.write_bytes(text if text != file.read_bytes() else text + b" ")
        self._mend(yes=file.name != "manifest.json")

    def claim_another_part(self) -> None:
        """In the statement, which is signed."""
        file = self.work / "statement"
        ranges = f"0+{self.chance.randrange(1, LOG_EVENTS)}"
        text = file.read_text("utf-8").split("\n")
        text[1], text[2] = self.chance.choice((("month=2026-03", text[2]), ("all", ranges), ("agent=a1", ranges)))
        file.write_text("\n".join(text), "utf-8")
        self._mend()

    def mix_with_a_forgery(self) -> None:
        """Some files of the forged bundle among the true ones."""
        names = ["events.jsonl", "leaves.bin", "checkpoint", "keys.json", "statement"]
        for name in self.chance.sample(names, self.chance.randrange(1, 5)):
            shutil.copy(self.forged / name, self.work / name)
        self._mend()

    def _any_file(self) -> Path:
        files = [file for file in sorted(self.work.rglob("*")) if file.is_file() and file.stat().st_size]
        return self.chance.choice(files)

    def _lines(self) -> list[bytes]:
        return (self.work / "events.jsonl").read_bytes().splitlines(keepends=True)

    def _write(self, lines: Sequence[bytes], *, leaves: bool) -> None:
        """Write events, and make the other files fit as well as can be without the signing key."""
        (self.work / "events.jsonl").write_bytes(b"".join(lines))
        if leaves:
            hashes = verify.Events(lines, whole=False).hashes
            (self.work / "leaves.bin").write_bytes(b"".join(hashes))
        self._mend()

    def _mend(self, *, yes: bool = True) -> None:
        if yes:
            files = [file for file in self.work.rglob("*") if file.is_file() and file.name != "manifest.json"]
            digests = {file.relative_to(self.work).as_posix(): sha256(file.read_bytes()).hexdigest() for file in files}
            (self.work / "manifest.json").write_bytes(canonical(digests))


# ---- a live database ------------------------------------------------------------------------------------------------
Sql = Callable[["Live"], None]


class Live:
    """Changes made by SQL; the database is put right again after each."""

    def __init__(self, notary: Notary, chance: random.Random, older: tuple[int, int, str]) -> None:
        self.notary, self.chance, self.held, self.older = notary, chance, notary.note(), older
        notary.tamper("CREATE SCHEMA saved")
        for table in ("log.events", *PROOF):
            notary.tamper(f"CREATE TABLE saved.{table.partition('.')[2]} AS TABLE {table}")

    def try_one(self, kind: Sql) -> bool:
        """Make one change, let the sealer go on now and then, and audit; whether it was found."""
        try:
            kind(self)
            if self.chance.random() < 0.4:
                self._go_on()
            return self.audited()
        finally:
            self._restore()

    def sql(self, statement: str, *parameters: object) -> None:
        """Change something, which must be there to be changed."""
        assert self.notary.tamper(statement, *parameters) != 0, statement

    def any_position(self) -> int:
        """The position of a sealed event."""
        (position,) = self.chance.choice(self.notary.rows("SELECT notification_id FROM log.events ORDER BY 1"))
        return int(position)

    def flipped(self, data: bytes) -> bytes:
        """The bytes with one of them changed."""
        at = self.chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << self.chance.randrange(8)]) + data[at + 1 :]

    def state(self, position: int) -> bytes:
        """A stored body."""
        return bytes(self.notary.rows("SELECT state FROM log.events WHERE notification_id = %s", position)[0][0])

    def rebuild_tiles(self) -> None:
        """Make the tiles fit what now lies in the log."""
        tiles = Edge().append(leaf_hash(leaf(*row)) for row in self.notary.rows(EVENTS))
        self.notary.tamper("TRUNCATE proof.tiles")
        for (level, index), hashes in tiles.items():
            self.sql("INSERT INTO proof.tiles VALUES (%s, %s, %s)", level, index, hashes)

    def _go_on(self) -> None:
        self.notary.record(self.chance.randrange(1, 4))
        try:
            self.notary.seal()
        except SealRefused:
            return

    def audited(self) -> bool:
        """What an auditor does who holds a head: take a bundle of all, and verify it."""
        try:
            folder = self.notary.bundle(name="live")
        except (BundleRefused, MissingTile, BadNote):
            return True
        return bool(verify.check(folder, self.held.encode()).faults)

    def _restore(self) -> None:
        with self.notary.admin.transaction():
            for table in ("log.events", *PROOF):
                saved = f"saved.{table.partition('.')[2]}"
                if table == "log.events":
                    self.notary.admin.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
                self.notary.admin.execute(f"TRUNCATE {table}".encode())
                self.notary.admin.execute(f"INSERT INTO {table} SELECT * FROM {saved}".encode())  # noqa: S608  ours
            self.notary.admin.execute("ALTER TABLE log.events ENABLE ALWAYS TRIGGER append_only")
        (self.notary.home / "sealed-head").write_text(self.held, "utf-8")
        self.notary.versions.clear()


PROOF = ("proof.keys", "proof.head", "proof.tiles", "proof.runs")


def alter_a_byte(live: Live) -> None:
    """One bit of a body."""
    position = live.any_position()
    live.sql(ALTERED_STATES, live.flipped(live.state(position)), position)


def alter_a_value(live: Live) -> None:
    """A number in a body, which stays good JSON."""
    position = live.any_position()
    live.sql(ALTERED_STATES, live.state(position).replace(b'"n":', b'"n":1'), position)


def backdate(live: Live) -> None:
    """The time in a body."""
    position = live.any_position()
    live.sql(ALTERED_STATES, live.state(position).replace(b"2026", b"2025"), position)


def add_a_space(live: Live) -> None:
    """What reads the same is not the same."""
    live.sql("UPDATE log.events SET state = state || ' ' WHERE notification_id = %s", live.any_position())


def empty_a_body(live: Live) -> None:
    """No body, or none at all."""
    live.sql(ALTERED_STATES, live.chance.choice((None, b"", b"{}")), live.any_position())


def change_a_topic(live: Live) -> None:
    """To another, or to none."""
    topic = live.chance.choice(("case.closed", "case.noted2", "", None))
    live.sql("UPDATE log.events SET topic = %s WHERE notification_id = %s", topic, live.any_position())


def shift_a_boundary(live: Live) -> None:
    """The last letter of the topic becomes the first byte of the body."""
    live.sql(
        "UPDATE log.events SET topic = left(topic, -1), state = convert_to(right(topic, 1), 'UTF8') || state"
        " WHERE notification_id = %s",
        live.any_position(),
    )


def change_a_version(live: Live) -> None:
    """The place in the stream."""
    live.sql(
        "UPDATE log.events SET originator_version = originator_version + 1000 WHERE notification_id = %s",
        live.any_position(),
    )


def change_a_stream(live: Live) -> None:
    """Another case."""
    stream = UUID(int=live.chance.getrandbits(128))
    live.sql("UPDATE log.events SET originator_id = %s WHERE notification_id = %s", stream, live.any_position())


def change_a_position(live: Live) -> None:
    """To the end, or before the beginning."""
    to = live.chance.choice((100_000, 0, -7))
    live.sql("UPDATE log.events SET notification_id = %s WHERE notification_id = %s", to, live.any_position())


def remove_one(live: Live) -> None:
    """Any event."""
    live.sql("DELETE FROM log.events WHERE notification_id = %s", live.any_position())


def remove_the_first(live: Live) -> None:
    """As many as wanted."""
    live.sql("DELETE FROM log.events WHERE notification_id <= %s", live.any_position())


def remove_the_last(live: Live) -> None:
    """As many as wanted."""
    live.sql("DELETE FROM log.events WHERE notification_id >= %s", live.any_position())


def remove_a_case(live: Live) -> None:
    """All events of a stream."""
    (stream,) = live.chance.choice(live.notary.rows("SELECT DISTINCT originator_id FROM log.events ORDER BY 1"))
    live.sql("DELETE FROM log.events WHERE originator_id = %s", stream)


def remove_all(live: Live) -> None:
    """Every event."""
    live.sql("DELETE FROM log.events")


def slip_one_in(live: Live) -> None:
    """Where positions have a gap, or before all others."""
    live.notary.record(position=live.chance.choice((11, 12, 13, -5)))


def swap(column: str, live: Live) -> None:
    """Change a column of two events for each other's."""
    one, two = live.any_position(), live.any_position()
    while two == one or live.state(one) == live.state(two):
        one, two = live.any_position(), live.any_position()
    live.sql(
        f"UPDATE log.events AS e SET {column} = o.{column} FROM log.events AS o"  # noqa: S608  a column of ours
        " WHERE (e.notification_id, o.notification_id) IN ((%s, %s), (%s, %s))",
        *(one, two, two, one),
    )


def swap_bodies(live: Live) -> None:
    """Of two events."""
    swap("state", live)


def swap_places(live: Live) -> None:
    """Of two events in the one order."""
    one, two = live.any_position(), live.any_position()
    while two == one:
        two = live.any_position()
    for before, after in ((one, 10**6), (two, one), (10**6, two)):
        live.sql("UPDATE log.events SET notification_id = %s WHERE notification_id = %s", after, before)


def alter_a_tile(live: Live) -> None:
    """One bit of a hash."""
    (hashes,) = live.notary.rows("SELECT hashes FROM proof.tiles WHERE level = 0 AND index = 0")[0]
    live.sql("UPDATE proof.tiles SET hashes = %s WHERE level = 0 AND index = 0", live.flipped(bytes(hashes)))


def remove_the_tiles(live: Live) -> None:
    """All of them."""
    live.sql("DELETE FROM proof.tiles")


def alter_an_event_and_its_tile(live: Live) -> None:
    """And the tree, up to the root."""
    alter_a_value(live)
    live.rebuild_tiles()


def remove_an_event_and_its_leaf(live: Live) -> None:
    """And the tree, up to the root, with the size."""
    remove_one(live)
    live.rebuild_tiles()
    live.sql("UPDATE proof.head SET size = size - 1")


def alter_the_head(live: Live) -> None:
    """The note, in any byte."""
    note = live.held.encode()
    at = live.chance.randrange(len(note) - 1)
    changed = note[:at] + (b"x" if note[at : at + 1] != b"x" else b"y") + note[at + 1 :]
    live.sql("UPDATE proof.head SET note = %s", changed.decode("utf-8", "replace"))


def put_the_head_back(live: Live) -> None:
    """To an older one, true in itself."""
    live.sql("UPDATE proof.head SET size = %s, position = %s, note = %s", *live.older)


def put_all_back(live: Live) -> None:
    """As a backup would: events, tiles and head of a while ago."""
    put_the_head_back(live)
    live.sql("DELETE FROM log.events WHERE notification_id > %s", live.older[1])
    live.rebuild_tiles()
    (live.notary.home / "sealed-head").unlink()


def seal_with_new_keys(live: Live) -> None:
    """Alter history, and begin the tree anew under a key of another name."""
    alter_a_value(live)
    live.notary.tamper("TRUNCATE proof.keys, proof.head, proof.tiles, proof.runs")
    (live.notary.home / "sealed-head").unlink()
    live.notary.seal()


def seal_with_the_stolen_key(live: Live) -> None:
    """Alter history, and sign it anew with the log's own key: only the head held elsewhere tells."""
    live.chance.choice((alter_a_value, remove_one, backdate))(live)
    live.notary.sealed_anew()


LIVE_KINDS: tuple[Sql, ...] = (
    *(alter_a_byte, alter_a_value, backdate, add_a_space, empty_a_body, change_a_topic, shift_a_boundary),
    *(change_a_version, change_a_stream, change_a_position, remove_one, remove_the_first, remove_the_last),
    *(remove_a_case, remove_all, slip_one_in, swap_bodies, swap_places, alter_a_tile, remove_the_tiles),
    *(alter_an_event_and_its_tile, remove_an_event_and_its_leaf, alter_the_head, put_the_head_back, put_all_back),
    *(seal_with_new_keys, seal_with_the_stolen_key),
)


# ---- the campaign ---------------------------------------------------------------------------------------------------
def written(notary: Notary, events: int = LOG_EVENTS) -> None:
    """A log of some cases, with a gap in its positions, sealed."""
    streams = [notary.record() for _ in range(10)]
    notary.record(position=20)
    for number in range(events - 11):
        notary.record(stream=streams[number % 7])
    notary.seal()


def on_bundles(server: str, number: int, seed: int, found: Found) -> None:
    """Tamper with bundles."""
    chance = random.Random(seed)  # noqa: S311  a repeatable seed is the point
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        notary, forger = (
            stack.enter_context(notary_over(stack.enter_context(fresh_database(server)), home / name))
            for name in ("true", "forger")
        )
        written(notary)
        for row in notary.rows(
            "SELECT originator_id, originator_version, topic, state, notification_id FROM log.events"
        ):
            forger.tamper("INSERT INTO log.events VALUES (%s, %s, %s, %s, %s)", *row)
        forger.tamper(ALTERED_STATES, b'{"v":1,"data":{},"meta":{}}', 5)
        forger.seal()
        bundles = Bundles(notary, forger, chance, home)
        assert not [fault for true in bundles.true for fault in verify.check(true, bundles.held).faults]
        for turn in range(number):
            kind = bundles.kinds[turn % len(bundles.kinds)]
            _count(found, f"bundle: {kind.__name__}", noticed=bundles.try_one(kind))


def on_a_live_database(server: str, number: int, seed: int, found: Found) -> None:
    """Tamper with a database."""
    chance = random.Random(seed)  # noqa: S311  a repeatable seed is the point
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        notary = stack.enter_context(notary_over(stack.enter_context(fresh_database(server)), home))
        written(notary, LOG_EVENTS // 2)
        size, position, note = notary.rows("SELECT size, position, note FROM proof.head")[0]
        notary.record(LOG_EVENTS // 2)
        notary.seal()
        live = Live(notary, chance, (size, position, note))
        assert not live.audited()
        for turn in range(number):
            kind = LIVE_KINDS[turn % len(LIVE_KINDS)]
            _count(found, f"live: {kind.__name__}", noticed=live.try_one(kind))
        assert not live.audited()


def _count(found: Found, kind: str, *, noticed: bool) -> None:
    found.tried[kind] += 1
    if not noticed:
        found.missed.append(f"{kind}, try {found.tried[kind]}")


def tamper(server: str, bundles: int, live: int, seed: int) -> Found:
    """Run both; what was tried and what was missed."""
    found, began = Found(), time.perf_counter()
    on_bundles(server, bundles, seed, found)
    on_a_live_database(server, live, seed, found)
    found.seconds = time.perf_counter() - began
    return found


def report(found: Found, seed: int) -> str:
    """What a reader wants to know."""
    kinds = Counter(kind.partition(":")[0] for kind in found.tried)
    return "\n".join(
        [
            f"seed {seed}: {found.total} changes in {found.seconds:.0f} s",
            f"{kinds['bundle']} kinds on bundles, {kinds['live']} by SQL; not noticed: {len(found.missed)}",
            *(f"  {count:6} {kind}" for kind, count in found.tried.items()),
            *(f"MISSED {one}" for one in found.missed),
        ]
    )


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when every change was noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--bundles", type=int, default=7_000, help="changes to bundles")
    parser.add_argument("--live", type=int, default=3_000, help="changes by SQL")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    options = parser.parse_args(argv)
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running_server(options.server) as server:
        found = tamper(server, options.bundles, options.live, options.seed)
    sys.stdout.write(report(found, options.seed) + "\n")
    return 1 if found.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
