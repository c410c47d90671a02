"""Words of the domain for the eye, in both languages: one data file, read and checked once."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

import yaml

Tongue = Literal["en", "zh"]
TONGUES = frozenset(get_args(Tongue))
_ID = re.compile(r"[\w-]+", re.ASCII)
_OF_PERSONS = frozenset({"agent", "agents"})
THING = "thing_name"
"""The field `name` of what is no person: Chinese has another word for it."""
FILE = files("adapters.web").joinpath("words.yaml")


class BadWords(ValueError):
    """A file of words that cannot be used; the message names the entry and what is wrong."""


class Unworded(KeyError):
    """There is no word for this: no such kind, or no such value of it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What each value of each kind is called: by kind, value and language."""

    entries: Mapping[str, Mapping[str, Mapping[str, str]]]

    def known(self, kind: str, value: str) -> bool:
        """Whether there is a word; a page shows a newer event's topic as it stands."""
        return value in self.entries.get(kind, {})

    def word(self, kind: str, value: str, language: Tongue) -> str:
        """What a value is called. Raises Unworded."""
        if not self.known(kind, value):
            raise Unworded(f"{kind}: {value}")
        return self.entries[kind][value][language]

    def kind_of(self, name: str, values: Collection[str]) -> str:
        """The kind of a choice in the API's document: by its enum's name, else the kind with just these values.

        Enums that are called alike have made-up names there, and some choices have none: those are of kind `choice`.
        """
        kind = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if all(self.known(kind, value) for value in values):
            return kind
        exact = (kind for kind, known in self.entries.items() if set(known) == set(values))
        return next(exact, "choice")


def read(text: str) -> Words:
    """The words of a YAML document. Raises BadWords unless each entry has exactly `en` and `zh`, neither empty."""
    document = yaml.safe_load(text)
    if not isinstance(document, dict):
        raise BadWords("words are kinds, values and languages: kind: {value: {en: …, zh: …}}")
    for kind, values in document.items():
        if not isinstance(values, dict):
            raise BadWords(f"{kind}: this needs values, each with en and zh")
        for value, said in values.items():
            _check(kind, value, said)
    return Words(document)


def _check(kind: Any, value: Any, said: Any) -> None:
    if not isinstance(kind, str) or not isinstance(value, str):
        raise BadWords(f"{kind}: {value}: this is no text for YAML: put it in quotes")
    if not isinstance(said, dict) or set(said) != TONGUES:
        raise BadWords(f"{kind}: {value}: this needs exactly en and zh")
    for language, word in said.items():
        if not isinstance(word, str) or not word.strip():
            raise BadWords(f"{kind}: {value}: {language}: this is empty, or no text for YAML")


@cache
def words() -> Words:
    """The words of the console. Raises BadWords."""
    return read(FILE.read_text("utf-8"))


def field_of(name: str, owner: str) -> str:
    """By which word a field is called. owner: the first word of an event's topic, of a path, or of a list."""
    return THING if name == "name" and owner not in _OF_PERSONS else name


def named(text: str, names: Mapping[str, str]) -> str:
    """A sentence that was recorded with ids, with the names of those that are known."""
    return _ID.sub(lambda found: names.get(found[0], found[0]), text) if names else text
