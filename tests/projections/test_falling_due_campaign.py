"""The campaign of falling due at the size it has in CI; `./dev test --campaign falling_due` runs it larger."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SMALL = (
    "--cases",
    "300",
    "--open",
    "200",
    "--agents",
    "10",
    "--due",
    "40",
    "--within-s",
    "6",
    "--lead-s",
    "20",
    "--seed",
    "7",
)


def test_campaign(postgres_server: str) -> None:
    outcome = subprocess.run(
        [sys.executable, ROOT / "tests" / "campaigns" / "falling_due.py", "--server", postgres_server, *SMALL],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )
    sys.stdout.write(outcome.stdout)
    assert outcome.returncode == 0, outcome.stdout
