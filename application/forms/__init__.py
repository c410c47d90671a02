"""The forms of quality reviews (W-8) that ship with the project, read and checked once."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import msgspec

from domain.work.review import FULL, Form


class BadForm(ValueError):
    """A form that cannot hold; the message names the version and what is wrong."""


def parse(document: Mapping[str, Any]) -> Form:
    """A form from its document. Raises BadForm for a missing word, a name used twice, or weights that are not 100."""
    try:
        form = msgspec.convert(document, Form)
    except msgspec.ValidationError as error:
        raise BadForm(f"{document.get('version')}: {error}") from error
    names = [*(item.name for item in form.items), *(item.name for item in form.fatal)]
    if len({*names}) < len(names):
        raise BadForm(f"{form.version}: two items have one name")
    weights = [item.weight for item in form.items]
    if min(weights, default=0) < 1 or sum(weights) != FULL:
        raise BadForm(f"{form.version}: the weights add up to {sum(weights)}, each 1 or more: they must make {FULL}")
    return form


def shipped() -> Mapping[str, Form]:
    """The shipped forms by their version."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    documents = [tomllib.loads(file.read_text("utf-8")) for file in files if file.name.endswith(".toml")]
    return {form.version: form for form in map(parse, documents)}
