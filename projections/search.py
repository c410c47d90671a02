"""Finding words in Chinese and Latin text: what goes into the index, and what a query asks of it.

Text is normalised (NFKC, case folded, simplified) and cut into runs: Chinese, Japanese, Korean characters, or letters
and digits.
The index holds every pair of neighbouring characters of the former (and the last one alone) and every word of the
latter, as a tsvector made by hand: PostgreSQL's own tokenisers would miss two-character words. The prefix search of
its GIN index then finds single characters and beginnings of words. What it yields is checked against the text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import normalize

from application.phrases import simplified

# CJK ideographs with their extensions, kana, hangul
_IDEOGRAPHS = "㐀-䶿一-鿿぀-ヿ가-힯\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_IDEOGRAPHS}]+|[^\W{_IDEOGRAPHS}]+")
_IDEOGRAPH = re.compile(rf"[{_IDEOGRAPHS}]")
_NUMBER = re.compile(r"[+(]*\d[\d\s().-]*")

TEXT_MAX = 100_000
"""Characters of a case that are searched; a tsvector holds one megabyte, and an event must never stop the view."""
WORD_MAX = 100
ENDING_MIN = 4
"""Digits that a phone number's ending needs to be looked for."""


@dataclass(frozen=True, slots=True)
class Searchable:
    """What is stored to be searched: the normalised text, and the literal of its tsvector."""

    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One way to meet a term: the literal of a tsquery, and what then must stand in the text."""

    words: str
    text: str


def searchable(texts: Iterable[str], numbers: Iterable[str] = ()) -> Searchable:
    """Index texts, and numbers that are also found by their last digits."""
    fields = [" ".join(_runs(text)) for text in texts]
    fields += [word for number in numbers if (digits := _digits(number)) for word in (digits, _ending(digits))]
    text = "\n".join(f" {field}" for field in fields)[:TEXT_MAX]
    return Searchable(text, " ".join(sorted({f"'{word}'" for word in _words(text.split())})))


def wanted(query: str) -> list[list[Wanted]]:
    """For each term of a query the ways to meet it; every term must be met. Mere signs give [[]]: nothing meets it."""
    plain = normalize("NFKC", query).strip()
    terms = [plain] if _NUMBER.fullmatch(plain) else plain.split()
    return [ways for term in terms if (ways := _ways(term))] or [[]]


def _runs(text: str) -> list[str]:
    plain = normalize("NFKC", normalize("NFKC", text).casefold())
    return _RUN.findall("".join(map(simplified, plain)))


def _digits(text: str) -> str:
    return "".join(re.findall(r"[0-9]", normalize("NFKC", text)))


def _ending(digits: str) -> str:
    """Turned round, the ending of a number is the beginning of a word."""
    return "$" + digits[::-1]


def _words(runs: Iterable[str]) -> Iterable[str]:
    for run in runs:
        if _IDEOGRAPH.match(run):
            yield from map("".join, pairwise(run))
            yield run[-1]
        else:
            yield run[:WORD_MAX]


def _ways(term: str) -> list[Wanted]:
    runs = _runs(term)
    ways = [_adjacent(runs)] if runs else []
    digits = _digits(term)
    if len(digits) >= ENDING_MIN and _NUMBER.fullmatch(term):
        ways.append(_adjacent([_ending(digits)]))
    return ways


def _adjacent(runs: list[str]) -> Wanted:
    """These runs beside each other: Chinese from anywhere within its run, the last word from its beginning."""
    text = " ".join(runs)
    words = [*map(_whole, runs[:-1]), _begun(runs[-1])]
    return Wanted(" & ".join(words), text if _IDEOGRAPH.match(text) else f" {text}")


def _whole(run: str) -> str:
    pairs = [f"'{first}{second}'" for first, second in pairwise(run)]
    return " & ".join(pairs) if pairs and _IDEOGRAPH.match(run) else f"'{run[:WORD_MAX]}'"


def _begun(run: str) -> str:
    return _whole(run) if _IDEOGRAPH.match(run) and len(run) > 1 else f"'{run[:WORD_MAX]}':*"
