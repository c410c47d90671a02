"""The house rules as a test (style.md): who may import whom, how long functions get, what no file may say."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "application", "projections", "adapters")
"""Each may import itself and those before it."""
LIBRARIES_OF_THE_DOMAIN = frozenset(sys.stdlib_module_names)
LONGEST = {"domain": 40, "application": 60, "projections": 60, "adapters": 60}
MEDIAN_LINES, NINE_OF_TEN_LINES, FILE_LINES = 6, 20, 600
NO_NAMES = re.compile(r"(^|_)(utils?|helpers?|misc|common)(_|$)", re.IGNORECASE)
REGISTRIES = ("pypi", "pythonhosted", "npmjs", "crates", "rubygems", "conda", "anaconda")
HOSTS = re.compile(rf"\b({'|'.join(REGISTRIES)})\.(org|com|io)\b")
MACHINE_FOLDERS = ("work", "root")
MACHINE_PATHS = re.compile(rf"(?<![\w.\-~/])/({'|'.join(MACHINE_FOLDERS)})/")


@dataclass(frozen=True)
class Source:
    """One Python file: its package, its name from the root, its text."""

    name: str
    text: str

    @property
    def package(self) -> str:
        """The top package."""
        return self.name.split("/")[0]

    @property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text)


def sources() -> list[Source]:
    """Every Python file of the four packages."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return [Source(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files]


# ---- who imports whom -----------------------------------------------------------------------------------------------
def imported(source: Source) -> Iterator[str]:
    """The top names a file imports, wherever the import stands."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0] if node.level == 0 else source.package


def wrong_imports(source: Source) -> list[str]:
    """What the file imports against the arrows domain <- application <- projections <- adapters."""
    later = set(PACKAGES[PACKAGES.index(source.package) + 1 :]) | {"tests"}
    names = set(imported(source))
    if source.package == "domain":
        return sorted(names - LIBRARIES_OF_THE_DOMAIN - {"domain"})
    return sorted(names & later)


def test_imports_point_to_the_domain() -> None:
    assert {source.name: wrong for source in sources() if (wrong := wrong_imports(source))} == {}


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("domain/a.py", "import eventsourcing.domain", ["eventsourcing"]),
        ("domain/a.py", "import json\nfrom application import wire", ["application"]),
        ("domain/a.py", "def f():\n    import msgspec", ["msgspec"]),
        ("application/a.py", "import domain, eventsourcing\nfrom adapters.http import app", ["adapters"]),
        ("application/a.py", "import projections.cases", ["projections"]),
        ("projections/a.py", "from adapters import x", ["adapters"]),
        ("adapters/a.py", "from tests.support import spec", ["tests"]),
        ("adapters/a.py", "import domain, application, projections, fastapi", []),
        ("domain/a.py", "from . import b", []),
    ],
)
def test_an_import_against_the_arrows_is_found(name: str, text: str, wrong: list[str]) -> None:
    assert wrong_imports(Source(name, text)) == wrong


# ---- how long, how named --------------------------------------------------------------------------------------------
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: Source) -> Iterator[Function]:
    """Every function of a file, methods and inner ones too."""
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def length(function: Function) -> int:
    """The lines of a body without its docstring."""
    documented = ast.get_docstring(function) is not None
    body = function.body[1:] if documented else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def too_long(source: Source) -> list[str]:
    """The functions of a file that are over the limit of its package."""
    return [node.name for node in functions(source) if length(node) > LONGEST[source.package]]


def named_for_nothing(source: Source) -> list[str]:
    """Modules, classes and functions whose name does not say what they are for."""
    defined = [node.name for node in ast.walk(source.tree) if isinstance(node, Function | ast.ClassDef)]
    parts = Path(source.name).with_suffix("").parts
    return [name for name in (*parts, *defined) if NO_NAMES.search(name)]


def test_functions_are_short() -> None:
    lengths = [length(node) for source in sources() for node in functions(source)]
    assert median(lengths) <= MEDIAN_LINES
    assert quantiles(lengths, n=10)[-1] <= NINE_OF_TEN_LINES


def test_no_function_is_too_long() -> None:
    assert {source.name: long for source in sources() if (long := too_long(source))} == {}


def test_no_file_is_too_long() -> None:
    assert [source.name for source in sources() if len(source.text.splitlines()) > FILE_LINES] == []


def test_names_say_what_they_are_for() -> None:
    assert {source.name: names for source in sources() if (names := named_for_nothing(source))} == {}


def test_a_long_function_is_found() -> None:
    text = 'def f():\n    """Say\n    it."""\n' + "    x = 1\n" * 41
    assert too_long(Source("domain/a.py", text)) == ["f"]
    assert too_long(Source("adapters/a.py", text)) == []
    assert length(next(functions(Source("domain/a.py", text)))) == 41
    assert length(next(functions(Source("domain/a.py", 'def f():\n    """Only words."""\n')))) == 0


def test_a_name_that_says_nothing_is_found() -> None:
    assert named_for_nothing(Source("domain/utils.py", "class DateHelper: ...\ndef date_util(): ...")) == [
        *("utils", "date_util"),
    ]


def test_tests_are_no_packages() -> None:
    """A package tests/domain would shadow the real one."""
    assert sorted((ROOT / "tests").rglob("__init__.py")) == []


# ---- what no file says ----------------------------------------------------------------------------------------------
def tracked() -> list[Path]:
    """The files of the repository that are or would be tracked."""
    command = ("git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [file for name in names if name and (file := ROOT / name).is_file()]


def unwanted(text: str) -> list[str]:
    """Hosts of package registries and paths of somebody's machine."""
    return [match.group() for pattern in (HOSTS, MACHINE_PATHS) for match in pattern.finditer(text)]


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    found = {str(file): hits for file in tracked() if (hits := unwanted(file.read_text("utf-8", errors="ignore")))}
    assert found == {}


def test_a_registry_and_a_machine_path_are_found() -> None:
    host, folder = f"{REGISTRIES[1]}.org", f"/{MACHINE_FOLDERS[0]}/"
    assert unwanted(f"see {folder}main and https://files.{host}/x") == [host, folder]
    assert unwanted("https://example.org/a/work/b and ~/work/ and paperwork/") == []
