"""Every shape ever stored can be read for ever (contract part 4): goldens are added, never changed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from application import wire
from domain.kernel import EVENTS
from tests.support.goldens import FOLDER, META, missing, sample, stored

GOLDENS = sorted(FOLDER.glob("*.json"))
NAME = re.compile(r"(?P<topic>[a-z_]+\.[a-z_]+)\.v(?P<version>[1-9][0-9]*)\.json")
every_golden = pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden.stem)


def named(golden: Path) -> tuple[str, int]:
    """The topic and version in a file's name."""
    match = NAME.fullmatch(golden.name)
    assert match, f"{golden.name} is not <topic>.v<version>.json"
    return match["topic"], int(match["version"])


def test_every_event_has_its_golden() -> None:
    names = sorted(kind.topic for kind in missing())
    assert not names, "new shapes: run .venv/bin/python tests/checks/add_goldens.py and commit what it writes"


@every_golden
def test_a_golden_is_read_and_stored_again_as_it_was(golden: Path) -> None:
    topic, version = named(golden)
    body: dict[str, Any] = json.loads(golden.read_text("utf-8"))
    event, meta = wire.decode(topic, golden.read_bytes())
    assert (body["v"], meta) == (version, META)
    if version == EVENTS[topic].version:
        assert stored(event) == body, "a stored shape has changed: raise the event's version and bring an upcast"


@every_golden
def test_a_golden_of_today_leaves_no_field_out(golden: Path) -> None:
    topic, version = named(golden)
    if version == EVENTS[topic].version:
        body: dict[str, Any] = json.loads(golden.read_text("utf-8"))
        assert shape(body["data"]) == shape(stored(sample(EVENTS[topic], topic))["data"])


def test_no_version_of_a_shape_is_left_out() -> None:
    known = {named(golden) for golden in GOLDENS}
    for topic, version in known:
        assert {(topic, earlier) for earlier in range(1, version)} <= known


def shape(value: Any) -> Any:
    """The fields of a body, down to the last, without what stands in them."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else None
