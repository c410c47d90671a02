"""The mapping of complaints: which column or constant of a CSV feeds which field of a case.

What kind of text a field takes is said in adapters.http.fields: what the API refuses, an import refuses too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from pydantic import TypeAdapter, ValidationError

from adapters.http.fields import Line, Reference, Text
from adapters.intake import mapping_file
from adapters.intake.mapping_file import (
    Field,
    Row,
    RowRefused,
    SourceMapping,
    Takes,
    faults_of,
    fed,
    key_of,
    moment,
    shown,
    unmapped,
    word,
)
from domain.case.words import Channel, CustomerClass
from domain.kernel import Malformed
from domain.values import not_in_future

SHIPPED = files("adapters.intake").joinpath("mappings")
SCHEMA = files("adapters.intake").joinpath("mapping.schema.json")
"""The published JSON Schema of mappings, as `schema` makes it."""

_TIME_OF_DAY = re.compile("%[HIcX]")


class Outcome(StrEnum):
    """How far the source had come with a case."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


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


class CaseMapping(SourceMapping, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole mapping of cases; key: the column that names the case in the source."""

    key: str
    fields: Fields
    resolution: Resolution | None = None

    def columns(self) -> Iterator[str]:
        """Every column the mapping speaks of."""
        yield self.key
        if self.resolution:
            yield self.resolution.column
        yield from (field.column for _, _, field in self.each() if field.column is not None)

    def each(self) -> Iterator[tuple[str, str, Field]]:
        """Every field in use: its path in the file, its name, what feeds it."""
        for name, given in msgspec.structs.asdict(self.fields).items():
            label, several = _LABELS[name], _many(given)
            yield from ((f"fields.{label}[{at}]", label, one) for at, one in enumerate(several) if name == "demands")
            yield from ((f"fields.{label}", label, one) for one in several if name != "demands")
        for name in ("solution", "resolved_at", "closed_at") if self.resolution else ():
            yield from ((f"resolution.{name}", name, one) for one in _many(getattr(self.resolution, name)))

    def faults(self) -> Iterator[str]:
        """See SourceMapping.faults."""
        yield from super().faults()
        for path, name, field in self.each():
            yield from (f"{path}{fault}" for fault in faults_of(field, _takes(name)))


def _many(given: Field | tuple[Field, ...] | None) -> tuple[Field, ...]:
    return given if isinstance(given, tuple) else (given,) if given else ()


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


def _takes(name: str) -> Takes:
    return Takes(dated=name in _DATES, words=_WORDS.get(name, ()))


# ---- the file -------------------------------------------------------------------------------------------------------
def shipped() -> list[str]:
    """The names of the mappings that ship with the project."""
    return list(mapping_file.in_folder(SHIPPED))


def load(name: str) -> CaseMapping:
    """The mapping in a file, or the shipped one of that name. Raises MappingError."""
    return mapping_file.load(name, mapping_file.in_folder(SHIPPED), parse)


def parse(text: str) -> CaseMapping:
    """A mapping from its YAML text. Raises MappingError."""
    mapping = mapping_file.parse(CaseMapping, text)
    mapping_file.refuse(mapping.faults())
    return mapping


def schema() -> bytes:
    """The JSON Schema of mapping files."""
    return mapping_file.schema(CaseMapping)


# ---- a row ----------------------------------------------------------------------------------------------------------
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

    def ends(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """When the source ended what, as far as it had come: the fact's name, and where it stands."""
        if self.outcome is not Outcome.OPEN:
            yield "resolved_at", self.resolved
        if self.outcome is Outcome.CLOSED:
            yield "closed_at", self.closed


class RowReader:
    """Reads rows by a mapping."""

    def __init__(self, mapping: CaseMapping) -> None:
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.time_zone)

    def read(self, row: Row, now: datetime) -> SourceCase:
        """The case in a row with every column of the mapping. Raises RowRefused."""
        resolution = self._mapping.resolution
        case = SourceCase(
            source=self._mapping.source,
            external_ref=_checked("key", key_of(row, self._mapping.key), self._mapping.key),
            outcome=_outcome(resolution, row) if resolution else Outcome.OPEN,
            received=self._received(row, now),
            resolved=self._stated(row, now, "solution", "resolved_at"),
            closed={"closed_at": None, **self._stated(row, now, "closed_at")},
        )
        self._put_in_order(case)
        return case

    def _put_in_order(self, case: SourceCase) -> None:
        """C-7, C-10: refuse what ended before it began; a day without a time is never earlier than what came before.

        Such a day begins at midnight, though what came before on it had to be first.
        """
        last, before = "received_at", case.received["received_at"]
        for name, facts in case.ends():
            at = facts.get(name)
            if at is None:
                continue
            if at < before and self._day_only(name) and at.date() == before.astimezone(at.tzinfo).date():
                at = facts[name] = before
            if at < before:
                way_out = f"correct one of the two, or leave {name} empty"
                raise RowRefused(name, f"{at.isoformat(' ')} lies before {last}, {before.isoformat(' ')}: {way_out}")
            last, before = name, at

    def _day_only(self, name: str) -> bool:
        field: Field | None = getattr(self._mapping.resolution, name)
        return field is not None and not _TIME_OF_DAY.search(field.format or "")

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
        given = {name: getattr(self._mapping.resolution, name, None) for name in names}
        stated = {name: self._value(name, field, row, now) for name, field in given.items() if field}
        return {"solution": None, **stated} if "solution" in names else stated

    def _value(self, name: str, field: Field, row: Row, now: datetime) -> object:
        text = fed(name, field, row)
        if text is None:
            return None
        if field.format is not None:
            return self._moment(name, text.strip(), field.format, now)
        if words := _WORDS.get(name):
            return word(name, text.strip(), words)
        return _checked(name, text, name)

    def _moment(self, name: str, text: str, form: str, now: datetime) -> datetime:
        found = moment(name, text, form, self._zone)
        try:
            not_in_future(found, now, f"/{name}")
        except Malformed as refusal:
            raise RowRefused(name, f"{shown(text)}: {refusal}") from refusal
        return found


def _put(facts: dict[str, Any], label: str, values: list[object]) -> None:
    if label == "demands":
        facts[label] = values
    elif values and label.startswith("customer."):
        facts["customer"][label.removeprefix("customer.")] = values[0]
    elif values:
        facts[label] = values[0] == "true" if label == "on_site" else values[0]


def _outcome(resolution: Resolution, row: Row) -> Outcome:
    cell = row[resolution.column]
    outcome = resolution.values.get(cell.strip(), resolution.otherwise)
    if outcome is None:
        raise unmapped("resolution", resolution.column, cell, resolution.values)
    return outcome


def _checked(name: str, text: str, field: str) -> str:
    try:
        return _TEXTS[name].validate_python(text)
    except ValidationError as error:
        raise RowRefused(field, error.errors()[0]["msg"].removeprefix("Value error, ")) from error
