"""The log as JSON Lines with the JSON Schemas of its events: readable without any of this code."""

import json
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

import application.wire  # noqa: F401  fills EVENTS
from domain.kernel import EVENTS

_ROWS = """
    SELECT notification_id, originator_id, originator_version, topic, state FROM log.events
    WHERE notification_id > %s ORDER BY notification_id"""
_CHUNK = 20_000


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema (2020-12) of every event's `data`, by topic."""
    return {topic: _schema(topic) for topic in sorted(EVENTS)}


def _schema(topic: str) -> dict[str, Any]:
    kind = EVENTS[topic]
    _, components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    for component in components.values():
        component["description"] = cleandoc(component.get("description", ""))
    own: dict[str, Any] = components.pop(kind.__name__)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    named = own | {"title": f"{topic} v{kind.version}"}
    return head | named | ({"$defs": components} if components else {})


async def export_log(dsn: str, folder: Path, after: int) -> int:
    """Write `events.jsonl` and `schemas/<topic>.json` to a new folder; the number of events. Raises OSError."""
    (folder / "schemas").mkdir(parents=True)
    for topic, schema in schemas().items():
        (folder / "schemas" / f"{topic}.json").write_text(
            json.dumps(schema, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    count = 0
    async with await AsyncConnection.connect(dsn) as connection:
        with (folder / "events.jsonl").open("wb") as file:
            async with connection.cursor("export", binary=True) as cursor:
                await cursor.execute(_ROWS, (after,))
                while rows := await cursor.fetchmany(_CHUNK):
                    file.writelines(_line(row) for row in rows)
                    count += len(rows)
    return count


def _line(row: tuple[Any, ...]) -> bytes:
    """One event: its place, its topic, and the stored body as it is."""
    position, stream, version, topic, state = row
    place = msgspec.json.encode({"position": position, "stream": stream, "version": version, "topic": topic})
    return place[:-1] + b',"body":' + bytes(state) + b"}\n"
