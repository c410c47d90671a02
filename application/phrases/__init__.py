"""Forbidden phrases (禁语, C-13): lists as data, found through spaces, marks, full-width and traditional forms."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from opencc import OpenCC

from domain.case.events import Hit

_converter = OpenCC("t2s").convert


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases to look for, each with its folded form."""

    folded: Mapping[str, str]

    def hits(self, field: str, text: str) -> list[Hit]:
        """Every place in the text at which a phrase begins, in order of place; `field` is the JSON pointer shown."""
        letters, places = _folded_with_places(text)
        found = [
            Hit(field=field, phrase=phrase, at=places[at])
            for phrase, folded in self.folded.items()
            for at in _occurrences(folded, letters)
            if _whole_words(text, places[at], places[at + len(folded) - 1])
        ]
        return sorted(found, key=lambda hit: (hit.at, hit.phrase))


def phrases(lines: Iterable[str]) -> Phrases:
    """A list from its lines; empty ones are passed over."""
    return Phrases({line: _folded_with_places(line)[0] for line in map(str.strip, lines) if line})


def shipped() -> Phrases:
    """The shipped lists, all languages together: words go out in either."""
    files = sorted(resources.files(__package__).iterdir(), key=lambda file: file.name)
    return phrases(
        line for file in files if file.name.endswith(".txt") for line in file.read_text("utf-8").splitlines()
    )


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The letters and digits alone, folded to one form, and where in the text each of them stands."""
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        for letter in _folded(character):
            letters.append(letter)
            places.append(at)
    return "".join(letters), places


@lru_cache(maxsize=32768)
def simplified(character: str) -> str:
    """A character in its simplified form; others stay as they are."""
    plain: str = _converter(character)
    return plain


_VARIANTS = str.maketrans("妳淸", "你清")
"""Traditional forms that OpenCC leaves as they are."""


@lru_cache(maxsize=8192)
def _folded(character: str) -> str:
    plain = simplified(unicodedata.normalize("NFKC", character).casefold().translate(_VARIANTS))
    return "".join(letter for letter in plain if letter.isalnum())


def _whole_words(text: str, first: int, last: int) -> bool:
    """Whether Latin letters next to the place do not make its first or last word a longer one."""
    around = (text[first - 1 : first], text[first]), (text[last], text[last + 1 : last + 2])
    return not any(all(letter.isascii() and letter.isalnum() for letter in pair) for pair in around)


def _occurrences(folded: str, letters: str) -> Iterable[int]:
    at = letters.find(folded)
    while at >= 0:
        yield at
        at = letters.find(folded, at + 1)
