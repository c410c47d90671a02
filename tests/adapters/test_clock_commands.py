"""`redress clock` and `redress policy` as they are called: what they print, and their exit codes (D-3c)."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application import deadline_policies
from tests.support.command_line import CommandLine
from tests.support.database import Database


@pytest.fixture(scope="module")
def database(database_factory: Callable[[], AbstractContextManager[Database]]) -> Iterator[Database]:
    with database_factory() as made:
        yield made


@pytest.fixture(scope="module")
def redress(database: Database, command_line: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Run the command line on a database with some cases."""
    key, home = b64encode(b"k" * 32).decode(), str(tmp_path_factory.mktemp("home"))
    run = command_line.set(REDRESS_HOME=home, REDRESS_DATABASE_URL=database.app, REDRESS_MASTER_KEY=key)
    assert run("generate", "--cases", "40", "--agents", "4", "--seed", "7").code == 0
    return run


def case_of(database: Database) -> str:
    with psycopg.connect(database.admin) as connection:
        return str(
            connection.execute("SELECT originator_id FROM log.events WHERE topic = 'case.received'").fetchall()[0][0]
        )


def test_a_case_s_clocks_are_shown_with_their_sums(redress: CommandLine, database: Database) -> None:
    case = case_of(database)
    done = redress("clock", case, "--json")
    shown: dict[str, Any] = done.document
    assert done.code == 0, done.err
    assert {"acknowledge", "answer", "resolve"} <= {one["clock"] for one in shown["items"]}
    assert all({*one["sum"]} == {"counted", "paused", "calendar", "policy"} for one in shown["items"])
    words = redress("clock", case)
    assert (words.code, "calendar default-1" in words.out) == (0, True)


@pytest.mark.parametrize("named", ["2026-999999", "00000000-0000-4000-8000-00000000000a"])
def test_a_case_that_is_not_there_is_told(redress: CommandLine, named: str) -> None:
    done = redress("clock", named)
    assert (done.code, done.out) == (3, "")
    assert "there is no" in done.err


def tried(redress: CommandLine, file: Path, *more: str) -> dict[str, Any]:
    done = redress("policy", "try", "--history", "--policy", str(file), "--json", *more)
    assert done.code == 0, done.err
    found: dict[str, Any] = done.document
    return found


def test_the_past_is_judged_by_a_stricter_policy_and_nothing_is_recorded_d_3c(
    redress: CommandLine, database: Database, tmp_path: Path
) -> None:
    file, strict = tmp_path / "same.yaml", tmp_path / "strict.yaml"
    file.write_text(deadline_policies.shipped_text(), "utf-8")
    strict.write_text(deadline_policies.shipped_text().replace("within: 24 hours", "within: 1 minute"), "utf-8")
    with psycopg.connect(database.admin) as connection:
        before = connection.execute("SELECT count(*) FROM log.events").fetchall()
        lenient, severe = tried(redress, file), tried(redress, strict)
        assert connection.execute("SELECT count(*) FROM log.events").fetchall() == before
    assert (lenient["cases"], lenient["left_out"]) == (severe["cases"], 0) == (40, 0)
    assert severe["tried"]["breached"] > lenient["tried"]["breached"]
    assert all(one["tried"]["state"] == "breached" for one in severe["shown"])
    assert "40 cases judged by default-1" in redress("policy", "try", "--history", "--policy", str(file)).out


def test_only_cases_of_a_period_are_judged(redress: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "same.yaml"
    file.write_text(deadline_policies.shipped_text(), "utf-8")
    assert tried(redress, file, "--to", "2020-01-01T00:00:00Z")["cases"] == 0
    assert tried(redress, file, "--from", "2020-01-01T00:00:00Z")["cases"] == 40
    assert redress("policy", "try", "--history", "--policy", str(file), "--from", "gestern").code == 2


def test_a_pack_is_tried_beside_the_internal_clocks_d_3a(redress: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "pack.yaml"
    file.write_text(deadline_policies.shipped_text("us-cfpb-1"), "utf-8")
    found = tried(redress, file)
    assert found["cases"] + found["left_out"] == 40
    assert {one["clock"] for one in found["shown"]} <= {"response", "final"}


def test_shipped_policies_are_shown_checked_and_described(redress: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "shown.yaml"
    file.write_text(redress("policy", "show", "uk-disp-1").out, "utf-8")
    assert "uk-disp-1 can be used" in redress("policy", "check", str(file)).out
    assert json.loads(redress("policy", "schema").out)["$schema"]
    assert redress("policy", "show", "none").code == 2
    assert redress("policy", "try", "--policy", str(file)).code == 2
