"""Sealing and opening whole events: every `Private` field is sealed to its person under its own place in the event.

The place (`case.clarified.what`, `case.escalated.scenarios.answer`) is associated data of the cipher, so a box that is
moved to another field or another person does not open. Which fields are sealed follows from their types alone.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Protocol, TypeVar, get_args, get_type_hints

import msgspec

from application.envelope import Recorded, written
from domain.kernel import Event, Malformed
from domain.values import Month, Private, SubjectId

E = TypeVar("E", bound=Event)

ERASED = "[erased]"
"""What stands for a datum whose person has been erased (A-3)."""
RESTRICTED = "[restricted]"
"""What stands for a datum that is kept, and that nobody may read (A-3)."""
GONE = frozenset({ERASED, RESTRICTED})
"""What is no text of anybody's: it is not masked, not found, not counted."""


class Sealer(Protocol):
    """Seals for one person."""

    @property
    def subject(self) -> SubjectId:
        """The person."""
        ...

    def seal(self, place: str, text: str) -> Private:
        """Seal a text under its place."""
        ...


class Opener(Protocol):
    """Opens what was sealed for the persons whose keys it holds."""

    def open(self, place: str, private: Private) -> str | None:
        """The text, None when the person's key is gone, RESTRICTED where nobody may read it.

        Raises Tampered when the box was not sealed there.
        """
        ...


class Tampered(Exception):
    """A box that was not sealed for this person under this place."""


class Keyring(Protocol):
    """The data keys of persons: one each, wrapped by the master key, in a schema of their own."""

    async def subject(self, identity: Sequence[str]) -> SubjectId:
        """The person with these identifying texts, with a durable key; a new random one where nobody has them."""
        ...

    async def sealer(self, subject: SubjectId) -> Sealer:
        """A sealer for a person. Raises Erased when the key has been destroyed."""
        ...

    async def opener(self, subjects: Sequence[SubjectId]) -> Opener:
        """An opener for these persons; those without a key open as None."""
        ...


class Erased(Malformed):
    """The person has been erased: nothing more can be recorded about them."""

    code = "erased"
    status = 409


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _inner(hint: Any) -> Any:
    """The one type behind `X | None` and `tuple[X, ...]`."""
    kinds = [kind for kind in get_args(hint) if kind not in {type(None), Ellipsis}]
    return _inner(kinds[0]) if kinds else hint


def seal(kind: type[E], facts: Mapping[str, object], sealer: Sealer) -> E:
    """Make an event from plain facts: texts in `Private` fields are sealed, times become UTC.

    facts: the event's own field names; Private fields hold str, times datetime with offset, nested values mappings.
    Raises msgspec.ValidationError when a fact is missing or has the wrong type.
    """
    return msgspec.convert(_sealed(kind, facts, kind.topic, sealer), kind, builtin_types=(bytes, datetime, date))


def _sealed(hint: Any, value: Any, place: str, sealer: Sealer) -> Any:
    kind = _inner(hint)
    match value:
        case str() if kind is Private:
            return _plain(sealer.seal(place, value))
        case Mapping():
            hints = _hints(kind)
            return {name: _sealed(hints.get(name), item, f"{place}.{name}", sealer) for name, item in value.items()}
        case list() | tuple():
            return [_sealed(kind, item, place, sealer) for item in value]
        case datetime():
            return value.astimezone(UTC)
        case Private():
            return _plain(value)
        case _:
            return value


def _plain(private: Private) -> dict[str, object]:
    return {"subject": private.subject, "box": private.box}


Show = Callable[[str, Private], object]


def reveal(event: Event, show: Show) -> dict[str, Any]:
    """The event's data in plain types, each `Private` replaced by what `show(place, private)` gives."""
    revealed: dict[str, Any] = _revealed(event, event.topic, show)
    return revealed


def told(one: Recorded, show: Show) -> dict[str, Any]:
    """An event as histories tell it: position, version in its stream, type, at, actor, and its data by `show`."""
    return {
        "position": one.position,
        "version": one.version,
        "type": one.event.topic,
        "at": written(one.meta.at),
        "actor": one.meta.actor,
        "data": legible(one.event, show),
    }


def legible(event: Event, show: Show) -> dict[str, Any]:
    """As `reveal`, with months written `2026-03`."""
    kind: Any = type(event)
    months = {name: getattr(event, name) for name in _months(kind)}
    return reveal(event, show) | {name: str(month) for name, month in months.items() if month is not None}


@cache
def _months(kind: Any) -> tuple[str, ...]:
    return tuple(name for name, hint in get_type_hints(kind).items() if hint in {Month, Month | None})


def _revealed(value: Any, place: str, show: Show) -> Any:  # noqa: PLR0911  one for each kind of value
    if type(value) in _AS_IT_IS:
        return value
    match value:
        case Private():
            return show(place, value)
        case tuple():
            return [_revealed(item, place, show) for item in value]
        case dict():
            return {str(key): _revealed(item, place, show) for key, item in value.items()}
        case datetime():
            return written(value)
        case date():
            return value.isoformat()
        case _ if is_dataclass(value):
            kind: Any = type(value)
            return {shown: _revealed(getattr(value, name), f"{place}.{name}", show) for name, shown in _names(kind)}
        case _:
            return value


_AS_IT_IS = frozenset({str, int, bool, type(None)})


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """The fields of a dataclass, each with the name by which readers know it."""
    return tuple((field.name, shown_name(field)) for field in fields(kind))


def shown_name(field: Field[Any]) -> str:
    """The name readers know a field by, where it cannot be its own in Python."""
    name: str = field.metadata.get("shown", field.name)
    return name


def opened(opener: Opener) -> Show:
    """Show the texts themselves, ERASED where a person is gone."""

    def show(place: str, private: Private) -> str:
        text = opener.open(place, private)
        return ERASED if text is None else text

    return show


def masked(_: str, private: Private) -> str:
    """Show only that something stands there."""
    return "***" if private.box else ""


def subjects(event: Event) -> set[SubjectId]:
    """Every person with a datum in the event."""
    return set(_subjects(event))


def _subjects(value: Any) -> Iterator[SubjectId]:
    """Only where something can be sealed: a frozen handover has tens of thousands of lines without a person."""
    match value:
        case Private():
            yield value.subject
        case tuple():
            for item in value:
                yield from _subjects(item)
        case dict():
            yield from _subjects(tuple(value.values()))
        case _ if is_dataclass(value):
            kind: Any = type(value)
            for name in _personal(kind):
                yield from _subjects(getattr(value, name))


@cache
def _personal(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass under which something sealed can stand."""
    return tuple(name for name, hint in get_type_hints(kind).items() if _can_be_sealed(hint))


def _can_be_sealed(hint: Any) -> bool:
    kind: Hashable = hint
    if is_dataclass(hint):
        return hint is Private or bool(_personal(kind))
    return any(_can_be_sealed(inner) for inner in get_args(hint))
