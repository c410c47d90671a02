"""verify: a bundle of the whole log verified offline, beside SHA-256 over the same lines in the same Python.

As an auditor does it: the bundle's own verify.py, started for itself, from the first byte to the last proof.
"""

import asyncio
import subprocess
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from zipfile import ZipFile

from adapters.bench.measuring import Ratio, paired
from adapters.bench.stage import Stage
from adapters.proof.selection import ALL

SEALED = "SELECT size FROM proof.head"


async def verify(stage: Stage) -> dict[str, Ratio]:
    """The row; the log is sealed first."""
    folder = stage.home / "bundle"
    await _seal(stage)
    exported = await stage.services.proof.bundles.write(ALL, stage.home / "bundle.zip", "bench")
    with ZipFile(stage.home / "bundle.zip") as archive:
        archive.extractall(folder)

    async def ours() -> float:
        return exported.events / await asyncio.to_thread(partial(_verified, folder))

    async def yardstick() -> float:
        return exported.events / await asyncio.to_thread(partial(_hashed, folder / "events.jsonl"))

    return {"verify": await paired(stage.scale.rounds, ours, yardstick, "events/s")}


async def _seal(stage: Stage) -> None:
    """Let the sealer go on until the head is over all that is there."""
    [(events,)] = await stage.rows("SELECT count(*) FROM log.events")
    stop = asyncio.Event()
    sealing = asyncio.create_task(stage.services.proof.sealer.run(stop))
    while await stage.rows(SEALED) != [(events,)]:  # noqa: ASYNC110  it is the database that changes
        await asyncio.sleep(0.1)
    stop.set()
    await sealing


def _verified(folder: Path) -> float:
    began = perf_counter()
    command = (sys.executable, "-I", "-S", folder / "verify.py", folder)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own file
    return perf_counter() - began


def _hashed(file: Path) -> float:
    began = perf_counter()
    with file.open("rb") as lines:
        for line in lines:
            sha256(line).digest()
    return perf_counter() - began
