"""The mapping file: which column or constant of a CSV feeds which field of a case. YAML, every value of it a text.

    MappingError    the mapping cannot be used; the message names the place in it and what is possible there
    RowRefused      a row cannot be taken; names the field, the reason and the way out

What kind of text a field takes is said in adapters.http.fields: what the API refuses, an import refuses too.
"""

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml
from msgspec import Meta, Struct
from pydantic import TypeAdapter, ValidationError

from adapters.http.fields import Line, Reference, Text
from domain.case.words import Channel, CustomerClass
from domain.kernel import Malformed
from domain.values import not_in_future

SHIPPED = files("adapters.intake").joinpath("mappings")
SCHEMA = files("adapters.intake").joinpath("mapping.schema.json")
"""The published JSON Schema of mappings, as `schema` makes it."""

EARLIEST_YEAR = 1900
"""Before it a date is a slip of the pen or a spreadsheet's zero."""
SHOWN = 80
"""How many characters of a cell a reason shows."""

_TIME_OF_DAY = re.compile("%[HIcX]")


class MappingError(ValueError):
    """A mapping that cannot be used."""


class RowRefused(ValueError):
    """A row that cannot be taken: `field` names the field of the case or the column."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Encoding(StrEnum):
    """How the bytes of the file are read."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"


class Outcome(StrEnum):
    """How far the source had come with a case."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Field(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What feeds one field: a column or a constant, never both.

    values: what a cell's text becomes; the empty text means absent. A text that is not in it refuses the row, unless
    `otherwise` says what it becomes. format: a date as strptime reads it. absent: texts that mean the same as an empty
    cell.
    """

    column: str | None = None
    constant: str | None = None
    values: dict[str, str] | None = None
    otherwise: str | None = None
    format: str | None = None
    absent: tuple[str, ...] = ()


_CUSTOMER = ("name", "card_no", "phone", "email", "customer_class")


class Fields(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={f"customer_{name}": f"customer.{name}" for name in _CUSTOMER}
    | {"customer_class": "customer.customer_class"},
):
    """The fields of a case (C-1); each of `demands` is one demand. What no column feeds stays absent."""

    received_at: Field
    channel: Field
    happened_at: Field | None = None
    narrative: Field | None = None
    place: Field | None = None
    merchant: Field | None = None
    order_ref: Field | None = None
    on_site: Field | None = None
    demands: tuple[Field, ...] = ()
    customer_name: Field | None = None
    customer_card_no: Field | None = None
    customer_phone: Field | None = None
    customer_email: Field | None = None
    customer_class: Field | None = None


class Resolution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which texts of a column mean that the source resolved and closed the case; dates only where it has any."""

    column: str
    values: dict[str, Outcome]
    otherwise: Outcome | None = None
    solution: Field | None = None
    resolved_at: Field | None = None
    closed_at: Field | None = None


class CaseMapping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole mapping.

    source: name of the source system, part of every case's identity. key: the column that names the case there.
    time_zone: that of dates without offset. encoding: found out when absent.
    """

    source: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_\-]{0,39}$")]
    time_zone: str
    key: str
    fields: Fields
    resolution: Resolution | None = None
    encoding: Encoding | None = None
    delimiter: Annotated[str, Meta(pattern=r'^[^"\r\n]$')] = ","

    def columns(self) -> Iterator[str]:
        """Every column the mapping speaks of."""
        yield self.key
        if self.resolution:
            yield self.resolution.column
        yield from (field.column for _, _, field in self.each() if field.column is not None)

    def each(self) -> Iterator[tuple[str, str, Field]]:
        """Every field in use: its path in the file, its name, what feeds it."""
        for name, fed in msgspec.structs.asdict(self.fields).items():
            label = _LABELS[name]
            yield from ((f"fields.{label}[{at}]", label, one) for at, one in enumerate(_many(fed)) if name == "demands")
            yield from ((f"fields.{label}", label, one) for one in _many(fed) if name != "demands")
        for name in ("solution", "resolved_at", "closed_at") if self.resolution else ():
            fed = getattr(self.resolution, name)
            yield from ((f"resolution.{name}", name, one) for one in _many(fed))


def _many(fed: Field | tuple[Field, ...] | None) -> tuple[Field, ...]:
    return fed if isinstance(fed, tuple) else (fed,) if fed else ()


_LABELS = {field.name: field.encode_name for field in msgspec.structs.fields(Fields)}
_WORDS: dict[str, tuple[str, ...]] = {
    "channel": tuple(Channel),
    "customer.customer_class": tuple(CustomerClass),
    "on_site": ("true", "false"),
}
_DATES = frozenset({"received_at", "happened_at", "resolved_at", "closed_at"})
_TEXTS: dict[str, TypeAdapter[str]] = {
    **dict.fromkeys(("narrative", "demands", "solution"), TypeAdapter(Text)),
    **dict.fromkeys(("place", *(f"customer.{name}" for name in _CUSTOMER[:4])), TypeAdapter(Line)),
    **dict.fromkeys(("merchant", "order_ref", "key"), TypeAdapter(Reference)),
}


# ---- the file -------------------------------------------------------------------------------------------------------
class _Loader(yaml.BaseLoader):
    """Reads every scalar as the text it is: `Yes`, `0012` and `2023-07-18` stay what they are. Refuses a key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise MappingError(f"{key.value} stands twice (line {key.start_mark.line + 1}): keep one")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def shipped() -> list[str]:
    """The names of the mappings that ship with the project."""
    return sorted(file.name.removesuffix(".yaml") for file in SHIPPED.iterdir() if file.name.endswith(".yaml"))


def load(name: str) -> CaseMapping:
    """The mapping in a file, or the shipped one of that name. Raises MappingError."""
    if name in shipped() and not Path(name).is_file():
        return parse(SHIPPED.joinpath(f"{name}.yaml").read_text("utf-8"))
    try:
        return parse(Path(name).read_text("utf-8-sig"))
    except (OSError, UnicodeError) as error:
        detail = f"{name} cannot be read ({error}): give a YAML file, or a shipped mapping: {', '.join(shipped())}"
        raise MappingError(detail) from error


def parse(text: str) -> CaseMapping:
    """A mapping from its YAML text. Raises MappingError."""
    try:
        document = yaml.load(text, _Loader)  # noqa: S506  a loader that makes nothing but texts
        _refuse_unknown(CaseMapping, document, "")
        mapping = msgspec.convert(document, CaseMapping)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise MappingError(f"the mapping does not hold: {error}") from error
    for fault in _faults(mapping):
        raise MappingError(fault)
    return mapping


def schema() -> bytes:
    """The JSON Schema of mapping files."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(CaseMapping)}
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"


def _refuse_unknown(kind: type[Struct], document: Any, path: str) -> None:
    if not isinstance(document, Mapping):
        return
    known = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in document.items():
        place = f"{path}.{key}".lstrip(".")
        if key not in known:
            raise MappingError(f"{place} is not known: possible are {', '.join(known)}")
        if inner := _struct(known[key]):
            for at, item in enumerate(value) if isinstance(value, list) else ((None, value),):
                _refuse_unknown(inner, item, place if at is None else f"{place}[{at}]")


def _struct(hint: Any) -> type[Struct] | None:
    if isinstance(hint, type) and issubclass(hint, Struct):
        return hint
    return next(filter(None, map(_struct, getattr(hint, "__args__", ()))), None)


def _faults(mapping: CaseMapping) -> Iterator[str]:
    try:
        ZoneInfo(mapping.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"time_zone {mapping.time_zone!r} is not known: give an IANA name such as Asia/Shanghai"
    for path, name, field in mapping.each():
        yield from (f"{path}{fault}" for fault in _faults_of(name, field))


def _faults_of(name: str, field: Field) -> Iterator[str]:
    if (field.column is None) == (field.constant is None):
        yield ": give either column or constant"
    if field.constant is not None and (field.values or field.otherwise is not None or field.absent):
        yield ": a constant needs no values, otherwise or absent"
    if field.otherwise is not None and field.values is None:
        yield ".otherwise: is for texts that are not in values, so give values as well"
    if (name in _DATES) != (field.format is not None):
        yield (".format: is missing, such as %Y-%m-%d" if name in _DATES else ".format: is for dates alone")
    words = _WORDS.get(name)
    targets = {*(field.values or {}).values(), field.otherwise or "", field.constant or ""} - {""}
    if words and (wrong := sorted(targets.difference(words))):
        yield f": {wrong[0]!r} is not possible, but {', '.join(words)}"


# ---- a row ----------------------------------------------------------------------------------------------------------
Row = Mapping[str, str]
"""A row as read: the text of every column."""


@dataclass(frozen=True, slots=True)
class SourceCase:
    """What a row says of a case.

    received, resolved, closed: plain facts, named as in the events of domain.case.events; what the source lacks is not
    in them.
    """

    source: str
    external_ref: str
    outcome: Outcome
    received: dict[str, Any]
    resolved: dict[str, Any]
    closed: dict[str, Any]


class RowReader:
    """Reads rows by a mapping."""

    def __init__(self, mapping: CaseMapping) -> None:
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.time_zone)

    def read(self, row: Row, now: datetime) -> SourceCase:
        """The case in a row with every column of the mapping. Raises RowRefused."""
        resolution = self._mapping.resolution
        return SourceCase(
            source=self._mapping.source,
            external_ref=self._key(row),
            outcome=_outcome(resolution, row) if resolution else Outcome.OPEN,
            received=self._received(row, now),
            resolved=self._stated(row, now, "solution", "resolved_at"),
            closed={"closed_at": None, **self._stated(row, now, "closed_at")},
        )

    def _key(self, row: Row) -> str:
        key = row[self._mapping.key].strip()
        if not key:
            raise RowRefused(self._mapping.key, "the key is missing: give the number the source knows the case by")
        return _checked("key", key, self._mapping.key)

    def _received(self, row: Row, now: datetime) -> dict[str, Any]:
        fields = self._mapping.fields
        facts: dict[str, Any] = {"demands": [], "customer": {}}
        for name, label in _LABELS.items():
            values = [self._value(label, field, row, now) for field in _many(getattr(fields, name))]
            _put(facts, label, [value for value in values if value is not None])
        for needed in ("received_at", "channel"):
            if needed not in facts:
                raise RowRefused(needed, "is absent, and no case goes without it: complete the row")
        day_only = not _TIME_OF_DAY.search(fields.received_at.format or "")
        return {**facts, "day_only": day_only}

    def _stated(self, row: Row, now: datetime, *names: str) -> dict[str, Any]:
        fed = {name: getattr(self._mapping.resolution, name, None) for name in names}
        stated = {name: self._value(name, field, row, now) for name, field in fed.items() if field}
        return {"solution": None, **stated} if "solution" in names else stated

    def _value(self, name: str, field: Field, row: Row, now: datetime) -> object:
        text = _text(name, field, row)
        if text is None:
            return None
        if field.format is not None:
            return self._moment(name, text.strip(), field.format, now)
        if words := _WORDS.get(name):
            return _word(name, text.strip(), words)
        return _checked(name, text, name)

    def _moment(self, name: str, text: str, form: str, now: datetime) -> datetime:
        """The moment, or the beginning of the day, in the mapping's time zone unless the text has an offset."""
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007  the zone is set below
        except ValueError as error:
            raise RowRefused(name, f"{_shown(text)} is no date of the form {form}: correct it") from error
        if moment.year < EARLIEST_YEAR:
            raise RowRefused(name, f"{_shown(text)} lies before {EARLIEST_YEAR}: correct it")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=self._zone)
        try:
            not_in_future(moment, now, f"/{name}")
        except Malformed as refusal:
            raise RowRefused(name, f"{_shown(text)}: {refusal}") from refusal
        return moment


def _put(facts: dict[str, Any], label: str, values: list[object]) -> None:
    if label == "demands":
        facts[label] = values
    elif values and label.startswith("customer."):
        facts["customer"][label.removeprefix("customer.")] = values[0]
    elif values:
        facts[label] = values[0] == "true" if label == "on_site" else values[0]


def _text(name: str, field: Field, row: Row) -> str | None:
    """What feeds a field, after its value map; None when absent."""
    if field.column is None:
        return field.constant
    cell = row[field.column]
    if not cell.strip() or cell.strip() in field.absent:
        return None
    if field.values is None:
        return cell
    value = field.values.get(cell.strip(), field.otherwise)
    if value is None:
        raise _unmapped(name, field.column, cell, field.values)
    return value or None


def _outcome(resolution: Resolution, row: Row) -> Outcome:
    cell = row[resolution.column]
    outcome = resolution.values.get(cell.strip(), resolution.otherwise)
    if outcome is None:
        raise _unmapped("resolution", resolution.column, cell, resolution.values)
    return outcome


def _unmapped(name: str, column: str, cell: str, values: Mapping[str, str]) -> RowRefused:
    possible = ", ".join(values)
    return RowRefused(
        name, f"{column} is {_shown(cell)}, the mapping knows {possible}: add it there, or give otherwise"
    )


def _word(name: str, text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise RowRefused(name, f"{_shown(text)} is not possible, but {', '.join(words)}: map it with values")
    return text


def _checked(name: str, text: str, field: str) -> str:
    try:
        return _TEXTS[name].validate_python(text)
    except ValidationError as error:
        raise RowRefused(field, error.errors()[0]["msg"].removeprefix("Value error, ")) from error


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
