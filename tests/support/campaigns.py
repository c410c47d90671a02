"""What the heavy tests of tests/campaigns say, and how tests run them at a small size."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 180


def report(told: str) -> None:
    """One line of what is found."""
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


def ran(campaign: str, server: str, *options: str) -> str:
    """What a campaign has said, on a server of the tests. Raises AssertionError where it has found a fault."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "campaigns" / f"{campaign}.py"), "--server", server, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    sys.stdout.write(done.stdout)
    assert done.returncode == 0, done.stdout
    return done.stdout
