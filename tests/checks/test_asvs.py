"""docs/asvs.md has every requirement of level 1, and every test that it names is there and runs."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "asvs.md").read_text("utf-8")
ROWS = re.findall(r"^\| (V[\d.]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
LEVEL_1 = """
    V1.2:5 V1.3:2 V1.5:1 V2.1:1 V2.2:2 V2.3:1 V3.2:2 V3.3:1 V3.4:2 V3.5:3 V4.1:1 V4.4:1 V5.2:2 V5.3:2 V6.1:1 V6.2:8
    V6.3:2 V6.4:2 V7.2:4 V7.4:2 V8.1:1 V8.2:2 V8.3:1 V9.1:3 V9.2:1 V10.4:5 V11.3:2 V11.4:1 V12.1:1 V12.2:2 V13.4:1
    V14.2:1 V14.3:1 V15.1:1 V15.2:1 V15.3:1"""
"""How many requirements of level 1 each section of version 5.0.0 begins with: seventy in all."""
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_requirement_of_level_1_has_its_row() -> None:
    sections = [section.split(":") for section in LEVEL_1.split()]
    wanted = [f"{name}.{number}" for name, most in sections for number in range(1, int(most) + 1)]
    assert len(wanted) == 70
    assert [row[0] for row in ROWS] == wanted


def test_every_row_is_shown_open_or_does_not_apply() -> None:
    words = ("`tests/", "open", "does not apply", "lint rule", "operator's proxy", "SECURITY.md")
    assert [row[0] for row in ROWS if not any(word in row[2] for word in words)] == []


def test_every_test_that_is_named_is_there() -> None:
    named = _TEST.findall(PAGE)
    assert len(named) > 25
    missing = [f"{file}::{name}" for file, name in named if not _has(ROOT / file, name)]
    assert missing == []


def _has(file: Path, name: str) -> bool:
    if not file.exists():
        return False
    tree = ast.parse(file.read_text("utf-8"))
    return not name or name in {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
