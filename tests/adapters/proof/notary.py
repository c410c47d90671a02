"""A log that is written, sealed, exported, verified and tampered with; and what its tree must be, computed anew."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zipfile import ZipFile

import psycopg
from psycopg import AsyncConnection

from adapters.proof import verify
from adapters.proof.bundle import BundleWriter, Exported
from adapters.proof.kept_head import KeptHead
from adapters.proof.sealing import Sealing
from adapters.proof.selection import ALL, Selection
from adapters.proof.signing_keys import KeyChain, SigningKeys
from application.proof.leaf import leaf
from application.proof.note import Checkpoint, Signer, opened_checkpoint, signed
from application.proof.tree import EMPTY_ROOT, Edge, leaf_hash
from tests.support.database import Database

MASTER_KEY = b"for tests alone, thirty-two byte"
INSERT = """
    INSERT INTO log.events (originator_id, originator_version, topic, state, notification_id) VALUES (%s, %s,
        'case.noted', %s, coalesce(%s, (SELECT coalesce(max(notification_id), 0) + 1 FROM log.events)))"""


@dataclass
class Notary:
    """A database and the machine that seals it."""

    database: Database
    admin: psycopg.Connection[Any]
    home: Path
    keys: SigningKeys = field(default_factory=lambda: SigningKeys(MASTER_KEY))
    versions: dict[UUID, int] = field(default_factory=dict)

    # ---- writing ----------------------------------------------------------------------------------------------------
    def record(self, count: int = 1, stream: UUID | None = None, position: int | None = None, words: str = "") -> UUID:
        """Write events of one stream, behind the last or at a position."""
        stream = stream or uuid4()
        for _ in range(count):
            self.versions[stream] = version = self.versions.get(stream, 0) + 1
            state = f'{{"v":1,"data":{{"n":{version},"words":"{words}"}},"meta":{{"at":"2026-03-01T00:00:00Z"}}}}'
            self.admin.execute(INSERT, (stream, version, state.encode(), position))
        return stream

    def tamper(self, statement: str, *parameters: object) -> int:
        """Change the database as a superuser who switched the guard off; the number of rows."""
        with self.admin.transaction():
            self.admin.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
            count = self.admin.execute(statement.encode(), parameters or None).rowcount
            self.admin.execute("ALTER TABLE log.events ENABLE ALWAYS TRIGGER append_only")
        return count

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self.admin.execute(query.encode(), parameters or None).fetchall()

    # ---- sealing ----------------------------------------------------------------------------------------------------
    def sealing(self, batch: int = 1_000) -> Sealing:
        """A sealer's work, from a start."""
        return Sealing(self.keys, KeptHead(self.home), batch)

    def seal(self, batch: int = 1_000) -> int:
        """Seal whatever is there, from a start; how many events."""
        return asyncio.run(self.seal_now(batch))

    async def seal_now(self, batch: int = 1_000) -> int:
        """The same inside a running loop."""
        sealing, count = self.sealing(batch), 0
        async with await AsyncConnection.connect(self.database.app, autocommit=True) as connection:
            await sealing.prepare(connection)
            while sealed := await sealing.step(connection):
                count += sealed
        return count

    def sealed_anew(self) -> None:
        """Seal all of it from the first event on, as somebody does who has the keys and hides what he altered."""

        async def anew() -> None:
            async with await AsyncConnection.connect(self.database.app, autocommit=True) as connection:
                signer = await self.keys.signer(connection)
                empty = signed(str(Checkpoint(signer.name, 0, EMPTY_ROOT)), signer)
                self.tamper("TRUNCATE proof.tiles, proof.runs")
                self.tamper("UPDATE proof.head SET size = 0, position = 0, note = %s", empty)
                sealing = Sealing(self.keys, KeptHead(self.home / "elsewhere"))
                while await sealing.step(connection):
                    pass

        shutil.rmtree(self.home / "elsewhere", ignore_errors=True)
        asyncio.run(anew())
        shutil.copy(self.home / "elsewhere" / "sealed-head", self.home)

    def rotate(self) -> None:
        """Replace the signing key."""

        async def rotate() -> None:
            async with await AsyncConnection.connect(self.database.app, autocommit=True) as connection:
                await self.keys.rotate(connection)

        asyncio.run(rotate())

    def chain(self) -> KeyChain:
        """The public keys."""

        async def chain() -> KeyChain:
            async with await AsyncConnection.connect(self.database.app) as connection:
                return await self.keys.chain(connection)

        return asyncio.run(chain())

    def signer(self) -> Signer:
        """The signing key in force."""

        async def signer() -> Signer:
            async with await AsyncConnection.connect(self.database.app) as connection:
                return await self.keys.signer(connection)

        return asyncio.run(signer())

    def note(self) -> str:
        """The newest signed head."""
        return str(self.rows("SELECT note FROM proof.head")[0][0])

    def head(self) -> Checkpoint:
        """The newest head, its signature checked."""
        return opened_checkpoint(self.note(), self.chain().newest)

    def check(self) -> None:
        """The tree is the one the log must have: nothing skipped, nothing twice, every tile as it must be."""
        hashes = [leaf_hash(leaf(*row)) for row in self.rows(EVENTS)]
        edge = Edge()
        tiles = edge.append(hashes)
        assert self.head() == Checkpoint(self.chain().first.name, len(hashes), edge.root())
        assert {(level, index): stored for level, index, stored in self.rows(TILES)} == tiles
        assert (self.home / "sealed-head").read_text("utf-8") == self.note()

    # ---- taking away and verifying ----------------------------------------------------------------------------------
    def bundle(self, selection: Selection = ALL, name: str = "bundle") -> Path:
        """A bundle, unpacked in a new folder."""
        folder = self.home / name
        shutil.rmtree(folder, ignore_errors=True)
        self.export(selection, self.home / f"{name}.zip")
        with ZipFile(self.home / f"{name}.zip") as archive:
            archive.extractall(folder)
        return folder

    def export(self, selection: Selection, file: Path) -> Exported:
        """A bundle as it is handed out."""
        return asyncio.run(BundleWriter(self.database.app, self.keys).write(selection, file, "u1"))


EVENTS = """
    SELECT notification_id, uuid_send(originator_id), originator_version, convert_to(topic, 'UTF8'), state
    FROM log.events ORDER BY notification_id"""
TILES = "SELECT level, index, hashes FROM proof.tiles"


def faults(folder: Path, held: str | None = None) -> Sequence[str]:
    """What the verifier says is wrong."""
    return [str(fault) for fault in verify.check(folder, held.encode() if held else None).faults]


@contextmanager
def notary_over(database: Database, home: Path) -> Iterator[Notary]:
    """A notary over a database."""
    home.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(database.admin, autocommit=True) as admin:
        yield Notary(database, admin, home)
