"""What the documentation says is true as far as a program can tell: links, commands, settings, generated pages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from adapters.cli.commands import app
from domain.case.policy import CasePolicy
from tests.checks.write_documentation import COMMAND, FIGURES, ROOT, pages, unwanted

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
every_page = pytest.mark.parametrize("file", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_REDRESS = re.compile(r"(?<![\w/])(?:\.venv/bin/)?redress (?P<first>[a-z-]+)(?: (?P<second>[a-z][a-z-]*))?")
_DEV = re.compile(r"\./dev (?P<word>-?-?[a-z]+)")
_CAMPAIGN = re.compile(r"--campaign (?P<name>[a-z_]+)")
_SETTING = re.compile(r"\bREDRESS_[A-Z_]+\b")


# ---- links ----------------------------------------------------------------------------------------------------------
def anchor(heading: str) -> str:
    """A heading as it is linked to."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken(page: Path, text: str) -> Iterator[str]:
    """The links of a page that lead nowhere in this repository."""
    for target in _LINK.findall(_FENCE.sub("", text)):
        path, _, fragment = target.partition("#")
        if "://" in target:
            continue
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and fragment not in map(anchor, _HEADING.findall(file.read_text("utf-8")))):
            yield target


@every_page
def test_links_lead_somewhere(file: Path) -> None:
    assert list(broken(file, file.read_text("utf-8"))) == []


def test_a_broken_link_is_found() -> None:
    text = "[a](nowhere.md) [b](README.md#no-such-heading) [c](#nothing) [d](README.md#settings) [e](https://example.org/x)"
    assert list(broken(ROOT / "README.md", text)) == ["nowhere.md", "README.md#no-such-heading", "#nothing"]


# ---- commands and settings ------------------------------------------------------------------------------------------
def in_code(text: str) -> str:
    """The blocks and spans of code of a page."""
    return "\n".join([*_FENCE.findall(text), *_SPAN.findall(_FENCE.sub("", text))])


def commands() -> Mapping[str, Any]:
    """The commands of `redress`, each with those of its own, if it is a group."""
    return {name: getattr(command, "commands", {}) for name, command in get_command(app).commands.items()}  # type: ignore[attr-defined]


def dev_words() -> set[str]:
    """The words `./dev` says of itself."""
    usage = (ROOT / "dev").read_text("utf-8").partition("<<'END'\n")[2].partition("\nEND\n")[0]
    return set(re.findall(r"^  (-*[a-z]+)", usage, re.MULTILINE))


def unknown_commands(text: str) -> Iterator[str]:
    """What a page tells its reader to type and nothing answers to."""
    known, code = commands(), in_code(text)
    for match in _REDRESS.finditer(code):
        group = known.get(match["first"])
        if group is None or (group and match["second"] and match["second"] not in group):
            yield match.group()
    yield from (match.group() for match in _DEV.finditer(code) if match["word"] not in dev_words())
    for match in _CAMPAIGN.finditer(code):
        if not (ROOT / "tests" / "campaigns" / f"{match['name']}.py").exists():
            yield match.group()


@every_page
def test_every_command_exists(file: Path) -> None:
    assert list(unknown_commands(file.read_text("utf-8"))) == []


def test_an_unknown_command_is_found() -> None:
    block = "```sh\n./dev dance\n./dev test --campaign none\nredress key create a1\n```\n"
    text = f"`redress fly`, `redress user vanish`\n{block}"
    assert sorted(unknown_commands(text)) == ["--campaign none", "./dev dance", "redress fly", "redress user vanish"]


def test_readme_names_every_setting_and_no_other() -> None:
    sources = [*(ROOT / "adapters").rglob("*.py"), ROOT / "tests" / "conftest.py"]
    read = {name for file in sources for name in _SETTING.findall(file.read_text("utf-8"))}
    told = set(_SETTING.findall((ROOT / "README.md").read_text("utf-8")))
    assert told == read


# ---- decisions, generated pages -------------------------------------------------------------------------------------
@pytest.mark.parametrize("file", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_can_be_quoted(file: Path) -> None:
    text = file.read_text("utf-8")
    assert _HEADING.findall(text)[1:] == ["Context", "Decision", "Grounds", "Consequences"]
    assert re.search(r"^## Decision\n\n> \S", text, re.MULTILINE)
    assert text.startswith(f"# {file.name[:4]}: ")


def test_decisions_are_numbered_and_listed() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = _LINK.findall((ROOT / "docs" / "decisions" / "README.md").read_text("utf-8"))
    assert listed == [page.name for page in DECISIONS]


def test_every_figure_of_a_policy_is_told() -> None:
    told = {name for name, _ in FIGURES} | {"version", "kind", "limit_fen", "steps", "needs"}
    assert told == {field.name for field in fields(CasePolicy)}


def test_generated_pages_are_current() -> None:
    stale = [
        str(file.relative_to(ROOT))
        for file, text in pages().items()
        if not file.exists() or file.read_text("utf-8") != text
    ]
    stale += [str(file.relative_to(ROOT)) for file in unwanted()]
    assert not stale, f"made from other code than this: run {COMMAND} and commit what it writes"
