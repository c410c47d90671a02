"""`redress export`: the log outlives every program that could write it."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from jsonschema import Draft202012Validator

from adapters.export import export_log
from adapters.intake.generate import Plan, generate
from application import wire
from tests.adapters.intake.service import Service

pytestmark = pytest.mark.anyio
PLAN = Plan(cases=30, agents=3, seed=11, end=datetime(2026, 3, 1, tzinfo=UTC))


async def test_every_event_is_written_in_order_as_stored_and_fits_its_schema(service: Service, tmp_path: Path) -> None:
    await generate(PLAN, service.generator)
    folder = tmp_path / "export"
    count = await export_log(service.database.app, folder, 0)
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_bytes().splitlines()]
    with psycopg.connect(service.database.app) as connection:
        stored = connection.execute(
            "SELECT notification_id, topic, state FROM log.events ORDER BY notification_id"
        ).fetchall()
    assert count == len(lines) == len(stored) > 100
    assert [(line["position"], line["topic"]) for line in lines] == [(row[0], row[1]) for row in stored]
    for line, row in zip(lines, stored, strict=True):
        assert line["body"] == json.loads(row[2])
        schema = json.loads((folder / "schemas" / f"{line['topic']}.json").read_text("utf-8"))
        Draft202012Validator(schema).validate(line["body"]["data"])
        assert wire.decode(line["topic"], json.dumps(line["body"]).encode())
    assert Counter(line["topic"] for line in lines)["case.received"] == PLAN.cases


async def test_a_later_export_begins_after_a_position(service: Service, tmp_path: Path) -> None:
    await generate(PLAN, service.generator)
    whole = await export_log(service.database.app, tmp_path / "whole", 0)
    rest = await export_log(service.database.app, tmp_path / "rest", 40)
    assert rest == whole - 40


async def test_an_export_never_mixes_with_what_is_there(service: Service, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    with pytest.raises(FileExistsError):
        await export_log(service.database.app, tmp_path, 0)
