"""The golden bodies: one file for each shape an event was ever stored in, under tests/golden."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from application import wire
from application.envelope import Meta
from domain.kernel import EVENTS, Event
from domain.time.calendar import Calendar, Opening, SpecialDay
from domain.time.terms import Ending, Term, Unit
from domain.values import AgentId, SubjectId

FOLDER = Path(__file__).parents[1] / "golden"
META = Meta(AgentId("a1"), datetime(2024, 5, 6, 2, tzinfo=UTC), UUID(int=1), UUID(int=2), UUID(int=3))
_SAMPLES: dict[Any, Any] = {
    SubjectId: "5f0c8f2e-0000-4000-8000-000000000001",
    int: 2500,
    bool: True,
    Decimal: Decimal("92.5"),
    bytes: "nonce, ciphertext and tag; 受理".encode(),
    datetime: datetime(2024, 5, 6, 1, 30, 15, 250_000, tzinfo=UTC),
    date: date(2024, 5, 6),
    timedelta: timedelta(hours=4),
    Term: Term(Decimal(8), Unit.WORKING_DAYS, Ending.END_OF_DAY, first_day_counts=True),
    Calendar: Calendar(
        version="version",
        time_zone="Asia/Shanghai",
        week=((Opening(540, 720), Opening(780, 1080)), (), (), (), (), (), ()),
        special={date(2024, 5, 6): SpecialDay(hours=(Opening(540, 720),), name="name", public_holiday=True)},
        valid_from=date(2024, 5, 6),
    ),
    NoneType: None,
}


def sample(hint: Any, name: str) -> Any:
    """A value of a type with nothing left out. Raises TypeError for a type that no event had until now."""
    if hint in _SAMPLES:
        return _SAMPLES[hint]
    if get_origin(hint) in {Union, UnionType}:
        return sample(get_args(hint)[0], name)
    if get_origin(hint) is tuple:
        return (sample(get_args(hint)[0], name),)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)[-1]
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return hint(**{field.name: sample(hints[field.name], field.name) for field in fields(hint)})  # type: ignore[operator]
    return _text(hint, name)


def _text(hint: Any, name: str) -> str:
    if getattr(hint, "__supertype__", hint) is not str:
        raise TypeError(f"no sample for {hint}: add one to {__name__}")
    return name


def stored(event: Event) -> Any:
    """The data of an event's stored body."""
    return msgspec.json.decode(wire.encode(event, wire.encode_meta(META)))


def path(kind: type[Event]) -> Path:
    """Where the golden of an event's present version stands."""
    return FOLDER / f"{kind.topic}.v{kind.version}.json"


def missing() -> Iterator[type[Event]]:
    """The events whose present version has no golden yet."""
    return (kind for kind in EVENTS.values() if not path(kind).exists())
