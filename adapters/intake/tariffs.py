"""Tariffs as YAML documents: the shipped ones, and a file to be tried."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from application.documents import BadDocument, Document, read, read_file
from domain.tariff.tariff import Tariff, faults

SHIPPED = files("application.tariffs")
DEFAULT = "default-1"
"""The shipped version that is in force until another one is."""


def parse(document: Document) -> Tariff:
    """A tariff from its document. Raises BadDocument with line, path and reason."""
    tariff = document.convert(Tariff)
    for path, reason in faults(tariff):
        raise document.fault(tuple(int(step) if step.isdigit() else step for step in path.split("/")), reason)
    return tariff


def tariff_file(path: Path) -> Tariff:
    """A tariff from a file. Raises BadDocument."""
    return parse(read_file(path))


def shipped_text(version: str = DEFAULT) -> str:
    """A shipped tariff as it is written. Raises BadDocument for a version that does not ship."""
    known = sorted(file.name.removesuffix(".yaml") for file in SHIPPED.iterdir() if file.name.endswith(".yaml"))
    if version not in known:
        raise BadDocument(f"no tariff {version} ships with the service; there are {', '.join(known)}")
    return SHIPPED.joinpath(f"{version}.yaml").read_text("utf-8")


def shipped(version: str = DEFAULT) -> Tariff:
    """A shipped tariff. Raises BadDocument for a version that does not ship."""
    return parse(read(f"{version}.yaml", shipped_text(version)))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a tariff: unknown fields are refused, marks may be written as numbers too."""
    made = msgspec.json.schema(Tariff)
    for shape in made["$defs"].values():
        shape["additionalProperties"] = False
        for field in shape["properties"].values():
            if field.get("format") == "decimal":
                field["type"] = ["number", "string"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | made


def with_default(tariff: Tariff) -> list[Tariff]:
    """A tariff and, where the default one begins before it, that one: a fact is judged by the tariff of its day."""
    default = shipped()
    return [tariff, default] if default.valid_from < tariff.valid_from else [tariff]
