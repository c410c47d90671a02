"""The heavy tests of the log at the size they have in CI; `./dev test --campaign NAME` runs them larger."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LIMIT_S = 180


@pytest.mark.parametrize("campaign", ["lost_events", "in_doubt"])
def test_campaign(campaign: str, postgres_server: str) -> None:
    outcome = subprocess.run(
        [sys.executable, ROOT / "tests" / "campaigns" / f"{campaign}.py", "--server", postgres_server],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    sys.stdout.write(outcome.stdout)
    assert outcome.returncode == 0, outcome.stdout
