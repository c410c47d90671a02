"""The campaigns that measure, at the size they have in CI: what they print is right where they come to their end."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SMALL = {
    "console_opens": ("--cases", "60", "--events", "30", "--times", "20"),
    "handover_opens": ("--cases", "60", "--events", "30"),
    "month_close": ("--agents", "4", "--orders", "200", "--cases", "20"),
}


@pytest.mark.parametrize(("campaign", "options"), SMALL.items(), ids=[*SMALL])
def test_campaign(campaign: str, options: Sequence[str], postgres_server: str) -> None:
    program = str(ROOT / "tests" / "campaigns" / f"{campaign}.py")
    command = [sys.executable, program, "--server", postgres_server, *options]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert "the bare quer" in done.stdout.decode()
