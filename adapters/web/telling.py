"""What an event says, for people: its fields in their order, each with what kind of thing stands in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from adapters.web.words import words
from application.sealing import shown_name
from domain.case.events import Evidence, Hit
from domain.kernel import EVENTS
from domain.values import AgentId, CaseId, Month, Private

Kind = Literal["text", "own", "word", "time", "day", "month", "money", "agent", "case", "truth", "parts", "list"]
"""`text` is the program's or a number; `own` is what somebody wrote, in whatever language."""
UNSAID = frozenset({"subject", "policy", "command", "calendar", "digest", "number_key"})
"""Fields that tell a reader nothing: internal ids and versions, which stand in the stored form."""
_USUAL = frozenset({"day_only", "on_site", "apology_given", "grave", "steered", "gold_card", "special"})
"""Of these only a yes tells something, where a no is what stands there when nobody has said anything."""
_WORDS: Mapping[tuple[type, str], str] = {(Evidence, "kind"): "evidence_kind", (Hit, "field"): "field"}
"""Fields that are words without being an enum: of which kind."""
_NAMES: Mapping[tuple[type, str], str] = {(Hit, "at"): "position"}
"""Fields that are called otherwise than their name is everywhere else."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing said. name: the field; value: by its kind; of `parts` and `list` a sequence of Told.

    word_kind: of which words a `word` is one.
    """

    name: str
    kind: Kind
    value: Any
    word_kind: str = ""


def tell(topic: str, data: Mapping[str, Any]) -> Sequence[Told]:
    """An event's data as the API shows them; of a topic that this code does not know, as plain texts."""
    event = EVENTS.get(topic)
    if event is None:
        return [Told(name, "text", value) for name, value in data.items() if _says(name, value)]
    return list(_parts(event, data))


def _parts(kind: type, data: Mapping[str, Any]) -> Iterator[Told]:
    for field in fields(kind):
        name = shown_name(field)
        if _says(name, data.get(name)) and not _is_usual(field, data[name]):
            told = _told(name, _hints(kind)[field.name], data[name])
            told = replace(told, name=_NAMES.get((kind, name), name))
            yield replace(told, kind="word", word_kind=_WORDS[kind, name]) if (kind, name) in _WORDS else told


def cases_told(told: Iterable[Told]) -> set[str]:
    """The ids of the cases that are named in what is told."""
    found = set()
    for one in told:
        if one.kind == "case":
            found.add(one.value)
        elif one.kind in ("parts", "list"):
            found |= cases_told(one.value)
    return found


def _says(name: str, value: Any) -> bool:
    """A no and a zero say something."""
    return name not in UNSAID and value not in (None, "", [], {})


def _is_usual(field: "Field[Any]", value: Any) -> bool:
    return value is False and field.default is False and field.name in _USUAL


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _told(name: str, hint: Any, value: Any) -> Told:
    hint = _bare(hint)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return Told(name, "list", [_told(name, inner, item) for item in value])
    if isinstance(value, Mapping) and is_dataclass(hint) and isinstance(hint, type):
        return Told(name, "parts", list(_parts(hint, value)))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Told(name, "word", value, _word_kind(hint))
    return Told(name, _kind(name, hint), value)


def _bare(hint: Any) -> Any:
    """The hint without `None`."""
    if get_origin(hint) in (Union, UnionType):
        return next(option for option in get_args(hint) if option is not NoneType)
    return hint


def _kind(name: str, hint: Any) -> Kind:
    kinds: dict[Any, Kind] = {
        Private: "own",
        datetime: "time",
        date: "day",
        Month: "month",
        AgentId: "agent",
        CaseId: "case",
        bool: "truth",
    }
    return "money" if name.endswith("_fen") else kinds.get(hint, "text")


def _word_kind(enum: type[Enum]) -> str:
    """Where an enum's name is that of the case's, its words have the name of its package before theirs."""
    plain = snake(enum.__name__)
    own = f"{enum.__module__.split('.')[1]}_{plain}"
    return own if own in words().entries else plain


def snake(name: str) -> str:
    """`ComplaintType` as `complaint_type`."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")
