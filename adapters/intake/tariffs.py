"""Tariffs as YAML documents: the shipped ones, and a file to be tried."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from adapters.intake.documents import Document, read, read_file
from domain.tariff.tariff import Tariff, faults

SHIPPED = files("application.tariffs")


def parse(document: Document) -> Tariff:
    """A tariff from its document. Raises BadDocument with line, path and reason."""
    tariff = document.convert(Tariff)
    for path, reason in faults(tariff):
        raise document.fault(tuple(int(step) if step.isdigit() else step for step in path.split("/")), reason)
    return tariff


def tariff_file(path: Path) -> Tariff:
    """A tariff from a file. Raises BadDocument."""
    return parse(read_file(path))


def shipped_text(version: str = "default-1") -> str:
    """The shipped tariff as it is written."""
    return SHIPPED.joinpath(f"{version}.yaml").read_text("utf-8")


def shipped() -> Tariff:
    """The default tariff."""
    return parse(read("default-1.yaml", shipped_text()))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a tariff."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | msgspec.json.schema(Tariff)
