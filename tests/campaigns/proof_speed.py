"""How fast the log is sealed and how fast a bundle of all of it is verified, beside SHA-256 over the same bytes.

Fails where sealing takes more than 20 µs of CPU an event (in batches of 1,000, by the process's clock) or 60 bytes on
disk, or verifying a million events more than two minutes or ten times the hashes.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from psycopg import AsyncConnection

from adapters.proof.selection import ALL
from tests.adapters.proof.notary import Notary, notary_over
from tests.support.database import fresh_database, running_server

SEAL_CPU_US, BYTES_ON_DISK = 20.0, 60.0
VERIFY_S_A_MILLION, VERIFY_RATIO = 120.0, 0.1
FILL = """
    INSERT INTO log.events (originator_id, originator_version, topic, state, notification_id)
    SELECT md5((i / 9)::text)::uuid, mod(i, 9) + 1, 'case.noted', convert_to(format(
        '{"v":1,"data":{"text":{"subject":"%%s","box":"%%s"}},"meta":{"actor":"a1001","at":"2026-03-01T00:00:00Z"}}',
        md5(i::text)::uuid, repeat(md5(i::text), 15)), 'UTF8'), i + 1
    FROM generate_series(0, %s - 1) AS i"""
SIZE = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'proof'::regnamespace AND relkind = 'r'"
)


async def seal(notary: Notary) -> float:
    """Seal all of it; the CPU time it took, in seconds."""
    sealing = notary.sealing()
    async with await AsyncConnection.connect(notary.database.app, autocommit=True) as connection:
        await sealing.prepare(connection)
        began = time.process_time()
        while await sealing.step(connection):
            pass
        return time.process_time() - began


def verify(folder: Path) -> float:
    """Verify a bundle as an auditor does; the seconds it took."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", folder / "verify.py", folder], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def hashed(file: Path) -> float:
    """SHA-256 of every line of a file; the seconds it took."""
    began = time.perf_counter()
    with file.open("rb") as lines:
        for line in lines:
            sha256(line).digest()
    return time.perf_counter() - began


def measure(notary: Notary, folder: Path, events: int) -> bool:
    """Measure and tell; whether all is fast enough."""
    notary.admin.execute(FILL, [events])
    cpu_us = asyncio.run(seal(notary)) / events * 1e6
    on_disk = float(notary.rows(SIZE)[0][0]) / events
    notary.export(ALL, folder / "all.zip")
    with ZipFile(folder / "all.zip") as archive:
        archive.extractall(folder / "all")
    # interleaved, so that both meet the same neighbours on the machine
    rounds = [(verify(folder / "all"), hashed(folder / "all" / "events.jsonl")) for _ in range(3)]
    verified, yardstick = (sorted(times)[1] for times in zip(*rounds, strict=True))
    ratio = yardstick / verified
    lines = [
        f"{events} events of {(folder / 'all' / 'events.jsonl').stat().st_size // events} bytes",
        f"sealing: {cpu_us:.1f} µs CPU an event (at most {SEAL_CPU_US}), {on_disk:.1f} bytes (at most {BYTES_ON_DISK})",
        f"verifying: {verified:.2f} s, {events / verified:,.0f} events a second",
        f"SHA-256 alone: {yardstick:.2f} s, ratio {ratio:.2f} (at least {VERIFY_RATIO})",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    quick = verified / events * 1e6 <= VERIFY_S_A_MILLION and ratio >= VERIFY_RATIO
    return quick and cpu_us <= SEAL_CPU_US and on_disk <= BYTES_ON_DISK


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when all is fast enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="a superuser's connection string; without it a server of our own")
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args(argv)
    # an embedded server must not be orphaned
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_server(options.server))
        database = stack.enter_context(fresh_database(server))
        notary = stack.enter_context(notary_over(database, folder / "home"))
        return 0 if measure(notary, folder, options.events) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
