"""`redress ledger` and `redress payroll months|statement|export|verify-export` as they are called."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli.commands import app
from tests.adapters.cli.conftest import Beside
from tests.adapters.cli.recorded import CLOSED, OPEN, Records, recorded


@pytest.fixture(scope="module")
def records(beside: Beside) -> Records:
    return recorded(beside.service)


def test_lines_are_listed_as_the_api_lists_them(beside: Beside, records: Records) -> None:
    by_api = records.service.get(f"/api/v1/ledgers/penalties?month={CLOSED}&limit=3", who="payroll")
    said = beside.redress("ledger", "penalties", "--month", CLOSED, "--limit", "3", "--json")
    assert (said.code, said.document) == (0, by_api.body)
    further = beside.redress("ledger", "penalties", "--month", CLOSED, "--after", said.document["next"], "--json")
    listed = [one["entry_id"] for page in (said, further) for one in page.document["items"]]
    assert listed == [one["entry_id"] for one in records.lines(month=CLOSED) if one["kind"] == "penalty"]


def test_lines_are_narrowed_and_shown_in_a_table(beside: Beside, records: Records) -> None:
    assert records.last
    said = beside.redress("ledger", "--agent", "a1001", "--status", "dismissed", "--json")
    assert [(one["agent"], one["code"]) for one in said.document["items"]] == [("a1001", "P-OPERATION")]
    table = beside.redress("ledger", "bonuses", "--month", OPEN, "--agent", "a1002", "--limit", "1")
    assert (table.code, "B-ORDER" in table.out, "more with --after" in table.out) == (0, True, True)


@pytest.mark.parametrize(
    "words",
    [
        ("ledger", "wages"),
        ("ledger", "--month", "March"),
        ("ledger", "--status", "paid"),
        ("ledger", "--limit", "0"),
        ("payroll", "statement", "2007-13", "a1001"),
        ("payroll", "export", "2007-03", "--format", "docx", "--out", "."),
        ("payroll", "verify-export", "nowhere"),
    ],
)
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2


def test_what_is_no_cursor_is_refused(beside: Beside) -> None:
    said = beside.redress("ledger", "--after", "x")
    assert (said.code, "after is not what a page gave as next" in said.err) == (3, True)


def test_months_and_statements_are_those_of_the_api(beside: Beside, records: Records) -> None:
    assert records.last
    months = beside.redress("payroll", "months", "--json")
    assert [(one["month"], one["status"]) for one in months.document["items"]] == [(OPEN, "open"), (CLOSED, "closed")]
    path = f"/api/v1/payroll/months/{CLOSED}/statements/a1001"
    said = beside.redress("payroll", "statement", CLOSED, "a1001", "--json")
    assert said.document == records.service.get(path, who="payroll").body
    table = beside.redress("payroll", "statement", CLOSED, "a1001")
    assert (table.code, "net_fen" in table.out, "P-MINOR" in table.out) == (0, True, True)
    assert CLOSED in beside.redress("payroll", "months").out
    assert beside.redress("payroll", "statement", CLOSED, "nobody").code == 2


def test_an_export_is_the_file_of_the_api_with_its_manifest(beside: Beside, records: Records, tmp_path: Path) -> None:
    by_api = records.service.get(f"/api/v1/payroll/months/{CLOSED}/export?format=csv", who="payroll").raw
    said = beside.redress("payroll", "export", CLOSED, "--format", "csv", "--out", str(tmp_path), "--json")
    file, manifest = tmp_path / f"payroll-{CLOSED}.csv", tmp_path / f"payroll-{CLOSED}.csv.manifest.json"
    assert (said.code, said.document) == (0, {"files": [str(file), str(manifest)]})
    assert file.read_bytes() == by_api
    assert json.loads(manifest.read_text("utf-8"))["sha256"] == sha256(by_api).hexdigest()
    assert sorted(tmp_path.iterdir()) == [file, manifest]
    assert beside.redress("payroll", "verify-export", str(tmp_path)).code == 0
    file.write_bytes(by_api.replace(b"25", b"52"))
    said = beside.redress("payroll", "verify-export", str(tmp_path), "--json")
    assert (said.code, said.document) == (1, {"files": [{"file": file.name, "same": False}]})
    file.unlink()
    assert beside.redress("payroll", "verify-export", str(tmp_path)).code == 1


def test_a_month_that_is_not_closed_is_exported_as_a_draft_only(
    beside: Beside, records: Records, tmp_path: Path
) -> None:
    assert records.last
    asked = ("payroll", "export", OPEN, "--format", "jsonl", "--out", str(tmp_path))
    refused = beside.redress(*asked)
    assert (refused.code, refused.out, "is not closed" in refused.err) == (3, "", True)
    assert not [*tmp_path.iterdir()]
    assert beside.redress(*asked, "--draft").code == 0
    [draft] = tmp_path.iterdir()
    assert draft.name == f"payroll-{OPEN}-draft.jsonl"
    assert beside.redress("payroll", "verify-export", str(tmp_path)).code == 2
