"""Forms for the API's commands, made from its OpenAPI document: a command that the API gets, the console has.

A field's name is its path in the body, with dots: `customer.name`, `demands.0`, `answers.1.decision`. What is left
empty and is not needed is left out; an empty row of a list is no row. Amounts are typed in yuan and sent in whole fen;
times are typed in the console's zone and sent with its offset.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid4

from starlette.datastructures import FormData

from adapters.web.languages import utc_now, with_offset
from adapters.web.numbers import fen, whole
from adapters.web.words import words

Kind = Literal[
    "line", "text", "number", "money", "truth", "whether", "choice", "choices", "time", "day", "group", "rows"
]
VERSION, KEY, ADD = "_version", "_key", "_add"
"""The form's own fields: the version the visitor saw, the Idempotency-Key, and which list gets one more row."""
_LINE_MOST = 300
_LINES = frozenset({"url"})
"""Long, and yet of one line."""
_MONEY = "_fen"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. path: its place in the body; name: the last word of it, by which words are found.

    choices: values of the enum `choice_kind`; fields: of a group, or of one row of a list. `whether` can be yes, no and
    not said; `truth` is a box.
    """

    path: str
    name: str
    kind: Kind
    needed: bool
    choices: tuple[str, ...] = ()
    choice_kind: str = ""
    fields: tuple["Field", ...] = ()
    least: float | None = None
    most: float | None = None

    def under(self, path: str) -> "Field":
        """The same field at another place."""
        place = f"{path}.{self.name}" if self.name else path
        return replace(self, path=place, fields=tuple(field.under(place) for field in self.fields))

    def rows(self, values: Any) -> Iterator["Field"]:
        """The rows of a list as it stands, at least as many as are needed, each a field of its own."""
        (row,) = self.fields
        for index in range(max(int(self.least or 1), len(values or []))):
            yield replace(row.under(f"{self.path}.{index}"), name=row.name or self.name)


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown.

    values: what stands in it, by path; errors: what is wrong, by path; added: the row that has just been asked for.
    overtaken: the version at which it was sent, where others had changed the thing since.
    """

    fields: tuple[Field, ...]
    action: str
    command: str
    values: Mapping[str, Any]
    version: int | None = None
    key: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    added: str = ""
    overtaken: int | None = None

    def value(self, path: str) -> Any:
        """What stands at a path; None where nothing does."""
        at: Any = self.values
        for part in path.split("."):
            at = _within(at, part)
        return at

    def with_row(self, path: str) -> "Form":
        """The same form with one more row in the list at a path."""
        begun = self.value(path) or [None]
        values = _put(self.values, path.split("."), [*begun, None])
        return replace(self, values=values, added=f"{path}.{len(begun)}")

    def rows(self, field: Field) -> list[Field]:
        """The rows of a list as it stands."""
        return list(field.rows(self.value(field.path)))

    def place(self, path: str) -> str:
        """The path of the innermost field as it stands that a path leads to; empty where it leads to none."""
        found, inner = "", self.fields
        while field := next((one for one in inner if f"{path}.".startswith(f"{one.path}.")), None):
            found, inner = field.path, tuple(self.rows(field)) if field.kind == "rows" else field.fields
        return found


def _within(at: Any, part: str) -> Any:
    if isinstance(at, Mapping):
        return at.get(part)
    if isinstance(at, list) and part.isdecimal():
        return at[int(part)] if int(part) < len(at) else None
    return None


def _put(at: Any, path: Sequence[str], value: Any) -> Any:
    """A copy of what stands somewhere with a value put in at a path."""
    if not path:
        return value
    if isinstance(at, list):
        index = int(path[0])
        return [*at[:index], _put(at[index], path[1:], value), *at[index + 1 :]]
    known = at or {}
    return {**known, path[0]: _put(known.get(path[0]), path[1:], value)}


def new_key() -> str:
    """A key that makes a form sent twice count once."""
    return str(uuid4())


# ---- from the document ----------------------------------------------------------------------------------------------
def fields_of(document: Mapping[str, Any], path: str) -> tuple[Field, ...]:
    """The fields of `POST path`, a path of the document; none for a command without a body."""
    operation = document["paths"][path]["post"]
    if "requestBody" not in operation:
        return ()
    schema = _resolved(document, operation["requestBody"]["content"]["application/json"]["schema"])
    return tuple(_fields(document, schema))


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, about in schema.get("properties", {}).items():
        yield _field(document, name, about, needed=name in needed)


def _field(document: Mapping[str, Any], name: str, about: Mapping[str, Any], *, needed: bool) -> Field:
    ref, schema = _plain(document, about)
    field = Field(name, name, "line", needed, least=schema.get("minimum"), most=schema.get("maximum"))
    if "enum" in schema or "const" in schema:
        choices = tuple(schema.get("enum") or [schema["const"]])
        return replace(field, kind="choice", choices=choices, choice_kind=words().kind_of(ref, choices))
    match schema.get("type"):
        case "boolean":
            return replace(field, kind="whether" if "anyOf" in about else "truth")
        case "integer" | "number":
            return replace(field, kind="money" if name.endswith(_MONEY) else "number")
        case "object":
            return replace(field, kind="group", fields=_under(name, _fields(document, schema)))
        case "array":
            return _rows(document, field, schema)
        case _:
            return replace(field, kind="line" if field.name in _LINES else _text_kind(schema))


def _rows(document: Mapping[str, Any], field: Field, schema: Mapping[str, Any]) -> Field:
    item = _field(document, "", schema["items"], needed=True)
    if item.kind == "choice":
        return replace(field, kind="choices", choices=item.choices, choice_kind=item.choice_kind)
    return replace(field, kind="rows", fields=(item,), least=schema.get("minItems"))


def _text_kind(schema: Mapping[str, Any]) -> Kind:
    match schema.get("format"):
        case "date-time":
            return "time"
        case "date":
            return "day"
        case _:
            return "text" if schema.get("maxLength", 0) > _LINE_MOST else "line"


def _under(path: str, fields: Iterator[Field]) -> tuple[Field, ...]:
    return tuple(field.under(path) if path else field for field in fields)


def _plain(document: Mapping[str, Any], about: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The schema without `null` and references, and the name of the last reference."""
    options = [option for option in about.get("anyOf", [about]) if option.get("type") != "null"]
    ref = str(options[0].get("$ref", "")).rsplit("/", 1)[-1]
    return ref, _resolved(document, options[0])


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema:
        schema = document["components"]["schemas"][str(schema["$ref"]).rsplit("/", 1)[-1]]
    return schema


# ---- what was typed -------------------------------------------------------------------------------------------------
def body_of(fields: Sequence[Field], form: FormData) -> dict[str, Any]:
    """The body that a form's fields make; what cannot be read is sent as it was typed, so that the API names it."""
    values = {field.name: _value(field, form) for field in fields}
    return {name: value for name, value in values.items() if value is not None}


def completed(fields: Sequence[Field], body: Mapping[str, Any]) -> dict[str, Any]:
    """A body with anything in place of what is needed and missing: for a look at what is there already."""
    return {**body, **{field.name: _completed(field, body.get(field.name)) for field in fields if field.needed}}


def _completed(field: Field, value: Any) -> Any:
    match field.kind:
        case "group":
            return completed(field.fields, value or {})
        case "rows":
            rows = value or []
            missing = max(int(field.least or 0) - len(rows), 0)
            return [_completed(field.fields[0], row) for row in [*rows, *[None] * missing]]
    return _ANYTHING[field.kind](field) if _blank(value) else value


_ANYTHING: Mapping[Kind, Callable[[Field], Any]] = {
    "line": lambda _: "x",
    "text": lambda _: "x",
    "number": lambda field: int(field.least or 0),
    "money": lambda field: int(field.least or 0),
    "truth": lambda _: False,
    "whether": lambda _: False,
    "choice": lambda field: field.choices[-1],
    "choices": lambda _: [],
    "time": lambda _: (utc_now() + timedelta(days=1)).isoformat(),
    "day": lambda _: utc_now().date().isoformat(),
}


def _value(field: Field, form: FormData) -> Any:
    match field.kind:
        case "group":
            body = body_of(field.fields, form)
            return body if field.needed or not _blank(body) else None
        case "rows":
            return _list(field, form)
        case "choices":
            return [str(value) for value in form.getlist(field.path)]
        case "truth" | "whether":
            return _truth(field, form)
    typed = str(form.get(field.path, "")).replace("\r\n", "\n").strip()  # browsers send lines so, whatever was typed
    return _READ[field.kind](typed) if typed else None


def _truth(field: Field, form: FormData) -> bool | None:
    """A box that is not ticked says no where an answer is needed, and nothing elsewhere."""
    typed = str(form.get(field.path, ""))
    return {"true": True, "false": False}.get(typed, False if field.needed else None)


def _list(field: Field, form: FormData) -> list[Any]:
    indices = {_index(name, field.path) for name in form} - {None}
    values = [_value(row, form) for row in _each(field, sorted(index for index in indices if index is not None))]
    return [value for value in values if not _blank(value)]


def _each(field: Field, indices: Sequence[int]) -> Iterator[Field]:
    for index in indices:
        yield field.fields[0].under(f"{field.path}.{index}")


def _index(name: str, path: str) -> int | None:
    rest = name.removeprefix(path + ".") if name.startswith(path + ".") else ""
    number = rest.split(".", 1)[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else None  # noqa: PLR2004


def _blank(value: Any) -> bool:
    """Nothing was typed: a box that is not ticked says nothing either."""
    if isinstance(value, dict):
        return all(_blank(inner) for inner in value.values())
    return value in (None, "", [], False)


def _money(typed: str) -> int | str:
    amount = fen(typed)
    return typed if amount is None else amount


def _number(typed: str) -> int | str:
    number = whole(typed.removeprefix("-"))
    return typed if number is None else -number if typed.startswith("-") else number


def _as_typed(typed: str) -> str:
    return typed


_READ = {
    "line": _as_typed,
    "text": _as_typed,
    "choice": _as_typed,
    "day": _as_typed,
    "money": _money,
    "number": _number,
    "time": with_offset,
}


# ---- what was refused -----------------------------------------------------------------------------------------------
def refused(form: Form, problem: Mapping[str, Any]) -> Form:
    """The form with the errors of a problem, each at the innermost field that it is about; the first of each counts."""
    found: dict[str, str] = {}
    for error in problem.get("errors") or ():
        found.setdefault(form.place(str(error["pointer"]).lstrip("/").replace("/", ".")), str(error["detail"]))
    return replace(form, errors=found or {"": str(problem.get("detail", ""))})
