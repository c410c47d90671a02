"""The heavy tests of the log at the size they have in CI; `./dev test --campaign NAME` runs them larger."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIMIT_S = 180


@pytest.mark.parametrize(
    ("campaign", "options"), [("lost_events", ()), ("in_doubt", ()), ("kill_worker", ("--kills", "6"))]
)
def test_campaign(campaign: str, options: Sequence[str], postgres_server: str) -> None:
    outcome = subprocess.run(
        [sys.executable, ROOT / "tests" / "campaigns" / f"{campaign}.py", "--server", postgres_server, *options],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    sys.stdout.write(outcome.stdout)
    assert outcome.returncode == 0, outcome.stdout
