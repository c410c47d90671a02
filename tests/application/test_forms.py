"""The forms of quality reviews (W-8): what ships, and what cannot hold."""

from collections.abc import Callable
from typing import Any

import pytest

from application.forms import BadForm, parse, shipped

WORDS = {"zh": "项", "en": "item"}


def form() -> dict[str, Any]:
    """A right one."""
    items = [{"name": name, "weight": 50, "words": WORDS} for name in ("greeting", "answering")]
    return {"version": "form-1", "items": items, "fatal": [{"name": "taboos", "words": WORDS}]}


def test_the_default_form_has_what_the_rule_names() -> None:
    default = shipped()["default-1"]
    named = {item.name for item in default.items} | {item.name for item in default.fatal}
    assert named == {"greeting", "answering", "parting", "hold", "forbidden_phrases", "taboos"}
    assert default.fatal


SPOILT: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda made: made.pop("fatal"), "form-1: .*fatal"),
    (lambda made: made["items"][0].update(weight=51), "add up to 101"),
    (lambda made: made["items"][0].update(weight=0), "each 1 or more"),
    (lambda made: made.update(items=[]), "add up to 0"),
    (lambda made: made["fatal"][0].update(name="greeting"), "two items have one name"),
]


@pytest.mark.parametrize(("spoil", "saying"), SPOILT)
def test_a_form_that_cannot_hold_is_not_taken(spoil: Callable[[dict[str, Any]], object], saying: str) -> None:
    assert parse(form()).version == "form-1"
    made = form()
    spoil(made)
    with pytest.raises(BadForm, match=saying):
        parse(made)
