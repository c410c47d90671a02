"""`redress tariff try --history`: who would have got what by another tariff, beside what they got (L-7)."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.cli.commands import app
from adapters.intake.tariffs import shipped_text
from tests.adapters.cli.conftest import Beside
from tests.adapters.cli.recorded import Records, recorded
from tests.support.command_line import Said

DAYS = ("--from", "2007-03-01", "--to", "2007-04-30")


@pytest.fixture(scope="module")
def records(beside: Beside) -> Records:
    return recorded(beside.service)


def tariff(folder: Path, *changes: tuple[str, str]) -> str:
    """The shipped tariff with some lines changed, in a file."""
    text = shipped_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = folder / "tariff.yaml"
    file.write_text(text, "utf-8")
    return str(file)


def tried(beside: Beside, file: str, *days: str) -> Said:
    said = beside.redress("tariff", "try", "--history", "--tariff", file, *(days or DAYS), "--json")
    assert said.code == 0, said.out + said.err
    return said


def side(lines: int, fen: int) -> dict[str, int]:
    return {"lines": lines, "amount_fen": fen}


def rows(said: Said) -> dict[tuple[str, str], Any]:
    return {(row["agent"], row["code"]): row for row in said.document["rows"]}


def standing(records: Records, agent: str, code: str) -> dict[str, int]:
    """What stands of an agent and code, by the lists."""
    found = [one for one in records.lines() if (one["agent"], one["code"]) == (agent, code)]
    found = [one for one in found if not one["reverses"] and not one["reversed_by"] and one["status"] != "dismissed"]
    return side(len(found), sum(one["amount_fen"] for one in found))


def test_the_tariff_in_force_makes_no_difference(beside: Beside, records: Records, tmp_path: Path) -> None:
    said = tried(beside, tariff(tmp_path))
    assert said.document["tariff"] == "default-1"
    assert all(row["recorded"] == row["tried"] and row["difference_fen"] == 0 for row in said.document["rows"])
    for (agent, code), row in rows(said).items():
        assert row["recorded"] == standing(records, agent, code)
    assert ("a1001", "P-OPERATION") in rows(said)


def test_who_would_have_got_what_by_a_tariff_to_come(beside: Beside, records: Records, tmp_path: Path) -> None:
    changes = [
        ("version: default-1", "version: dearer-2"),
        ("valid_from: 2000-01-01", "valid_from: 2099-01-01"),
        ("  - {first: 2000-01-01, to: 2007-01-31, signed_fen: 20, unsigned_fen: 20}\n", ""),
        ("  - {first: 2007-02-01, to: 2007-04-30, signed_fen: 25, unsigned_fen: 15}\n", ""),
        (
            "{first: 2007-05-01, to: null, signed_fen: 20, unsigned_fen: 20}",
            "{first: 2099-01-01, to: null, signed_fen: 40, unsigned_fen: 0}",
        ),
        ("operation_fen: 1000", "operation_fen: 300"),
        ("minor_fen: 1000", "minor_fen: 1500"),
    ]
    assert standing(records, "a1002", "B-ORDER") == side(5, 115)
    said = tried(beside, tariff(tmp_path, *changes))
    found = rows(said)
    orders = found["a1002", "B-ORDER"]
    assert (orders["recorded"], orders["tried"], orders["difference_fen"]) == (side(5, 115), side(4, 160), 45)
    minor = found["a1001", "P-MINOR"]
    assert (minor["recorded"], minor["tried"], minor["difference_fen"]) == (side(1, -1000), side(1, -1500), -500)
    # one fault was dismissed, the other reduced to 4.00: by 3.00 it would have been less still
    fault = found["a1001", "P-OPERATION"]
    assert (fault["recorded"], fault["tried"]) == (side(1, -400), side(1, -300))
    total = said.document["total"]
    for name in ("recorded", "tried"):
        assert total[name] == side(
            sum(row[name]["lines"] for row in said.document["rows"]),
            sum(row[name]["amount_fen"] for row in said.document["rows"]),
        )
    assert total["difference_fen"] == total["tried"]["amount_fen"] - total["recorded"]["amount_fen"] != 0


def test_a_month_is_judged_whole_where_its_last_day_is_asked_for(
    beside: Beside, records: Records, tmp_path: Path
) -> None:
    file = tariff(tmp_path, ("failed_again_fen: 8000", "failed_again_fen: 9000"))
    assert records.lines(month="2007-04")
    only_april = tried(beside, file, "--from", "2007-04-30", "--to", "2007-04-30")
    [failed] = [row for row in only_april.document["rows"] if row["code"] == "P-EXAM"]
    assert (failed["recorded"], failed["tried"]) == (side(1, -8000), side(1, -9000))
    none = tried(beside, file, "--from", "2007-04-28", "--to", "2007-04-29")
    assert (none.document["rows"], none.document["total"]["difference_fen"]) == ([], 0)


def test_people_see_a_table_and_how_far_it_is(beside: Beside, records: Records, tmp_path: Path) -> None:
    assert records.last
    file = tariff(tmp_path, ("minor_fen: 1000", "minor_fen: 1500"))
    said = beside.redress("tariff", "try", "--history", "--tariff", file, *DAYS)
    assert (said.code, "P-MINOR" in said.out, "-500" in said.out) == (0, True, True)
    assert {"judging", "comparing"} <= set(said.err.split())


@pytest.mark.parametrize(
    "words",
    [
        ("--history",),
        ("--history", "--tariff", "FILE", "--from", "2007-03-01"),
        ("--history", "--tariff", "FILE", "--from", "2007-03-02", "--to", "2007-03-01"),
        ("--history", "--tariff", "FILE", "--from", "2007-03", "--to", "2007-03-01"),
        ("FILE", "--history", "--tariff", "FILE", *DAYS),
        ("FILE", *DAYS),
        (),
    ],
)
def test_what_does_not_go_together_is_exit_code_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tariff(tmp_path)
    asked = ["tariff", "try", *(file if word == "FILE" else word for word in words)]
    assert CliRunner().invoke(app, asked).exit_code == 2
