"""What the console takes from others is what the lock file pins, byte by byte, with its licence."""

import json
from pathlib import Path

import pytest

from tests.checks.vendor_assets import FOR_TESTS, VENDOR, VENDORING, described, icon_names

FOLDERS = (VENDOR, FOR_TESTS)
LOCK = json.loads((VENDORING / "package-lock.json").read_text(encoding="utf-8"))["packages"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_files_are_those_that_were_brought_in(folder: Path) -> None:
    said = json.loads((folder / "vendor.json").read_text(encoding="utf-8"))
    found = {name: described((folder / name).read_bytes(), about["package"], LOCK) for name, about in said.items()}
    assert found == said
    others = {path.name for path in folder.iterdir()} - set(said) - {"vendor.json"}
    assert all(name.endswith(".LICENSE") for name in others), "every file is named in vendor.json"


def test_the_sprite_has_every_icon_that_is_listed() -> None:
    sprite = (VENDOR / "icons.svg").read_text(encoding="utf-8")
    assert [name for name in icon_names() if f'id="{name}"' not in sprite] == []


def test_the_lock_names_no_host() -> None:
    assert not [name for name, package in LOCK.items() if "resolved" in package]
