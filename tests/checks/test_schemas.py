"""The exported schemas say what is stored: every golden of today's version fits its schema, and nothing else does."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from adapters.export import schemas
from domain.kernel import EVENTS
from tests.support.goldens import FOLDER

SCHEMAS = schemas()
CURRENT = [(topic, FOLDER / f"{topic}.v{kind.version}.json") for topic, kind in sorted(EVENTS.items())]
every_event = pytest.mark.parametrize(("topic", "golden"), CURRENT, ids=[topic for topic, _ in CURRENT])


def closed(schema: Any) -> Any:
    """The schema with no room for fields it does not name: published ones leave it, for events of later versions."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {"additionalProperties": False} if "properties" in schema else {}
    return {name: closed(part) for name, part in schema.items()} | shut


def check(topic: str, data: Any) -> None:
    """Raises ValidationError."""
    Draft202012Validator(closed(SCHEMAS[topic]), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(data)


def data_of(golden: Path) -> Any:
    return json.loads(golden.read_text("utf-8"))["data"]


@every_event
def test_a_schema_is_one(topic: str, golden: Path) -> None:
    del golden
    Draft202012Validator.check_schema(SCHEMAS[topic])
    assert SCHEMAS[topic]["title"] == f"{topic} v{EVENTS[topic].version}"
    assert SCHEMAS[topic]["description"] == SCHEMAS[topic]["description"].strip()


@every_event
def test_what_is_stored_fits_its_schema(topic: str, golden: Path) -> None:
    check(topic, data_of(golden))


@every_event
def test_a_missing_or_an_unknown_field_does_not(topic: str, golden: Path) -> None:
    data = data_of(golden)
    for name in SCHEMAS[topic].get("required", ()):
        with pytest.raises(ValidationError):
            check(topic, {key: value for key, value in data.items() if key != name})
    with pytest.raises(ValidationError):
        check(topic, data | {"unheard_of": 1})


def test_personal_data_is_told_apart() -> None:
    box = SCHEMAS["case.noted"]["$defs"]["Private"]["properties"]["box"]
    assert box == {"type": "string", "contentEncoding": "base64"}
