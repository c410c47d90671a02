"""The laws of the ledgers and of payroll on a million walks, or as many as wanted: each law its share of them.

Each walk is drawn from a seed of its own, so that one that breaks a law can be walked again: `--law NAME --walk N` with
the seed that is printed first.
"""

import argparse
import random
import sys
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from random import Random

from tests.support.campaigns import report
from tests.support.ledger_laws import LAWS

BY_NAME = {law.__name__: law for law in LAWS}
PIECE = 2_000
"""Walks given to a process at a time."""
Broken = tuple[int, str]
"""The number of a walk that broke a law, and how."""


def walks(name: str, seed: int, numbers: range) -> list[Broken]:
    """Walk these; those that broke the law."""
    broken = []
    for number in numbers:
        try:
            BY_NAME[name](Random(f"{seed}:{name}:{number}"))  # noqa: S311  a repeatable seed is the point
        except Exception:  # noqa: BLE001  whatever goes wrong breaks the law
            broken.append((number, traceback.format_exc(limit=-3)))
    return broken


def run(names: Sequence[str], options: argparse.Namespace) -> bool:
    """Walk all laws; whether none was broken."""
    each = -(-options.examples // len(names))
    kept = True
    with ProcessPoolExecutor(options.jobs) as pool:
        for name in names:
            begun = time.monotonic()
            pieces = [range(first, min(first + PIECE, each)) for first in range(0, each, PIECE)]
            asked = [pool.submit(walks, name, options.seed, piece) for piece in pieces]
            broken = sorted(one for piece in as_completed(asked) for one in piece.result())
            report(f"{each:9,} walks  {len(broken):5,} broken  {time.monotonic() - begun:7.1f} s  {name}")
            for number, how in broken[:3]:
                report(f"--law {name} --walk {number} --seed {options.seed}\n{how}")
            kept = kept and not broken
    return kept


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 0 when no law was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1_000_000, help="walks over all laws together")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(30))
    parser.add_argument("--law", choices=sorted(BY_NAME), help="this law alone")
    parser.add_argument("--walk", type=int, help="with --law: this walk alone")
    options = parser.parse_args(argv)
    report(f"seed {options.seed}")
    if options.law and options.walk is not None:
        BY_NAME[options.law](Random(f"{options.seed}:{options.law}:{options.walk}"))  # noqa: S311  see above
        return 0
    return 0 if run([options.law] if options.law else list(BY_NAME), options) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
