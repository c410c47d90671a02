"""What every mapping file has: which column or constant of a CSV feeds which field. YAML, every value of it a text.

MappingError    the mapping cannot be used; the message names the place in it and what is possible there
RowRefused      a row cannot be taken; names the field, the reason and the way out
"""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml
from msgspec import Meta, Struct

from domain.values import FIRST_YEAR, LAST_YEAR

SHOWN = 80
"""How many characters of a cell a reason shows."""
AMOUNTS = ("yuan", "fen")
"""How amounts are written: `1,268.50` or `126850`."""


class MappingError(ValueError):
    """A mapping that cannot be used."""


class RowRefused(ValueError):
    """A row that cannot be taken: `field` names the field or the column."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Encoding(StrEnum):
    """How the bytes of the file are read."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"


class Field(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What feeds one field: a column or a constant, never both.

    values: what a cell's text becomes; the empty text means absent. A text that is not in it refuses the row, unless
    `otherwise` says what it becomes. format: a date as strptime reads it, an amount in `yuan` or `fen`. absent: texts
    that mean the same as an empty cell. separator: what stands between the parts of a cell, where the field takes
    several; `values` and `format` are for each part.
    """

    column: str | None = None
    constant: str | None = None
    values: dict[str, str] | None = None
    otherwise: str | None = None
    format: str | None = None
    absent: tuple[str, ...] = ()
    separator: str | None = None


@dataclass(frozen=True, slots=True)
class Takes:
    """What a field takes: a date or month, an amount, one of some words, or any text; `many`: several of them."""

    dated: bool = False
    amount: bool = False
    words: tuple[str, ...] = ()
    many: bool = False


class SourceMapping(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every mapping says of its source.

    source: name of the source system, part of what every record is known by. time_zone: that of dates without offset.
    encoding: found out when absent.
    """

    source: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_\-]{0,39}$")]
    time_zone: str
    encoding: Encoding | None = None
    delimiter: Annotated[str, Meta(pattern=r'^[^"\r\n]$')] = ","

    @abstractmethod
    def columns(self) -> Iterator[str]:
        """Every column the mapping speaks of."""

    def faults(self) -> Iterator[str]:
        """What does not hold, with its place and what is possible there."""
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield f"time_zone {self.time_zone!r} is not known: give an IANA name such as Asia/Shanghai"


M = TypeVar("M", bound=SourceMapping)


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


def load(name: str, shipped: Mapping[str, Traversable], read: Callable[[str], M]) -> M:
    """The mapping in a file, or the shipped one of that name. Raises MappingError."""
    if name in shipped and not Path(name).is_file():
        return read(shipped[name].read_text("utf-8"))
    try:
        return read(Path(name).read_text("utf-8-sig"))
    except (OSError, UnicodeError) as error:
        detail = f"{name} cannot be read ({error}): give a YAML file, or a shipped mapping: {', '.join(shipped)}"
        raise MappingError(detail) from error


def in_folder(folder: Traversable) -> dict[str, Traversable]:
    """The mappings of a folder by their names."""
    found = {file.name.removesuffix(".yaml"): file for file in folder.iterdir() if file.name.endswith(".yaml")}
    return dict(sorted(found.items()))


def parse(kind: type[M], text: str) -> M:
    """A mapping from its YAML text, its faults not yet looked for. Raises MappingError."""
    try:
        document = yaml.load(text, _Loader)  # noqa: S506  a loader that makes nothing but texts
        _refuse_unknown(kind, document, "")
        return msgspec.convert(document, kind)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise MappingError(f"the mapping does not hold: {error}") from error


def refuse(faults: Iterator[str]) -> None:
    """Refuse a mapping for its first fault. Raises MappingError."""
    for fault in faults:
        raise MappingError(fault)


def schema(kind: type[SourceMapping]) -> bytes:
    """The JSON Schema of mapping files."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}
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
            for step, item in _inside(known[key], value):
                _refuse_unknown(inner, item, place + step)


def _struct(hint: Any) -> type[Struct] | None:
    if isinstance(hint, type) and issubclass(hint, Struct):
        return hint
    return next(filter(None, map(_struct, getattr(hint, "__args__", ()))), None)


def _inside(hint: Any, value: Any) -> list[tuple[str, Any]]:
    """What a value holds of structs, with the step that leads to each: itself, the items of a list, or of names."""
    if isinstance(value, list):
        return [(f"[{at}]", item) for at, item in enumerate(value)]
    if get_origin(hint) is dict and isinstance(value, Mapping):
        return [(f".{name}", item) for name, item in value.items()]
    return [("", value)]


def faults_of(field: Field, takes: Takes) -> Iterator[str]:
    """What is wrong with a field, after the path that leads to it."""
    if (field.column is None) == (field.constant is None):
        yield ": give either column or constant"
    if field.constant is not None and (field.values or field.otherwise is not None or field.absent):
        yield ": a constant needs no values, otherwise or absent"
    if field.otherwise is not None and field.values is None:
        yield ".otherwise: is for texts that are not in values, so give values as well"
    if field.separator is not None and (not takes.many or not field.separator):
        yield ".separator: is for fields that take several, and is one character or more"
    yield from _faults_of_format(field, takes)
    targets = {*(field.values or {}).values(), field.otherwise or "", field.constant or ""} - {""}
    if takes.words and (wrong := sorted(targets.difference(takes.words))):
        yield f": {wrong[0]!r} is not possible, but {', '.join(takes.words)}"


def _faults_of_format(field: Field, takes: Takes) -> Iterator[str]:
    if takes.amount and field.format not in AMOUNTS:
        yield f".format: how is the amount written, {' or '.join(AMOUNTS)}?"
    if takes.dated and field.format is None:
        yield ".format: is missing, such as %Y-%m-%d"
    if field.format is not None and not (takes.dated or takes.amount):
        yield ".format: is for dates and amounts alone"


# ---- cells ----------------------------------------------------------------------------------------------------------
Row = Mapping[str, str]
"""A row as read: the text of every column."""


def fed(name: str, field: Field, row: Row) -> str | None:
    """The text that feeds a field, after its value map; None when absent. Raises RowRefused."""
    if field.column is None:
        return field.constant
    return mapped(name, field, row[field.column])


def mapped(name: str, field: Field, cell: str) -> str | None:
    """What a cell, or a part of it, becomes; None when absent. Raises RowRefused."""
    if not cell.strip() or cell.strip() in field.absent:
        return None
    if field.values is None:
        return cell
    value = field.values.get(cell.strip(), field.otherwise)
    if value is None:
        raise unmapped(name, field.column, cell, field.values)
    return value or None


def unmapped(name: str, column: str | None, cell: str, values: Mapping[str, str]) -> RowRefused:
    """The refusal of a text that the mapping does not know."""
    possible = ", ".join(values)
    return RowRefused(name, f"{column} is {shown(cell)}, the mapping knows {possible}: add it there, or give otherwise")


def word(name: str, text: str, words: tuple[str, ...]) -> str:
    """A text that must be one of some words. Raises RowRefused."""
    if text not in words:
        raise RowRefused(name, f"{shown(text)} is not possible, but {', '.join(words)}: map it with values")
    return text


def moment(name: str, text: str, form: str, zone: ZoneInfo) -> datetime:
    """The moment, or the beginning of the day, in a time zone unless the text has an offset. Raises RowRefused."""
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007  the zone is set below
    except ValueError as error:
        raise RowRefused(name, f"{shown(text)} is no date of the form {form}: correct it") from error
    # a slip of the pen, a spreadsheet's zero, or "for ever", which has no moment in every time zone
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RowRefused(name, f"{shown(text)} lies outside the years {FIRST_YEAR} to {LAST_YEAR}: correct it")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def key_of(row: Row, column: str) -> str:
    """The number the source knows a record by. Raises RowRefused."""
    if key := row[column].strip():
        return key
    raise RowRefused(column, "the key is missing: give the number the source knows the record by")


def shown(text: str) -> str:
    """A cell as a reason shows it."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
