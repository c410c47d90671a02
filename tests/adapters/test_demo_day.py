"""The scripted day, whole: every handover and the daily report beside expected files (S-1 … S-5).

The expected files are written anew by `REDRESS_WRITE_EXPECTED=1`, and read by a person before they are kept.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.bootstrap import Services, open_services
from adapters.demo_day import TEAMS, agent, play_day, projecting, supervisor
from adapters.http.daily_reports import plain_report
from adapters.http.handover_answers import plain_handover
from adapters.settings import Settings
from application.handover_reads import people_of
from application.shifts import ShiftId
from domain.shift.words import ShiftKind
from tests.adapters.http.serving import Factory, running_loop

DAY = date(2026, 3, 4)
EXPECTED = Path(__file__).parent / "demo_day_expected"
Shifts = dict[tuple[str, ShiftKind], ShiftId]


@pytest.fixture(scope="module")
def played(database_factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the day comes to; played twice, to show that the second time adds nothing."""

    async def play(settings: Settings) -> dict[str, Any]:
        async with open_services(settings) as services:
            shifts = dict(await play_day(services, DAY))
            events = await _events(services)
            await play_day(services, DAY)
            assert await _events(services) == events
            return await _shown(services, shifts)

    with database_factory() as database, running_loop() as loop:
        settings = Settings(home=tmp_path_factory.mktemp("home"), database_url=database.app)
        yield asyncio.run_coroutine_threadsafe(play(settings), loop).result(120)


async def _events(services: Services) -> int:
    async with services.pool.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM log.events")).fetchone()
    return int(row[0]) if row else 0


async def _shown(services: Services, shifts: Shifts) -> dict[str, Any]:
    """Read as a supervisor does; the last ones still change, and are read while nothing else happens."""
    told: dict[str, Any] = {}
    async with projecting(services):
        for (team, kind), shift in shifts.items():
            shown = await services.shift_work.reads.shown(shift, supervisor(team))
            names = await services.shift_work.names(people_of(shown))
            told[f"{team}-{kind}"] = json.loads(msgspec.json.encode(plain_handover(shown, names, None)))
        report = await services.shift_work.reports.shown(DAY, datetime(2026, 3, 5, tzinfo=UTC), opens=True)
        told["daily-report"] = json.loads(msgspec.json.encode(plain_report(report)))
    return told


NAMES = [*(f"{team}-{kind}" for team in TEAMS for kind in ShiftKind), "daily-report"]


@pytest.mark.parametrize("name", NAMES)
def test_the_day_is_as_expected(played: dict[str, Any], name: str) -> None:
    file = EXPECTED / f"{name}.json"
    if os.environ.get("REDRESS_WRITE_EXPECTED"):
        file.write_text(json.dumps(played[name], ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert played[name] == json.loads(file.read_text("utf-8"))


def test_forty_cases_are_told_each_in_one_team_s_3(played: dict[str, Any]) -> None:
    received = [step["number"] for name in NAMES[:-1] for step in played[name]["steps"] if step["kind"] == "received"]
    assert len(received) == len({*received}) == 40


def test_what_one_shift_leaves_open_the_next_one_finds_s_3(played: dict[str, Any]) -> None:
    for team in TEAMS:
        early, middle, late = (played[f"{team}-{kind}"] for kind in ShiftKind)
        assert early["upto"] == middle["after"]
        assert middle["upto"] == late["after"]
        assert early["open_at_end"] == middle["open_at_start"]
        assert middle["open_at_end"] == late["open_at_start"]


def test_the_handovers_came_about_in_each_of_their_ways_s_2(played: dict[str, Any]) -> None:
    def ways(name: str) -> list[str]:
        return [way for way in ("prepared", "accepted", "released", "questions") if played[name][way]]

    assert ways("hotline-1-early") == ["prepared", "accepted"]
    assert ways("hotline-2-early") == ["prepared", "accepted", "questions"]
    assert ways("hotline-2-middle") == ["prepared", "released"]
    assert ways("hotline-1-late") == ["prepared"]
    assert not played["hotline-1-late"]["frozen"]
    assert agent("hotline-1", ShiftKind.MIDDLE).id == played["hotline-1-early"]["accepted"]["by"]
    [test] = [one for one in played["hotline-1-middle"]["phone_tests"] if one["shift"] == "middle"]
    assert test["at"] is None
