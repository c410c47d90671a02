"""Every page of the console in every look: both languages, light and dark, wide and narrow; with pictures of all.

./dev test --campaign console_looks
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = "tests/adapters/web/test_every_page.py"


def main() -> int:
    """Run the tests of every page in all looks; the pictures lie in build/screenshots afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="pages whose names contain this")
    only = parser.parse_args().only
    command = [sys.executable, "-m", "pytest", "-q", TESTS, *(["-k", only] if only else [])]
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, "REDRESS_LOOKS": "all"}, check=False).returncode
    sys.stdout.write(f"pictures: {len([*(ROOT / 'build' / 'screenshots').glob('*.png')])} in build/screenshots\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
