"""What the API refuses, and what it finds wrong with a field, in the reader's language.

What every form can meet is told by messages of the console's own, in both languages. What a rule or the API says is
told in English as it is said, and in Chinese by `details.yaml`.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup

from adapters.web.languages import Language
from adapters.web.navigation import N_
from adapters.web.words import words
from application.permissions import Action

_MONEY = "_fen"
_FAULTS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"is needed|string should have at least 1 character", N_("This is needed.")),
        (r"string should have at least (?P<n>\d+) characters", N_("Write at least %(n)s characters.")),
        (r"string should have at most (?P<n>\d+) characters", N_("Write at most %(n)s characters.")),
        (r"list should have at least 1 item .*", N_("At least one is needed.")),
        (r"list should have at least (?P<n>\d+) items .*", N_("At least %(n)s are needed.")),
        (r"list should have at most (?P<n>\d+) items? .*", N_("At most %(n)s are taken.")),
        (r"input should be a valid (datetime|date)\b.*", N_("This is no day or time.")),
        (r"input should be a valid UUID\b.*", N_("There is no such case: give its number.")),
        (r"input should be greater than or equal to (?P<n>-?\d+)", N_("Give %(n)s or more.")),
        (r"input should be less than or equal to (?P<n>-?\d+)", N_("Give %(n)s or less.")),
        (r"input should be a valid (integer|number|decimal)\b.*", N_("Give a number.")),
        (r"string should match pattern .*", N_("It has characters that are not taken here.")),
        (r"input should be '.*", N_("Choose one of the list.")),
        (
            r"(?P<cost>\d+) fen exceed the (?P<limit>\d+) fen you may grant: .*",
            N_("%(cost)s yuan exceed the %(limit)s yuan you may grant: escalate, and have the cost approved (C-6)."),
        ),
        (
            r"say what stays of the (?P<n>\d+) fen: .*",
            N_("Say what stays of the %(n)s yuan: more than 0 and less than all of it."),
        ),
        (r".* has already passed: name a time to come", N_("This time has already passed: name a time to come.")),
        (r"tick or question, as they stand now: .*", N_("Tick or question what is marked below.")),
        (r"begins like a spreadsheet formula: .*", N_("It begins like a formula: put a word before it.")),
    )
)
_AMOUNT = N_("Give an amount in yuan, such as 1234.50.")


DETAILS = files("adapters.web").joinpath("details.yaml")
_PLACE = re.compile(r"\{(\w+)\}")
_SHAPES = {"month": r"\d{4}-\d\d", "n": r"-?\d+(?:\.\d+)?", "most": r"\d+"}
"""What is put in under these names looks so; under any other it may be anything."""


def fault(language: Language, detail: str, path: str) -> Markup:
    """A refusal, or a fault of the field at a path, as a reader is told; in English what there is no Chinese for."""
    for pattern, message in _FAULTS:
        if found := pattern.fullmatch(detail):
            said = _AMOUNT if _is_no_amount(path, message) else message
            return Markup("{}").format(language.text(said, **_numbers(path, found.groupdict())))
    chinese = _in_chinese(language, detail) if language.short == "zh" else None
    return Markup("{}").format(chinese) if chinese else Markup('<span lang="en">{}</span>').format(detail)


def _is_no_amount(path: str, message: str) -> bool:
    return path.endswith(_MONEY) and message == "Give a number."


def _numbers(path: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts are told as they are typed: in yuan."""
    return {name: _yuan(value) if path.endswith(_MONEY) else value for name, value in found.items()}


def _yuan(fen: str) -> Decimal:
    return Decimal(fen) / 100


# ---- in Chinese -----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Detail:
    """A sentence of the API: what it looks like, and what it is in Chinese."""

    pattern: re.Pattern[str]
    chinese: str


@cache
def _details() -> Sequence[Detail]:
    """Those with the most words of their own first: what is put into another one may look like anything."""
    sentences: Mapping[str, str] = yaml.safe_load(DETAILS.read_text("utf-8"))
    longest_first = sorted(sentences.items(), key=lambda one: -len(_PLACE.sub("", one[0])))
    return [Detail(_pattern(english), chinese) for english, chinese in longest_first]


def _pattern(english: str) -> re.Pattern[str]:
    words_and_names = _PLACE.split(english)
    words_and_names[::2] = map(re.escape, words_and_names[::2])
    words_and_names[1::2] = [f"(?P<{name}>{_SHAPES.get(name, '.+')})" for name in words_and_names[1::2]]
    return re.compile("".join(words_and_names), re.DOTALL)


def _in_chinese(language: Language, detail: str) -> str | None:
    """None for what the file does not know: a sentence that is new, or a fault within a document."""
    for one in _details():
        if found := one.pattern.fullmatch(detail):
            return _PLACE.sub(lambda place: _put(language, place[1], found[place[1]]), one.chinese)
    return None


def _put(language: Language, name: str, value: str) -> str:
    """What stands in a sentence, as the console says it elsewhere; what cannot be read so stands as it is."""
    with suppress(ValueError):
        match name.rpartition("_")[2]:
            case "then":
                return _in_chinese(language, value) or value
            case "fen":
                return str(_yuan(value))
            case "time" | "day" | "month" as kind:
                return str(getattr(language, kind)(value))
            case "action":
                return language.word(Action(value).name.lower(), name)
    if name.removesuffix("s") in words().entries:
        return language.comma.join(language.word(one, name.removesuffix("s")) for one in value.split(", "))
    return language.word(value, name)


def place(pointer: str) -> tuple[str, str]:
    """The path of a field as forms have it, and the word by which people know it, from a problem's pointer."""
    parts = [part for part in pointer.split("/") if part]
    return ".".join(parts), next((part for part in reversed(parts) if not part.isdecimal()), "")
