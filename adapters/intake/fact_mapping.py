"""The mapping of facts of the work, shifts and wages: which column or constant of a CSV feeds which field of a body.

The fields are those of the API's request bodies, and the bodies check every row: what the API refuses, an import
refuses too. How a cell is read follows from the type of its field.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ValidationError

from adapters.http.fields import Body
from adapters.intake import mapping_file
from adapters.intake.mapping_file import (
    Field,
    Row,
    RowRefused,
    SourceMapping,
    Takes,
    faults_of,
    key_of,
    mapped,
    moment,
    shown,
    word,
)

B = TypeVar("B", bound=Body)

SHIPPED = files("adapters.intake").joinpath("mappings", "facts")
SCHEMA = files("adapters.intake").joinpath("fact_mapping.schema.json")
"""The published JSON Schema of these mappings, as `schema` makes it."""

_AMOUNT = re.compile(r"[\u00a5\uffe5]?(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,2}))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)


class FactMapping(SourceMapping, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole mapping of one kind of record; fields: those of its body, an inner one as `holds.began_at`.

    key: the column that names the record in the source; without it, and where the record has a key of its own (an
    agent's exam of a month), it is known by its whole row.
    """

    key: str | None = None
    fields: dict[str, Field]

    def columns(self) -> Iterator[str]:
        """See SourceMapping.columns."""
        if self.key is not None:
            yield self.key
        yield from (field.column for field in self.fields.values() if field.column is not None)


# ---- the fields of a body -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a body: the type of what it holds, whether it holds several, whether no record goes without it."""

    name: str
    kind: type
    many: bool
    needed: bool

    @property
    def takes(self) -> Takes:
        """What the mapping may say of it."""
        return Takes(
            dated=self.kind in {AwareDatetime, date} or self.name == "month",
            amount=self.name.endswith("_fen"),
            words=_words(self.kind),
            many=self.many,
        )


def slots(body: type[BaseModel]) -> dict[str, Slot]:
    """The fields of a body by their names; those of a list of bodies as `holds.began_at`."""
    found: dict[str, Slot] = {}
    for name, info in body.model_fields.items():
        kind, many = _kind(info.annotation)
        if issubclass(kind, BaseModel):
            found |= {f"{name}.{inner}": Slot(inner, slot.kind, True, False) for inner, slot in slots(kind).items()}  # noqa: FBT003
        else:
            found[name] = Slot(name, kind, many, info.is_required())
    return found


def _kind(hint: Any) -> tuple[type, bool]:
    """The type behind Annotated, `X | None` and `list[X]`, and whether it was a list."""
    if get_origin(hint) is list:
        return _kind(get_args(hint)[0])[0], True
    if get_origin(hint) in {Annotated, Union, UnionType}:
        return _kind(next(part for part in get_args(hint) if part is not type(None)))
    return (hint, False) if isinstance(hint, type) else (str, False)


def _words(kind: type) -> tuple[str, ...]:
    if kind is bool:
        return ("true", "false")
    return tuple(kind) if issubclass(kind, StrEnum) else ()


# ---- the file -------------------------------------------------------------------------------------------------------
def shipped() -> list[str]:
    """The names of the mappings that ship with the project: one for each kind, of its name."""
    return list(mapping_file.in_folder(SHIPPED))


def load(name: str, body: type[Body], needed: frozenset[str] = frozenset()) -> FactMapping:
    """The mapping in a file, or the shipped one of that name, for records of a body. Raises MappingError."""
    return mapping_file.load(name, mapping_file.in_folder(SHIPPED), lambda text: parse(text, body, needed))


def parse(text: str, body: type[Body], needed: frozenset[str] = frozenset()) -> FactMapping:
    """A mapping from its YAML text; needed: fields that an import cannot do without. Raises MappingError."""
    mapping = mapping_file.parse(FactMapping, text)
    mapping_file.refuse(_faults(mapping, slots(body), needed))
    return mapping


def schema() -> bytes:
    """The JSON Schema of mapping files."""
    return mapping_file.schema(FactMapping)


def _faults(mapping: FactMapping, known: Mapping[str, Slot], needed: frozenset[str]) -> Iterator[str]:
    yield from mapping.faults()
    for name, field in mapping.fields.items():
        if name not in known:
            yield f"fields.{name} is not known: possible are {', '.join(known)}"
        else:
            yield from (f"fields.{name}{fault}" for fault in faults_of(field, known[name].takes))
    for name, slot in known.items():
        if (slot.needed or name in needed) and name not in mapping.fields:
            yield f"fields.{name} is missing: no record goes without it"


# ---- a row ----------------------------------------------------------------------------------------------------------
class FactReader(Generic[B]):
    """Reads rows by a mapping into bodies."""

    def __init__(self, mapping: FactMapping, body: type[B]) -> None:
        self._mapping, self._body = mapping, body
        self._zone = ZoneInfo(mapping.time_zone)
        self._slots = slots(body)

    def key(self, row: Row) -> str | None:
        """What the source calls the record; None where the mapping names no key. Raises RowRefused."""
        return key_of(row, self._mapping.key) if self._mapping.key is not None else None

    def read(self, row: Row) -> B:
        """The body of a row with every column of the mapping. Raises RowRefused."""
        stated: dict[str, Any] = {}
        for name, field in self._mapping.fields.items():
            values = self._values(name, field, row)
            if values:
                stated[name] = values if self._slots[name].many else values[0]
        try:
            return self._body.model_validate(_gathered(stated))
        except ValidationError as error:
            raise _refused(error) from error

    def _values(self, name: str, field: Field, row: Row) -> list[object]:
        """What a column holds; of what is told of several inner things also where one of them has nothing: None."""
        slot = self._slots[name]
        texts = [field.constant] if field.column is None else self._parts(name, field, row[field.column])
        read = self._reading(slot, field.format or "")
        return [text and read(name, text.strip()) for text in texts if text is not None or "." in name]

    def _parts(self, name: str, field: Field, cell: str) -> list[str | None]:
        parts = cell.split(field.separator) if field.separator else [cell]
        return [mapped(name, field, part) for part in parts]

    def _reading(self, slot: Slot, form: str) -> Callable[[str, str], object]:
        if slot.takes.dated:
            return lambda name, text: _written(moment(name, text, form, self._zone), slot)
        if slot.takes.amount:
            return lambda name, text: _amount(name, text, form)
        if slot.takes.words:
            words, true = slot.takes.words, slot.kind is bool
            return lambda name, text: word(name, text, words) == "true" if true else word(name, text, words)
        return _whole if slot.kind is int else lambda _, text: text


def _written(found: datetime, slot: Slot) -> str:
    if slot.name == "month":
        return f"{found.year:04}-{found.month:02}"
    return found.date().isoformat() if slot.kind is date else found.astimezone(UTC).isoformat()


def _amount(name: str, text: str, form: str) -> int:
    if form == "fen":
        return _whole(name, text)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise RowRefused(name, f"{shown(text)} is no amount in yuan, such as 1,268.50: correct it")
    return int(Decimal(f"{found[1].replace(',', '')}.{found[2] or 0}") * 100)


def _whole(name: str, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise RowRefused(name, f"{shown(text)} is no whole number: correct it")
    return int(text)


def _gathered(stated: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as the body has them: what is told of several inner things, one of each for every thing."""
    plain = {name: value for name, value in stated.items() if "." not in name}
    inner: dict[str, dict[str, list[object]]] = {}
    for name, values in stated.items():
        outer, _, field = name.partition(".")
        if field:
            inner.setdefault(outer, {})[field] = values
    return {**plain, **{outer: _each(outer, told) for outer, told in inner.items()}}


def _each(name: str, told: Mapping[str, list[object]]) -> list[dict[str, object]]:
    if len({len(values) for values in told.values()}) > 1:
        raise RowRefused(name, f"{' and '.join(told)} are not equally many: correct the row")
    things = (dict(zip(told, values, strict=True)) for values in zip(*told.values(), strict=True))
    stated = ({field: value for field, value in thing.items() if value is not None} for thing in things)
    return [thing for thing in stated if thing]


def _refused(error: ValidationError) -> RowRefused:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or None
    if first["type"] == "missing":
        return RowRefused(field, "is absent, and no record goes without it: complete the row")
    return RowRefused(field, first["msg"].removeprefix("Value error, "))
