"""Write the missing goldens, touching no other: `.venv/bin/python tests/checks/add_goldens.py`."""

import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.goldens import FOLDER, missing, path, sample, stored


def main() -> None:
    """Write one body for each event that has none at its version."""
    FOLDER.mkdir(exist_ok=True)
    for kind in list(missing()):
        body = msgspec.json.encode(stored(sample(kind, kind.topic)))
        with path(kind).open("xb") as file:
            file.write(msgspec.json.format(body, indent=2) + b"\n")
        sys.stdout.write(f"{path(kind).name}\n")


if __name__ == "__main__":
    main()
