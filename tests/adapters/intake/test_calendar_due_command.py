"""`redress calendar`: its JSON, its exit codes, and what is told on stderr."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from adapters.cli import main as cli
from application import calendars

OFFICE = "version: o-1\ntime_zone: Europe/London\nweek: {weekdays: 09:00-17:00}\n"
FRIDAY = "2026-03-06T16:30:00+00:00"


@pytest.fixture(autouse=True)
def _own_log_lines() -> Iterator[None]:
    """The command line sends log lines to a stderr that is gone after the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture(name="office")
def an_office(tmp_path: Path) -> Path:
    file = tmp_path / "office.yaml"
    file.write_text(OFFICE, "utf-8")
    return file


def run(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    monkeypatch.setattr("sys.argv", ["redress", "calendar", *map(str, words)])
    return cli.main()


Said = pytest.CaptureFixture[str]


def test_due_and_its_sum_as_json(office: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert run(monkeypatch, "due", "--calendar", office, "--from", FRIDAY, "--work", "PT1H", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "due": "2026-03-09T09:30:00+00:00",
        "sum": [
            {"from": "2026-03-06T16:30:00+00:00", "to": "2026-03-06T17:00:00+00:00", "seconds": 1800},
            {"from": "2026-03-09T09:00:00+00:00", "to": "2026-03-09T09:30:00+00:00", "seconds": 1800},
        ],
    }


@pytest.mark.parametrize(
    ("work", "due"),
    [
        ("PT30M", "2026-03-06T17:00:00+00:00"),
        ("PT1H30M", "2026-03-09T10:00:00+00:00"),
        ("PT0,5H", "2026-03-06T17:00:00+00:00"),
        ("PT90S", "2026-03-06T16:31:30+00:00"),
        ("PT1.5S", "2026-03-06T16:30:01.500000+00:00"),
        ("PT0S", "2026-03-06T16:30:00+00:00"),
        ("P3D", "2026-03-11T16:30:00+00:00"),
        ("P0.5D", "2026-03-09T12:30:00+00:00"),
        ("P16D", "2026-03-30T16:30:00+01:00"),
    ],
)
def test_durations(office: Path, work: str, due: str, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert run(monkeypatch, "due", "--calendar", office, "--from", FRIDAY, "--work", work, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["due"] == due


def test_parts_of_seconds_are_told(office: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert run(monkeypatch, "due", "--calendar", office, "--from", FRIDAY, "--work", "PT1.5S", "--json") == 0
    assert [part["seconds"] for part in json.loads(capsys.readouterr().out)["sum"]] == [1.5]


def test_pauses_are_left_out(office: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    waits = ["--pause", "2026-03-06T16:45Z/2026-03-09T10:00Z", "--pause", "2026-03-09T10:15Z/2026-03-09T10:30:00.5Z"]
    assert run(monkeypatch, "due", "--calendar", office, "--from", FRIDAY, "--work", "PT1H", *waits, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["due"] == "2026-03-09T11:00:00.500000+00:00"
    assert [part["seconds"] for part in told["sum"]] == [900, 900, 1800]


def test_an_interval_over_a_change_of_clocks_has_its_true_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    nights = tmp_path / "nights.yaml"
    nights.write_text("version: n\ntime_zone: America/New_York\nweek: {daily: 00:30-05:00}\n", "utf-8")
    words = ["due", "--calendar", str(nights), "--from", "2026-11-01T00:00-04:00", "--work", "PT5H30M", "--json"]
    pause = ["--pause", "2026-11-01T01:45-04:00/2026-11-01T01:15-05:00"]  # half an hour, though the clock goes back
    assert run(monkeypatch, *words) == 0
    assert [part["seconds"] for part in json.loads(capsys.readouterr().out)["sum"]] == [5.5 * 3600]
    assert run(monkeypatch, *words, *pause) == 0
    assert json.loads(capsys.readouterr().out)["due"] == "2026-11-02T01:00:00-05:00"


def test_due_for_people(office: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert run(monkeypatch, "due", "--calendar", office, "--from", FRIDAY, "--work", "PT1H") == 0
    assert "due 2026-03-09T09:30:00+00:00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--from", "2026-03-06T16:30:00", "no offset"),
        ("--from", "Friday", "no time"),
        ("--from", "1815-06-18T11:00Z", "not between"),
        ("--work", "1h", "neither"),
        ("--work", "PT", "neither"),
        ("--work", "P", "neither"),
        ("--work", "-PT1H", "neither"),
        ("--work", "P1DT2H", "neither"),
        ("--work", "PT1H\n", "neither"),
        ("--work", f"P{'9' * 5000}D", "neither"),
        ("--work", "P999999999D", "until the end of 2199"),
        ("--work", "PT999999999H999999999M", "until the end of 2199"),
        ("--pause", "2026-03-06T16:30Z", "not FROM/TO"),
        ("--pause", "2026-03-06T16:30Z/", "no time"),
        ("--pause", "2026-03-06T16:30/2026-03-06T17:30", "no offset"),
        ("--pause", "2026-03-06T16:30Z/2026-03-06T16:29Z", "before it begins"),
        ("--pause", "0001-01-01T00:00Z/9999-12-31T23:59Z", "not between"),
        ("--calendar", "nowhere.yaml", "cannot be read"),
    ],
)
def test_wrong_usage_ends_with_2(
    office: Path, option: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    words = {"--calendar": str(office), "--from": FRIDAY, "--work": "PT1H"} | {option: value}
    given = [f"{name}={text}" for name, text in words.items()]
    assert run(monkeypatch, "due", *given, "--json") == 2
    told = capsys.readouterr()
    assert (told.out, said in " ".join(told.err.split())) == ("", True)


def test_a_calendar_that_never_opens_ends_with_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    closed = tmp_path / "closed.yaml"
    closed.write_text("version: c\ntime_zone: UTC\nweek: {daily: closed}\n", "utf-8")
    assert run(monkeypatch, "due", "--calendar", closed, "--from", FRIDAY, "--work", "PT1H") == 2
    assert "line 3: week: a calendar that never opens" in capsys.readouterr().err


def test_what_is_shown_can_be_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert run(monkeypatch, "show", "round-the-clock") == 0
    shown = tmp_path / "shown.yaml"
    shown.write_text(capsys.readouterr().out, "utf-8")
    assert run(monkeypatch, "check", shown) == 0
    assert "round-the-clock can be used, in Asia/Shanghai" in capsys.readouterr().out
    assert run(monkeypatch, "show", "../default-1") == 2
    assert "there are default-1, england-1, round-the-clock" in " ".join(capsys.readouterr().err.split())


def test_the_schema_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    assert run(monkeypatch, "schema") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(calendars.schema()))
