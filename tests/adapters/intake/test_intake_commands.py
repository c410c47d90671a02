"""`redress import cases` and `redress generate` as they are called: what they print, and their exit codes."""

from base64 import b64encode
from pathlib import Path

import pytest

from tests.adapters.intake.test_import_of_cases import BAD, GOOD, HEADER, MAPPING
from tests.support.command_line import CommandLine
from tests.support.database import Database


@pytest.fixture
def redress(database: Database, command_line: CommandLine, tmp_path: Path) -> CommandLine:
    """Run the command line on the database, as the service's own role: whoever migrates sets that role's password."""
    key, home = b64encode(b"k" * 32).decode(), str(tmp_path)
    return command_line.set(REDRESS_HOME=home, REDRESS_DATABASE_URL=database.app, REDRESS_MASTER_KEY=key)


def files(folder: Path, *rows: str) -> tuple[str, str]:
    mapping, file = folder / "desk.yaml", folder / "desk.csv"
    mapping.write_text(MAPPING, "utf-8")
    file.write_text("\n".join([HEADER, *rows]) + "\n", "utf-8")
    return str(file), str(mapping)


def test_what_is_taken_is_said_and_a_second_run_adds_nothing(redress: CommandLine, tmp_path: Path) -> None:
    file, mapping = files(tmp_path, *GOOD)
    done = redress("import", "cases", file, "--mapping", mapping)
    assert (done.code, done.err.count("Traceback")) == (0, 0), done.err
    assert "3 taken, 0 already there" in done.out
    assert "a minute" in done.out
    again = redress("import", "cases", file, "--mapping", mapping, "--json")
    told = again.document
    assert (again.code, told["taken"], told["already_there"], told["rows"]) == (0, 0, 3, 3)


def test_a_refused_row_is_exit_code_1(redress: CommandLine, tmp_path: Path) -> None:
    file, mapping = files(tmp_path, *GOOD, *BAD[:2])
    done = redress("import", "cases", file, "--mapping", mapping, "--json")
    assert done.code == 1
    assert [(row["line"], row["field"]) for row in done.document["refused"]] == [(6, None), (7, "channel")]
    shown = redress("import", "cases", file, "--mapping", mapping)
    assert shown.code == 1
    assert "2 refused" in shown.out
    assert "传真" in shown.out


@pytest.mark.parametrize(
    ("mapping", "said"),
    [("none.yaml", "shipped mapping: cfpb"), ("cfpb", "there is no column 'Company response to consumer'")],
)
def test_an_unreadable_mapping_or_file_is_exit_code_2(
    redress: CommandLine, tmp_path: Path, mapping: str, said: str
) -> None:
    file, _ = files(tmp_path, *GOOD)
    done = redress("import", "cases", file, "--mapping", mapping)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.replace("│", " ").split())


def test_a_file_that_is_not_there_is_exit_code_2(redress: CommandLine, tmp_path: Path) -> None:
    assert redress("import", "cases", str(tmp_path / "none.csv"), "--mapping", "cfpb").code == 2


def test_facts_are_imported_by_the_mapping_of_their_kind(redress: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "missed.csv"
    file.write_text("流水号,来电时间\nL-1,2026-03-02 16:05:10\nL-2,gestern\n", "utf-8")
    for taken in (1, 0):
        done = redress("import", "missed-calls", str(file), "--mapping", "missed-calls", "--json")
        told = done.document
        assert (done.code, told["taken"], told["already_there"]) == (1, taken, 1 - taken), done.err
        assert [(row["line"], row["field"]) for row in told["refused"]] == [(3, "at")]
    wrong = redress("import", "exams", str(file), "--mapping", "missed-calls")
    assert (wrong.code, wrong.out) == (2, "")
    assert "fields.at is not known" in " ".join(wrong.err.replace("│", " ").split())


def test_generate_says_what_it_has_made(redress: CommandLine) -> None:
    done = redress("generate", "--cases", "12", "--agents", "3", "--seed", "5")
    assert done.code == 0, done.err
    assert "seed 5: 12 cases, 0 were there already" in done.out
    told = redress("generate", "--cases", "12", "--agents", "3", "--seed", "5", "--json").document
    assert (told["cases"], told["already_there"], told["events"]) == (0, 12, 0)
    assert redress("generate", "--agents", "0").code == 2
